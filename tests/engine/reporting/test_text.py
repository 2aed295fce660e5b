"""The terminal report, line by line."""

from __future__ import annotations

import dataclasses
import re

import pytest

from potable.engine.contracts.report import Coverage, Report
from potable.engine.reporting import facts
from potable.engine.reporting.inert import width
from potable.engine.reporting.text import TextReporter

from .conftest import finding, report, sample

USUAL = """\
Palmer penguins
penguins
CSV penguins.csv
12,344 records · 51 kB · fetched 2026-01-02 03:04:05 UTC · 120 ms

ERRORS  1,205 in 1,205 of 12,344 records
  keys/duplicate  $.'Individual ID'                                      1,204 ×
    Key used by several records (keys 1,100, records 2,304)
    penguins.csv:10  record 9  N1A1   "N1A1" is the key of record 1 (line 2) as
                                      well
    penguins.csv:19  record 18  N2A1  "N2A1" is the key of record 2 (line 3) as
                                      well
    penguins.csv:28  record 27  N3A1  "N3A1" is the key of record 3 (line 4) as
                                      well
    penguins.csv:37  record 36  N4A1  "N4A1" is the key of record 4 (line 5) as
                                      well
    penguins.csv:46  record 45  N5A1  "N5A1" is the key of record 5 (line 6) as
                                      well
    … 1,199 more
    Mend: Give each record a key of its own, or name further fields in
          primaryKey.

  schema/enum  $.Sex                                                         1 ×
    Value outside the list
    penguins.csv:338  record 337  N38A2  "." is not one of MALE, FEMALE
    Mend: Correct the value, or add it to the field's enum.

WARNINGS  1
  text/whitespace  $.'Clutch Completion'                                     1 ×
    Surplus whitespace
    penguins.csv:13  record 12  N6A2  ' Yes' begins with a blank
    Mend: Remove the blanks around the value.

CHECKED  csv, schema, keys
NOT CHECKED
  mylab           CRASHED: ZeroDivisionError: division by zero, at record 12
  rules           no QC rules declared
  links, numbers  off by default

WHY
  1,205 errors stand, and errPerc isn't set: no error is tolerated.

✗ FAILED  1,205 errors, 1 warning in 12,344 records
"""

CLEAN = """\
Palmer penguins
penguins
CSV penguins.csv
344 records · 51 kB · fetched 2026-01-02 03:04:05 UTC · 120 ms

CHECKED  csv

WHY
  No error was found.

✓ PASSED  nothing found in 344 records
"""


def test_a_usual_report(usual: Report) -> None:
    assert TextReporter().render(usual) == USUAL


def test_a_clean_report(clean: Report) -> None:
    assert TextReporter().render(clean) == CLEAN


@pytest.mark.parametrize("columns", [40, 60, 80, 140])
@pytest.mark.parametrize("name", ["clean", "usual", "hostile", "huge"])
def test_fits_the_width_and_two_screens(name: str, columns: int, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(name)
    lines = TextReporter(columns).render(report).splitlines()
    assert max(map(width, lines)) <= columns
    assert len(lines) <= 100
    assert re.match(r"[✓✗?] (PASSED|FAILED)  ", lines[-1])


def test_a_place_that_doesn_t_fit_beside_its_message_stands_whole_above_it() -> None:
    file = "archive-of-2024.zip/folder/part-0001.csv"
    long = sample("it's odd", 4, 5, file=file, key="K1")
    text = TextReporter(80).render(report((finding("lab/odd", 1, samples=(long,)),)))
    assert f"    {file}:5  record 4  K1\n      it's odd\n" in text
    short = sample("it's odd", 4, 5, key="K1")
    assert "    penguins.csv:5  record 4  K1  it's odd\n" in TextReporter(80).render(
        report((finding("lab/odd", 1, samples=(short,)),))
    )


def test_a_key_of_blanks_is_seen() -> None:
    text = TextReporter(80).render(report((finding("lab/odd", 1, samples=(sample("it's odd", 4, 5, key="  "),)),)))
    assert '    penguins.csv:5  record 4  "  "  it\'s odd\n' in text


def test_a_value_that_the_message_spells_out_isn_t_quoted_twice() -> None:
    said = "' x\\xa0' begins and ends with white space"
    assert facts.message(sample(said, 1, value=" x\xa0")) == said
    assert facts.message(sample("it ends with white space", 1, value="xy\xa0")).endswith(': "xy\xa0"')


def test_facts_that_the_one_message_or_the_hint_tells_are_not_told_twice() -> None:
    told = sample("a semicolon splits it into 15", None, 1)
    more = {"delimiter": ";", "columns": 15}
    odd = finding("lab/odd", 1, hint="Set delimiter to ';'.", samples=(told,), details=more)
    assert facts.details(odd) == ""
    assert facts.details(dataclasses.replace(odd, count=2)) == "delimiter ;, columns 15"
    assert facts.details(dataclasses.replace(odd, details={"delimiter": ";", "columns": 5})) == "delimiter ;, columns 5"


def test_a_rule_that_is_called_as_its_field_is_named_once() -> None:
    lines = TextReporter(80).render(report((finding("lab/odd", 1, "$.a", rule="$.a"),))).splitlines()
    assert next(line.split() for line in lines if "lab/odd" in line) == ["lab/odd", "$.a", "1", "×"]
    lines = TextReporter(80).render(report((finding("lab/odd", 1, "$.a", rule="b"),))).splitlines()
    assert next(line.split() for line in lines if "lab/odd" in line) == ["lab/odd", "$.a", "[b]", "1", "×"]


def test_what_is_left_out_is_counted(huge: Report) -> None:
    text = TextReporter().render(huge)
    shown = len(re.findall(r"^  lab\d+/code-number-\d+ ", text, re.MULTILINE))
    left = sum(int(n.replace(",", "")) for n in re.findall(r"… ([\d,]+) more findings", text))
    assert shown + left == 3000
    assert "--format json shows all" in text


def test_what_was_not_checked_is_named_by_checker_unless_the_rest_of_it_ran() -> None:
    lines = (
        Coverage(checker="links", status="skipped", reason="off", codes=("links/dead",), records=0),
        Coverage(checker="drift", status="ran", codes=("drift/null-share",), records=3),
        Coverage(checker="drift", status="skipped", reason="first run", codes=("drift/field-added",), records=0),
        Coverage(checker="lab", status="ran", records=2),
        Coverage(checker="lab", status="crashed", reason="it exited", records=2),
        Coverage(checker="mine", status="skipped", reason="mine/odd: there is no field $.age", records=2),
    )
    assert facts.unchecked(report(coverage=lines)) == [
        facts.Unchecked(("lab",), "it exited", True),
        facts.Unchecked(("mine",), "mine/odd: there is no field $.age", False),
        facts.Unchecked(("links",), "off", False),
        facts.Unchecked(("drift/field-added",), "first run", False),
    ]


def crowded(codes: int, each: int) -> Report:
    """A report of so many codes with errors, each in so many fields, with texts too long to show all."""
    words = "the value does not fit what the schema says of it " * 6
    return report(
        tuple(
            finding(f"lab/code-{n}", 10 * (n + 1), f"$.field_{m}", title=words, hint=words,
                    samples=tuple(sample(words, 10 * j, 10 * j + 1) for j in range(1, 4)))
            for n in range(codes) for m in range(each)
        ),
        "failed",
        why=tuple(f"reason {n}" for n in range(codes)),
    )  # fmt: skip


@pytest.mark.parametrize("codes", range(1, 30))
def test_a_single_finding_is_never_left_out(codes: int) -> None:
    text = TextReporter().render(crowded(codes, 1))
    shown = re.findall(r"^  lab/code-(\d+) ", text, re.MULTILINE)
    left = re.findall(r"… (\d+) more findings? ", text)
    assert len(shown) + sum(map(int, left)) == codes
    assert left != ["1"]
    reasons = re.findall(r"^  reason (\d+)$", text, re.MULTILINE)
    more = re.findall(r"… (\d+) more reasons$", text, re.MULTILINE)
    assert len(reasons) + sum(map(int, more)) == codes
    assert "… 1 more" not in text
    assert len(text.splitlines()) <= 100


def test_the_codes_that_are_left_out_are_named_with_their_counts_where_they_are_few() -> None:
    lines = TextReporter().render(crowded(7, 2)).splitlines()
    at = next(n for n, line in enumerate(lines) if "more findings" in line)
    shown = {line.split()[0] for line in lines if re.match(r"  lab/", line)}
    named = [line.split() for line in lines[at + 1 :] if re.match(r"    lab/code-\d+ +\d+ ×$", line)]
    assert shown | {code for code, *_ in named} == {f"lab/code-{n}" for n in range(7)}
    assert [int(n) for _, n, _ in named] == sorted((int(n) for _, n, _ in named), reverse=True)
    assert "more findings" in TextReporter().render(crowded(40, 1))
    assert not re.search(r"^    lab/", TextReporter().render(crowded(40, 1)), re.MULTILINE)


@pytest.mark.parametrize(("reasons", "shown", "left"), [(6, 6, 0), (7, 7, 0), (8, 6, 2)])
def test_a_single_reason_is_never_left_out(clean: Report, reasons: int, shown: int, left: int) -> None:
    skipped = tuple(Coverage(checker=f"lab{n}", status="skipped", reason=f"reason {n}") for n in range(reasons))
    text = TextReporter().render(dataclasses.replace(clean, coverage=skipped))
    assert len(re.findall(r"^  lab\d  reason \d$", text, re.MULTILINE)) == shown
    assert re.findall(r"… (\d+) more: --format json", text) == [str(left)] * bool(left)


def test_nothing_in_the_data_acts_on_the_terminal(hostile: Report) -> None:
    text = TextReporter(100).render(hostile)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", text)
    assert r"\x1b[31mred" in text
    coloured = TextReporter(100, colour=True).render(hostile)
    assert re.sub(r"\x1b\[[\d;]+m", "", coloured).isprintable() is False  # line breaks
    assert "\x1b" not in re.sub(r"\x1b\[[\d;]+m", "", coloured)


def test_colour_changes_nothing_but_the_colour(usual: Report) -> None:
    coloured = TextReporter(colour=True).render(usual)
    plain = re.sub(r"\x1b\[[\d;]+m", "", coloured)
    assert plain.replace(" ✗ FAILED   ", "✗ FAILED  ") == USUAL


def test_ascii_signs_for_an_output_that_has_no_others(usual: Report) -> None:
    text = TextReporter(ascii_signs=True).render(usual)
    assert text.isascii()
    assert text.splitlines()[-1] == "x FAILED  1,205 errors, 1 warning in 12,344 records"


def test_a_sample_never_just_passes(clean: Report) -> None:
    source = dataclasses.replace(clean.source, sample={"mode": "first", "size": 100})
    text = TextReporter().render(dataclasses.replace(clean, source=source))
    assert "Only a sample was read: mode first, size 100" in text
    assert text.splitlines()[-1].startswith("✓ PASSED (sample)  ")


def test_tolerated_errors_are_told(usual: Report) -> None:
    findings = tuple(dataclasses.replace(f, tolerated=f.code == "keys/duplicate") for f in usual.findings)
    text = TextReporter().render(dataclasses.replace(usual, findings=findings, verdict="passed"))
    assert "ERRORS  1,205 in 1,205 of 12,344 records, 1,204 tolerated" in text
    assert "tolerated  1,204 ×" in text
    assert text.splitlines()[-1] == "✓ PASSED  1,205 errors (1,204 tolerated), 1 warning in 12,344 records"
    assert text.index("schema/enum") < text.index("keys/duplicate")  # what stands comes first


@pytest.mark.parametrize(
    ("message", "value", "shown"),
    [
        ("It isn't listed.", ".", 'It isn\'t listed: "."'),
        ('"." isn\'t listed.', ".", '"." isn\'t listed.'),
        ("5 is below 10", "5", "5 is below 10"),
        ("It is below 15", "5", 'It is below 15: "5"'),
        ("-3 is below 0", "-3", "-3 is below 0"),
        ("penguins.csv: it has no records", None, "it has no records"),
        ("It is no date", None, "It is no date"),
        ("xxx… is too long", "xxx…", "xxx… is too long"),
    ],
)
def test_a_value_that_the_message_does_not_quote_is_shown(
    usual: Report, message: str, value: str | None, shown: str
) -> None:
    f = usual.findings[1]
    sample = dataclasses.replace(f.samples[0], message=message, value=value)
    text = TextReporter().render(dataclasses.replace(usual, findings=(dataclasses.replace(f, samples=(sample,)),)))
    assert f"N38A2  {shown}\n" in text


def test_where_little_was_found_messages_and_hints_are_whole() -> None:
    message = " ".join(f"w{n}" for n in range(60))
    hint = " ".join(f"h{n}" for n in range(60))
    said = sample(message, record=9, line=10)
    text = TextReporter(60).render(report((finding("lab/long", 1, hint=hint, samples=(said,)),), "failed"))
    words = text.split()
    assert [w for w in words if re.fullmatch(r"w\d+", w)] == message.split()
    assert [w for w in words if re.fullmatch(r"h\d+", w)] == hint.split()

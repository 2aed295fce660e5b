# ruff: noqa: E501
"""What is odd about texts: each trait on texts that have it, and on real ones that only look so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.text import TextChecker
from potable.checkers.text.second_looks import RUN, RUNS, spread
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Lint = Callable[..., Any]
Find = Callable[..., Any]

ODD = [
    ("text/whitespace", [" a", "a ", "a\t", "\na", "a  b", "a \tb", "   ", "\u2003a", "a\u3000"]),
    ("text/invisible-character", ["a\u200b", "a\u00adb", "\ufeffa", "a\u2060b", "word\u200cword", "a\u200e", "\u00a0a", "a\u00a0", "Marie\u00a0Curie", "a \u00a0b", "x\u202fy"]),
    ("text/control-character", ["a\x07", "\x1b[31m", "a\x7fb", "\x0b", "it\x92s"]),
    ("text/mojibake", ["ZÃ¼rich", "cafÃ©", "itâ€™s", "â€œquotedâ€\x9d", "MÃ¸ller", "ï¿½", "a\ufffdb", "ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Ã\xa0 propos", "Å¡koda", "10Â°C", "ðŸ˜€", "naÃ¯ve", "aoÃ»t"]),
    ("text/lost-character", ["M?ller", "Universit?t Z?rich", "caf?s", "L?liang Dawu Airport"]),
    ("text/escaped", ["M\\u00fcller", "M\\xfcller", "Martha\\'s Vineyard", '\\"quoted\\"', "one\\nTwo", "one.\\r\\n", "M%C3%BCller", "New%20York", "\\xce\\xb1-methyl"]),
    ("text/markup", ["<b>x</b>", "H<sub>2</sub>O", "a<br/>b", "<p>text", "x &amp; y", "&#233;", "&#xE9;", "<!-- x -->", '<a href="x">y</a>', "&nbsp;", "<DIV class='x'>", "&eacute;t&eacute;"]),
    ("text/program-output", ["Notice: Undefined index: name in /var/www/export.php on line 45", "a Warning: x() expects 1 in C:\\a b\\c.php on line 3.", 'Traceback (most recent call last):\n  File "x.py", line 3', "Traceback (most recent call last):", 'File "/srv/x.py", line 3, in <module>', "SQLSTATE[42S02]: Base table or view not found", "ORA-00942: table or view does not exist"]),
    ("text/unconverted", ["[object Object]", "x [object HTMLElement]", 'a:2:{s:4:"name";s:3:"abc";s:1:"n";i:1;}', "a:0:{}", 'O:8:"stdClass":1:{s:1:"a";i:1;}', "b'HeLa'", "['a', 'b']", "['a']", "{'a': 1}", "<app.models.Line object at 0x7f3a>", 'c("a", "b")', 'list("a", NA)', "[Ljava.lang.String;@1b6d3586", "System.String[]", "System.Collections.Generic.List`1[System.String]", "{{ item.title }}", "${base.url}/x", '="0012"']),
    ("text/unconverted", ["Dear {{ name }},", "{{ name|upper }}", "{{- total | default(0) -}}", "{% if x %}a{% endif %}", "'0012", "'12.50", "=SUM(A1:A9)", "=B2*C2", "=$A$1&B1", "=-ROUND(A1, 2)", "=cmd|' /C calc'!A0"]),
    ("text/masked", ["******", "****1234", "***-**-1234", "**** **** **** 4242", "XXX-XX-1234", "XXXX 1234", "XXXX-XXXX", "424242******4242", "4242 XXXX XXXX 4242", "A*****n", "j***@example.org", "jo***n@e***.org", "[REDACTED]", "<redacted>", "(withheld)", "[Masked: name]", "REDACTED", "Redacted", "••••••1881"]),
    ("text/placeholder", ["N/A", "***", "n/a", "n.d.", "N/D", "No data", "NA", "null", "NULL", "TBD", "tbd", "-", "--", "?", "???", ".", "Not Available", "NaN"]),
]  # fmt: skip

SOUND = [
    "", "a", "a b c", "End.  Next sentence", "See:  below", "line one\nline two", "col\tcol",
    # French typography: no-break spaces before : ; ! ? » and in numbers
    "Qui\u00a0? Moi\u00a0!", "«\u00a0mot\u00a0»", "10\u00a0000\u00a0€", "5\u00a0mg", "1\u202f000\u202f000", "M.\u00a0Dupont",
    # scripts and emoji that need joiners and marks
    "می\u200cخواهم", "क्\u200dष", "👩\u200d💻", "\u200fשלום (abc)\u200e", "ภาษา\u200bไทย",
    "SÃO PAULO", "IRMÃ", "«AMANHû", "“AMANHÔ, disse", "Â", "pâté", "Ångström", "5 Å–10 Å", "ÄÖÜ äöü ß", "ÉÈÊ", "Ðorđe", "naïve", "Ñandú",
    "Warning: keep out of reach in the dark", "see the notice on line 45", "Traceback (most recent)", "ORA-12", "read the Warning on line 3 in a.php",
    "[1] see", "['a", "a: 1", "O: 2", "[object]", "c(a, b)", "{a}", "{{GPCR}} signalling", "{{cite web}}", "{{ Stub }}", "{{ cite web }}", "{{{1}}}", "5{%}", "{% of all}", 'in the file "a.py", line 3', "${x}$", "$5", "ann@example.org", "org.lab@1b6d35", "Systems", "System.out", "b'", "='a'", "O:8", "(c) 2020", "[a, b]", '["a", "b"]', '{"a": 1}',
    "=A", "=a(b)", "= SUM(A1)", "=) smile", "=B2", "Really?", "who?Me", "what? no", "a?b=1", "x.php?id=3", "?abc", "paki?stan(x)", "(ha|\\w)?b", "a?b?c?d",
    "C:\\new\\text", "\\nu", "\\alpha", "a\\b", "50%", "50% of 20%", "https://a.org/x%20y", "{\"a\": \"x\\\"y\"}", "\\server\\name", "\\xylo",
    "'98", "'12", "'tis", "'s-Hertogenbosch", "*", "****", "*****", "0.01**", "2 * 3", "**bold**", "a*b", "XXX", "XX", "MMXX", "XXL", "SW1X 7XX", "IXX-12", "redact it", "the [redacted] report", "(hidden", "hidden",
    "p<0.05", "a < b > c", "x <- y", "Tyr<c>", "Kit<W-v>/Kit<+>", "A<y>", "AT&T", "R&D;", "Q&A", "?a=1&b=2", "<unknown>", "a<b and c>d",
    "none", "unknown", "missing", "na\u00efve", "-5", "a-b", "n/a (see note)", "null hypothesis", "?why", "...and", "nana", "Tbdx",
    "日本語", "Привет", "ελληνικά", "中文，标点。", "Zürich", "€ 5", "x²", "10 µm", "±0.1", "½", "“quoted”", "it’s", "naïve — yes",
]  # fmt: skip


def found_in(texts: list[str | None], **members: Any) -> dict[str, list[int | None]]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", **members)
    findings = findings_of(TextChecker, {"v": texts}, source=source)
    return {f.code: [s.location.record for s in f.samples] for f in findings}


@pytest.mark.parametrize(("code", "texts"), ODD)
def test_each_odd_text_is_one_finding(code: str, texts: list[str]) -> None:
    for text in texts:
        assert found_in(["fine", text, None, ""]) == {code: [2]}, repr(text)
    assert found_in(["fine", *texts]) == {code: list(range(2, len(texts) + 2))}


@pytest.mark.parametrize("text", SOUND)
def test_sound_texts_are_left_alone(text: str) -> None:
    assert found_in([text, "x"]) == {}


def test_places_values_and_keys(check: Check) -> None:
    report = check('id,note\n1,"a\nb"\n2," x"\n3,y\n4,N/A\n', primaryKey="id")
    told = [(f.code, f.field, f.count, f.samples[0]) for f in report.findings]
    assert [(c, f, n, s.location.record, s.location.line, s.value, s.key) for c, f, n, s in told] == [
        ("text/placeholder", "$.note", 1, 4, 6, "N/A", "4"),
        ("text/whitespace", "$.note", 1, 2, 4, " x", "2"),
    ]
    assert told[1][3].message == "' x' begins with white space"
    assert report.verdict == "passed"


@pytest.mark.parametrize(
    ("text", "said"),
    [("5 <b>x</b>", "'5 <b>x</b>' holds '<b>'"), ("a &amp; b", "'a &amp; b' holds '&amp;'"), ("<a href=x", "'<a href=x' holds markup")],
)  # fmt: skip
def test_markup_is_quoted_where_it_ends(text: str, said: str) -> None:
    (found,) = findings_of(TextChecker, {"v": ["fine", text]})
    assert found.samples[0].message == said


def test_messages_of_programs_are_quoted_without_tags() -> None:
    text = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/a/b.php</b> on line <b>3</b><br />"
    found = [f for f in findings_of(TextChecker, {"v": ["fine", text]}) if f.code == "text/program-output"]
    assert [f.samples[0].message for f in found] == [
        "'Warning: Undefined variable $x in /a/b.php on line 3' is a message of a program"
    ]


@pytest.mark.parametrize(
    ("value", "other", "number"),
    [
        ("c(NA, NA)", 'c("a", "b")', 2),
        ("c(NA, NA)", "[object Object]", 2),
        ("ORA-00942: table", "ORA-00942: table or view does not exist", 1),
    ],
)
def test_what_is_told_of_a_value_hangs_on_no_other_of_its_chunk(value: str, other: str, number: int) -> None:
    for bounds in ((), (1,), (2,)):
        (found,) = findings_of(TextChecker, {"v": ["fine", value, other]}, bounds=bounds)
        assert found.count == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("M\\u00fcller", '"M\\u00fcller" holds \\u00fc in place of the character that it stands for'),
        ("M%C3%BCller", '"M%C3%BCller" holds %C3%BC in place of the character that it stands for'),
        ("M?ller", '"M?ller" has a question mark in a word, where another character was lost, it seems'),
    ],
)
def test_what_is_said_of_escapes(text: str, message: str) -> None:
    (found,) = findings_of(TextChecker, {"v": ["fine", text]})
    assert found.samples[0].message == message


@pytest.mark.parametrize("name", ["regex", "url_pattern", "SMILES", "source code"])
def test_escapes_are_meant_in_such_fields(name: str) -> None:
    assert findings_of(TextChecker, {name: ["a", "M\\u00fcller", "anguill?a"]}) == ()


def test_counts_go_beyond_the_samples() -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    (found,) = findings_of(TextChecker, {"v": ["x "] * 500, "w": ["x"] * 500}, source=source)
    assert (found.count, len(found.samples)) == (500, 20)


def test_what_is_declared_is_no_placeholder(check: Check) -> None:
    assert [f.code for f in check("a,b\nNA,1\n", missingValues=["", "NA"]).findings] == []
    fields = [{"name": "a", "constraints": {"enum": ["-", "+"]}}, {"name": "b", "type": "number"}]
    assert [f.code for f in check("a,b\n-,NaN\n", schema={"fields": fields}).findings] == []
    options = {"text": {"placeholders": ["none"]}}
    report = check("a,b\nNA,None\n", checks=options)
    assert [(f.code, f.field) for f in report.findings] == [("text/placeholder", "$.b")]


def test_what_was_decoded_wrongly_is_told_where_an_enum_lists_it(check: Check) -> None:
    a = {"name": "a", "constraints": {"enum": ["MÃ¼nchen", "Köln", " Ulm"]}}
    report = check("a,b\nMÃ¼nchen,1\nKöln,2\n Ulm,3\n", schema={"fields": [a, {"name": "b"}]})
    (found,) = report.findings
    assert (found.code, found.field, found.count, found.samples[0].location.record) == ("text/mojibake", "$.a", 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "ישראל",
        "مصر",
        "ایران",
        "भारत",
        "ไทย",
        "საქართველო",
        "대한민국",
        "日本",
        "中国",
        "Հայաստան",
        "አማርኛ",
        "Polskę, łąka",
        "česky",
        "Bulgaristan’ın",
        "Türkiye’ye ılık",
        "Việt Nam",
        "Thụy Điển",
        "😀",
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_any_script_read_as_another_encoding(text: str, encoding: str) -> None:
    def read(byte: int) -> str:
        try:
            return bytes([byte]).decode(encoding)
        except UnicodeDecodeError:
            return chr(byte)

    assert found_in([text, "".join(map(read, text.encode()))]) == {"text/mojibake": [2]}


@pytest.mark.parametrize(
    "text",
    [
        "« voilà »",
        "«está»…",
        "está»,",
        "ÉTÉ”",
        "“À”–“É”",
        "10 Å³",
        "eV/Å²",
        "×½",
        "2×¼×3",
        "naïve…",
        "Ø°",
        "kÅ",
        "être là…», dit-il",
        "MÆRSK’",
        "à–é",
        "é’è”",
    ],
)
def test_letters_and_symbols_as_people_write_them(text: str) -> None:
    assert found_in([text]) == {}


@pytest.mark.parametrize("text", ["Na", "Nan", "Nil", "Tba", "N/a.", "nAn", "nULL"])
def test_names_and_the_like_are_no_placeholders(text: str) -> None:
    assert found_in(["fine", text]) == {}


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (["DE", "FR", "NO", "SE"], "NA"),  # countries
        (["deu", "fra", "nob", "swe"], "nan"),  # languages
        (["HAJ", "CDG", "OSL"], "NAN"),  # airports
        (["US"] * 20, "NA"),
    ],
)
def test_a_word_that_is_shaped_as_the_others_may_be_one_of_them(values: list[str | None], word: str) -> None:
    assert found_in([*values, word, word, "", None]) == {}
    assert found_in([word, *values]) == {}
    other = "null" if word.islower() else "N/A"
    assert found_in([*values, other]) == {"text/placeholder": [len(values) + 1]}


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (["fine"], "null"),
        (["DE", "FR"], "NA"),
        (["m", "f", "m", "f"], "na"),
        (["DE", "FR", "NO", "Sweden", "Finland"], "NA"),
        (["NA", "NA", "NA", "Ann"], "NA"),
        (["=", "*", "~", "!"], "-"),
        (["+", "-"], "?"),
        ([], "NA"),
    ],
)
def test_a_word_among_others_is_told(values: list[str | None], word: str) -> None:
    expected = [n for n, v in enumerate([*values, word], start=1) if v == word]
    assert found_in([*values, word]) == {"text/placeholder": expected}


SYLLABLES: list[str | None] = ["ba", "ka", "ma", "ŋa", "pa", "ra", "sa", "ta", "va", "za"]


def test_a_word_that_is_shaped_as_many_others_may_be_one_of_them() -> None:
    longer = ["kʼa", "t͡ʃa", "strength", "1", None] * 18  # ten of a hundred are short
    assert found_in([*SYLLABLES, *longer, "na"]) == {}
    assert found_in([*SYLLABLES[1:], "ka", *longer, "na"]) == {"text/placeholder": [101]}  # nine different ones
    assert found_in([*SYLLABLES, *longer, *["more"] * 19, "na"]) == {"text/placeholder": [120]}  # too few
    assert found_in([*SYLLABLES, *longer, "na", "na"]) == {"text/placeholder": [101, 102]}  # too frequent


def test_a_minus_beside_a_plus_is_a_sign() -> None:
    assert found_in(["-", "+", "-", "0", None, "-"]) == {}
    assert found_in([*["-", "0"] * 600, "+"]) == {}
    assert found_in(["-", "++", "-", "0"]) == {"text/placeholder": [1, 3]}
    assert found_in(["***", "*", "x", "***"]) == found_in(["***", "****"]) == {}
    assert found_in(["***", "x", "y"]) == {"text/placeholder": [1]}
    signs: list[str | None] = [["-", "?", "+", "0", None][n % 5] if n > 20 else "-" for n in range(60)]
    check_checker(TextChecker, {"v": signs, "w": [*["-"] * 59, "+"]}, cuttings=12)


def test_the_first_records_tell_what_a_column_is_like() -> None:
    codes: list[str | None] = ["US"] * 1000
    assert found_in([*codes, "NA", *["some words"] * 5000]) == {}
    assert found_in([*["some words"] * 1000, "NA", *codes]) == {"text/placeholder": [1001]}


CONTINENTS: list[str | None] = ["EU", "AS", "AF", "OC"] * 100
CLUBS: list[str | None] = ["BS1", "TRO", "CH1", "WAS"] * 250


def test_what_was_lost_before_it_was_read_wrongly() -> None:
    (found,) = findings_of(TextChecker, {"v": ["Santol\u00ef\u00bf\u00bdria"]})
    assert found.samples[0].message.endswith("U+FFFD, which stands for what couldn't be decoded, itself read as cp1252")


def test_a_tag_that_is_a_note_of_unicode() -> None:
    assert found_in(["<sub> 0069", "<font> 0041", "<small> 002C"]) == {}
    odd: list[str | None] = ["<sub>0069", "<sub> 2</sub>", "H<sub> 2", "<p> text", "<sub> &amp;"]
    assert found_in(odd) == {"text/markup": [1, 2, 3, 4, 5]}


def test_records_from_all_over_tell_where_the_first_ones_do_not() -> None:
    north: list[str | None] = ["NA"] * 1_500
    assert found_in([*north, *CONTINENTS]) == {}
    assert found_in([*north, "N/A", *CONTINENTS]) == {"text/placeholder": [1_501]}
    words: list[str | None] = ["some words"] * 100
    assert found_in([*north, *words]) == {"text/placeholder": [*range(1, 21)]}
    assert found_in([*CLUBS, "TBA", "BOS", "NYA", "SLN"]) == {"text/placeholder": [1_001]}
    assert found_in([*CLUBS, *["TBA", "BOS", "NYA", "SLN"] * 900]) == {}


def test_a_code_that_occurs_once_may_be_one_of_many() -> None:
    shares: list[str | None] = [f"S{n}" for n in range(10, 1_010)]
    short: list[str | None] = [f"A{c}" for c in "BCDEFGHIJK"]
    assert found_in([*short, *shares, "NA"]) == {}
    assert found_in([*short[1:], *shares, "NA"]) == {"text/placeholder": [1_010]}
    assert found_in([*short, *shares, "NA", "NA"]) == {"text/placeholder": [1_011, 1_012]}


def test_a_word_that_occurs_once_in_a_list_of_words_is_one() -> None:
    words: list[str | None] = [f"w{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    assert found_in([*words, "na", "undefined"]) == {}
    assert found_in([*words, "na", "na"]) == {"text/placeholder": [101, 102]}
    assert found_in([*words[1:], "na"]) == {"text/placeholder": [100]}
    assert found_in([*words, words[0], "na"]) == {"text/placeholder": [102]}


def test_a_second_look_is_bounded() -> None:
    assert spread(3).tolist() == [1, 2, 3]
    far = spread(1_000_000)
    assert (len(set(far.tolist())), far[0], far[-1]) == (RUNS * RUN, 1, 1_000_000)


def test_any_cutting_tells_the_same_words() -> None:
    codes: list[str | None] = [["DE", "FR", "NO", "NA", "", None, "Sweden"][n % 7] for n in range(60)]
    names: list[str | None] = [["Ann", "NA", "Bo", "n/a", "?"][n % 5] for n in range(60)]
    check_checker(TextChecker, {"code": codes, "name": names}, cuttings=12)
    check_checker(TextChecker, {"code": [*["NA"] * 1_010, "N/A", *CONTINENTS[:40]]}, cuttings=3)


def test_a_word_that_occurs_once_in_a_key_is_one(check: Check) -> None:
    text = "code,name\nnew,x\nNA,y\nolder,z\n"
    assert [f.code for f in check(text).findings] == ["text/placeholder"]
    unique = {"fields": [{"name": "code", "constraints": {"unique": True}}, {"name": "name"}]}
    for key in ({"primaryKey": "code"}, {"schema": unique}, {"checks": {"keys": {"unique": ["code"]}}}):
        assert check(text, **key).findings == ()
        assert "text/placeholder" in [f.code for f in check(text + "NA,w\n", **key).findings]
    assert [f.code for f in check(text, primaryKey=["code", "name"]).findings] == ["text/placeholder"]


def test_a_placeholder_that_breaks_its_type_is_one_finding(check: Check) -> None:
    fields = [{"name": "a", "type": "integer"}, {"name": "b"}]
    report = check("a,b\nN/A,1\n", schema={"fields": fields})
    assert [f.code for f in report.findings] == ["schema/type"]


def test_fields_can_be_left_out(check: Check) -> None:
    report = check("a,b\n x, y\n", checks={"text": {"except": ["a"]}})
    assert [(f.code, f.field) for f in report.findings] == [("text/whitespace", "$.b")]


def test_key_fields_are_the_keys_checker_s(check: Check) -> None:
    text = 'id,b\n" A  1",x\n'
    report = check(text, primaryKey="id")
    assert [(f.code, f.field) for f in report.findings] == [("keys/whitespace", "$.id"), ("text/whitespace", "$.id")]
    report = check(text.replace("A  1", "A1"), primaryKey="id")
    assert [(f.code, f.field) for f in report.findings] == [("keys/whitespace", "$.id")]
    report = check(text, primaryKey="id", checks={"keys": False})
    assert [(f.code, f.field) for f in report.findings] == [("text/whitespace", "$.id")]


def test_non_ascii_is_off_unless_asked_for(check: Check) -> None:
    text = "a,b\nJosé,x\nJose,y\n"
    assert check(text).findings == ()
    (found,) = check(text, severity={"text/non-ascii": "info"}).findings
    assert (found.code, found.field, found.count, found.samples[0].location.record) == ("text/non-ascii", "$.a", 1, 1)
    assert found.samples[0].message == "'José' holds U+00E9 (latin small letter e with acute) at character 4"


def test_forbidden_values(check: Check) -> None:
    options = {"text": {"forbidden": {"status": ["deleted", 5], "*": ["xxx"]}}}
    report = check("id,status\n1,deleted\n2,ok\n3,5\nxxx,Deleted\n", checks=options)
    told = [(f.code, f.field, f.count, [s.location.record for s in f.samples]) for f in report.findings]
    assert sorted(told, key=str) == [
        ("text/forbidden-value", "$.id", 1, [4]),
        ("text/forbidden-value", "$.status", 2, [1, 3]),
    ]


def test_required_values(check: Check) -> None:
    options = {"text": {"required": {"country": ["NL", "BE", "FR"], "zzz": ["x"]}}}
    report = check("country,b\nNL,1\nnl,2\nBE,3\n", checks=options)
    told = [(f.code, f.field, f.rule, f.count, f.samples[0].message) for f in report.findings]
    assert told == [
        ("text/required-value", "$.country", "FR", 1, "the value 'FR' never occurs"),
        ("text/required-value", "$.zzz", None, 1, "there is no column 'zzz', in which values are expected"),
    ]
    assert report.findings[1].samples[0].location.line == 1
    assert (
        check("country,b\nNL,1\nFR,2\nBE,3\n", checks={"text": {"required": {"country": ["NL", "FR"]}}}).findings == ()
    )


def test_a_path_of_an_option_that_cannot_be_read(lint: Lint) -> None:
    said = lint(checks={"text": {"forbidden": {"$.a b": ["x"]}}})
    assert [o.code for o in said] == ["definition/bad-path"]


def test_a_nul_in_a_key_is_that_of_the_keys(check: Check, tmp_path: Path) -> None:
    text = '{"id": "a\\u0000b", "n": "c\\u0000d"}\n{"id": "e\\u0001f", "n": ""}\n'
    (tmp_path / "x.jsonl").write_text(text)
    report = check("", ingestMethod="JSONL", ingestURL="x.jsonl", primaryKey="id", checks={"rows": False})
    assert [(f.code, f.severity.value, f.field, f.count) for f in report.findings] == [
        ("keys/nul-character", "error", "$.id", 1),
        ("text/control-character", "warning", "$.id", 1),
        ("text/control-character", "warning", "$.n", 1),
    ]
    assert report.verdict == "failed"


def test_a_nul_byte_is_the_reader_s(check: Check) -> None:
    assert [f.code for f in check(b"a,b\nx\0y,1\n").findings] == ["encoding/nul-byte"]


TEXTS = st.lists(
    st.sampled_from([t for _, texts in ODD for t in texts] + SOUND) | st.text(max_size=5) | st.none(), max_size=25
)


@given(TEXTS, TEXTS)
@settings(max_examples=20)
def test_any_cutting_gives_the_same(one: list[str | None], other: list[str | None]) -> None:
    size = min(len(one), len(other))
    source = SourceDefinition(resource_id="test", ingest_method="CSV", severity={"text/non-ascii": "info"})
    options = {"required": {"v": ["N/A", "x"]}, "forbidden": {"*": ["-"]}}
    check_checker(TextChecker, {"v": one[:size], "w": other[:size]}, source=source, options=options, cuttings=3)


@given(TEXTS)
@settings(max_examples=30)
def test_a_text_is_judged_by_itself(texts: list[str | None]) -> None:
    """Whatever else its column holds, but for placeholders: the look at the whole column rules nothing out."""
    severity = {"text/non-ascii": "info", "text/placeholder": "off"}
    source = SourceDefinition(resource_id="test", ingest_method="CSV", severity=severity)
    together = {f.code: f.count for f in findings_of(TextChecker, {"v": texts}, source=source)}
    apart: dict[str, int] = {}
    for text in texts:
        for f in findings_of(TextChecker, {"v": [text]}, source=source):
            apart[f.code] = apart.get(f.code, 0) + f.count
    assert together == apart


def test_a_blank_is_a_value_in_marc(check: Check) -> None:
    record = (
        '<record><leader>     nam a22      a 4500</leader><controlfield tag="008">70101s1872    sz </controlfield>'
        '<datafield tag="245" ind1=" " ind2="0"><subfield code="a">Mosses</subfield></datafield></record>'
    )
    marc = {"ingestMethod": "XML", "topElement": "collection", "documentElement": "record"}
    assert check(f"<collection>{record}</collection>", **marc).findings == ()
    odd = record.replace("Mosses", "Two  mosses")
    report = check(f"<collection>{record}{odd}</collection>", **marc)
    assert [(f.code, f.field, f.count) for f in report.findings] == [
        ("text/whitespace", "$.record.datafield.subfield.'_$'", 1)
    ]
    report = check("leader,ind1,x\n a,b ,c\n", ingestMethod="CSV")
    assert [(f.code, f.field) for f in report.findings] == [
        ("text/whitespace", "$.ind1"), ("text/whitespace", "$.leader"),
    ]  # fmt: skip

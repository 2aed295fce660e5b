"""What is said of the parts of a run, however often and in whichever order."""

from __future__ import annotations

from potable.engine.contracts.report import Coverage
from potable.engine.judging.coverage import Ledger


def line(ledger: Ledger, part: str) -> Coverage:
    (found,) = [said for said in ledger.lines() if said.checker == part]
    return found


def test_what_a_part_did_adds_up() -> None:
    ledger = Ledger()
    ledger.ran("keys", ["keys/missing"], records=5, seconds=1.5)
    ledger.ran("keys", ["keys/duplicate", "keys/missing"], records=3, seconds=0.25)
    assert line(ledger, "keys") == Coverage(
        checker="keys", status="ran", reason="", codes=("keys/missing", "keys/duplicate"), records=5, seconds=1.75
    )
    assert ledger.crashes == []


def test_a_crash_stays_said() -> None:
    ledger = Ledger()
    ledger.ran("keys", ["keys/missing"], records=5, seconds=1.0)
    ledger.crashed("keys", "ValueError: no", ["keys/duplicate"], records=2, seconds=0.5)
    ledger.ran("keys", ["keys/missing"], records=9, seconds=0.25)
    ledger.skipped("keys", "nothing to do")
    said = line(ledger, "keys")
    assert (said.status, said.reason, said.seconds) == ("crashed", "ValueError: no", 1.75)
    assert ledger.crashes == ["keys"]


def test_a_part_that_crashes_at_once() -> None:
    ledger = Ledger()
    ledger.crashed("lab", "the plugin can't be used")
    assert line(ledger, "lab") == Coverage(
        checker="lab", status="crashed", reason="the plugin can't be used", codes=(), records=0, seconds=0.0
    )


def test_what_was_skipped_may_run_after_all() -> None:
    ledger = Ledger()
    ledger.skipped("links", "first run", ["links/dead"])
    ledger.skipped("links", "another reason")
    assert (line(ledger, "links").status, line(ledger, "links").reason) == ("skipped", "first run")
    ledger.ran("links", ["links/redirected"])
    said = line(ledger, "links")
    assert (said.status, said.reason, said.codes) == ("ran", "", ("links/redirected",))


def test_codes_that_are_left_out_have_a_line_of_their_own() -> None:
    ledger = Ledger()
    ledger.left_out("drift", "first run", ["drift/field-added"])
    ledger.left_out("drift", "no reason to say", [])
    ledger.ran("drift", ["drift/key-churn"])
    assert [(c.status, c.codes) for c in ledger.lines()] == [
        ("ran", ("drift/key-churn",)), ("skipped", ("drift/field-added",)),
    ]  # fmt: skip

"""Records of many fields, taken some at a time: the same is found, and no chunk has more cells than it may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potable.engine import Checker, Code, Engine, Fold, Occurrence, Outcome, Severity
from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Tally
from potable.engine.limits import Limits

LIST = Code(
    id="probe/value", severity=Severity.WARNING, title="t", meaning="m", why="w", example="e", mend="mend it"
)  # fmt: skip


class Values(Fold[list[Tally]]):
    """Lists all values with their places, and how many cells each chunk has."""

    name = "values"
    codes = (LIST.id,)
    fields = (EACH_FIELD,)
    cells: ClassVar[list[tuple[int, int]]] = []

    def start(self) -> list[Tally]:
        return []

    def update(self, state: list[Tally], chunk: Chunk) -> list[Tally]:
        names = [name for name in chunk.frame.columns if name.startswith("$") and name.isprintable()]
        Values.cells.append((len(names), chunk.records))
        places = chunk.locate(range(chunk.records))
        for name in sorted(names):
            for place, value in zip(places, chunk.frame[name].to_list(), strict=True):
                if isinstance(value, str):
                    state.append(Tally.of(Occurrence(LIST.id, "is", name, value=value, location=place)))
        return state

    def merge(self, left: list[Tally], right: list[Tally]) -> list[Tally]:
        return left + right

    def finish(self, state: list[Tally]) -> Outcome:
        return Outcome(findings=state)


class Probe(Checker):
    name = "probe"
    codes = (LIST,)

    def folds(self, source: Any) -> list[Fold[Any]]:
        return [Values()]


records = st.lists(
    st.dictionaries(st.sampled_from([f"f{n}" for n in range(12)]), st.sampled_from("xyz"), min_size=1),
    min_size=1, max_size=30,
)  # fmt: skip


def written(kind: str, found: list[dict[str, str]]) -> str:
    match kind:
        case "json":
            return json.dumps(found)
        case "jsonl":
            return "\n".join(map(json.dumps, found))
        case "xml":
            inside = ("".join(f"<{k}>{v}</{k}>" for k, v in record.items()) for record in found)
            return "<r>" + "".join(f"<s>{record}</s>" for record in inside) + "</r>"
    header = ",".join(f"f{n}" for n in range(12))
    return "\n".join([header, *(",".join(r.get(f"f{n}", "") for n in range(12)) for r in found), ""])


def run(folder: Path, kind: str, text: str, **limits: int) -> Any:
    """All values that were seen with their places, and the widths and heights of the chunks."""
    (folder / f"data.{kind}").write_text(text)
    definition: dict[str, Any] = {"ingestURL": str(folder / f"data.{kind}"), "ingestMethod": kind.upper()}
    if kind == "xml":
        definition |= {"topElement": "r", "documentElement": "s"}
    Values.cells.clear()
    engine = Engine(plugins=[Probe], roots=[folder], without=["checkers"], limits=Limits(samples=1000, **limits))
    report = engine.check(definition)
    assert report.verdict == "passed", report.why
    found = {f.field: (f.count, f.samples) for f in report.findings if f.code == LIST.id}
    coverage = next(c for c in report.coverage if c.checker == "probe")
    return found, report.counts, (coverage.status, coverage.records), list(Values.cells)


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "xml"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=records, cells=st.integers(1, 60), chunk=st.integers(64, 2000))
def test_the_same_is_found_however_few_cells_a_chunk_may_have(
    tmp_path: Path, kind: str, found: list[dict[str, str]], cells: int, chunk: int
) -> None:
    text = written(kind, found)
    *whole, _ = run(tmp_path, kind, text)
    *some, chunks = run(tmp_path, kind, text, cells=cells, chunk_bytes=chunk)
    assert some == whole
    assert sum(height for _, height in chunks) == len(found)
    assert all(height == 1 or width * height <= cells for width, height in chunks), chunks


def test_a_limit_of_records_holds_for_pieces(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps([{f"f{n}": "x" for n in range(10)}] * 50))
    engine = Engine(plugins=[Probe], roots=[tmp_path], without=["checkers"], limits=Limits(cells=40))
    definition = {"ingestURL": str(tmp_path / "data.json"), "ingestMethod": "JSON"}
    report = engine.check(definition, limit_records=13)
    assert {(f.field, f.count) for f in report.findings} == {(f"$.f{n}", 13) for n in range(10)}

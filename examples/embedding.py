"""The engine inside a Python pipeline: no server, no store, no child process.

Run it from anywhere: ``python examples/embedding.py``.
"""

import asyncio
from pathlib import Path

import polars as pl

from potable.engine import Engine, VerdictError

CATALOG = Path(__file__).parent / "catalog"


def main() -> None:
    """Show each of the calls once."""
    engine = Engine(catalog=CATALOG)

    # A source of the catalog.
    report = engine.run("PAL-penguins-raw")
    print(report.verdict, report.counts.records, "records,", report.counts.errors, "errors")
    for finding in report.findings:
        place = finding.samples[0].location
        print(f"  {finding.severity} {finding.code} {finding.field} x {finding.count}, first in line {place.line}")

    # The findings as a frame.
    print(report.to_polars().group_by("code").agg(pl.col("count").sum()).sort("code"))

    # Stop a pipeline where the data aren't safe.
    try:
        report.raise_for_verdict()
    except VerdictError as stop:
        print("stopped:", stop)

    # A frame, without any definition.
    frame = pl.DataFrame({"id": ["a", "b", "b"], "age": ["3", "4", "old"]})
    schema = {"fields": [{"name": "id", "type": "string"}, {"name": "age", "type": "integer"}]}
    print(engine.check(frame, schema=schema, primary_key=["id"]).counts)

    # From an event loop; the work is done in a thread.
    print(asyncio.run(engine.arun("PAL-penguins")).verdict)


if __name__ == "__main__":
    main()

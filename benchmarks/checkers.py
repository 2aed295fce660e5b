"""What each checker takes: ``python -m benchmarks.checkers FOLDER RECORDS`` prints a table.

The seconds are those of the report's coverage: of processor, added up over the threads of a scan. They are a checker's
own; reading is the row that names the format.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.one import WARM_UP
from benchmarks.workload import CsvWorkload


def main(folder: str, records: str) -> None:
    """Run all default checkers, print their seconds and how long a thousand records take each."""
    from potable.engine import Engine

    for number in (WARM_UP, int(records)):
        work = CsvWorkload(Path(folder), number)
        name = f"{work.resource_id}-all"
        report = Engine(catalog=work.folder / f"{name}.yaml").run(name)
    for line in sorted(report.coverage, key=lambda line: -line.seconds):
        if line.seconds >= 0.001:
            each = line.seconds / report.counts.records * 1e6
            print(f"{line.checker:<20}{line.seconds:9.3f} s {each:9.3f} ms for 1,000 records")


if __name__ == "__main__":
    main(*sys.argv[1:])

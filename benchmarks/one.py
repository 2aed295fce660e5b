"""One contender once, imports left out: ``python -m benchmarks.one NAME FOLDER RECORDS`` prints JSON.

A first run over a small workload loads what is imported on first use and starts thread pools; the second is timed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.peers import CONTENDERS
from benchmarks.workload import CsvWorkload

WARM_UP = 10_000


def main(name: str, folder: str, records: str) -> None:
    """Warm up, run, print seconds and counts."""
    _, contender = CONTENDERS[name]
    contender(CsvWorkload(Path(folder), WARM_UP))
    work = CsvWorkload(Path(folder), int(records))
    start = time.perf_counter()
    counts = contender(work)
    print(json.dumps({"seconds": time.perf_counter() - start, "counts": counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""One contender once, imports left out: ``python -m benchmarks.one NAME FOLDER RECORDS [FORM]`` prints JSON.

Runs over a small workload come first: they load what is imported on first use, and start thread pools; of those in
processes of their own the second one makes the fork server import what the first one had to. The next run is timed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import loops
from benchmarks.documents import DOCUMENTS
from benchmarks.peers import CONTENDERS
from benchmarks.workload import CsvWorkload

WARM_UP = 10_000
"""Records of the small workload."""
WARM_UPS = 2
W = TypeVar("W")


def main(name: str, folder: str, records: str, form: str = "csv") -> None:
    """Warm up, run, print seconds and counts."""
    if form == "csv":
        print(
            json.dumps(
                timed(CONTENDERS[name][1], CsvWorkload(Path(folder), WARM_UP), CsvWorkload(Path(folder), int(records)))
            )
        )
        return
    kind = DOCUMENTS[form]
    print(
        json.dumps(
            timed(loops.CONTENDERS[form][name][1], kind(Path(folder), WARM_UP), kind(Path(folder), int(records)))
        )
    )


def timed(contender: Callable[[W], dict[str, int]], small: W, work: W) -> dict[str, Any]:
    """Seconds, processor seconds and counts of a run after those over the ``small`` workload."""
    for _ in range(WARM_UPS):
        contender(small)
    start, cpu = time.perf_counter(), time.process_time()
    counts = contender(work)
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "counts": counts}


if __name__ == "__main__":
    main(*sys.argv[1:])

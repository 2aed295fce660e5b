"""What the benchmarks print, and keep."""

from __future__ import annotations

from typing import Any


class Table:
    """Rows printed as they come, and kept."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.broken: list[str] = []

    def add(self, what: str, seconds: float, peak: int | None, note: str = "", **facts: Any) -> None:
        """Print and keep a row."""
        memory = f"{peak / 1e6:7.0f} MB" if peak else "          "
        print(f"  {what:<52}{seconds:9.2f} s {memory}  {note}", flush=True)
        self.rows.append({"what": what, "seconds": round(seconds, 4), "peak": peak, "note": note, **facts})

    def promise(self, kept: bool, text: str) -> None:
        """Print whether a promise is kept."""
        print(f"  {'kept  ' if kept else 'BROKEN'} {text}", flush=True)
        if not kept:
            self.broken.append(text)

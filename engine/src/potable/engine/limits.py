"""All bounds of a run, in one frozen object."""

from __future__ import annotations

import operator
from dataclasses import dataclass, fields

from potable.engine.errors import UsageError, likely

MIB, GIB = 1 << 20, 1 << 30

_MAY_BE_0 = frozenset({"redirects"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may use. Reaching one is a finding that names the limit, never a crash.

    Raises :class:`~potable.engine.errors.UsageError` for what isn't a number above 0: a bound of 0 or less could be
    reached by nothing, or let nothing end. Only ``redirects`` may be 0: none is followed.

    :param fetch_bytes: most bytes fetched for one source.
    :param inflated_bytes: most bytes after decompression, per part.
    :param connect_seconds: longest wait for a connection.
    :param read_seconds: longest wait for the next bytes of a response.
    :param fetch_seconds: longest whole fetch.
    :param run_seconds: longest whole run, on the command line and in the server; it doesn't bind a program's own runs.
    :param redirects: most redirects followed for one request; 0 follows none.
    :param attempts: cycles of a transient failure before the run gives up.
    :param chunk_bytes: size of a chunk of source, in bytes.
    :param cells: most cells of a chunk: where records are short and fields many, a chunk has fewer bytes.
    :param record_bytes: longest record, in bytes.
    :param columns: most columns of a table.
    :param depth: deepest nesting of JSON or XML; 500 at most.
    :param node_bytes: longest text, attribute, comment or string value, in bytes.
    :param samples: most samples of one finding.
    :param findings_per_code: past this many findings of one code the rest are merged into one.
    :param snapshots_bytes: size of all kept snapshots; past it the ones used longest ago are dropped.
    :param state_bytes: memory that one fold may hold before it spills to disk.
    :param metrics_bytes: figures that one checker, or a reader, may put into the report, in bytes of JSON; what there's
        no room for is left out, and the coverage says so.
    :param details_bytes: further facts of one finding, in bytes of JSON; likewise.
    :param workbook_bytes: memory for one sheet of a workbook, which is read as a whole.
    """

    fetch_bytes: int = 64 * GIB
    inflated_bytes: int = 256 * GIB
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    fetch_seconds: float = 6 * 3600.0
    run_seconds: float = 24 * 3600.0
    redirects: int = 10
    attempts: int = 3
    chunk_bytes: int = 6 * MIB
    cells: int = 4_000_000
    record_bytes: int = 32 * MIB
    columns: int = 20_000
    depth: int = 256
    node_bytes: int = 10_000_000
    samples: int = 20
    findings_per_code: int = 1_000
    snapshots_bytes: int = 4 * GIB
    state_bytes: int = 96 * MIB
    metrics_bytes: int = 1 * MIB
    details_bytes: int = 64 << 10
    workbook_bytes: int = 2 * GIB

    def __post_init__(self) -> None:
        for f in fields(Limits):  # a subclass may have members that are no bounds
            value = getattr(self, f.name)
            if not isinstance(value, int | float) and hasattr(value, "__index__"):
                object.__setattr__(self, f.name, value := operator.index(value))  # a number of NumPy's
            number = isinstance(value, int if isinstance(f.default, int) else int | float)
            if not number or isinstance(value, bool) or not _bounds(f.name, value):
                raise UsageError(f"Limits: {_refused(f.name, value)}")

    @classmethod
    def parse(cls, text: str) -> Limits:
        """Limits as an operator writes them, ``node_bytes=20_000_000, depth=400``; what isn't named keeps its default.

        Raises :class:`UsageError` for a limit that there isn't, and for a value that it can't have.
        """
        defaults = {f.name: f.default for f in fields(Limits)}
        given: dict[str, int | float] = {}
        for part in filter(None, (p.strip() for p in text.split(","))):
            name, _, number = (p.strip() for p in part.partition("="))
            if name not in defaults:
                near = likely(name, defaults)
                meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(defaults)}"
                raise UsageError(f"POTABLE_LIMITS: there's no limit {name!r}; {meant}")
            whole = isinstance(defaults[name], int)
            try:
                given[name] = int(number) if whole else float(number)
            except ValueError:
                given[name] = -1
            if not _bounds(name, given[name]):
                raise UsageError(f"POTABLE_LIMITS: {_refused(name, number)}")
        return cls(**given)  # type: ignore[arg-type]


def _bounds(name: str, value: float) -> bool:
    return 0 < value < float("inf") or (name in _MAY_BE_0 and value == 0)


def _refused(name: str, value: object) -> str:
    kind = "a whole number" if isinstance(getattr(Limits(), name), int) else "a number"
    return f"{name} is {value!r}; it must be {kind}{', 0 or' if name in _MAY_BE_0 else ''} above 0"

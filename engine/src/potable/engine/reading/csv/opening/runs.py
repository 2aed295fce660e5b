"""Cells that runs of blanks separate: a table whose tabs a program has turned into blanks, or that never had any."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.findings import Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.above import heads
from potable.engine.reading.csv.opening.beginning import FEW, Beginning

_RUN = lazy_regex(r" *\t *| {2,}")
_LEAST = 3
"""Fewer columns are as likely two parts of each text, where the definition names none of them."""


def runs_of_blanks(b: Beginning) -> Occurrence | None:
    """``csv/wrong-delimiter``, where two blanks or more part the header and the first records into as many cells."""
    declared = b.layout.dialect
    if not declared.header_line or b.named.intersection(b.layout.names):
        return None
    header, lines = _line(b.header.text), _lines(b)
    if lines is None or "\t" in header.strip():
        return None
    names, rows = _RUN.split(header.strip(" ")), [_RUN.split(line.strip(" ")) for line in lines]
    known = b.named.intersection(names)
    few = len(rows) < (2 if known else FEW)
    if few or len(names) < (2 if known else _LEAST) or any(len(row) != len(names) for row in rows):
        return None
    runs = {run for line in (header, *lines) for run in _RUN.findall(line.strip(" "))}
    if len(runs) != 1:
        return None  # columns of fixed width, or tabs that were expanded
    (run,) = runs
    return _told(b, f"{len(run)} blanks split it into {len(names)}", f"Set delimiter to {run!r}.", run, len(names))


def expanded(b: Beginning) -> list[str] | None:
    """The names of the columns, where runs of blanks of any length part the header and all of the first records."""
    lines = _lines(b)
    if lines is None or len(lines) < FEW:
        return None
    names = _RUN.split(_line(b.header.text).strip(" "))
    return names if all(len(_RUN.split(line.strip(" "))) == len(names) for line in lines) else None


def blanks_in_records(b: Beginning) -> Occurrence | None:
    """The same, where the header is split as declared, and no record is, but all are by blanks."""
    width, lines = b.layout.width, _lines(b)
    if width < 2 or not b.layout.dialect.header_line or lines is None or len(lines) < FEW:
        return None
    if any(len(_RUN.split(line.strip(" "))) != width for line in lines):
        return None
    name = b.layout.dialect.delimiter_name
    message = f"{name} splits the header into {width} cells, and no record; runs of blanks split these into {width}"
    return Occurrence("csv/wrong-delimiter", message, location=b.place, hint=_AGAIN, details={"columns": width})


def blanks_in_header(b: Beginning) -> Occurrence | None:
    """The same, where the records are split as declared, and the header is by blanks."""
    if b.layout.width != 1 or not b.layout.dialect.header_line:
        return None
    rows, header = b.rows(b.layout.dialect, b.data), _line(b.header.text).strip(" ")
    widths = {len(row.cells) for row in rows}
    width = widths.pop() if len(widths) == 1 else 1
    names = next((n for n in (_RUN.split(header), header.split(" ")) if len(n) == width > 1), None)
    cells = [row.cells for row in rows]
    if len(rows) < 2 or names is None or (heads(cells[0], cells[1:]) and not b.named.intersection(names)):
        return None  # it may be a title
    if not (b.named.intersection(names) if b.named else heads(names, cells)):
        return None
    name = b.layout.dialect.delimiter_name
    message = f"{name} splits each of the first {len(rows)} records into {width} cells, and the header not; blanks do"
    hint = f"Write the header as the records, with {name} between the names."
    return Occurrence("csv/wrong-delimiter", message, location=b.place, hint=hint, details={"columns": width})


def blanks_in_values(b: Beginning) -> Occurrence | None:
    """The same, where single blanks part the header into what the definition names, and values may have blanks too."""
    names = _line(b.header.text).split(" ")
    if not b.named or b.named.intersection(b.layout.names) or not b.named.issubset(names) or len(names) < 2:
        return None
    lines = _lines(b)
    if not lines or any(len(line.split(" ")) < len(names) for line in lines):
        return None
    if all(len(line.split(" ")) == len(names) for line in lines):
        return _told(b, f"a blank splits it into {len(names)}", "Set delimiter to ' '.", " ", len(names))
    return _told(b, f"a blank splits its header into {len(names)}, and some values too", _AGAIN, None, len(names))


_AGAIN = "Have the table exported with a delimiter: a program has turned its tabs into blanks, it seems."


def _told(b: Beginning, what: str, hint: str, delimiter: str | None, columns: int) -> Occurrence:
    message = f"split at {b.layout.dialect.delimiter_name} the file has one column; {what}"
    details = {"columns": columns} if delimiter is None else {"delimiter": delimiter, "columns": columns}
    return Occurrence("csv/wrong-delimiter", message, location=b.place, hint=hint, details=details)


def _lines(b: Beginning) -> Sequence[str] | None:
    """The first records, each of one cell; None where any has more, or a line break."""
    rows = b.rows(b.layout.dialect, b.data)
    lines = [_line(b.text[row.at : row.stop]) for row in rows]
    odd = any(len(row.cells) != 1 for row in rows) or any(c in line for line in lines for c in "\r\n")
    return None if odd else lines


def _line(text: bytes) -> str:
    return text.decode("utf-8", "replace").rstrip("\r\n")

"""Tables that are drawn, as clients of databases show them: bars between the columns, and a line under their names."""

from __future__ import annotations

from potable.engine.findings import Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.csv.opening.beginning import Beginning

# +----+------+   ----+------   ├────┼──────┤   ╞════╪══════╡
_RULER = lazy_regex(r"[+┌├╞╔╠┏┣╭]?[-=─═━┄]+(?:[+┬┼╤╪╦╬┳╋┴][-=─═━┄]+)+[+┐┤╡╗╣┓┫╮]?")
_JUNCTION = lazy_regex("[+┬┼╤╪╦╬┳╋┴]")
_BAR = lazy_regex("[|│║┃]")
_ENDS = "+┌├╞╔╠┏┣╭┐┤╡╗╣┓┫╮"
_FIRST = 2
"""So many lines behind the header are looked at."""


def drawn(b: Beginning) -> Occurrence | None:
    """``csv/fixed-width``, if a line is drawn under the names of the columns, with as many parts as there are names."""
    if not b.layout.dialect.header_line:
        return None
    rows = b.rows(b.layout.dialect, b.data)[:_FIRST]
    lines = [b.header.text, *(b.text[row.at : row.stop] for row in rows)]
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    ruler = next((n for n, text in enumerate(texts) if _RULER.fullmatch(text)), None)
    if ruler is None or len(texts) <= 1:
        return None
    head = texts[ruler - 1] if ruler else texts[1]
    names = [name.strip() for name in _BAR.split(_BAR.sub("", head, 1) if _BAR.match(head) else head)]
    names = names[:-1] if _BAR.search(head[-1:]) else names
    if len(names) != len(_JUNCTION.split(texts[ruler].strip(_ENDS))):
        return None
    message = f"the table is drawn, with bars between its {len(names)} columns: "
    message += ", ".join(repr(name[:40]) for name in names[:3]) + ", …" * (len(names) > 3)
    return Occurrence("csv/fixed-width", message, location=b.place, details={"columns": len(names)})

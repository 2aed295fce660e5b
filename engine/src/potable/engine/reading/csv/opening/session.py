"""What a database's client shows, its prompts and all, in place of an export."""

from __future__ import annotations

from potable.engine.findings import Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.csv.opening.beginning import Beginning

# mysql> SELECT 1; MariaDB [lab]> SELECT 1; lab=# SELECT 1
_PROMPT = lazy_regex(rb"(?:SQL|mysql|MariaDB \[[^\]]{0,80}\]|sqlite)> \S|[\w-]{1,40}=[#>] \S")
_HOWS = {
    b"SQL": "SET MARKUP CSV ON in SQL*Plus",
    b"mysql": "mysql --batch, whose cells tabs separate",
    b"MariaDB": "mariadb --batch, whose cells tabs separate",
    b"sqlite": "sqlite3 -header -csv",
}
_PSQL = "psql --csv"


def session(b: Beginning) -> Occurrence | None:
    """``csv/fixed-width``, where the first line is a prompt with a command."""
    text = b.header.text.lstrip()
    found = _PROMPT.match(text) if b.layout.dialect.header_line else None
    if found is None or b.named.intersection(b.layout.names):
        return None
    how = next((how for begin, how in _HOWS.items() if text.startswith(begin)), _PSQL)
    shown = text.decode("utf-8", "replace").strip()[:60]
    message = f"line {b.header.line} is a prompt of a database's client: {shown!r}"
    hint = f"The file is what the client showed, not an export: have the table exported ({how})."
    return Occurrence("csv/fixed-width", message, location=b.place, hint=hint)

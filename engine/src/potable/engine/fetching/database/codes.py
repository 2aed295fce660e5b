"""The ``sql/*`` codes: what can be wrong with a query, beside ``access/*``."""

from __future__ import annotations

from potable.engine.findings import Code, Severity

NOT_READ_ONLY = Code(
    id="sql/not-read-only",
    severity=Severity.ERROR,
    blocking=True,
    title="Query that could do more than read",
    meaning="The definition's sql isn't one plain SELECT (or WITH … SELECT): it has several statements, another "
    "statement, INTO, a lock, or a function that acts on the server or its files; or the database refused it as a "
    "write.",
    why="A definition must not change the database that it reads; nothing was sent, or nothing was written.",
    example="SELECT * FROM samples; DELETE FROM samples",
    mend="Write one SELECT. Put a column that is called like a keyword into the database's quotes.",
    misses="Functions of extensions, or of the database's owner, that act on something outside the database: give "
    "Potable a role that may only SELECT.",
)
FAILED = Code(
    id="sql/failed",
    severity=Severity.ERROR,
    blocking=True,
    title="Query that the database refuses",
    meaning="The database answers the query with an error: a syntax error, an unknown column, a value that can't be "
    "converted. The message quotes its words.",
    why="There are no rows to judge, or only some of them.",
    example='SELECT nmae FROM samples   (column "nmae" does not exist)',
    mend="Run the query by hand in the database's own client, and put what works into sql.",
)
DUPLICATE_COLUMN = Code(
    id="sql/duplicate-column",
    severity=Severity.ERROR,
    blocking=True,
    title="Column names that aren't unique",
    meaning="Two columns of the query's result have the same name.",
    why="A record has one value for a name: one of the columns would be lost without a word.",
    example="SELECT a.id, b.id FROM a JOIN b ON a.id = b.a_id",
    mend="Name them apart, as in SELECT a.id, b.id AS b_id.",
)
WRITABLE_ROLE = Code(
    id="sql/writable-role",
    severity=Severity.WARNING,
    title="Database role that may write",
    meaning="The role that reads the source could also change the database. Potable reads in a read-only transaction; "
    "a role that may only SELECT would make sure of it.",
    why="A flaw anywhere between the definition and the database could then destroy data; and secrets get about.",
    example="dbUser: postgres",
    mend="Make a role that may only SELECT, as by CREATE ROLE reader LOGIN and GRANT SELECT ON samples TO reader, and "
    "let dbUser name it.",
    misses="Rights that a role can take on by SET ROLE, and functions that run with their owner's rights.",
)

INCOMPLETE = Code(
    id="sql/incomplete",
    severity=Severity.ERROR,
    blocking=True,
    title="Query whose result isn't whole",
    meaning="The database answers without an error, but warns that rows are missing or values cut off: GROUP_CONCAT "
    "past group_concat_max_len, WITH RECURSIVE past max_recursive_iterations, LIMIT ROWS EXAMINED, a result past "
    "max_allowed_packet. The message quotes its words.",
    why="What came looks whole but isn't, and an ingest would take it for all.",
    example="Row 3 was cut by GROUP_CONCAT()",
    mend="Have the database's administrator raise the bound that the message names, or write the query in another way.",
    misses="Databases that don't warn: only MySQL and MariaDB do. A sample, of which not all rows are read.",
)
SERVER_WARNING = Code(
    id="sql/server-warning",
    severity=Severity.WARNING,
    title="Query that the database warns of",
    meaning="MySQL or MariaDB gives the rows with a warning, such as a text that was taken for a number or a day that "
    "there isn't. The message quotes its words.",
    why="Some values aren't what they were meant to be: where others would refuse, these databases put in 0 or NULL.",
    example="Truncated incorrect DOUBLE value: 'abc'",
    mend="Run the query by hand, look at SHOW WARNINGS, and convert such values on purpose.",
    misses="A sample, of which not all rows are read.",
)

CODES: tuple[Code, ...] = (NOT_READ_ONLY, FAILED, DUPLICATE_COLUMN, WRITABLE_ROLE, INCOMPLETE, SERVER_WARNING)
"""All codes of the family, in the order of the reference."""

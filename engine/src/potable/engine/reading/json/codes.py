"""The ``json/*`` codes: what can be wrong with the form of JSON."""

from __future__ import annotations

from functools import partial

from potable.engine.findings import Code, Severity
from potable.engine.reading.json.instead import KEYED

_error = partial(Code, severity=Severity.ERROR)
_warning = partial(Code, severity=Severity.WARNING)

SYNTAX = _error(
    id="json/syntax",
    title="Not well-formed JSON",
    meaning="The document breaks the grammar of JSON (RFC 8259) at the place given: the first character that can't "
    "stand there, or the end of a file that breaks off. Reading stops; the records before it are checked.",
    why="No parser reads the document: what comes behind the place is lost, and nobody knows how much that is.",
    example='[{"id": 1}, {"id": 2 "name": "HeLa"}]',
    mend="Mend the document at that place, or write it with a JSON library; if each line is a document of its own, set "
    "ingestMethod: JSONL.",
    blocking=True,
    suppressed_by=("access/truncated", "access/media-type", "access/empty"),
)
BAD_LINE = _error(
    id="json/bad-line",
    title="Line that isn't well-formed JSON",
    meaning="A line of JSON Lines breaks the grammar of JSON at the place given. It counts as a record of which "
    "nothing is known; the next line is read again.",
    why="The record is lost to whoever ingests the data, and many readers stop at such a line.",
    example='{"id": 1}\n{"id": 2,\n{"id": 3}',
    mend="Write the record again with a JSON library, each on one line, in double quotes, without NaN or comments.",
    suppressed_by=("access/media-type",),
)
NOT_LINES = _error(
    id="json/not-lines",
    title="Something other than the declared JSON Lines",
    meaning="The first value doesn't end in its line, and the lines behind it go on with it; the only line is an array "
    "of all records, or has them all one behind the other; each of the first lines is an object with a comma behind "
    "it, or begins with a record separator (1E); or every other line is an action of a bulk request. Nothing is read.",
    why="Each line would be called wrong, though all have the same fault.",
    example='[\n  {"id": 1},\n  {"id": 2}\n]',
    mend="Set ingestMethod: JSON, and documentElement where the records are in a member; or take the comma at the end "
    "of each line away.",
    misses="A document, or lines with commas, whose first line is longer than 64 KiB.",
    blocking=True,
)
CUT_OFF = _error(
    id="json/cut-off",
    title="File that ends within a line",
    meaning="The last line of JSON Lines has no line end, and ends before its object (or array) is closed. It counts "
    "as a record of which nothing is known.",
    why="The rest of the record is missing, and all records behind it; nobody knows how many they are.",
    example='{"id": 1, "name": "HeLa"}\n{"id": 2, "na',
    mend="Get the file again, whole: a transfer broke off, the disk was full, or the program died.",
    misses="A file that is cut off between two lines, or behind the last bracket of one.",
    blocking=True,
    suppressed_by=("access/truncated", "access/media-type"),
)
DUPLICATE_KEY = _warning(
    id="json/duplicate-key",
    title="Member that occurs twice in one object",
    meaning="An object has two members of one name. The last one is used, as nearly all parsers do.",
    why="The earlier value is lost without a word, and which one survives depends on the parser (RFC 8259, section 4).",
    example='{"name": "HeLa", "name": "CHO"}',
    mend="Keep one of the members, or make the value an array.",
)
TOO_DEEP = _error(
    id="json/too-deep",
    title="Nested deeper than the limit",
    meaning="A record nests objects and arrays deeper than Limits.depth. Its values are left out of all other checks.",
    why="Such nesting is an attack or an accident of a program; parsers crash on it.",
    example="[[[[ … 100,000 brackets … ]]]]",
    mend="Look at how the record came about; if data are that deep, raise Limits.depth (500 is the most).",
)
TOO_LARGE_NODE = _error(
    id="json/too-large-node",
    title="Text longer than the limit",
    meaning="A text of a record is longer than Limits.node_bytes. The record's values are left out of all other "
    "checks.",
    why="Databases and parsers refuse such a text, or run out of memory.",
    example='{"id": 1, "image": "iVBORw0KGgo… 11 MB …"}',
    mend="Keep large data in files of their own, and their addresses in the record; or raise Limits.node_bytes.",
)
NO_RECORDS = _error(
    id="json/no-records",
    title="No records",
    meaning="Nothing in the document is a record: the array is empty, the member that documentElement names isn't "
    "there, or the root is an object and the definition doesn't say which member holds the records.",
    why="An ingest would replace the source with nothing.",
    example='{"total": 0, "items": []}',
    mend="Set documentElement to the member that holds the records; the message says which members there are.",
    blocking=True,
    dataset=True,
    suppressed_by=("access/empty", "access/media-type", "json/syntax"),
)
MISSING_ELEMENT = _error(
    id="json/missing-element",
    title="File without the member that holds the records",
    meaning="A file (or page) of the source has no member of the name that documentElement gives, though others do.",
    why="It is often an error message in place of a page: the records that should be in it are missing.",
    example='{"error": "rate limit exceeded"}',
    mend="Look at the file; fetch the source again, or keep the file out by filenamePattern.",
)
NOT_AN_OBJECT = _error(
    id="json/not-an-object",
    title="Record that isn't an object",
    meaning="Where a record should be is a text, a number, true, false, null or an array. It counts as a record "
    "without any field.",
    why="It has no fields that could be checked or ingested.",
    example='[{"id": 1}, null, "HeLa"]',
    mend="Remove it, or make it an object; documentElement may name a wrong member. Where all are arrays, the values "
    "stand without their names: have them written as objects (orient='records' in pandas).",
)
ERROR_RECORD = _error(
    id="json/error-record",
    title="Message of an error in place of a record",
    meaning="The last record of a file (or page) has a member such as error or exception, and else at most such as "
    "stand beside it in messages (status, code, message, path, timestamp); it has none of the first record's own. "
    "A file of nothing but such a message is told too.",
    why="The stream of records broke off there: all that should follow is missing, and whoever ingests the data stores "
    "the message.",
    example='{"id": 1, "name": "HeLa"}\n{"error": "Internal server error", "status": 500}',
    mend="Get the data again, whole. Where it's the same again, its owner must know: the message says what failed.",
    misses="Messages that aren't the last record, and those without a member named after an error; records whose first "
    "one has only members such as messages have.",
)
HEADER_RECORD = _error(
    id="json/header-record",
    title="First record that is none",
    meaning="The first record of a file (or page) has no member in common with the following ones (3 at least; 19 are "
    "looked at), which all have two or more in common: most likely it tells of them, as a header does.",
    why="It's counted and ingested as a record, with none of the fields that records have.",
    example='{"version": 2, "exported": "2024-05-01"}\n{"id": 1, "name": "HeLa"}\n{"id": 2, "name": "CHO"}\n…',
    mend="Take it out of the data, into a file of its own; where records of several kinds are meant, switch this code "
    "off.",
    misses="One that has any name that records have, too.",
)
KEYED_RECORDS = _error(
    id="json/keyed-records",
    title="Object of records that is read as one record",
    meaning="What documentElement names is an object whose members are objects with members in common: most likely "
    "records that are called by their keys. It counts as one record, and none of those in it was checked.",
    why="All of the source looks like one record, in which next to nothing can be wrong.",
    example='{"data": {"AD": {"name": "Andorra"}, "AE": {"name": "Emirates"}, …}}   with documentElement: data',
    mend=KEYED + " Where it's one record after all, switch this code off.",
    misses="Objects of fewer than five members; records without any member in common. A single record whose fields "
    "are objects of one shape is taken for such an object; where several have the same names they are fields.",
)
WRAPPED_RECORDS = _warning(
    id="json/wrapped-records",
    title="Object around a list of objects, read as the only record",
    meaning="What documentElement names is an object, which is the only record of the source, and holds an array of "
    "two objects or more: most likely these are the records, and none of them was checked.",
    why="All of the source looks like one record, in which next to nothing can be wrong.",
    example='{"response": {"numFound": 2, "docs": [{"id": 1}, {"id": 2}]}}   with documentElement: response',
    mend="Set documentElement to the name of that array. Where it's one record after all, switch this code off.",
    misses="Arrays that begin far inside of the object (64 kB), or of a single object; one object in each of several "
    "files.",
)
LONE_SURROGATE = _error(
    id="json/lone-surrogate",
    title="Half of a character",
    meaning="A text escapes one half of a surrogate pair (\\uD800 to \\uDFFF) without the other. It is read as U+FFFD.",
    why="There is no such character: databases and parsers refuse the text, or damage it.",
    example='{"name": "smile \\ud83d"}',
    mend="Write both halves, or the character itself; texts cut after so many UTF-16 units lose the second half.",
)
LONG_RECORD = _error(
    id="json/long-record",
    title="Record longer than the limit",
    meaning="A record, or a text outside the records, is longer than Limits.record_bytes. Reading stops there.",
    why="It would fill the memory; mostly documentElement names a member that holds all records instead of one.",
    example='{"data": {"1": {…}, "2": {…}, …}}   with documentElement: data',
    mend="Check documentElement; if records are that long, raise Limits.record_bytes.",
    blocking=True,
)
WRONG_PATH = _error(
    id="json/wrong-path",
    title="Path that finds nothing in any record",
    meaning="No record has the field that the definition speaks of, and the records have another one that it doesn't "
    "speak of and that was likely meant: it's spelt in another way (Id and id), or is in another place ($.ref and "
    "$.links.ref, $.tags.name and $.tags[*].name). Told once for each path; it is a warning where no record is wrong "
    "for the lack of the field.",
    why="Whatever the definition says of the path is said of nothing: no value was checked, and what must be there is "
    "missing in each record.",
    example='primaryKey: $.Id   of the records {"id": 7}, {"id": 8}',
    mend="Write the path as the records have it; where the field may well be absent, switch this code off for it.",
    misses="Paths that find something in a single record. What the records have is taken from the first 100.",
    dataset=True,
    suppressed_by=("json/keyed-records", "drift/other-names@field"),
)
MANY_FIELDS = _warning(
    id="json/many-fields",
    title="Too many different fields",
    meaning="A part of the source has more different fields than Limits.columns. Checks of every field leave out those "
    "beyond it; checks of named fields are complete.",
    why="Names that are data (identifiers, dates) instead of names can't be checked as fields.",
    example='{"prices": {"2024-01-01": 1, "2024-01-02": 2, …}}',
    mend="Make such an object an array of objects with a name and a value each.",
    suppressed_by=("json/keyed-records",),
)

JSON_CODES: tuple[Code, ...] = (
    SYNTAX,
    BAD_LINE,
    CUT_OFF,
    NOT_LINES,
    DUPLICATE_KEY,
    TOO_DEEP,
    TOO_LARGE_NODE,
    NO_RECORDS,
    MISSING_ELEMENT,
    NOT_AN_OBJECT,
    ERROR_RECORD,
    HEADER_RECORD,
    KEYED_RECORDS,
    WRAPPED_RECORDS,
    LONE_SURROGATE,
    LONG_RECORD,
    WRONG_PATH,
    MANY_FIELDS,
)
"""All of them, in the order of the reference."""

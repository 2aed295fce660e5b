"""The codes of the ``keys`` checker."""

from __future__ import annotations

from potable.checkers.explained import (
    ALL_BLANK,
    ASTRAY,
    BAD_VALUE,
    CUT,
    DOCUMENTS,
    FILE_DIFFERS,
    GARBLED,
    GONE,
    MISREAD,
    NO_COLUMN,
    NO_RECORD,
    OTHER_NAMES,
    PADDED,
    SPACED,
    TABLE,
    UNREAD,
    WRONG_HEADER,
)
from potable.engine.findings import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

MISSING = Code(
    id="keys/missing",
    severity=ERROR,
    title="Record without a key",
    meaning="A field of the primary key is absent, or holds a text that counts as missing. Where a file doesn't have "
    "the "
    "key's column at all, it's told once for that file.",
    why="The record can't be addressed: in the old system its key was empty, and every such record overwrote the one "
    "before.",
    example="id,name\n,Ann",
    mend="Fill the key in; where a column of another name is the key, say so in primaryKey.",
    misses="Fields that are only `unique`: they may be missing, as in SQL.",
    suppressed_by=(
        *TABLE,
        *WRONG_HEADER,
        CUT,
        *UNREAD,
        ALL_BLANK,
        "schema/missing-field@file",
        *FILE_DIFFERS,
        *ASTRAY,
        *DOCUMENTS,
        GONE,
        *OTHER_NAMES,
    ),
)
DUPLICATE = Code(
    id="keys/duplicate",
    severity=ERROR,
    title="Key that occurs more than once",
    meaning="A record has the key (or the value of a field that must be unique) of an earlier record. Counted are "
    "the surplus records, each at its own place; `details` tells how many keys are concerned, and how many records "
    "share them. A primary key of several fields is their values joined by `keyDelimiter`, which no value should hold: "
    "'x:y' with 'z' is the key of 'x' with 'y:z'. The values of a schema's keys, and of further ones, are compared one "
    "by one.",
    why="When the source is ingested, one record overwrites the other.",
    example="id,name\n7,Ann\n7,Bob        # the second record",
    mend="Remove the surplus records, or add the field that tells them apart to primaryKey.",
    misses="Keys are compared as texts: 1 and 1.0 differ. Records without a key aren't compared.",
    suppressed_by=(*MISREAD, "csv/header-length", *NO_RECORD, "keys/not-scalar@field", "excel/inexact-key@field"),
    dataset=True,
)
NOT_SCALAR = Code(
    id="keys/not-scalar",
    severity=ERROR,
    title="Key that isn't a single value",
    meaning="The path of the primary key resolves to an object, an array, or several values; or that of a further key "
    "or a foreign key to an object or an array. Of several values of a foreign key each is looked up. An element of "
    "XML is an object: its text is at its own path, $.stock.name.'_$'.",
    why="The old system made an empty key of it, and every such record overwrote the one before. One element in some "
    "records "
    "and several in others is the commonest cause.",
    example='{"id": ["A1", "A2"]}    # primaryKey: $.id',
    mend="Let the path point to one value in every record: $.id[0], or a field inside the object; that of a "
    "foreign key to the values themselves: $.refs[*].",
    misses="Nothing in a table, whose cells are single values.",
    suppressed_by=("schema/type@field", *DOCUMENTS),
)
WHITESPACE = Code(
    id="keys/whitespace",
    severity=WARNING,
    title="White space around a key",
    meaning="A field of the primary key begins or ends with white space.",
    why='"A1" and "A1 " look alike and are two keys: look-ups fail, and updates become new records.',
    example='id\n"A1 "',
    mend="Strip the key at the source.",
    misses="White space inside a key; text/whitespace looks for doubled blanks.",
    suppressed_by=(*TABLE, SPACED, PADDED, *BAD_VALUE),
)
CASE_VARIANT = Code(
    id="keys/case-variant",
    severity=WARNING,
    title="Keys that differ only in case",
    meaning="A key equals an earlier one but for upper and lower case, or for its Unicode normal form: é as one "
    "character here, as a letter and an accent (NFD, as macOS writes names of files) there. Counted are the further "
    "spellings, each at its first record.",
    why="Systems that ignore case take them for one key, and one record overwrites the other.",
    example="id\nabc1\nABC1",
    mend="Spell the key in one way; where case tells keys apart, switch this code off.",
    misses="Letters whose lower case isn't one letter, such as ß and SS.",
    suppressed_by=TABLE,
    dataset=True,
)
INVISIBLE = Code(
    id="keys/invisible-character",
    severity=WARNING,
    title="Invisible character in a key",
    meaning="A field of the primary key holds a character that can't be seen: zero-width, a soft hyphen, a no-break "
    "space, a "
    "direction mark.",
    why="Keys that look alike are different ones: look-ups fail, and updates become new records.",
    example="id\nA\\u200b1",
    mend="Take the character out at the source; it usually came with a copy from a web page or document.",
    misses="Letters of another script that look the same (Latin A and Greek Α): keys/look-alike tells of them.",
    suppressed_by=TABLE,
)

LOOK_ALIKE = Code(
    id="keys/look-alike",
    severity=WARNING,
    title="Key of characters that look like others",
    meaning="A field of the primary key has a Cyrillic or Greek letter beside Latin ones that looks like one of them "
    "(С like C), or wide letters or digits (Ａ１).",
    why="Two keys look the same and are different ones: look-ups and joins fail, and updates become new records.",
    example="id\nCVCL_0001\nСVCL_0002   (with a Cyrillic С)",
    mend="Type the key again; wide characters are made usual ones by the Unicode normal form NFKC.",
    misses="Keys without any Latin letter beside such a letter (С123), and letters that look alike within one script.",
    suppressed_by=TABLE,
)
NUL = Code(
    id="keys/nul-character",
    severity=ERROR,
    title="NUL in a key",
    meaning="A field of the primary key holds the character U+0000, in a format that can write it (JSON, Parquet, "
    "workbooks, databases).",
    why="Databases refuse such a text, and programs end it there: keys that differ only behind it become one.",
    example='{"id": "A1\\u0000"}',
    mend="Take it out at the source; it comes from fields of fixed width, and from binary data.",
    misses="NUL bytes in a table: encoding/nul-byte tells of them.",
    suppressed_by=TABLE,
)

FOREIGN_MISSING = Code(
    id="keys/foreign-missing",
    severity=ERROR,
    title="Foreign key that leads nowhere",
    meaning="A value (or several together) that must occur in another field, file or source, as `foreignKeys` of the "
    "schema or `checks: keys: foreign_keys` say, isn't there.",
    why="What the record refers to can't be found: links break, and joins lose the record.",
    example="species,count\nwernn,2        # the species are in species.csv",
    mend="Correct the value, or add what it refers to.",
    misses="Values are compared as texts: 1 and 1.0 differ. A key of which a part is missing refers to nothing, as in "
    "SQL. Where a file lacks the column, or one of the same source that it refers to, that is told once, and no value "
    "is looked up.",
    suppressed_by=(*TABLE, *GARBLED, *NO_COLUMN, *BAD_VALUE, "rules/value-missing@field"),
    dataset=True,
)
FOREIGN_UNREAD = Code(
    id="keys/foreign-unread",
    severity=ERROR,
    title="Source of a foreign key that can't be looked at",
    meaning="The source or file that a foreign key refers to isn't in the catalogue, can't be had or read, or doesn't "
    "have the field.",
    why="Whether the keys lead anywhere isn't known: the run is inconclusive, not passed.",
    example="foreignKeys: [{fields: species, reference: {resource: SCR_9, fields: id}}]    # there is no SCR_9",
    mend="Correct the reference, or add the source to the catalogue; its own run tells what is wrong with it.",
    blocking=True,
)

CODES = (
    MISSING,
    DUPLICATE,
    NOT_SCALAR,
    WHITESPACE,
    CASE_VARIANT,
    INVISIBLE,
    LOOK_ALIKE,
    NUL,
    FOREIGN_MISSING,
    FOREIGN_UNREAD,
)

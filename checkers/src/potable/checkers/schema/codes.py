"""The codes of the ``schema`` checker."""

from __future__ import annotations

from potable.checkers.explained import (
    ALL_BLANK,
    ASTRAY,
    CUT,
    GARBLED,
    HEADER_DIFFERS,
    HEADERLESS,
    OUT_OF_RANGE,
    TABLE,
    UNREAD,
)
from potable.engine.findings import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING
TYPE_FIRST = (
    "A value that isn't of its field's type isn't looked at here: that is one finding, schema/type or schema/format."
)

EXTRA_FIELD = Code(
    id="schema/extra-field",
    severity=WARNING,
    title="Undeclared column",
    meaning="The file has a column that the schema doesn't declare.",
    why="Nothing is checked in it, and whoever ingests by the schema drops it.",
    example="id,name,notes    # the schema has id, name",
    mend="Declare the field in the schema, or say `fieldsMatch: subset` where further columns are welcome.",
    misses="A column whose name is likely a misspelt one of the schema's: that is schema/missing-field. Columns "
    "without "
    "a name, and the second of two equal ones, are csv/blank-header and csv/duplicate-header.",
    suppressed_by=(*HEADERLESS, *HEADER_DIFFERS),
)

CODES: tuple[Code, ...] = (
    Code(
        id="schema/missing-field",
        severity=ERROR,
        title="Missing column",
        meaning="The schema declares a field that the file's header doesn't have.",
        why="Every record lacks the value, so whatever is built on it comes out empty.",
        example="id,nmae\n1,Ann        # the schema has id, name",
        mend="Rename the column as the schema has it, add it, or take the field out of the schema.",
        misses="A format without columns (JSON, XML): there a required field that is absent is schema/required.",
        suppressed_by=(*HEADERLESS, *HEADER_DIFFERS),
    ),
    EXTRA_FIELD,
    Code(
        id="schema/other-names",
        severity=ERROR,
        title="Columns called otherwise",
        meaning="None of the schema's fields is among the file's columns; or three or more are missing, and in the "
        "place of each stands a column that the schema doesn't have. Told once a file.",
        why="The header was translated, or its names were made anew; or it's another table altogether. Nothing of it "
        "was checked against the schema.",
        example="Kennung,Bezeichnung,Alter        # the schema has id, name, age",
        mend="Give the columns the names of the schema; or write those of the file in the schema, in the same order.",
        misses="Names that differ in case, blanks or a letter: schema/missing-field says which is likely meant.",
        suppressed_by=HEADERLESS,
    ),
    Code(
        id="schema/field-order",
        severity=WARNING,
        title="Columns in another order",
        meaning="The columns that file and schema share don't come in the schema's order; told once a file.",
        why="Columns are found by name here, but a reader that goes by position swaps them.",
        example="name,id          # the schema has id, name",
        mend="Put the columns into the schema's order, or say `fieldsMatch: equal` where the order is free.",
        suppressed_by=HEADERLESS,
    ),
    Code(
        id="schema/type",
        severity=ERROR,
        title="Value of the wrong type",
        meaning="A value can't be read as the type that the schema gives its field.",
        why="It can't be stored, compared or computed with as what it's said to be.",
        example="age\nforty          # type: integer",
        mend="Correct the value; list it under missingValues where it stands for one that isn't known; or widen the "
        'type. Where all are written so, say how in the schema: decimalChar: "," for 1,5, format: "%d.%m.%Y" for '
        "31.12.2024.",
        misses="White space around a number isn't a fault of type but of text/whitespace. Of an object or array in "
        "JSON only the kind is looked at.",
        suppressed_by=(*TABLE, CUT, *GARBLED, *OUT_OF_RANGE),
    ),
    Code(
        id="schema/format",
        severity=ERROR,
        title="Value in the wrong format",
        meaning="A string isn't an e-mail address, URI, UUID or base64 as its format says, or a date or time isn't "
        "written "
        "as its format says (the default formats are faults of schema/type).",
        why="It can't be used as what it's said to be: a mail bounces, a link is dead, a date is read as another day.",
        example="start\n2024-05-01     # type: date, format: '%d.%m.%Y'",
        mend="Write the value in the declared format, or declare the format that the data have.",
        misses="Whether an address or URI exists. `format: any` takes the common ways to write a date; of day and "
        "month "
        "either may come first.",
        suppressed_by=(*TABLE, CUT, *GARBLED, *OUT_OF_RANGE),
    ),
    Code(
        id="schema/required",
        severity=ERROR,
        title="Required value missing",
        meaning="A field that must have a value has none, or one of the texts that count as missing.",
        why="The record can't be used for what the field is needed for.",
        example="id,name\n1,             # name is required",
        mend="Fill the value in, or drop `required` where it may well be unknown.",
        misses="The cells that a ragged row hasn't got: csv/missing-cell tells of that row.",
        suppressed_by=(*TABLE, *UNREAD, ALL_BLANK, "keys/missing@field", *ASTRAY),
    ),
    Code(
        id="schema/enum",
        severity=ERROR,
        title="Value outside the list",
        meaning="A value is none of those that the schema allows (`enum`, or a field's `categories`).",
        why="Groups and look-ups by this field lose the record, or get a group too many.",
        example="sex\nmlae           # enum: [male, female]",
        mend="Correct the value, or add it to the list where it's right.",
        misses=TYPE_FIRST + " Nor are objects and arrays of a JSON source.",
        suppressed_by=(*TABLE, *GARBLED, *OUT_OF_RANGE),
    ),
    Code(
        id="schema/pattern",
        severity=ERROR,
        title="Value that doesn't match the pattern",
        meaning="The whole value doesn't match the regular expression of its field.",
        why="An identifier of another shape names nothing, or something else.",
        example="id\nCVCL-0001      # pattern: 'CVCL_[0-9A-Z]{4}'",
        mend="Correct the value, or the pattern where it's too narrow.",
        misses=TYPE_FIRST,
        suppressed_by=(*TABLE, *GARBLED, *OUT_OF_RANGE),
    ),
    Code(
        id="schema/minimum",
        severity=ERROR,
        title="Value below the minimum",
        meaning="A number, date, time or duration is less than the least that the schema allows (`minimum`, "
        "`exclusiveMinimum`).",
        why="It's impossible or implausible, and shifts every figure that is made of it.",
        example="area\n-1             # minimum: 0",
        mend="Correct the value; list it under missingValues where it stands for one that isn't known.",
        misses=TYPE_FIRST + " Numbers are compared exactly, times to the microsecond.",
        suppressed_by=(*TABLE, *OUT_OF_RANGE),
    ),
    Code(
        id="schema/maximum",
        severity=ERROR,
        title="Value above the maximum",
        meaning="A number, date, time or duration is more than the most that the schema allows (`maximum`, "
        "`exclusiveMaximum`).",
        why="It's impossible or implausible, and shifts every figure that is made of it.",
        example="percent\n101            # maximum: 100",
        mend="Correct the value; list it under missingValues where it stands for one that isn't known.",
        misses=TYPE_FIRST + " Numbers are compared exactly, times to the microsecond.",
        suppressed_by=(*TABLE, *OUT_OF_RANGE),
    ),
    Code(
        id="schema/min-length",
        severity=ERROR,
        title="Value too short",
        meaning="A text has fewer characters, or a list or array fewer items, than the schema asks for (`minLength`).",
        why="It's likely cut off or a placeholder.",
        example="name\nA              # minLength: 2",
        mend="Correct the value, or the schema.",
        misses=TYPE_FIRST + " Arrays of a JSON source aren't counted.",
        suppressed_by=(*TABLE, *GARBLED),
    ),
    Code(
        id="schema/max-length",
        severity=ERROR,
        title="Value too long",
        meaning="A text has more characters, or a list or array more items, than the schema allows (`maxLength`).",
        why="A column of that width cuts it off or refuses the record.",
        example="code\nABCDE          # maxLength: 4",
        mend="Shorten the value, or widen the schema.",
        misses=TYPE_FIRST + " Arrays of a JSON source aren't counted.",
        suppressed_by=(*TABLE, *GARBLED),
    ),
)

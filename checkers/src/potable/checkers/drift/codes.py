"""The codes of the ``drift`` checker."""

from __future__ import annotations

from potable.checkers.explained import ASTRAY, GONE, HEADER_DIFFERS, HEADERLESS
from potable.engine.findings import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING
_SAMPLED = (
    "Past 4,096 records the figures are those of a sample of so many, the same whenever the records are; differences "
    "that chance can make aren't reported."
)

ADDED = Code(
    id="drift/field-added",
    severity=WARNING,
    title="New field",
    meaning="The source has a field that it hadn't in the last accepted run.",
    why="Nobody has decided yet what becomes of it; it may also be an old one under a new name.",
    example="columns id, name, sex, where the last accepted run had id, name",
    mend="Add it to the schema, or agree with the source's owner that it goes. Accept the run where it's right.",
    suppressed_by=(
        *HEADERLESS,
        "schema/extra-field@field",
        "schema/other-names@field",
        "drift/type-changed@field",
        *ASTRAY,
        "json/error-record@run",
    ),
    dataset=True,
)
REMOVED = Code(
    id="drift/field-removed",
    severity=ERROR,
    title="Field gone",
    meaning="The source lacks a field that it had in the last accepted run.",
    why="What is made of it downstream is lost with the next ingest.",
    example="columns id, name, where the last accepted run had id, name, sex",
    mend="Ask the source's owner; where it's meant, take the field out of the definition and accept the run.",
    misses="In formats without columns: a field that no record of the sample has.",
    suppressed_by=(*HEADERLESS, "csv/no-records", "schema/missing-field@field", "schema/other-names@field", *ASTRAY),
    dataset=True,
)
OTHER_NAMES = Code(
    id="drift/other-names",
    severity=ERROR,
    title="Fields called otherwise",
    meaning="All fields of the last accepted run are gone, or three or more, and others stand in their places or have "
    "names much like theirs; or several stand at another place in the records, inside of something new or no longer "
    "inside of something.",
    why="The header was translated, or its names were made anew; or it's another table altogether. What looks the "
    "fields up by their names finds nothing.",
    example="columns id, name, sex, where the last accepted run had Kennung, Bezeichnung, Geschlecht",
    mend="Ask the source's owner for the old names. Where the new ones are to stay, write them in the definition, and "
    "accept the run.",
    misses="In formats without columns: fields of which some are still there (drift/field-removed).",
    suppressed_by=(*HEADERLESS, "csv/no-records", "schema/other-names"),
    dataset=True,
)
NAMESPACE = Code(
    id="drift/namespace",
    severity=ERROR,
    title="Elements in another namespace",
    meaning="Elements of an XML source have the names that they had in the last accepted run, but are in another "
    "namespace, or in none: a default namespace was put on the document or taken away, or a prefix stands for another "
    "namespace.",
    why="What looks elements up by their namespace (XPath, XSLT, schemas, most XML libraries) finds nothing, and the "
    "document looks as it did.",
    example='<stocks> before, <stocks xmlns="http://example.org/stocks/2"> now',
    mend="Ask the source's owner whether it's meant. If so, write the new namespace wherever the ingest names the old "
    "one, and accept the run.",
    misses="Elements behind the first 128 KB of the first file; attributes.",
    suppressed_by=("xml/wrong-top-element",),
    dataset=True,
)
TYPE = Code(
    id="drift/type-changed",
    severity=WARNING,
    title="Field of another type",
    meaning="Nine of ten values of a field were integers, numbers, dates, booleans or texts in the last accepted run, "
    "and now they are something else or a mixture; or nearly all of its dates were written in one way, and now are in "
    "another.",
    why="What parses the field fails, or stores texts where numbers were.",
    example="age: 34, 57, 41 before; 34 years, 57 years, 41 years now\nseen: 2024-03-25 before, 25/03/2024 now",
    mend="Ask the source's owner which is meant; declare the type in the schema.",
    misses=_SAMPLED,
    suppressed_by=(*HEADERLESS, GONE),
    dataset=True,
)
NULLS = Code(
    id="drift/null-share",
    severity=WARNING,
    title="Many more, or many fewer, missing values",
    meaning="The share of a field's values that are missing differs from that of the last accepted run by more than "
    "`nulls` percentage points.",
    why="A join upstream has failed, or a new way to write a missing value isn't known yet.",
    example="sex is missing in 31.0 % of the records, where it was in 0.2 %",
    mend="Look at the records where it's missing now. Accept the run where they are right.",
    misses=_SAMPLED,
    suppressed_by=(
        *HEADERLESS,
        "csv/no-records",
        GONE,
        "schema/missing-field@field",
        *ASTRAY,
        *HEADER_DIFFERS,
    ),
    dataset=True,
)
DISTRIBUTION = Code(
    id="drift/distribution",
    severity=WARNING,
    title="Values spread otherwise",
    meaning="A field's values are spread otherwise than in the last accepted run: more than `distribution` percent of "
    "them have moved, from one category to others or along the scale.",
    why="A unit has changed, a filter was lost, or a group of records is missing: each value for itself looks right.",
    example="weight: half between 60 and 82 before, half between 132 and 181 now (pounds)",
    mend="Find out what has changed upstream. Accept the run where it's right.",
    misses=f"Fields of free texts and dates, keys, and fields with fewer than 50 values. {_SAMPLED}",
    suppressed_by=(*HEADERLESS, "drift/type-changed@field"),
    dataset=True,
)
CHURN = Code(
    id="drift/key-churn",
    severity=ERROR,
    title="Keys replaced",
    meaning="More than `churn` percent of the keys of the last accepted run are gone, and others have come in their "
    "place. Keys that are gone with their records aren't meant: `accounting` tells of those.",
    why="What refers to the old keys points to nothing: the keys were numbered afresh, or written in another way.",
    example="of 10,000 keys 9,400 are gone, and 9,410 are new",
    mend="Ask the source's owner for stable keys, or for a table of the old and the new ones.",
    misses="Past 512 keys the share is an estimate, and may be off by six percentage points. Keys whose values mustn't "
    "be quoted (`values`) aren't compared.",
    suppressed_by=(*HEADERLESS, "keys/missing", "schema/other-names", "drift/other-names"),
    dataset=True,
)

CODES = (ADDED, REMOVED, OTHER_NAMES, NAMESPACE, TYPE, NULLS, DISTRIBUTION, CHURN)

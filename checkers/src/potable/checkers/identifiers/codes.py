"""The codes of the ``identifiers`` checker."""

from __future__ import annotations

from potable.checkers.explained import BAD_VALUE, GARBLED, ODD_TEXT, TABLE, WRONG_HEADER
from potable.engine.findings import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

MALFORMED = Code(
    id="identifiers/malformed",
    severity=ERROR,
    title="Malformed identifier",
    meaning="A value isn't written as identifiers of its kind are: an RRID, DOI, ORCID iD, PMID, UUID, ISSN, ISBN, a "
    "URL, an e-mail address, or a compact identifier (CURIE) whose prefix the Bioregistry knows.",
    why="It can't be resolved or linked: the record points to nothing, or to something else.",
    example="go_term\nGO:0008150\nGO:815        # seven digits",
    mend="Correct the identifier at the source.",
    misses="Identifiers that are well-formed but don't exist. In fields that the definition doesn't name, values that "
    "only a reader would take for such an identifier; and patterns of the Bioregistry may lag behind: then name the "
    "field under `except`.",
    suppressed_by=(*TABLE, *GARBLED, *BAD_VALUE, "rules/value-mismatch@field"),
)
CHECKSUM = Code(
    id="identifiers/checksum",
    severity=ERROR,
    title="Check digit that doesn't fit",
    meaning="The last character of an ORCID iD, ISSN or ISBN is computed from the others, and isn't what it should be.",
    why="A digit was mistyped: it's the identifier of someone or something else, or of nothing.",
    example="orcid\n0000-0002-1825-0098        # 0000-0002-1825-0097",
    mend="Look the identifier up and correct it.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
UNKNOWN = Code(
    id="identifiers/unknown-prefix",
    severity=WARNING,
    title="Prefix that no registry knows",
    meaning="Among compact identifiers (CURIEs) one has a prefix that the Bioregistry doesn't know.",
    why="Nobody can tell what it identifies, and no resolver finds it.",
    example="xref\nGO:0008150\nGOO:0008150",
    mend="Correct the prefix, or register it (https://bioregistry.io).",
    misses="Prefixes are looked for only in fields where most values have one that is known, and in those that the "
    "definition calls `curie`. New prefixes are known once the package bioregistry is brought up to date.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
DEPRECATED = Code(
    id="identifiers/deprecated-prefix",
    severity=WARNING,
    title="Deprecated prefix",
    meaning="The prefix of a compact identifier (CURIE) is marked as deprecated in the Bioregistry.",
    why="Its resource was closed, split or renamed; links will break if they haven't yet.",
    example="xref\nkegg:hsa00190        # kegg.pathway:hsa00190",
    mend="Use the prefix that has taken its place; its page at https://bioregistry.io tells which.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
VERSION = Code(
    id="identifiers/version-suffix",
    severity=WARNING,
    title="Version behind an identifier",
    meaning="An identifier ends in a version (ENSG00000139618.2) where its kind has none, or where most values of "
    "a field that the definition names have none.",
    why="With and without the version it's the same thing, but they don't join.",
    example="gene\nENSG00000141510\nENSG00000139618.2",
    mend="Strip the version, or keep it in a field of its own.",
    misses="Versions written otherwise than as a point and digits.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
MIXED = Code(
    id="identifiers/mixed-forms",
    severity=WARNING,
    title="Identifiers of one field written in several ways",
    meaning="A field has identifiers of one kind, each well-formed, but some with a prefix (RRID:, doi:) and some "
    "without, or some as a URL. Those are told that aren't written as most are.",
    why="The same identifier twice is two for whoever compares texts: keys don't meet, joins leave records out.",
    example="antibody\nRRID:AB_2534069\nAB_2340846",
    mend="Write all of them in one way at the source, or bring them into one before they are compared.",
    misses="Upper and lower case, http and https, hyphens in ISBNs; fields of compact identifiers of any prefix; lists "
    "of several identifiers.",
    suppressed_by=(*TABLE, *BAD_VALUE),
    dataset=True,
)

ODD_SHAPE = Code(
    id="identifiers/odd-shape",
    severity=WARNING,
    title="Identifier that is built otherwise than the others",
    meaning="Of values with letters and digits nearly all are built alike: SMP-00042 is three capitals, a hyphen and "
    "five digits. A few, at most one of fifty, aren't.",
    why="A letter, a hyphen or a zero was lost or mistyped, or the value is none: it meets no other table's.",
    example="sample\nSMP-00041\nSMP-00042\nSMP_00043        # among fifty",
    mend="Correct the value at the source; `pattern` in the schema says for certain how they are built.",
    misses="Fields of fewer than 50 values, and those of whose first values more than one in fifty is built "
    "otherwise; values with blanks; more digits than the others have; fields whose values begin with each thing's own "
    "name or letters, more than 20 different ones; versions, models, times, and quantities with a unit.",
    suppressed_by=(
        *TABLE,
        *WRONG_HEADER,
        *GARBLED,
        *BAD_VALUE,
        *ODD_TEXT,
        "text/mixed-case@field",
        "text/forbidden-value@field",
        "text/lost-character@field",
        "text/escaped@field",
        "keys/whitespace@field",
        "keys/case-variant@field",
        "keys/invisible-character@field",
        "keys/look-alike@field",
        "keys/nul-character@field",
        "keys/foreign-missing@field",
        "rules/value-mismatch@field",
        "spreadsheet/date-mangled-symbol@field",
        "spreadsheet/scientific-notation-id@field",
        "identifiers/malformed@field",
        "identifiers/unknown-prefix@field",
        "identifiers/deprecated-prefix@field",
        "identifiers/version-suffix@field",
        "identifiers/mixed-forms@field",
    ),
    dataset=True,
)

CODES = (MALFORMED, CHECKSUM, UNKNOWN, DEPRECATED, VERSION, MIXED, ODD_SHAPE)

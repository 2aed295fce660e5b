"""The codes of the ``numbers`` checker."""

from __future__ import annotations

from potable.checkers.explained import BAD_VALUE, BEYOND, CUT, ODD_TEXT, TABLE, WRONG_HEADER
from potable.engine.findings import Code, Severity

WARNING = Severity.WARNING

ODD_DAY = ("dates/implausible@field", "dates/future@field", "dates/sentinel@field")
"""What is odd about a day that is written as a number, 20240305."""

OUTLIER = Code(
    id="numbers/outlier",
    severity=WARNING,
    title="Number far from all others",
    meaning="A few numbers of a field stand apart: they lie three times the interquartile range beyond the quartiles "
    "(in logarithms too, where all are positive), and four times as far from the median as any other number does.",
    why="A decimal point is misplaced, a unit was mixed up, or 999 stands for a missing value; one such number spoils "
    "every mean.",
    example="wind_speed\n10.4\n8.1\n12.7\n1048.4",
    mend="Compare with the original. Where the number is right, switch this code off for the field; a number that "
    "stands for a missing value belongs under missingValues.",
    misses="Outliers that aren't so far off, more than 5 % of a field (numbers/sentinel tells of -9999), or of a field "
    "with fewer than 10 numbers "
    "(with fewer than 30, ten times as far is asked for). Keys, fields that the schema gives bounds, "
    "fields named as codes or identifiers, columns in whose first records numbers begin with a zero "
    '(032000) or count the rows, and texts of a format with types ("5" in JSON) aren\'t looked at. Where a '
    "few groups are much larger than the rest, as one town among villages, the large one is reported, and "
    "so is the diagonal of a matrix of correlations. Values of several quantities, which another field beside "
    "them tells apart: parameter and value, or an attribute of XML (name, dictRef, key, code).",
    suppressed_by=(
        *TABLE,
        *BAD_VALUE,
        *ODD_DAY,
        CUT,
        "numbers/mixed-epoch@field",
        "spreadsheet/truncated-cell@field",
    ),
    dataset=True,
)
SENTINEL = Code(
    id="numbers/sentinel",
    severity=WARNING,
    title="Number that stands for a missing value",
    meaning="A number that people and programs write for a missing value (-999, -9999, 9999, -32768, 9.96921e36 and "
    "the like) occurs at least three times in a field, and no other number lies near it or beyond it.",
    why="It counts as a measurement: a mean over -9999 means nothing.",
    example="temperature\n10.4\n-9999\n-9999\n12.7\n-9999",
    mend="List the number under missingValues, or leave the cells empty at the source.",
    misses="What numbers/outlier tells, up to 5 % of a field; numbers near the others: between a negative one and "
    "these must be as much room as they take up, unless none of them is negative (for -99 and -9 more is asked for), "
    "between a positive one and these four times as much, or half as much again where it's 5 % of the field. -1, where "
    "the others begin below 100; 9, 99 and the like, prices such as 99.99; positive ones in fields of prices, limits, "
    "scores or orders, and the year 9999 in a field of ends. Fields in which no outlier is looked for.",
    suppressed_by=(*TABLE, *BAD_VALUE, *BEYOND, *ODD_DAY),
    dataset=True,
)
COORDINATE = Code(
    id="numbers/bad-coordinate",
    severity=WARNING,
    title="Latitude or longitude that doesn't exist",
    meaning="In a field that its name calls a latitude a number lies beyond ±90, in one of longitudes beyond ±180 (or, "
    "where none is negative, beyond 360). Where the longitude of the record is within ±90, the two seem to be swapped. "
    "So is a record told of which both are just 0. "
    "In GeoJSON (documentElement: features, or a file of that suffix) the second number of a position is the latitude.",
    why="The place lies on no globe: maps drop it, or draw it elsewhere.",
    example="lat,lon\n52.5,13.4\n-122.4,37.8",
    mend="Swap the two where they're swapped; else correct the number, or leave both empty.",
    misses="Swapped numbers that are both within ±90. Fields where more than a fifth lies beyond, which aren't "
    "degrees, unless each of these is a longitude and each longitude a latitude; fields called lat, lon, lng or long "
    "where the other one isn't there: that may be a latency. All but the first position of a shape of GeoJSON.",
    suppressed_by=(*TABLE, *BAD_VALUE, *BEYOND),
)
MIXED_EPOCH = Code(
    id="numbers/mixed-epoch",
    severity=WARNING,
    title="Seconds and milliseconds in one field",
    meaning="All numbers of a field are times since 1970, of about the same years, most in one unit and some in "
    "another: seconds, milliseconds, microseconds or nanoseconds. The rarer ones are reported.",
    why="Read in the wrong unit, a time of 2024 is one of 1970 or of the year 55,000.",
    example="timestamp\n1711929600\n1711929660\n1711929720000",
    mend="Write all times in one unit, or as YYYY-MM-DDThh:mm:ssZ.",
    misses="Times before 1979 and after 2103, fields with fewer than 10 or with other numbers too, and fields in which "
    "no outlier is looked for.",
    suppressed_by=(*TABLE, *BAD_VALUE, *BEYOND),
    dataset=True,
)
MIXED_DECIMAL = Code(
    id="numbers/mixed-decimal",
    severity=WARNING,
    title="Decimal comma and decimal point in one field",
    meaning="Some numbers of a field have a decimal comma and some a decimal point. The rarer ones are reported.",
    why="A program reads 1,5 as a text or as 15.",
    example="dose\n1.5\n2.5\n1,5",
    mend="Write all numbers with a decimal point.",
    misses="Numbers with just three digits behind the sign (1,500): that may be a thousand and a half.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
UNIT = Code(
    id="numbers/unit-in-number",
    severity=WARNING,
    title="Unit beside the number",
    meaning="Among bare numbers a value has a unit or a currency: 5 kg, 12%, $5. Where at most one value of twenty "
    "has none, or one of another kind, those are told: 5 and 11 lbs among 12 kg and 300 g, €5 among $5.",
    why="The field is no number any more, and nobody knows which unit the bare ones are in; whoever strips the units "
    "takes pounds for kilograms.",
    example="weight\n5.2\n6.1\n5 kg",
    mend="Put the unit into the field's name or a field of its own, and convert the numbers to one unit.",
    misses="Units that aren't on the list of common ones; multiples of one unit among each other (kg and g, km and cm, "
    "days and years), 0 without a unit, and fields in which fewer than 20 values have the usual one; single letters "
    "where other letters follow numbers too (12a), as in house numbers.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)

ODD_SPELLING = Code(
    id="numbers/odd-spelling",
    severity=WARNING,
    title="Number that is spelled otherwise than the others",
    meaning="Among bare numbers a value is a number too, but has a footnote's mark (12*, 12 (a)), its minus behind it "
    "or in brackets (12-, (12)), another sign for it (−12), a word or sign before it (~12, <5, ca. 12), letters for "
    "digits (1O), digits of other scripts (１２), a formula's sign (=12, '12), grouped digits (1,234) where others "
    'of 1000 and more have none, a decimal (2012.0) where the others are whole numbers, or is a text ("12") in a '
    "format that tells texts from numbers. In a field that its name says to hold identifiers or years, all may have "
    "that decimal, and some are missing.",
    why="It's read as a text, as nothing, or as another number: (12) as 12, and 1,234 as 1.234. Compared as texts, "
    "2012.0 isn't 2012, and a look-up of 9606.0 finds nothing.",
    example="catch\n12\n14\n12*\n1O",
    mend="Write the bare number; what the mark says belongs into a field of its own.",
    misses="Ranges (5-7), numbers as words, letters of other kinds behind the number (12a), which house numbers have; "
    "fields of which more than a fifth of the values is spelled so, but for decimals, and for a minus behind or "
    "brackets; decimals in fields of fewer than 20 numbers, of which any is no whole one, or that are called versions "
    "or sections, and numbers of a format with types.",
    suppressed_by=(*TABLE, *BAD_VALUE, "text/unconverted@field"),
)

NO_NUMBER = Code(
    id="numbers/not-a-number",
    severity=WARNING,
    title="Text among numbers",
    meaning="Nearly all values of a field are numbers, and a few are none: a word, a date, two numbers in one cell, an "
    "infinite one. They are at most one of ten values where numbers have decimals, else one of fifty.",
    why="The whole column is read as text, or the value is dropped without a word.",
    example="wind_speed\n10.4\n8.1\nsensor off        # among fifty numbers",
    mend="Correct the value at the source; a word that stands for a missing value belongs under missingValues, and a "
    "remark into a field of its own.",
    misses="Fields of fewer than 20 values, or with more such texts; keys, fields named as codes or identifiers, and "
    "columns in whose first records numbers begin with a zero or count the rows; among whole numbers what a code may "
    "look like (12b, X, 90+). Texts of which another code tells, such as units, other spellings, N/A.",
    suppressed_by=(*TABLE, *WRONG_HEADER, *BAD_VALUE, *ODD_TEXT, "identifiers/malformed@field"),
    dataset=True,
)

INEXACT = Code(
    id="numbers/inexact",
    severity=WARNING,
    title="Number that most programs read as another one",
    meaning="A number of JSON that no double is: a whole number beyond 2⁵³ (9007199254740992) that is between two "
    "doubles, or a number beyond the range of doubles (1e400).",
    why="JavaScript, jq, pandas and many databases take each number of JSON for a double. Identifiers lose their last "
    "digits without a word, several become one and the same; a number beyond the range becomes infinity or 0.",
    example='{"id": 9007199254740993}   (read as 9007199254740992)',
    mend="Write identifiers as texts. Where all that read the data keep such numbers, switch this code off for the "
    "field.",
    misses="Whole numbers beyond 2⁵³ that happen to be doubles (half of those below 2⁵⁴, and fewer and fewer); what "
    "was changed already by the program that wrote the file; decimals of more digits than a double keeps. Rows of a "
    "database, and values that a program hands over, aren't looked at.",
    suppressed_by=(*BAD_VALUE, *BEYOND, "numbers/sentinel@field"),
)

CODES = (OUTLIER, SENTINEL, COORDINATE, MIXED_EPOCH, MIXED_DECIMAL, UNIT, ODD_SPELLING, NO_NUMBER, INEXACT)

"""The codes of the ``dates`` checker."""

from __future__ import annotations

from potable.checkers.explained import BAD_VALUE, BEYOND, DATESTAMP, ODD_TEXT, TABLE, WRONG_HEADER
from potable.engine.findings import Code, Severity

WARNING = Severity.WARNING

MIXED = Code(
    id="dates/mixed-formats",
    severity=WARNING,
    title="Dates written in several ways",
    meaning="Most dates of a field are written in one way and some in another: 2024-03-05 and 05/03/2024, or days "
    "first and months first. The rarer ones are reported.",
    why="A program reads one of them wrongly or not at all, and they don't sort.",
    example="collected\n2024-03-05\n2024-03-06\n07.03.2024",
    mend="Write all dates as YYYY-MM-DD.",
    misses="Dates with and without a time of day, and years or months alone (2024, 2024-03), which are taken for what "
    "they are. Fields named as versions, releases or builds hold no dates, "
    "unless they're listed under `fields`.",
    suppressed_by=(*TABLE, *BAD_VALUE, DATESTAMP),
)
AMBIGUOUS = Code(
    id="dates/ambiguous",
    severity=WARNING,
    title="Day and month can't be told apart",
    meaning="Dates such as 03/04/2024, in a field where no date tells which number is the month.",
    why="Half of the world reads 3 April, the other half 4 March; a wrong guess is never noticed.",
    example="collected\n03/04/2024\n05/06/2024",
    mend="Write all dates as YYYY-MM-DD, or say under `order` which comes first.",
    misses="A field in which one date tells (25/04/2024) is taken to be written so throughout. Dates with dots "
    "(03.04.2024) are read day first, as everywhere where they are used.",
    suppressed_by=(*TABLE, *BAD_VALUE, "dates/mixed-formats@field", DATESTAMP),
    dataset=True,
)
FUTURE = Code(
    id="dates/future",
    severity=WARNING,
    title="Date in the future",
    meaning="A date lies after the day on which the source was fetched (or `today`), in a field where most don't.",
    why="What was collected, born or published can't be ahead of today: a digit is wrong, or day and month swapped.",
    example="collected\n2024-03-05\n2204-03-06",
    mend="Correct the date at the source; where such dates are meant, switch this code off for the field.",
    misses="Years of two digits. A day's difference is allowed for, since it's already tomorrow elsewhere. Fields "
    "whose names speak of what is to come (expiry, due, valid until, eol) aren't looked at, nor is the year 9999, "
    "which stands for no end.",
    suppressed_by=(*TABLE, *BAD_VALUE, *BEYOND, "dates/implausible@field", DATESTAMP),
)
IMPLAUSIBLE = Code(
    id="dates/implausible",
    severity=WARNING,
    title="Implausible date",
    meaning="A date names a day that doesn't exist (2023-02-30), or lies before `earliest` or after `latest`.",
    why="Such a date is a slip, or stands for a missing one (0000-00-00).",
    example="born\n1984-07-12\n0000-00-00",
    mend="Correct the date at the source, or leave it empty when it isn't known.",
    misses="Dates that stand for a missing one but are days (1900-01-01, 1970-01-01), unless `earliest` rules "
    "them out: see dates/sentinel. The year 9999 stands for no end, and isn't reported. A field of whose first dates "
    "most are no days, other than 0000-00-00, is taken to hold something else, such as CAS numbers (7440-22-4), unless "
    "it's listed under `fields`; of dates without separators (20240305) all but one of twenty must be days, since most "
    "numbers of eight digits are something else.",
    suppressed_by=(*TABLE, *BAD_VALUE, *BEYOND, DATESTAMP),
)

SENTINEL = Code(
    id="dates/sentinel",
    severity=WARNING,
    title="Date that stands for a missing one",
    meaning="A day from which programs count (1970-01-01, 1900-01-01, 1899-12-30, 1904-01-01, 1601-01-01 and the like) "
    "occurs at least three times in a field, at least ten years before all other dates, and a quarter of the time that "
    "they span.",
    why="Where there's no date, a program has written its day 0; ages and intervals from it mean nothing.",
    example="joined\n2019-04-02\n1970-01-01\n2021-11-30\n1970-01-01\n1970-01-01",
    mend="Leave the cells empty at the source, or list the day under missingValues.",
    misses="Such a day once or twice, among fewer than ten other dates, or less far before them: births of 1970-01-01. "
    "Where the others begin on a first of January, as a field of years does, it must lie before them by all of the "
    "time that they span, and nothing is told where they end on one too. The year 9999, which stands for no end, isn't "
    "reported.",
    suppressed_by=(*TABLE, *BAD_VALUE, *BEYOND, "dates/implausible@field", DATESTAMP),
    dataset=True,
)
SERIAL = Code(
    id="dates/serial-number",
    severity=WARNING,
    title="A spreadsheet's number in place of a date",
    meaning="Among dates a value is a number of five digits, such as 44197, which a spreadsheet keeps for a day: "
    "counted from 1899-12-30 it lies where the other dates do, or within a year of them.",
    why="The cell lost its format as a date; a program reads the number as a text, a number or nothing.",
    example="collected\n2020-12-30\n2020-12-31\n44197        # 2021-01-01",
    mend="Format the whole column as dates in the spreadsheet, and export again.",
    misses="Numbers that count from 1904, days before 1927-05-18 and after 2173, and fields of which most values are "
    "such.",
    suppressed_by=(*TABLE, *BAD_VALUE, DATESTAMP),
    dataset=True,
)

NOT_A_DATE = Code(
    id="dates/not-a-date",
    severity=WARNING,
    title="Text among dates",
    meaning="Nearly all values of a field are dates, and a few, at most one of twenty, can't be read as one: a word, a "
    "time of day that there isn't, a letter for a digit.",
    why="The whole column is read as text, or the value is dropped without a word.",
    example="collected\n2024-03-05\n2024-03-06\n2O24-03-07        # among twenty dates",
    mend="Correct the value at the source; a word that stands for a missing date belongs under missingValues.",
    misses="Fields of fewer than 20 values, or with more such texts. Years, months, quarters, weeks and intervals are "
    "taken for what they are.",
    suppressed_by=(*TABLE, *WRONG_HEADER, *BAD_VALUE, *ODD_TEXT, DATESTAMP),
    dataset=True,
)
ZONES = Code(
    id="dates/mixed-zones",
    severity=WARNING,
    title="Times with and without a zone in one field",
    meaning="Some times of a field have a time zone (Z, UTC, +02:00) and some have none. The rarer ones are reported.",
    why="Those without are read in whatever zone the reader is in: they don't sort, and are hours off.",
    example="measured\n2024-03-05T10:00:00Z\n2024-03-05T10:10:00\n2024-03-05T10:20:00Z",
    mend="Write all times with their zone, best in UTC: 2024-03-05T10:00:00Z.",
    misses="Different zones in one field, and days without a time, which are taken for what they are.",
    suppressed_by=(*TABLE, *BAD_VALUE, "dates/mixed-formats@field", DATESTAMP),
    dataset=True,
)

CODES = (MIXED, AMBIGUOUS, FUTURE, IMPLAUSIBLE, SENTINEL, SERIAL, NOT_A_DATE, ZONES)

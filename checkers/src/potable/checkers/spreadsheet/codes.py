"""The codes of the ``spreadsheet`` checker."""

from __future__ import annotations

from potable.checkers.explained import BAD_TYPE, BAD_VALUE, CUT, NO_COLUMN, TABLE, UNREAD
from potable.engine.findings import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

MANGLED = Code(
    id="spreadsheet/date-mangled-symbol",
    severity=WARNING,
    title="Symbol turned into a date",
    meaning="Among gene symbols or codes a value is a date, such as 2-Sep: a spreadsheet makes that of SEPT2.",
    why="The symbol is lost: 2-Sep may have been SEPT2 or SEP2. A gene in five published tables out of a hundred is "
    "spoilt so.",
    example="symbol\nTP53\n2-Sep        # SEPTIN2, once SEPT2",
    mend="Export again from the database, not from the spreadsheet; import such columns as text.",
    misses="Symbols turned into a day's serial number (44441), dates in a column that neither its name nor most of its "
    "first values show to hold symbols (a name that speaks of a time, as gene_created, doesn't), and a column of "
    "hardly anything but dates; name it under `symbols`.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
SCIENTIFIC = Code(
    id="spreadsheet/scientific-notation-id",
    severity=WARNING,
    title="Identifier in scientific notation",
    meaning="Among identifiers a value is a number such as 2.31E+13: a spreadsheet makes that of 2310009E13, and of "
    "any number past eleven digits; R and pandas write 1e+11.",
    why="The last digits are lost, and different identifiers have become the same.",
    example="clone\n2310008H09Rik\n2.31E+13        # 2310009E13",
    mend="Export again from the database, not from the spreadsheet; import such columns as text.",
    misses="Identifiers in a column that neither its name nor most of its first values show to hold some (uid_score is "
    "called a score); name it under `ids`.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
ERROR_VALUE = Code(
    id="spreadsheet/error-value",
    severity=ERROR,
    title="A formula's error in place of a value",
    meaning="A cell holds what a spreadsheet shows where a formula has failed: #REF!, #N/A, #NAME?, #VALUE!, #DIV/0!, "
    "#NULL!, #NUM! and the like.",
    why="The value was never there, and what sums or joins the column takes the words for one.",
    example="total\n#REF!",
    mend="Mend the formula in the spreadsheet and export again.",
    misses="Errors inside a longer text, and those of spreadsheets in languages other than English, German, French, "
    "Spanish and Italian.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
TRUNCATED = Code(
    id="spreadsheet/truncated-cell",
    severity=WARNING,
    title="Value cut at a limit",
    meaning="The longest values of a column have exactly 255 or 32,767 characters, where spreadsheets and databases "
    "cut texts; or a value is exactly the greatest number of 32 or 64 bits, which is stored for any greater one.",
    why="The rest of the text, or the number itself, is lost.",
    example="abstract\n(a text of 255 characters that ends in the middle of a wor",
    mend="Export again without the limit, from a wider column.",
    misses="Texts cut elsewhere, or in a column where others are longer. A text that happens to be just so long, and "
    "the longest of its column, is reported.",
    suppressed_by=TABLE,
    dataset=True,
)
LOST_ZEROS = Code(
    id="spreadsheet/lost-zeros",
    severity=WARNING,
    title="Code that has lost its leading zeros",
    meaning="In a field of codes that are all digits and nearly all of one length, some with zeros in front, others "
    "are one or two digits shorter, and begin with no zero: 2139 among 02139 and 90210.",
    why="The code is another one, or none: look-ups and joins miss it, and nobody sees why.",
    example="zip\n02139\n90210\n2139",
    mend="Export again from the database, not from the spreadsheet; import such columns as text. Else pad the codes.",
    misses="Columns in whose first records fewer than one code in a hundred begins with a zero, or fewer than four in "
    "five have the full length; more shorter codes than such with zeros; columns in which a shorter one begins with a "
    "zero too, or that have other codes beside digits; postal codes in a table that has a field of countries, since "
    "those of another one may be shorter; codes of two digits.",
    suppressed_by=(*TABLE, *BAD_VALUE, "schema/min-length@field"),
    dataset=True,
)
SEQUENCE = Code(
    id="spreadsheet/broken-sequence",
    severity=WARNING,
    title="Break in a sequence",
    meaning="In a field that the definition calls a sequence (`checks: spreadsheet: sequences`) a value isn't an "
    "integer, or doesn't follow the one before.",
    why="Rows were lost, sorted apart from their neighbours, or a fill handle was dragged wrongly.",
    example="no\n1\n2\n4",
    mend="Compare with the original; number the records again only when none is lost.",
    suppressed_by=(
        *TABLE,
        CUT,
        *UNREAD,
        *NO_COLUMN,
        *BAD_TYPE,
        "schema/required@field",
        "rules/value-missing@field",
        "rows/constraint@field",
        "spreadsheet/error-value@field",
    ),
    dataset=True,
)

CODES = (MANGLED, SCIENTIFIC, LOST_ZEROS, ERROR_VALUE, TRUNCATED, SEQUENCE)

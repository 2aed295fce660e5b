"""The ``csv/*`` codes: what can be wrong with the form of a table."""

from __future__ import annotations

from functools import partial

from potable.engine.findings import Code, Severity
from potable.engine.reading.naming import made_up_code
from potable.engine.reading.sections import section_code
from potable.engine.reading.turned import transposed_code

_error = partial(Code, severity=Severity.ERROR)
_warning = partial(Code, severity=Severity.WARNING)
_MISREAD = (
    "csv/folded-lines", "csv/quoted-lines", "csv/wrong-delimiter", "csv/fixed-width", "csv/wrong-quote",
    "csv/wrong-header",
)  # fmt: skip
_MISCOUNTED = (*_MISREAD, "csv/header-length", "csv/second-table", "csv/runaway-quote")

MISSING_CELL = _error(
    id="csv/missing-cell",
    title="Record with too few cells",
    meaning="A record has fewer cells than the header. The missing ones count as absent.",
    why="Cells may have shifted: what stands in one column may belong to another.",
    example="id,name,age\n1,HeLa",
    mend="Complete the record at its source; look for a line break inside an unquoted cell. Where the file ends in "
    "the record it's probably cut off: get it again.",
    suppressed_by=(*_MISCOUNTED, "csv/cut-off", "csv/section"),
)
CUT_OFF = _error(
    id="csv/cut-off",
    title="File that ends within a character",
    meaning="The last record has fewer cells than the header, and ends in the first bytes of a character, without a "
    "line break; or the file is in UTF-16 or UTF-32, and ends in a part of a character. That is read as U+FFFD.",
    why="The rest of the record, and all records behind it, are missing.",
    example="id,name,age\n1,HeLa,30\n2,Caf\\xC3",
    mend="Get the file again, whole: a transfer broke off, or the disk was full.",
    misses="A file that is cut off between two characters (csv/missing-cell), or two records.",
    blocking=True,
    suppressed_by=_MISREAD,
)
EXTRA_CELL = _error(
    id="csv/extra-cell",
    title="Record with too many cells",
    meaning="A record has more cells than the header. Those beyond it are left out of all other checks.",
    why="Cells may have shifted: an unquoted delimiter in a text moves all that follows by a column.",
    example="id,name\n1,Smith, John",
    mend="Quote the cell that holds the delimiter, or remove the surplus cells.",
    suppressed_by=_MISCOUNTED,
)
TRAILING_DELIMITER = _error(
    id="csv/trailing-delimiter",
    title="Delimiter at the end of the record",
    meaning="A record ends in a delimiter, behind which nothing comes: it has one cell more than the header, and "
    "nothing in it. Told of tables in which nearly all of the first records are so; else it's csv/extra-cell.",
    why="Some readers refuse the record, some take its first cell for a row's name and move all others by a column.",
    example="id,name\n1,HeLa,\n2,CHO,",
    mend="Write the records without the delimiter at the end; or end the header in one too, if readers may see a "
    "column without a name.",
    misses="A table whose every record has an unquoted delimiter in a text and nothing in its last column.",
    suppressed_by=_MISCOUNTED,
)
BLANK_ROW = _warning(
    id="csv/blank-row",
    title="Blank row",
    meaning="A line without any character between records (it counts as no record), or a record whose cells are all "
    "empty. Blank lines at the end of a file are not reported, nor those before a note (csv/note).",
    why="Readers differ: some skip it, some make an empty record of it, some stop there.",
    example="1,HeLa\n,\n2,CHO",
    mend="Remove the row.",
    suppressed_by=("rows/all-blank", "csv/second-table", "csv/second-table@run"),
)
BLANK_HEADER = _error(
    id="csv/blank-header",
    title="Column without a name",
    meaning="A cell of the header is empty.",
    why="The column can't be addressed, and a reader that skips it moves all columns right of it.",
    example="id,,age",
    mend="Name the column, or remove it. A delimiter at the end of each line makes such a column at the end, an export "
    "with row names one at the start: row.names = FALSE in R, index=False in pandas.",
    suppressed_by=_MISREAD,
)
MADE_UP_HEADER = made_up_code("csv", _MISREAD)
DUPLICATE_HEADER = _error(
    id="csv/duplicate-header",
    title="Two columns of one name",
    meaning="A column has the name of an earlier one. The first is the field; the others are $.'name'[2] and so on.",
    why="Readers keep only one of the two, and not the same one.",
    example="id,name,name",
    mend="Rename or remove one of the columns.",
    suppressed_by=_MISREAD,
)
HEADER_WHITESPACE = _warning(
    id="csv/header-whitespace",
    title="Whitespace around a column's name",
    meaning="A name in the header starts or ends with whitespace. The field is known by the name without it, unless "
    "another column has that name; the spelling with it is understood too.",
    why="A definition that names the column without the blank doesn't find it in other readers.",
    example="id, name",
    mend="Remove the whitespace from the header.",
    suppressed_by=(*_MISREAD, "csv/spaced-delimiter", "csv/padded-cells@field"),
)
REPEATED_HEADER = _error(
    id="csv/repeated-header",
    title="Record that is the header again",
    meaning="All cells of a record are the names of their columns, maybe in capitals or small letters or with blanks "
    "around them. Tables of one column are left out.",
    why="It's no data: joined files and printed pages have such lines, and whoever ingests them stores the names.",
    example="id,name\n1,HeLa\nid,name\n2,CHO",
    mend="Remove the line; leave the header out of all files but the first when they are joined.",
    suppressed_by=_MISREAD,
)
HEADER_DIFFERS = _error(
    id="csv/header-differs",
    title="File with other columns",
    meaning="A file of the source hasn't the columns of its first file. Columns are matched by name: those that it "
    "lacks are absent in its records, those that only it has are left out, but for the primary key's.",
    why="Files of one source are meant to have one shape; a renamed column empties a field in a part of the records.",
    example="a.csv: id,name   b.csv: id,title",
    mend="Give all files the same header, or keep the odd file out by filenamePattern.",
)
HEADER_LENGTH = _error(
    id="csv/header-length",
    title="Header of another length than the records",
    meaning="All of the first records have one and the same number of cells, and the header has another number of "
    "names. Cells are taken for the columns from the left.",
    why="It isn't known which column a value belongs to: most often each value stands under its neighbour's name.",
    example="name,age\n1,Ann,30\n2,Bob,41",
    mend="Give the header one name for each column, in the order of the records' cells.",
    misses="Tables of fewer than five records, and such as have a column of a single name.",
    suppressed_by=_MISREAD,
)
TRANSPOSED = transposed_code("csv", "or beyond the first 64 KiB", _MISREAD)
SUBHEADER = _error(
    id="csv/subheader",
    title="Row under the header that is no record",
    meaning="The first record holds the columns' units or types, or names once more, above figures and dates; or a "
    "drawn line of hyphens. So may the second and third one.",
    why="It's no data: whoever ingests the file stores a record of units, and columns of numbers become texts.",
    example="site,depth,temp\n,(m),(°C)\nA,2.5,11.3",
    mend="Remove the row and put units into the names (depth_m); or skip it: set ignoreLines to its line.",
    misses="Units that aren't usual ones and stand in no brackets; tables without any column of figures or dates; "
    "a fourth such row, and two of one kind.",
    suppressed_by=_MISREAD,
)
NOTE = _error(
    id="csv/note",
    title="Note among the records",
    meaning="A line has one filled cell, the first, and its text is that of a note: where the data come from, when "
    "they were made, how many rows there are, what a mark means; or PostgreSQL's mark of the end, \\\\.",
    why="It's no data: whoever ingests the file stores a record of it, or stops there.",
    example="site,depth\nA,2.5\nSource: Harbour Office",
    mend="Remove the line from the data; say such things in the source's description. Lines that begin with a mark of "
    "their own, such as #, are left out where `comment` says so.",
    misses="Notes that begin like none of the usual ones, in other languages, or that fill several cells.",
    suppressed_by=(*_MISREAD, "csv/runaway-quote", "csv/second-table"),
)
TOTAL = _error(
    id="csv/total",
    title="Row of totals among the records",
    meaning="The last record (or one of the last three) is called a total, or its first cell alone is blank, and what "
    "stands in it is the sum or the mean of the records above; or it's called a total, and a cell is blank that is "
    "filled in all other records. With it the rows of groups are told that add up.",
    why="It's no data: whoever sums the column up counts everything twice.",
    example="site,boats\nHarbour,12\nPier,7\nQuay,3\nTotal,22",
    mend="Remove the row: who needs the total can add it up.",
    misses="Files of more than 1 MiB, tables of fewer than three other records, medians and other figures than sums "
    "and means, words of languages that aren't known here, and a total that is a value of its column several times, "
    "as beside male and female in each year.",
    suppressed_by=_MISCOUNTED,
)
SECTION = section_code("csv", "files of more than 1 MiB", _MISCOUNTED)
PROGRAM_OUTPUT = _error(
    id="csv/program-output",
    title="Message of a program among the records",
    meaning="A line hasn't as many cells as the header, and its text is one that a program writes when it fails, or "
    "for its log: HTML of a server, an error of PHP, Python, Java or a database, marks of a merge that conflicts.",
    why="The export or the transfer broke off there: records are missing, in most cases all that should follow.",
    example="id,name\n1,HeLa\nPHP Fatal error:  Allowed memory size of 134217728 bytes exhausted in /a.php on line 45",
    mend="Get the file again, whole. Where it's the same again, its owner must know: the message says what failed.",
    misses="Messages of other programs, and those that happen to have as many cells as a record.",
    suppressed_by=(*_MISREAD, "csv/runaway-quote", "csv/second-table"),
)
SECOND_TABLE = _error(
    id="csv/second-table",
    title="Second table in the file",
    meaning="Behind a blank line another header stands, and records of its own below it. Counted are all records from "
    "it on, the header included, and a row of delimiters above it.",
    why="The records of one table are read under the names of the other.",
    example="id,age\n1,30\n2,41\n\ncode,label,order\na,first,1\nb,second,2",
    mend="Put each table into a file of its own.",
    misses="Tables without a blank line between them, or without any column of figures or dates. A blank row of "
    "delimiters is looked for in the first 8 MiB.",
    suppressed_by=_MISREAD,
)
FIXED_WIDTH = _error(
    id="csv/fixed-width",
    title="Columns of fixed width, or drawn",
    meaning="Split at the declared delimiter the file has one column, and what stands in it is in columns of its own, "
    "below each other and with blanks between: text for the eye, as printers and database clients write it. Or the "
    "table is one of Markdown or one that is drawn with bars and lines, or the first line is a client's prompt with a "
    "command.",
    why="The table has one column: every field is missing.",
    example="id     name       age\n1      HeLa        30\n2      CHO         41",
    mend="Have the table exported with a delimiter; a fixed-width file must be split at its columns before.",
    misses="Tables of two columns, or of fewer than five records, and columns that touch each other.",
)
FOLDED_LINES = _error(
    id="csv/folded-lines",
    title="Lines broken at a width",
    meaning="Records go on in the next line: each line was broken at a number of characters, or between words before "
    "it. Put together again, they have as many cells as the header. Seen in the first 300 lines.",
    why="Each part of a record is read as a record of its own, and values are cut in two.",
    example="id,name,note\n1,HeLa,a cell line that was taken from a pat\nient in 1951",
    mend="Get the file as it was exported, as an attachment: a mail program, a terminal or an editor has broken its "
    "lines.",
    misses="Fewer than five broken lines, or such that aren't among the first 300.",
)
UNCLOSED_QUOTE = _error(
    id="csv/unclosed-quote",
    title="Quote that is never closed",
    meaning="A cell starts with a quote, and up to the end of the file (or as far as a record may reach) no quote "
    "closes it. Reading stops at its record.",
    why="All lines behind it are swallowed by that cell.",
    example='2,"HeLa\n3,CHO',
    mend="Close the quote, or double it where it's meant literally; if the file has no quoting, empty textQuote.",
    blocking=True,
)
RUNAWAY_QUOTE = _error(
    id="csv/runaway-quote",
    title="Quoted cell that ran over lines",
    meaning="A quoted cell holds a line break, and its closing quote is followed by text instead of a delimiter: most "
    "likely the cell's own closing quote is missing, and that one opens a later cell.",
    why="The lines between are swallowed: their records are missing and nothing says so.",
    example='2,"HeLa\n3,"CHO"',
    mend="Close the quote in the line that the message names, or double quotes that are meant literally.",
    suppressed_by=("csv/wrong-delimiter",),
)
STRAY_QUOTE = _warning(
    id="csv/stray-quote",
    title="Quote out of place",
    meaning="A record has a quote inside an unquoted cell, or text behind a closing quote. It is kept literally.",
    why="Readers differ in what they make of it; an odd number of such quotes swallows lines in some.",
    example='3,5" pipe',
    mend='Quote the whole cell and double the quotes in it: "5"" pipe".',
    suppressed_by=(
        "csv/quoted-lines",
        "csv/wrong-delimiter",
        "csv/wrong-quote",
        "csv/program-output",
        "text/unconverted",
    ),
)
QUOTED_LINES = _error(
    id="csv/quoted-lines",
    title="Lines that are quoted as a whole",
    meaning="The header and all of the first records are one quoted cell each, and inside it a delimiter splits them "
    "all into the same columns: ones that the definition names, or at least three.",
    why="The table has one column: every field is missing.",
    example='"id,name,age"\n"1,HeLa,30"\n"2,CHO,41"',
    mend="Take the quotes around each line away, and halve those that are doubled inside. Spreadsheets write such "
    "lines when a table stands in one column: split it there (text to columns) before it is exported.",
    misses="A table of two columns whose definition names none of them.",
)
WRONG_DELIMITER = _error(
    id="csv/wrong-delimiter",
    title="Another delimiter than declared",
    meaning="Split at the declared delimiter the file has one column, or no record has as many cells as the header; "
    "but the definition names several columns, or another delimiter splits header and first records alike. Or one "
    "blank is behind each delimiter, and quotes behind that: the two separate the cells.",
    why="Every field would be missing, or quoted cells torn apart.",
    example="id;name;age   read with delimiter ,",
    mend="Set delimiter in the definition to the one that the message names.",
    misses="A wrong delimiter that splits the header and one of the first records alike. Columns that are padded with "
    "several blanks.",
)
SPACED_DELIMITER = _warning(
    id="csv/spaced-delimiter",
    title="Blank behind each delimiter",
    meaning="One blank is behind each delimiter, in the header and in nearly all of the first records. Values and the "
    "names of columns are read with it; it isn't told of each of them again.",
    why="Dates, look-ups and joins fail by it, and readers differ in whether they leave it out.",
    example="id, name\n1, HeLa\n2, CHO",
    mend="Set delimiter in the definition to the one that the message names, or write the table without the blanks.",
    misses="Columns that are padded with several blanks; tables of fewer than five records.",
)
PADDED_CELLS = _warning(
    id="csv/padded-cells",
    title="Cells padded with blanks",
    meaning="In several columns nearly all cells of the first records have blanks at an end, or all are equally long, "
    "and blanks make them so. Values and the names of these columns are read with them; it isn't told of each of "
    "them again.",
    why="Dates, look-ups and joins fail by it, and readers differ in whether they leave it out.",
    example="id   ,name  \n1    ,HeLa  \n2    ,Jurkat",
    mend="Have the values trimmed when the table is exported: TRIM, or VARCHAR in place of CHAR in a database, as text "
    "with a delimiter (not of fixed width) in others.",
    misses="A single column (text/whitespace); tables of fewer than five records; what is wrong with other blanks in "
    "these columns.",
    suppressed_by=_MISREAD,
)
WRONG_QUOTE = _error(
    id="csv/wrong-quote",
    title="Another quote than declared",
    meaning="The names in the header all stand in another quote than the declared one; or some of the first records "
    "have the wrong number of cells, and with the other quote all have the right one. Or quotes in cells stand behind "
    "a backslash where no escapeCharacter is declared, or those around cells are written as &quot;; or all cells are "
    "quoted twice.",
    why="Delimiters inside quoted cells move what follows by a column, and each value keeps its quotes.",
    example="id,name\n1,'Smith, John'   read with textQuote \"",
    mend="Set textQuote in the definition to the one that the message names, or escapeCharacter.",
    misses="Another quote that is used far behind the beginning only, or where no delimiter is quoted.",
    suppressed_by=("csv/wrong-delimiter",),
)
WRONG_HEADER = _error(
    id="csv/wrong-header",
    title="Header that isn't where it was declared",
    meaning="The line that is read as the header has none of the columns that the definition names, and another line "
    "near the beginning has them, or its cells look like the values behind it. Where the definition names no column: "
    "at least half of its cells are figures or dates above such; or the line is a title, one filled cell above records "
    "of several; or it names groups of columns, and the columns' names stand below. Names that stand in two lines, so "
    "that both together name a column, are told whatever the definition names; so is a first line such as sep=;.",
    why="Every field would be missing; of a table without a header the first record is lost.",
    example="1,Ann,30\n2,Bob,41   # the definition names id, name, age",
    mend="Set headerLine to the header's line, or to 0 where there's none.",
    misses="A table without a header whose cells are all texts that occur once; a title of several cells, or one above "
    "a table of texts alone, where the definition names no column.",
    suppressed_by=("csv/wrong-delimiter", "csv/wrong-quote"),
)
NO_RECORDS = _error(
    id="csv/no-records",
    title="No records",
    meaning="There is no line of data behind the header, or not even a header.",
    why="An ingest would replace the source with nothing.",
    example="id,name",
    mend="Look at the file; if it has data, correct headerLine, ignoreLines or comment.",
    blocking=True,
    suppressed_by=("access/empty",),
)
MANY_COLUMNS = _error(
    id="csv/many-columns",
    title="Too many columns",
    meaning="The header has more columns than Limits.columns. Reading stops there.",
    why="Such a header is nearly always a file without line breaks, or split at the wrong delimiter.",
    example="a header of 200,000 cells",
    mend="Check delimiter and line endings; if the table is that wide, raise Limits.columns.",
    blocking=True,
)
LONG_RECORD = _error(
    id="csv/long-record",
    title="Record longer than the limit",
    meaning="A record is longer than Limits.record_bytes. Reading stops there.",
    why="Such a record is nearly always binary data or a file without line breaks; it would fill the memory.",
    example="a line of 40 MB",
    mend="Check that the file is a table and how its lines end; if records are that long, raise Limits.record_bytes.",
    blocking=True,
)

CSV_CODES: tuple[Code, ...] = (
    MISSING_CELL,
    CUT_OFF,
    EXTRA_CELL,
    TRAILING_DELIMITER,
    BLANK_ROW,
    BLANK_HEADER,
    MADE_UP_HEADER,
    DUPLICATE_HEADER,
    HEADER_WHITESPACE,
    REPEATED_HEADER,
    HEADER_DIFFERS,
    HEADER_LENGTH,
    TRANSPOSED,
    SUBHEADER,
    NOTE,
    TOTAL,
    SECTION,
    PROGRAM_OUTPUT,
    SECOND_TABLE,
    FIXED_WIDTH,
    FOLDED_LINES,
    UNCLOSED_QUOTE,
    RUNAWAY_QUOTE,
    STRAY_QUOTE,
    QUOTED_LINES,
    WRONG_DELIMITER,
    SPACED_DELIMITER,
    PADDED_CELLS,
    WRONG_QUOTE,
    WRONG_HEADER,
    NO_RECORDS,
    MANY_COLUMNS,
    LONG_RECORD,
)
"""All of them, in the order of the reference."""

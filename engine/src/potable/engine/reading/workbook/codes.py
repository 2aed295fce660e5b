"""The ``excel/*`` codes: what can be wrong with a workbook."""

from __future__ import annotations

from functools import partial

from potable.engine.findings import Code, Severity
from potable.engine.reading.naming import name_codes
from potable.engine.reading.sections import section_code
from potable.engine.reading.turned import transposed_code

_error = partial(Code, severity=Severity.ERROR)
_warning = partial(Code, severity=Severity.WARNING)

UNREADABLE = _error(
    id="excel/unreadable",
    title="Workbook that can't be read",
    meaning="The file isn't a workbook, is damaged, was cut off, or is protected by a password.",
    why="None of its records can be had.",
    example="a workbook that asks for a password when it's opened",
    mend="Open the file in a spreadsheet program and save it again, as .xlsx and without a password.",
    blocking=True,
    suppressed_by=("access/empty", "access/media-type"),
)
UNKNOWN_SHEET = _error(
    id="excel/unknown-sheet",
    title="Sheet that doesn't exist",
    meaning="The workbook has no sheet of the name or number that the definition gives.",
    why="The sheet was renamed or removed: none of its records can be had.",
    example="sheet: Animals   # the workbook has 'animals 2024' and 'plants'",
    mend="Set sheet in the definition to one of those that the message names.",
    blocking=True,
)
NO_RECORDS = _error(
    id="excel/no-records",
    title="No records",
    meaning="There is no row with a value behind the header, or no header. The message names the sheets there are.",
    why="An ingest would replace the source with nothing.",
    example="a sheet of notes before the sheet of data",
    mend="Look at the workbook; if it has data, set sheet, headerLine or ignoreLines in the definition.",
    blocking=True,
    suppressed_by=("access/empty", "excel/wrong-sheet"),
)
TOO_LARGE = _error(
    id="excel/too-large",
    title="Sheet too large",
    meaning="Held in memory, as it must be, the sheet would take more than Limits.workbook_bytes. Reading stops there.",
    why="It would fill the memory; such a sheet has most often one stray cell far from the others.",
    example="a table of ten rows, and a blank that was typed into the cell XFD1048576",
    mend="Remove the stray cell, or have the table exported as CSV; if it is that large, raise Limits.workbook_bytes.",
    blocking=True,
)
MANY_COLUMNS = _error(
    id="excel/many-columns",
    title="Too many columns",
    meaning="The sheet has more columns than Limits.columns. Reading stops there.",
    why="Such a table is nearly always one that was turned by 90 degrees, or has a stray cell far to the right.",
    example="a stray cell in the last column, XFD",
    mend="Remove the stray cell; if the table is that wide, raise Limits.columns.",
    blocking=True,
)
BLANK_ROW = Code(
    id="excel/blank-row",
    severity=Severity.WARNING,
    title="Blank row",
    meaning="A row without any value between records; it counts as no record. Blank rows behind the last record are "
    "not reported, nor those before a note (excel/note).",
    why="Readers differ: some skip it, some make an empty record of it, some stop there.",
    example="two tables in one sheet, with a blank row between them",
    mend="Remove the row.",
    suppressed_by=("excel/wrong-sheet",),
)

NO_RESULT = _error(
    id="excel/no-result",
    title="Formula without a result",
    meaning="A cell has a formula, and the file holds no result of it. The value is null.",
    why="The file was written by a program that calculates nothing; whoever reads it without a spreadsheet program "
    "gets nothing where a value should be.",
    example="=B2*C2   (written by a script, never opened in a spreadsheet program)",
    mend="Open the file in a spreadsheet program and save it again; or write values instead of formulas.",
    misses="Programs that write 0 as the result of each formula; .xls and .xlsb. A result that is the empty text is "
    "taken for none where the file doesn't mark it as a text.",
)
INEXACT_NUMBER = _warning(
    id="excel/inexact-number",
    title="Number of more digits than a cell keeps",
    meaning="A whole number beyond 2⁵³ (9007199254740992) with 15 digits or more. A cell holds a double: digits behind "
    "the fifteenth may have been changed when it was entered, and aren't all told here.",
    why="Long identifiers (barcodes, accession numbers, cards) lose their last digits without a word.",
    example="12345678901234567891   (kept as 12345678901234567168)",
    mend="Have the identifiers entered as text; those that have lost digits must be had from their source again.",
    misses="Numbers below 2⁵³ of 16 digits, whose last one was made 0 on entering them.",
)
INEXACT_KEY = _error(
    id="excel/inexact-key",
    title="Key of more digits than a cell keeps",
    meaning="A field of the primary key holds a whole number beyond 2⁵³ (9007199254740992) with 15 digits or more. A "
    "cell holds a double, in which identifiers that differ in their last digits are one and the same number.",
    why="The key isn't the identifier that was meant: it's found nowhere else, and it may be that of several records.",
    example="12345678901234567891 and 12345678901234567892   (both kept as 12345678901234567168)",
    mend="Have the identifiers entered as text; those that have lost digits must be had from their source again.",
    misses="Numbers below 2⁵³ of 16 digits, whose last one was made 0 on entering them. A key that is a number beyond "
    "2⁵³ by nature, and was computed, is told all the same: switch this code off for it.",
)
MERGED_CELLS = _warning(
    id="excel/merged-cells",
    title="Merged cells",
    meaning="Cells of the header or the data are merged. Only the first of them has a value, the others are empty.",
    why="Whoever looks at the sheet sees the value beside all rows; whoever reads it gets nulls in all but the first.",
    example="a group's name merged over its five rows",
    mend="Unmerge the cells, and write the value into each row that it's meant for.",
    misses=".xlsb.",
    suppressed_by=("excel/wrong-sheet", "excel/wrong-header"),
)
WRONG_SHEET = _error(
    id="excel/wrong-sheet",
    title="Sheet that isn't the table",
    meaning="The definition doesn't say which sheet is meant, and the first one, which is read, isn't it: it has none "
    "of the columns that the definition names, and another sheet has them; or it's called as sheets without records "
    "are (Readme, Cover, Contents, Notes ...), where the definition names no column and there's another sheet.",
    why="What is read isn't the data: they aren't checked, and an ingest would replace the source with a cover sheet.",
    example="sheets Readme and Data, of which Readme is read",
    mend="Set sheet in the definition to the sheet that holds the records.",
    misses="Cover sheets of other names, where the definition names no column.",
)
WRONG_HEADER = _error(
    id="excel/wrong-header",
    title="Header that isn't where it was declared",
    meaning="The row that is read as the header has none of the columns that the definition names, and another row "
    "has them, or its cells look like the values behind it. Where the definition names no column: at least half of its "
    "cells are figures or dates above such; or the row is a title, or names groups of columns, and the columns' names "
    "stand below, above figures or dates. Names that stand in two rows, so that both together name a column, are "
    "told whatever the definition names.",
    why="Every field would be missing, and rows of title become records.",
    example="People of the study, 2024\n\nid | name | age",
    mend="Set headerLine to the header's row, or to 0 where there's none.",
    misses="A title above a table of texts alone, where the definition names no column; a table without a header whose "
    "cells are all texts that occur once.",
    suppressed_by=("excel/wrong-sheet",),
)
TRANSPOSED = transposed_code("excel", "or 100 rows of a sheet", ("excel/wrong-sheet", "excel/wrong-header"))
SUBHEADER = _error(
    id="excel/subheader",
    title="Row under the header that is no record",
    meaning="The first record holds the columns' units or types, or names once more, above figures and dates.",
    why="It's no data: whoever ingests the file stores a record of units, and columns of numbers become texts.",
    example="site | depth | temp\n     | (m)   | (°C)\nA    | 2.5   | 11.3",
    mend="Remove the row and put units into the names (depth_m); or skip it: set ignoreLines to its row.",
    misses="Units that aren't usual ones and stand in no brackets; tables without any column of figures or dates; "
    "further rows under it.",
)
NOTE = _error(
    id="excel/note",
    title="Note among the records",
    meaning="A row has one filled cell, the first, and its text is that of a note: where the data come from, when they "
    "were made, how many rows there are, what a mark means.",
    why="It's no data: whoever ingests the file stores a record of it.",
    example="site | depth\nA    | 2.5\nSource: Harbour Office",
    mend="Remove the row from the data; say such things in the source's description.",
    misses="Notes that begin like none of the usual ones, in other languages, or that fill several cells.",
    suppressed_by=("excel/wrong-sheet",),
)
STRAY_CELL = _error(
    id="excel/stray-cell",
    title="Cell far below the table",
    meaning="The last row, or one of the last two, has one filled cell, as no row of the table has, and two blank rows "
    "or more are above it. The row counts as a record; the blank rows aren't told.",
    why="It's no record: most often something was typed there by accident, or is a remark. Whoever ingests the sheet "
    "stores it.",
    example="a table that ends in row 31, and 'x' in the cell C60",
    mend="Remove the cell; a remark belongs into a field of its own, or into the source's description.",
    misses="Sheets of more than 100,000 cells, tables of fewer than three other records.",
    suppressed_by=("excel/wrong-sheet", "excel/note", "excel/total"),
)
SECTION = section_code("excel", "sheets of more than 100,000 cells", ("excel/wrong-sheet", "excel/wrong-header"))
HIDDEN_ROW = _warning(
    id="excel/hidden-row",
    title="Hidden row",
    meaning="A record's row is hidden in the workbook, by hand or by a filter. It's read and checked as all others.",
    why="Whoever looks at the sheet doesn't see the record, and may have hidden it instead of removing it.",
    example="a sheet that is filtered by year, of which only the rows of 2024 are seen",
    mend="Show all rows; remove those that aren't meant.",
    misses=".xls and .xlsb; rows whose height is 0.",
    suppressed_by=("excel/wrong-sheet",),
)
HIDDEN_COLUMN = _warning(
    id="excel/hidden-column",
    title="Hidden column",
    meaning="A column with values is hidden in the workbook. It's read and checked as all others.",
    why="Whoever looks at the sheet doesn't see it: it may hold what nobody meant to hand on, such as names.",
    example="columns A and C, and between them a hidden one",
    mend="Show the column; remove it if it isn't meant.",
    misses=".xls and .xlsb; columns whose width is 0.",
    suppressed_by=("excel/wrong-sheet",),
)
SECOND_TABLE = _error(
    id="excel/second-table",
    title="Second table in the sheet",
    meaning="Behind blank rows another header stands, with records of its own below it; or behind a blank column, with "
    "more or fewer rows than the first table has. Of one below are counted all records from it on, the header "
    "included.",
    why="The records of one table are read under the names of the other, or beside its records.",
    example="id | age\n1  | 30\n2  | 41\n\ncode | label | order\na    | first | 1\nb    | second | 2",
    mend="Put each table into a sheet of its own.",
    misses="Tables without a blank row or column between them, or without any column of figures or dates; tables "
    "beside each other that end in the same row and have other names; sheets of more than 100,000 cells.",
    suppressed_by=("excel/wrong-sheet", "excel/wrong-header"),
)
REPEATED_HEADER = _error(
    id="excel/repeated-header",
    title="Header among the records",
    meaning="A record has the names of the columns as its values.",
    why="Tables were joined with their headers: whoever ingests the sheet stores a record of names.",
    example="id | name\n1  | HeLa\nid | name\n2  | CHO",
    mend="Remove the row; leave the header out of all tables but the first when they are joined.",
    misses="Sheets of more than 100,000 cells.",
    suppressed_by=("excel/wrong-sheet", "excel/wrong-header", "excel/second-table"),
)
UNSPLIT = _error(
    id="excel/unsplit",
    title="Rows in one cell each",
    meaning="The sheet has one column, and in each of its first cells stands a whole row, with delimiters in it: as "
    "many as in the header.",
    why="The table has one column: every field is missing.",
    example="id;name;age\n1;HeLa;30   (each line in one cell)",
    mend="Open the text file anew and have it split at the delimiter (data > text to columns in a spreadsheet), or "
    "ingest the text file itself.",
    misses="Tables of two columns, or of fewer than three records.",
    suppressed_by=("excel/wrong-sheet",),
)
TOTAL = _error(
    id="excel/total",
    title="Row of totals among the records",
    meaning="The last record (or one of the last three) is called a total, or its first cell alone is blank, and what "
    "stands in it is the sum or the mean of the records above; or it's called a total, and a cell is blank that is "
    "filled in all other records. With it the rows of groups are told that add up.",
    why="It's no data: whoever sums the column up counts everything twice.",
    example="site    | boats\nHarbour | 12\nPier    | 7\nQuay    | 3\nTotal   | 22",
    mend="Remove the row: who needs the total can add it up.",
    misses="Sheets of more than 100,000 cells, tables of fewer than three other records, medians and other figures "
    "than sums and means, words of languages that aren't known here, and a total that is a value of its column several "
    "times.",
    suppressed_by=("excel/wrong-sheet", "excel/wrong-header"),
)
OTHER_SHEETS = Code(
    id="excel/other-sheets",
    severity=Severity.INFO,
    title="Sheets that aren't read",
    meaning="The workbook has further sheets, and the definition doesn't say which one is meant: the first that isn't "
    "hidden is read.",
    why="Data in other sheets, hidden ones too, aren't checked. When somebody moves a sheet, another one is read.",
    example="sheets 2023 and 2024, of which only 2023 is read",
    mend="Set sheet in the definition to the sheet that holds the records.",
    suppressed_by=("excel/wrong-sheet", "excel/no-records"),
)

EXCEL_CODES: tuple[Code, ...] = (
    UNREADABLE, UNKNOWN_SHEET, NO_RECORDS, TOO_LARGE, MANY_COLUMNS, BLANK_ROW, NO_RESULT, INEXACT_NUMBER, INEXACT_KEY,
    MERGED_CELLS, WRONG_SHEET, UNSPLIT, WRONG_HEADER, TRANSPOSED, REPEATED_HEADER,
    SUBHEADER, NOTE, SECOND_TABLE, STRAY_CELL, SECTION, TOTAL, HIDDEN_ROW, HIDDEN_COLUMN,
    OTHER_SHEETS,
    *name_codes("excel", (WRONG_SHEET.id, WRONG_HEADER.id, SECOND_TABLE.id)),
)  # fmt: skip
"""All of them, in the order of the reference."""

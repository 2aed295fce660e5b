"""The codes of the ``text`` checker."""

from __future__ import annotations

from potable.checkers.explained import BAD_VALUE, CUT, GARBLED, HEADERLESS, NO_COLUMN, PADDED, SPACED, TABLE
from potable.engine.findings import Code, Severity

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

WHITESPACE = Code(
    id="text/whitespace",
    severity=WARNING,
    title="Stray white space",
    meaning="A value begins or ends with white space, or has two blanks in a row.",
    why='"mouse" and "mouse " are two values: groups split, look-ups and joins fail, and nobody sees why.',
    example='species\n"mouse "',
    mend="Strip the values and close the doubled blanks at the source.",
    misses="Two blanks behind . ! ? : ; which many people type on purpose. The leader, control fields and indicators "
    "of MARCXML, where a blank is a value. In a field of the primary key white space at the ends is keys/whitespace.",
    suppressed_by=(
        *TABLE,
        SPACED,
        PADDED,
        *BAD_VALUE,
        "identifiers/malformed@field",
        "rules/value-mismatch@field",
        "keys/foreign-missing@field",
        "text/program-output@field",
        CUT,
    ),
)
INVISIBLE = Code(
    id="text/invisible-character",
    severity=WARNING,
    title="Invisible character",
    meaning="A value holds a character that can't be seen: zero-width, a soft hyphen, a direction mark, or a "
    "no-break space "
    "at an end, beside another blank, or between two words.",
    why="Values that look alike are different ones: groups split, look-ups and joins fail, and nobody sees why.",
    example="name\nAnna\\u200b",
    mend="Take the character out at the source; it usually came with a copy from a web page or document.",
    misses="Characters that belong to their script: joiners in Persian, Indic and emoji, direction marks in texts "
    "that run from "
    "right to left, zero-width spaces in Thai and Khmer, no-break spaces beside digits and punctuation. A no-break "
    "space that "
    "keeps two words together on purpose is reported. In a field of the primary key it's keys/invisible-character.",
    suppressed_by=TABLE,
)
CONTROL = Code(
    id="text/control-character",
    severity=WARNING,
    title="Control character",
    meaning="A value holds a control character (U+0001 to U+001F, U+007F to U+009F) other than tab and line end.",
    why="XML can't carry it, terminals obey it, and most readers stop or drop something at it.",
    example="note\nsee\\x0bbelow",
    mend="Take the character out at the source; U+0080 to U+009F usually come from CP1252 read as Latin-1.",
    misses="NUL bytes of a table, and NUL in a key: encoding/nul-byte and keys/nul-character tell of them.",
    suppressed_by=TABLE,
)
MOJIBAKE = Code(
    id="text/mojibake",
    severity=WARNING,
    title="Text decoded wrongly",
    meaning="A value looks like UTF-8 that was read as Latin-1 or CP1252, or holds U+FFFD, which stands for bytes "
    "that couldn't be decoded; also where the schema lists it as right.",
    why="Names are spoilt for good once the wrong text is stored.",
    example="city\nZÃ¼rich        # Zürich",
    mend="Read the source in the encoding that it was written in, and export again.",
    misses="Other mix-ups (Mac Roman, Shift JIS, UTF-8 read twice as CP1251), and a single character that isn't in the "
    "middle of a word, where its wrong reading may be meant (Ø°).",
    suppressed_by=(*TABLE, *GARBLED, "encoding/declared-mismatch", "json/lone-surrogate"),
)
LOST = Code(
    id="text/lost-character",
    severity=WARNING,
    title="Question mark in place of a letter",
    meaning="A value has a question mark in the middle of a word: M?ller. A program writes one for each character that "
    "its encoding doesn't have.",
    why="The letter is lost, and the word is another one: it isn't found, and doesn't match.",
    example="name\nM?ller        # Müller",
    mend="Export again in UTF-8; else correct the values by the original.",
    misses="Question marks at the ends of words, before capitals, and in values with signs of URLs, formulas or "
    "patterns (= / & ( * and the like), or with three of them and more; fields named as URLs, patterns and the like.",
    suppressed_by=(*TABLE, *GARBLED, *BAD_VALUE, "text/mojibake@field", "text/program-output@field"),
)
ESCAPED = Code(
    id="text/escaped",
    severity=WARNING,
    title="Escaped character",
    meaning="A value holds an escape in place of the character that it stands for: \\u00fc or \\xfc, \\' or \\\", "
    "\\n, or %C3%BC outside of a URL.",
    why="The text was escaped once too often, or not read back: it's shown as it is, isn't found, and doesn't match.",
    example="name\nM\\u00fcller        # Müller",
    mend="Undo the escapes where the data are exported; where they are meant, as in patterns, switch this code off for "
    "that field.",
    misses="Line breaks before a small letter, since paths (C:\\new) have such; JSON in a value; fields named as URLs, "
    "paths, patterns, code and the like.",
    suppressed_by=(*TABLE, *BAD_VALUE, "text/program-output@field", "text/unconverted@field"),
)
MARKUP = Code(
    id="text/markup",
    severity=WARNING,
    title="HTML in a text",
    meaning="A value holds an HTML tag, comment, or a character reference such as &amp;.",
    why="It's shown as it is, or runs as markup where the text is put into a page.",
    example="title\nEffects of H<sub>2</sub>O &amp; light",
    mend="Export plain text; where markup is meant, switch this code off for that field.",
    misses="Tags that HTML doesn't have, and single-letter tags behind a letter: gene symbols write alleles so "
    "(Tyr<c>). A phrase's tag in front with a blank behind it, where no other tag follows: Unicode notes so what a "
    "character is (<sub> 0069).",
    suppressed_by=(*TABLE, "text/program-output@field"),
)
OUTPUT = Code(
    id="text/program-output",
    severity=WARNING,
    title="Message of a program in a value",
    meaning="A value holds what a program writes when it fails: a warning or an error of PHP with its file and line, a "
    "traceback of Python, an SQLSTATE or an ORA number.",
    why="The program that wrote the data failed right there: the value is lost, and those behind it may be.",
    example="name\nNotice: Undefined index: name in /var/www/export.php on line 45",
    mend="Tell the source's owner: the message says what failed, and where. Where such messages are the data, as in a "
    "log, switch this code off for that field.",
    misses="Messages of other programs, and those of fewer than 20 characters.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
UNCONVERTED = Code(
    id="text/unconverted",
    severity=WARNING,
    title="Object of a program in place of a value",
    meaning="A value is what a program shows of its own data: [object Object], a list as Python or R shows it, an "
    "array serialised by PHP, an array of Java, the name of a class of .NET; a template that wasn't filled in "
    "({{ name }}), a formula that wasn't worked out (=SUM(A1:A9)); or a "
    'value with what was to keep a spreadsheet from converting it (="0012", \'0012).',
    why="The value itself is lost, or several are in one cell, in a spelling that only that program reads.",
    example="owner,tags\n[object Object],\"['a', 'b']\"",
    mend="Have the values written one by one, or joined by a delimiter, where the data are exported; switch this code "
    "off for a field that is meant to hold such texts.",
    misses="Lists of numbers, texts that hold the quote that they stand in, and apostrophes before fewer than three "
    "digits ('98 is a year).",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
MASKED = Code(
    id="text/masked",
    severity=WARNING,
    title="Masked value",
    meaning="A value was made unreadable on purpose, in whole or but for a few characters: ****1234, XXX-XX-1234, "
    "j***@example.org, [REDACTED].",
    why="Different values have become the same, and what was masked is lost: nothing can be linked or counted by it.",
    example="card\n************4242\n************1881",
    mend="Ask the source's owner for the values, or for stable pseudonyms in their place; leave the field out where it "
    "isn't needed. [REDACTED] belongs under missingValues if it stands for none.",
    misses="Fewer than six stars alone, which may be a rating (three are text/placeholder where no other number of "
    "stars occurs), masks of small letters (xxx-1234), and masks within a longer text. What is "
    "called so is reported (Redacted is a film).",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
PLACEHOLDER = Code(
    id="text/placeholder",
    severity=WARNING,
    title="Placeholder for a missing value",
    meaning="A whole value is a word that usually stands for none, such as N/A, null, TBD, - or ?, spelt as people and "
    "programs spell it.",
    why="It counts as a value: required fields look filled, groups get one more, numbers become texts.",
    example="sex\nN/A",
    mend="Leave the cell empty, or list the word under missingValues.",
    misses="Words that are common values too (none, unknown, missing), and unusual spellings (Na, Nan and Nil are "
    "names). A word that has the length and the capitals of most values in the first records isn't reported, "
    "since it may be one of them (NA is Namibia among codes of countries); nor of ten different ones that make "
    "up a tenth of the column, if it's no more frequent there than one of these (na is a syllable); nor one "
    "that occurs once in a field that is a key, or in a list of words. Where the first records are hardly "
    "anything else, or codes of other shapes too, records from all over the source are asked (NA is North America; TBA "
    "was once a team of Tampa). A - isn't where + occurs, nor *** where other numbers of "
    "stars do. A real value that looks like one is, as . for a sound. What missingValues or the schema's enum "
    "lists isn't; `placeholders` changes the words.",
    suppressed_by=(*TABLE, *BAD_VALUE),
)
DITTO = Code(
    id="text/ditto",
    severity=WARNING,
    title="Sign for the value above",
    meaning='A whole value is a ditto mark (", 〃, -"-) or a word for one (ditto, do., idem): it stands for the value '
    "of the record before.",
    why="The value is lost as soon as the records are sorted, filtered or looked at one by one.",
    example="site\nElbe\n〃\n〃",
    mend="Write the value itself into each record.",
    misses="A mark that occurs once, or in the first record; fields that have other signs for values, such as the "
    "words of a text, and marks that look like most values in the first records.",
    suppressed_by=(*TABLE, *BAD_VALUE),
    dataset=True,
)
DECOMPOSED = Code(
    id="text/decomposed",
    severity=WARNING,
    title="Letter and accent as two characters",
    meaning="A value has a letter with an accent as two characters (e and U+0301; the Unicode normal form NFD), while "
    "other values of the field have the same letter as one (é, NFC).",
    why="They look alike and are two values: groups split, look-ups and joins fail, and nobody sees why. macOS writes "
    "names of files so, and texts copied from PDF are so.",
    example="city\nMe\\u0301rida\nMérida",
    mend="Write all texts in the normal form NFC where the data are exported.",
    misses="Letters that the field has in one form alone; other scripts than Latin, Greek, Cyrillic, Japanese and "
    "Korean. Of keys that are equal but for this keys/case-variant tells.",
    suppressed_by=(*TABLE, *BAD_VALUE, "keys/case-variant@field"),
    dataset=True,
)
MIXED_CASE = Code(
    id="text/mixed-case",
    severity=WARNING,
    title="Category in upper and in lower case",
    meaning="In a field of few different values, a value is another one but for upper and lower case: male, where most "
    "are Male. All spellings but the usual one are reported.",
    why="They are two values: groups split, look-ups and joins fail.",
    example="sex\nMale\nFemale\nMale\nMale\nmale",
    mend="Write each category in one way at the source, or list the right ones in an enum.",
    misses="A field of whose first records the words aren't at least four of five values, or are more than 50 "
    "different ones, or occur fewer than four times each on average; words whose usual spelling occurs there fewer "
    "than three times; spellings other than all small, all capital, and with a capital first or in each word, and "
    "those that differ inside alone (Homo Sapiens, österreich); words of fewer than four letters other than yes and "
    "no, but for sexes; values with digits, and fields named as genes, units, codes, files and the like, where the "
    "case tells. Differences in white space are text/whitespace.",
    suppressed_by=(*TABLE, *BAD_VALUE),
    dataset=True,
)
MISSPELT = Code(
    id="text/misspelt",
    severity=WARNING,
    title="Misspelt category",
    meaning="In a field of few different values, a value is a far more frequent one but for a slip within a word: two "
    "letters changed places (Homo sapines), one was left out, or doubled.",
    why="They are two values: groups split, look-ups and joins fail.",
    example="species\nHomo sapiens\nHomo sapiens\nHomo sapines    # among hundreds",
    mend="Correct the value at the source, or list the right ones in an enum.",
    misses="Words of fewer than seven letters, or eight where none changed places; slips in the first or last letter, "
    "or the last three where one was left out or doubled; wrong letters, and several slips; values that occur more "
    "often than a twentieth as often as the right one; fields of whose first records the words aren't at least four of "
    "five values, or are more than 50 different ones, or occur fewer than four times each on average; fields named as "
    "people, or as names of nothing further, and as genes, units, codes, files and the like.",
    suppressed_by=(*TABLE, *BAD_VALUE),
    dataset=True,
)
SYNONYM = Code(
    id="text/synonym",
    severity=WARNING,
    title="Category under two names",
    meaning="In a field of nothing but sexes, yes and no, days of the week or months, a value is one of them under "
    "another name: M, where most are male and female; 1 among true and false. All but the usual names are reported. "
    "So are, in a field called a country, a code of three letters or a name where most are codes of two (DEU, Germany "
    "among DE, FR), and a country's code or second name where its usual one is there, too (USA beside United States).",
    why="They are two values: groups split, look-ups and joins fail.",
    example="sex\nmale\nfemale\nmale\nmale\nM",
    mend="Write each category in one way at the source, or list the right ones in an enum.",
    misses="Names of anything else, such as codes of languages; countries in other languages than English, in small "
    "letters, and under names that they have given up; names of the usual kind that occur fewer "
    "than three times in the first records; fields of whose first values more than one in twenty is something else.",
    suppressed_by=(*TABLE, *BAD_VALUE),
    dataset=True,
)
NON_ASCII = Code(
    id="text/non-ascii",
    severity=INFO,
    title="Character beyond ASCII",
    meaning="A value holds a character that ASCII doesn't have. Off unless the definition gives it a severity.",
    why="Some systems take ASCII alone.",
    example="name\nJosé",
    mend="Nothing, where all systems take UTF-8; else spell the value in ASCII.",
    default_on=False,
    suppressed_by=(*TABLE, *GARBLED),
)
FORBIDDEN = Code(
    id="text/forbidden-value",
    severity=ERROR,
    title="Forbidden value",
    meaning="A value is one of those that the definition forbids (`checks: text: forbidden`).",
    why="The curators declared that a record with it can't be used.",
    example="checks: {text: {forbidden: {status: [deleted]}}}",
    mend="Correct the value, or filter such records out before the source is delivered.",
    suppressed_by=TABLE,
)
REQUIRED = Code(
    id="text/required-value",
    severity=ERROR,
    title="Expected value that never occurs",
    meaning="A value that the definition expects (`checks: text: required`) doesn't occur in its field, in any record.",
    why="A whole group is lacking: a country, a laboratory, a day's delivery.",
    example="checks: {text: {required: {country: [NL, BE]}}}",
    mend="Ask for the records that are lacking, or take the value out of the list.",
    suppressed_by=(*HEADERLESS, *NO_COLUMN, "json-schema/violation@field", "rules/value-missing@field"),
    dataset=True,
)

ODD_LENGTH = Code(
    id="text/odd-length",
    severity=WARNING,
    title="Text much longer than the others",
    meaning="A text is at least ten times as long as the middle one of its field, and such texts are at most one in a "
    "thousand. Off unless the definition gives it a severity.",
    why="Two records ran into each other, a note was put into the wrong column, or a page of HTML came instead of a "
    "value.",
    example="name\nwren\nrobin\nwren;2;robin;3;owl;1;wren;4;robin;2;owl;5    # in a thousand names",
    mend="Look at the record; `maxLength` in the schema says what is too long for certain.",
    misses="Fields with fewer than 100 texts. Free text is naturally of any length: `except` leaves a field out.",
    suppressed_by=TABLE,
    dataset=True,
    default_on=False,
)

CODES = (
    WHITESPACE,
    INVISIBLE,
    CONTROL,
    MOJIBAKE,
    LOST,
    ESCAPED,
    MARKUP,
    OUTPUT,
    UNCONVERTED,
    MASKED,
    PLACEHOLDER,
    DITTO,
    DECOMPOSED,
    MIXED_CASE,
    MISSPELT,
    SYNONYM,
    NON_ASCII,
    FORBIDDEN,
    REQUIRED,
    ODD_LENGTH,
)

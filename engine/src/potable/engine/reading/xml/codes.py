"""The ``xml/*`` codes: what can be wrong with the form of XML."""

from __future__ import annotations

from functools import partial

from potable.engine.findings import Code, Severity

_error = partial(Code, severity=Severity.ERROR)
_warning = partial(Code, severity=Severity.WARNING)
_NOT_XML = ("access/truncated", "access/media-type", "access/empty")

SYNTAX = _error(
    id="xml/syntax",
    title="Not well-formed XML",
    meaning="The document breaks a rule of XML 1.0 or of its namespaces at the place given: a tag that isn't closed, a "
    "stray & or <, an undeclared prefix, or the end of a file that breaks off. Reading stops; the records before it "
    "are checked.",
    why="XML has no rule for reading on behind a fault: every parser stops there, and nobody knows what is lost.",
    example="<stock><name>P & Q</name></stock>",
    mend="Mend the document at that place (write &amp; for &, &lt; for <), or write it with an XML library.",
    blocking=True,
    suppressed_by=_NOT_XML,
)
ENTITY = _error(
    id="xml/entity",
    title="Entity that is declared or used",
    meaning="The document type declares entities, or the document uses one besides &lt; &gt; &amp; &quot; &apos;. "
    "Potable expands none and fetches none: it refuses the document there.",
    why="Entities can read files of the machine that parses them, fetch addresses, and grow without bound; the text is "
    "another one wherever the declaration isn't read.",
    example='<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
    mend="Write the characters themselves, or as numbers (&#233; for &eacute;), and leave the declarations out.",
    blocking=True,
)
TOO_DEEP = _error(
    id="xml/too-deep",
    title="Nested deeper than the limit",
    meaning="Elements are nested deeper than Limits.depth. The place is the first element that is too deep. Reading "
    "stops there; the records before it are checked.",
    why="Such nesting is an attack or an accident of a program; parsers crash on it.",
    example="<a><a><a> … 257 elements … </a></a></a>",
    mend="Look at how the document came about: often an end tag is missing in a program that writes many. If data are "
    "that deep, raise Limits.depth (POTABLE_LIMITS=depth=400; 500 is the most).",
    blocking=True,
)
TOO_LARGE_NODE = _error(
    id="xml/too-large-node",
    title="Text longer than the limit",
    meaning="A text (its CDATA sections with it), an attribute, a comment or a processing instruction is longer than "
    "Limits.node_bytes, or a name than 50,000 bytes. The place is where it begins: of a text or an attribute its "
    "element. Reading stops there; the records before it are checked.",
    why="By default libxml2, and what is built on it, refuses such nodes; others run out of memory.",
    example="<image>iVBORw0KGgo… 11 MB …</image>",
    mend="Keep large data in files of their own, and their addresses in the record; or raise Limits.node_bytes "
    "(POTABLE_LIMITS=node_bytes=20_000_000).",
    blocking=True,
)
LONG_RECORD = _error(
    id="xml/long-record",
    title="Record longer than the limit",
    meaning="A record, or markup outside the records, is longer than Limits.record_bytes. Reading stops there; the "
    "records before it are checked.",
    why="It would fill the memory; mostly documentElement names the element that holds all records.",
    example="<stocks> <stock/> … <stock/> </stocks>   with documentElement: stocks",
    mend="Check documentElement; if records are that long, raise Limits.record_bytes "
    "(POTABLE_LIMITS=record_bytes=100_000_000).",
    blocking=True,
    suppressed_by=("xml/syntax", "xml/too-large-node"),
)
NO_RECORDS = _error(
    id="xml/no-records",
    title="No records",
    meaning="No element of the source is a record: none has the name that documentElement gives, or none of that name "
    "is a child of topElement.",
    why="An ingest would replace the source with nothing.",
    example="<stocks><Stock/></stocks>   with documentElement: stock",
    mend="Set documentElement to the name of the record's element; the message says which elements there are.",
    blocking=True,
    dataset=True,
    suppressed_by=("access/empty", "access/media-type", "xml/syntax", "xml/entity", "xml/wrong-top-element"),
)
WRONG_TOP_ELEMENT = _error(
    id="xml/wrong-top-element",
    title="No element of topElement's name",
    meaning="A file (or page) of the source has no element of the name that topElement gives, so nothing in it is a "
    "record.",
    why="All that it holds is left out; often it is an error message in place of data.",
    example="<error>Try again later</error>   with topElement: stocks",
    mend="Set topElement to the parent of the records; the message says which elements there are.",
)
MISSING_ELEMENT = _error(
    id="xml/missing-element",
    title="File with other elements in place of records",
    meaning="A file (or page) of the source has no record, though others do: where records should be, elements of "
    "another name occur several times, each with elements inside, and no file with records has such ones beside them.",
    why="All that the file holds is left out, and nothing of it was checked.",
    example="<stocks> <line>…</line> <line>…</line> </stocks>   where the other files have <stock>",
    mend="Give all files the same elements, or keep the odd file out by filenamePattern.",
    misses="A file with a single such element, or whose elements have only text.",
)
UNPREFIXED_NAME = _warning(
    id="xml/unprefixed-name",
    title="Name without the prefix that the elements have",
    meaning="A name in the definition has no prefix, and all elements of that name have one in the file. They are "
    "taken to be meant.",
    why="Systems that compare names letter by letter, as the old one did, find nothing there.",
    example="$.record.metadata.title   where the file has <dc:title>",
    mend="Write the name as the file does: $.record.metadata.dc:title.",
    misses="Names that first occur behind the first megabyte of a file.",
)
WRONG_PATH = _error(
    id="xml/wrong-path",
    title="Path that finds nothing in any record",
    meaning="A path in the definition doesn't begin with the name of a record's element, under which all of a record "
    "stands; or, in a feed, with one of the fields that a feed's records have; or no record has what it names, but "
    "something that was likely meant: a name spelt otherwise, or the same one elsewhere. Told once for each path. A "
    "warning where it isn't an error that a record lacks the field.",
    why="Whatever the definition says of the path is said of nothing: no value was checked, and the key is missing in "
    "each record.",
    example="primaryKey: $.id   of the records <stock><id>7</id></stock>",
    mend="Write the path from the record's element on: $.stock.id.",
    misses="Names that are like none of those in the first 100 records; in samples of a source all paths that begin as "
    "a record does.",
    suppressed_by=("drift/other-names@field",),
)
PROGRAM_OUTPUT = _error(
    id="xml/program-output",
    title="Message of a program in the document",
    meaning="Between two records, or in one, stands what a program writes when it fails: a warning or an error of PHP "
    "as elements (<b>Warning</b>: … in <b>…</b> on line <b>…</b>), or, between records, also one as text, or one of "
    "Python, Java or a database. The document is well-formed all the same.",
    why="What wrote the document failed there: values or records are missing, and the message is read as data.",
    example="<stock><name><br /><b>Notice</b>:  Undefined index: name in <b>/a.php</b> on line <b>45</b><br />"
    "</name></stock>",
    mend="Get the document again. Where it's the same again, its owner must know: the message says what failed.",
    misses="Messages of other programs, those in CDATA sections, and as text in a record (text/program-output).",
)
NOT_INCLUDED = _error(
    id="xml/not-included",
    title="Part of the document that is elsewhere",
    meaning="The document names another one whose content belongs into it (XInclude's <include>). Nothing is fetched "
    "for it: what is there wasn't read.",
    why="Records, or parts of some, are missing without a word; whoever expands the document has others than "
    "those that were checked.",
    example='<list xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="more.xml"/></list>',
    mend="Have the document written as a whole (xmllint --xinclude), or give each of its files as data.",
    misses="Parts that a program's own elements name.",
)
MIXED_ARITY = _warning(
    id="xml/mixed-arity",
    title="Element that occurs once here, several times there",
    meaning="An element that the definition speaks of (in a key, a schema, a rule or a checker's options) occurs once "
    "in some parents and several times in others; told once for each element path, with an example of both. A path "
    "finds all of them.",
    why="Turned into objects, it is an object here and an array there: paths written for one find nothing in the "
    "other. A key through such a path isn't a single value.",
    example="<stock><id>1</id></stock> <stock><id>2</id><id>3</id></stock>",
    mend="If it's a list, say so where paths are used ($.stock.id[*]); if it should be a single value, mend the "
    "records with several.",
    misses="Where no check looks at every field, only elements on the way to a named field are counted.",
    dataset=True,
)
MIXED_CONTENT = _warning(
    id="xml/mixed-content",
    title="Text with elements in it",
    meaning="An element has text of its own and elements with text among it. Its own text is read, in pieces joined by "
    "a blank; that of the elements is in fields of theirs. Told once for each element path.",
    why="Titles and descriptions lose words: those in italics, superscripts and links.",
    example="<title>Loss of <i>TP53</i> in mice</title>   (read as: Loss of in mice)",
    mend="Have the text written without elements, or with its markup escaped (&lt;i&gt;); else take the element's "
    "whole text when it is ingested.",
    misses="Where no check looks at every field, only named ones are seen.",
    dataset=True,
)
NESTED_RECORD = _warning(
    id="xml/nested-record",
    title="Record inside a record",
    meaning="Inside a record is an element of the records' name that has a child as records have. It's a part of the "
    "record around it, and not counted or checked as one. Told once, with the first place.",
    why="Tools that look for all elements of the name find more records than are here.",
    example="<stock><id>1</id><stock><id>2</id></stock></stock>   with documentElement: stock",
    mend="If they are records, have them written beside one another; if records are trees by nature, switch this code "
    "off.",
    misses="Where no check looks at every field, only named ones are seen.",
    dataset=True,
)
MANY_FIELDS = _warning(
    id="xml/many-fields",
    title="Too many different fields",
    meaning="A part of the source has more different elements and attributes than Limits.columns. Checks of every "
    "field leave out those beyond it; checks of named fields are complete.",
    why="Names that are data (identifiers, dates) instead of names can't be checked as fields.",
    example="<prices><d2024-01-01>1</d2024-01-01><d2024-01-02>2</d2024-01-02> … </prices>",
    mend="Make such an element <price> with the varying name in an attribute.",
)

XML_CODES: tuple[Code, ...] = (
    SYNTAX,
    ENTITY,
    TOO_DEEP,
    TOO_LARGE_NODE,
    LONG_RECORD,
    NO_RECORDS,
    WRONG_TOP_ELEMENT,
    MISSING_ELEMENT,
    UNPREFIXED_NAME,
    WRONG_PATH,
    PROGRAM_OUTPUT,
    NOT_INCLUDED,
    MIXED_ARITY,
    MIXED_CONTENT,
    NESTED_RECORD,
    MANY_FIELDS,
)
"""All of them, in the order of the reference."""

"""The codes of what can be wrong with a definition, before any data are touched."""

from __future__ import annotations

from potable.engine.findings import Code, Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741  as the list of codes abbreviates them

_NO_SUCH_COLUMN = (
    "csv/folded-lines", "csv/quoted-lines", "csv/wrong-delimiter", "csv/fixed-width", "csv/wrong-quote",
    "csv/wrong-header", "csv/header-length", "excel/wrong-sheet", "excel/unsplit", "excel/wrong-header",
    "schema/missing-field@field",
    "keys/missing@field", "json/wrong-path@field", "xml/wrong-path@field", "encoding/invalid@field",
)  # fmt: skip
"""What a table has no column by, or what says already that it has none."""

CODES: tuple[Code, ...] = (
    Code(
        id="definition/invalid",
        severity=E,
        title="Unusable definition",
        meaning="The file can't be read as a source definition: it isn't UTF-8, YAML or JSON, or has no resourceID.",
        why="The source can't be found, let alone checked.",
        example="resourceID: [SCR_1",
        mend="Mend the file at the line that is named; `potable lint` tells whether it's right.",
        blocking=True,
    ),
    Code(
        id="definition/unknown-method",
        severity=E,
        title="Unknown ingest method",
        meaning="The ingestMethod is none that Potable or a loaded plugin knows.",
        why="Nothing can be fetched, so nothing is checked.",
        example="ingestMethod: CVS",
        mend="Write the method's name as `potable lint` suggests it, or load the plugin that serves it.",
        blocking=True,
    ),
    Code(
        id="definition/unsupported-method",
        severity=W,
        title="Ingest method without a fetcher",
        meaning="The ingestMethod is a known one, but no loaded plugin can fetch or read such a source.",
        why="The source's data weren't seen: the run is inconclusive, not passed.",
        example="ingestMethod: ASPERA",
        mend="Load a plugin that serves this method, or fetch the data by other means and check the file.",
        blocking=True,
    ),
    Code(
        id="definition/missing-parameter",
        severity=E,
        title="Missing parameter",
        meaning="A member that the definition's format or its ingest method requires isn't there, or is empty.",
        why="Without it the source, its records or a part of them may not be found, or another system refuses it.",
        example="ingestMethod: XML   # and no documentElement",
        mend="Add the member that is named.",
    ),
    Code(
        id="definition/unknown-key",
        severity=W,
        title="Unknown key",
        meaning="A member of the definition has a name that nothing knows, so it has no effect.",
        why="It's usually a slip of the pen, and the setting that was meant is silently left at its default.",
        example="fileNamePattern: '.*csv'   # filenamePattern was meant",
        mend="Write the name that is suggested, or take the member out.",
        misses="A misspelt name of a method that only a plugin knows: its parameters aren't listed anywhere, so only "
        "what hardly differs from a known name is told.",
    ),
    Code(
        id="definition/duplicate-key",
        severity=E,
        title="Key given twice",
        meaning="A mapping of the definition has the same name twice; the last one counts.",
        why="Whoever reads the first one believes a setting that has no effect.",
        example="delimiter: ','\ndelimiter: ';'",
        mend="Take one of the two out.",
    ),
    Code(
        id="definition/bad-regex",
        severity=E,
        title="Regular expression that can't be used",
        meaning="A regular expression isn't valid, or uses syntax that no linear-time engine has: look-around, "
        "backreferences, possessive quantifiers.",
        why="The check or filter that it stands for can't be done, or could run for ever.",
        example="valueRegex: '(?=RRID).*'",
        mend="Rewrite it without the construct that is named; two rules often do what one look-ahead did.",
    ),
    Code(
        id="definition/bad-path",
        severity=E,
        title="Field path that can't be read",
        meaning="A field path breaks the dialect's grammar at the column that is named.",
        why="The old system silently read another field, so keys and rules looked at the wrong values.",
        example="primaryKeyJSONPath: $.Cell Name   # read as $.Cell",
        mend="Put the name in single quotes: $.'Cell Name'.",
    ),
    Code(
        id="definition/nothing-kept",
        severity=E,
        title="Filter that leaves out all records",
        meaning="Records were read, but none of them meets the condition of filterJsonPath or filterXMLPath with "
        "filterValue, or not all conditions together. The message says how many were left out, and whether any of them "
        "has the field.",
        why="Nothing is checked, and an ingest would replace the source with nothing.",
        example='filterJsonPath: $.a\nfilterValue: zz       # and the data are [{"a": 1}]',
        mend="Correct the path or filterValue: values are compared as texts, whole and with their case; `re::` before "
        "the value makes a regular expression of it.",
        blocking=True,
        dataset=True,
    ),
    Code(
        id="definition/missing-file",
        severity=E,
        title="Missing file",
        meaning="A file that the definition names (a schema, QC rules, a secret) isn't there, or can't be read.",
        why="What it says isn't checked.",
        example="schema: nxr.schema.jsno",
        mend="Correct the name: it's relative to the definition's own folder.",
    ),
    Code(
        id="definition/plaintext-secret",
        severity=W,
        title="Secret in the definition",
        meaning="A password, key or token stands in the definition itself.",
        why="Whoever may read the definition, its history or its copies has the secret.",
        example="password: hunter2",
        mend="Write a reference instead: ${NAME} or {env: NAME} for a variable of the environment, {file: PATH} for a "
        "file; and change the secret, for it's known now.",
        misses="A secret under a name that doesn't look like one.",
    ),
    Code(
        id="definition/duplicate-id",
        severity=W,
        title="resourceID given twice",
        meaning="Two definitions of the catalogue have the same resourceID; the first one, by file name, is used.",
        why="The other one is never run, though it looks as if it were; and nobody can tell which one was meant.",
        example="resourceID: SCR_1   # in a.yaml and in b.yaml",
        mend="Give each source an identifier of its own, or remove one definition.",
    ),
    Code(
        id="definition/legacy-format",
        severity=I,
        title="Legacy spelling of the format",
        meaning="The source document's keys are in PascalCase, as an old variant wrote them.",
        why="It's read all the same; other tools may not know it.",
        example='{"SourceInformation": {"ResourceID": "SCR_1"}}',
        mend="Write the keys in camelCase when the definition is next changed.",
    ),
    Code(
        id="definition/script-ignored",
        severity=W,
        title="Script that isn't run",
        meaning="The definition names a script that changes the records, which Potable doesn't run: it's any code.",
        why="The data are checked as they come, and may look different after the script.",
        example="preprocessScript: fix_lines.py",
        mend="Check the script's result as a source of its own where the rules are meant for that.",
    ),
    Code(
        id="definition/no-effect",
        severity=I,
        title="Setting without effect",
        meaning="A setting of the old system asks for something that Potable doesn't do; or a code is switched off "
        "that says that data couldn't be read.",
        why="Whoever reads the definition believes that it's done.",
        example="locale: de_DE",
        mend="Take it out, or say what was meant in another way.",
    ),
    Code(
        id="definition/bad-value",
        severity=E,
        title="Value that can't be used",
        meaning="A member of the definition has a value of the wrong type or shape, or out of its range.",
        why="The setting is left at its default, which isn't what was meant.",
        example="headerLine: first",
        mend="Write a value of the kind that is named.",
    ),
    Code(
        id="definition/whitespace",
        severity=W,
        title="Blanks around a value",
        meaning="A URL, file name or other value of the definition begins or ends with blanks; they're taken away.",
        why="They can't be seen, and other systems look for a file or field of just that name.",
        example="ingestURL: 'https://example.org/a.csv '",
        mend="Take the blanks out.",
    ),
    Code(
        id="definition/unknown-code",
        severity=W,
        title="Unknown code",
        meaning="A severity is given for a code that no loaded plugin has.",
        why="It has no effect: the code that was meant keeps its severity.",
        example="severity: {text/whitspace: off}",
        mend="Write the code as `potable explain` lists it, or load the plugin that has it.",
    ),
    Code(
        id="definition/unknown-field",
        severity=W,
        title="Field that the data don't have",
        meaning="A checker's options (identifiers.fields, dates.order, text.except, ...), a severity or policy for "
        "values by field, or the condition of a QC rule names a column that the first file of a table hasn't, or a "
        "field that no record of other data has; or an option is about values and names a field that has none, as an "
        "object. A list's items are values of it.",
        why="It has no effect: the field that was meant isn't looked at as it should be, or is quoted in reports "
        "though it was to be masked.",
        example="checks: {identifiers: {fields: {rrid: rrid}}}   # and the column is called RRID",
        mend="Write the field's name as the data have it, or take it out.",
        misses="What a folder's _defaults.yaml names, and paths with filters or to any depth; severities and policies "
        "of fields that the schema declares; of other data than tables the condition of a QC rule.",
        suppressed_by=_NO_SUCH_COLUMN,
    ),
    Code(
        id="definition/checker-crashed",
        severity=W,
        title="Checker failed on the definition",
        meaning="A checker, or the reader of the source's format, raised an error while it looked at the definition.",
        why="What it would have said of the definition isn't known; the others went on.",
        example="the checker mylab failed on this definition: KeyError: 'fields'",
        mend="Report it to its author with this definition; `--no-plugin NAME` leaves it out.",
    ),
    Code(
        id="definition/unknown-checker",
        severity=W,
        title="Unknown checker",
        meaning="`checks` names a checker that no loaded plugin provides.",
        why="The check that was meant isn't done.",
        example="checks: {identifers: {}}",
        mend="Write the name as `potable plugins` lists it, or load the plugin that provides it.",
    ),
)
"""Every ``definition/*`` code."""

"""Metadata of CSV files after the W3C (``data.csv-metadata.json``, ``csv-metadata.json``): each table is a source.

Of the standard, what tables are written like and what their cells must be is understood: ``url``, ``dialect``,
``tableSchema`` with columns, datatypes, ``required``, ``null``, ``separator``, ``primaryKey`` and ``foreignKeys``. What
turns tables into other formats (``aboutUrl``, ``valueUrl``, transformations) has no effect. See
https://www.w3.org/TR/tabular-metadata/.

The resourceID is the file's name without suffixes, unless a table has a ``resourceID``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from potable.engine.definition import coerce, policy
from potable.engine.definition.csvw_types import Unknown, field_of, list_of
from potable.engine.definition.draft import Draft
from potable.engine.definition.linked import read_linked
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape

CONTEXT = "http://www.w3.org/ns/csvw"
_INHERITED = ("datatype", "default", "null", "required", "separator")
_DIALECT_SILENT = frozenset(("@id", "@type", "lineTerminators", "skipBlankRows"))
_NATIVE = frozenset(
    ("resourceID", "name", "owner", "contact", "tags", "description", "qcRules", "errPerc", "dupPerc", "accounting",
     "records", "checks", "severity", "values", "hold", "hash", "bytes")
)  # fmt: skip
_OF_ANY = frozenset(
    (*_INHERITED, "aboutUrl", "lang", "ordered", "propertyUrl", "textDirection", "valueUrl", "notes", "suppressOutput",
     "@id", "@type")
)  # fmt: skip
_OF_TABLE = _OF_ANY | {"@context", "url", "tables", "dialect", "tableSchema", "tableDirection", "transformations"}
_OF_SCHEMA = _OF_ANY | {"columns", "primaryKey", "foreignKeys", "rowTitles", "@context"}
_OF_COLUMN = _OF_ANY | {"name", "titles", "virtual"}
_NOT_A_NAME = lazy_regex(r"[^A-Za-z0-9._-]+")


def matches(value: Mapping[str, Any]) -> bool:
    """Whether a document is such metadata, of a table or a group of them."""
    context = value.get("@context")
    contexts = context if isinstance(context, list) else [context]
    return CONTEXT in contexts and ("url" in value or "tables" in value)


def tables(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each table's description with its JSON Pointer."""
    found = value.get("tables")
    if isinstance(found, list):
        for i, table in enumerate(found):
            yield f"/tables/{i}", table
    else:
        yield "", value


def adapt(draft: Draft, metadata: Mapping[str, Any], table: Mapping[str, Any]) -> None:
    """Fill the draft with one table; ``draft.index`` is its JSON Pointer."""
    draft.format = "csvw"
    group = {} if table is metadata else metadata
    url = table.get("url")
    draft.put("ingestMethod", "CSV", "/url")
    if isinstance(url, str) and url:
        draft.put("ingestURL", _based(metadata, url), "/url")
        draft.put("resourceID", identifier(url), "/url")
    for name, native in (("dc:title", "name"), ("dc:description", "description"), *((n, n) for n in _NATIVE)):
        value = table.get(name)
        if isinstance(value, Mapping) and "@value" in value:
            value = value["@value"]
        if value not in (None, "", []):
            draft.put(native, value, f"/{escape(name)}")
    policy.slips(draft, "", table, _OF_TABLE | _NATIVE)
    header = _dialect(draft, table.get("dialect", group.get("dialect")), "dialect" in table)
    _Schema(draft, metadata, group, table, header=header).read()


def identifier(url: str) -> str:
    """A resourceID after a table's file: ``data/birds.csv`` is ``birds``."""
    name = posixpath.basename(re.split(r"[?#]", url)[0].rstrip("/"))
    stem = re.sub(r"(\.[A-Za-z][A-Za-z0-9]{0,7}){1,2}$", "", name) or name
    return _NOT_A_NAME.sub("-", stem).strip("._-")[:200]


def _based(metadata: Mapping[str, Any], url: str) -> str:
    """A URL relative to ``@base``, where the context has one."""
    context = metadata.get("@context")
    bases = [c.get("@base") for c in context if isinstance(c, Mapping)] if isinstance(context, list) else []
    base = next((b for b in bases if isinstance(b, str)), "")
    return urljoin(base, url) if base else url


# -- the dialect --------------------------------------------------------------------------------------------------


def _dialect(draft: Draft, dialect: Any, own: bool) -> bool:
    """Put what says how the table is written; whether it has a header."""
    place = f"{draft.index}/dialect" if own else "/dialect"
    draft.moved["/dialect"] = (draft.file, draft.document, place)
    if isinstance(dialect, str):
        dialect = read_linked(draft, "/dialect", dialect)
    if dialect is None:
        dialect = {}
    if not isinstance(dialect, Mapping):
        draft.note("bad-value", f"the dialect is {coerce.shown(dialect)}: an object is needed", "/dialect")
        return True
    _Dialect(draft, dialect).put_all()
    return dialect.get("header", dialect.get("headerRowCount", 1) != 0) is not False


class _Dialect:
    def __init__(self, draft: Draft, given: Mapping[str, Any]) -> None:
        self._draft, self._given = draft, given

    def put_all(self) -> None:
        given = self._given
        # The standard's own default; a definition has none.
        self._put("comment", given.get("commentPrefix", "#") or "", "commentPrefix")
        if "delimiter" in given:
            self._put("delimiter", given["delimiter"], "delimiter")
        if "quoteChar" in given:
            self._put("textQuote", given["quoteChar"] or "", "quoteChar")
        if given.get("doubleQuote") is False:
            self._put("escapeCharacter", "\\", "doubleQuote")
        if "encoding" in given:
            self._put("encoding", given["encoding"], "encoding")
        self._lines()
        for name, value in given.items():
            default = {"trim": (False, "false"), "skipColumns": (0,), "skipInitialSpace": (False,)}.get(name)
            known = ("commentPrefix", "delimiter", "quoteChar", "doubleQuote", "encoding", "header", "headerRowCount",
                     "skipRows")  # fmt: skip
            if name in known or name in _DIALECT_SILENT or (default is not None and value in default):
                continue
            at = f"/dialect/{escape(name)}"
            policy.no_effect(self._draft, at, "the dialect's member", name, (*known, *_DIALECT_SILENT))

    def _lines(self) -> None:
        given = self._given
        skipped, rows = given.get("skipRows", 0), given.get("headerRowCount", 1)
        for name, value in (("skipRows", skipped), ("headerRowCount", rows)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                message = f"{name} is {coerce.shown(value)}: a whole number is needed"
                self._draft.note("bad-value", message, f"/dialect/{name}")
                return
        if rows > 1:
            message = "headerRowCount must be 0 or 1: a header of several lines isn't supported"
            self._draft.note("bad-value", message, "/dialect/headerRowCount")
        elif rows == 0 or given.get("header") is False:
            self._put("headerLine", 0, "header" if "header" in given else "headerRowCount")
            self._put("ignoreLines", skipped, "skipRows")
        elif skipped:
            self._put("headerLine", skipped + 1, "skipRows")
            self._put("ignoreLines", skipped + 1, "skipRows")

    def _put(self, name: str, value: Any, member: str) -> None:
        self._draft.put_at(name, value, f"/dialect/{member}")


# -- the schema ---------------------------------------------------------------------------------------------------


class _Schema:
    """One table's schema.

    :param header: whether the table has one: without, its columns go by number.
    """

    def __init__(
        self, draft: Draft, metadata: Mapping[str, Any], group: Mapping[str, Any], table: Mapping[str, Any],
        *, header: bool,
    ) -> None:  # fmt: skip
        self._draft, self._metadata, self._group, self._table = draft, metadata, group, table
        self._header = header

    def read(self) -> None:
        draft = self._draft
        own = "tableSchema" in self._table
        draft.moved["/tableSchema"] = (draft.file, draft.document, f"{draft.index if own else ''}/tableSchema")
        given = self._table.get("tableSchema", self._group.get("tableSchema"))
        if isinstance(given, str) and given:
            given = read_linked(draft, "/tableSchema", given)
        if given in (None, ""):
            return
        columns = given.get("columns", []) if isinstance(given, Mapping) else None
        if not isinstance(columns, list):
            draft.note("bad-value", "the tableSchema must be an object with a list of columns", "/tableSchema")
            return
        policy.slips(draft, "/tableSchema", given, _OF_SCHEMA)
        names = column_names(columns, header=self._header)
        fields: list[dict[str, Any]] = []
        for i, column in enumerate(columns):
            if not isinstance(column, Mapping):
                draft.note("bad-value", f"column {i + 1} isn't an object", f"/tableSchema/columns/{i}")
            elif not column.get("virtual"):
                self._place(len(fields), i)
                policy.slips(draft, f"/tableSchema/fields/{len(fields)}", column, _OF_COLUMN)
                fields.append(self._field(given, column, names[i], f"/tableSchema/fields/{len(fields)}"))
        schema: dict[str, Any] = {"fields": fields}
        by_name = _by_name(columns, names)
        if given.get("primaryKey"):
            schema["primaryKey"] = _named(given["primaryKey"], by_name)
        if isinstance(given.get("foreignKeys"), list):
            schema["foreignKeys"] = list(self._foreign(given["foreignKeys"], by_name))
        null = self._inherited("null", given, {})
        if null is not None:
            schema["missingValues"] = _texts(null)
        if fields:
            draft.members["tableSchema"] = schema

    def _place(self, field: int, column: int) -> None:
        file, document, base = self._draft.real("/tableSchema")
        for member in ("tableSchema", "schema"):
            self._draft.moved[f"/{member}/fields/{field}"] = (file, document, f"{base}/columns/{column}")

    def _inherited(self, name: str, schema: Mapping[str, Any], column: Mapping[str, Any]) -> Any:
        levels = (column, schema, self._table, self._group)
        return next((level[name] for level in levels if level.get(name) is not None), None)

    def _field(self, schema: Mapping[str, Any], column: Mapping[str, Any], name: str, pointer: str) -> dict[str, Any]:
        said = {n: self._inherited(n, schema, column) for n in _INHERITED}
        field: dict[str, Any] = {"name": name}
        without: list[str] = []
        try:
            kind, without = field_of(said["datatype"] if said["datatype"] is not None else "string")
        except Unknown as e:
            self._draft.note("bad-value", f"column {name!r}: {e}", f"{pointer}/datatype")
            kind = {}
        separator = said["separator"]
        if isinstance(separator, str) and separator:
            if kind.keys() - {"type", "trueValues", "falseValues"}:
                without.append("what its datatype says of single values, for it has a separator,")
            kind = list_of(kind, separator)
        field |= kind
        if said["required"] is True:
            field["constraints"] = {**field.get("constraints", {}), "required": True}
        if column.get("null") is not None:
            field["missingValues"] = _texts(column["null"])
        if said["default"] not in (None, ""):
            without.append("its default, which stands for empty cells,")
        for words in without:
            message = f"column {name!r}: {words.rstrip(',')} has no effect"
            self._draft.note("unknown-key", message, f"{pointer}/datatype" if "datatype" in column else pointer)
        return field

    def _foreign(self, keys: Sequence[Any], by_name: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        for i, key in enumerate(keys):
            reference = key.get("reference") if isinstance(key, Mapping) else None
            if not isinstance(reference, Mapping) or "columnReference" not in reference:
                message = "a foreign key needs columnReference and a reference with resource and columnReference"
                self._draft.note("bad-value", message, f"/tableSchema/foreignKeys/{i}")
                continue
            other = self._other(reference)
            if other is None:
                message = "the foreign key refers to no table of this file"
                self._draft.note("bad-value", message, f"/tableSchema/foreignKeys/{i}/reference")
                continue
            same = other is self._table
            resource = other.get("resourceID") or identifier(str(other.get("url", "")))
            yield {
                "fields": _named(key.get("columnReference"), by_name),
                "reference": {
                    "resource": "" if same else resource,
                    "fields": _named(reference["columnReference"], self._names_of(other)),
                },
            }

    def _other(self, reference: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The table that a reference means, by its URL or that of its schema."""
        for _, table in tables(self._metadata):
            if not isinstance(table, Mapping):
                continue
            schema = table.get("tableSchema")
            of_schema = schema.get("@id") if isinstance(schema, Mapping) else schema
            wanted = reference.get("resource")
            if (wanted is not None and table.get("url") == wanted) or (
                wanted is None and of_schema is not None and of_schema == reference.get("schemaReference")
            ):
                return table
        return None

    def _names_of(self, table: Mapping[str, Any]) -> dict[str, str]:
        schema = table.get("tableSchema", self._group.get("tableSchema"))
        columns = schema.get("columns", []) if isinstance(schema, Mapping) else []
        if not isinstance(columns, list):
            return {}
        dialect = table.get("dialect", self._group.get("dialect"))
        header = not (isinstance(dialect, Mapping) and dialect.get("header") is False)
        return _by_name(columns, column_names(columns, header=header))


def column_names(columns: Sequence[Any], *, header: bool) -> list[str]:
    """What the columns are called in the data: by their first title, else their name; without a header by number."""
    return [
        (_title(column) if header and isinstance(column, Mapping) else "") or f"column{i}"
        for i, column in enumerate(columns, 1)
    ]


def _title(column: Mapping[str, Any]) -> str:
    titles = column.get("titles")
    if isinstance(titles, Mapping):
        titles = next(iter(titles.values()), None)
    if isinstance(titles, list):
        titles = next((t for t in titles if isinstance(t, str)), None)
    return str(titles or column.get("name") or "")


def _by_name(columns: Sequence[Any], names: Sequence[str]) -> dict[str, str]:
    """What columns are called in the data, by the name that keys refer to them by."""
    return {str(c["name"]): n for c, n in zip(columns, names, strict=True) if isinstance(c, Mapping) and "name" in c}


def _named(reference: Any, by_name: Mapping[str, str]) -> list[str]:
    return [by_name.get(n, n) for n in _texts(reference)]


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [i for i in items if isinstance(i, str)]

"""Foreign keys: which values of a source occur in another one, or elsewhere in the same.

Source of ``foreignKeys``: https://datapackage.org/standard/table-schema/#foreignKeys . As in SQL (MATCH SIMPLE) a key
of which a part is missing refers to nothing, and is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from potable.checkers.declared.keys import missing_values_of
from potable.checkers.declared.table_schema import TableSchema, as_list, schema_place
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence
from potable.engine.paths import PathError, canonical, column_path
from potable.engine.toolkit import from_mapping, guess


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """Fields whose values together must occur elsewhere.

    :param paths: canonical paths.
    :param missing_values: for each, the texts that count as missing.
    :param resource: resourceIDs of the source that it refers to, the likeliest first; empty: the source itself.
    :param file: the file that it refers to, relative to the definition; "" for none.
    :param targets: canonical paths there, as many.
    """

    paths: tuple[str, ...]
    missing_values: tuple[tuple[str, ...], ...]
    resource: tuple[str, ...] = ()
    file: str = ""
    targets: tuple[str, ...]

    @property
    def to(self) -> str:
        """What it refers to, in words."""
        fields = " + ".join(self.targets)
        if self.file:
            return f"{fields} of {self.file}"
        return f"{fields} of {self.resource[0]}" if self.resource else fields

    @property
    def rule(self) -> str:
        """Its stable id."""
        return f"{' + '.join(self.paths)} -> {self.to}"

    @property
    def own(self) -> bool:
        """Whether it refers to the source itself."""
        return not self.resource and not self.file


def foreign_keys(source: SourceDefinition, further: Sequence[Mapping[str, Any]] = ()) -> list[ForeignKey]:
    """The foreign keys of the schema, and ``further`` ones of the same form; those that can't be used are left out."""
    found: dict[str, ForeignKey] = {}
    for given, plain, _ in _given(source, further):
        key, _ = _read(source, given, plain=plain)
        if key is not None:
            found.setdefault(key.rule, key)
    return list(found.values())


def foreign_faults(source: SourceDefinition, further: Sequence[Mapping[str, Any]] = ()) -> Iterator[Occurrence]:
    """What is wrong with the foreign keys themselves."""
    schema = TableSchema.of(source)
    for given, plain, place in _given(source, further):
        key, fault = _read(source, given, plain=plain)
        if key is None:
            yield Occurrence("definition/bad-value", f"the foreign key {fault}", rule=place.path, location=place)
        elif schema is not None and plain:
            known = {f.path for f in schema.fields}
            unknown = [p for p in (*key.paths, *(key.targets if key.own else ())) if p not in known]
            if unknown:
                message = f"the foreign key names the field {unknown[0]}, which the schema doesn't have"
                yield Occurrence("definition/bad-value", message, rule=place.path, location=place)


def beside(source: SourceDefinition, file: str) -> SourceDefinition:
    """A definition of a file beside a source's own: read as its name tells, with the source's own dialect."""
    how = guess(str(source.resolve(file)))
    members = {**how, "resourceID": "file", "ingestURL": file, "missingValues": list(source.missing_values)}
    if how.get("ingestMethod") == source.ingest_method:
        members |= {n: v for n, v in source.parameters.items() if n in _ALIKE}
    return from_mapping(members, folder=source.origin.folder)


_ALIKE = ("delimiter", "textQuote", "escapeCharacter", "comment", "encoding", "documentElement", "topElement")
"""Parameters that a file beside the source is likely to share."""


def _given(source: SourceDefinition, further: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, bool, Location]]:
    """Each descriptor, whether its names are plain column names, and its place."""
    for index, given in enumerate(as_list((source.table_schema or {}).get("foreignKeys"))):
        yield given, True, schema_place(source, f"/foreignKeys/{index}")
    for index, given in enumerate(further):
        yield given, False, source.place(f"/checks/keys/foreign_keys/{index}")


def _read(source: SourceDefinition, given: Any, *, plain: bool) -> tuple[ForeignKey | None, str]:
    """The key, or why it can't be used, a clause."""
    if not isinstance(given, Mapping) or not isinstance(given.get("reference"), Mapping):
        return None, "must have `fields` and a `reference`"
    reference = given["reference"]
    try:
        paths, targets = _paths(given.get("fields"), plain), _paths(reference.get("fields"), plain)
    except PathError as e:
        return None, f"has a path that can't be read: {e}"
    if not paths or not targets:
        return None, "must name `fields`, and those of its `reference`"
    if len(paths) != len(targets):
        return None, f"has {len(paths)} fields where its reference has {len(targets)}"
    file, resource = reference.get("file", ""), reference.get("resource", "")
    if not isinstance(file, str) or not isinstance(resource, str):
        return None, "must name its resource or file by a text"
    if file and resource:
        return None, "names both a file and a resource: leave one of them out"
    if "://" in file[:30]:
        return None, "can't refer to a URL: name the source's resourceID"
    fields = {f.path: f for f in (TableSchema.of(source) or TableSchema(fields=())).fields}
    missing = tuple(missing_values_of(fields.get(p), source) for p in paths)
    return ForeignKey(
        paths=paths, missing_values=missing, resource=_resources(source, resource), file=file, targets=targets
    ), ""


def _resources(source: SourceDefinition, name: str) -> tuple[str, ...]:
    """The resourceIDs that a reference's ``resource`` may mean: in a Data Package one of the same package first."""
    own = source.resource_id
    package, _, resource = own.rpartition(":")
    if name in ("", own) or (package and name == resource and source.origin.format == "data-package"):
        return ()
    if package and source.origin.format == "data-package":
        return (f"{package}:{name}", name)
    return (name,)


def _paths(given: Any, plain: bool) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else as_list(given)
    if not all(isinstance(n, str) for n in names):
        return ()
    return tuple(column_path(n) if plain else canonical(n) for n in names)

"""A file's header beside its schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from potable.checkers.declared.table_schema import EXACT, SchemaField, TableSchema
from potable.checkers.names.likely import Columns, did_you_mean, likely_columns, shown
from potable.engine.findings import Location, Occurrence
from potable.engine.paths import FieldPath

CODES = ("schema/missing-field", "schema/extra-field", "schema/other-names", "schema/field-order")
_SEVERAL = 3
"""So many fields that are called otherwise at once are one change."""
EXPLAINED = 100
"""Most missing columns that the likely name is looked for."""


def check_header(schema: TableSchema, columns: Columns, place: Location) -> Iterator[Occurrence]:
    """What is wrong with a file's columns.

    A column whose name is likely a misspelt one of the schema's isn't also reported as extra: one cause, one finding.
    One that only stands where a missing one should be is: it may be something else.
    """
    declared = {f.path: f for f in schema.fields}
    there = set(columns)
    extra = [c for c in columns if c not in declared and _is_named_once(c)]
    taken: set[str] = set()
    lacking = [f for f in schema.fields if f.path not in there and _must_be_there(schema, f.constraints, there)]
    meant: dict[str, list[str]] = {}
    for f in lacking[:EXPLAINED]:
        meant[f.path] = [c for c in likely_columns(f.path, tuple(extra)) if c not in taken]
        taken.update(meant[f.path][:1])
    instead, spare = _in_place(list(declared), columns), set(extra) - taken
    whole = len(lacking) == len(declared)
    if not taken and len(lacking) >= _SEVERAL <= len(extra) and (whole or all(f.path in instead for f in lacking)):
        yield _other_names([f.path for f in lacking], extra, place, fields=len(declared))
        lacking, extra = [], [] if whole else [c for c in extra if c not in instead.values()]
    for f in lacking:
        message = f"there is no column {shown(f.path)}{did_you_mean(meant.get(f.path, ()))}"
        other = instead.get(f.path)
        if not meant.get(f.path) and other is not None and other in spare:
            message += f"; in its place stands {shown(other)}, which the schema doesn't have"
        yield Occurrence("schema/missing-field", _again(schema, f, columns) or message, f.path, location=place)
    if schema.fields_match not in ("subset", "partial"):
        for column in extra:
            if column not in taken:
                message = f"the schema has no field {shown(column)}"
                yield Occurrence("schema/extra-field", message, column, location=place)
    if schema.fields_match == EXACT:
        common = [c for c in columns if c in declared]
        wanted = [f.path for f in schema.fields if f.path in there]
        if common != wanted:
            at = next(n for n, (a, b) in enumerate(zip(common, wanted, strict=True)) if a != b)
            message = f"column {shown(common[at])} stands where the schema has {shown(wanted[at])}"
            details = {"columns": common[:50], "schema": wanted[:50]}
            yield Occurrence("schema/field-order", message, location=place, details=details)


def _other_names(lacking: Sequence[str], extra: Sequence[str], place: Location, *, fields: int) -> Occurrence:
    few = f"none of the {fields:,} fields of the schema is there"
    which = few if len(lacking) == fields else f"{len(lacking):,} of the {fields:,} fields of the schema aren't there"
    names, others = (", ".join(map(shown, those[:3])) + ", …" * (len(those) > 3) for those in (lacking, extra))
    message = f"{which} ({names}): the file has {others}"
    details = {"lacking": list(lacking[:50]), "extra": list(extra[:50])}
    return Occurrence("schema/other-names", message, location=place, details=details, explains=(*lacking, *extra))


def _in_place(declared: Sequence[str], columns: Columns) -> dict[str, str]:
    """The column that stands where a missing field should: between the same two shared ones there are as many columns
    that aren't declared as fields that are missing. Nothing where nothing is shared.
    """
    gaps = _gaps(columns, set(declared))
    if len(gaps) == 1:
        return {}
    found: dict[str, str] = {}
    for between, fields in _gaps(declared, set(columns)).items():
        others = gaps.get(between, [])
        if len(others) == len(fields):
            found.update(zip(fields, others, strict=True))
    return found


def _gaps(names: Sequence[str], shared: set[str]) -> dict[tuple[str, str], list[str]]:
    """The names that aren't shared, by the shared ones around them ("" at both ends)."""
    gaps: dict[tuple[str, str], list[str]] = {}
    left, gap = "", list[str]()
    for name in names:
        if name in shared:
            gaps[left, name] = gap
            left, gap = name, []
        else:
            gap.append(name)
    gaps[left, ""] = gap
    return gaps


def _again(schema: TableSchema, f: SchemaField, columns: Columns) -> str:
    """What to say of a further field of one name; "" for the first one of its name."""
    header = FieldPath.parse(f.path).header
    if header is None or header[1] == 1:
        return ""
    fields = sum(other.name == f.name for other in schema.fields)
    named = [FieldPath.parse(c).header for c in columns]
    there = sum(h is not None and h[0] == f.name for h in named)
    count = "no column is" if not there else "one column is" if there == 1 else f"{there} columns are"
    return f"the schema has {fields} fields called {f.name!r}, and {count} called so"


def _must_be_there(schema: TableSchema, constraints: object, there: set[str]) -> bool:
    match schema.fields_match:
        case "superset":
            return isinstance(constraints, dict) and constraints.get("required") is True
        case "partial":
            required = isinstance(constraints, dict) and constraints.get("required") is True
            return required or not any(f.path in there for f in schema.fields)
    return True


def _is_named_once(column: str) -> bool:
    """Blank headers, and the second of two equal ones, are the reader's business."""
    header = FieldPath.parse(column).header
    return header is not None and header[1] == 1 and bool(header[0].strip())

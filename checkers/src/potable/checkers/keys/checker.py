"""The ``keys`` checker: primary keys and other unique fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from potable.checkers.declared.formats import ELEMENT_FORMATS, PADDED_FORMATS
from potable.checkers.declared.keys import Key, keys_of
from potable.checkers.declared.switched import is_on
from potable.checkers.keys.codes import (
    CASE_VARIANT,
    CODES,
    DUPLICATE,
    FOREIGN_MISSING,
    INVISIBLE,
    LOOK_ALIKE,
    MISSING,
    NOT_SCALAR,
    NUL,
    WHITESPACE,
)
from potable.checkers.keys.foreign import ForeignKey, beside, foreign_faults, foreign_keys
from potable.checkers.names.headers import HeaderFold, header_line
from potable.checkers.names.likely import Columns, did_you_mean, likely_columns, shown
from potable.checkers.traits import alike, characters, spacing
from potable.engine.checker import FIELD_PATH, Checker, Fold, Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence
from potable.engine.paths import FieldPath, PathError, canonical
from potable.engine.paths.steps import Child

if TYPE_CHECKING:
    import polars as pl

    from potable.checkers.keys.references import Sides
    from potable.engine.fields import Field


def _one_or_more(text: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [text, {"type": "array", "minItems": 1, "items": text}]}


_FIELDS = _one_or_more({"type": "string", "minLength": 1})


class KeysChecker(Checker):
    """Whether each record has a primary key of its own, each unique field a value of its own, and each foreign key
    leads somewhere.
    """

    name = "keys"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "unique": {
                "type": "array",
                "default": [],
                "description": "Further keys: each a field, or a list of fields whose values together occur once.",
                "items": _one_or_more({"type": "string", "minLength": 1, "format": FIELD_PATH}),
            },
            "case_variants": {
                "type": "boolean",
                "default": True,
                "description": "Look for keys that differ only in upper and lower case.",
            },
            "foreign_keys": {
                "type": "array",
                "default": [],
                "description": "Foreign keys as in a Table Schema; a reference names a `resource` (a resourceID), a "
                "`file` beside the definition, or neither: this source.",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["fields", "reference"],
                    "properties": {
                        "fields": _FIELDS,
                        "reference": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["fields"],
                            "properties": {
                                "resource": {"type": "string"},
                                "file": {"type": "string", "minLength": 1},
                                "fields": _FIELDS,
                            },
                        },
                    },
                },
            },
        },
    }

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """Nothing to check without a key."""
        if self._keys(source) or self._foreign(source):
            return None
        return "no primary key, unique field or foreign key declared"

    def inputs(self, source: SourceDefinition) -> list[str]:
        """The sources that foreign keys refer to."""
        return [name for key in self._foreign(source) for name in key.resource]

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields of the options that can't be read as paths."""
        for index, key in enumerate(self.options["unique"]):
            for name in [key] if isinstance(key, str) else key:
                try:
                    canonical(name)
                except PathError as e:
                    place = source.place(f"/checks/keys/unique/{index}")
                    yield Occurrence("definition/bad-path", f"the path {name!r} can't be read: {e}", location=place)
        yield from foreign_faults(source, self.options["foreign_keys"])

    def rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """What can be seen in one record: a key that is missing, and one that isn't a single value."""
        for key in self._keys(source):
            if not key.primary:
                continue
            for path, values in zip(key.paths, key.missing_values, strict=True):
                lacks = partial(_missing, tuple(values))
                yield Rule(MISSING.id, [path], lacks, "the record has no key: {field} is missing", match="any")
                if source.format in ELEMENT_FORMATS and _is_element(path):
                    message = "the key is an element, not a value: its text is at {field}.'_$'"
                    hint = f"Let the path point to a value in every record: {path}.'_$' to the text, or an attribute."
                    yield Rule(NOT_SCALAR.id, [path], _element, message, match="one", hint=hint)
                elif source.format not in PADDED_FORMATS:
                    message = "the key at {field} isn't a single value"
                    yield Rule(NOT_SCALAR.id, [path], _not_scalar, message, match="one")
        if source.format not in PADDED_FORMATS:
            yield from self._nested_rules(source)

    def _nested_rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """A further key or a foreign key that is an object or an array, of which nothing is compared or looked up; a
        further key of several values.
        """
        keys = self._keys(source)
        told = {path for key in keys if key.primary for path in key.paths}
        further = [("key", "compared", key.paths) for key in keys if not key.primary]
        foreign = [("foreign key", "looked up", key.paths) for key in self._foreign(source)]
        for noun, done, paths in (*further, *foreign):
            for path in paths:
                if path not in told:
                    told.add(path)
                    one = noun == "key"
                    message = f"the {noun} at {{field}} isn't a {'single ' * one}value: nothing is {done}"
                    yield Rule(NOT_SCALAR.id, [path], _nested, message, match="one" if one else "any")

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """Key columns that aren't there; white space and the like; duplicates; foreign keys."""
        yield from self._primary_folds(source)
        yield from self._foreign_folds(source)

    def _primary_folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        from potable.checkers.folds.cells import CellFold  # heavy: only for a source that has a key
        from potable.checkers.keys.duplicates import DuplicateFold

        keys = self._keys(source)
        if not keys:
            return
        limits = self.context.limits
        yield HeaderFold("columns", (MISSING.id,), partial(_check_columns, keys), header_line(source))
        traits = {WHITESPACE: spacing.SURROUNDED, INVISIBLE: characters.INVISIBLE, LOOK_ALIKE: alike.LOOK_ALIKE}
        if source.format not in PADDED_FORMATS:  # the reader of a table tells of NUL bytes
            traits[NUL] = characters.NUL
        on = {code.id: trait for code, trait in traits.items() if is_on(source, code)}
        primary = dict.fromkeys(path for key in keys if key.primary for path in key.paths)
        if on and primary:
            yield CellFold("traits", tuple(primary), on, source, limits.samples)
        variants = self.options["case_variants"] and is_on(source, CASE_VARIANT)
        if not variants and not is_on(source, DUPLICATE):
            return
        for key in keys:
            yield DuplicateFold(
                key, source.key_delimiter, variants=variants and key.primary, scratch=self.context.scratch,
                state_bytes=limits.state_bytes // len(keys), samples=limits.samples,
            )  # fmt: skip

    def _foreign_folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        foreign = self._foreign(source) if is_on(source, FOREIGN_MISSING) else []
        if not foreign:
            return
        from potable.checkers.keys.references import ForeignFold  # heavy

        limits = self.context.limits
        check = partial(_check_foreign_columns, foreign)
        yield HeaderFold("foreign columns", (FOREIGN_MISSING.id,), check, header_line(source))
        for key in foreign:
            yield ForeignFold(
                key, partial(self._read, source, key), source=source, scratch=self.context.scratch,
                budget=limits.state_bytes // (2 * len(foreign)), samples=limits.samples,
            )  # fmt: skip

    def _read(self, source: SourceDefinition, key: ForeignKey, fold: Fold[Sides]) -> Sides:
        """Read the source that a foreign key refers to. Raises LookupError and Fault."""
        if key.file:
            return self.context.read(beside(source, key.file), fold)
        for name in key.resource[:-1]:
            with suppress(LookupError):
                return self.context.read(name, fold)
        return self.context.read(key.resource[-1], fold)

    def _foreign(self, source: SourceDefinition) -> list[ForeignKey]:
        return foreign_keys(source, self.options["foreign_keys"])

    def _keys(self, source: SourceDefinition) -> list[Key]:
        return keys_of(source, self.options["unique"])


def _missing(values: tuple[str, ...], f: Field) -> pl.Expr:
    from potable.checkers.values.missing import missing  # heavy

    return missing(f, values)


def _not_scalar(f: Field) -> pl.Expr:
    return f.kind.is_in(["object", "array", "many"])


def _is_element(path: str) -> bool:
    """Whether it leads to an element, in XML, and neither to an attribute nor to an element's own text."""
    last = FieldPath.parse(path).steps[-1]
    return not (isinstance(last, Child) and (last.name.startswith("@") or last.name == "_$"))


def _element(f: Field) -> pl.Expr:
    """One without text, attributes and children is missing."""
    return _not_scalar(f) | ((f.kind == "string") & (f.text != ""))


def _nested(f: Field) -> pl.Expr:
    return f.kind.is_in(["object", "array"])


def _check_columns(keys: list[Key], columns: Columns, place: Location) -> Iterator[Occurrence]:
    """Key columns that a file doesn't have."""
    for path in dict.fromkeys(path for key in keys if key.primary for path in key.paths):
        if path not in columns:
            near = did_you_mean(likely_columns(path, columns))
            yield Occurrence(MISSING.id, f"there is no key column {shown(path)}{near}", path, location=place)


def _check_foreign_columns(keys: list[ForeignKey], columns: Columns, place: Location) -> Iterator[Occurrence]:
    """Columns that foreign keys need, and those of the source itself that they refer to, that a file doesn't have."""
    needed: dict[str, tuple[str, ForeignKey]] = {}
    for key in keys:
        for path in key.paths:
            needed.setdefault(path, ("needs", key))
        for path in key.targets if key.own else ():
            needed.setdefault(path, ("refers to", key))
    for path, (verb, key) in needed.items():
        if path not in columns:
            near = did_you_mean(likely_columns(path, columns))
            message = f"there is no column {shown(path)}, which a foreign key {verb}{near}"
            yield Occurrence(FOREIGN_MISSING.id, message, path, rule=key.rule, location=place)

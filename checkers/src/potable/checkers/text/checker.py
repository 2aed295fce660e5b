"""The ``text`` checker: what is odd about texts, whatever they mean; forbidden and required values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from potable.checkers.declared.fields import bad_paths, chosen_of, field_list, left_out_of, paths_of
from potable.checkers.declared.formats import ELEMENT_FORMATS, PADDED_FORMATS
from potable.checkers.declared.keys import keys_of
from potable.checkers.declared.switched import is_on
from potable.checkers.declared.table_schema import SchemaField, TableSchema, as_list
from potable.checkers.names.headers import HeaderFold, header_line
from potable.checkers.text import escapes, masked, unconverted
from potable.checkers.text.codes import (
    CODES,
    CONTROL,
    DECOMPOSED,
    DITTO,
    ESCAPED,
    FORBIDDEN,
    INVISIBLE,
    LOST,
    MARKUP,
    MASKED,
    MISSPELT,
    MIXED_CASE,
    MOJIBAKE,
    NON_ASCII,
    ODD_LENGTH,
    OUTPUT,
    PLACEHOLDER,
    REQUIRED,
    SYNONYM,
    UNCONVERTED,
    WHITESPACE,
)
from potable.checkers.text.words import PLACEHOLDERS, spellings
from potable.checkers.traits import characters, decoding, programs, spacing
from potable.checkers.traits.trait import Trait
from potable.engine.checker import EACH_FIELD, VALUE_PATH, Checker, Fold, Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence

if TYPE_CHECKING:
    import polars as pl

    from potable.engine.fields import Field

EVERY = "*"
"""In the options: every field."""

_VALUES = {
    "type": "object",
    "default": {},
    "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}},
}


class TextChecker(Checker):
    """White space, invisible and control characters, wrong decoding, escapes, markup, masks, placeholders, upper and
    lower case, slips, letters apart from their accents; values that mustn't occur, and values that must.
    """

    name = "text"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "placeholders": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "default": list(PLACEHOLDERS),
                "description": "Words that stand for no value when they're all that a cell holds. One in lower case "
                "counts in capitals too, and one of four letters and more also with a capital.",
            },
            "except": field_list("Fields that aren't looked at."),
            "forbidden": {
                **_VALUES,
                "propertyNames": {"format": VALUE_PATH},
                "description": "By field (* for every field): values that mustn't occur, spelt exactly so.",
            },
            "required": {**_VALUES, "description": "By field: values each of which must occur in some record."},
        },
    }

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields of the options that can't be read as paths."""
        for option in ("forbidden", "required", "except"):
            yield from bad_paths(source, f"/checks/text/{option}", list(self.options[option]))

    def rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """Forbidden values."""
        for name, values in self.options["forbidden"].items():
            wrong = _OneOf([_text(v) for v in values])
            for path in [EACH_FIELD] if name == EVERY else chosen_of(source, [name]):
                yield Rule(FORBIDDEN.id, [path], wrong, 'the value "{value}" is forbidden')

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """Traits of all texts; required values."""
        from potable.checkers.folds.cells import CellFold  # heavy
        from potable.checkers.text.values import RequiredFold, check_columns

        traits, samples = self._traits(source), self.context.limits.samples
        special, ignored = self._by_field(source, traits)
        if traits:
            yield CellFold("traits", (EACH_FIELD,), traits, source, samples, special, ignored)
        words = spellings(self.options["placeholders"]) if is_on(source, PLACEHOLDER) else []
        if words or is_on(source, DITTO):
            from potable.checkers.text.placeholders import PlaceholderFold  # heavy

            keys, ditto = _single_keys(source), is_on(source, DITTO)
            yield PlaceholderFold(source, samples, words, ignored, keys, self._left_out, ditto=ditto)
        if on := [code.id for code in (MIXED_CASE, SYNONYM, MISSPELT) if is_on(source, code)]:
            from potable.checkers.text.spellings import SpellingFold  # heavy

            yield SpellingFold(source, samples, on, ignored, self._left_out)
        if is_on(source, DECOMPOSED):
            from potable.checkers.text.decomposed import DecomposedFold  # heavy

            yield DecomposedFold(source, samples, ignored, self._left_out)
        if is_on(source, ODD_LENGTH):
            from potable.checkers.text.lengths import LengthFold  # heavy

            yield LengthFold(self._left_out)
        required: dict[str, list[str]] = {}
        for name, values in self.options["required"].items():
            for path in paths_of([name]):
                required[path] = [*dict.fromkeys([*required.get(path, ()), *map(_text, values)])]
        if required:
            check = partial(check_columns, tuple(required))
            yield HeaderFold("columns of required", (REQUIRED.id,), check, header_line(source))
            yield RequiredFold(required, {path: chosen_of(source, [path]) for path in required})

    @property
    def _left_out(self) -> tuple[str, ...]:
        return left_out_of(self.options["except"])

    def _traits(self, source: SourceDefinition) -> dict[str, Trait]:
        known = {
            WHITESPACE: spacing.OF_ELEMENTS if source.format in ELEMENT_FORMATS else spacing.WHITESPACE,
            INVISIBLE: characters.INVISIBLE,
            CONTROL: characters.control(nul=source.format not in PADDED_FORMATS),
            MOJIBAKE: decoding.MOJIBAKE,
            LOST: escapes.LOST,
            ESCAPED: escapes.ESCAPED,
            MARKUP: programs.MARKUP,
            OUTPUT: programs.OUTPUT,
            UNCONVERTED: unconverted.UNCONVERTED,
            MASKED: masked.MASKED,
            NON_ASCII: characters.NON_ASCII,
        }
        return {code.id: trait for code, trait in known.items() if is_on(source, code)}

    def _by_field(
        self, source: SourceDefinition, traits: Mapping[str, Trait]
    ) -> tuple[dict[str, dict[str, Trait]], dict[str, tuple[str, ...]]]:
        """Traits, and texts that aren't looked at, of the fields that others or the schema say more of."""
        special: dict[str, dict[str, Trait]] = {}
        if "keys" in self.context.checkers and source.checks.get("keys") is not False:
            of_key = {c: t for c, t in traits.items() if c != INVISIBLE.id}
            if WHITESPACE.id in of_key:
                of_key[WHITESPACE.id] = spacing.DOUBLED
            if CONTROL.id in of_key:
                of_key[CONTROL.id] = characters.control(nul=False)
            special = {path: of_key for key in keys_of(source) if key.primary for path in key.paths}
        special |= {path: {} for path in self._left_out}
        schema = TableSchema.of(source)
        ignored = {f.path: _declared_texts(f) for f in schema.fields} if schema is not None else {}
        return special, ignored


class _OneOf:
    """Wrong where the value is listed."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = list(values)

    def __call__(self, f: Field) -> pl.Expr:
        return f.text.is_in(self._values)


def _declared_texts(f: SchemaField) -> tuple[str, ...]:
    """Texts that the schema itself names as right, or as missing."""
    listed = [
        *as_list(f.constraints.get("enum")),
        *as_list(f.given.get("trueValues")),
        *as_list(f.given.get("falseValues")),
    ]
    listed += [c.get("value") if isinstance(c, Mapping) else c for c in as_list(f.given.get("categories"))]
    numbers = ("NaN", "INF", "-INF") if f.type == "number" else ()
    # What was decoded wrongly is listed by a definition that was drafted from such data.
    right = (text for text in map(_text, listed) if not decoding.decoded_wrongly(text))
    return (*f.missing_values, *numbers, *right)


def _single_keys(source: SourceDefinition) -> set[str]:
    """Canonical paths of the fields that are keys by themselves."""
    options = source.checks.get("keys")
    further = options.get("unique", ()) if isinstance(options, Mapping) else ()
    return {key.paths[0] for key in keys_of(source, as_list(further)) if len(key.paths) == 1}


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)

"""From a profile to the members of a definition: Table Schema, key, missing values, values that must be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potable.engine.describe.patterns import (
    AMBIGUOUS,
    BY_NAME,
    COMMA_GROUPS,
    DECIMAL_COMMA,
    MISSING,
    OF_TABLE,
    WORDS,
)
from potable.engine.describe.profile import Column, Profile, is_id
from potable.engine.paths import FieldPath

ENOUGH = 20
"""Of fewer values nothing is concluded about their range, and no list of allowed ones is made."""
PER_VALUE = 5
"""An allowed value occurs so often on average: fewer, and the column holds names rather than categories."""
SURE_OF_KEY = 10
"""In fewer records values are all different by chance."""
_ONE_AGAIN_OF = 10
"""Of so many records at most one has the key of another."""

_SIGNS = frozenset(("-", "--", "---", "?", ".", "–", "—"))
_NO_KEY = frozenset(("number", "boolean", "date", "datetime", "time", "yearmonth", "year"))
_RANGES = {
    **dict.fromkeys(("lat", "latitude", "decimallatitude"), 90),
    **dict.fromkeys(("lon", "lng", "long", "longitude", "decimallongitude"), 180),
}


class Draft:
    """What a profile says of the data.

    :ivar members: of a definition: ``primaryKey``, ``missingValues``, ``schema``, ``qcRules``.
    :ivar notes: what else there is to know, a sentence each.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._paths = {name: FieldPath.parse(name) for name in profile.ordered()}
        self._kinds = {name: self._kind(name, self._column(name)) for name in self._paths}
        self._global, self._own = self._missing_values()
        self.members: dict[str, Any] = {}
        self.notes: list[str] = []
        if not profile.records:
            return
        key = self._key()
        if key is not None:
            self.members["primaryKey"] = self._named(key)
        if self._global != [""]:
            self.members["missingValues"] = self._global
        fields = [self._field(name) for name in self._paths if self._is_column(name)]
        if fields:
            self.members["schema"] = {"fields": fields}
        present = [{"path": name} for name in self._paths if not self._is_column(name) and self._is_there(name)]
        if present:
            self.members["qcRules"] = {"ValueExists": present}
        self._note_ambiguous()

    def _column(self, name: str) -> Column:
        return self._profile.columns.get(name) or Column()

    def _is_column(self, name: str) -> bool:
        """Whether a Table Schema can name it."""
        header = self._paths[name].header
        return header is not None and (header[1] == 1 or self._profile.names is not None)

    def _named(self, name: str) -> str:
        """A field as a definition names it: a column's name where it's one."""
        column = self._paths[name].column
        return name if column is None or column.startswith("$") or column != column.strip() else column

    # -- types ---------------------------------------------------------------------------------------------------

    def _kind(self, name: str, column: Column) -> Mapping[str, Any]:
        """The members of a descriptor that tell the type; placeholders among numbers and dates are no matter."""
        if self._profile.typed:
            return _kind_of_typed(column)
        if column.several or not column.tested:
            return {} if column.several or not column.empties.keys() - {""} else {"type": "string"}
        return _best(column.fits, self._paths[name].name) or {"type": "string"}

    def _missing_values(self) -> tuple[list[str], dict[str, list[str]]]:
        """Texts that count as missing everywhere, and in single columns besides."""
        needed: dict[str, set[str]] = {}
        texts: set[str] = set()
        for name in self._paths:
            empties = {e for e in self._column(name).empties if e}
            if _is_text(self._kinds[name]):
                texts |= empties
            elif self._kinds[name]:
                needed[name] = empties
        wanted = set().union(*needed.values()) if needed else set()
        seen = wanted | texts
        everywhere = [m for m in MISSING if m in seen]
        everywhere += sorted(w for w in wanted.difference(MISSING) if w in WORDS or w not in texts)
        own = {name: sorted(e - set(everywhere)) for name, e in needed.items() if e - set(everywhere)}
        return ["", *everywhere], own

    def _lacking(self, name: str) -> int:
        column = self._column(name)
        listed = {*self._global, *self._own.get(name, ())}
        return self._profile.lacking(name) + sum(n for text, n in column.empties.items() if text in listed)

    def _is_there(self, name: str) -> bool:
        """Whether each record has exactly one text there."""
        column = self._column(name)
        scalar = not column.kinds.keys() & {"object", "array", "many"}
        plain = FieldPath.parse(name).singular
        return plain and scalar and not column.several and not self._lacking(name) and not column.empties[""]

    # -- the schema ----------------------------------------------------------------------------------------------

    def _field(self, name: str) -> dict[str, Any]:
        column, kind = self._column(name), self._kinds[name]
        header = self._paths[name].header
        field: dict[str, Any] = {"name": header[0] if header is not None else name, **kind}
        if name in self._own:
            field["missingValues"] = [*self._global, *self._own[name]]
        constraints: dict[str, Any] = {}
        if not self._lacking(name):
            constraints["required"] = True
        if (values := self._allowed(name, column, kind)) is not None:
            constraints["enum"] = values
        constraints |= self._range(name, column, kind)
        if constraints:
            field["constraints"] = constraints
        return field

    def _allowed(self, name: str, column: Column, kind: Mapping[str, Any]) -> list[str] | None:
        """The values of a column of a few texts that occur again and again."""
        if not _is_text(kind) or "format" in kind or column.values is None:
            return None
        listed = {*self._global, *self._own.get(name, ())}
        values = set(column.values) | {text for text, n in column.empties.items() if n and text not in listed}
        count = sum(column.values.values()) + sum(n for t, n in column.empties.items() if t in values)
        if any(v in _SIGNS for v in values) and any(map(str.isalnum, "".join(values))):
            return None  # it isn't known whether the sign stands for no value; listed, it would be right for good
        few = len(values) > 1 and count >= max(ENOUGH, PER_VALUE * len(values))
        return sorted(values) if few and not is_id(self._paths[name]) else None

    def _range(self, name: str, column: Column, kind: Mapping[str, Any]) -> dict[str, int]:
        """Bounds that are those of the thing, not only of these data: never negative, a latitude."""
        if (
            kind.get("type") not in ("integer", "number")
            or {"decimalChar", "groupChar"} & kind.keys()
            or column.tested < ENOUGH
        ):
            return {}
        bound = _RANGES.get(self._paths[name].name.casefold().replace("_", "").replace(" ", ""))
        if bound is not None and column.reach < bound:
            return {"minimum": -bound, "maximum": bound}
        return {} if column.negative or bound is not None else {"minimum": 0}

    # -- the key -------------------------------------------------------------------------------------------------

    def _key(self) -> str | None:
        """The likeliest key; other candidates become a note."""
        records = self._profile.records
        found = [
            name
            for name in self._profile.ranked()
            if self._column(name).unique is not None
            and not self._lacking(name)
            and self._kinds[name].get("type", "string") not in _NO_KEY
            and self._paths[name].name.strip()
        ]
        likely = [name for name in found if self._may_be_the_key(name)]
        key = likely[0] if likely and records > 1 else None
        if key is not None and not is_id(self._paths[key]):
            key = key if records >= SURE_OF_KEY else None
        nearly = self._nearly_key() if key is None or not is_id(self._paths[key]) else None
        others = [name for name in found if name != key or nearly is not None]
        if others and records > 1:
            shown = ", ".join(map(self._named, others[:5])) + (", ..." if len(others) > 5 else "")
            either = " either" if key is not None and nearly is None else ""
            self.notes.append(f"No value occurs twice in {shown}{either}.")
        return nearly or key

    def _may_be_the_key(self, name: str) -> bool:
        """Whether a field's values are more than different by chance, as those of a quantity are."""
        first = self._profile.ordered()[0] == name
        return first or is_id(self._paths[name]) or self._kinds[name].get("type") != "integer"

    def _nearly_key(self) -> str | None:
        """A field that is the key by its name, and of which a few records have the value of another one."""
        for name in self._profile.ranked():
            again, records = self._column(name).again, self._profile.records
            if again and not self._lacking(name) and records >= max(SURE_OF_KEY, again * _ONE_AGAIN_OF):
                have = "1 record has" if again == 1 else f"{again:,} records have"
                self.notes.append(
                    f"{self._named(name)} is proposed as the key, though {have} the value of an earlier one: a run "
                    "fails on that (keys/duplicate) until the source is mended, or dupPerc tolerates it."
                )
                return name
        return None

    def _is_either(self, name: str) -> bool:
        """Whether the commas of its numbers mean one thing or another."""
        column = self._column(name)
        return bool(column.tested) and {DECIMAL_COMMA, COMMA_GROUPS} <= column.fits and not column.fits & {"integer"}

    def _note_ambiguous(self) -> None:
        for name in self._paths:
            if self._is_either(name):
                self.notes.append(
                    f"{self._named(name)} holds numbers whose comma may stand before decimals or between thousands: "
                    "say type: number and decimalChar: ',' or groupChar: ','."
                )
            if self._column(name).tested and self._column(name).fits.issuperset(AMBIGUOUS):
                self.notes.append(
                    f"{self._named(name)} holds dates whose day and month can't be told apart: say type: date and "
                    "format: '%d/%m/%Y' or '%m/%d/%Y'."
                )


def _is_text(kind: Mapping[str, Any]) -> bool:
    return kind.get("type") == "string" and "format" not in kind


def _best(fits: frozenset[str], name: str) -> dict[str, Any] | None:
    """The type that the first of the patterns tells which fit."""
    if "year" in fits and name.casefold().endswith("year"):
        return dict(BY_NAME["year"].descriptor)
    left = fits - {"year"} - (set(AMBIGUOUS) if fits.issuperset(AMBIGUOUS) else set())
    if left >= {DECIMAL_COMMA, COMMA_GROUPS} and "integer" not in left:
        left = frozenset(n for n in left if BY_NAME[n].descriptor["type"] != "number")
    return next((dict(p.descriptor) for p in OF_TABLE if p.name in left), None)


def _kind_of_typed(column: Column) -> dict[str, Any]:
    kinds = {kind for kind, n in column.kinds.items() if n} - {"absent", "null"}
    match sorted(kinds):
        case ["number"]:
            return {"type": "integer" if "integer" in column.fits else "number"}
        case ["boolean" | "object" | "array" as kind]:
            return {"type": kind}
        case ["string"]:
            fits = column.fits if column.tested else frozenset()
            return _best(fits, "") or {"type": "string"}
        case ["number", "string"] if not column.tested - _numbers(column):
            return {"type": "integer" if "integer" in column.fits else "number"}
    return {}


def _numbers(column: Column) -> int:
    return column.kinds["number"]

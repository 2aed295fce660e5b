"""The ``drift`` checker: a source beside what it was in the last accepted run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from potable.checkers.declared.fields import bad_paths, field_list, left_out_of
from potable.checkers.drift.codes import CHURN, CODES, DISTRIBUTION, NAMESPACE, NULLS, TYPE
from potable.checkers.drift.names import NESTED, field_changes
from potable.checkers.drift.spaces import moved_names
from potable.checkers.explained import ALL_BLANK
from potable.engine.checker import Checker, Fold
from potable.engine.contracts.history import History, Summary
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.toolkit import Quoting


def _percent(default: float, description: str) -> dict[str, Any]:
    return {"type": "number", "minimum": 0, "maximum": 100, "default": default, "description": description}


class DriftChecker(Checker):
    """Fields added and gone, and how fields' types, missing values, distributions and the keys have changed since the
    last accepted run. The figures that later runs are compared with are among the report's metrics.
    """

    name = "drift"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "nulls": _percent(10, "Tolerated change in the share of missing values, in percentage points."),
            "distribution": _percent(25, "Tolerated share of a field's values that have moved, in percent."),
            "churn": _percent(20, "Tolerated share of the earlier keys that others have replaced, in percent."),
            "except": field_list("Fields whose values aren't compared.", values=False),
        },
    }

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields of the options that can't be read as paths."""
        yield from bad_paths(source, "/checks/drift/except", self.options["except"])

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """The figures of this run."""
        from potable.checkers.drift.fold import ProfileFold  # heavy
        from potable.checkers.drift.keys import KeySketchFold

        yield ProfileFold(source, left_out_of(self.options["except"]))
        quoting = Quoting(source.values)
        if source.primary_key and all(quoting.policy(path) == "shown" for path in source.primary_key):
            yield KeySketchFold(source.primary_key)

    def check_history(self, source: SourceDefinition, summary: Summary, history: History) -> Iterator[Occurrence]:
        """Compare the figures."""
        before = history.baseline(summary.shape)
        if before is None:
            return
        old, new = _figures(before), _figures(summary)
        empty = set() if before.columns else _without_values(old)
        several = "several" in old  # runs of earlier versions don't tell of them
        names = _names(before, old, several=several), _names(summary, new, several=several)
        yield from field_changes(*names, empty, table=bool(summary.columns))
        yield from _namespaces(before, summary)
        fields, others = (_mapping(figures.get("fields")) for figures in (old, new))
        left_out = left_out_of(self.options["except"])
        whole = bool(old.get("whole")) and bool(new.get("whole"))
        blank = ALL_BLANK in summary.counts  # which tells of all missing values
        for name, profile in fields.items():
            if name in others and name not in left_out:
                yield from self._values(
                    name, _mapping(profile), _mapping(others[name]), whole=whole, blank=blank, names=names[1]
                )
        yield from self._keys(_mapping(old.get("keys")), _mapping(new.get("keys")))

    def _values(
        self,
        name: str,
        before: Mapping[str, Any],
        now: Mapping[str, Any],
        *,
        whole: bool,
        blank: bool,
        names: Collection[str],
    ) -> Iterator[Occurrence]:
        from potable.checkers.drift.compare import moved, null_shares, types, ways  # heavy

        changed = types(before, now)
        if changed is not None:
            kinds = {"before": before["kinds"], "now": now["kinds"]}
            message = f"the values were {_PLURAL[changed[0]]}, now they are {_PLURAL[changed[1]]}"
            inside = tuple(n for n in names if n.startswith((f"{name}.", f"{name}["))) if changed[1] in NESTED else ()
            yield Occurrence(TYPE.id, message, name, details=kinds, explains=inside)
        elif (written := ways(before, now)) is not None:
            message = f"the dates were written as {written[0]}, now as {written[1]}"
            details = {"before": before["dates"][0], "now": now["dates"][0]}
            yield Occurrence(TYPE.id, message, name, details=details)
        share, other, chance = null_shares(before, now)
        if not blank and abs(share - other) * 100 > max(self.options["nulls"], 0 if whole else 100 * chance):
            message = f"{100 * other:.1f} % of the values are missing, where {100 * share:.1f} % were"
            yield Occurrence(NULLS.id, message, name, details={"before": round(share, 6), "now": round(other, 6)})
        change = moved(before, now)
        if change is not None and 100 * change[0] > max(self.options["distribution"], 100 * change[1]):
            message = f"about {100 * change[0]:.0f} % of the values have moved since the last accepted run"
            details = {k: [before.get(k), now.get(k)] for k in ("scale",) if k in before and k in now}
            yield Occurrence(DISTRIBUTION.id, message, name, details=details)

    def _keys(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Occurrence]:
        from potable.checkers.drift.keys import shared  # heavy

        both = shared(before, now)
        if both is None:
            return
        share = both.replaced / both.looked_at
        chance = 0.0 if both.exact else 3 * (share * (1 - share) / both.looked_at) ** 0.5
        if 100 * (share - chance) > self.options["churn"]:
            about = "" if both.exact else "about "
            message = f"{about}{100 * both.gone / both.looked_at:.0f} % of the keys of the last accepted run are gone"
            if both.replaced < both.gone:
                message += f", and others have come in place of {100 * share:.0f} %"
            key = tuple(before.get("fields") or ())
            details = {"looked_at": both.looked_at, "gone": both.gone, "new": both.new}
            yield Occurrence(CHURN.id, message, key[0] if len(key) == 1 else None, fields=key, details=details)


_PLURAL = {
    "integer": "integers", "number": "numbers", "boolean": "booleans", "date": "dates", "text": "texts",
    "mixed": "of several kinds", "object": "objects", "array": "arrays",
}  # fmt: skip


def _namespaces(before: Summary, now: Summary) -> Iterator[Occurrence]:
    old, new = (_mapping(s.metrics).get("namespaces") for s in (before, now))
    for (was, be), names in moved_names(_mapping(old), _mapping(new)).items():
        one = len(names) == 1
        more = f" and {len(names) - 1:,} more elements" if len(names) > 2 else f" and <{names[-1]}>" * (not one)
        message = f"<{names[0]}>{more} {'is' if one else 'are'} in {_space(be)}, "
        message += f"in the last accepted run {'it was' if one else 'they were'} in {_space(was)}"
        yield Occurrence(
            NAMESPACE.id, message, rule=be or "none", details={"elements": names, "before": was, "now": be}
        )


def _space(uri: str) -> str:
    return f"the namespace {uri}" if uri else "no namespace"


def _figures(summary: Summary) -> Mapping[str, Any]:
    return _mapping(_mapping(summary.metrics).get("drift"))


def _mapping(value: object) -> Mapping[str, Any]:
    """What is stored may come from another version: anything else is as good as nothing."""
    return value if isinstance(value, Mapping) else {}


def _without_values(figures: Mapping[str, Any]) -> set[str]:
    """Fields without any text: those that only the definition names, that are always null, or hold other fields."""
    profiles = {name: _mapping(profile) for name, profile in _mapping(figures.get("fields")).items()}
    nested = {name: sum(_mapping(p.get("kinds")).get(kind, 0) for kind in NESTED) for name, p in profiles.items()}
    return {name for name, p in profiles.items() if p.get("n") == p.get("missing", 0) + nested[name]}


def _names(summary: Summary, figures: Mapping[str, Any], *, several: bool) -> list[str]:
    """Canonical paths of a run's fields.

    :param several: with those that have several values in a record.
    """
    if summary.columns:
        return list(summary.columns)
    more: Iterable[str] = figures.get("several") or () if several else ()
    return [*_mapping(figures.get("fields")), *more]

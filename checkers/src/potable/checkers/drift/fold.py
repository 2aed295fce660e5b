"""The figures of a run that later ones are compared with."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from potable.checkers.drift.profiles import MOST_FIELDS, profiles
from potable.checkers.drift.sample import NO_FIELD, NUL, Drawn, SampleFold
from potable.engine.checker import Outcome
from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.definition.model import SourceDefinition
from potable.engine.toolkit import Quoting


class ProfileFold(SampleFold):
    """Profiles of all fields, from a sample of the records."""

    def __init__(self, source: SourceDefinition, left_out: Sequence[str]) -> None:
        super().__init__()
        self._missing, self._left_out, self._quoting = source.missing_values, left_out, Quoting(source.values)

    def finish(self, state: Drawn) -> Outcome:
        state = state.tidied()
        frame = pl.DataFrame(pl.from_arrow(state.tables[0])) if state.tables else pl.DataFrame()
        frame = frame.drop(NO_FIELD, strict=False)
        frame = frame.rename({name: name.replace(NUL, "\0") for name in frame.columns if NUL in name})
        frame = frame.drop(state.several, strict=False)  # other chunks may have it with one value in each record
        frame = frame.drop([name for name in frame.columns if _is_nowhere(frame, name)])
        closed = {name: self._quoting.policy(name) != "shown" for name in frame.columns}
        fields = profiles(frame, self._missing, closed, self._left_out)
        several = sorted(name for name in state.several if not name.endswith(KIND_SUFFIX))[:MOST_FIELDS]
        return Outcome(metrics={"fields": fields, "several": several, "whole": len(state.ranks) == state.records})


def _is_nowhere(frame: pl.DataFrame, name: str) -> bool:
    """Whether it's a field that was asked for by name, and that no record has."""
    values, kinds = frame[name], frame.get_column(name + KIND_SUFFIX, default=None)
    if name.endswith(KIND_SUFFIX) or values.null_count() < len(values):
        return False
    return kinds is None or bool((kinds.fill_null("absent") == "absent").all())

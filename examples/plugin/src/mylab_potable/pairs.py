"""A nest with one bird alone: a fold, since no single record can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from potable.engine import Checker, Code, Fold, Occurrence, Outcome, Severity, SourceDefinition
from potable.engine.contracts.reading import Chunk
from potable.engine.paths import canonical

SINGLE = Code(
    id="pairs/single",
    severity=Severity.WARNING,
    title="Nest with one bird alone",
    meaning="A nest's two birds are both recorded, but this one's partner is nowhere in the source.",
    why="Studies of pairs leave such nests out: better to know before the analysis.",
    example="N31A1 without an N31A2.",
    mend="Look for the partner under a mistyped nest number.",
    dataset=True,
)


class SingleBirds(Fold[dict[str, int]]):
    """Individuals ``N31A1`` and ``N31A2`` are a pair, within a group of records.

    The state counts each bird under its group and nest: merging two states adds them up, so that any cutting of the
    data gives the same outcome.
    """

    name = "single-birds"
    codes = (SINGLE.id,)

    def __init__(self, bird: str, group: str) -> None:
        self.bird, self.group = canonical(bird), canonical(group)
        self.fields = (self.bird, self.group)

    def start(self) -> dict[str, int]:
        """No birds yet."""
        return {}

    def update(self, state: dict[str, int], chunk: Chunk) -> dict[str, int]:
        """Count the chunk's birds."""
        for group, bird in chunk.frame.select(self.group, self.bird).drop_nulls().iter_rows():
            if bird[:-1].endswith("A"):
                nest = f"{group} {bird[:-2]}"
                state[nest] = state.get(nest, 0) + 1
        return state

    def merge(self, left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
        """Add the counts."""
        for nest, birds in right.items():
            left[nest] = left.get(nest, 0) + birds
        return left

    def finish(self, state: dict[str, int]) -> Outcome:
        """One occurrence for each nest of one bird, in order of their names."""
        alone = sorted(nest for nest, birds in state.items() if birds == 1)
        return Outcome(
            findings=[Occurrence(SINGLE.id, f"Nest {nest} has one bird", self.bird, value=nest) for nest in alone],
            metrics={"nests": len(state)},
        )


class Pairs(Checker):
    """Looks for nests with one bird alone."""

    name = "pairs"
    codes = (SINGLE,)
    default_on = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["bird", "group"],
        "properties": {
            "bird": {"type": "string", "description": "field that identifies the bird, like N31A1"},
            "group": {"type": "string", "description": "field within which nests are numbered"},
        },
    }

    def folds(self, source: SourceDefinition) -> Iterator[Fold[dict[str, int]]]:
        """One fold over both fields."""
        yield SingleBirds(self.options["bird"], self.options["group"])

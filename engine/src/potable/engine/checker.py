"""What an author of checks writes: :class:`Checker`, :class:`Rule`, :class:`Fold`.

A checker has a name, documented codes, a JSON Schema of its options, and any of the stage methods below; the engine
calls those that a subclass overrides. All of Potable's own checks are made of nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from potable.engine.contracts.reading import Chunk
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Code, Occurrence, Tally
from potable.engine.handed import a_kind, callables, holds, record_numbers, texts
from potable.engine.jsontext import plain

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from potable.engine.contracts.history import History, Summary
    from potable.engine.contracts.http import Http
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits

API_VERSION = 1
"""The plugin contract's version; a plugin states it as ``potable_api = 1``."""

EACH_FIELD = "$.*"
"""As a rule's only field: one instance of the rule for each field of the source."""

FIELD_PATH = "field-path"
"""``format`` of a text in ``options_schema`` that names a field, or of a mapping's names (``propertyNames``): where the
data don't have the field, ``definition/unknown-field`` says so.
"""

VALUE_PATH = "value-path"
"""The same of a field whose values are looked at: where they're objects, which have none, that is told too."""

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of one record at a time, over whole columns.

    :param code: id of a code that the checker declares.
    :param fields: field paths, or plain column names; ``[EACH_FIELD]`` for every field of the source. A text alone is
        one field.
    :param wrong: called once with a :class:`~potable.engine.fields.Field` for each of ``fields``, in order; returns a
        Polars expression that is true where the record is wrong. null counts as not wrong. It sees one record: no
        window and no aggregate.
    :param message: a template; ``{value}`` is the first field's value, ``{field}`` its path, and each field's last
        name is a placeholder as well.
    :param id: stable id, where one field has several rules of one code.
    :param match: what a path that matches several values of a record means: wrong where ``each`` has to be right and
        one isn't; wrong where not ``any`` of them is right; ``one``: several are wrong by themselves.
    :param on_missing_field: where a table has no such column: ``skip`` the rule and say so in the coverage, or
        ``report`` it once, as a fault of the file.
    :param hint: how to mend it; default is the code's ``mend``.
    :param details: further facts for the finding, JSON-compatible.
    """

    code: str
    fields: Sequence[str]
    wrong: Callable[..., pl.Expr]
    message: str
    _: KW_ONLY
    id: str | None = None
    match: Literal["each", "any", "one"] = "each"
    on_missing_field: Literal["skip", "report"] = "skip"
    hint: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", texts("Rule.fields", self.fields))
        if not self.fields:
            raise ValueError("a Rule is over one field or more")
        callables(self, "wrong")
        for name, one_of in (("match", ("each", "any", "one")), ("on_missing_field", ("skip", "report"))):
            if getattr(self, name) not in one_of:
                raise ValueError(f"Rule.{name} is {getattr(self, name)!r}: it's {' or '.join(map(repr, one_of))}")
        for name in ("code", "message", "id", "hint"):
            given = getattr(self, name)
            if not isinstance(given, str) and (given is not None or name in ("code", "message")):
                raise TypeError(f"Rule.{name} is {a_kind(given)}, not a text")
        if self.details:
            object.__setattr__(self, "details", plain(self.details, "Rule.details"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A second pass over a few fields, asked for by a fold when it has seen everything.

    :param rules: rules for that pass.
    :param folds: folds for that pass; they can't ask for a third.
    :param records: numbers of the records to look at, as a list, a set or an array of whole numbers, which becomes an
        ascending one of ``uint64``; None: all. The fewer, the cheaper.
    """

    rules: Sequence[Rule] = ()
    folds: Sequence[Fold[Any]] = ()
    records: Iterable[int] | npt.NDArray[np.uint64] | None = None

    def __post_init__(self) -> None:
        """What is none fails where it's made, in the checker."""
        holds(self.rules, "Late.rules", Rule)
        holds(self.folds, "Late.folds", Fold)
        if self.records is not None:
            object.__setattr__(self, "records", record_numbers(self.records, "Late.records"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a fold has found.

    :param findings: occurrences and tallies.
    :param metrics: figures for the report, JSON-compatible, by name.
    :param late: what is left for a second pass.
    :param unchecked: what couldn't be looked at, clauses for the coverage.
    """

    findings: Sequence[Occurrence | Tally] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    late: Late | None = None
    unchecked: Sequence[str] = ()

    def __post_init__(self) -> None:
        """What is none fails where it's made, in the checker."""
        if isinstance(self.findings, Iterable):
            object.__setattr__(self, "findings", tuple(self.findings))
        holds(self.findings, "Outcome.findings", Occurrence, Tally)
        object.__setattr__(self, "unchecked", texts("Outcome.unchecked", self.unchecked))
        if not isinstance(self.metrics, Mapping):
            raise TypeError(f"Outcome.metrics is {a_kind(self.metrics)}, not a mapping")
        if not isinstance(self.late, Late | None):
            raise TypeError(f"Outcome.late is {a_kind(self.late)}, not a Late")


class Fold(ABC, Generic[S]):
    """A check of the whole source, as a monoid over its chunks.

    The law: ``merge`` is associative over chunks in order, and any cutting of the data gives the same outcome. So a
    state holds integers, sets and fixed bins (no float accumulation), pickles, and is bounded: past its memory budget
    it spills to a file under ``context.scratch``.

    :ivar name: unique among the checker's folds.
    :ivar codes: ids of the codes that it may find.
    :ivar fields: field paths it needs; ``(EACH_FIELD,)`` for all.
    """

    name: str
    codes: Sequence[str] = ()
    fields: Sequence[str] = ()

    @abstractmethod
    def start(self) -> S:
        """The state of no data."""

    @abstractmethod
    def update(self, state: S, chunk: Chunk) -> S:
        """The state after ``chunk``; may change and return ``state``."""

    @abstractmethod
    def merge(self, left: S, right: S) -> S:
        """The state of the data of ``left`` followed by that of ``right``; may change and return ``left``."""

    @abstractmethod
    def finish(self, state: S) -> Outcome:
        """What was found, when all data were seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """A check of one whole part.

    :param codes: ids of the codes that it may find.
    :param check: yields what is wrong with the part.
    """

    codes: Sequence[str]
    check: Callable[[Part], Iterable[Occurrence]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", texts("FileCheck.codes", self.codes))
        callables(self, "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCheck:
    """A check of one parsed record at a time (a ``dict`` from JSON, an element from XML).

    :param codes: ids of the codes that it may find.
    :param check: yields what is wrong with the record; ``location.path`` is a pointer into it, the engine adds the
        rest of the place.
    :param passes: a quick test, where there is one: true where ``check`` would find nothing, which then isn't called.
    :param suspects: a quick test of all records of a chunk at once, where there is one (:attr:`Chunk.json
        <potable.engine.contracts.reading.Chunk.json>` has their text): rows of those that may be wrong, ascending,
        which alone are then checked. None: it can't tell here.
    """

    codes: Sequence[str]
    check: Callable[[Any], Iterable[Occurrence]]
    passes: Callable[[Any], bool] | None = None
    suspects: Callable[[Chunk], Sequence[int] | None] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", texts("DocumentCheck.codes", self.codes))
        callables(self, "check", optional=("passes", "suspects"))


class CheckContext(Protocol):
    """What the engine lends a checker."""

    @property
    def limits(self) -> Limits:
        """The run's limits. ``samples`` is how many samples of a finding to hand in: more than the report shows, since
        another finding may explain some of them.
        """

    @property
    def scratch(self) -> Path:
        """A folder of this run alone, for states that spill; removed when the run ends."""

    @property
    def http(self) -> Http:
        """The only way to the network; it keeps Potable's address rules."""

    @property
    def checkers(self) -> Mapping[str, type[Checker]]:
        """All checkers in use, by name."""

    def read(self, source: str | SourceDefinition, fold: Fold[S]) -> S:
        """Read another source to its end, under the run's limits and address rules.

        :param source: a resourceID that the checker's :meth:`Checker.inputs` named; or a definition of its own making,
            as of a file beside this source's definition.
        :param fold: what is to be learnt from it; its ``finish`` isn't called.
        :returns: the fold's state.
        :raises LookupError: there's no such source, or no catalogue to look it up in.
        :raises Fault: it can't be had, or not read to its end.
        """


class Checker:
    """The base of all checkers; override the stages you need.

    :cvar name: lower-case letters, digits and dashes; the first part of its codes.
    :cvar codes: every code that it can report, documented.
    :cvar options_schema: JSON Schema (draft 2020-12) of its options in ``checks: NAME:``; defaults in it are filled in.
    :cvar default_on: False: it runs only where a definition names it.
    :ivar options: the validated options.
    :ivar context: what the engine lends it.
    """

    name: ClassVar[str]
    codes: ClassVar[Sequence[Code]] = ()
    options_schema: ClassVar[Mapping[str, Any]] = {"type": "object", "additionalProperties": False}
    default_on: ClassVar[bool] = True

    def __init__(self, options: Mapping[str, Any], context: CheckContext) -> None:
        self.options = options
        self.context = context

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """Why there's nothing to check for this source (``no schema declared``), or None; shown in the coverage."""

    def inputs(self, source: SourceDefinition) -> Collection[str]:
        """resourceIDs of further sources that it needs (for foreign keys)."""
        return ()

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """What is wrong with the definition alone; called by ``lint`` too, before any data are touched."""
        return ()

    def check_access(self, source: SourceDefinition, snapshot: Snapshot) -> Iterable[Occurrence]:
        """What is wrong with how the bytes came."""
        return ()

    def files(self, source: SourceDefinition) -> Iterable[FileCheck]:
        """Checks of whole parts."""
        return ()

    def rules(self, source: SourceDefinition) -> Iterable[Rule]:
        """Rules over fields."""
        return ()

    def documents(self, source: SourceDefinition) -> Iterable[DocumentCheck]:
        """Checks of parsed records."""
        return ()

    def folds(self, source: SourceDefinition) -> Iterable[Fold[Any]]:
        """Checks of the whole source."""
        return ()

    def check_history(self, source: SourceDefinition, summary: Summary, history: History) -> Iterable[Occurrence]:
        """What this run shows beside earlier accepted ones."""
        return ()

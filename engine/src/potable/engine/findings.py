"""What can be said of a source: codes, places, samples, findings.

A :class:`Code` documents one kind of defect. An :class:`Occurrence` is one defect, as a checker, fetcher or reader
reports it; a :class:`Tally` is many of one kind, counted. The collector folds both into :class:`Finding`, one for
each (code, field, rule), with an exact count and a bounded number of samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from dataclasses import field as member
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from potable.engine.handed import a_kind, holds, record_numbers, texts, whole_number
from potable.engine.jsontext import plain

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

VALUE_LIMIT = 200
"""Longest value that a sample quotes, in characters."""


_NUMBERS, _TEXTS = {int, type(None)}, {str, type(None)}

AT_FIELD = "@field"
"""The end of a name under ``suppressed_by`` that means the same field."""
AT_FILE = "@file"
"""The end of one that means the same field, and of what is explained only faults of a file."""
AT_RUN = "@run"
"""The end of one that explains what has no record, wherever it stands itself."""


def cause_of(by: str) -> str:
    """The code that a name under ``suppressed_by`` means."""
    return by.removesuffix(AT_FIELD).removesuffix(AT_FILE).removesuffix(AT_RUN)


class Severity(StrEnum):
    """How bad a finding is: an error can fail the run, a warning and an info can't."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return ("error", "warning", "info").index(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of defect, documented: the reference, ``potable explain`` and the report's hints come from here.

    :param id: ``checker/defect``, named after the defect.
    :param severity: its severity unless a definition changes it.
    :param title: a noun phrase, for headings.
    :param meaning: what is wrong, in one or two sentences.
    :param why: why it matters to whoever ingests the data.
    :param example: data (or a definition) that has the defect.
    :param mend: what to do about it, in the imperative; the report's hint.
    :param misses: what the check is known not to find, or to find wrongly; empty when exact.
    :param blocking: the data couldn't be had, or not read on: the verdict is ``inconclusive``.
    :param suppressed_by: codes that explain this one where they're found; what is explained isn't reported. One that
        ends in ``@field`` explains only what stands for the same field, or one that it says it explains; in ``@file``:
        likewise, and only what has no record, as where one of several files lacks a column. A finding of the whole file
        or run (without records) explains all; one of records only what is at those records, and nothing that has no
        record, but for one that ends in ``@run``: a record that says that the rest is missing explains that there are
        fewer, and of what has a field only what stands for one that it says it explains. It explains nothing worse than
        it is itself in this run, by severity; what is ``blocking`` is worse than any error, and only explained by
        another blocking finding or an error of the whole file. What is explained itself explains all the same, since
        its own cause stands; codes that explain each other in a circle explain nothing.
    :param dataset: True where a sample of the source can't decide it (uniqueness, counts).
    :param default_on: False for a code that a definition must switch on (by giving it a severity).
    """

    id: str
    severity: Severity
    title: str
    meaning: str
    why: str
    example: str
    mend: str
    misses: str = ""
    blocking: bool = False
    suppressed_by: tuple[str, ...] = ()
    dataset: bool = False
    default_on: bool = True

    def __post_init__(self) -> None:
        """What can't be a code fails where it's made, at the import of the plugin."""
        for name in ("id", "title", "meaning", "why", "example", "mend", "misses"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"Code.{name} is {a_kind(getattr(self, name))}, not a text")
        if "" in (halves := self.id.split("/")) or len(halves) != 2 or "@" in self.id or len(self.id.split()) != 1:
            raise ValueError(f"Code.id is {self.id!r}: write checker/defect, without blanks")
        object.__setattr__(self, "severity", _severity(self.severity, "Code"))
        explained: Sequence[str] = self.suppressed_by
        if isinstance(explained, str):  # which is a sequence of texts too: of its letters
            object.__setattr__(self, "suppressed_by", (explained,))

    @property
    def family(self) -> str:
        """The part before the slash: the checker's name."""
        return self.id.partition("/")[0]


def given_severity(severity: Mapping[str, Any], code: Code, field: str | None = None) -> str | None:
    """The word that a definition's ``severity`` has for a code, or else for its family; None: none.

    :param field: canonical path: what is said of it counts before what is said of the family.

    What is said of a family doesn't switch on a code that is off by default.
    """
    for name in (code.id, code.family) if code.default_on else (code.id,):
        said = severity.get(name)
        if isinstance(said, Mapping):
            whole = (field or "").removesuffix(".'_$'").removesuffix("[*]")
            ways = (field, whole, f"{whole}[*]", f"{whole}.'_$'")  # a list, and its items; an element, and its text
            said = next((said[way] for way in ways if way in said), None)
        if isinstance(said, str):
            return said
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a source, as exact as is known; unknown members are None.

    :param file: the part's name, relative to the definition (``archive.zip/member`` inside an archive).
    :param url: where the part came from.
    :param line: physical line, from 1.
    :param column: column in that line, in characters from 1.
    :param byte: offset in the part's decompressed bytes, from 0.
    :param record: record of the whole source in reading order, from 1.
    :param path: JSON Pointer or element path inside the record or file.
    """

    file: str | None = None
    url: str | None = None
    line: int | None = None
    column: int | None = None
    byte: int | None = None
    record: int | None = None
    path: str | None = None

    def __post_init__(self) -> None:
        """Numbers of NumPy become Python's. Raises TypeError and ValueError for what is no place."""
        numbers = (self.line, self.column, self.byte, self.record)
        if {*map(type, numbers)} <= _NUMBERS and {type(self.file), type(self.url), type(self.path)} <= _TEXTS:
            line, column, byte, record = numbers
            if not (
                (line is not None and line < 1) or (record is not None and record < 1)
                or (byte is not None and byte < 0) or (column is not None and column < 1)
            ):  # fmt: skip
                return  # nearly always, and looked at in one go
        for name, least in (("line", 1), ("column", 1), ("byte", 0), ("record", 1)):
            number = getattr(self, name)
            if number is None:
                continue
            object.__setattr__(self, name, number := whole_number(number, f"Location.{name}"))
            if number < least:
                raise ValueError(f"Location.{name} is {number}; it's counted from {least}")
        for name in ("file", "url", "path"):
            text = getattr(self, name)
            if text is not None and not isinstance(text, str):
                raise TypeError(f"Location.{name} is {a_kind(text)}, not a text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One occurrence, shown: its message, the value (at most 200 characters), the record's key, the place."""

    message: str
    value: str | None = None
    key: str | None = None
    location: Location = Location()

    def __post_init__(self) -> None:
        """As for an :class:`Occurrence`."""
        _texts(self, "message", optional=("value", "key"))
        _placed(self)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One defect at one place.

    :param code: the code's id.
    :param message: one sentence: what is wrong here.
    :param field: canonical path of the field, or None.
    :param fields: all fields concerned, where there are several.
    :param rule: stable id of the rule, where one field has several of one code.
    :param value: the offending value, in the source's spelling.
    :param key: the record's primary key.
    :param location: where.
    :param hint: how to mend this one; default is the code's ``mend``.
    :param details: further facts, JSON-compatible.
    :param severity: its own, where that isn't its code's; a definition's counts before both. Those of one field and
        rule have the same.
    :param explains: fields besides its own, with all beneath them, for which it explains codes that have it as
        ``@field`` (or ``@run``) under ``suppressed_by``; a fault of records at those records.
    """

    code: str
    message: str
    field: str | None = None
    _: KW_ONLY
    fields: tuple[str, ...] = ()
    rule: str | None = None
    value: str | None = None
    key: str | None = None
    location: Location = Location()
    hint: str | None = None
    details: Mapping[str, Any] = member(default_factory=dict)
    severity: Severity | None = None
    explains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """What can't be reported fails where it's made, in the checker."""
        optional = {type(self.field), type(self.rule), type(self.value), type(self.key), type(self.hint)}
        if not (type(self.code) is type(self.message) is str and optional <= _TEXTS):  # there may be very many
            _texts(self, "code", "message", optional=("field", "rule", "value", "key", "hint"))
        _placed(self)
        if self.fields != () or self.explains != ():
            _fields(self)
        _detailed(self)
        if self.severity is not None:
            object.__setattr__(self, "severity", _severity(self.severity, "Occurrence"))

    def sample(self) -> Sample:
        """This occurrence as a sample, its value cut to 200 characters."""
        return Sample(message=self.message, value=clip(self.value), key=clip(self.key), location=self.location)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Many occurrences of one (code, field, rule), counted exactly, with a few samples.

    :param code: the code's id.
    :param count: how many; at least 1.
    :param samples: the first ones, in record order.
    :param records: numbers (from 1, over the whole source) of the records concerned, ascending, as a
        ``uint64`` array or any sequence of int; empty for faults of a file.
    :param details: further facts, JSON-compatible; on merging, numbers add up and other members keep the first value.
    :param severity: as in :class:`Occurrence`.
    :param message: a template, as a rule has one, for the messages of all samples: ``{value}`` is a sample's value, as
        far as it may be shown. None: their messages are told as they are, or not at all where they may not be.
    :param explains: as in :class:`Occurrence`.
    """

    code: str
    field: str | None = None
    fields: tuple[str, ...] = ()
    rule: str | None = None
    count: int
    samples: tuple[Sample, ...] = ()
    records: Sequence[int] | npt.NDArray[np.uint64] = ()
    hint: str | None = None
    details: Mapping[str, Any] = member(default_factory=dict)
    severity: Severity | None = None
    message: str | None = None
    explains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """As for an :class:`Occurrence`; counts of NumPy become Python's."""
        object.__setattr__(self, "count", whole_number(self.count, "Tally.count"))
        if self.count < 0:
            raise ValueError(f"Tally.count is {self.count}; it counts occurrences")
        _texts(self, "code", optional=("field", "rule", "hint", "message"))
        if not _are_numbers(self.records):
            object.__setattr__(self, "records", tuple(record_numbers(self.records, "Tally.records").tolist()))
        if self.count and len(self.records) > self.count:
            raise ValueError(f"Tally.records has {len(self.records)} numbers, more than Tally.count, {self.count}")
        if self.fields != () or self.explains != ():
            _fields(self)
        _detailed(self)
        if self.severity is not None:
            object.__setattr__(self, "severity", _severity(self.severity, "Tally"))
        holds(self.samples, "Tally.samples", Sample)

    @classmethod
    def of(cls, o: Occurrence) -> Tally:
        """The tally of a single occurrence; it concerns a record where its location names one."""
        records = () if o.location.record is None else (o.location.record,)
        return cls(
            code=o.code, field=o.field, fields=o.fields, rule=o.rule, count=1, samples=(o.sample(),),
            records=records, hint=o.hint, details=o.details, severity=o.severity, explains=o.explains,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All that was found of one (code, field, rule) in a run; see the report's contract for the members."""

    code: str
    severity: Severity
    checker: str
    title: str
    field: str | None
    fields: tuple[str, ...]
    rule: str | None
    count: int
    tolerated: bool
    hint: str
    fingerprint: str
    details: Mapping[str, Any]
    samples: tuple[Sample, ...]


class Fault(Exception):
    """Raised by a fetcher or reader that can't go on because of the *data*; the run reports its occurrence.

    Its code is normally ``blocking``, which makes the verdict ``inconclusive``.
    """

    def __init__(self, occurrence: Occurrence) -> None:
        if not isinstance(occurrence, Occurrence):
            raise TypeError(f"a Fault is made of an Occurrence, not of {a_kind(occurrence)}")
        super().__init__(occurrence)
        self.occurrence = occurrence

    def __str__(self) -> str:
        return f"{self.occurrence.code}: {self.occurrence.message}"


_Text = TypeVar("_Text", str, str | None)


def clip(text: _Text, limit: int = VALUE_LIMIT) -> _Text:
    """``text``, cut to ``limit`` characters with an ellipsis as the last one; None stays None."""
    if text is None or len(text) <= limit:
        return text
    return text[: limit - 1] + "…"


def _fields(said: Occurrence | Tally) -> None:
    """The fields, and those that it explains, as tuples. Raises TypeError where one is no text."""
    for name in ("fields", "explains"):
        object.__setattr__(said, name, texts(f"{type(said).__name__}.{name}", getattr(said, name) or ()))


def _are_numbers(records: Any) -> bool:
    """Whether they're so surely numbers of records that they needn't be looked at one by one."""
    if type(records) is tuple:
        return not records or (len(records) == 1 and type(records[0]) is int and records[0] > 0)
    return getattr(records, "typecode", "") in ("I", "L", "Q") or getattr(records, "dtype", None) == "uint64"


def _texts(said: Sample | Occurrence | Tally, *names: str, optional: Sequence[str] = ()) -> None:
    """Raises TypeError where one of these members is no text."""
    for name in (*names, *optional):
        value = getattr(said, name)
        if not isinstance(value, str) and (value is not None or name in names):
            raise TypeError(f"{type(said).__name__}.{name} is {a_kind(value)}, not a text")


def _placed(said: Sample | Occurrence) -> None:
    if not isinstance(said.location, Location):
        raise TypeError(f"{type(said).__name__}.location is {a_kind(said.location)}, not a Location")


def _detailed(said: Occurrence | Tally) -> None:
    """Details as JSON has them. Raises TypeError for what it hasn't."""
    if type(said.details) is not dict and not isinstance(said.details, Mapping):
        raise TypeError(f"{type(said).__name__}.details is {a_kind(said.details)}, not a mapping")
    if said.details:
        object.__setattr__(said, "details", plain(said.details, f"{type(said).__name__}.details"))


def _severity(given: object, of: str) -> Severity:
    """The severity, also of its word. Raises ValueError for what is none."""
    if isinstance(given, Severity):
        return given
    if given not in list(Severity):
        raise ValueError(
            f"{of}.severity is {given!r}: it's {', '.join(map(str, Severity))}, of potable.engine.Severity"
        )
    return Severity(str(given))

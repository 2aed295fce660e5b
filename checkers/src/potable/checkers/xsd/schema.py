"""XML Schema by libxml2: parts are streamed, once to see whether they're right, again to say where they aren't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from potable.checkers.markup.documents import XSD, SchemaDocument
from potable.checkers.markup.elements import Places, RecordNames, local_name, name_of, shown
from potable.checkers.markup.libxml import Element, etree
from potable.checkers.markup.parts import NotWellFormed, TooFaulty, blocks, options
from potable.checkers.markup.schema import PartRun, PerThread, Schema, Violation, compile_faults, names_in, told_line

_ABOUT = re.compile(r"Element '(?:\{[^}]*\})?([^']+)'(?:, attribute '[^']+')?: ")
_SECOND = re.compile(r"SCHEMAV_CVC_(?:DATATYPE_VALID_|COMPLEX_TYPE_2_|TYPE_3_1_|ELT_5_|ATTRIBUTE_)")
"""Errors that only say again that a value of which another error told isn't right."""
_NO_KEY = "No precomputed value available"
MOST_FAULTS = 10_000
"""Past so many errors the rest of a part isn't looked at: they are held in memory."""
BLOCK = 1 << 16
_STOPPED = -2
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def compile_schema(document: SchemaDocument) -> Schema | None:
    """The schema of a document; None where it can't be used, which is noted."""
    try:
        etree.XMLSchema(document.root)
    except etree.XMLSchemaParseError as e:
        compile_faults(document, e)
        return None
    return XsdSchema(document)


class XsdSchema(Schema):
    """A compiled XML Schema."""

    def __init__(self, document: SchemaDocument) -> None:
        root = document.root
        assert root is not None
        self._schemas = PerThread(lambda: etree.XMLSchema(root))
        namespace = root.get("targetNamespace", "")
        self.roots = frozenset(
            etree.QName(own.get("targetNamespace") or namespace or None, str(element.get("name"))).text
            for own in document.elements
            for element in own.findall(f"{XSD}element")
            if element.get("name")
        )

    def of_element(self, element: Element) -> Iterator[Violation]:
        schema = self._schemas.get()
        if schema.validate(element):
            return
        seen: set[str] = set()
        places = Places(element)
        for entry in list(schema.error_log):
            if not _is_new(entry, f"{entry.path} {_about(entry)}", seen):
                continue
            found = places.at(entry.path)
            path = places.path(element if found is None else found)
            yield Violation(entry.type_name, told_line(entry.message), names_in(path), shown(path))

    def of_part(self, run: PartRun) -> Iterator[Violation]:
        faulty = self._faulty_blocks(run)
        if faulty:
            yield from self._places(run, faulty)
            if _STOPPED in faulty:
                raise TooFaulty(f"{MOST_FAULTS:,} errors")

    def _faulty_blocks(self, run: PartRun) -> dict[int, int]:
        """The blocks of a part that bring up errors, each with how many there are up to its end; counts the records.

        Past :data:`MOST_FAULTS` it stops, and says so by :data:`_STOPPED`.
        """
        pull = self._pull(("end",))
        counted, errors = 0, 0
        faulty: dict[int, int] = {}
        fault: Exception | None = None
        records = run.records
        try:
            for index, block in enumerate(blocks(run.part, run.limits, BLOCK)):
                pull.feed(block)
                counted += _passed(pull, records)
                found = len(pull.feed_error_log)
                if found > errors:
                    faulty[index] = errors = found
                if errors > MOST_FAULTS:
                    return {**faulty, _STOPPED: errors}
            pull.close()
        except etree.XMLSyntaxError as e:
            fault = e
        run.counted = counted + _passed(pull, records)
        _refuse_broken(pull, fault)
        return faulty

    def _places(self, run: PartRun, faulty: dict[int, int]) -> Iterator[Violation]:
        """What is wrong with a part, tag by tag, so that each error is known by the tag that brought it up."""
        pull = self._pull(("start", "end"))
        track = _Track(run.records)
        told, most = 0, max(faulty.values())
        for index, piece in _tags(run):
            try:
                pull.feed(piece)
            except etree.XMLSyntaxError:  # the first look has told of it
                return
            track.follow(pull, piece)
            # lxml copies its log for each look at it, so that one only looks where there's something new. Texts come
            # up a block earlier or later, as the parser likes.
            if index in faulty or index - 1 in faulty or index + 1 in faulty:
                log = pull.feed_error_log
                if len(log) > told:
                    yield from track.violations(list(log)[told:])
                    told = len(log)
                    if told >= most:
                        return

    def _pull(self, events: tuple[str, ...]) -> Any:
        return etree.XMLPullParser(events, schema=self._schemas.get(), **options())


def _passed(pull: Any, records: RecordNames) -> int:
    """Let go of the elements that have ended; how many of them were records."""
    counted = 0
    ending = local_name(records.document) if records.counted else None
    for _, element in pull.read_events():
        parent = element.getparent()
        if ending is not None and element.tag.endswith(ending):
            counted += records.is_record(name_of(element), None if parent is None else name_of(parent))
        _let_go(element, parent)
    return counted


def _let_go(element: Element, parent: Element | None) -> None:
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _faults(pull: Any) -> list[Any]:
    return [e for e in pull.feed_error_log if e.domain_name == "SCHEMASV"]


def _refuse_broken(pull: Any, fault: Exception | None) -> None:
    """Raise where it isn't the schema that finds fault, but the parser."""
    broken = next((e for e in pull.feed_error_log if e.domain_name != "SCHEMASV"), None)
    if broken is not None:
        raise NotWellFormed(broken.message)
    if fault is not None and not _faults(pull):
        raise NotWellFormed(str(fault))


def _tags(run: PartRun) -> Iterator[tuple[int, bytes]]:
    """A part's bytes, cut behind each ``>``, with the number of the block that they end in; text of 16 bits isn't cut
    so.
    """
    rest = b""
    wide: bool | None = None
    index = 0
    for index, block in enumerate(blocks(run.part, run.limits, BLOCK)):
        if wide is None:
            wide = block.startswith(_WIDE)
        if wide:
            yield index, block
            continue
        *whole, rest = (rest + block).split(b">")
        for piece in whole:
            yield index, piece + b">"
    if rest:
        yield index, rest


@dataclass(slots=True)
class _Open:
    """An open element: its step, and how often each name has occurred in it."""

    name: str
    number: int
    line: int
    record: bool
    children: dict[str, int] = field(default_factory=dict)


class _Track:
    """Where a streamed document is."""

    def __init__(self, records: RecordNames) -> None:
        self._records = records
        self._open: list[_Open] = []
        self._line = 1
        self._counted = 0
        self._number: int | None = None
        self._touched: list[tuple[tuple[_Open, ...], int | None]] = []

    def follow(self, pull: Any, piece: bytes) -> None:
        """Take the events of a piece, which was fed."""
        self._touched = []
        tag_line = self._line + piece.count(b"\n", 0, max(piece.rfind(b"<"), 0))
        for event, element in pull.read_events():
            if event == "start":
                self._start(name_of(element), tag_line)
                self._touched.append((tuple(self._open), self._number))
            else:
                self._touched.append((tuple(self._open), self._number))
                if self._open.pop().record:
                    self._number = None
                _let_go(element, element.getparent())
        self._line += piece.count(b"\n")

    def _start(self, name: str, line: int) -> None:
        parent = self._open[-1] if self._open else None
        number = 1
        if parent is not None:
            number = parent.children[name] = parent.children.get(name, 0) + 1
        record = self._number is None and self._records.is_record(name, None if parent is None else parent.name)
        if record and self._records.counted:
            self._counted += 1
            self._number = self._counted
        self._open.append(_Open(name, number, line, record))

    def violations(self, entries: list[Any]) -> Iterator[Violation]:
        """The schema's errors that the last piece brought up."""
        seen: set[str] = set()
        for entry in entries:
            if entry.domain_name != "SCHEMASV" or not _is_new(entry, _about(entry), seen):
                continue
            steps, record = self._concerned(entry)
            path = [(s.name, s.number if s.number > 1 or s.record else 0) for s in steps]
            line = steps[-1].line if steps else self._line
            yield Violation(
                entry.type_name, told_line(entry.message), names_in(path), shown(path), line=line, record=record
            )

    def _concerned(self, entry: Any) -> tuple[tuple[_Open, ...], int | None]:
        about = _ABOUT.match(entry.message)
        for steps, record in reversed(self._touched):
            if about is None or steps[-1].name.rpartition(":")[2] == about[1]:
                return steps, record
        return self._touched[-1] if self._touched else (tuple(self._open), self._number)


def _about(entry: Any) -> str:
    found = _ABOUT.match(entry.message)
    return found[0] if found is not None else ""


def _is_new(entry: Any, about: str, seen: set[str]) -> bool:
    """Whether an error says something that another one of the same value hasn't said."""
    if _NO_KEY in entry.message or (about in seen and _SECOND.match(entry.type_name)):
        return False
    seen.add(about)
    return True

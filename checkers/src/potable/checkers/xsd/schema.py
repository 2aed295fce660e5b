"""XML Schema by libxml2: parts are streamed, once to see whether they're right, again to say where they aren't."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from potable.checkers.markup.documents import XSD, SchemaDocument
from potable.checkers.markup.elements import Places, RecordNames, local_name, name_of
from potable.checkers.markup.libxml import Element, etree
from potable.checkers.markup.parts import NotWellFormed, TooFaulty, blocks, options
from potable.checkers.markup.schema import PartRun, PerThread, Schema, Violation, compile_faults
from potable.checkers.xsd.errors import about, is_new, violation
from potable.checkers.xsd.track import WIDE, Track, let_go

MOST_FAULTS = 10_000
"""Past so many errors the rest of a part isn't looked at: they are held in memory."""
BLOCK = 1 << 16
_STOPPED = -2
"""Stands for a block, where not all of them were looked at."""


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
            if not is_new(entry, f"{entry.path} {about(entry)}", seen):
                continue
            found = places.at(entry.path)
            found = element if found is None else found
            yield violation(entry, places.path(found), found)

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
        track = Track(run.records, run.keys)
        told, most = 0, max(faulty.values())
        for index, piece in _tags(run):
            try:
                pull.feed(piece)
            except etree.XMLSyntaxError:  # the first look has told of it
                break
            track.follow(pull, piece)
            # lxml copies its log for each look at it, so that one only looks where there's something new. Texts come
            # up a block earlier or later, as the parser likes.
            if index in faulty or index - 1 in faulty or index + 1 in faulty:
                log = pull.feed_error_log
                if len(log) > told:
                    track.note(list(log)[told:])
                    told = len(log)
            yield from track.told()
            if told >= most and not track.waiting:
                return
        yield from track.told(ended=True)

    def _pull(self, events: tuple[str, ...]) -> Any:
        return etree.XMLPullParser(events, schema=self._schemas.get(), **options())


def _passed(pull: Any, records: RecordNames) -> int:
    """Let go of the elements that have ended; how many of them were records."""
    counted = 0
    ending = local_name(records.document) if records.counted else None
    for _, element in pull.read_events():
        if ending is not None and element.tag.endswith(ending):
            parent = element.getparent()
            counted += records.is_record(name_of(element), None if parent is None else name_of(parent))
        let_go(element)
    return counted


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
            wide = block.startswith(WIDE)
        if wide:
            yield index, block
            continue
        *whole, rest = (rest + block).split(b">")
        for piece in whole:
            yield index, piece + b">"
    if rest:
        yield index, rest

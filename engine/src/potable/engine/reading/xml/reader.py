"""One reading of XML or of feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import Cut, Reading
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import likely
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.paths import FieldPath, PathError
from potable.engine.paths.steps import Child
from potable.engine.reading.codes import BYTE_ORDER_MARK, DECLARED_MISMATCH, INVALID
from potable.engine.reading.decoding import UTF8
from potable.engine.reading.marks import marked
from potable.engine.reading.mentions import Mentions
from potable.engine.reading.parameters import declared_encoding
from potable.engine.reading.parts import head_of
from potable.engine.reading.replay import Seen, digests_of_rest, replay
from potable.engine.reading.text import TextStream
from potable.engine.reading.window import Window
from potable.engine.reading.xml.arity import Arities, Lesson
from potable.engine.reading.xml.astray import astray
from potable.engine.reading.xml.codes import XML_CODES
from potable.engine.reading.xml.cutter import PartCutter
from potable.engine.reading.xml.layout import Target
from potable.engine.reading.xml.markup import element_names, first_of
from potable.engine.reading.xml.names import Names, local, unprefixed
from potable.engine.reading.xml.prolog import prolog_encoding
from potable.engine.reading.xml.target import Wanted
from potable.engine.reading.xml.values import TEXT

if TYPE_CHECKING:
    from pyroaring import BitMap

    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits
    from potable.engine.reading.xml.parser import XmlParser


class XmlReading(Reading):
    """One reading of XML; see :class:`Reading`."""

    typed = False
    columns = None
    holds_lock = True
    codes = tuple(c.id for c in (*XML_CODES, INVALID, BYTE_ORDER_MARK, DECLARED_MISMATCH))

    def __init__(self, source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> None:
        self._limits = limits
        self._parts = list(snapshot.parts)
        self._declared = declared_encoding(source)
        self._wanted = Wanted.of(source)
        self._spelled = _spelled(source)
        self._mentions = Mentions(source)
        self._found: list[Tally] = []
        self._empty: list[Occurrence] = []
        self._arities = Arities()
        self._fields: set[str] = set()
        self._roots: set[str] = set()
        self._names = Names()
        self._digests: dict[str, str] = {}
        self._seen: list[Seen] = []
        self._encodings: dict[int, str | None] = {}
        self._open: Window | None = None

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        if not self._wanted.usable:
            self._hash_the_rest()
            return
        index, record = 0, 1
        try:
            for number in range(len(self._parts)):
                window = self._begin(number)
                cutter = PartCutter(window, number, self._limits, self._choose)
                first = record
                for cut in cutter.cuts(index, record):
                    self._roots.update(run.path.rpartition("/")[2] for run in cut.hints.runs)
                    self._seen.append(Seen.of(cut, cutter.at))
                    yield cut
                    index, record = index + 1, record + cut.records
                if cutter.broken:  # the parser tells why
                    self._hash_the_rest()
                    return
                if first == record:
                    self._note_empty(cutter)
                self._end()
        except Fault:
            self._hash_the_rest()
            raise
        wrong = [o for o in self._empty if o.code == "xml/wrong-top-element"]
        self._found += map(Tally.of, wrong)
        if record == 1 and not wrong:
            self._found.append(Tally.of(self._no_records()))

    def parser(self) -> XmlParser:
        """See :meth:`Reading.parser`."""
        from potable.engine.reading.xml.parser import XmlParser  # heavy: Polars

        return XmlParser(self._limits, self._spelled)

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`. Raises :class:`Fault` (``access/changed``) where a file was changed since."""
        return replay(self._seen, self._parts, self._encodings, self._limits, records)

    def learn(self, lesson: Lesson) -> None:
        """See :meth:`Reading.learn`."""
        self._arities.add(lesson)
        self._fields |= lesson.fields

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        return (*self._found, *self._arities.tallies(), *self._astray())

    def digests(self) -> dict[str, str]:
        """See :meth:`Reading.digests`."""
        return dict(self._digests)

    def close(self) -> None:
        """See :meth:`Reading.close`."""
        if self._open is not None:
            self._open.text.bytes.close()
            self._open = None

    def _begin(self, number: int) -> Window:
        part = self._parts[number]
        said, wrong = prolog_encoding(head_of(part, self._limits)) if not self._declared else (None, None)
        declared = self._encodings[number] = self._declared or said or (UTF8 if wrong else None)
        by = "the XML declaration" if said else "the definition"
        text = TextStream(part, self._limits, declared, hashed=part.sha256 is None, by=by)
        self._parts[number] = text.bytes.seen  # so that a second reading finds what this one found
        window = self._open = Window(text)
        if (mark := marked(text, part)) is not None:
            self._found.append(Tally.of(mark))
        if wrong is not None:
            self._found.append(Tally.of(Occurrence("encoding/declared-mismatch", wrong, location=_top(part))))
        return window

    def _choose(self, head: bytes) -> tuple[Names, Target]:
        names = Names(element_names(head))
        self._names = self._names if self._names.known else names
        assert self._open is not None
        for where, name, prefixed in self._wanted.unprefixed(names):
            at = self._open.place(first_of(head, prefixed))
            self._found.append(Tally.of(unprefixed(where, name, prefixed, at)))
        return names, self._wanted.target(names, head)

    def _end(self) -> None:
        """A part has been read to its end."""
        assert self._open is not None
        stream = self._open.text.bytes
        stream.drain()  # behind the end of compressed data may be padding
        if (mismatch := self._open.mismatch()) is not None:
            self._found.append(Tally.of(mismatch))
        if stream.digest is not None:
            self._digests[stream.part.name] = stream.digest
        self.close()

    def _hash_the_rest(self) -> None:
        """After a fault: what wasn't read has a digest all the same, so that the report names exact bytes."""
        if self._open is not None:
            self._end()
        self._digests.update(digests_of_rest(self._parts, self._digests))

    def _note_empty(self, cutter: PartCutter) -> None:
        """A part without records."""
        wanted, part = self._wanted, cutter.window.part
        children = [name for names in cutter.outside.values() for name in names]
        there = list(dict.fromkeys(children))
        hint = None
        if wanted.top and not cutter.seen_top:
            name, code = wanted.top, "xml/wrong-top-element"
            message = f"{part.name} has no element <{name}>; it has {_listed(there)}"
        else:
            code, name = "xml/no-records", wanted.document or ("item> or <entry" if wanted.feed else "")
            where = f"no <{name}>" if name else "no record"
            if wanted.top:
                where += f" in <{wanted.top}>"
                hint = _elsewhere(cutter, name)
                inside = [n for top, ns in cutter.outside.items() if cutter.holds(top) for n in ns]
                there = list(dict.fromkeys(inside)) or there
            hint = _of_feed(cutter.outside.get("", {})) if wanted.feed else hint
            message = f"{part.name} has {where}; " + (f"there is {_listed(there)}" if there else "it has no elements")
        close = likely(name, there) if name and hint is None else []
        hint = f"Did you mean {close[0]}?" if close else hint
        self._empty.append(Occurrence(code, message, hint=hint, location=_top(part)))

    def _astray(self) -> Iterator[Tally]:
        """Fields that no record can have."""
        if self._roots:
            place, feed = _top(self._parts[0]), self._wanted.feed
            fields = filter(self._mentions.of, self._fields)
            yield from map(Tally.of, astray(fields, self._roots, self._names, feed=feed, at=place))

    def _no_records(self) -> Occurrence:
        if self._empty:
            return self._empty[0]
        return Occurrence("xml/no-records", "there is no file", location=Location())


def _elsewhere(cutter: PartCutter, name: str) -> str | None:
    """In which element those of that name are, where it isn't the one that ``topElement`` gives."""
    for parent, names in cutter.outside.items():
        if parent and (name in names or any(local(n) == name for n in names)):
            return f"<{name}> is inside <{parent}>: set topElement to {parent}."
    return None


def _of_feed(roots: Iterable[str]) -> str:
    """What to do about a feed without items, which may be no feed at all."""
    if any(local(root) in ("rss", "RDF", "feed") for root in roots):
        return "The feed is empty: ask the source's owner why, and check the parameters in ingestURL."
    return "This is no feed: correct ingestURL, or set ingestMethod to XML and documentElement to the records' element."


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"<{n[:60]}>" for n in names[:8])
    return shown + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")


def _top(part: Part) -> Location:
    return Location(file=part.name, url=part.url, line=1, byte=0)


def _spelled(source: SourceDefinition) -> dict[tuple[str, ...], str]:
    """How the definition spells the fields that it says something of (masks, severities, keys), by their names."""
    paths = list(source.primary_key)
    paths += [] if isinstance(source.values, str) else source.values
    paths += [f for by_field in source.severity.values() if not isinstance(by_field, str) for f in by_field or ()]
    spelled: dict[tuple[str, ...], str] = {}
    for text in paths:
        try:
            path = FieldPath.parse(text)
        except PathError:
            continue
        names = tuple(s.name for s in path.steps if isinstance(s, Child) and not s.deep)
        if len(names) == len(path.steps):
            whole = names[-1] == TEXT or names[-1].startswith("@")
            spelled[names if whole else (*names, TEXT)] = path.canonical
    return spelled

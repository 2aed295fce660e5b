"""One reading of XML or of feeds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.reading import Cut, beginning_of
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.errors import likely
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.paths import FieldPath, PathError
from potable.engine.paths.steps import Child
from potable.engine.reading.codes import BYTE_ORDER_MARK, DECLARED_MISMATCH, INVALID
from potable.engine.reading.decoding import UTF8
from potable.engine.reading.mentions import Mentions
from potable.engine.reading.nowhere import LOOKED_AT, nowhere, paths_in
from potable.engine.reading.parameters import declared_encoding
from potable.engine.reading.parts import head_of
from potable.engine.reading.replay import Seen
from potable.engine.reading.windowed import WindowedReading
from potable.engine.reading.xml.arity import Arities, Lesson
from potable.engine.reading.xml.astray import astray, begins_as
from potable.engine.reading.xml.codes import XML_CODES
from potable.engine.reading.xml.cutter import PartCutter
from potable.engine.reading.xml.layout import Target
from potable.engine.reading.xml.markup import element_names, first_of, tags
from potable.engine.reading.xml.names import Names, local, unprefixed
from potable.engine.reading.xml.prolog import prolog_encoding
from potable.engine.reading.xml.spaces import namespaces
from potable.engine.reading.xml.target import Wanted
from potable.engine.reading.xml.values import TEXT, record_object
from potable.engine.reading.xml.within import within

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits
    from potable.engine.reading.window import Window
    from potable.engine.reading.xml.parser import XmlParser


_NO_MATCH = (
    "The repository answers with an error in place of records, as where none match: check set, from and until in "
    "ingestURL."
)
_EMPTY = (
    "The document holds nothing: ask the source's owner why, and check the parameters in ingestURL. Else its records "
    "are in another document."
)
_OF_FEEDS = ("rss", "RDF", "feed", "channel", "item", "entry")


class XmlReading(WindowedReading):
    """One reading of XML; see :class:`Reading`."""

    typed = False
    codes = tuple(c.id for c in (*XML_CODES, INVALID, BYTE_ORDER_MARK, DECLARED_MISMATCH))

    def __init__(self, source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> None:
        super().__init__(snapshot, limits)
        self._declared = declared_encoding(source)
        self._wanted = Wanted.of(source)
        self._spelled = _spelled(source)
        self._mentions = Mentions(source)
        self._empty: list[Occurrence] = []
        self._others: list[tuple[str, Occurrence]] = []
        self._beside: set[str] = set()  # elements that are beside records
        self._head = b""
        self._arities = Arities()
        self._fields: set[str] = set()
        self._roots: set[str] = set()
        self._names = Names()
        self._namespaces: dict[str, list[str]] = {}

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
                self._found += (*cutter.output.tallies(), *cutter.includes.tallies())
                if cutter.broken:  # the parser tells why
                    self._hash_the_rest()
                    return
                if first == record:
                    self._note_empty(cutter)
                else:
                    self._beside |= {name for names in cutter.finder.outside.values() for name in names}
                self._end()
        except Fault:
            self._hash_the_rest()
            raise
        wrong = [o for o in self._empty if o.code == "xml/wrong-top-element"]
        self._note(*wrong)
        if record > 1:
            self._note(*(said for name, said in self._others if name not in self._beside))
        else:
            self._note(self._no_records(told=wrong))

    def parser(self) -> XmlParser:
        """See :meth:`Reading.parser`."""
        from potable.engine.reading.xml.parser import XmlParser  # heavy: Polars

        return XmlParser(self._limits, self._spelled)

    def learn(self, lesson: Lesson) -> None:
        """See :meth:`Reading.learn`."""
        self._arities.add(lesson)
        self._fields |= lesson.fields

    def lacked(self, fields: Mapping[str, bool], found: Collection[str]) -> None:
        """See :meth:`Reading.lacked`. Paths that don't begin as records do are told anyway."""
        inside = {field: wrong for field, wrong in fields.items() if begins_as(field, self._roots, self._names)}
        if self._wanted.feed or not any(map(self._mentions.of_all, inside)):
            return
        there = paths_in(map(record_object, self._first_records(LOOKED_AT)))
        # A path finds an element however often it occurs.
        flat = dict.fromkeys(tuple(step for step in path if isinstance(step, Child)) for path in there)
        at = beginning_of(self._parts[0])
        said = nowhere("xml/wrong-path", inside, found, flat, self._mentions, at, elements=True)
        self._note(*said)

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        arities = [a for a in self._arities.tallies() if a.field is None or self._mentions.of_last(a.field)]
        return (*self._found, *arities, *map(Tally.of, self._arities.odd()), *self._astray())

    def metrics(self) -> Mapping[str, Any]:
        """See :meth:`Reading.metrics`. Of a feed the names that tell its format: what is in it is read alike of all."""
        spaces = self._namespaces
        if self._wanted.feed:
            spaces = {
                uri: told for uri, names in spaces.items() if (told := [n for n in names if local(n) in _OF_FEEDS])
            }
        return {"namespaces": spaces} if spaces else {}

    def _begin(self, number: int) -> Window:
        part = self._parts[number]
        said, wrong = prolog_encoding(head_of(part, self._limits)) if not self._declared else (None, None)
        encoding = self._declared or said or (UTF8 if wrong else None)
        window = self._opened(number, encoding, "the XML declaration" if said else "the definition")
        if wrong is not None:
            self._note(Occurrence("encoding/declared-mismatch", wrong, location=beginning_of(part)))
        return window

    def _choose(self, head: bytes, doctype: bytes) -> tuple[Names, Target]:
        names, self._head = Names(element_names(head)), head
        self._namespaces = self._namespaces or namespaces(head, doctype)
        self._names = self._names if self._names.known else names
        assert self._open is not None
        for where, name, prefixed in self._wanted.unprefixed(names):
            at = self._open.place(first_of(head, prefixed))
            self._note(unprefixed(where, name, prefixed, at))
        return names, self._wanted.target(names, head)

    def _note_empty(self, cutter: PartCutter) -> None:
        """A part without records."""
        wanted, part = self._wanted, cutter.window.part
        children = [name for names in cutter.finder.outside.values() for name in names]
        there = list(dict.fromkeys(children))
        hint = None
        if wanted.top and not cutter.finder.seen_top:
            name, code = wanted.top, "xml/wrong-top-element"
            message = f"{part.name} has no element <{name}>; it has {_listed(there)}"
        else:
            code, name = "xml/no-records", wanted.document or ("item> or <entry" if wanted.feed else "")
            where = f"no <{name}>" if name else "no record"
            if wanted.top:
                where += f" in <{wanted.top}>"
                hint = _elsewhere(cutter, name)
                inside = [n for top, ns in cutter.finder.outside.items() if cutter.finder.holds(top) for n in ns]
                there = list(dict.fromkeys(inside)) or there
            hint = _of_feed(cutter.finder.outside.get("", {})) if wanted.feed else hint
            root = cutter.finder.outside.get("", {})
            if there and there == list(root):
                message = f"{part.name} has {where}: its only element is {_listed(there)}"
                hint = hint or _EMPTY
            else:
                message = f"{part.name} has {where}; "
                message += f"there is {_listed(there)}" if there else "it has no elements"
        if {"OAI-PMH", "error"} <= set(map(local, there)):
            hint = _NO_MATCH
        hidden = within(part, wanted.document, self._limits)
        if hidden is not None:
            message, hint = f"{message}; {hidden.words}", hidden.hint
        close = likely(name, there) if name and hint is None else []
        hint = f"Did you mean {close[0]}?" if close else hint
        place = beginning_of(part) if hidden is None else hidden.location
        self._empty.append(Occurrence(code, message, hint=hint, location=place))
        other = None if code != "xml/no-records" or wanted.feed else self._repeated(cutter, name)
        if other is not None:
            message = f"{part.name} has no {f'<{name}>' if name else 'record'}; it has several <{other}> there"
            self._others.append((other, Occurrence("xml/missing-element", message, hint=hint, location=place)))

    def _repeated(self, cutter: PartCutter, wanted: str) -> str | None:
        """An element, not one of the records' name, that occurs several times where records belong, with others inside
        it.
        """
        outside = cutter.finder.outside
        for parent, names in outside.items():
            for name in names if parent and cutter.finder.holds(parent) else ():
                if outside.get(name) and local(name) != wanted and len(tags(name.encode())[0].findall(self._head)) > 1:
                    return name
        return None

    def _astray(self) -> Iterator[Tally]:
        """Fields that no record can have."""
        if self._roots:
            place, feed = beginning_of(self._parts[0]), self._wanted.feed
            fields = filter(self._mentions.of, self._fields)
            yield from map(Tally.of, astray(fields, self._roots, self._names, self._mentions.keys, feed=feed, at=place))

    def _no_records(self, told: Sequence[Occurrence]) -> Occurrence:
        """``xml/no-records``; ``told``: what explains it, where that's told."""
        if told:
            return Occurrence("xml/no-records", told[0].message, location=told[0].location)
        if self._empty:
            return self._empty[0]
        return Occurrence("xml/no-records", "there is no file", location=Location())


def _elsewhere(cutter: PartCutter, name: str) -> str | None:
    """In which element those of that name are, where it isn't the one that ``topElement`` gives."""
    for parent, names in cutter.finder.outside.items():
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

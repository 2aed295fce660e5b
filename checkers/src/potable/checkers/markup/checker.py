"""A checker of XML by a schema: whole parts, or record by record where the schema describes records."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from potable.engine.checker import Checker, DocumentCheck, FileCheck
from potable.engine.contracts.snapshot import Part
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Code, Fault, Location, Occurrence, Severity

if TYPE_CHECKING:
    from potable.checkers.markup.documents import SchemaDocument
    from potable.checkers.markup.schema import Schema, Violation

XML_FORMATS = frozenset({"xml", "oai", "rss"})
MIB = 1 << 20

SCOPE: Mapping[str, Any] = {
    "type": "string",
    "enum": ["auto", "file", "record"],
    "default": "auto",
    "description": "What the schema describes: whole files, or single records; auto: told by the elements that the "
    "schema declares.",
}
MEGABYTES: Mapping[str, Any] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "default": 32,
    "description": "Largest file, in MiB, that is held in memory to be looked at as a whole (a few times its size).",
}


def not_checked(name: str, title: str, *, held: bool = True) -> Code:
    """The code for a part that a schema's checker couldn't look at.

    :param held: it holds files in memory.
    """
    return Code(
        id=f"{name}/not-checked",
        severity=Severity.WARNING,
        title=f"File that wasn't looked at by its {title}",
        meaning=("The file is too large to be held in memory as a whole, can't" if held else "The file can't")
        + " be parsed as XML, or the schema failed on it.",
        why="Whether it's right isn't known: the run is inconclusive, not passed.",
        example=f"a file of 2 GB    # checks: {{{name}: {{megabytes: 32}}}}" if held else "<stocks><stock>",
        mend=f"Let the schema look at single records (`checks: {name}: scope: record`), or "
        + ("allow more memory (`megabytes`)." if held else "mend the file."),
        blocking=True,
        suppressed_by=("xml/syntax", "xml/entity", "xml/too-deep", "xml/too-large-node", "encoding/invalid"),
    )


def broken_off(name: str, title: str) -> Code:
    """The code for a part of which not all faults are told."""
    return Code(
        id=f"{name}/broken-off",
        severity=Severity.ERROR,
        title="Too many faults to go on",
        meaning=f"So much of a file breaks its {title} that the rest of it wasn't looked at: the numbers of the other "
        "findings are those of its beginning.",
        why="The file is hardly one that the schema describes.",
        example="a million records, each without the attribute that must be there",
        mend="Mend what is told first: it's likely the same everywhere. Where the file is right, the schema is another "
        "one's.",
    )


class MarkupChecker(Checker):
    """The base of the three.

    :cvar title: what the schema is called.
    :cvar violation: the code of what it finds; :cvar unread: of a part that couldn't be looked at;
        ``broken_off``: of one of which the rest wasn't.
    """

    title: ClassVar[str]
    violation: ClassVar[Code]
    unread: ClassVar[Code]
    broken_off: ClassVar[Code]
    _loaded: tuple[SourceDefinition, SchemaDocument, Schema | None] | None = None
    _by_record: bool | None = None
    _before: int = 0

    @abstractmethod
    def compile(self, document: SchemaDocument) -> Schema | None:
        """The schema of a document, which has a root; None where it can't be used, which is noted in it."""

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """Nothing to check without a schema, or without XML."""
        if self._given(source) is None:
            return f"no {self.title} declared"
        if source.format not in XML_FORMATS:
            return f"the source is {source.format or 'of no known format'}, not XML"
        return None if self._schema(source) is not None else "the schema can't be used"

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """What of the schema can't be used."""
        return [] if self._given(source) is None else self._load(source)[1].problems

    def files(self, source: SourceDefinition) -> Iterator[FileCheck]:
        """The check of a whole part."""
        schema = self._schema(source)
        if schema is not None and self.options["scope"] != "record":
            codes = [code.id for code in self.codes]
            yield FileCheck(codes=codes, check=partial(self._check_part, source, schema))

    def documents(self, source: SourceDefinition) -> Iterator[DocumentCheck]:
        """The check of a record."""
        schema = self._schema(source)
        if schema is not None and source.format != "rss" and self._wants_records(source, schema):
            yield DocumentCheck(codes=[self.violation.id], check=partial(self._check_record, schema))

    # -- scope -------------------------------------------------------------------------------------------------

    def _wants_records(self, source: SourceDefinition, schema: Schema) -> bool:
        if self.options["scope"] != "auto":
            return bool(self.options["scope"] == "record")
        if self._by_record is None:
            return self._describes_records(source, schema)
        return self._by_record

    def _describes_records(self, source: SourceDefinition, schema: Schema) -> bool:
        """Whether the records' element may be at the root of a document of this schema."""
        from potable.checkers.markup.elements import RecordNames, local_name  # heavy

        document = RecordNames.of(source).document
        return bool(document) and local_name(document) in {local_name(tag) for tag in schema.roots}

    def _takes_file(self, source: SourceDefinition, schema: Schema, part: Part) -> bool:
        from potable.checkers.markup.parts import root_tag  # heavy

        if self.options["scope"] == "file" or not self._describes_records(source, schema):
            return True
        return root_tag(part, self.context.limits) in schema.roots

    # -- checks ------------------------------------------------------------------------------------------------

    def _check_part(self, source: SourceDefinition, schema: Schema, part: Part) -> Iterator[Occurrence]:
        from potable.checkers.markup.elements import RecordNames, field_of  # heavy
        from potable.checkers.markup.parts import NotWellFormed, TooFaulty, TooLarge
        from potable.checkers.markup.records import Keys
        from potable.checkers.markup.schema import PartRun

        records = RecordNames.of(source)
        try:
            if not self._takes_file(source, schema, part):
                self._by_record = True
                return
            self._by_record = bool(self._by_record)
            keys = Keys.of_part(part, self.context.limits, source.primary_key, source.key_delimiter)
            run = PartRun(part, self.context.limits, records, int(self.options.get("megabytes", 0) * MIB), keys)
            for found in schema.of_part(run):
                place = Location(
                    file=part.name, url=part.url, line=found.line, byte=found.byte, path=found.path,
                    record=None if found.record is None else found.record + self._before,
                )  # fmt: skip
                yield self._occurrence(found, field_of(found.names, records), place)
            self._before += run.counted
        except TooLarge:
            most = self.options["megabytes"]
            yield self._unread(part, f"{part.name} is larger than {most:g} MiB")
        except TooFaulty as e:
            message = f"{part.name} has too many faults: after {e} the rest wasn't looked at"
            place = Location(file=part.name, url=part.url)
            yield Occurrence(self.broken_off.id, message, rule=part.name, location=place)
        except NotWellFormed as e:
            yield self._unread(part, f"{part.name} can't be parsed: {e}")
        except Fault:  # the reader meets it, too, and tells of it
            return

    def _check_record(self, schema: Schema, element: Any) -> Iterator[Occurrence]:
        from potable.checkers.markup.elements import record_field  # heavy

        for found in schema.of_element(element):
            yield self._occurrence(found, record_field(found.names), Location(path=found.path))

    def _occurrence(self, found: Violation, field: str | None, place: Location) -> Occurrence:
        return Occurrence(
            self.violation.id, found.message, field, rule=found.rule, value=found.value, key=found.key, location=place
        )

    def _unread(self, part: Part, message: str) -> Occurrence:
        return Occurrence(self.unread.id, message, rule=part.name, location=Location(file=part.name, url=part.url))

    # -- the schema --------------------------------------------------------------------------------------------

    def _given(self, source: SourceDefinition) -> str | None:
        given: str | None = getattr(source, self.name)
        return given

    def _schema(self, source: SourceDefinition) -> Schema | None:
        return None if self._given(source) is None else self._load(source)[2]

    def _load(self, source: SourceDefinition) -> tuple[SourceDefinition, SchemaDocument, Schema | None]:
        if self._loaded is None or self._loaded[0] is not source:
            from potable.checkers.markup.documents import load  # heavy: only for a source that has a schema

            document = load(source, self.name, self._given(source) or "")
            self._loaded = (source, document, None if document.root is None else self.compile(document))
        return self._loaded


__all__ = ["MEGABYTES", "SCOPE", "MarkupChecker", "broken_off", "not_checked"]

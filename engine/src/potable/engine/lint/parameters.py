"""The parameters of an ingest method: what is required, by the method or by others, and what can't be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from potable.engine.definition import inline, regex
from potable.engine.definition.elements import ELEMENTS, element_fault
from potable.engine.definition.faults import fault_at, missing_fault
from potable.engine.definition.methods import METHODS
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.template import BadTemplate, read_template
from potable.engine.findings import Occurrence


class Parameters:
    """The parameters of one source, ``ingestURL`` among them.

    :ivar given: by name, as in :class:`~potable.engine.definition.model.SourceDefinition`.
    """

    def __init__(self, source: SourceDefinition) -> None:
        self.source = source
        self.given: dict[str, Any] = dict(source.parameters)
        if source.ingest_url:
            self.given["ingestURL"] = source.ingest_url
        self._faulty = {o.location.path for o in source.notes if o.code == "definition/bad-value"}

    def faults(self) -> Iterator[Occurrence]:
        """All that is wrong with them, but for their regular expressions: :func:`pattern_faults`."""
        yield from self._of_the_method()
        yield from self._elements()
        yield from self._of_others()
        yield from self._data()
        yield from self._sample()
        yield from self._template()

    def _has(self, name: str) -> bool:
        return self.given.get(name) not in (None, "", [])

    def _told(self, name: str) -> bool:
        """Whether it's there but can't be used, which has been told."""
        return self.source.place(f"/{name}").path in self._faulty

    def _needed(self, name: str, why: str) -> Occurrence:
        return missing_fault(self.source, f"{why} needs {name}", (name,))

    def _of_the_method(self) -> Iterator[Occurrence]:
        source, method = self.source, self.source.ingest_method
        for names in METHODS[method].required if method in METHODS else ():
            choice = (names,) if isinstance(names, str) else names
            if not any(self._has(n) or self._told(n) for n in choice):
                yield missing_fault(source, f"the method {method} needs {' or '.join(choice)}", choice)
        if method in ("WEB", "FTP") and source.format == "xml" and not any(map(self._has, ELEMENTS)):
            message = f"the method {method} with parserType xml needs documentElement"
            yield missing_fault(source, message, ("documentElement", "topElement"))

    def _elements(self) -> Iterator[Occurrence]:
        if self.source.format not in ("xml", "oai"):
            return
        for name in ELEMENTS:
            value = str(self.given.get(name) or "")
            if (fault := element_fault(value)) is not None:
                message = f"{name} is {value[:100]!r}; {fault[0]}"
                yield fault_at(self.source, "bad-value", message, f"/{name}", hint=fault[1], value=value)

    def _of_others(self) -> Iterator[Occurrence]:
        """What means something only beside another one."""
        has, needed = self._has, self._needed
        for one, other in (("offsetParam", "limitParam"), ("limitParam", "offsetParam")):
            if has(one) and not has(other):
                yield needed(other, f"paging by {one}")
        for path in ("filterJsonPath", "filterXMLPath"):
            if has(path) and "filterValue" not in self.given:
                yield needed("filterValue", path)
        if has("filterValue") and not (has("filterJsonPath") or has("filterXMLPath")):
            yield needed("filterJsonPath", "filterValue")
        if has("tableNames") and not has("joinInfo") and len(self.given["tableNames"]) > 1:
            yield needed("joinInfo", "a join of several tables")

    def _data(self) -> Iterator[Occurrence]:
        if not self._has("data"):
            return
        why = inline.fault(self.given["data"], header=self.given.get("headerLine") != 0)
        if why is not None:
            yield fault_at(self.source, "bad-value", f"data: {why}", "/data")

    def _sample(self) -> Iterator[Occurrence]:
        given = self.given
        if given.get("sampleMode") is True and not self._has("sampleSize") and not self._told("sampleSize"):
            yield self._needed("sampleSize", "sampleMode")
        foundry = self.source.origin.format.startswith("foundry")  # there 0 was no bound
        if given.get("maxDocs") == 0 and not foundry:
            message = "maxDocs is 0: a whole number of at least 1 is needed"
            hint = "Take it out, or write -1, to read all records."
            yield fault_at(self.source, "bad-value", message, "/maxDocs", hint=hint, value="0")

    def _template(self) -> Iterator[Occurrence]:
        template = self.given.get("mergeIngestURLTemplate")
        if not isinstance(template, str):
            return
        try:
            read_template(template)
        except BadTemplate as bad:
            message = f"mergeIngestURLTemplate can't be used: {bad}"
            yield fault_at(self.source, "bad-value", message, "/mergeIngestURLTemplate")
        if not self._has("idJsonPath"):
            yield self._needed("idJsonPath", "mergeIngestURLTemplate")
        if self.source.format not in ("json", "jsonl"):
            message = f"mergeIngestURLTemplate completes JSON records alone, and the format is {self.source.format}"
            yield fault_at(self.source, "bad-value", message, "/mergeIngestURLTemplate")


def pattern_faults(source: SourceDefinition) -> Iterator[Occurrence]:
    """The regular expressions among the parameters that can't be used."""
    pattern, value = source.parameters.get("filenamePattern"), source.parameters.get("filterValue")
    if isinstance(pattern, str) and not regex.is_shell_pattern(pattern):
        yield from _pattern(source, "filenamePattern", pattern)
    if isinstance(value, str) and value.startswith("re::"):
        yield from _pattern(source, "filterValue", value.removeprefix("re::"))


def _pattern(source: SourceDefinition, name: str, pattern: str) -> Iterator[Occurrence]:
    why = regex.fault(pattern)
    if why is not None:
        message = f"the regular expression of {name} can't be used: {why}"
        yield fault_at(source, "bad-regex", message, f"/{name}", value=pattern)

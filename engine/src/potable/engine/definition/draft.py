"""A definition on its way into the native vocabulary: what an adapter of a format hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from potable.engine.definition.document import Document
from potable.engine.definition.model import Origin, Written
from potable.engine.findings import Location, Occurrence
from potable.engine.paths.pointer import escape


@dataclass
class Draft:
    """The members of one source under their native names, and where each is really written.

    :param document: the document that it's written in.
    :param file: that document's file, as shown to people.
    :param folder: what its relative names are relative to.
    :param format: see :class:`Origin`.
    :param index: JSON Pointer of this source in the document.
    :param members: native name -> value as written.
    :param moved: native JSON Pointer -> (file, document, JSON Pointer there), where it isn't written under that name.
    :param notes: what there is to say of it.
    :param roots: resolved folders in which, besides its own, the files may lie that it names; None: they may anywhere.
    """

    document: Document
    file: str | None
    folder: Path
    format: str = "native"
    index: str = ""
    members: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, tuple[str | None, Document, str]] = field(default_factory=dict)
    notes: list[Occurrence] = field(default_factory=list)
    roots: tuple[Path, ...] | None = None

    @property
    def foundry(self) -> bool:
        """Whether it's one of the old system's formats, with its defaults."""
        return self.format.startswith("foundry")

    def put(self, name: str, value: Any, pointer: str) -> None:
        """Set a member that is written at ``pointer`` (below ``index``)."""
        self.members[name] = value
        self.moved[f"/{escape(name)}"] = (self.file, self.document, self.index + pointer)

    def put_at(self, name: str, value: Any, pointer: str) -> None:
        """Set a member that is written where this native JSON Pointer leads, maybe in a linked file."""
        place = self.real(pointer)
        self.members[name] = value
        self.moved[f"/{escape(name)}"] = place

    def real(self, pointer: str) -> tuple[str | None, Document, str]:
        """File, document and JSON Pointer there of the member with this native JSON Pointer."""
        prefix = pointer
        while prefix and prefix not in self.moved:
            prefix = prefix.rpartition("/")[0]
        file, document, base = self.moved.get(prefix, (self.file, self.document, self.index))
        return file, document, base + pointer[len(prefix) :]

    def spelled(self, pointer: str) -> str | None:
        """How a number or boolean is written; None for other values."""
        _, document, real = self.real(pointer)
        return document.spelled.get(real)

    def note(
        self, code: str, message: str, pointer: str, *, field: str | None = None, value: str | None = None,
        hint: str | None = None, details: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Say something of the member with this native JSON Pointer."""
        location = self.place(pointer)
        self.notes.append(
            Occurrence(
                f"definition/{code}", message, field, rule=location.path, value=value, location=location, hint=hint,
                details=details or {},
            )
        )  # fmt: skip

    def place(self, pointer: str) -> Location:
        """Where the member with this native JSON Pointer is written."""
        file, document, real = self.real(pointer)
        at = real
        while at and at not in document.lines:
            at = at.rpartition("/")[0]
        return Location(file=file, line=document.lines.get(at), path=real or None)

    def origin(self, sha256: str) -> Origin:
        """The origin of the definition that this draft becomes."""
        return Origin(
            file=self.file,
            folder=self.folder,
            format=self.format,
            sha256=sha256,
            lines=self.document.lines_at(self.index),
            index=self.index,
            elsewhere={
                p: Written(file=file, lines=doc.lines_at(base), base=base)
                for p, (file, doc, base) in self.moved.items()
            },
        )

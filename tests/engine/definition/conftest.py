"""Definitions from texts, and what was noted of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import parse_text


class Definitions:
    """Reads definitions from texts, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, text: str) -> Path:
        """Write a file beside the definitions."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
        return path

    def all(self, text: str, file: str = "f.yaml") -> list[SourceDefinition]:
        return parse_text(dedent(text), file=file, folder=self.folder)

    def one(self, text: str, file: str = "f.yaml") -> SourceDefinition:
        (source,) = self.all(text, file)
        return source

    @staticmethod
    def notes(source: SourceDefinition) -> list[tuple[str, int | None, str | None]]:
        """Code (less ``definition/``), line and JSON Pointer of what was noted."""
        return [(n.code.removeprefix("definition/"), n.location.line, n.location.path) for n in source.notes]

    @staticmethod
    def hints(source: SourceDefinition) -> dict[str, str | None]:
        """The hints by JSON Pointer."""
        return {str(n.location.path): n.hint for n in source.notes}


@pytest.fixture
def definitions(tmp_path: Path) -> Definitions:
    return Definitions(tmp_path)

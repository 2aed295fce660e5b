"""The conditions by which a definition filters records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from potable.engine.definition.methods import default
from potable.engine.findings import Fault, Occurrence, clip
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths import PathError, canonical

if TYPE_CHECKING:
    import polars as pl

    from potable.engine.definition.model import SourceDefinition

_STEP = lazy_regex(r"(?P<axis>//?)?(?P<at>@)?(?P<name>[^/@\s\[\]()]+)")
_REGEX = "re::"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that a record must meet: one of a field's values is a text, or matches a regular expression.

    :param path: canonical path of the field.
    :param value: the text.
    :param regex: the value is a regular expression, searched for.
    """

    path: str
    value: str
    regex: bool = False

    def holds(self, values: pl.Series) -> npt.NDArray[np.bool_]:
        """Which rows meet it, of the field's column. Raises ValueError for a bad regular expression."""
        import polars as pl  # heavy

        element = pl.element() if values.dtype == pl.List else pl.col(values.name)
        test = element.str.contains(self.value, literal=False) if self.regex else element == self.value
        if values.dtype == pl.List:
            test = pl.col(values.name).list.eval(test).list.any()
        try:
            mask = values.to_frame().select(test.fill_null(False).alias("mask"))["mask"].to_numpy()
        except pl.exceptions.ComputeError as error:
            raise ValueError(str(error).strip().splitlines()[-1][:200]) from None
        return np.asarray(mask)

    def filled(self, values: pl.Series) -> int:
        """In how many rows there's a value, of the field's column."""
        import polars as pl  # heavy

        if values.dtype == pl.List:
            return int((values.list.drop_nulls().list.len() > 0).sum())
        return len(values) - values.null_count()

    def unmet(self, filled: int) -> str:
        """How no record meets it, where so many have a value."""
        if not filled:
            return f"no record has {self.path}"
        return f"no {self.path} {'matches' if self.regex else 'is'} {clip(self.value)!r}"


def conditions_of(source: SourceDefinition) -> list[Condition]:
    """The conditions that a source's records must meet.

    Raises :class:`Fault` for a path that can't be used.
    """
    found = []
    parameters = source.parameters
    for name in ("filterJsonPath", "filterXMLPath"):
        given, value = parameters.get(name), parameters.get("filterValue")
        if not given or value is None:
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        try:
            path = _xml_path(str(given), source) if name == "filterXMLPath" else canonical(str(given))
        except PathError as error:
            words = f"{name} {str(given)[:100]!r} can't be used: {error}"
            raise Fault(Occurrence("definition/bad-path", words, location=source.place(f"/{name}"))) from None
        found.append(Condition(path, text.removeprefix(_REGEX), regex=text.startswith(_REGEX)))
    return found


def _xml_path(given: str, source: SourceDefinition) -> str:
    """The field path that a path of XML means: a field path itself, or steps as in XPath, from the record's element.

    ``age``, ``/donor/age``, ``donor/age/text()``, ``//age``, ``donor/@id``.
    """
    text = given.strip()
    if text.startswith("$"):
        return canonical(text)
    text = text.removesuffix("/text()")
    steps, at = [], 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise PathError("only steps such as a/b, //b and a/@b are known here", at + 1)
        steps.append((match["axis"] == "//", bool(match["at"]), match["name"]))
        at = match.end()
    element = _element(source)
    if not steps:
        raise PathError("it names nothing", 1)
    if not steps[0][0] and steps[0][2] != element:
        steps.insert(0, (False, False, element))
    path = "$"
    for deep, attribute, name in steps:
        quoted = ("@" if attribute else "") + name
        path += (".." if deep else ".") + "'" + quoted.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if not steps[-1][1]:
        path += ".'_$'"
    return canonical(path)


def _element(source: SourceDefinition) -> str:
    given = source.parameters.get("documentElement")
    return str(given or default(source.ingest_method, "documentElement") or "")

"""The ``links`` checker: whether links lead somewhere. It uses the network, so a definition has to ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from potable.checkers.declared.fields import bad_paths, chosen_of, field_list, left_out_of
from potable.checkers.links.codes import CODES
from potable.engine.checker import Checker, Fold
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence


class LinksChecker(Checker):
    """Links that lead nowhere or elsewhere: a small sample, asked for one by one, with a pause in between.

    The sample is the same in every run over the same links. Off unless the definition names it.
    """

    name = "links"
    codes = CODES
    default_on = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "fields": field_list("The fields whose links are asked for; none: those most of whose values are links."),
            "except": field_list("Fields that aren't looked at."),
            "most": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1000,
                "default": 20,
                "description": "How many links are asked for.",
            },
            "per_host": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1000,
                "default": 5,
                "description": "How many of them may be of one host.",
            },
            "pause": {
                "type": "number",
                "minimum": 0,
                "maximum": 60,
                "default": 1,
                "description": "Seconds between two requests.",
            },
            "seconds": {
                "type": "number",
                "minimum": 1,
                "maximum": 3600,
                "default": 120,
                "description": "After so many seconds no further link is asked for.",
            },
        },
    }

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields of the options that can't be read as paths."""
        for option in ("fields", "except"):
            yield from bad_paths(source, f"/checks/links/{option}", self.options[option])

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """The sample."""
        from potable.checkers.links.fold import LinksFold  # heavy

        options = self.options
        chosen, left_out = chosen_of(source, options["fields"]), left_out_of(options["except"])
        yield LinksFold(
            source, lambda: self.context.http, chosen, left_out, most=options["most"], per_host=options["per_host"],
            pause=options["pause"], seconds=options["seconds"],
        )  # fmt: skip

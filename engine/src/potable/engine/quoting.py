"""How reports quote the data: shown, masked or not at all, as the definition's ``values`` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from potable.engine.findings import Code, Sample, clip

Policy = Literal["shown", "masked", "none"]
HIDDEN = "(not shown)"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Quoting:
    """Says of each field whether its values may be quoted.

    :param values: a policy for all fields, or a mapping from canonical path to policy (others are shown).
    """

    values: str | Mapping[str, str] = "shown"

    def policy(self, field: str | None) -> str:
        """``shown``, ``masked`` or ``none``."""
        if isinstance(self.values, str):
            return self.values
        return self.values.get(field or "", "shown")

    @property
    def open(self) -> bool:
        """Whether everything is shown."""
        return self.values == "shown" or not self.values

    def quote(self, field: str | None, text: str | None) -> str | None:
        """A value as a sample may show it: as it is, its shape (``AB-12`` as ``XX-99``), or None."""
        policy = self.policy(field)
        if text is None or policy == "none":
            return None
        return clip(text if policy == "shown" else mask(text))

    def sample(self, sample: Sample, code: Code, fields: tuple[str, ...], key_fields: tuple[str, ...]) -> Sample:
        """A sample whose text a checker wrote, with what mustn't be quoted taken out.

        Its message may hold values anywhere, so where one of its fields isn't shown the code's title stands for it.
        """
        if self.open:
            return sample
        closed = [f for f in fields if self.policy(f) != "shown"]
        if not fields and isinstance(self.values, str):
            closed = [""]
        message = code.title if closed else sample.message
        value = self.quote(closed[0] if closed else None, sample.value)
        return replace(sample, message=message, value=value, key=self.key(sample.key, key_fields))

    def key(self, key: str | None, key_fields: tuple[str, ...]) -> str | None:
        """A record's key as it may be shown."""
        closed = next((f for f in key_fields if self.policy(f) != "shown"), None)
        return self.quote(closed, key) if closed is not None else clip(key)


def mask(text: str) -> str:
    """The shape of a text: letters as ``X`` or ``x``, digits as ``9``, all else as it is."""
    return "".join("9" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in text)


def fill(template: str, values: Mapping[str, str | None]) -> str:
    """A message from its template; placeholders that have no value stay as they are, absent values read ``nothing``."""

    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            return match[0]
        value = values[name]
        return "nothing" if value is None else clip(value, 80) or "''"

    return _PLACEHOLDER.sub(put, template)

"""How reports quote the data: shown, masked or not at all, as the definition's ``values`` says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from potable.engine.errors import slip
from potable.engine.findings import Code, Sample, clip
from potable.engine.lazyregex import lazy_regex

POLICIES = ("shown", "masked", "none")  # from the most open one to the strictest
HIDDEN = "(not shown)"
UNKNOWN = "(unknown)"
_PLACEHOLDER = lazy_regex(r'"\{([^{}]*)\}"|(\{+)([^{}]*)(\}+)')
_LITERAL = lazy_regex(r"\{+[^{}]*\}+")
_NAMED = lazy_regex(r"(?<!\\[A-Za-z])\{([^\W\d][^{}]*)\}")
"""Braces with a name in them: those of a regular expression, ``{4}`` and ``\\p{Lu}``, have none."""


@dataclass(frozen=True, slots=True)
class Quoting:
    """Says of each field whether its values may be quoted.

    :param values: a policy for all fields, or a mapping from canonical path to policy (others are shown). A path also
        speaks for what lies inside it, and what holds it is no more shown than it is.
    """

    values: str | Mapping[str, str] = "shown"

    def policy(self, field: str | None) -> str:
        """``shown``, ``masked`` or ``none``; without a field it's that of a text which may hold any field's value."""
        if isinstance(self.values, str):
            return self.values
        if field is None:
            return _strictest(self.values.values())
        around = max((path for path in self.values if path == field or _inside(field, path)), key=len, default=None)
        said = [self.values[around]] if around is not None else []
        return _strictest(said + [policy for path, policy in self.values.items() if _inside(path, field)])

    @property
    def open(self) -> bool:
        """Whether everything is shown."""
        return self.values == "shown" or not self.values

    def quote(self, field: str | None, text: str | None) -> str | None:
        """A value as a sample may show it: as it is, its shape (``AB-12`` as ``XX-99``), or None."""
        return _quoted(self.policy(field), text)

    def sample(
        self,
        sample: Sample,
        code: Code,
        fields: tuple[str, ...],
        key_fields: tuple[str, ...],
        template: str | None = None,
    ) -> Sample:
        """A sample whose text a checker wrote, with what mustn't be quoted taken out.

        Its message may hold values anywhere, so where one of its fields isn't shown the code's title stands for it. A
        sample without a field may quote all of a record. What is said of the definition quotes that alone, unless the
        data lie in it.

        :param template: makes the message instead; see :class:`~potable.engine.findings.Tally`.
        """
        if self.open and template is None:
            return sample
        policy = _strictest(self.policy(f) for f in fields or (None,))
        value = _quoted(policy, sample.value)
        if template is not None:
            message = fill(template, {"value": told_value(sample.value, value)})
        else:
            told = policy == "shown" or (not fields and not isinstance(self.values, str))
            told = told or (code.family == "definition" and not (sample.location.path or "").startswith("/data"))
            message = sample.message if told else code.title
        return replace(sample, message=message, value=value, key=self.key(sample.key, key_fields))

    def key(self, key: str | None, key_fields: tuple[str, ...]) -> str | None:
        """A record's key as it may be shown."""
        return _quoted(_strictest(self.policy(f) for f in key_fields), key)


def _strictest(policies: Iterable[str]) -> str:
    return max(policies, key=POLICIES.index, default="shown")


def _inside(path: str, outer: str) -> bool:
    """Whether ``path`` leads to something within what ``outer`` leads to."""
    return path.startswith(outer) and path[len(outer) : len(outer) + 1] in (".", "[")


def _quoted(policy: str, text: str | None) -> str | None:
    if text is None or policy == "none":
        return None
    return clip(text if policy == "shown" else mask(text))


def told_value(text: str | None, quoted: str | None) -> str | None:
    """What stands for a value in a message; ``quoted``: what may be shown of it."""
    return HIDDEN if quoted is None and text is not None else quoted


def mask(text: str) -> str:
    """The shape of a text: letters as ``X`` or ``x``, digits as ``9``, all else as it is."""
    return "".join("9" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in text)


def fill(
    template: str,
    values: Mapping[str, str | None],
    nouns: Mapping[str, str] = MappingProxyType({}),
    bare: Collection[str] = (),
) -> str:
    """A message from its template. Of placeholders that have no value a misspelt one is unknown, others stay as they
    are: a message may quote a text with braces. ``{{value}}`` is no placeholder: it's shown as ``{value}``.

    :param nouns: what stands in place of a value that's None, without quotes around it; ``nothing`` unless given.
    :param bare: names of further values that the template's quotes are left away from: numbers, booleans.
    """
    misspelt = {name for name, meant in strange(template, frozenset(values)) if meant}

    def put(match: re.Match[str]) -> str:
        quoted, left, bare, right = match.groups()
        if quoted is not None:
            return told(quoted, match[0], '"')
        if min(len(left), len(right)) > 1:
            return match[0][1:-1]
        return left[1:] + told(bare, f"{{{bare}}}", "") + right[1:]

    def told(name: str, as_it_is: str, mark: str) -> str:
        if name not in values:
            return UNKNOWN if name in misspelt else as_it_is
        value = values[name]
        if value is None:
            return nouns.get(name, "nothing")
        text = clip(value, 80)
        return f"{mark}{text}{mark}" if mark and name not in bare else text or "''"

    return _PLACEHOLDER.sub(put, template)


def literal(text: str) -> str:
    """A text as a part of a template that shows it as it is, whatever braces it has."""
    return _LITERAL.sub(lambda match: f"{{{match[0]}}}", text)


@lru_cache(maxsize=1024)
def strange(template: str, known: frozenset[str]) -> tuple[tuple[str, str | None], ...]:
    """The placeholders of a template that aren't known, each with the known one that it's likely a slip for."""
    single = _LITERAL.sub(lambda match: "" if match[0][:2] == "{{" and match[0][-2:] == "}}" else match[0], template)
    return tuple((name, slip(name, known)) for name in _NAMED.findall(single) if name not in known)

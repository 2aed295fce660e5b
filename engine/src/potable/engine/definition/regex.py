"""Whether a regular expression of a definition can be used: only a linear-time engine runs it."""

from __future__ import annotations

from potable.engine.lazyregex import lazy_regex
from potable.engine.plainregex import plainly_sound

_GROUPS = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?>": "an atomic group",
}
# What Python's syntax lacks: \Q…\E, \h, \uXXXX, \p{…}, a class within or cut with another one.
_JAVA_ESCAPE = lazy_regex(r"\\(?:[QEhHRXGZc0]|u[0-9a-fA-F]{4}|p\{)|&&|[^\\]\[[^\]]*\[")
_QUANTIFIER = lazy_regex(r"[*+?]|\{[0-9]+(?:,[0-9]*)?\}")
_BRACED = lazy_regex(r"\\[pPxuUNo]\{[^}]*\}")
_SHELL = lazy_regex(r"[A-Za-z0-9_.,{} *?-]*[*?][A-Za-z0-9_.,{} *?-]*")


def is_shell_pattern(pattern: str) -> bool:
    """Whether it's a shell pattern such as ``*.csv``, which file names may be chosen by as well."""
    return _SHELL.fullmatch(pattern) is not None


def nonlinear(pattern: str) -> tuple[str, int] | None:
    """What no linear-time engine can do that the pattern asks for, and its column (from 1)."""
    in_class = 0
    repeated = False
    """Whether what stands just before is a quantifier."""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        before, repeated = repeated, False
        if char == "\\":
            following = pattern[at + 1 : at + 2]
            if not in_class and (following in set("123456789") or pattern.startswith("\\k<", at)):
                return "a backreference", at + 1
            at = _behind_escape(pattern, at)
            continue
        if char == "[":
            in_class += 1
        elif char == "]" and in_class:
            in_class -= 1
        elif not in_class and char == "(":
            for opening, name in _GROUPS.items():
                if pattern.startswith(opening, at):
                    return name, at + 1
        elif not in_class and (quantifier := _QUANTIFIER.match(pattern, at)):
            if before and char == "+":
                return "a possessive quantifier", at + 1
            repeated = True
            at = quantifier.end()
            continue
        at += 1
    return None


def _behind_escape(pattern: str, at: int) -> int:
    """Where an escape ends that begins there: all of a quotation, and of what stands in braces, as in ``\\p{L}``."""
    if pattern.startswith("\\Q", at):
        end = pattern.find("\\E", at)
        return len(pattern) if end < 0 else end + 2
    braced = _BRACED.match(pattern, at)
    return braced.end() if braced else at + 2


def fault(pattern: str, *, java: bool = False) -> str | None:
    """Why a pattern can't be used, with the column where it's known; None when it can.

    :param java: it's in Java's syntax: what only Java's has is left to whoever translates it.
    """
    found = nonlinear(pattern)
    if found is not None:
        return f"{found[0]} (column {found[1]}) can't be done in linear time"
    if java and _JAVA_ESCAPE.search(pattern):
        return None
    return None if plainly_sound(pattern) else _compile_fault(pattern)


def _compile_fault(pattern: str) -> str | None:
    import polars as pl  # heavy: only where there is a pattern

    try:
        pl.Series([""], dtype=pl.String).str.contains(pattern, literal=False, strict=True)
    except pl.exceptions.ComputeError as e:
        lines = str(e).strip().splitlines()
        told = [line.partition("error:")[2].strip() for line in lines if line.lstrip().startswith("error:")]
        return (told[-1] if told else lines[-1].strip())[:200]
    return None

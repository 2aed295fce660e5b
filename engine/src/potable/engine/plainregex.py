"""Regular expressions so plain that they needn't be compiled to know that they can be: most of a catalogue's.

Compiling one is a Polars query, which starts a pool of threads: that takes time, and a process with threads can't be
copied any more.
"""

from __future__ import annotations

import re

from potable.engine.lazyregex import lazy_regex

_ESCAPE = r"\\(?:[dDwWsStnrf.^$|?*+()\[\]{}/\\-]|x\{(?!D[89A-F])[0-9A-F]{2,4}\}|x[0-7][0-9A-F])"
_CLASS = rf"\[\^?(?:a-z|A-Z|0-9|a-f|A-F|[A-Za-z0-9_ .,:;/@%#!=+*?$|(){{}}'\"]|{_ESCAPE})+-?\]"
_TOKEN = lazy_regex(
    r"(?P<opens>\((?:\?:)?)|(?P<closes>\))|(?P<edge>[\^$|]|\\[Az])"
    rf"|(?P<atom>[A-Za-z0-9 _,:;/@%#!='\"<>&~`.-]|{_ESCAPE}|{_CLASS})"
    r"|(?P<times>(?:[*+?]|\{(?P<low>\d{1,3})(?P<to>,(?P<high>\d{1,3})?)?\})\??)"
)
_MOST, _UNICODE = 1_000, 8
"""What a pattern may amount to with its repetitions written out, and what ``\\w`` and its like amount to in it: far
from the ten megabytes that a compiled pattern may need.
"""


def plainly_sound(pattern: str) -> bool:
    """Whether a pattern is plain, and certainly in the syntax of Rust's ``regex``. False says nothing."""
    at, before, last = 0, "", 0
    sizes = [0]  # of the open groups
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return False
        at = token.end()
        if token["opens"]:
            sizes.append(0)
            before = "opens"
        elif token["times"]:
            low, high = int(token["low"] or 1), int(token["high"] or token["low"] or 1)
            if before != "item" or high < low:
                return False
            sizes[-1] += last * high
            before = "times"
        else:
            if token["closes"]:
                if len(sizes) == 1:
                    return False
                last = sizes.pop()
            else:
                last = _UNICODE if re.search(r"\\[dDwWsS]", token[0]) else 1
            sizes[-1] += last
            before = "edge" if token["edge"] else "item"
        if sum(sizes) > _MOST:
            return False
    return len(sizes) == 1

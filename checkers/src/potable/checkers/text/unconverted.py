"""What programs show of their own objects where a value should stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from potable.checkers.traits.trait import Trait
from potable.engine.findings import clip

if TYPE_CHECKING:
    from potable.checkers.values.bytewise import Column

_KINDS = (
    ("an object of JavaScript", r"\[object [A-Z][A-Za-z]*\]"),
    ("serialised by PHP", r"\A(?:a:[0-9]+:\{(?:[is]:[0-9].*)?\}|O:[0-9]+:\"[^\"]+\":[0-9]+:\{.*\})\z"),
    ("bytes as Python shows them", r"\Ab'[^']*'\z"),
    ("a list as Python shows it", r"\A\['[^']*'(?:, '[^']*')*\]\z"),
    ("a mapping as Python shows it", r"\A\{'[^']*': .*\}\z"),
    ("an object of Python", r"<[\w.]+ object at 0x[0-9a-fA-F]+>"),
    ("a vector as R shows it", r"\A(?:c|list)\((?:\"[^\"]*\"|NA)(?:, (?:\"[^\"]*\"|NA))+\)\z"),
    ("an array of Java", r"\[L[a-z]\w*(?:\.\w+)+;@[0-9a-f]{4,8}"),
    (
        "an object of .NET",
        r"\ASystem\.(?:(?:String|Object|Byte|Char|Int32|Double)\[\]|Object|Collections\.[\w.]+(?:`[0-9].*)?)\z",
    ),
    # A wiki's {{stub}} has no blanks inside its braces.
    (
        "a template that wasn't filled in",
        r"\{\{ *[A-Za-z_]\w*(?:\.\w+)+ *\}\}|\{\{-? [a-z_]\w*(?: ?\|[^{}]*)? -?\}\}"
        r"|\$\{[A-Za-z_]\w{2,}(?:\.\w+)*\}|<%=.*%>"
        r"|\{%-? ?(?:if|elif|else|endif|for|endfor|block|endblock|include|set|trans)\b[^{}]*%\}",
    ),
    ("a formula that keeps a spreadsheet from converting the value", r"\A=\"[^\"]*\"\z"),
    (
        "a formula that no spreadsheet has worked out",
        r"\A=[+-]?(?:[A-Z][A-Z.]+\(.*\)|\$?[A-Z]{1,2}\$?[0-9]+(?: ?[-+*/&] ?\$?[A-Z]{1,2}\$?[0-9]+)+)\z",
    ),
    ("a command that a spreadsheet is to run", r"\A=[A-Za-z]+\|.*!\$?[A-Za-z]+\$?[0-9]+\z"),
    ("a text that a spreadsheet was to leave as it is", r"\A'[0-9][0-9.,/-]{2,}\z"),
)
"""What it is, and a pattern that both Polars and Python take."""
_ANY = "|".join(f"(?:{pattern})" for _, pattern in _KINDS)
_GATE = r"\A'[0-9]|\A=[+$A-Za-z-]|\[object |:\{|b'|\['|\{'|\(\"|\(NA|System\.|=\"| object at 0x|\[L|\{\{|\$\{|\{%|<%="
"""Plain words, nearly all without anchors: five times as fast as the patterns themselves."""


def _told(text: str) -> str:
    what = next((what for what, pattern in _KINDS if re.search(pattern.replace(r"\z", r"\Z"), text)), "a program's own")
    shown = clip(text, 60)
    return f"{shown!r} is {what}, it seems"


def _may(column: Column) -> bool:
    if any(map(column.has, b"[{<")) or column.begins_with(0x27):
        return True
    if column.begins_with(0x3D) or (column.has(0x28) and any(map(column.begins_with, b"cl"))):
        return True
    return (column.has(0x27) and column.begins_with(0x62)) or (column.begins_with(0x53) and column.has(0x2E))


UNCONVERTED = Trait(_may, _GATE, lambda texts: texts.str.contains(_ANY), _told)

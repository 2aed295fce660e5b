"""What programs leave in texts: HTML, and their messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from potable.checkers.traits.trait import Trait, short
from potable.engine.toolkit import lazy_regex

if TYPE_CHECKING:
    from potable.checkers.values.bytewise import Column

_TAGS = (
    "abbr|address|article|blockquote|body|br|button|center|cite|code|col|dd|del|div|dl|dt|em|font|footer|form|h[1-6]|head|"
    "header|hr|html|iframe|img|input|ins|kbd|label|li|link|meta|nav|nobr|ol|option|pre|samp|script|section|select|small|span|"
    "strike|strong|style|sub|sup|table|tbody|td|textarea|th|thead|title|tr|tt|ul|var"
)
_ENTITIES = (
    "amp|lt|gt|quot|apos|nbsp|copy|reg|trade|hellip|mdash|ndash|lsquo|rsquo|sbquo|ldquo|rdquo|bdquo|laquo|raquo|bull|middot|"
    "deg|plusmn|micro|para|sect|euro|pound|yen|cent|times|divide|frac1[24]|frac34|sup[123]|szlig|[ao]elig|AElig|OElig|"
    "[Oo]slash|[Aa]ring|eth|ETH|thorn|THORN|[AEIOUYaeiouy](?:acute|grave|circ|uml)|[ANOano]tilde|[Cc]cedil|iexcl|iquest|ordf|"
    "ordm|alpha|beta|gamma|delta|epsilon|kappa|lambda|mu|omega|Omega|sigma|theta|Delta|rarr|larr|le|ge|ne|infin|zwj|zwnj|shy"
)
_ATTRIBUTES = r"(?:\s+[A-Za-z][\w:-]*\s*=[^<>]*)?\s*/?"
# One-letter tags look like superscripts in gene symbols (Tyr<c>): only a start at a word's edge, or an end, is markup.
_MARKUP = (
    rf"</?(?i:{_TAGS}){_ATTRIBUTES}>|</(?i:[abipqsu])\s*>|<(?i:a)\s+[A-Za-z]+\s*=|(?:\A|[^\p{{L}}\p{{N}}])<(?i:[bipqsu])>|"
    rf"<!--|<!(?i:doctype)|&(?:{_ENTITIES});|&#[0-9]{{1,7}};|&#[xX][0-9a-fA-F]{{1,6}};"
)
# A note in front, as Unicode's data have: a phrase's tag that nothing closes, and a blank behind it.
_NOTE = r"\A<(?i:code|em|font|ins|kbd|samp|small|span|strike|strong|sub|sup|tt|var)> [^<&]*\z"
_MARKUP_FOUND = lazy_regex(r"<[^<>]*>|<!--|&#?\w+;")


def _told_markup(text: str) -> str:
    found = _MARKUP_FOUND.search(text)
    return f"{short(text)} holds {short(found[0]) if found else 'markup'}"


MARKUP = Trait(
    lambda column: column.has(0x3C) or column.has(0x26),
    "<[A-Za-z/!]|&[A-Za-z#]",
    lambda texts: texts.str.contains(_MARKUP) & ~texts.str.contains(_NOTE),
    _told_markup,
)

_OUTPUT = "|".join(
    (
        r"(?:Fatal error|Parse error|Warning|Notice|Deprecated)(?:</b>)?:\s[^\n]{1,600}? in (?:<b>)?[^\s<][^\n<]{0,300}"
        r"(?:</b>)? on line (?:<b>)?[0-9]",
        r"Traceback \(most recent call last\):(?:\s+File |\s*\z)",
        r"\A\s*File \"[^\"\n]{1,300}\", line [0-9]+, in \S",
        r"\bSQLSTATE\[\w{5}\]|\bORA-[0-9]{5}: ",
    )
)
_SHORTEST = 20
"""Messages of programs have at least so many bytes."""


def _told_output(text: str) -> str:
    found = re.search(_OUTPUT.replace(r"\z", r"\Z"), text)
    said = re.sub(r"<[^<>]*>", "", text[found.start() if found else 0 :])
    return f"{short(' '.join(said.split()))} is a message of a program"


def _may_be_output(column: Column) -> bool:
    return column.has(0x5B) or (column.has(0x20) and (column.has(0x3A) or column.has(0x22)))


OUTPUT = Trait(
    lambda column: column.extent[1] >= _SHORTEST and _may_be_output(column),
    r" on line |Traceback \(most|\", line [0-9]|SQLSTATE\[|ORA-[0-9]",
    lambda texts: texts.str.contains(_OUTPUT) & (texts.str.len_bytes() >= _SHORTEST),
    _told_output,
)

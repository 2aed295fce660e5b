"""What can be odd about a text, whatever it means: patterns, each with a cheap gate and words for what was found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.findings import clip
from potable.engine.toolkit import lazy_regex

if TYPE_CHECKING:
    import polars as pl

    from potable.checkers.bytewise import Column


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing that texts shouldn't have.

    :param may: whether any cell of a column may have it; most columns are done with after that.
    :param gate: a regular expression that every text with it matches, and few others.
    :param test: which texts have it.
    :param told: what is wrong with one that has, a clause.
    :param meant_in: words in the names of fields in whose texts it's meant.
    """

    may: Callable[[Column], bool]
    gate: str
    test: Callable[[pl.Series], pl.Series]
    told: Callable[[str], str]
    meant_in: frozenset[str] = frozenset()


def _beyond_ascii(column: Column) -> bool:
    return column.greatest >= 0x80


# -- white space -------------------------------------------------------------------------------------------------------

_WHITE = r"[\t\n\r \x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{205F}\x{3000}]"
_AROUND = rf"\A{_WHITE}|{_WHITE}\z"
# After the end of a sentence or a colon many people type two blanks on purpose.
_DOUBLED = r"[^\s.!?:;][ \t]{2,}\S"


def _told_white(text: str) -> str:
    bare = text.strip()
    if not bare:
        return f"{text[:40]!r} is nothing but white space"
    if text[0].isspace() or text[-1].isspace():
        ends = [name for name, there in (("begins", text[0].isspace()), ("ends", text[-1].isspace())) if there]
        return f"{_short(text)} {' and '.join(ends)} with white space"
    return f"{_short(text)} has doubled blanks"


SURROUNDED = Trait(
    lambda column: column.may_have_blank_ends(),
    _AROUND,
    lambda texts: texts.str.contains(_AROUND),
    _told_white,
)
DOUBLED = Trait(
    lambda column: column.may_have_doubled_blanks(),
    r"[ \t]{2}",
    lambda texts: texts.str.contains(_DOUBLED),
    _told_white,
)
WHITESPACE = Trait(
    lambda column: SURROUNDED.may(column) or DOUBLED.may(column),
    f"{SURROUNDED.gate}|{DOUBLED.gate}",
    lambda texts: texts.str.contains(f"{_AROUND}|{_DOUBLED}"),
    _told_white,
)

# -- characters that can't be seen -------------------------------------------------------------------------------------

_NEVER = r"\x{AD}\x{34F}\x{180E}\x{2060}-\x{2064}\x{3164}\x{FEFF}\x{FFA0}\x{FFF9}-\x{FFFB}"
_DIRECTIONS = r"\x{61C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}"
_RIGHT_TO_LEFT = (
    r"[\x{590}-\x{61B}\x{61D}-\x{8FF}\x{FB1D}-\x{FDFF}\x{FE70}-\x{FEFC}\x{10800}-\x{10FFF}\x{1E800}-\x{1EFFF}]"
)
_WITHOUT_BLANKS = r"[\x{E00}-\x{EFF}\x{1000}-\x{109F}\x{1780}-\x{17FF}]"  # Thai, Lao, Burmese, Khmer
_JOINERS = r"(?:\A|[A-Za-z0-9])[\x{200C}\x{200D}]|[\x{200C}\x{200D}](?:[A-Za-z0-9]|\z)"
# A no-break space is right before a unit or a French colon; at an end, beside a blank, or between two words it isn't.
_NO_BREAK = r"(?:\A|\s)[\x{A0}\x{202F}]|[\x{A0}\x{202F}](?:\s|\z)|\p{L}[\x{A0}\x{202F}]\p{L}"
_ANY_INVISIBLE = lazy_regex(
    "[\u00a0\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202f\u2060-\u2069\u3164\ufeff\uffa0\ufff9-\ufffb]"
)


def _invisible(texts: pl.Series) -> pl.Series:
    odd = texts.str.contains(f"[{_NEVER}]|{_JOINERS}|{_NO_BREAK}")
    odd = odd | (texts.str.contains(rf"[{_DIRECTIONS}]") & ~texts.str.contains(_RIGHT_TO_LEFT))
    odd = odd | (texts.str.contains("\u200b", literal=True) & ~texts.str.contains(_WITHOUT_BLANKS))
    return odd & ~_mojibake(texts)  # à, read wrongly, ends in a no-break space


def _told_invisible(text: str) -> str:
    return _told_character(text, _ANY_INVISIBLE)


INVISIBLE = Trait(
    _beyond_ascii, rf"[{_NEVER}{_DIRECTIONS}\x{{A0}}\x{{200B}}-\x{{200D}}\x{{202F}}]", _invisible, _told_invisible
)

# -- wrong decoding ----------------------------------------------------------------------------------------------------

# What bytes 80 to BF, which follow the first byte of a character in UTF-8, read as in Latin-1 and CP1252.
_SPECIAL = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_FOLLOWING = rf"[\x{{80}}-\x{{BF}}{_SPECIAL}]"
# Those of them that hardly follow a letter and a quote.
_UNLIKELY = r"[\x{80}-\x{9F}¡-ª¬-º¼-¿€‚ƒ„†‡ˆ‰Š‹ŒŽ˜™šœžŸ]"
_MOJIBAKE = "|".join(
    (
        r"\x{FFFD}|â€|ð[Ÿ\x{9F}]|ï»¿|ï¿½",
        r"Â[\x{80}-\x{BF}]",
        # «, », quotes and dashes may well follow a capital Ã: then a letter must come behind them
        r"Ã[\x{80}-\x{AA}\x{AC}-\x{BA}\x{BC}-\x{BF}€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ]|Ã[«»‘’“”…–—]\p{L}",
        rf"â[\x{{80}}-\x{{9F}}‚„†‡ˆ‰Š‹ŒŽ˜™š›œžŸ]{_FOLLOWING}",
        # two characters of two or three bytes, one behind the other: Greek, Cyrillic, Arabic, Thai, Chinese, ...
        rf"(?:[Â-ß]{_FOLLOWING}|[à-ï]{_FOLLOWING}{{2}}){{2}}",
        # one in the middle of a Polish or Czech word; one of Vietnamese, which »closing« quotes may look like
        rf"\p{{Ll}}[ÄÅÆ]{_FOLLOWING}|á[º»](?:{_UNLIKELY}|{_FOLLOWING}\p{{L}})",
        r"Å[\x{80}-\x{9F}¡¢º¼½¾‚„ˆ™Ÿ]|Ä[\x{80}-\x{9F}±‡ŒŸ™]",
    )
)
_MOJIBAKE_FOUND = lazy_regex(f"\ufffd|[Â-ð][\x80-\xbf{_SPECIAL}]+")


def _told_mojibake(text: str) -> str:
    if "\ufffd" in text:
        return f"{_short(text)} holds U+FFFD, which stands for what couldn't be decoded"
    if (read := _read_as(text)) is not None:
        return f"{_short(text)} is UTF-8 read as {read[0]}; {_short(read[1])} was meant"
    found = _MOJIBAKE_FOUND.search(text)
    return f"{_short(text)} holds {found[0] if found else ''!r}, which looks like UTF-8 read as another encoding"


def _mojibake(texts: pl.Series) -> pl.Series:
    return texts.str.contains(_MOJIBAKE)


def decoded_wrongly(text: str) -> bool:
    """Whether all of a text is mojibake. No query: what is asked before a scan must leave Polars without threads."""
    return not text.isascii() and ("\ufffd" in text or _read_as(text) is not None)


def _read_as(text: str) -> tuple[str, str] | None:
    """In which encoding UTF-8 was read, and what it says."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return encoding, text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return None


MOJIBAKE = Trait(_beyond_ascii, rf"\x{{FFFD}}|[Â-ð]{_FOLLOWING}", _mojibake, _told_mojibake)

# -- control characters ------------------------------------------------------------------------------------------------

_C0_C1 = r"\x01-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}"
_ANY_CONTROL = lazy_regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def control(*, nul: bool) -> Trait:
    """Control characters but tab and line ends; ``nul``: NUL too, where the reader doesn't tell of it."""
    found = rf"[\x00{_C0_C1}]" if nul else f"[{_C0_C1}]"
    return Trait(
        lambda column: column.least < 0x20 or column.greatest >= 0x7F,
        found,
        lambda texts: texts.str.contains(found) & ~_mojibake(texts),
        lambda text: _told_character(text, _ANY_CONTROL),
    )


NUL = Trait(
    lambda column: column.least == 0,
    r"\x00",
    lambda texts: texts.str.contains("\0", literal=True),
    lambda text: _told_character(text, re.compile("\0")),
)

# -- markup ------------------------------------------------------------------------------------------------------------

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
_MARKUP_FOUND = lazy_regex(r"<[^<>]*>|<!--|&#?\w+;")


def _told_markup(text: str) -> str:
    found = _MARKUP_FOUND.search(text)
    return f"{_short(text)} holds {_short(found[0]) if found else 'markup'}"


MARKUP = Trait(
    lambda column: column.has(0x3C) or column.has(0x26),
    "<[A-Za-z/!]|&[A-Za-z#]",
    lambda texts: texts.str.contains(_MARKUP),
    _told_markup,
)

# -- messages of programs ----------------------------------------------------------------------------------------------

_OUTPUT = "|".join(
    (
        r"(?:Fatal error|Parse error|Warning|Notice|Deprecated)(?:</b>)?:\s[^\n]{1,600}? in (?:<b>)?[^\s<][^\n<]{0,300}"
        r"(?:</b>)? on line (?:<b>)?[0-9]",
        r"Traceback \(most recent call last\):\s+File ",
        r"\bSQLSTATE\[\w{5}\]|\bORA-[0-9]{5}: ",
    )
)
_SHORTEST = 20
"""Messages of programs have at least so many bytes."""


def _told_output(text: str) -> str:
    found = re.search(_OUTPUT, text)
    said = re.sub(r"<[^<>]*>", "", text[found.start() if found else 0 :])
    return f"{_short(' '.join(said.split()))} is a message of a program"


OUTPUT = Trait(
    lambda column: column.extent[1] >= _SHORTEST and (column.has(0x5B) or (column.has(0x3A) and column.has(0x20))),
    r" on line |Traceback \(most|SQLSTATE\[|ORA-[0-9]",
    lambda texts: texts.str.contains(_OUTPUT) & (texts.str.len_bytes() >= _SHORTEST),
    _told_output,
)

# -- characters beyond ASCII -------------------------------------------------------------------------------------------


def _told_non_ascii(text: str) -> str:
    return _told_character(text, re.compile(r"[^\x00-\x7f]"))


NON_ASCII = Trait(
    _beyond_ascii, r"[^\x00-\x7F]", lambda texts: texts.str.len_bytes() != texts.str.len_chars(), _told_non_ascii
)


def _told_character(text: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(text)
    if found is None:
        return f"{_short(text)} holds such a character"
    name = unicodedata.name(found[0], "").lower()
    told = f"U+{ord(found[0]):04X}" + (f" ({name})" if name else "")
    return f"{_short(text)} holds {told} at character {found.start() + 1}"


def _short(text: str) -> str:
    return repr(clip(text, 60))

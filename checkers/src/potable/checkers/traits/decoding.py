"""Texts that were read in another encoding than they were written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.checkers.traits.trait import Trait, beyond_ascii, short
from potable.engine.toolkit import lazy_regex

if TYPE_CHECKING:
    import polars as pl

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
        return f"{short(text)} holds U+FFFD, which stands for what couldn't be decoded"
    if (read := _read_as(text)) is not None:
        if "\ufffd" in read[1]:
            return f"{short(text)} holds U+FFFD, which stands for what couldn't be decoded, itself read as {read[0]}"
        return f"{short(text)} is UTF-8 read as {read[0]}; {short(read[1])} was meant"
    found = _MOJIBAKE_FOUND.search(text)
    return f"{short(text)} holds {found[0] if found else ''!r}, which looks like UTF-8 read as another encoding"


def is_mojibake(texts: pl.Series) -> pl.Series:
    """Which texts hold characters that most likely are UTF-8, read as another encoding."""
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


MOJIBAKE = Trait(beyond_ascii, rf"\x{{FFFD}}|[Â-ð]{_FOLLOWING}", is_mojibake, _told_mojibake)

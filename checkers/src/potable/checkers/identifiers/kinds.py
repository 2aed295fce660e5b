r"""Kinds of identifiers: how each is written, and what is wrong with a text that is meant to be one.

Sources: DOI Handbook (Crossref's ``10.\d{4,9}/``), ORCID (ISO 7780 with a hyphen after each four), RFC 9562 (UUID),
ISO 3297 (ISSN), ISO 2108 (ISBN), RFC 3986 (URL), RFC 5322 (e-mail), RRID (https://rrids.org), the Bioregistry for all
others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.identifiers import checksums
from potable.checkers.identifiers.forms import Form
from potable.checkers.identifiers.registry import Entry, Registry, folded, pattern_of, registry


class Verdict(IntEnum):
    """What is wrong with a text."""

    FINE = 0
    MALFORMED = 1
    CHECKSUM = 2
    UNKNOWN = 3
    DEPRECATED = 4
    VERSION = 5
    """It has a version where its kind has none."""
    VERSIONED = 6
    """It has a version, as its kind may."""


class Kind(ABC):
    """A kind of identifier.

    :ivar noun: what it's called, with an article.
    """

    name: str
    noun: str

    @property
    def forms(self) -> tuple[Form, ...]:
        """In which ways it's written, besides bare; none: in one."""
        return ()

    @abstractmethod
    def alike(self, texts: pl.Series) -> pl.Series:
        """Which texts are plainly of this kind, so that their column may be taken for one of it."""

    @abstractmethod
    def verdicts(self, texts: pl.Series, *, named: bool) -> pl.Series:
        """A :class:`Verdict` for each text, Int8.

        :param named: the definition says that the field is of this kind: any text is meant to be one.
        """


@dataclass(frozen=True)
class Shape(Kind):
    """A kind told by its shape alone.

    :param pattern: for a whole text.
    :param meant: in a field that no definition names: what a text has that is meant to be one.
    :param fits: whether the check digits of well-formed texts fit; None: there are none.
    :param written: see :attr:`Kind.forms`.
    """

    name: str
    noun: str
    pattern: str
    meant: str
    fits: Callable[[pl.Series], pl.Series] | None = None
    written: tuple[Form, ...] = ()

    @property
    def sign(self) -> str:
        """A pattern of the texts that are plainly of this kind."""
        return self.pattern

    @property
    def forms(self) -> tuple[Form, ...]:
        return self.written

    def alike(self, texts: pl.Series) -> pl.Series:
        return texts.str.contains(self.sign)

    def verdicts(self, texts: pl.Series, *, named: bool) -> pl.Series:
        right = texts.str.contains(self.pattern)
        if self.fits is None and right.all(ignore_nulls=False):
            return pl.zeros(len(texts), dtype=pl.Int8, eager=True)
        wrong = right.not_()
        if not named and wrong.any():
            at = wrong.arg_true()  # this pattern is the slower one: only for these
            wrong = wrong.scatter(at.filter(~texts.gather(at).str.contains(self.meant)), values=False)
        out = wrong.cast(pl.Int8) * int(Verdict.MALFORMED)
        if self.fits is not None:
            wrong = ~self.fits(texts)
            out = out.zip_with(~(wrong & right), pl.Series([int(Verdict.CHECKSUM)], dtype=pl.Int8))
        return out


_URL = Form("as a URL", r"\A(?i:https?):")
_HEX = "[0-9A-Fa-f]"
# A name, also in other scripts, or an address of IPv6 in brackets.
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\x{A1}-\x{10FFFF}][A-Za-z0-9\x{A1}-\x{10FFFF}_.-]*)"
_ADDRESS = (
    r"[^\s@<>,;|()\[\]]+@(?:(?:[^\s@<>,;|()\[\].]+\.)+[A-Za-z\x{A1}-\x{10FFFF}][A-Za-z0-9\x{A1}-\x{10FFFF}-]+"
    r"|\[[0-9A-Fa-f:.]+\])"
)
_STRICT_RRID = r"AB_[0-9]+|SCR_[0-9]{6}|CVCL_[A-Z0-9]{4}|(?i:addgene)_[0-9]+"
# MGI:3840442, Addgene-1234, SAMN08365990
_OTHER_RRID = r"[A-Za-z][A-Za-z0-9]*[_:-][A-Za-z0-9][A-Za-z0-9_:./-]*|SAM(?:N|E[AG]?|D)[0-9]+"
_OWN_AUTHORITY = r"\A(?i:ab|scr|cvcl|addgene)_"


class Rrid(Shape):
    """RRIDs: four large authorities have a shape of their own."""

    def __init__(self) -> None:
        pattern = rf"\A(?:{_STRICT_RRID}|{_OTHER_RRID})\z"
        written = (Form("with RRID:", r"\ARRID:"),)
        super().__init__("rrid", "an RRID", pattern, r"\A\s*(?i:rrid)\b", written=written)

    @property
    def sign(self) -> str:
        return rf"\ARRID:\S+\z|\A(?:{_STRICT_RRID})\z"

    def verdicts(self, texts: pl.Series, *, named: bool) -> pl.Series:
        bare = texts.str.replace(r"\ARRID:", "")
        wrong = ~bare.str.contains(self.pattern) | bare.str.contains(r"\A(?i:rrid)\b")
        wrong |= bare.str.contains(_OWN_AUTHORITY) & ~bare.str.contains(rf"\A(?:{_STRICT_RRID})\z")
        if not named:
            wrong &= texts.str.contains(self.meant)
        return wrong.cast(pl.Int8) * int(Verdict.MALFORMED)


SHAPES: tuple[Shape, ...] = (
    Rrid(),
    Shape(
        "doi",
        "a DOI",
        r"\A(?:(?i:doi: ?)|(?i:https?://(?:dx\.|www\.)?doi\.org/))?10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+\z",
        r"(?i:\A\s*doi\b|doi\.org/)|\A10\.",
        written=(_URL, Form("with doi:", r"\A(?i:doi):")),
    ),
    Shape(
        "orcid",
        "an ORCID iD",
        r"\A(?:(?i:orcid:)|(?i:https?://(?:www\.)?orcid\.org/))?[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9Xx]\z",
        r"(?i:orcid\.org/|\Aorcid:)|\A(?:[0-9]{3,4}-){3}[0-9]{2,4}[Xx]?\z|\A[0-9]{15}[0-9Xx]\z",
        checksums.orcid,
        (_URL, Form("with orcid:", r"\A(?i:orcid):")),
    ),
    Shape(
        "uuid",
        "a UUID",
        rf"\A(?:urn:uuid:)?\{{?{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}\}}?\z",
        rf"\A\{{?{_HEX}{{6,10}}-[0-9A-Fa-f-]+\}}?\z",
        written=(Form("with urn:uuid:", r"\Aurn:"), Form("in braces", r"\A\{", "{")),
    ),
    Shape(
        "url",
        "a URL",
        rf"\A(?i:https?|ftps?)://(?:[^\s/?#@]+@)?{_HOST}(?::[0-9]{{1,5}})?(?:[/?#]\S*)?\z",
        r"\A\s*(?i:https?|ftps?)\b\S*\s*\z|\A(?i:https?|ftps?)://\S+(?:\s+[^\s:]+){1,3}\z|\A(?i:www\.|\.{0,2}/)\S*\z",
    ),
    Shape(
        "email",
        "an e-mail address",
        rf"\A(?:(?i:mailto:)?{_ADDRESS}(?:\s*[;,|/]\s*{_ADDRESS})*|[^<>@]*<{_ADDRESS}>)\z",
        r"@|(?i:\b *[(\[ ]at[)\] ] *\b)",
        written=(Form("with mailto:", r"\A(?i:mailto):"),),
    ),
    Shape(
        "pmid",
        "a PMID",
        r"\A(?:(?i:pmid: ?)|https?://(?:www\.)?pubmed\.ncbi\.nlm\.nih\.gov/)?[1-9][0-9]{0,7}/?\z",
        r"\A[0-9]+\z",
        written=(_URL, Form("with PMID:", r"\A(?i:pmid):")),
    ),
    Shape(
        "issn",
        "an ISSN",
        r"\A(?:(?i:issn:? ?))?[0-9]{4}-[0-9]{3}[0-9Xx]\z",
        r"\A[0-9]{4}-?[0-9]{2,4}[Xx]?\z",
        checksums.issn,
        (Form("with ISSN", r"\A(?i:issn)", None),),
    ),
    Shape(
        "isbn",
        "an ISBN",
        r"\A(?:(?i:isbn)(?:-1[03])?:? ?)?(?:97[89][ -]?(?:[0-9][ -]?){9}[0-9]|(?:[0-9][ -]?){9}[0-9Xx])\z",
        r"\A[0-9][0-9 -]{7,}[0-9Xx]?\z",
        checksums.isbn,
        (Form("with ISBN", r"\A(?i:isbn)", None),),
    ),
)
BY_NAME = ("pmid", "issn", "isbn")
"""Their shape tells too little: a column is taken for one of them only where its name says so too."""

CURIE = r"\A[A-Za-z][A-Za-z0-9_.-]*:[^\s/:][^\s]*\z"
_VERSION = r"\.[0-9]{1,3}\z"


class Curie(Kind):
    """Compact identifiers of any prefix that the registry knows."""

    name, noun = "curie", "an identifier of its prefix"

    def __init__(self, known: Registry) -> None:
        self._known = known

    def alike(self, texts: pl.Series) -> pl.Series:
        shaped = texts.str.contains(CURIE)
        return shaped & (self.verdicts(texts, named=False) == Verdict.FINE) if shaped.any() else shaped

    def verdicts(self, texts: pl.Series, *, named: bool) -> pl.Series:
        shaped = texts.str.contains(CURIE).fill_null(value=False)
        out = np.where(shaped.to_numpy(), 0, int(Verdict.MALFORMED) if named else 0).astype(np.int8)
        rows = shaped.arg_true()
        frame = pl.DataFrame({"row": rows, "text": texts.filter(shaped)})
        prefix = pl.col("text").str.extract(r"\A([^:\s]+):").alias("prefix")
        for (name,), group in frame.with_columns(prefix).group_by("prefix", maintain_order=True):
            out[group["row"].to_numpy()] = self._of_prefix(str(name), group["text"])
        return pl.Series(out)

    def _of_prefix(self, prefix: str, texts: pl.Series) -> npt.NDArray[np.int8] | int:
        entry = self._known.get(prefix)
        if entry is None:
            return int(Verdict.UNKNOWN)
        if entry.deprecated:
            return int(Verdict.DEPRECATED)
        if pattern_of(entry) is None:
            return int(Verdict.FINE)
        local = pl.col("text").str.slice(len(prefix) + 1)
        return (
            texts.to_frame("text")
            .select(_entry_verdict(entry, pl.col("text"), local).cast(pl.Int8))
            .to_series()
            .to_numpy()
        )


class Registered(Kind):
    """Identifiers of one prefix, which may stand before them or not."""

    def __init__(self, entry: Entry, known: Registry) -> None:
        self.name, self.noun = entry.prefix, f"an identifier of {entry.prefix}"
        self._entry, self._known = entry, known

    @property
    def forms(self) -> tuple[Form, ...]:
        return (Form(f"with {self._entry.prefix}:", r"\A[A-Za-z][A-Za-z0-9_.-]*:"),)

    def alike(self, texts: pl.Series) -> pl.Series:
        return self.verdicts(texts, named=True) == Verdict.FINE

    def verdicts(self, texts: pl.Series, *, named: bool) -> pl.Series:
        frame = pl.DataFrame({"text": texts}).with_columns(prefix=pl.col("text").str.extract(r"\A([^:\s]+):"))
        own = [p for p in frame["prefix"].drop_nulls().unique().to_list() if self._known.get(p) == self._entry]
        local = pl.when(pl.col("prefix").is_in(own)).then(pl.col("text").str.replace(r"\A[^:]+:", ""))
        verdict = _entry_verdict(self._entry, pl.col("text"), local.otherwise(pl.col("text")))
        return frame.select(verdict.cast(pl.Int8).alias("verdict"))["verdict"]


def _entry_verdict(entry: Entry, text: pl.Expr, local: pl.Expr) -> pl.Expr:
    pattern = pattern_of(entry)
    if pattern is None:
        return pl.lit(0, dtype=pl.Int8)

    def right(texts: pl.Expr) -> pl.Expr:
        return texts.str.contains(pattern)

    def bare(texts: pl.Expr) -> pl.Expr:
        return texts.str.replace(_VERSION, "")

    fine = right(local) | right(text)
    versioned = text.str.contains(_VERSION)
    without = right(bare(local)) | right(bare(text))
    # 1.2 and 1 may both be right without the one being a version of the other
    numbered = local.str.contains(r"[A-Za-z]")
    return (
        pl.when(fine & versioned & without & numbered)
        .then(int(Verdict.VERSIONED))
        .when(fine)
        .then(0)
        .when(versioned & without)
        .then(int(Verdict.VERSION))
        .otherwise(int(Verdict.MALFORMED))
    )


@lru_cache(maxsize=256)
def kind_of(name: str) -> Kind | None:
    """The kind that a definition names; None for one that isn't known."""
    for shape in SHAPES:
        if folded(name) == shape.name:
            return shape
    known = registry()
    if known is None:
        return None
    if folded(name) == Curie.name:
        return Curie(known)
    entry = known.get(name)
    return None if entry is None else Registered(entry, known)

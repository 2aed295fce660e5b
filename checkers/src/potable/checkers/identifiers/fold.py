"""Which columns hold identifiers, and what is wrong with these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from potable.checkers.folds.columns import SHARE, ColumnFold, Seen
from potable.checkers.folds.hits import Hits
from potable.checkers.folds.spans import Spans, joined, records_of
from potable.checkers.identifiers.codes import (
    CHECKSUM,
    CODES,
    DEPRECATED,
    MALFORMED,
    MIXED,
    ODD_SHAPE,
    UNKNOWN,
    VERSION,
)
from potable.checkers.identifiers.forms import Written, form_numbers, told, told_apart, usual_of
from potable.checkers.identifiers.kinds import BY_NAME, CURIE, SHAPES, Kind, Verdict, kind_of
from potable.checkers.identifiers.mixed import FormsFold, Unsure
from potable.checkers.identifiers.registry import registry_name
from potable.checkers.names.words import words_of
from potable.checkers.values.strings import TEXT, Values, counts
from potable.engine.checker import Late, Outcome, Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.fields import Field
from potable.engine.findings import Tally

_TEXT = "\x1f"
"""In the votes: before a text that is shaped as a compact identifier; the registry is asked of them all at once."""
_SYNONYMS = {"pmid": {"pmid", "pmids", "pubmed"}, "issn": {"issn", "eissn", "issns"}, "isbn": {"isbn", "isbns"}}
_CODES = {
    Verdict.MALFORMED: (MALFORMED.id, '"{{value}}" isn\'t {noun}'),
    Verdict.CHECKSUM: (CHECKSUM.id, 'the check digit of "{{value}}" doesn\'t fit'),
    Verdict.UNKNOWN: (UNKNOWN.id, 'no registry knows the prefix of "{{value}}"'),
    Verdict.DEPRECATED: (DEPRECATED.id, 'the prefix of "{{value}}" is deprecated'),
    Verdict.VERSION: (VERSION.id, '"{{value}}" ends in a version, which {noun} hasn\'t got'),
    Verdict.VERSIONED: (VERSION.id, '"{{value}}" ends in a version, most values of the field don\'t'),
}

GLIMPSE = 200
"""So many values decide what a chunk is looked at as, until the kind is known."""
LONGEST = 200
"""Longer texts aren't remembered as compact identifiers."""


@dataclass(slots=True)
class Ids:
    """What was seen of a column.

    :param looked: by kind, the records that were looked at as such.
    :param wrong: by kind and verdict, the records that had it.
    :param where: by kind, where something is wrong.
    :param written: by kind, in which forms its well-formed values are written.
    :param unclear: records of which the kind wasn't known yet.
    """

    filled: int = 0
    looked: dict[str, Spans] = field(default_factory=dict)
    wrong: dict[str, dict[int, Hits]] = field(default_factory=dict)
    where: dict[str, Spans] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    unclear: Spans = field(default_factory=Spans)


class IdentifiersFold(ColumnFold[Ids]):
    """See the module.

    :param kinds: by canonical path, the name of the kind that the definition gives.
    """

    numbers_too = True

    def __init__(
        self,
        source: SourceDefinition,
        samples: int,
        on: Collection[str],
        kinds: Mapping[str, str],
        left_out: Collection[str],
    ) -> None:
        codes = [c.id for c in CODES if c.id in on and c is not ODD_SHAPE]
        super().__init__("identifiers", codes, source, samples, chosen=kinds, left_out=left_out)
        self._given, self._source = dict(kinds), source
        # Shared by the threads of a scan, as the dropped columns are: it saves work, and a second look.
        self._learnt: dict[str, str] = {}

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        words = words_of(name)
        tests = {
            kind.name: TEXT.str.contains(kind.sign)
            for kind in SHAPES
            if kind.name not in BY_NAME or not _SYNONYMS[kind.name].isdisjoint(words)
        }
        curie = TEXT.str.contains(CURIE) & (TEXT.str.len_bytes() <= LONGEST)
        votes = counts(texts, {**tests, _TEXT: curie})
        if votes.pop(_TEXT):
            shaped = texts.to_frame("text").filter(curie)["text"]
            votes |= {f"{_TEXT}{text}": n for text, n in shaped.value_counts().iter_rows()}
        return votes

    def may_hold(self, seen: Seen[Ids]) -> bool:
        return _elected(seen) is not None

    def keep(self, name: str, seen: Seen[Ids]) -> None:
        kind = _elected(seen)
        if kind is not None:
            self._learnt[name] = kind.name

    def look(self, name: str, values: Values) -> Ids | None:
        texts = values.texts
        found = Ids(filled=len(texts))
        kind = self._kind(name) or self._likely(name, texts)
        if kind is None:
            found.unclear.add(*values.span)
            return found
        found.looked[kind.name] = Spans([values.span])
        strict = verdicts = kind.verdicts(texts, named=True).fill_null(0).to_numpy()
        if strict.any() and not self.is_chosen(name):  # those that are fine are so either way
            at = np.flatnonzero(strict)
            verdicts = np.zeros_like(strict)
            verdicts[at] = kind.verdicts(texts.gather(at), named=False).fill_null(0).to_numpy()
        if verdicts.any():
            which = {(kind.name, int(v)): np.flatnonzero(verdicts == v) for v in np.unique(verdicts[verdicts != 0])}
            found.wrong[kind.name] = {v: hits for (_, v), hits in self.hits(name, values, which).items()}
            found.where[kind.name] = Spans([values.span])
        if kind.forms and MIXED.id in self.codes:
            forms = form_numbers(kind.forms, texts, values.may_have)
            found.written[kind.name] = written = Written()
            written.note(forms[strict == Verdict.FINE] if strict.any() else forms, values.span)
        return found

    def join(self, left: Ids, right: Ids) -> Ids:
        left.filled += right.filled
        left.unclear.append(right.unclear)
        for mine, more in ((left.looked, right.looked), (left.where, right.where)):
            for kind, spans in more.items():
                mine.setdefault(kind, Spans()).append(spans)
        for kind, more_written in right.written.items():
            left.written.setdefault(kind, Written()).append(more_written)
        for kind, by_verdict in right.wrong.items():
            mine_too = left.wrong.setdefault(kind, {})
            for verdict, hits in by_verdict.items():
                mine_too.setdefault(verdict, Hits()).append(hits, self.recorder.most)
        return left

    def finish(self, state: dict[str, Seen[Ids]]) -> Outcome:
        self.let_go(state)
        kinds: dict[str, str] = {}
        for name, seen in sorted(state.items()):
            if seen.found is None:
                continue
            if not self.is_chosen(name) and name not in self._learnt:
                self.keep(name, seen)  # the source ended before
            kind = self._kind(name)
            if kind is not None:
                kinds[name] = kind.name
        outcome = super().finish(state)
        if not kinds:
            return outcome
        metrics = {"kinds": kinds, "registry": registry_name() or "not installed"}
        late = self._late(state, kinds, outcome.late)
        return Outcome(findings=outcome.findings, late=late, metrics=metrics)

    def _late(self, state: dict[str, Seen[Ids]], kinds: Mapping[str, str], late: Late | None) -> Late | None:
        """With a look at the forms of columns of which parts were looked at before their kind was known."""
        columns: dict[str, Unsure] = {}
        where: list[Spans] = []
        for name, kind_name in kinds.items():
            kind, found = self._kind(name), state[name].found
            if MIXED.id in self.codes and kind is not None and kind.forms and found is not None:
                others = _others(found, kind_name)
                if others:
                    columns[name] = Unsure(kind, self.missing_values(name))
                    where += [*others, found.looked.get(kind_name, Spans())]
        if not columns:
            return late
        fold = FormsFold(columns, self._source, self.recorder.most)
        return joined(late, Late(folds=[fold], records=records_of(*where)))

    def judge(self, name: str, found: Ids) -> Iterator[Tally | tuple[Rule, Spans]]:
        kind = self._kind(name)
        if kind is None:
            return
        named = self.is_chosen(name)
        wrong = found.wrong.get(kind.name, {})
        others = _others(found, kind.name)
        # In records that were looked at as something else, before the kind was known, there may be more.
        unsure = bool(others)
        bounds = sorted(b for spans in (found.where.get(kind.name, Spans()), *others) for b in spans.bounds)
        for verdict, (code, message) in _CODES.items():
            hits = wrong.get(verdict, Hits())
            if verdict is Verdict.VERSIONED and not (named and 2 * len(hits.records) <= found.filled):
                continue
            if code not in self.codes or not (unsure or len(hits.records)):
                continue
            rule_id = "mixed" if verdict is Verdict.VERSIONED else None
            words, details = message.format(noun=kind.noun), {"kind": kind.name}
            if unsure:
                rule = Rule(code, [name], _judged(kind, verdict, named=named), words, id=rule_id, details=details)
                yield rule, Spans(bounds)
            else:
                yield hits.tally(code, name, words, rule=rule_id, details=details)
        if not unsure:  # else a second look tells, see _late
            yield from self._mixed(name, kind, found)

    def _mixed(self, name: str, kind: Kind, found: Ids) -> Iterator[tuple[Rule, Spans]]:
        """Values that aren't written as most are."""
        written, forms = found.written.get(kind.name), kind.forms
        if written is None or len(written.counts) < 2:
            return
        usual = usual_of(written.counts)
        counts = {told(forms, number): count for number, count in sorted(written.counts.items())}
        details = {"kind": kind.name, "forms": counts}
        for number, spans in sorted(written.where.items()):
            if number != usual:
                words, rule_id = told_apart(forms, number, usual), f"written {told(forms, number)}"
                yield Rule(MIXED.id, [name], _of_form(kind, number), words, id=rule_id, details=details), spans

    def _likely(self, name: str, texts: pl.Series) -> Kind | None:
        """The kind that the values here speak for, where the source's first ones haven't spoken yet."""
        head = texts.head(GLIMPSE)
        return _elected(Seen(filled=len(head), votes=Counter(self.votes(name, head))))

    def _kind(self, name: str) -> Kind | None:
        known = self._given.get(name) or self._learnt.get(name)
        return None if known is None else kind_of(known)


def _others(found: Ids, kind: str) -> list[Spans]:
    """Where values weren't looked at as this kind."""
    others = [found.unclear, *(spans for other, spans in found.looked.items() if other != kind)]
    return [spans for spans in others if spans.bounds]


def _elected(seen: Seen[Ids]) -> Kind | None:
    """The kind that most values speak for; None where too few do. Of equals the first of the known kinds."""
    enough = SHARE * seen.filled
    best = max(SHAPES, key=lambda shape: seen.votes[shape.name])
    if not seen.filled or 100 * seen.votes[best.name] >= enough:
        return best if seen.filled else None
    shaped = {text[1:]: n for text, n in seen.votes.items() if text.startswith(_TEXT)}
    if 100 * sum(shaped.values()) < enough:
        return None
    curie = kind_of("curie")  # only now: it reads the registry
    if curie is None:
        return None
    texts = pl.Series(list(shaped), dtype=pl.String)
    right = sum(n for n, alike in zip(shaped.values(), curie.alike(texts), strict=True) if alike)
    return curie if 100 * right >= enough else None


def _judged(kind: Kind, verdict: Verdict, *, named: bool) -> Callable[[Field], pl.Expr]:
    """A rule's predicate: the value has this verdict, and isn't missing."""

    def verdicts(texts: pl.Series) -> pl.Series:
        return kind.verdicts(texts, named=named)

    def wrong(f: Field) -> pl.Expr:
        judged = f.derive("identifier", f.text.map_batches(verdicts, return_dtype=pl.Int8))
        return (judged == int(verdict)) & f.present

    return wrong


def _of_form(kind: Kind, number: int) -> Callable[[Field], pl.Expr]:
    """A rule's predicate: the value is well-formed, and written in this form."""

    def of_form(texts: pl.Series) -> pl.Series:
        fine = kind.verdicts(texts, named=True).fill_null(0) == int(Verdict.FINE)
        return pl.Series(form_numbers(kind.forms, texts) == number) & fine

    def wrong(f: Field) -> pl.Expr:
        return f.text.map_batches(of_form, return_dtype=pl.Boolean) & f.present

    return wrong

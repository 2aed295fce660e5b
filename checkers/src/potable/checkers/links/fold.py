"""A sample of a source's links, and what became of each."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import polars as pl

from potable.checkers.folds.columns import SHARE
from potable.checkers.folds.hits import Recorder, places
from potable.checkers.links.codes import DEAD, REDIRECTED
from potable.checkers.values.strings import field_names, strings
from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Fault, Location, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.http import Http

LINK = r"\Ahttps?://[^\s/?#@]+(?:[/?#]\S*)?\z"
RESOLVERS = frozenset(
    {
        "doi.org", "dx.doi.org", "www.doi.org", "identifiers.org", "n2t.net", "purl.org", "purl.obolibrary.org",
        "w3id.org", "hdl.handle.net", "bioregistry.io", "scicrunch.org", "orcid.org", "bit.ly", "tinyurl.com", "t.co",
        "goo.gl", "ror.org", "arks.org", "purl.uniprot.org", "www.wikidata.org",
    }
)  # fmt: skip
_GONE, _NO_SERVER = "access/not-found", "access/unreachable"


@dataclass(frozen=True, slots=True)
class Link:
    """A link, and where it first stands.

    :param rank: its place in the draw.
    """

    rank: str
    url: str
    field: str
    record: int
    location: Location
    key: str | None


@dataclass(slots=True)
class Links:
    """By field: how many values there are, how many of them links, and the links of lowest rank."""

    filled: Counter[str] = field(default_factory=Counter)
    alike: Counter[str] = field(default_factory=Counter)
    drawn: dict[str, dict[str, Link]] = field(default_factory=dict)


class LinksFold(Fold[Links]):
    """Draws links by a hash of theirs, the same in every run, and asks for them one after the other.

    :param http: gives the way to the network, where there's something to ask.
    :param chosen: the fields; empty: those most of whose values are links.
    :param most: how many links are asked for.
    :param per_host: how many of one host.
    :param pause: seconds between two requests.
    :param seconds: for all requests together.
    """

    name = "links"
    codes = (DEAD.id, REDIRECTED.id)

    def __init__(
        self,
        source: SourceDefinition,
        http: Callable[[], Http],
        chosen: Sequence[str],
        left_out: Collection[str],
        *,
        most: int,
        per_host: int,
        pause: float,
        seconds: float,
    ) -> None:
        self.fields = (*chosen, *source.primary_key) if chosen else (EACH_FIELD,)
        self._chosen, self._left_out = frozenset(chosen), frozenset(left_out)
        self._missing = source.missing_values
        self._http, self._most, self._per_host = http, most, per_host
        self._pause, self._seconds = pause, seconds
        # By field, a rank that no link beyond it can win with any more. Shared by the threads of a scan; it only saves
        # work.
        self._bar: dict[str, str] = {}
        self._recorder = Recorder(source, most)

    def __getstate__(self) -> dict[str, Any]:
        # another process draws, this one asks
        return {**self.__dict__, "_http": None}

    def start(self) -> Links:
        return Links()

    def update(self, state: Links, chunk: Chunk) -> Links:
        here = Links()
        for name in field_names(chunk):
            if name in self._left_out or (self._chosen and name not in self._chosen):
                continue
            of_field = strings(chunk, name)
            here.filled[name] = of_field.count(self._missing)
            is_link = of_field.texts.str.contains(LINK).fill_null(value=False)
            here.alike[name] = int(is_link.sum())
            if not here.alike[name]:
                continue
            rows = is_link.arg_true().to_numpy()
            first = pl.DataFrame({"url": of_field.texts.filter(is_link), "row": rows})
            first = first.unique("url", keep="first", maintain_order=True)
            here.drawn[name] = self._drawn(chunk, name, first, of_field.rows)
        return self.merge(state, here)

    def merge(self, left: Links, right: Links) -> Links:
        left.filled.update(right.filled)
        left.alike.update(right.alike)
        for name, links in right.drawn.items():
            mine = left.drawn.setdefault(name, {})
            for url, link in links.items():
                mine.setdefault(url, link)
            left.drawn[name] = {link.url: link for link in sorted(mine.values(), key=lambda k: k.rank)[: self._pool]}
        return left

    def finish(self, state: Links) -> Outcome:
        found: list[Occurrence] = []
        unreachable: list[Occurrence] = []
        told: Counter[str] = Counter()
        until = monotonic() + self._seconds
        for number, link in enumerate(self._sample(state)):
            if monotonic() > until or (number and not self._waited()):
                told["not asked"] += 1
                continue
            outcome, said = self._ask(link)
            told[outcome] += 1
            if said is not None:
                (unreachable if outcome == "unreachable" else found).append(said)
        if told["fine"] or found:  # else it may well be our own network that is down
            found += unreachable
        found.sort(key=lambda o: (o.location.record or 0, o.field or ""))
        unchecked = []
        if told and not (told["fine"] or found):
            why = ", ".join(f"{n} {outcome}" for outcome, n in sorted(told.items()) if n)
            unchecked = [f"none of the links of the sample gave an answer ({why})"]
        return Outcome(findings=found, metrics={outcome: n for outcome, n in told.items() if n}, unchecked=unchecked)

    def _waited(self) -> bool:
        try:
            self._http().pause(self._pause)
        except Fault:
            return False
        return True

    @property
    def _pool(self) -> int:
        """So many links of a field are kept, since some may be of hosts that have had their share."""
        return 8 * self._most

    def _drawn(self, chunk: Chunk, name: str, first: pl.DataFrame, rows: Any) -> dict[str, Link]:
        ranked = sorted((_rank(url), url, int(at)) for url, at, *_ in first.iter_rows())[: self._pool]
        bar = self._bar.get(name)
        if len(ranked) == self._pool:
            self._bar[name] = ranked[-1][0] if bar is None else min(bar, ranked[-1][0])
        at = [
            (rank, url, row if rows is None else int(rows[row]))
            for rank, url, row in ranked
            if bar is None or rank <= bar
        ]
        where = places(chunk, [(row, name, url) for _, url, row in at])
        keys = self._recorder.keys_of(chunk, [row for _, _, row in at])
        return {
            url: Link(rank, url, name, int(chunk.numbers[row]), where[row, name, url], keys[row])
            for rank, url, row in at
        }

    def _sample(self, state: Links) -> list[Link]:
        links: dict[str, Link] = {}
        for name, drawn in sorted(state.drawn.items()):
            if name in self._chosen or 100 * state.alike[name] >= SHARE * state.filled[name]:
                for url, link in drawn.items():
                    links.setdefault(url, link)
        hosts: Counter[str] = Counter()
        sample: list[Link] = []
        for link in sorted(links.values(), key=lambda k: k.rank):
            host = _host(link.url)
            if len(sample) < self._most and hosts[host] < self._per_host:
                hosts[host] += 1
                sample.append(link)
        return sample

    def _ask(self, link: Link) -> tuple[str, Occurrence | None]:
        try:
            with self._http().get(link.url) as response:
                final = response.url
        except Fault as fault:
            outcome = {_GONE: "dead", _NO_SERVER: "unreachable"}.get(fault.occurrence.code, "unclear")
            message = f"the link is dead: {fault.occurrence.message}"
            return outcome, None if outcome == "unclear" else self._told(DEAD.id, link, message)
        if _is_elsewhere(link.url, final):
            return "redirected", self._told(REDIRECTED.id, link, f"the link leads to {final}")
        return "fine", None

    def _told(self, code: str, link: Link, message: str) -> Occurrence:
        return Occurrence(code, message, link.field, value=link.url, key=link.key, location=link.location)


def _rank(url: str) -> str:
    return hashlib.blake2b(url.encode(), digest_size=8).hexdigest()


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _is_elsewhere(asked: str, final: str) -> bool:
    """Whether a link was redirected to what a reader would call another address."""
    try:
        one, other = urlsplit(asked), urlsplit(final)
        if _host(asked) in RESOLVERS:
            return False
        ports = one.port, other.port
    except ValueError:
        return False
    same_host = _host(asked).removeprefix("www.") == _host(final).removeprefix("www.") and ports[0] == ports[1]
    path = one.path.rstrip("/")
    inside = other.path.rstrip("/") == path or (not path and not one.query)
    return not (same_host and inside)

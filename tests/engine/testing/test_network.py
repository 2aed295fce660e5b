"""A checker that asks a server, tried with the kit: one of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest
from tests.loopback import Handler, serving

from potable.engine import Checker, Code, Rule, Severity
from potable.engine.testing import check_checker, findings_of

UNKNOWN = Code(
    id="terms/unknown",
    severity=Severity.ERROR,
    title="Unknown term",
    meaning="The server doesn't list the term.",
    why="Nobody finds it.",
    example="mose",
    mend="Write it as the server does.",
)
TABLE = {"term": ["moss", "mose"]}


class Terms(Checker):
    """Compares terms with those of a server."""

    name = "terms"
    codes = (UNKNOWN,)
    options_schema: ClassVar[Mapping[str, Any]] = {"type": "object", "properties": {"url": {"type": "string"}}}

    def rules(self, source: Any) -> Iterator[Rule]:
        with self.context.http.get(self.options["url"]) as answer:
            terms = answer.read(1000).decode().split()
        yield Rule(UNKNOWN.id, ["term"], lambda f: ~f.text.is_in(terms), "{value} isn't listed")


class _Server(Handler):
    def answer(self) -> None:
        self.say(200, b"moss\ntree\n")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(_Server) as address:
        yield address


@pytest.mark.parametrize("hosts", ["127.0.0.1", ["127.0.0.1"], ["127.0.0.0/8"]])
def test_hosts_that_are_named_are_reached(url: str, hosts: Any) -> None:
    (finding,) = findings_of(Terms, TABLE, options={"url": url}, allow_hosts=hosts)
    assert (finding.count, finding.samples[0].location.record) == (1, 2)
    check_checker(Terms, TABLE, options={"url": url}, cuttings=2, allow_hosts=hosts)


def test_no_other_is(url: str) -> None:
    for given, words in (({}, "allow_hosts="), ({"allow_hosts": "example.org"}, "access/blocked-address")):
        for tried in (findings_of, check_checker):
            with pytest.raises(AssertionError, match=words):
                tried(Terms, TABLE, options={"url": url}, **given)

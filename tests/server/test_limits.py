"""Rates: the bucket by a clock of our own, and a flood that leaves others alone."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.service import Service
from potable.engine.settings import Settings
from potable.server.limits import Bucket, HttpLimits, RateLimit, bounded


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    bucket = Bucket(2.0, 3, clock)
    assert [bucket.take() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.now += 0.5
    assert [bucket.take(), bucket.take()] == [0.0, 0.5]
    clock.now += 1000
    assert [bucket.take() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 8), st.integers(1, 8))
def test_a_bucket_never_gives_more_than_burst_and_rate(pauses: list[int], rate: int, burst: int) -> None:
    clock = Clock()
    bucket = Bucket(rate, burst, clock)
    given_out = 0
    for pause in pauses:
        clock.now += pause / 8
        given_out += bucket.take() == 0.0
        assert given_out <= burst + (clock.now - 100.0) * rate


def test_only_keys_that_were_found_good_are_counted() -> None:
    limit = RateLimit(1.0, 2, clock=Clock())
    assert [limit.take(b"x") for _ in range(5)] == [0] * 5
    assert limit.good(b"x") == 0
    assert [limit.take(b"x") for _ in range(3)] == [0, 1, 1]
    assert limit.good(b"x") == 1
    limit.bad(b"x")
    assert limit.take(b"x") == 0


def test_the_number_of_buckets_is_bounded_and_the_latest_stay() -> None:
    limit = RateLimit(1.0, 5, most=2, clock=Clock())
    limit.good(b"a")
    limit.good(b"b")
    limit.take(b"a")
    limit.good(b"c")
    assert [key in limit for key in (b"a", b"b", b"c")] == [True, False, True]


@pytest.mark.parametrize(("files", "connections"), [(60, 30), (1024, 500), (resource.RLIM_INFINITY, 500), (600, 400)])
def test_connections_leave_files_to_all_else(files: int, connections: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert bounded(HttpLimits()).connections == connections


def test_a_flood_is_refused_and_another_key_is_served(start: Any, service: Service) -> None:
    client = start(limits=HttpLimits(rate=0.001, burst=20))
    other, _ = service.keys.add("other")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.status(resourceID="clean"), range(60)))
    refused = [a for a in answers if a.status == 429]
    assert len(refused) == 40
    assert {a.status for a in answers} == {200, 429}
    assert refused[0].headers["Retry-After"].isdigit()
    assert refused[0].message.startswith("Too Many Requests")
    assert client.call("GET", "/controller/run_status", {"resourceID": "clean"}, key=other).status == 200
    assert client.run(resourceID="clean").status == 429
    assert service.history("clean") == []


def test_a_flood_of_wrong_keys_is_only_ever_unauthorized(start: Any) -> None:
    client = start(limits=HttpLimits(rate=0.001, burst=5))
    answers = [client.call("GET", "/controller/run_status", {"resourceID": "clean"}, key="x.y") for _ in range(20)]
    assert {a.status for a in answers} == {401}
    assert client.status(resourceID="clean").status == 200


def test_simultaneous_runs_of_a_source_give_one_run(client: Any, service: Service) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.run(resourceID="clean"), range(32)))
    assert sorted(a.status for a in answers) == [200] + [400] * 31
    run_id = next(a.json["runID"] for a in answers if a.status == 200)
    assert {a.json["runID"] for a in answers} == {run_id}
    assert [r.run_id for r in service.history("clean")] == [run_id]


def test_a_locked_store_is_unavailable_and_recovers(client: Any, service: Service, settings: Settings) -> None:
    service.store.close()
    with contextlib.closing(sqlite3.connect(settings.store.removeprefix("sqlite:///"))) as db:
        db.execute("BEGIN EXCLUSIVE")
        answer = client.run(resourceID="clean")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert answer.message == "Service unavailable: the run store doesn't answer; try again"
        assert client.call("GET", "/healthz").status == 200
        assert client.status(resourceID="clean").json["status"] == "No ongoing run"
        db.rollback()
    assert client.run(resourceID="clean").status == 200


def test_a_call_that_takes_too_long_is_unavailable(start: Any, settings: Settings) -> None:
    client = start(limits=HttpLimits(call_seconds=0.2))
    assert client.status(resourceID="clean").status == 200
    with contextlib.closing(sqlite3.connect(settings.store.removeprefix("sqlite:///"))) as db:
        db.execute("BEGIN EXCLUSIVE")
        answer = client.run(resourceID="clean")
        db.rollback()
    assert (answer.status, answer.message) == (503, "Service unavailable: it takes too long; try again")


def test_a_store_that_is_no_database(start: Any, service: Service, settings: Settings) -> None:
    client = start()
    service.store.close()
    with Path(settings.store.removeprefix("sqlite:///")).open("r+b") as file:
        file.write(b"x" * 4096)
    answer = client.run(resourceID="clean")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert client.call("GET", "/readyz").status == 503

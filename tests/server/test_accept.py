"""Accepting a run over HTTP: on a real server, with runs of a real worker."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from potable.engine.service import Service

PATH = "/controller/accept"


def accept(client: Any, **params: Any) -> Any:
    return client.call("POST", PATH, params)


@pytest.fixture
def ran(start: Any) -> Any:
    """A client of a server on which ``faulty`` has failed."""
    client = start(children=1)
    client.run(resourceID="faulty")
    assert client.finished("faulty")["verdict"] == "failed"
    return client


def test_a_failed_run_becomes_the_baseline(ran: Any, service: Service) -> None:
    before = ran.status(resourceID="faulty").json
    assert (before["accepted"], before["baseline"]) == (False, None)
    answer = accept(ran, resourceID="faulty", runID=before["runID"], userID=7)
    assert answer.status == 200
    assert answer.json == {
        "message": "Accepted", "runID": before["runID"], "resourceID": "faulty", "userID": 7,
        "baseline": before["runID"],
    }  # fmt: skip
    after = ran.status(resourceID="faulty").json
    assert (after["accepted"], after["baseline"]) == (True, before["runID"])
    assert service.run(before["runID"]).accepted
    assert accept(ran, resourceID="faulty").json["userID"] == 4


def test_without_a_run_id_the_last_finished_one_is_meant(ran: Any, service: Service) -> None:
    ran.run(resourceID="faulty")
    last = ran.finished("faulty")["runID"]
    first = service.history("faulty")[-1].run_id
    assert accept(ran, resourceID="faulty").json["runID"] == last
    answer = accept(ran, resourceID="faulty", runID=first)
    assert (answer.json["runID"], answer.json["baseline"]) == (first, last)


def test_an_ongoing_run_is_not_the_last_finished_one(start: Any, service: Service, catalog: Any) -> None:
    run, _ = service.run_now("faulty")
    client = start()
    ongoing = client.run(resourceID="faulty").json["runID"]
    assert accept(client, resourceID="faulty").json["runID"] == run.run_id
    answer = accept(client, resourceID="faulty", runID=ongoing)
    assert (answer.status, answer.json) == (400, {
        "message": f"Failed Request : run {ongoing} can't be accepted: it's queued, not finished",
        "runID": ongoing, "resourceID": "faulty",
    })  # fmt: skip


@pytest.mark.parametrize(("source", "why"), [("gone", "it read no record"), ("sample", "it read only a sample")])
def test_what_can_not_be_a_baseline(start: Any, service: Service, source: str, why: str) -> None:
    if source == "sample":
        source = "clean"
        service.run_now(source, limit_records=1)
    else:
        service.run_now(source)
    answer = accept(start(), resourceID=source)
    assert answer.status == 400
    assert answer.message.startswith("Failed Request : run ")
    assert why in answer.message


def test_no_such_run(ran: Any) -> None:
    for run_id in ["nothing", "", "../x", "a b", "ä", "0" * 65, "0" * 5000]:
        answer = accept(ran, resourceID="faulty", runID=run_id)
        assert (answer.status, answer.json) == (404, {"message": "Invalid Run"}), run_id


def test_a_run_of_another_source_is_no_such_run(ran: Any) -> None:
    run_id = ran.status(resourceID="faulty").json["runID"]
    answer = accept(ran, resourceID="clean", runID=run_id)
    assert (answer.status, answer.json) == (404, {"message": "Invalid Run"})
    assert ran.status(resourceID="faulty").json["accepted"] is False


def test_a_source_that_never_ran(client: Any) -> None:
    answer = accept(client, resourceID="clean")
    assert (answer.status, answer.json) == (404, {"message": "Invalid Run"})


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({}, 400, "Specify ResourceID"),
        ({"resourceID": ""}, 400, "Specify ResourceID"),
        ({"resourceID": "a b"}, 400, "Invalid Resource"),
        ({"resourceID": "nothing"}, 404, "Invalid Resource"),
        ({"resourceID": "nothing", "runID": "x"}, 404, "Invalid Resource"),
        (
            {"resourceID": "clean", "userID": "x"},
            400,
            "Failed Request : userID must be a whole number from 0 to 2147483647, such as 4",
        ),
    ],
)
def test_refusals_are_those_of_run(client: Any, params: dict[str, str], status: int, message: str) -> None:
    answer = client.call("POST", PATH, params)
    assert (answer.status, answer.json) == (status, {"message": message})


@pytest.mark.parametrize("name", ["resourceID", "userID", "runID", "api_key"])
def test_a_parameter_twice(client: Any, name: str) -> None:
    values = {"resourceID": "clean", "userID": "4", "runID": "0", "api_key": client.key}
    answer = client.call("POST", PATH, [*values.items(), (name, values[name])], key=None)
    assert (answer.status, answer.message) == (400, f"Failed Request : {name} is given 2 times; give it once")


def test_order_of_checks(start: Any, service: Service) -> None:
    """401, 403, 400, 404, 400: each call is wrong in all later ways as well."""
    reader, _ = service.keys.add("reader", scopes=("read",))
    bound, _ = service.keys.add("bound", user_id=9, scopes=("run",))
    service.run_now("gone")
    client = start()
    bad = {"resourceID": "no such", "userID": "x", "runID": "nothing"}
    assert client.call("POST", PATH, bad, key=None).message == "Unauthorized access"
    assert client.call("POST", PATH, bad, key="x.y").message == "Unauthorized access"
    denied = client.call("POST", PATH, bad, key=reader)
    assert (denied.status, denied.json) == (403, {"message": "Access Denied"})
    another = client.call("POST", PATH, {**bad, "userID": "4"}, key=bound)
    assert (another.status, another.json) == (403, {"message": "Access Denied"})
    assert accept(client, **bad).message == "Invalid Resource"
    assert accept(client, resourceID="gone", runID="nothing", userID="x").status == 400
    assert accept(client, resourceID="gone", runID="nothing").status == 404
    assert accept(client, resourceID="gone").status == 400


def test_a_key_that_is_bound_to_a_user_is_that_user(start: Any, service: Service) -> None:
    bound, _ = service.keys.add("bound", user_id=9, scopes=("run",))
    service.run_now("faulty")
    assert start().call("POST", PATH, {"resourceID": "faulty"}, key=bound).json["userID"] == 9


def test_parameters_from_a_form_body(start: Any, service: Service) -> None:
    run, _ = service.run_now("faulty")
    client = start()
    body = urlencode({"resourceID": "faulty", "runID": run.run_id, "api_key": client.key})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.call("POST", PATH, body=body, headers=headers, key=None)
    assert (answer.status, answer.json["runID"]) == (200, run.run_id)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_it_is_post_only(client: Any, method: str) -> None:
    answer = client.call(method, PATH, {"resourceID": "clean"})
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")

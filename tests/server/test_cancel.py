"""Cancelling a run over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from potable.engine.service import Service

PATH = "/controller/cancel"


def cancel(client: Any, **params: Any) -> Any:
    return client.call("POST", PATH, params)


@pytest.mark.parametrize("named", [False, True])
def test_a_queued_run_is_cancelled(client: Any, service: Service, named: bool) -> None:
    run_id = client.run(resourceID="clean").json["runID"]
    answer = cancel(client, resourceID="clean", userID=7, **({"runID": run_id} if named else {}))
    assert (answer.status, answer.json) == (
        200,
        {"message": "Cancelled", "runID": run_id, "resourceID": "clean", "userID": 7},
    )
    assert client.status(resourceID="clean").json["state"] == "cancelled"
    assert cancel(client, resourceID="clean", runID=run_id).status == 200  # it stays so


def test_a_running_one_is_too(start: Any, apart: Service, gate: Any) -> None:
    client = start(children=1, on=apart)
    client.run(resourceID="slow")
    assert cancel(client, resourceID="slow").status == 200
    assert client.finished("slow")["state"] == "cancelled"


def test_where_there_is_nothing_to_cancel(client: Any, service: Service) -> None:
    answer = cancel(client, resourceID="clean")
    assert (answer.status, answer.message) == (400, "Failed Request : clean has no ongoing run")
    run, _ = service.run_now("clean")
    answer = cancel(client, resourceID="clean", runID=run.run_id)
    assert (answer.status, answer.message) == (
        400,
        f"Failed Request : run {run.run_id} had ended already: finished",
    )
    assert (cancel(client, resourceID="held", runID=run.run_id).status) == 404
    assert cancel(client, resourceID="nothing").message == "Invalid Resource"
    assert cancel(client).message == "Specify ResourceID"


def test_it_takes_the_right_to_run(client: Any, service: Service) -> None:
    client.run(resourceID="clean")
    reader, _ = service.keys.add("reader", scopes=["read"])
    assert client.call("POST", PATH, {"resourceID": "clean"}, key=reader).status == 403
    assert client.call("POST", PATH, {"resourceID": "clean"}, key=None).status == 401
    assert client.call("GET", PATH, {"resourceID": "clean"}).status == 405

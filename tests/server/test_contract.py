"""Every row of the HTTP contract, tried with a plain client on a server that runs nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from potable.engine.service import Service

STATUS_MEMBERS = {
    "status", "runID", "state", "verdict", "progress", "counts", "userID", "started", "ended", "report",
}  # fmt: skip
CALLS = [("POST", "/controller/run"), ("GET", "/controller/run_status")]


def test_run_starts_a_run(client: Any) -> None:
    answer = client.run(resourceID="clean")
    assert answer.status == 200
    run_id = answer.json.pop("runID")
    assert isinstance(run_id, str)
    assert run_id
    assert answer.json == {
        "message": "Your Request started",
        "runID": run_id,
        "resourceID": "clean",
        "userID": 4,
    }


def test_the_run_is_in_the_store_when_the_answer_comes(client: Any, service: Service) -> None:
    run_id = client.run(resourceID="clean", userID=17).json["runID"]
    run = service.run(run_id)
    assert (run.resource_id, run.user_id, run.state.value) == ("clean", 17, "queued")


def test_status_of_a_source_that_never_ran(client: Any) -> None:
    answer = client.status(resourceID="clean")
    assert answer.status == 200
    assert set(answer.json) >= STATUS_MEMBERS
    assert answer.json["status"] == "No ongoing run"
    assert {answer.json[name] for name in STATUS_MEMBERS - {"status"}} == {None}


def test_status_of_a_queued_run_is_running(client: Any) -> None:
    run_id = client.run(resourceID="clean", userID=9).json["runID"]
    answer = client.status(resourceID="clean")
    assert answer.status == 200
    found = {name: answer.json[name] for name in STATUS_MEMBERS}
    assert found == {
        "status": "Running", "runID": run_id, "state": "queued", "verdict": None, "progress": None, "counts": None,
        "userID": 9, "started": None, "ended": None, "report": None,
    }  # fmt: skip


def test_status_is_not_filtered_by_user(client: Any) -> None:
    run_id = client.run(resourceID="clean", userID=9).json["runID"]
    answer = client.status(resourceID="clean", userID=10)
    assert (answer.json["runID"], answer.json["userID"]) == (run_id, 9)


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("params", [{}, {"resourceID": ""}, {"userID": 4}, {"resourceid": "clean"}])
def test_a_missing_resource_id(client: Any, method: str, path: str, params: dict[str, Any]) -> None:
    answer = client.call(method, path, params)
    assert (answer.status, answer.json) == (400, {"message": "Specify ResourceID"})


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "resource_id",
    ["-clean", ".clean", "a b", "clean ", " clean", "clean\n", "../clean", "a/b", "a%2Fb", "ä", "a\x00", "x" * 201,
     "x" * 10_240, "<script>", "' OR 1=1 --", "*", "clean?"],
)  # fmt: skip
def test_a_malformed_resource_id(client: Any, method: str, path: str, resource_id: str) -> None:
    answer = client.call(method, path, {"resourceID": resource_id})
    assert (answer.status, answer.json) == (400, {"message": "Invalid Resource"})


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("resource_id", ["nothing", "Clean", "clean.yaml", "x" * 200, "a.b:c-d_e", "0"])
def test_a_source_that_is_not_there(client: Any, method: str, path: str, resource_id: str) -> None:
    answer = client.call(method, path, {"resourceID": resource_id})
    assert (answer.status, answer.json) == (404, {"message": "Invalid Resource"})


def test_a_second_run_of_a_source_is_refused_with_the_first_ones_id(client: Any) -> None:
    first = client.run(resourceID="clean").json["runID"]
    answer = client.run(resourceID="clean")
    assert answer.status == 400
    assert answer.json["runID"] == first
    assert answer.message.startswith("Failed Request : ")
    assert first in answer.message
    assert client.run(resourceID="faulty").status == 200


def test_a_source_on_hold(client: Any) -> None:
    answer = client.run(resourceID="held")
    assert answer.status == 400
    assert answer.message == "Failed Request : Specified resource is on HOLD"
    assert client.status(resourceID="held").json["status"] == "No ongoing run"


def test_a_definition_that_cannot_be_used(client: Any, catalog: Path, service: Service) -> None:
    (catalog / "broken.yaml").write_text("resourceID: broken\n  bad: [\n")
    answer = client.run(resourceID="broken")
    assert answer.status == 400
    assert answer.message.startswith("Failed Request : broken.yaml:2: ")
    assert service.history("broken") == []
    assert client.run(resourceID="clean").status == 200


@pytest.mark.parametrize("user_id", ["", "x", "4.0", "-1", "1e3", " 4", "4 ", "+4", "٤", "0x4", "4_0", "2147483648",
                                     "9" * 500, "null", "true"])  # fmt: skip
def test_a_bad_user_id(client: Any, service: Service, user_id: str) -> None:
    answer = client.run(resourceID="clean", userID=user_id)
    assert answer.status == 400
    assert answer.message == "Failed Request : userID must be a whole number from 0 to 2147483647, such as 4"
    assert service.history("clean") == []


@pytest.mark.parametrize(("given", "kept"), [("0", 0), ("4", 4), ("007", 7), ("2147483647", 2147483647)])
def test_a_good_user_id(client: Any, given: str, kept: int) -> None:
    assert client.run(resourceID="clean", userID=given).json["userID"] == kept


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("name", ["resourceID", "userID", "api_key"])
def test_a_parameter_twice(client: Any, service: Service, method: str, path: str, name: str) -> None:
    values = {"resourceID": "clean", "userID": "4", "api_key": client.key}
    answer = client.call(method, path, [*values.items(), (name, values[name])], key=None)
    assert answer.status == 400
    assert answer.message == f"Failed Request : {name} is given 2 times; give it once"
    assert service.history("clean") == []


def test_a_parameter_in_query_and_form_is_given_twice(client: Any) -> None:
    answer = client.call(
        "POST",
        "/controller/run",
        {"resourceID": "clean"},
        body="resourceID=faulty",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 400
    assert answer.message == "Failed Request : resourceID is given 2 times; give it once"


def test_other_parameters_are_ignored(client: Any) -> None:
    assert client.call("POST", "/controller/run", [("resourceID", "clean"), ("x", "1"), ("x", "2")]).status == 200


@pytest.mark.parametrize("charset", ["", "; charset=utf-8"])
def test_parameters_from_a_form_body(client: Any, charset: str) -> None:
    content_type = f"application/x-www-form-urlencoded{charset}"
    body = urlencode({"resourceID": "clean", "userID": 12, "api_key": client.key})
    answer = client.call("POST", "/controller/run", body=body, headers={"Content-Type": content_type}, key=None)
    assert (answer.status, answer.json["userID"]) == (200, 12)


def test_parameters_from_a_multipart_form(client: Any) -> None:
    parts = {"resourceID": "clean", "userID": "12", "api_key": client.key}
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in parts.items())
    answer = client.call(
        "POST",
        "/controller/run",
        body=body + "--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
        key=None,
    )
    assert (answer.status, answer.json["userID"]) == (200, 12)


def test_an_uploaded_file_is_no_parameter(client: Any) -> None:
    body = (
        '--b\r\nContent-Disposition: form-data; name="resourceID"; filename="x"\r\n'
        "Content-Type: text/plain\r\n\r\nclean\r\n--b--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.call("POST", "/controller/run", body=body, headers=headers)
    assert (answer.status, answer.message) == (400, "Specify ResourceID")


def test_a_form_body_of_a_status_call(client: Any) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.call("GET", "/controller/run_status", body="resourceID=clean", headers=headers)
    assert (answer.status, answer.json["status"]) == (200, "No ongoing run")


def test_a_body_that_is_no_form_is_ignored(client: Any) -> None:
    body = json.dumps({"resourceID": "faulty"})
    answer = client.call(
        "POST", "/controller/run", {"resourceID": "clean"}, body=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.json["resourceID"]) == (200, "clean")


@pytest.mark.parametrize("path", ["/controller/run", "/controller/accept"])
def test_a_refusal_says_that_a_body_that_is_no_form_was_not_read(client: Any, path: str) -> None:
    body, headers = json.dumps({"resourceID": "clean"}), {"Content-Type": "application/json; charset=utf-8"}
    hint = "a body of application/json isn't read: send the parameters in the query string, or as a form body"
    answer = client.call("POST", path, body=body, headers=headers)
    assert (answer.status, answer.json) == (400, {"message": "Specify ResourceID", "hint": hint})
    answer = client.call("POST", path, body=body, headers=headers, key=None)
    assert (answer.status, answer.json) == (401, {"message": "Unauthorized access", "hint": hint})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.call("POST", path, body="userID=4", headers=form).json == {"message": "Specify ResourceID"}


def test_order_of_checks(start: Any, service: Service) -> None:
    """401, 403, 400, 404, 400 on hold, 400 ongoing: each call is wrong in all later ways as well."""
    reader, _ = service.keys.add("reader", scopes=("read",))
    client = start()
    bad = {"resourceID": "no such", "userID": "x"}
    assert client.call("POST", "/controller/run", bad, key=None).message == "Unauthorized access"
    assert client.call("POST", "/controller/run", bad, key="x.y").message == "Unauthorized access"
    denied = client.call("POST", "/controller/run", bad, key=reader)
    assert (denied.status, denied.json) == (403, {"message": "Access Denied"})
    assert client.run(**bad).message == "Invalid Resource"
    assert client.run(resourceID="nothing", userID="x").status == 400
    assert client.run(resourceID="nothing").status == 404
    client.run(resourceID="clean")
    assert client.run(resourceID="clean", userID="x").message.startswith("Failed Request : userID")
    assert "HOLD" in client.run(resourceID="held").message
    assert "ongoing" in client.run(resourceID="clean").message


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_run_is_post_only(client: Any, service: Service, method: str) -> None:
    answer = client.call(method, "/controller/run", {"resourceID": "clean"})
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    if method != "HEAD":
        assert answer.message == "Method Not Allowed: use POST"
    assert service.history("clean") == []


def test_run_status_is_get_only(client: Any) -> None:
    answer = client.call("POST", "/controller/run_status", {"resourceID": "clean"})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_an_unknown_path_names_the_calls(client: Any) -> None:
    answer = client.call("GET", "/controller", {"resourceID": "clean"})
    assert answer.status == 404
    assert "/controller/run" in answer.message


def test_every_answer_has_the_security_headers(client: Any) -> None:
    answers = [
        client.run(resourceID="clean"),
        client.run(),
        client.call("GET", "/controller/run"),
        client.call("GET", "/nothing"),
        client.call("GET", "/"),
        client.call("GET", "/healthz"),
        client.call("GET", "/controller/run_status", key="x"),
    ]
    assert [a.status for a in answers] == [200, 400, 405, 404, 200, 200, 401]
    for answer in answers:
        assert answer.headers["Server"] == "Potable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")


def test_the_page_and_the_probes_need_no_key(client: Any) -> None:
    page = client.call("GET", "/", key=None)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"/controller/run_status" in page.body
    assert client.call("GET", "/healthz", key=None).json == {"status": "ok"}
    assert client.call("GET", "/readyz", key=None).json == {"status": "ready"}

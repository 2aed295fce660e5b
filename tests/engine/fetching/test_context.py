"""The session that the engine lends a fetcher."""

import subprocess
import sys

import pytest

from potable.engine.errors import UsageError
from potable.engine.fetching.context import FetchSession
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.web import HttpFetcher
from potable.engine.limits import Limits


def test_a_session_carries_what_it_was_given(serve, source, tmp_path, said):
    other = serve(lambda call: call.answer(b"a,b\n1,2\n"))
    server = serve(lambda call: call.redirect(other.url(host="localhost")))
    steps = []
    (tmp_path / "link").symlink_to(tmp_path)
    with FetchSession(
        Limits(), tmp_path, roots=[tmp_path / "link"], allow_hosts="127.0.0.1,localhost", report=said.append,
        progress=lambda done, total: steps.append((done, total)),
    ) as session:  # fmt: skip
        assert session.roots == (tmp_path.resolve(),)
        assert (session.scratch, session.previous) == (tmp_path, None)
        assert session.http is session.http
        snapshot = HttpFetcher().fetch(source(server.url()), session)
    assert snapshot.bytes == 8
    assert steps == [(0, 8), (8, 8)]
    assert [o.code for o in said] == ["access/redirected-host"]


def test_nothing_private_is_allowed_by_default(serve, tmp_path, fault_of):
    server = serve(lambda call: call.answer(b"secret"))
    with FetchSession(Limits(), tmp_path) as session:
        assert fault_of(session.http.get, server.url()).code == "access/blocked-address"
    assert server.connections() == 0


def test_a_bad_allow_list_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="allowed host"):
        FetchSession(Limits(), tmp_path, allow_hosts="http://x").http  # noqa: B018


def test_a_session_keeps_to_a_deadline_from_outside(serve, tmp_path, fault_of):
    server = serve(lambda call: call.answer(b"x"))
    with FetchSession(Limits(), tmp_path, allow_hosts="*", deadline=Deadline(0)) as session:
        assert fault_of(session.http.get, server.url()).code == "access/timeout"


def test_local_sources_need_no_http_library():
    program = (
        "import sys\n"
        "import potable.engine.fetching.context, potable.engine.fetching.files.fetcher\n"
        "import potable.engine.fetching.sniffing.body, potable.engine.fetching.web\n"
        "print([m for m in ('urllib3', 'ssl', 'polars', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")

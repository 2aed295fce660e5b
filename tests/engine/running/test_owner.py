"""Owners: is the process that runs something still there?"""

from __future__ import annotations

import os
import resource
import sys

import pytest

from potable.engine.running import owner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_this_process_is_there() -> None:
    assert not owner.is_gone(owner.me())


def test_owners_differ_in_one_process() -> None:
    assert owner.me() != owner.me()


def of_child(wait: bool) -> str:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, owner.me().encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        name = pipe.read().decode()
    os.waitid(os.P_PID, pid, os.WEXITED | (0 if wait else os.WNOWAIT))
    return name


@pytest.mark.parametrize("wait", [True, False], ids=["reaped", "zombie"])
def test_an_ended_process_is_gone(wait: bool) -> None:
    name = of_child(wait)
    assert owner.is_gone(name)
    if not wait:
        os.waitpid(int(name.split("/")[-3]), 0)


def test_what_cannot_be_read_is_not_gone() -> None:
    """Open files are scarce for a moment: then nobody's run is taken from them, nor their folder."""
    name, folder = owner.me(), owner.scratch_prefix() + "a"
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        os._exit(2 * owner.is_gone(name) + owner.abandoned(folder))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_later_process_of_the_same_number_is_another() -> None:
    parts = owner.me().split("/")
    parts[-2] = str(int(parts[-2]) - 1)
    assert owner.is_gone("/".join(parts))


def test_scratch_folders_tell_whose_they_are() -> None:
    mine = owner.scratch_prefix() + "a1b2_c3"
    head, machine, pid, started, rest = mine.removeprefix("potable-run-").join(["x-", ""]).split("-")
    assert (head, rest) == ("x", "a1b2_c3")
    assert not owner.abandoned(mine)
    assert owner.abandoned(f"potable-run-{machine}-{pid}-{int(started) - 1}-a")
    for other in (f"potable-run-other-{pid}-1-a", f"potable-run-{machine}-{pid}-1", "potable-run-", "x", "potable-abc"):
        assert not owner.abandoned(other)


@pytest.mark.parametrize("part", [0, 1, 2], ids=["host", "boot", "namespace"])
def test_of_another_machine_nothing_is_known(part: int) -> None:
    parts = of_child(wait=True).split("/")
    parts[part] = "other"
    assert not owner.is_gone("/".join(parts))


@pytest.mark.parametrize("name", ["", "x", "w1", "a/b", "////", "a/b/c/d/e/f"])
def test_of_a_foreign_name_nothing_is_known(name: str) -> None:
    assert not owner.is_gone(name)

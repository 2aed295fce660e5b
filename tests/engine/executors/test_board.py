"""Who is at work, written by many threads and read from outside."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO

import pytest

from potable.engine.executors import board


@pytest.fixture
def file() -> Iterator[IO[bytes]]:
    with board.blank() as file:
        yield file


def test_it_is_read_as_it_stands(file: IO[bytes]) -> None:
    written = board.Board(file.fileno())
    assert board.at_work(file) == ()
    with written.at_work("lab"), written.at_work("a-2"):
        assert board.at_work(file) == ("a-2", "lab")
        with written.at_work("lab"):
            assert board.at_work(file) == ("a-2", "lab")
    assert board.at_work(file) == ()


def test_what_it_holds_outlives_the_process(file: IO[bytes]) -> None:
    program = (
        "import os, sys; from potable.engine.executors.board import Board\n"
        "with Board(int(sys.argv[1])).at_work('lab'): os._exit(0)"
    )
    number = file.fileno()
    subprocess.run([sys.executable, "-c", program, str(number)], pass_fds=[number], check=True)
    assert board.at_work(file) == ("lab",)


def test_it_is_wiped_when_the_checker_fails(file: IO[bytes]) -> None:
    written = board.Board(file.fileno())
    with pytest.raises(ValueError), written.at_work("lab"):
        raise ValueError
    assert (board.at_work(file), board.starved(file)) == ((), ())
    with pytest.raises(MemoryError), written.at_work("lab"):
        raise MemoryError
    assert (board.at_work(file), board.starved(file)) == ((), ("lab",))


def test_more_threads_than_it_has_room_for(file: IO[bytes]) -> None:
    written, all_in, out = board.Board(file.fileno()), threading.Barrier(101), threading.Barrier(101)

    def work(n: int) -> None:
        with written.at_work(f"c{n}"):
            all_in.wait()
            out.wait()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    all_in.wait()
    assert len(board.at_work(file)) == 63
    out.wait()
    for thread in threads:
        thread.join()
    assert board.at_work(file) == ()


@pytest.mark.parametrize("name", ["x" * 65, "Lab", "a b", "ä", ""])
def test_what_is_no_name_is_not_told(file: IO[bytes], name: str) -> None:
    written = board.Board(file.fileno())
    for _ in range(100):
        with written.at_work(name):
            assert board.at_work(file) == ()
    with written.at_work("lab"):
        assert board.at_work(file) == ("lab",)


def test_a_file_that_was_tampered_with_tells_nothing(file: IO[bytes]) -> None:
    os.pwrite(file.fileno(), b"\xff" * 100_000, 0)
    assert (board.at_work(file), board.starved(file)) == ((), ())
    os.truncate(file.fileno(), 10)
    assert board.at_work(file) == ()


def test_copies_of_the_process_have_slots_of_their_own(file: IO[bytes]) -> None:
    boards = [board.Board(file.fileno()) for _ in range(12)]
    for number, copy in enumerate(boards[1:]):
        copy.keep_to(number)
    with contextlib.ExitStack() as stack:
        for number, written in enumerate(boards):
            stack.enter_context(written.at_work(f"a{number}"))
            stack.enter_context(written.at_work(f"b{number}"))
        noted = board.at_work(file)
        # There is room for ten copies, and the process itself.
        assert noted == tuple(sorted(f"{c}{n}" for n in range(11) for c in "ab"))
    assert board.at_work(file) == ()

"""Directory listings of all styles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.fetching.remote.files import Entry
from potable.engine.fetching.remote.ftp.listing import read_list, read_mlsd


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("-rw-r--r--    1 ftp      ftp          1234 Jan 05 12:34 a file.xml", Entry("a file.xml", "file", 1234)),
        ("-rw-r--r--    1 1000     1000            0 Feb 29  2024 b.xml", Entry("b.xml", "file", 0)),
        ("drwxr-xr-x   12 ftp      ftp          4096 Dec 31  2023 pub", Entry("pub", "folder", 4096)),
        ("lrwxrwxrwx    1 ftp      ftp             7 Dec 31  2023 now -> v2.xml", Entry("now", "link", 7)),
        ("-rw-r--r--+   1 ftp      domain users  99 2024-02-29 09:05 c.xml", Entry("c.xml", "file", 99)),
        ("-rw-r--r-- 1 owner 1234 Jan  5 12:34 d.xml", Entry("d.xml", "file", 1234)),
        ("-rw-r--r-- 1 u g 5 Jan  5 12:34  leading.xml", Entry(" leading.xml", "file", 5)),
        ("01-05-24  12:34PM                 1234 e f.xml", Entry("e f.xml", "file", 1234)),
        ("2024-01-05  12:34                 1234 g.xml", Entry("g.xml", "file", 1234)),
        ("01-05-24  12:34PM       <DIR>          sub", Entry("sub", "folder", None)),
    ],
)
def test_a_line_of_list(line: str, entry: Entry) -> None:
    assert list(read_list([line + "\r"])) == [entry]


@pytest.mark.parametrize(
    "line",
    ["total 12", "", "drwxr-xr-x 2 a b 4096 Dec 31 2023 ..", "crw-rw-rw- 1 root root 1 Jan 1 00:00 null",
     "-rw-r--r-- 1 a b 1 Jan 1 00:00 ../x", "-rw-r--r-- 1 a b 1 Jan 1 00:00 x\x1b[0m"],
)  # fmt: skip
def test_what_is_no_entry_is_left_out(line: str) -> None:
    assert list(read_list([line])) == []


@pytest.mark.parametrize(
    ("line", "entries"),
    [
        ("type=file;size=12;modify=20240101; a b.xml", [Entry("a b.xml", "file", 12)]),
        ("Type=Dir;Size=4096; pub", [Entry("pub", "folder", 4096)]),
        ("type=OS.unix=symlink; now", [Entry("now", "link", None)]),
        ("type=file;size=-1; a.xml", [Entry("a.xml", "file", None)]),
        ("type=cdir; .", []), ("type=pdir; ..", []), ("size=12; a.xml", []), ("type=file;size=1;", []),
    ],
)  # fmt: skip
def test_a_line_of_mlsd(line: str, entries: list[Entry]) -> None:
    assert list(read_mlsd([line])) == entries


@given(st.lists(st.text()))
def test_no_line_breaks_it_and_no_name_leads_elsewhere(lines: list[str]) -> None:
    for entry in (*read_mlsd(lines), *read_list(lines)):
        assert "/" not in entry.name
        assert entry.name not in ("", ".", "..")

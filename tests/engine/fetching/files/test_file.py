"""Local sources: where they may lie, which files are meant, and what isn't a file at all."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from potable.engine.fetching.files.fetcher import FileFetcher
from potable.engine.fetching.files.names import matching


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "catalog"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "penguins.csv").write_text("a,b\n1,2\n")
    return folder


@pytest.fixture
def fetch(folder, source, context):
    def fetch(url, roots=None, into=None, **parameters):
        lent = into or context(roots=(folder,) if roots is None else roots)
        return FileFetcher().fetch(source(url, folder, **parameters), lent)

    return fetch


def names(snapshot):
    return [p.name for p in snapshot.parts]


def test_a_file_beside_its_definition(fetch, folder, context):
    into = context(roots=(folder,))
    snapshot = fetch("data/penguins.csv", into=into)
    (part,) = snapshot.parts
    path = folder / "data" / "penguins.csv"
    assert (part.name, part.path, part.bytes) == ("data/penguins.csv", path.resolve(), 8)
    assert (part.sha256, part.url, part.mtime_ns) == (None, None, path.stat().st_mtime_ns)
    assert snapshot.fetched.endswith("Z")
    assert into.steps == [(8, 8)]
    assert list(into.scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("./data//penguins.csv", "data/penguins.csv"),
        ("data/../data/penguins.csv", "data/../data/penguins.csv"),
        ("file:data/penguins.csv", "data/penguins.csv"),
        ("FILE:data/penguins.csv", "data/penguins.csv"),
        ("file:data/p%65nguins.csv", "data/penguins.csv"),
    ],
)
def test_spellings_of_a_path(url, name, fetch):
    assert names(fetch(url)) == [name]


@pytest.mark.parametrize("form", ["{}", "file://{}", "file:{}", "file://localhost{}"])
def test_absolute_paths(form, fetch, folder):
    assert names(fetch(form.format(folder / "data" / "penguins.csv"))) == ["data/penguins.csv"]


@pytest.mark.parametrize("name", ["a b.csv", "ü.csv", "50%25.csv", "what?.csv", "a[1].csv", "x#y.csv", "*.csv"])
def test_odd_names_are_names(name, fetch, folder):
    (folder / name).write_text("a\n")
    assert names(fetch(name)) == [name]


def test_another_root_keeps_the_name_that_was_given(fetch, folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.csv").write_text("a\n")
    assert names(fetch("../other/x.csv", roots=(folder, other))) == ["../other/x.csv"]
    assert names(fetch(str(other / "x.csv"), roots=(folder, other))) == [(other / "x.csv").as_posix()]


@pytest.mark.parametrize(
    "url",
    [
        "../secret.csv",
        "data/../../secret.csv",
        "{up}/secret.csv",
        "file://{up}/secret.csv",
        "/etc/passwd",
        "file:///etc/passwd",
        "../*.csv",
        "/etc/pass*",
        "..",
        "../nothing.csv",
    ],
)
def test_nothing_outside_the_roots_is_read_or_told(url, fetch, folder, fault_of):
    (folder.parent / "secret.csv").write_text("a\n")
    found = fault_of(fetch, url.format(up=folder.parent), filenamePattern=".")
    assert found.code == "access/blocked-address"
    assert "outside the folders" in found.message


@pytest.mark.parametrize("link", ["file", "folder", "chain"])
def test_symbolic_links_do_not_lead_out(link, fetch, folder, fault_of):
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "x.csv").write_text("a\n")
    if link == "folder":
        (folder / "in").symlink_to(outside)
    else:
        (folder / "in").mkdir()
        (folder / "hop").symlink_to(outside / "x.csv")
        (folder / "in" / "x.csv").symlink_to(folder / "hop" if link == "chain" else outside / "x.csv")
    assert fault_of(fetch, "in/x.csv").code == "access/blocked-address"
    assert fault_of(fetch, "in/*.csv").code == "access/blocked-address"
    assert fault_of(fetch, "in", filenamePattern="csv").code == "access/blocked-address"


def test_symbolic_links_inside_are_followed(fetch, folder):
    (folder / "link.csv").symlink_to(folder / "data" / "penguins.csv")
    snapshot = fetch("link.csv")
    assert (names(snapshot), snapshot.parts[0].path) == (["link.csv"], (folder / "data" / "penguins.csv").resolve())


def test_without_roots_nothing_is_read(fetch, fault_of):
    assert fault_of(fetch, "data/penguins.csv", roots=()).code == "access/blocked-address"


def test_another_machines_file(fetch, fault_of):
    found = fault_of(fetch, "file://server/share/x.csv")
    assert found.code == "access/blocked-address"
    assert "another machine (server)" in found.message


@pytest.mark.parametrize(
    ("url", "name", "hint"),
    [
        ("data/penguin.csv", "data/penguin.csv", "Did you mean data/penguins.csv?"),
        ("data/Penguins.CSV", "data/Penguins.CSV", "Did you mean data/penguins.csv?"),
        ("data/penguins.csv ", "data/penguins.csv ", "Did you mean data/penguins.csv?"),
        ("date/penguins.csv", "date", "Did you mean data?"),
        ("data/quite-another", "data/quite-another", None),
    ],
)
def test_a_missing_file_and_what_was_meant(url, name, hint, fetch, fault_of):
    found = fault_of(fetch, url)
    assert (found.code, found.location.file, found.hint) == ("access/not-found", name, hint)
    assert found.message.endswith(
        "there's no such file" if "." in name or "quite" in name else "there's no such folder"
    )


@pytest.mark.parametrize("url", [None, "", " ", "a\0b", "x" * 5000, "data/penguins.csv/x"])
def test_what_names_no_file(url, fetch, fault_of):
    assert fault_of(fetch, url).code == "access/not-found"


def test_links_in_a_circle(fetch, folder, fault_of):
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    found = fault_of(fetch, "a")
    assert (found.code, "circle" in found.message) == ("access/not-found", True)


def test_an_empty_file(fetch, folder, fault_of):
    (folder / "nil.csv").touch()
    found = fault_of(fetch, "nil.csv")
    assert (found.code, found.message, found.location.file) == ("access/empty", "nil.csv: the file is empty", "nil.csv")


def test_a_folder_needs_a_pattern(fetch, fault_of):
    found = fault_of(fetch, "data")
    assert found.code == "access/not-a-file"
    assert "filenamePattern" in found.message


def test_the_files_of_a_folder_in_order_of_name(fetch, folder, context):
    for name in ("b.csv", "a.csv", "c.txt", "._a.csv", "10.csv", "9.csv"):
        (folder / "data" / name).write_text("a\n")
    (folder / "data" / "sub.csv").mkdir()
    (folder / "data" / "nil.csv").touch()
    into = context(roots=(folder,))
    snapshot = fetch("data/", into=into, filenamePattern=r"\.csv$")
    assert names(snapshot) == ["data/10.csv", "data/9.csv", "data/a.csv", "data/b.csv", "data/penguins.csv"]
    assert [(o.code, o.location.file) for o in into.said] == [("access/empty", "data/nil.csv")]


@pytest.mark.parametrize("pattern", [r"\.tsv$", "*.tsv"])
def test_a_pattern_that_matches_nothing(pattern, fetch, fault_of):
    found = fault_of(fetch, "data", filenamePattern=pattern)
    assert found.code == "access/not-found"
    assert found.hint == "The folder has files such as penguins.csv."


def test_a_pattern_that_means_nothing(fetch, fault_of):
    found = fault_of(fetch, "data", filenamePattern="(")
    assert found.code == "access/not-found"
    assert "filenamePattern '('" in found.message


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("csv", ["a.csv", "ab.csv.bak"]),
        (r"\.csv$", ["a.csv"]),
        ("*.csv", ["a.csv"]),
        ("a*", ["a.csv", "ab.csv.bak", "b.txt"]),  # a regular expression is searched for: any number of a's
        ("a?.csv", ["a.csv", "ab.csv.bak"]),
        ("??.txt", []),
        ("^b", ["b.txt"]),
        (r"^\.", [".hidden"]),
        ("(", None),
        ("[", None),
    ],
)
def test_patterns(pattern, chosen):
    assert matching(pattern, [".hidden", "a.csv", "ab.csv.bak", "b.txt"]) == chosen


def test_near_names_are_looked_for_in_the_beginning_of_a_large_folder(fetch, fault_of, monkeypatch):
    """And it's closed, though it wasn't read to its end: a warning would be an error here."""
    monkeypatch.setattr("potable.engine.fetching.files.fetcher.MOST_NEAR", 0)
    assert fault_of(fetch, "data/penguin.csv").code == "access/not-found"
    monkeypatch.undo()
    assert fault_of(fetch, "data/penguin.csv").hint == "Did you mean data/penguins.csv?"


def test_a_hostile_pattern_takes_linear_time():
    assert matching("(a+)+$", ["a" * 5000 + "b"]) == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("data/*.csv", ["data/penguins.csv", "data/z.csv"]),
        ("**/*.csv", ["data/penguins.csv", "data/sub/y.csv", "data/z.csv"]),
        ("data/[z].csv", ["data/z.csv"]),
        ("dat?/z.csv", ["data/z.csv"]),
    ],
)
def test_globs(pattern, found, fetch, folder):
    (folder / "data" / "sub").mkdir()
    for name in ("z.csv", "sub/y.csv", ".hidden.csv"):
        (folder / "data" / name).write_text("a\n")
    assert names(fetch(pattern)) == found


def test_a_glob_that_matches_nothing(fetch, fault_of):
    found = fault_of(fetch, "data/*.tsv")
    assert (found.code, found.message) == ("access/not-found", "data/*.tsv: no file matches this pattern")


@pytest.mark.parametrize("odd", ["data [2024]", "what*", "who?", "[", "a[!b]c"])
def test_a_catalogs_own_folder_is_no_pattern(odd, tmp_path, source, context):
    folder = tmp_path / odd
    (folder / "in").mkdir(parents=True)
    for name in ("a.csv", "in/b.csv"):
        (folder / name).write_text("a\n")

    def found(url, **parameters):
        return names(FileFetcher().fetch(source(url, folder, **parameters), context(roots=(folder,))))

    assert found("a.csv") == ["a.csv"]
    assert found("**/*.csv") == ["a.csv", "in/b.csv"]
    assert found("in", filenamePattern="csv") == ["in/b.csv"]
    assert found("./i?/[b].csv") == ["in/b.csv"]


def test_a_pattern_from_the_root_of_the_file_system(fetch, folder):
    assert names(fetch(f"{folder}/d*/pen*.csv")) == ["data/penguins.csv"]
    assert names(fetch(f"file://{folder}/**/pen*.csv")) == ["data/penguins.csv"]


def test_links_in_a_circle_are_not_gone_round(fetch, folder):
    """Each file is read once, however many ways lead to it."""
    (folder / "data" / "again").symlink_to(folder / "data")
    (folder / "data" / "up").symlink_to(folder)
    (folder / "twin").symlink_to(folder / "data")
    (folder / "data" / "alias.csv").symlink_to("penguins.csv")
    assert names(fetch("**/*.csv")) == ["data/penguins.csv"]
    assert names(fetch("data/**")) == ["data/penguins.csv"]
    assert names(fetch(".", recursive=True)) == ["data/penguins.csv"]
    assert names(fetch("*/*.csv")) == ["data/penguins.csv"]
    assert names(fetch("twin/**/*.csv")) == ["twin/penguins.csv"]


def test_links_to_folders_are_followed_inside_the_roots_alone(fetch, folder, tmp_path):
    for name in ("other", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.csv").write_text("a\n")
        (folder / f"to-{name}").symlink_to(tmp_path / name)
    roots = (folder, tmp_path / "other")
    assert names(fetch("**/*.csv", roots=roots)) == ["data/penguins.csv", "to-other/other.csv"]
    assert names(fetch(".", roots=roots, recursive=True, filenamePattern="csv")) == [
        "data/penguins.csv", "to-other/other.csv"
    ]  # fmt: skip


def test_the_files_below_a_folder(fetch, folder, fault_of):
    for name in ("data/sub/deep/y.csv", "data/sub/z.txt", "data/.hidden/x.csv", "data/.x.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a\n")
    assert names(fetch("data", filenamePattern=r"\.csv$")) == ["data/penguins.csv"]
    assert names(fetch("data", filenamePattern=r"\.csv$", recursive=True)) == [
        "data/penguins.csv", "data/sub/deep/y.csv"
    ]  # fmt: skip
    assert names(fetch("data", recursive=True)) == ["data/penguins.csv", "data/sub/deep/y.csv", "data/sub/z.txt"]
    found = fault_of(fetch, "data", filenamePattern="nothing", recursive=True)
    assert "none of the 4 files in this folder matches" in found.message


@pytest.mark.parametrize("kind", ["fifo", "socket", "device", "folder"])
def test_what_is_no_file_is_never_opened(kind, fetch, folder, fault_of):
    path = folder / "odd.csv"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(path))
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")
    found = fault_of(fetch, str(path), roots=(folder, Path("/dev")))
    assert found.code == "access/not-a-file"


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.model import Origin, SourceDefinition
from potable.engine.fetching.context import FetchSession
from potable.engine.fetching.files.fetcher import FileFetcher
from potable.engine.findings import Fault
from potable.engine.limits import Limits

folder = Path(sys.argv[1])
session = FetchSession(Limits(), folder, (folder,))
source = SourceDefinition(resource_id="T", ingest_url=sys.argv[2], origin=Origin(folder=folder))
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    FileFetcher().fetch(source, session)
except Fault as fault:
    print(fault.occurrence.code)
"""


@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_may_not_be_read(which, tmp_path):
    # a process of its own, which gives up root's right to read everything; below /tmp it can't get at pytest's folder
    locked = tmp_path / "locked"
    locked.mkdir()
    (locked / "x.csv").write_text("a\n")
    reached = tmp_path
    while reached != reached.parent and reached.stat().st_uid == os.getuid() and len(reached.parts) > 2:
        reached.chmod(0o755)
        reached = reached.parent
    (locked / "x.csv").chmod(0o000 if which == "file" else 0o644)
    locked.chmod(0o000 if which == "folder" else 0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, str(tmp_path), "locked/x.csv"],
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        locked.chmod(0o755)
    assert (done.stdout.strip(), done.stderr) == ("access/unauthorized", "")

"""Archives, as archivers write them and as attackers do."""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile

import pyarrow as pa
import pytest

from potable.engine.fetching.files.fetcher import FileFetcher
from potable.engine.fetching.web import HttpFetcher
from potable.engine.limits import Limits

BODY = b"a,b\n1,2\n"
FILES = {"sub/two.csv": b"c\n2\n", "one.csv": BODY, "README.md": b"# read me\n"}


def zipped(files, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files, mode="w", **options):
    """``files``: contents by name, or whole TarInfos."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **options) as archive:
        for name, data in files.items():
            if isinstance(data, tarfile.TarInfo):
                archive.addfile(data)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture
def take(tmp_path, source, context):
    """``take(archive, ...)``: the snapshot of a source that is this archive."""

    def take(data, name="data.zip", method="CSV", limits=None, into=None, **parameters):
        folder = tmp_path / "source"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
        lent = into or context(limits, roots=(folder,))
        return FileFetcher().fetch(source(name, folder, method=method, **parameters), lent)

    return take


def contents(snapshot):
    return {part.name: part.path.read_bytes() for part in snapshot.parts}


WRITERS = {
    "data.zip": lambda files: zipped(files, compression=zipfile.ZIP_DEFLATED),
    "stored.zip": lambda files: zipped(files),
    "bz2.zip": lambda files: zipped(files, compression=zipfile.ZIP_BZIP2),
    "data.tar": tarred,
    "pax.tar": lambda files: tarred(files, format=tarfile.PAX_FORMAT),
    "gnu.tar": lambda files: tarred(files, format=tarfile.GNU_FORMAT),
    "data.tar.gz": lambda files: tarred(files, "w:gz"),
    "data.tar.bz2": lambda files: tarred(files, "w:bz2"),
    "data.tar.xz": lambda files: tarred(files, "w:xz"),
    "data.tar.zst": lambda files: pa.compress(tarred(files), "zstd", asbytes=True),
    "download": lambda files: tarred(files, "w:gz"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_members_of_the_promised_format_become_parts(name, take):
    snapshot = take(WRITERS[name](FILES), name)
    assert contents(snapshot) == {f"{name}/one.csv": BODY, f"{name}/sub/two.csv": b"c\n2\n"}
    assert [p.sha256 for p in snapshot.parts] == [
        hashlib.sha256(p.path.read_bytes()).hexdigest() for p in snapshot.parts
    ]
    assert [p.bytes for p in snapshot.parts] == [len(BODY), 4]
    assert snapshot.details == {"archive": [name]}


@pytest.mark.parametrize("name", ["data.zip", "data.tar.gz"])
@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        (r"two", ["sub/two.csv"]),
        (r"\.csv$", ["one.csv", "sub/two.csv"]),
        (r"^one", ["one.csv"]),
        (r"^two\.csv$", ["sub/two.csv"]),
        (r"^sub/", ["sub/two.csv"]),
        (r"*.csv", ["one.csv", "sub/two.csv"]),
        (r"README", ["README.md"]),
    ],
)
def test_a_pattern_chooses(name, pattern, chosen, take):
    assert [*contents(take(WRITERS[name](FILES), name, filenamePattern=pattern))] == [f"{name}/{c}" for c in chosen]


@pytest.mark.parametrize("name", ["data.zip", "data.tar"])
def test_the_only_data_file_is_taken_whatever_its_name(name, take):
    files = {"export": BODY, "__MACOSX/._export": b"x", ".DS_Store": b"x", "Thumbs.db": b"x"}
    assert contents(take(WRITERS[name](files), name)) == {f"{name}/export": BODY}


def test_folders_are_no_files(take):
    with_folders = tarred({"sub": special("sub", tarfile.DIRTYPE), "./sub/a.csv": BODY})
    assert contents(take(with_folders, "a.tar")) == {"a.tar/sub/a.csv": BODY}
    assert contents(take(zipped({"sub/": b"", "sub/a.csv": BODY}))) == {"data.zip/sub/a.csv": BODY}


@pytest.mark.parametrize(
    ("method", "files", "chosen"),
    [
        ("CSV", ["a.txt", "b.csv"], ["b.csv"]),
        ("CSV", ["a.txt", "b.md"], ["a.txt"]),
        ("CSV", ["a.csv.gz", "b.md"], ["a.csv.gz"]),
        ("JSON", ["a.json", "b.csv", "c.JSON"], ["a.json", "c.JSON"]),
        ("JSONL", ["a.json", "b.jsonl"], ["b.jsonl"]),
        ("XML", ["a.xsd", "b.xml"], ["b.xml"]),
        ("EXCEL", ["a.xlsx", "b.csv"], ["a.xlsx"]),
        ("PARQUET", ["a.parquet", "b.csv"], ["a.parquet"]),
    ],
)
def test_what_files_of_a_format_are_called(method, files, chosen, take):
    snapshot = take(zipped(dict.fromkeys(files, b"x")), method=method)
    assert [p.name for p in snapshot.parts] == [f"data.zip/{name}" for name in chosen]


def test_data_of_other_formats_that_are_left_out(take, context, tmp_path):
    files = dict.fromkeys(("a.csv", "b.xlsx", "sub/c.json", "meta.xml", "sub/datapackage.json", "d.md", "e.txt"), b"x")
    into = context(roots=(tmp_path / "source",))
    take(zipped(files), into=into)
    [said] = into.said
    assert (said.code, said.location.file, said.details) == ("access/other-members", "data.zip", {"files": 2})
    assert said.message == "data.zip: 1 of its files is read; not read: b.xlsx, sub/c.json"
    described = dict.fromkeys(("a.csv", "meta.xml", "R.md"), b"x")
    for given, chosen in ((files, {"filenamePattern": "csv"}), (described, {})):
        into = context(roots=(tmp_path / "source",))
        take(zipped(given), into=into, **chosen)
        assert into.said == []


@pytest.mark.parametrize("member", ["[Content_Types].xml", "mimetype"])
def test_a_workbook_is_not_taken_apart(member, take):
    data = zipped({member: b"x", "a.xml": b"x"})
    assert contents(take(data, "book.xlsx", method="EXCEL")) == {"book.xlsx": data}


def test_other_files_stay_as_they_are(take):
    for data in (BODY, b"PK and more", gzip.compress(BODY), b"x" * 600):
        assert contents(take(data, "data.csv")) == {"data.csv": data}


def test_archives_inside_archives_are_not_opened(take):
    inner = zipped({"a.csv": BODY})
    assert contents(take(zipped({"inner.zip": inner}))) == {"data.zip/inner.zip": inner}


def test_a_folder_of_archives(tmp_path, source, context):
    for name in ("b.zip", "a.tar.gz"):
        (tmp_path / name).write_bytes(WRITERS["data.zip" if name == "b.zip" else "data.tar.gz"](FILES))
    (tmp_path / "c.csv").write_bytes(BODY)
    lent = context(roots=(tmp_path,))
    snapshot = FileFetcher().fetch(source(".", tmp_path, filenamePattern=r"\.(zip|gz|csv)$"), lent)
    names = ["a.tar.gz/one.csv", "a.tar.gz/sub/two.csv", "b.zip/one.csv", "b.zip/sub/two.csv", "c.csv"]
    assert [p.name for p in snapshot.parts] == names


def test_an_archive_from_the_web(serve, source, context, client):
    data = zipped(FILES)
    server = serve(lambda call: call.answer(data, ETag='"1"'))
    into = context(http=client())
    given = source(server.url("/get/data.zip"), filenamePattern="one", hash=hashlib.sha256(data).hexdigest())
    snapshot = HttpFetcher().fetch(given, into)
    assert contents(snapshot) == {"data.zip/one.csv": BODY}
    assert (snapshot.parts[0].url, snapshot.etag, into.said) == (server.url("/get/data.zip"), '"1"', [])


def test_an_unchanged_archive_is_the_kept_members(serve, source, context, client):
    data = zipped(FILES)

    def handler(call):
        call.answer(b"", "304 Same") if "if-none-match" in call.headers else call.answer(data, ETag='"1"')

    server = serve(handler)
    given = source(server.url("/data.zip"), bytes=len(data))
    first = HttpFetcher().fetch(given, context(http=client()))
    into = context(http=client(), previous=first)
    again = HttpFetcher().fetch(given, into)
    assert (again.not_modified, again.parts) == (True, first.parts)
    assert [o.code for o in into.said] == ["access/not-modified"]


# -- refused ---------------------------------------------------------------------------------------------------------


def is_refused(found, words, name="data.zip"):
    assert found.code == "access/archive"
    assert found.message.startswith(f"{name}: ")
    assert words in found.message
    assert found.location.file == name


@pytest.mark.parametrize("name", ["../evil.csv", "a/../../evil.csv", "/tmp/evil.csv", "C:/evil.csv", "..\\evil.csv"])
@pytest.mark.parametrize("kind", ["data.zip", "data.tar"])
def test_names_that_lead_out_of_the_archive(name, kind, take, fault_of, tmp_path):
    found = fault_of(take, WRITERS[kind]({"good.csv": BODY, name: b"evil"}), kind, filenamePattern="good")
    is_refused(found, "the archive isn't unpacked", kind)
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "is a symbolic link"), (tarfile.LNKTYPE, "is a hard link"), (tarfile.CHRTYPE, "is a device"),
        (tarfile.FIFOTYPE, "is a device, a pipe"), (tarfile.BLKTYPE, "is a device"),
    ],
)  # fmt: skip
def test_links_and_devices_of_a_tar(kind, words, take, fault_of):
    data = tarred({"a.csv": BODY, "b.csv": special("b.csv", kind, "/etc/passwd")})
    is_refused(fault_of(take, data, "a.tar"), words, "a.tar")
    assert contents(take(data, "a.tar", filenamePattern=r"^a")) == {"a.tar/a.csv": BODY}


@pytest.mark.parametrize(("mode", "words"), [(stat.S_IFLNK, "symbolic link"), (stat.S_IFIFO, "device or a pipe")])
def test_links_and_pipes_of_a_zip(mode, words, take, fault_of):
    info = zipfile.ZipInfo("link.csv")
    info.create_system, info.external_attr = 3, (mode | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    is_refused(fault_of(take, out.getvalue()), words)


def test_no_member_matches(take, fault_of):
    found = fault_of(take, zipped(FILES), filenamePattern="three")
    is_refused(found, "none of its 3 files matches filenamePattern 'three'")
    assert found.hint == "The archive has README.md, one.csv, sub/two.csv: let filenamePattern choose among them."


def test_no_member_of_the_format(take, fault_of):
    found = fault_of(take, zipped(dict.fromkeys([f"{n:02d}.md" for n in range(14)], b"x")))
    is_refused(found, "none of its 14 files is called like CSV data")
    assert "09.md and 4 more" in found.hint


def test_a_pattern_that_means_nothing(take, fault_of):
    is_refused(fault_of(take, zipped(FILES), filenamePattern="("), "neither a regular expression")


@pytest.mark.parametrize("data", [zipped({}), zipped({"a/": b""}), tarred({"a": special("a", tarfile.DIRTYPE)})])
def test_an_archive_without_files(data, take, fault_of):
    name = "data.zip" if data.startswith(b"PK") else "data.tar"
    is_refused(fault_of(take, data, name), "it has no files", name)


def test_two_members_called_alike(take, fault_of):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", BODY)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", b"other")
    is_refused(fault_of(take, out.getvalue()), "two members called 'a.csv'")


def test_an_encrypted_member(take, fault_of):
    data = bytearray(zipped({"a.csv": BODY}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    is_refused(fault_of(take, bytes(data)), "'a.csv' is encrypted")


def test_an_unknown_compression(take, fault_of):
    data = zipped({"a.csv": BODY}, compression=zipfile.ZIP_LZMA)
    is_refused(fault_of(take, data), "compressed in a way that isn't known")


def test_an_empty_member(take, fault_of, context, tmp_path):
    assert fault_of(take, zipped({"a.csv": b""})).code == "access/empty"
    into = context(roots=(tmp_path / "source",))
    assert contents(take(zipped({"a.csv": b"", "b.csv": BODY}), into=into)) == {"data.zip/b.csv": BODY}
    assert [(o.code, o.location.file) for o in into.said] == [("access/empty", "data.zip/a.csv")]


# -- damaged ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [30, 60, 200, 590])
def test_a_zip_that_breaks_off(cut, take, fault_of):
    whole = zipped({"a.csv": os.urandom(500)})
    found = fault_of(take, whole[:-cut])
    is_refused(found, "the zip archive ")
    assert cut == 30 or found.hint == "Get the file again, whole: a transfer broke off, or the disk was full."


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        (b"<html><body>no zip</body></html>" * 9, "behind that is an HTML page: '<html><body>no zip"),
        (b"id,name\n1,a\n" * 9, "behind that is text: 'id,name"),
        (b" is short", "behind that is text: 'is short'"),
        (b'{"error": 500}', "behind that is JSON: '{\"error\": 500}'"),
        (bytes(range(200, 256)) * 9, "behind that is "),
    ],
)
def test_what_only_begins_as_a_zip(rest, what, take, fault_of):
    found = fault_of(take, b"PK\x03\x04" + rest)
    is_refused(found, f"it begins as a zip archive does (PK), but is none: {what}")
    assert found.hint.startswith("Get the file again; ")


@pytest.mark.parametrize("cut", [9_000, 10_900])
def test_a_tar_that_breaks_off(cut, take, fault_of):
    whole = tarred({"a.csv": os.urandom(2000), "b.csv": b"x"})
    assert len(whole) == 10_240
    found = fault_of(take, whole[: max(700, len(whole) - cut)], "a.tar")
    is_refused(found, "", "a.tar")


TWO = tarred({"a.csv": b"a\n1\n", "b.csv": b"a\n2\n"})
PACKED = {"a.tar": bytes, "a.tar.gz": gzip.compress, "a.tar.xz": lzma.compress}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize(
    "rest",
    [b"", TWO[1024:1100], os.urandom(512), os.urandom(3000), bytes(100), TWO[1024:2000]],
    ids=["nothing", "half a header", "rubbish", "more rubbish", "few zeros", "no body"],
)
def test_a_tar_without_its_end(name, rest, take, fault_of):
    """It's cut behind a whole member, or something else follows: what is left looks like a whole archive."""
    is_refused(fault_of(take, PACKED[name](TWO[:1024] + rest), name), "the tar archive ", name)


@pytest.mark.parametrize("name", PACKED)
def test_a_tar_without_any_end_mark(name, take, fault_of):
    is_refused(fault_of(take, PACKED[name](TWO[:2048]), name), "no end mark behind its last member", name)


def test_two_tars_one_after_the_other(take, fault_of):
    is_refused(fault_of(take, TWO + tarred({"c.csv": BODY}), "a.tar"), "further members behind its end mark", "a.tar")


@pytest.mark.parametrize("end", [bytes(512), bytes(1024), bytes(512) + b"whatever was on the tape".ljust(2048, b"!")])
def test_a_tar_whose_end_is_short_or_untidy(end, take):
    assert [*contents(take(TWO[:2048] + end, "a.tar"))] == ["a.tar/a.csv", "a.tar/b.csv"]


def test_a_damaged_member(take, fault_of):
    data = bytearray(zipped({"a.csv": b"x" * 1000}, compression=zipfile.ZIP_DEFLATED))
    data[40] ^= 0xFF
    is_refused(fault_of(take, bytes(data)), "the member 'a.csv' is damaged")


@pytest.mark.parametrize("claimed", [10, 1000, 5_000_000])
def test_a_lying_size(claimed, take, fault_of):
    """The directory and the header both say another size than the data unpack to."""
    body = b"0123456789" * 200_000
    data = bytearray(zipped({"a.csv": body}, compression=zipfile.ZIP_DEFLATED))
    for at, offset in ((data.index(b"PK\x03\x04"), 22), (data.index(b"PK\x01\x02"), 24)):
        data[at + offset : at + offset + 4] = struct.pack("<L", claimed)
    words = "is damaged" if claimed < len(body) else "is shorter than announced"
    is_refused(fault_of(take, bytes(data)), f"the member 'a.csv' {words}")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_bomb_stops_at_the_cap(method, take, fault_of, context, tmp_path):
    data = zipped({"a.csv": bytes(30_000_000)}, compression=method)
    limits = Limits(inflated_bytes=1_000_000)
    into = context(limits, roots=(tmp_path / "source",))
    found = fault_of(take, data, into=into)
    assert found.code == "access/compression"
    assert found.message == f"data.zip: {len(data):,} bytes unpack to more than 1,000,000 bytes (limit inflated_bytes)"
    assert list(into.scratch.iterdir()) == []


def test_members_count_together(take, fault_of, context, tmp_path):
    into = context(Limits(inflated_bytes=2_500), roots=(tmp_path / "source",))
    data = zipped({f"{n}.csv": bytes(1000) for n in range(3)}, compression=zipfile.ZIP_DEFLATED)
    assert fault_of(take, data, into=into).code == "access/compression"
    assert list(into.scratch.iterdir()) == []


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"])
def test_a_tar_bomb_stops_at_the_cap(pack, take, fault_of):
    data = pack(tarred({"a.csv": bytes(30_000_000)}))
    found = fault_of(take, data, "a.tar.gz", limits=Limits(inflated_bytes=1_000_000))
    assert found.code == "access/compression"


def test_a_huge_header_of_a_tar_is_not_held_in_memory(take, fault_of):
    header = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    header.size = 1 << 33
    data = gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(1_000_000))
    is_refused(fault_of(take, data, "a.tar.gz"), "a header of the tar archive has 8,589,934,592 bytes", "a.tar.gz")


def test_a_negative_size_does_not_loop(take, fault_of):
    header = bytearray(special("a.csv", tarfile.REGTYPE).tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    is_refused(fault_of(take, bytes(header) + bytes(2048), "a.tar"), "negative size", "a.tar")


def test_a_directory_that_is_too_large(take, fault_of):
    data = bytearray(zipped({"a.csv": BODY}))
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<L", 1 << 30)
    is_refused(fault_of(take, bytes(data)), "its directory has 1,073,741,824 bytes")


def test_too_many_members(take, fault_of, monkeypatch):
    monkeypatch.setattr("potable.engine.fetching.files.archives.MOST_MEMBERS", 2)
    is_refused(fault_of(take, zipped(FILES)), "it has 3 members, more than 2")
    is_refused(fault_of(take, tarred(FILES), "a.tar"), "it has more than 2 members", "a.tar")


def test_a_zip_of_more_members_than_the_old_format_counts(take):
    with_many = zipped(dict.fromkeys([f"{n}.md" for n in range(65_600)], b"") | {"a.csv": BODY})
    assert contents(take(with_many)) == {"data.zip/a.csv": BODY}


def test_the_oldest_kind_of_tar(take):
    header = bytearray(special("a.csv", tarfile.REGTYPE).tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = f"{len(BODY):011o}\0".encode()
    header[257:512] = bytes(255)
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    data = bytes(header) + BODY.ljust(512, b"\0") + bytes(1024)
    assert contents(take(data, "old.tar")) == {"old.tar/a.csv": BODY}
    assert contents(take(data, "old.csv")) == {"old.csv": data}


def test_a_truncated_gzip_of_a_tar(take, fault_of):
    found = fault_of(take, tarred({"a.csv": os.urandom(50_000)}, "w:gz")[:30_000], "a.tar.gz")
    assert found.code == "access/compression"

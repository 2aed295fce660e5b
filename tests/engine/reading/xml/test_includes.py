"""Parts of a document that XInclude names."""

from pathlib import Path

import pytest

from potable.engine import Engine, Limits
from potable.engine.contracts.report import Report

SPACE = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
WHOLE = f"""<r {SPACE}>
<i><id>1</id></i>
<!-- <xi:include href="no.xml"/> -->
<i><id>2</id><xi:include parse="text" href="a.txt"/><xi:include href="b.txt"/></i>
<xi:include href="more.xml"/>
</r>"""


def judged(folder: Path, text: str, size: int = 1 << 20) -> Report:
    (folder / "a.xml").write_text(text)
    return Engine(limits=Limits(chunk_bytes=size)).check(folder / "a.xml", documentElement="i")


@pytest.mark.parametrize("size", [1, 50, 1 << 20])
def test_what_is_elsewhere_was_not_read(size: int, tmp_path: Path) -> None:
    report = judged(tmp_path, WHOLE, size)
    (found,) = report.findings
    assert (report.verdict, report.counts.records, report.counts.records_with_errors) == ("failed", 2, 1)
    assert (found.code, found.count) == ("xml/not-included", 3)
    assert [(s.value, s.location.record, s.location.line, s.location.column) for s in found.samples] == [
        ("a.txt", 2, 4, 14),
        ("b.txt", 2, 4, 53),
        ("more.xml", None, 5, 1),
    ]
    assert [s.location.byte for s in found.samples] == [
        WHOLE.index("<xi:include parse"), WHOLE.index('<xi:include href="b'), WHOLE.index('<xi:include href="m'),
    ]  # fmt: skip


def test_it_is_known_by_its_namespace(tmp_path: Path) -> None:
    text = '<r><i><id>1</id></i><include xmlns="http://www.w3.org/2001/XInclude" href="more.xml"/></r>'
    assert [f.code for f in judged(tmp_path, text).findings] == ["xml/not-included"]
    assert judged(tmp_path, text.replace("XInclude", "Other")).findings == ()
    assert judged(tmp_path, f"<r {SPACE}><i><id>1</id><include>x</include></i></r>").findings == ()

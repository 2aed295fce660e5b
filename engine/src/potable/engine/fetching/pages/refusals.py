"""Pages that a server answers with 200 although they say that something went wrong."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

from potable.engine.definition.veil import Veil
from potable.engine.fetching.faults import quote_text
from potable.engine.fetching.pages.totals import NOTHING, folded, local_name, members
from potable.engine.fetching.sniffing.markup import as_text, root_of
from potable.engine.reading.parts import head_of
from potable.engine.reading.streams import ByteStream

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits

PAGE_BYTES = 1 << 16
"""Longest page that is looked into: errors are short."""

_ERRORS = frozenset({
    "error", "errors", "err", "exception", "exceptions", "fault", "faults", "failure", "errormessage", "errormsg",
    "errorcode", "errordescription", "faultstring", "exceptionreport", "serviceexception", "serviceexceptionreport",
})  # fmt: skip
"""Names of members and elements that tell an error, in lower-case, letters alone."""
_STATES = frozenset({"status", "statuscode", "code", "httpcode", "httpstatus"})


def refusal(page: Part, first: Part, source: SourceDefinition, limits: Limits) -> str | None:
    """What a page without records says instead of them, where that's an error; else None.

    In JSON that's a member such as ``error`` with something in it, or a status of 400 and above; in XML an element of
    such a name, or another root than the first page has. Raises ``Fault`` where the page can't be unpacked.
    """
    with closing(ByteStream(page, limits, hashed=False)) as stream:
        body = stream.read(PAGE_BYTES + 1)
    if len(body) > PAGE_BYTES:
        return None
    if source.format == "json":
        told = tells_error(body)
    elif source.format == "xml":
        told = _in_xml(body, root_of(as_text(head_of(first, limits))))
    else:
        told = False
    if not told:
        return None
    text = as_text(body)
    return quote_text(text, Veil.of(source)) or f"<{root_of(text)}>"


def tells_error(body: bytes) -> bool:
    """Whether a JSON object has a member such as ``error`` with something in it, or a status of 400 and above."""
    return any(
        (folded(name) in _ERRORS and value.strip() not in NOTHING)
        or (folded(name) in _STATES and re.fullmatch(rb'\s*"?[45]\d\d"?\s*', value) is not None)
        for name, value in members(body)
    )


def _in_xml(body: bytes, first: str | None) -> bool:
    from lxml import etree  # heavy

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False  # whoever reads it will say so
    name = local_name(root.tag)
    if first is not None and name != first.rpartition(":")[2]:
        return True
    return any(isinstance(c.tag, str) and folded(local_name(c.tag)) in _ERRORS and _speaks(c) for c in root)


def _speaks(element: Any) -> bool:
    text = "".join(element.itertext()).strip() or "".join(map(str, element.attrib.values()))
    return text.encode() not in NOTHING

"""XML documents that are the message of an error, in the shapes that servers have agreed on."""

from __future__ import annotations

import re

from potable.engine.lazyregex import lazy_regex

_SPACES = ("http://schemas.xmlsoap.org/soap/envelope", "http://www.w3.org/2003/05/soap-envelope")
_P = r"(?:[A-Za-z_][\w.-]*:)?"
"""A prefix, or none."""
_SOAP = lazy_regex(rf"<{_P}Body\b[^<>]*>\s*<{_P}Fault\b[^<>]*>")
_SOAP_WORDS = lazy_regex(rf"<{_P}(?:faultstring|Text)\b[^<>]*>([^<]*)<")
_OAI = lazy_regex(rf"<{_P}error\s+code\s*=\s*[\"']([A-Za-z]+)[\"'][^<>]*>([^<]*)<")
# S3 and its like: <Error><Code>AccessDenied</Code><Message>Access Denied</Message>
_CODED = lazy_regex(r"<Error\b[^<>]*>\s*(?:<!--.{0,200}?-->\s*)?<Code>([^<]*)</Code>\s*<Message>([^<]*)<", re.DOTALL)
_OGC = lazy_regex(rf"<{_P}(?:ExceptionText|ServiceException)\b[^<>]*>([^<]*)<")
_PROBLEM = "urn:ietf:rfc:7807"
_TITLE = lazy_regex(r"<title\b[^<>]*>([^<]*)<")


def fault_of(root: str | None, text: str) -> tuple[str, str] | None:
    """What kind of message an XML document is, and its words; None: it's none that's known.

    Known are faults of SOAP, errors of OAI-PMH (but ``noRecordsMatch``), of S3 and its like, exceptions of OGC
    services, and problem details (RFC 7807).

    :param root: name of its first element. :param text: how it begins.
    """
    name = (root or "").rpartition(":")[2]
    found: re.Match[str] | None
    if name == "Envelope" and any(space in text for space in _SPACES) and _SOAP.search(text):
        found = _SOAP_WORDS.search(text)
        return "a SOAP fault", _plain(found[1] if found else "")
    if name == "OAI-PMH" and (found := _OAI.search(text)) and found[1] != "noRecordsMatch":
        return "an error of an OAI-PMH repository", _plain(f"{found[1]}: {found[2]}")
    if name == "Error" and (found := _CODED.search(text)):
        return "a storage service's error", _plain(f"{found[1]}: {found[2]}")
    if name in ("ExceptionReport", "ServiceExceptionReport"):
        found = _OGC.search(text)
        return "an exception of an OGC service", _plain(found[1] if found else "")
    if name == "problem" and _PROBLEM in text:
        found = _TITLE.search(text)
        return "a web service's error", _plain(found[1] if found else "")
    return None


def _plain(words: str) -> str:
    return " ".join(words.split())[:200].strip(": ")

"""What went wrong with a request, in a user's words.

Nothing here chains the library's own exception: those quote the whole URL, keys and all.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

from urllib3 import exceptions as u3

from potable.engine.definition.veil import Veil
from potable.engine.fetching import codes
from potable.engine.fetching.faults import Failure, occurrence, quote_text
from potable.engine.fetching.network.policy import BadHost, Blocked, ResolverTimeout
from potable.engine.fetching.network.sockets import OutOfTime, OverBudget
from potable.engine.findings import Occurrence

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def failure_of(
    error: BaseException, url: str, *, seconds: tuple[float, float, float], veil: Veil, body: bool = False
) -> Failure:
    """The failure that an exception of a connection stands for; re-raises what isn't the network's.

    :param url: the address, as shown.
    :param seconds: the limits connect_seconds, read_seconds, fetch_seconds, for the message.
    :param veil: keeps secrets out of what the server said.
    :param body: whether the body was being read.
    """
    connect, read, whole = seconds
    match error:
        case Blocked():
            return Failure(occurrence(codes.BLOCKED_ADDRESS, url, str(error)))
        case BadHost():
            return Failure(occurrence(codes.UNREACHABLE, url, str(error)))
        case ResolverTimeout():
            words = f"looking the host name up took longer than {connect:g} s (limit connect_seconds)"
            return Failure(occurrence(codes.TIMEOUT, url, words), transient=True)
        case OutOfTime():
            return Failure(
                occurrence(codes.TIMEOUT, url, f"the fetch took longer than {whole:g} s (limit fetch_seconds)")
            )
        case OverBudget():
            words = "the server sent far more header lines or framing than a response has"
            return Failure(occurrence(codes.TOO_LARGE, url, words))
        case ssl.SSLCertVerificationError():
            return Failure(_tls(error, url, veil))
        case ssl.SSLError() | u3.SSLError() if not body:
            return Failure(_tls(error, url, veil), transient=isinstance(error, ssl.SSLEOFError | ssl.SSLSyscallError))
        case TimeoutError() | u3.ReadTimeoutError():
            words = (
                f"the server sent nothing for {read:g} s (limit read_seconds)"
                if body or isinstance(error, u3.ReadTimeoutError)
                else f"the server didn't answer within {read:g} s (limit read_seconds)"
            )
            return Failure(occurrence(codes.TIMEOUT, url, words), transient=True)
        case socket.gaierror():
            final = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
            words = f"the host name can't be resolved ({_words(error)})"
            return Failure(occurrence(codes.UNREACHABLE, url, words, _proxy_hint()), transient=not final)
    if body and isinstance(error, u3.HTTPError | HTTPException | OSError):
        return Failure(occurrence(codes.TRUNCATED, url, _broken(error)), transient=True)
    if isinstance(error, RemoteDisconnected | ConnectionError):
        words = (
            "the connection was refused" if isinstance(error, ConnectionRefusedError) else "the connection broke off"
        )
        return Failure(occurrence(codes.UNREACHABLE, url, words, _proxy_hint()), transient=True)
    if isinstance(error, HTTPException | u3.HTTPError):
        words = f"the server's answer isn't HTTP ({type(error).__name__}: {quote_text(str(error), veil)})"
        return Failure(occurrence(codes.PROTOCOL, url, words))
    if isinstance(error, OSError):
        return Failure(
            occurrence(codes.UNREACHABLE, url, f"no connection ({_words(error)})", _proxy_hint()),
            transient=error.errno != errno.EACCES,
        )
    raise error


def connect_timeout(url: str, connect: float) -> Failure:
    """The failure of a connection that didn't come about in time."""
    words = f"no connection within {connect:g} s (limit connect_seconds)"
    return Failure(occurrence(codes.TIMEOUT, url, words, _proxy_hint()), transient=True)


def _tls(error: BaseException, url: str, veil: Veil) -> Occurrence:
    if isinstance(error, ssl.SSLCertVerificationError):
        words = f"the server's certificate isn't trusted: {error.verify_message.rstrip('.')}"
        if error.verify_code in (18, 19, 20, 21):
            hint = (
                "If the server belongs to a private authority, let SSL_CERT_FILE name that authority's certificate; "
                "if no https source works, install the system's CA certificates."
            )
            return occurrence(codes.TLS, url, words, hint)
        return occurrence(codes.TLS, url, words)
    reason = getattr(error, "reason", None) or str(error)
    if "WRONG_VERSION_NUMBER" in str(reason) or "HTTP_REQUEST" in str(reason):
        hint = "Check the scheme and the port: this port seems to speak plain http."
        return occurrence(codes.TLS, url, "the server doesn't speak TLS on this port", hint)
    return occurrence(codes.TLS, url, f"the TLS handshake failed ({quote_text(str(reason), veil)})")


def _broken(error: BaseException) -> str:
    cause = error
    for inner in (error, error.__cause__, *error.args):
        if isinstance(inner, u3.IncompleteRead | IncompleteRead) and inner.expected:
            cause = inner
            break
    if isinstance(cause, u3.IncompleteRead) and cause.expected:
        return f"the transfer broke off with {cause.expected:,} announced bytes missing"
    return "the transfer broke off before the end of the body"


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _proxy_hint() -> str | None:
    for name in _PROXIES:
        if os.environ.get(name) or os.environ.get(name.upper()):
            return (
                f"{codes.UNREACHABLE.mend} The environment sets {name.upper()}, which Potable doesn't use: through a "
                "proxy it couldn't check which address it speaks to."
            )
    return None

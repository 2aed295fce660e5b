"""Files on SFTP servers, whose keys are known, by paramiko over a checked connection."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import io
import logging
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paramiko

from potable.engine.definition.secrets import Secret
from potable.engine.definition.veil import Veil
from potable.engine.errors import UsageError
from potable.engine.fetching import codes
from potable.engine.fetching.faults import Failure, occurrence, quote_text
from potable.engine.fetching.files.fetcher import MOST_PARTS
from potable.engine.fetching.network.failures import failure_of
from potable.engine.fetching.network.sockets import OutOfTime
from potable.engine.fetching.remote.files import Entry, is_plain
from potable.engine.findings import Fault

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.fetching.remote.sftp.target import Target

REQUEST = 1 << 15
"""Bytes asked for at a time: what every server gives in one packet."""
WINDOW = 64
"""Requests under way at a time."""
LOG = "potable.sftp"
_LATER = 5.0
"""Seconds by which paramiko notices later than we that a handshake takes too long: it says so of a broken one too."""
KNOWN_HOSTS = (Path("~/.ssh/known_hosts"), Path("/etc/ssh/ssh_known_hosts"))

logging.getLogger(LOG).addHandler(logging.NullHandler())  # paramiko's tracebacks are told as findings
logging.getLogger(LOG).propagate = False


class SftpClient:
    """One session. It uses the definition's credentials alone: no agent, no keys of the home folder."""

    def __init__(self, source: SourceDefinition, url: Target, context: FetchContext) -> None:
        self._source, self._url, self._context = source, url, context
        limits = context.limits
        self._seconds = (limits.connect_seconds, limits.read_seconds, limits.fetch_seconds)
        self._transport: paramiko.Transport | None = None
        self._sftp: Any = None
        self._veil = Veil()

    def open(self) -> None:
        """Connect, check the server's key, log in. Raises ``Failure``, ``Fault``."""
        password = self._revealed("password")
        self._veil = Veil(s for s in (password, self._revealed("privateKeyPassphrase")) if s)
        key = self._private_key()
        sock = self._context.network.connect(self._url.host, self._url.port)
        try:
            patience = min(self._context.limits.read_seconds, self._context.network.left)
            transport = paramiko.Transport(sock)
            self._transport = transport
            transport.set_log_channel(LOG)
            transport.auth_timeout = patience
            transport.banner_timeout = transport.handshake_timeout = patience + _LATER
            transport.start_client(timeout=patience)
            if not transport.initial_kex_done:  # it comes back without a word when its time is over
                raise TimeoutError
            self._check_host(transport.get_remote_server_key())
            user = self._url.user
            if key is not None:
                transport.auth_publickey(user, key)
            if not transport.is_authenticated():
                transport.auth_password(user, password or "")
            self._sftp = paramiko.SFTPClient.from_transport(transport)
            if self._sftp is None:
                raise paramiko.SSHException("the server opens no SFTP session")
            self._sftp.get_channel().settimeout(patience)
        except Exception as error:  # noqa: BLE001 - sorted out, and raised again where it isn't the server's
            if self._transport is None:
                sock.close()
            raise self.failure(error) from None

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder; false too for what doesn't exist. Raises ``Failure``."""
        try:
            return stat.S_ISDIR(self._sftp.stat(path or ".").st_mode or 0)
        except FileNotFoundError:
            return False
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error, path) from None

    def facts(self, path: str) -> tuple[int | None, datetime | None]:
        """A file's size, and when it was changed, where the server tells; None for what doesn't exist."""
        try:
            found = self._sftp.stat(path)
        except FileNotFoundError:
            return None, None
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error, path) from None
        return found.st_size, _time(found.st_mtime)

    def entries(self, path: str) -> list[Entry]:
        """What is in a folder. Raises ``Failure``, and ``Fault`` for one with more than a source may have."""
        found: list[Entry] = []
        try:
            for entry in self._sftp.listdir_iter(path or ".", read_aheads=10):
                mode = entry.st_mode or 0
                kind = "folder" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "file"
                plain = stat.S_ISREG(mode) or kind != "file" or not mode
                if len(found) > MOST_PARTS:  # a listing may be endless
                    words = f"the folder has more than {MOST_PARTS:,} entries"
                    raise Fault(occurrence(codes.TOO_LARGE, self._url.url_of(path), words))
                if plain and is_plain(entry.filename):
                    size = entry.st_size if kind == "file" else None
                    found.append(Entry(entry.filename, kind, size, _time(entry.st_mtime)))  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error, path) from None
        return found

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of a file. Raises ``Failure``, also where fewer come than were announced, or it was changed."""
        count = 0
        try:
            with self._sftp.open(path, "rb") as file:
                facts = file.stat()
                if stat.S_ISDIR(facts.st_mode or 0):
                    words = "this is a folder, and the definition has no filenamePattern"
                    raise Failure(occurrence(codes.NOT_A_FILE, self._url.url_of(path), words))
                size = facts.st_size
                if size:
                    _quieten(file)
                    for piece in _whole(file, size):
                        count += len(piece)
                        yield piece
                else:  # a server that tells no size
                    while piece := file.read(REQUEST):
                        count += len(piece)
                        yield piece
                after = file.stat()
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error, path, body=True) from None
        if (after.st_size, after.st_mtime) != (size, facts.st_mtime):
            words = "the file was changed while it was fetched"
            raise Failure(occurrence(codes.CHANGED, self._url.url_of(path), words), transient=True)
        if size and count < size:
            words = f"the transfer broke off with {size - count:,} announced bytes missing"
            raise Failure(occurrence(codes.TRUNCATED, self._url.url_of(path), words), transient=True)

    def hang_up(self) -> None:
        """Close, from whatever thread, without waiting for an answer."""
        if self._transport is not None:
            with suppress(Exception):
                self._transport.sock.close()
            with suppress(Exception):
                self._transport.close()

    def failure(self, error: Exception, path: str | None = None, *, body: bool = False) -> Failure | Fault:
        """What an exception means; re-raises what isn't the server's doing."""
        if isinstance(error, Failure | Fault | UsageError):
            if isinstance(error, UsageError):
                raise error
            return error
        where = self._url.shown if path is None else self._url.url_of(path)
        if self._context.network.left <= 0:
            error = OutOfTime()
        if isinstance(error, paramiko.AuthenticationException) and "timeout" in str(error):
            error = TimeoutError()
        if isinstance(error, paramiko.AuthenticationException):
            words = f"the server refuses the login: {quote_text(str(error), self._veil)}"
            return Failure(occurrence(codes.UNAUTHORIZED, where, words))
        if isinstance(error, FileNotFoundError):
            return Failure(occurrence(codes.NOT_FOUND, where, "the server has no such file"))
        if isinstance(error, PermissionError):
            return Failure(occurrence(codes.UNAUTHORIZED, where, "the server doesn't let this user read it"))
        if isinstance(error, EOFError):
            code = codes.TRUNCATED if body else codes.UNREACHABLE
            return Failure(occurrence(code, where, "the server hung up"), transient=True)
        if isinstance(error, paramiko.SSHException | paramiko.SFTPError):
            said = quote_text(str(error), self._veil)
            cause = error.__cause__ or error.__context__
            if isinstance(cause, EOFError | ConnectionError) or "No existing session" in said:
                return Failure(
                    occurrence(codes.UNREACHABLE, where, f"the connection broke off ({said})"), transient=True
                )
            return Failure(occurrence(codes.PROTOCOL, where, f"SSH fails: {said}"))
        if isinstance(error, OSError) and error.errno is None and not isinstance(error, TimeoutError):
            said = quote_text(str(error), self._veil)
            return Failure(occurrence(codes.PROTOCOL, where, f"the server answers: {said}"))
        return failure_of(error, where, seconds=self._seconds, veil=self._veil, body=body)

    def _check_host(self, key: paramiko.PKey) -> None:
        """Refuse a server whose key isn't the one that is known."""
        fingerprint = fingerprint_of(key)
        declared = str(self._source.parameters.get("hostKey") or "").strip()
        if declared:
            if not _is_key(declared, key, fingerprint):
                words = f"the server's key is {fingerprint}, not the declared hostKey"
                raise Fault(occurrence(codes.HOST_KEY, self._url.shown, words))
            return
        host = self._url.host if self._url.port == 22 else f"[{self._url.host}]:{self._url.port}"
        for file in KNOWN_HOSTS:
            with suppress(OSError, paramiko.SSHException):
                known = paramiko.HostKeys(str(file.expanduser()))
                if known.check(host, key):
                    return
                if known.lookup(host) is not None and key.get_name() in (known.lookup(host) or {}):
                    words = f"the server's key is {fingerprint}, not the one in {file}"
                    raise Fault(occurrence(codes.HOST_KEY, self._url.shown, words))
        words = f"nobody knows this server's key, {fingerprint}"
        raise Fault(occurrence(codes.HOST_KEY, self._url.shown, words, _mend(fingerprint)))

    def _private_key(self) -> paramiko.PKey | None:
        text = self._revealed("privateKey")
        if text is None:
            return None
        passphrase = self._revealed("privateKeyPassphrase")
        for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
            with suppress(paramiko.SSHException, ValueError, TypeError, IndexError, binascii.Error):
                return kind.from_private_key(io.StringIO(text + "\n"), password=passphrase)
        raise UsageError("the privateKey can't be read: it's no Ed25519, ECDSA or RSA key, or its passphrase is wrong")

    def _revealed(self, name: str) -> str | None:
        value = self._source.parameters.get(name)
        return value.reveal(self._source.origin.folder) if isinstance(value, Secret) else value


def _time(seconds: float | None) -> datetime | None:
    """A time as SFTP tells it."""
    try:
        return None if not seconds else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def fingerprint_of(key: paramiko.PKey) -> str:
    """``SHA256:…`` as OpenSSH shows it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _mend(fingerprint: str) -> str:
    """What to do about a key that isn't known."""
    return f"Ask the server's owner whether its key is {fingerprint}; if so, write hostKey: {fingerprint}"


def _is_key(declared: str, key: paramiko.PKey, fingerprint: str) -> bool:
    words = declared.split()
    if len(words) == 1 and declared.startswith("SHA256:"):
        return hmac.compare_digest(declared.rstrip("="), fingerprint)
    encoded = next((w for w in words if w.startswith("AAAA")), "")
    return hmac.compare_digest(encoded, key.get_base64())


def _quieten(file: Any) -> None:
    """Have the thread that sends the requests end without a traceback where the connection has gone.

    Who waits for the answers notices it, too.
    """
    send = file._prefetch_thread

    def sending(*args: Any) -> None:
        with suppress(EOFError, OSError, paramiko.SSHException):
            send(*args)

    file._prefetch_thread = sending


def _whole(file: Any, size: int) -> Iterator[bytes]:
    """A file's bytes, several requests under way, few kept in memory."""
    at = 0
    while at < size:
        ends = range(at, min(size, at + WINDOW * REQUEST), REQUEST)
        pieces = [(offset, min(REQUEST, size - offset)) for offset in ends]
        got = 0
        for piece in file.readv(pieces):
            got += len(piece)
            if piece:
                yield piece
        at += sum(length for _, length in pieces)
        if got < sum(length for _, length in pieces):
            return

"""An FTP client that connects only where the network lets it, and trusts no address that a server names."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from potable.engine.fetching import codes
from potable.engine.fetching.faults import Failure, occurrence, quote_text
from potable.engine.fetching.network.failures import failure_of
from potable.engine.fetching.network.sockets import MeteredSocket, MeteredSSLSocket, tls_context
from potable.engine.fetching.remote.files import Entry
from potable.engine.fetching.remote.ftp.listing import read_list, read_mlsd, read_time
from potable.engine.findings import Code
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from datetime import datetime

    from potable.engine.contracts.network import Network
    from potable.engine.fetching.remote.ftp.target import Target
    from potable.engine.limits import Limits

REPLY_BYTES = 1 << 18
"""Most bytes of one reply, all its lines together."""
LISTING_BYTES = 64 << 20
"""Longest listing of a folder."""
BUFFER = 1 << 18

_BY_REPLY: dict[str, tuple[Code, bool]] = {
    "421": (codes.UNREACHABLE, True), "425": (codes.UNREACHABLE, True), "426": (codes.TRUNCATED, True),
    "430": (codes.UNAUTHORIZED, False), "434": (codes.UNREACHABLE, True), "450": (codes.UNREACHABLE, True),
    "451": (codes.UNREACHABLE, True), "452": (codes.UNREACHABLE, True), "431": (codes.TLS, False),
    "522": (codes.TLS, False), "530": (codes.UNAUTHORIZED, False), "532": (codes.UNAUTHORIZED, False),
    "534": (codes.TLS, False), "535": (codes.TLS, False), "536": (codes.TLS, False), "550": (codes.NOT_FOUND, False),
    "553": (codes.NOT_FOUND, False),
}  # fmt: skip
_WANTS_TLS = lazy_regex(r"(?i)\b(?:tls|ssl|encrypt)")
_DENIED = lazy_regex(r"(?i)permission|denied|not allowed|forbidden|access")


class FtpClient(ftplib.FTP_TLS):
    """One session. Names are decoded as Latin-1 on the wire, so that any bytes come and go unharmed.

    The data connection leads to the host that the control connection leads to: the address in a reply to PASV is
    ignored (RFC 2577), and the port must be an unprivileged one.
    """

    def __init__(self, target: Target, network: Network, limits: Limits) -> None:
        super().__init__(context=tls_context(), encoding="latin-1")
        self._target, self._network = target, network
        self._seconds = (limits.connect_seconds, limits.read_seconds, limits.fetch_seconds)
        self._mlsd = True
        self._home = "/"
        self.host = target.host

    def open(self) -> None:
        """Connect, encrypt where that's wanted, log in. Raises ``Failure``, ``Fault``."""
        target = self._target
        try:
            self.sock = self._network.connect(target.host, target.port)
            self.af = self.sock.family
            self.timeout = self.sock.gettimeout()
            self._allow_reply()
            if target.tls == "implicit":
                self._encrypt()
            self.file = self.sock.makefile("r", encoding=self.encoding)
            self.welcome = self.getresp()
            if target.tls == "explicit":
                self.voidcmd("AUTH TLS")
                self._encrypt()
                self.file = self.sock.makefile("r", encoding=self.encoding)
            self.login(to_wire(target.user), to_wire(target.password), secure=False)
            if target.tls:
                self.prot_p()
            self.voidcmd("TYPE I")
            with suppress(ftplib.error_perm):
                self._home = from_wire(self.pwd()) or "/"
        except Exception as error:  # noqa: BLE001 - sorted out, and raised again where it isn't the server's
            raise self.failure(error) from None

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder; a file, and what doesn't exist, isn't. Raises ``Failure``."""
        try:
            if self.size_of(path) is not None:
                return False
            self.cwd(self._wire(path))
        except ftplib.error_perm:
            return False
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error) from None
        return True

    def size_of(self, path: str) -> int | None:
        """Size of a file in bytes; None where the server doesn't tell. Raises ``Failure``."""
        try:
            return self.size(self._wire(path))
        except ftplib.error_perm:
            return None
        except ValueError:
            return None
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error) from None

    def modified(self, path: str) -> datetime | None:
        """When a file was changed (RFC 3659 §3); None where the server doesn't tell. Raises ``Failure``."""
        try:
            return read_time(self.sendcmd(f"MDTM {self._wire(path)}").partition(" ")[2])
        except ftplib.error_perm:
            return None
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error) from None

    def entries(self, path: str) -> list[Entry]:
        """What is in a folder. Raises ``Failure``."""
        try:
            self.cwd(self._wire(path))  # rather than an argument: that may be read as an option, or as a pattern
            if self._mlsd:
                try:
                    return list(read_mlsd(self._listing("MLSD", path)))
                except ftplib.error_perm as error:
                    if str(error)[:3] not in ("500", "501", "502", "504"):
                        raise
                    self._mlsd = False
            return list(read_list(self._listing("LIST", path)))
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error, path) from None

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of a file. Raises ``Failure``, also where fewer or more come than the server has told."""
        expected, count = self.size_of(path), 0
        try:
            for piece in self._pieces(f"RETR {self._wire(path)}"):
                count += len(piece)
                yield piece
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error, path, body=True) from None
        if expected is not None and count < expected:
            words = f"the transfer broke off with {expected - count:,} announced bytes missing"
            raise Failure(occurrence(codes.TRUNCATED, self._target.url_of(path), words), transient=True)
        if expected is not None and count > expected:
            words = f"{count:,} bytes came, after the server had announced {expected:,}: the file grew meanwhile"
            raise Failure(occurrence(codes.CHANGED, self._target.url_of(path), words), transient=True)

    def hang_up(self) -> None:
        """Close, without waiting for an answer."""
        with suppress(OSError, ftplib.Error, ValueError):
            self.close()

    def putcmd(self, line: str) -> None:
        """Send a command; its reply has its own budget of bytes."""
        self._allow_reply()
        super().putcmd(line)

    def getmultiline(self) -> str:
        """A reply with all its lines; what doesn't begin with a number is no reply of FTP's, and has one line."""
        first = line = self.getline()
        lines = [line]
        while first[3:4] == "-" and first[:3].isdigit() and not (line[:3] == first[:3] and line[3:4] != "-"):
            line = self.getline()
            lines.append(line)
        return "\n".join(lines)

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Open a data connection to the host of the control connection, whatever host the server names."""
        assert self.sock is not None
        _, port = self.makepasv()
        data = self._network.alongside(self.sock, port)
        try:
            reply = self.sendcmd(cmd)
            if reply[:1] == "2":
                reply = self.getresp()
            if reply[:1] != "1":
                raise ftplib.error_reply(reply)  # noqa: S321 - FTP is what is asked for
            return (self._encrypted(data, again=True) if self._target.tls else data), None
        except BaseException:
            data.close()
            raise

    def failure(self, error: Exception, path: str | None = None, *, body: bool = False) -> Failure:
        """What an exception means; re-raises what isn't the server's doing.

        :param body: whether data were coming.
        """
        target = self._target
        where = target.shown if path is None else target.url_of(path)
        if isinstance(error, Failure):
            return error
        if isinstance(error, EOFError):
            code = codes.TRUNCATED if body else codes.UNREACHABLE
            return Failure(occurrence(code, where, "the server hung up"), transient=True)
        if isinstance(error, ftplib.Error):
            return self._refusal(error, where)
        return failure_of(error, where, seconds=self._seconds, veil=target.veil, body=body)

    def _refusal(self, error: ftplib.Error, where: str) -> Failure:
        reply = str(error)
        temporary = isinstance(error, ftplib.error_temp)
        code, transient = _BY_REPLY.get(reply[:3], (codes.PROTOCOL, temporary))
        if code is codes.NOT_FOUND and _DENIED.search(reply):
            code = codes.UNAUTHORIZED
        hint = None
        if not self._target.tls and _WANTS_TLS.search(reply):
            code, hint = codes.TLS, "Write ftps:// before the host: the server wants the connection encrypted."
        said = quote_text(from_wire(reply), self._target.veil)
        return Failure(occurrence(code, where, f"the server answers: {said}", hint), transient=transient)

    def _allow_reply(self) -> None:
        sock = self.sock
        if isinstance(sock, MeteredSocket | MeteredSSLSocket) and sock.meter is not None:
            sock.meter.budget = REPLY_BYTES

    def _listing(self, command: str, path: str) -> list[str]:
        data = bytearray()
        for piece in self._pieces(command):
            data += piece
            if len(data) > LISTING_BYTES:
                words = f"the folder's listing has more than {LISTING_BYTES:,} bytes"
                raise Failure(occurrence(codes.TOO_LARGE, self._target.url_of(path), words))
        return from_wire(data.decode("latin-1")).splitlines()

    def _pieces(self, command: str) -> Iterator[bytes]:
        data, _ = self.ntransfercmd(command)
        with data:
            buffer = memoryview(bytearray(BUFFER))
            while count := data.recv_into(buffer):
                yield bytes(buffer[:count])
        self.voidresp()

    def _wire(self, path: str) -> str:
        """A path from the server's root, so that it means the same wherever the session is."""
        return to_wire(path if path.startswith("/") else f"{self._home.rstrip('/')}/{path}")

    def _encrypt(self) -> None:
        assert self.sock is not None
        self.sock = self._encrypted(self.sock)

    def _encrypted(self, sock: socket.socket, *, again: bool = False) -> ssl.SSLSocket:
        """TLS over a connection; many servers want the control connection's session to be taken up for data."""
        meter: Any = getattr(sock, "meter", None)
        session = self.sock.session if again and isinstance(self.sock, ssl.SSLSocket) else None
        secure = self.context.wrap_socket(sock, server_hostname=self._target.host, session=session)
        if isinstance(secure, MeteredSSLSocket):
            secure.meter = meter
        return secure


def to_wire(text: str) -> str:
    """Text as ftplib is to write it, one character a byte."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def from_wire(text: str) -> str:
    """Text that ftplib has read, one character a byte; bytes that aren't UTF-8 come out as they were by ``to_wire``."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")

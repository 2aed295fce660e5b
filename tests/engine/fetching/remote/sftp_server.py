"""An SFTP server on loopback, paramiko's, over a folder. Import it where paramiko is installed."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

KEY = paramiko.ECDSAKey.generate()
USER_KEY = paramiko.ECDSAKey.generate()


class Door(paramiko.ServerInterface):  # type: ignore[misc]
    """Lets one user in."""

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("curator", "hunter2-secret")
        return int(paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED)

    def check_auth_publickey(self, username: str, key: Any) -> int:
        return int(paramiko.AUTH_SUCCESSFUL if key == USER_KEY else paramiko.AUTH_FAILED)


@dataclass
class Quirks:
    """How the server misbehaves."""

    break_at: int | None = None
    breaks: int = 0
    stall: threading.Event | None = None
    grows: int = 0
    entries: int = 0
    opened: list[str] = field(default_factory=list)


def interface(root: Path, quirks: Quirks, transport: Any) -> type:
    """An SFTP server over a folder."""

    class Handle(paramiko.SFTPHandle):  # type: ignore[misc]
        def stat(self) -> Any:
            return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

        def read(self, offset: int, length: int) -> Any:
            if quirks.stall is not None:
                quirks.stall.wait(30)
            if quirks.break_at is not None and quirks.breaks > 0 and offset >= quirks.break_at:
                quirks.breaks -= 1
                transport.close()
                return paramiko.SFTP_FAILURE
            if quirks.grows > 0:
                quirks.grows -= 1
                with Path(self.readfile.name).open("ab") as more:
                    more.write(b"more")
            return super().read(offset, length)

    class Files(paramiko.SFTPServerInterface):  # type: ignore[misc]
        def _real(self, path: str) -> Path:
            return root / self.canonicalize(path).lstrip("/")

        def list_folder(self, path: str) -> Any:
            try:
                found = sorted(self._real(path).iterdir())
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)
            if quirks.entries:
                return [paramiko.SFTPAttributes.from_stat(found[0].lstat(), f"{n}.xml") for n in range(quirks.entries)]
            return [paramiko.SFTPAttributes.from_stat(p.lstat(), p.name) for p in found]

        def stat(self, path: str) -> Any:
            try:
                return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)

        lstat = stat

        def open(self, path: str, flags: int, attr: Any) -> Any:
            quirks.opened.append(path)
            if path.endswith("locked.xml"):
                return paramiko.SFTP_PERMISSION_DENIED
            handle = Handle(flags)
            try:
                handle.readfile = self._real(path).open("rb")
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)
            return handle

    return Files


def start(tree: Path, quirks: Quirks | None = None) -> tuple[int, Callable[[], None]]:
    """Start a server over ``tree``; gives its port, and what stops it."""
    transports: list[Any] = []
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(sock)
            transports.append(transport)
            transport.add_server_key(KEY)
            files = interface(tree, quirks or Quirks(), transport)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
            with suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=Door())

    def stop() -> None:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()
            transport.join(20)

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1]), stop

"""The example data in a database and on an FTP server.

``python examples/servers/lab.py`` makes the SQLite database ``lab/countries.db`` and serves files over FTP until it's
interrupted; the database goes with it. With a command behind it, it does so while the command runs:
``python examples/servers/lab.py potable run SQL-countries --catalog examples/servers/lab``. The FTP server is
pyftpdlib's: ``pip install pyftpdlib``.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import warnings
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import escape

PORT = 48732
DATA = Path(__file__).parents[1] / "catalog" / "data"
DATABASE = Path(__file__).parent / "lab" / "countries.db"

with (DATA / "countries.csv").open(encoding="utf-8", newline="") as table:
    COUNTRIES = list(csv.DictReader(table))
REGIONS = sorted({country["region"] for country in COUNTRIES})


def make_database() -> None:
    """The tables ``regions`` and ``countries``."""
    DATABASE.unlink(missing_ok=True)
    with closing(sqlite3.connect(DATABASE)) as connection, connection:
        connection.execute("CREATE TABLE regions (id INTEGER PRIMARY KEY, title TEXT NOT NULL)")
        connection.execute("CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT, region INTEGER, area REAL)")
        connection.executemany("INSERT INTO regions VALUES (?, ?)", enumerate(REGIONS, 1))
        rows = [(c["cca3"], c["name.common"], REGIONS.index(c["region"]) + 1, float(c["area"])) for c in COUNTRIES]
        connection.executemany("INSERT INTO countries VALUES (?, ?, ?, ?)", rows)


def write_files(folder: Path) -> None:
    """A file of XML for each region, in ``countries/``, and one that isn't asked for."""
    (folder / "countries").mkdir()
    (folder / "countries" / "README.txt").write_text("A file for each region.\n", encoding="utf-8")
    for region in REGIONS:
        of_region = (c for c in COUNTRIES if c["region"] == region)
        lines = [f'<country code="{c["cca3"]}"><name>{escape(c["name.common"])}</name></country>' for c in of_region]
        text = "<?xml version='1.0' encoding='UTF-8'?>\n<countries>\n" + "\n".join(lines) + "\n</countries>\n"
        (folder / "countries" / f"{region.lower()}.xml").write_text(text, encoding="utf-8")


def main(command: list[str]) -> int:
    """Serve; gives the exit code of the command, if there's one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.servers import ThreadedFTPServer

    make_database()
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder))
        authorizer = DummyAuthorizer()
        authorizer.add_anonymous(folder)
        handler = type("Handler", (FTPHandler,), {"authorizer": authorizer, "log": lambda *_, **__: None})
        server = ThreadedFTPServer(("127.0.0.1", PORT), handler)
        stopping = threading.Event()

        def serve() -> None:
            while not stopping.is_set():
                server.serve_forever(timeout=0.2, blocking=False, handle_exit=False)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            if command:
                return subprocess.call(command, env={**os.environ, "POTABLE_ALLOW_HOSTS": "127.0.0.1"})
            print(f"Serving at ftp://127.0.0.1:{PORT}/ until you press Ctrl-C. In another terminal:\n")
            print("POTABLE_ALLOW_HOSTS=127.0.0.1 potable run FTP-countries --catalog examples/servers/lab")
            thread.join()
        except KeyboardInterrupt:
            pass
        finally:
            stopping.set()
            thread.join(5)
            server.close_all()
            DATABASE.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

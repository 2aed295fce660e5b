"""The example data as servers give them: an API, a list with details, a web folder, OAI-PMH, a feed, an archive.

``python examples/servers/serve.py`` serves until it's interrupted. With a command behind it, it serves while the
command runs: ``python examples/servers/serve.py potable run API-countries --catalog examples/servers/catalog``.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

PORT = 48731
FIELDS = ("cca3", "cca2", "name.common", "region", "subregion", "capital", "area")
DATA = Path(__file__).parents[1] / "catalog" / "data"
OAI_PAGE = 25

with (DATA / "countries.csv").open(encoding="utf-8", newline="") as table:
    COUNTRIES = [{name: row[name] for name in FIELDS} for row in csv.DictReader(table)]
BY_CODE = {country["cca3"]: country for country in COUNTRIES}

Answer = tuple[str, bytes]
"""A media type and a body."""


def as_json(value: object) -> Answer:
    return "application/json", json.dumps(value, ensure_ascii=False).encode()


def as_xml(text: str) -> Answer:
    return "text/xml; charset=utf-8", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def pages(query: dict[str, str]) -> Answer:
    """``/api/countries?offset=0&limit=50``"""
    start = int(query.get("offset", "0"))
    end = start + int(query.get("limit", "20"))
    return as_json({"total": len(COUNTRIES), "items": COUNTRIES[start:end]})


def listed(query: dict[str, str]) -> Answer:
    """``/api/regions/Oceania``: codes alone; the rest is at ``/api/country/CODE``."""
    return as_json([{"id": c["cca3"]} for c in COUNTRIES if c["region"] == query["last"]])


def detail(query: dict[str, str]) -> Answer:
    return as_json({"country": BY_CODE[query["last"]]})


def folder(_: dict[str, str]) -> Answer:
    """``/waf/``: a directory page."""
    links = "".join(f'<li><a href="{quote(r)}.xml">{r}.xml</a></li>\n' for r in regions())
    return "text/html", f"<!DOCTYPE html><title>Index of /waf/</title><ul>\n{links}</ul>".encode()


def regions() -> list[str]:
    return sorted({c["region"] for c in COUNTRIES})


def element(country: dict[str, str]) -> str:
    inner = "".join(f"<{n.replace('.', '-')}>{escape(v)}</{n.replace('.', '-')}>" for n, v in country.items() if v)
    return f"<country>{inner}</country>"


def folder_file(query: dict[str, str]) -> Answer:
    region = query["last"].removesuffix(".xml")
    countries = [element(c) for c in COUNTRIES if c["region"] == region]
    return as_xml("<countries>\n" + "\n".join(countries) + "\n</countries>")


def oai(query: dict[str, str]) -> Answer:
    """``/oai``: as much of OAI-PMH 2.0 as a harvest needs; the regions are its sets."""
    verb = query.get("verb")
    if verb == "ListMetadataFormats":
        body = "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>"
    elif verb == "ListSets":
        body = "".join(f"<set><setSpec>{r}</setSpec><setName>{r}</setName></set>" for r in regions())
    elif verb == "ListRecords":
        at, _, region = query.get("resumptionToken", f"0 {query.get('set', '')}").partition(" ")
        chosen = [c for c in COUNTRIES if region in ("", c["region"])]
        end = int(at) + OAI_PAGE
        token = f"{end} {region}" if end < len(chosen) else ""
        body = "\n".join(map(oai_record, chosen[int(at) : end]))
        body += f'\n<resumptionToken completeListSize="{len(chosen)}">{token}</resumptionToken>'
    else:
        return envelope('<error code="badVerb">Illegal verb</error>')
    return envelope(f"<{verb}>\n{body}\n</{verb}>")


def envelope(body: str) -> Answer:
    head = "<responseDate>2026-01-01T00:00:00Z</responseDate><request/>"
    return as_xml(f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{head}\n{body}\n</OAI-PMH>')


def oai_record(country: dict[str, str]) -> str:
    code, name, region = (escape(country[n]) for n in ("cca3", "name.common", "region"))
    header = (
        f"<identifier>oai:example.org:{code}</identifier><datestamp>2025-01-01</datestamp><setSpec>{region}</setSpec>"
    )
    dc = f"<dc:title>{name}</dc:title><dc:coverage>{region}</dc:coverage>"
    spaces = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f"<record><header>{header}</header><metadata><oai_dc:dc {spaces}>{dc}</oai_dc:dc></metadata></record>"


def feed(_: dict[str, str]) -> Answer:
    """``/news.rss``"""
    items = "".join(
        f"<item><guid>urn:{c['cca3']}</guid><title>{escape(c['name.common'])}</title>"
        f"<link>https://example.org/{c['cca3']}</link><category>{c['region']}</category></item>\n"
        for c in COUNTRIES[:20]
    )
    return as_xml(f'<rss version="2.0"><channel><title>Countries</title>\n{items}</channel></rss>')


def archive(_: dict[str, str]) -> Answer:
    """``/penguins.zip``: the tables of penguins, and a file to read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", "Penguins, by Palmer Station LTER.\n")
        packed.write(DATA / "penguins.csv", "tables/penguins.csv")
    return "application/zip", out.getvalue()


ROUTES: dict[str, Callable[[dict[str, str]], Answer]] = {
    "/api/countries": pages, "/api/regions/": listed, "/api/country/": detail, "/waf/": folder,
    "/oai": oai, "/news.rss": feed, "/penguins.zip": archive,
}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """Answers GET."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        start, _, query["last"] = unquote(parts.path).rpartition("/")
        route = ROUTES.get(parts.path) or ROUTES.get(f"{start}/")
        if route is folder and query["last"]:
            route = folder_file
        try:
            status, (kind, body) = (200, route(query)) if route else (404, ("text/plain", b"there's no such page"))
        except KeyError:
            status, (kind, body) = 404, ("text/plain", b"there's no such record")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(command: list[str]) -> int:
    """Serve; gives the exit code of the command, if there's one."""
    with ThreadingHTTPServer(("127.0.0.1", PORT), Handler) as server:
        if not command:
            print(f"Serving at http://127.0.0.1:{PORT}/ until you press Ctrl-C. In another terminal:\n")
            print("POTABLE_ALLOW_HOSTS=127.0.0.1 potable run API-countries --catalog examples/servers/catalog")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                return 0
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            return subprocess.call(command, env={**os.environ, "POTABLE_ALLOW_HOSTS": "127.0.0.1"})
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

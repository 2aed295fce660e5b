"""One source as all of Potable sees it, whatever format its definition was written in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from potable.engine.definition.secrets import Secret, expand, masked_url, with_userinfo
from potable.engine.findings import Location, Occurrence
from potable.engine.lazyregex import lazy_regex

FORMAT_OF_METHOD = {
    "CSV": "csv", "XML": "xml", "OAI": "oai", "RSS": "rss", "DISCO": "sql", "SQL": "sql", "WAF": "xml",
    "JSON": "json", "JSONL": "jsonl", "EXCEL": "excel", "PARQUET": "parquet",
    "ROWS": "jsonl",
}  # fmt: skip
_TABS = lazy_regex(r"\.(tsv|tab)(\.(gz|bz2|xz|zst))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where a member is really written: a schema's file, ``_defaults.yaml``, another format's place for it.

    :param file: the file, as shown to people.
    :param lines: line of each member in it, by JSON Pointer.
    :param base: JSON Pointer of the member in it.
    """

    file: str | None
    lines: Mapping[str, int]
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a definition was read from.

    :param file: its file, as shown to people (relative to the catalog where there is one); None when built in Python.
    :param folder: what its relative names are relative to.
    :param format: ``native``, ``foundry-json``, ``foundry-json-pascal``, ``foundry-yaml``, ``data-package`` or
        ``csvw``.
    :param sha256: hex digest of its text, or of its canonical JSON where it has no text.
    :param lines: line (from 1) of each member by JSON Pointer, in ``file``.
    :param index: JSON Pointer of this definition in a file of several, else "".
    :param elsewhere: members that aren't written in ``file`` under their native name, by native JSON Pointer.
    """

    file: str | None = None
    folder: Path = Path()
    format: str = "native"
    sha256: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    index: str = ""
    elsewhere: Mapping[str, Written] = field(default_factory=dict)

    def place(self, pointer: str = "") -> Location:
        """Where the member with this native JSON Pointer is written: file, line, JSON Pointer in that file.

        The line is the nearest parent's where the member isn't written itself.
        """
        prefix = pointer
        while prefix and prefix not in self.elsewhere:
            prefix = prefix.rpartition("/")[0]
        written = self.elsewhere.get(prefix, Written(file=self.file, lines=self.lines, base=self.index))
        path = at = written.base + pointer[len(prefix) :]
        while at and at not in written.lines:
            at = at.rpartition("/")[0]
        return Location(file=written.file, line=written.lines.get(at), path=path or None)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SourceDefinition:
    """A source definition, normalised. Field paths are canonical (``$.age``, ``$.'a b'``).

    :param resource_id: the ``resourceID``.
    :param ingest_method: upper-case, ``CSV``, ``OAI``, ...; "" when none was given.
    :param ingest_url: URL, or path relative to the definition; None for methods without one.
    :param parameters: parameters of the ingest method under their Foundry names, with real types (``headerLine: 1``),
        character references resolved. Those not given are absent: readers know the defaults. Secrets are
        :class:`~potable.engine.definition.secrets.Secret`.
    :param primary_key: canonical paths, empty when none was declared.
    :param key_delimiter: joins the values of a key of several fields.
    :param table_schema: a Table Schema, as given; likewise ``json_schema``. ``xsd``, ``relaxng`` and
        ``schematron`` are paths of files or inline text.
    :param schema_file: the file that the table or JSON schema came from, for messages; None when inline.
    :param missing_values: texts that count as missing.
    :param qc_rules: rule type -> list of rules, as given.
    :param err_perc: tolerated share of records with errors, percent; None = none tolerated.
    :param dup_perc: tolerated share of surplus duplicates, percent; None = judged as other errors.
    :param accounting: ``increase`` and ``decrease`` in percent, None where any is tolerated; ``skip``.
    :param records: ``min`` and ``max`` number of records.
    :param checks: options by checker name; ``False`` switches a checker off.
    :param severity: by code, or by family (``text``): ``error``, ``warning``, ``info``, ``off``, or a mapping from
        field to one of them (fields as canonical paths).
    :param values: ``shown``, ``masked`` or ``none``, or a mapping from canonical path to one of them.
    :param hold: no run is allowed.
    :param info: free text shown in reports: owner, contact, tags, description.
    :param extra: members that no one claims, as given.
    :param origin: where it was read from.
    :param notes: what the format's adapter has to say: ``definition/*`` occurrences.
    """

    resource_id: str
    name: str = ""
    ingest_method: str = ""
    ingest_url: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    key_delimiter: str = ":"
    table_schema: Mapping[str, Any] | None = None
    json_schema: Mapping[str, Any] | bool | None = None
    xsd: str | None = None
    relaxng: str | None = None
    schematron: str | None = None
    schema_file: str | None = None
    missing_values: tuple[str, ...] = ("",)
    qc_rules: Mapping[str, Any] = field(default_factory=dict)
    err_perc: float | None = None
    dup_perc: float | None = None
    accounting: Mapping[str, Any] = field(default_factory=dict)
    records: Mapping[str, int] = field(default_factory=dict)
    checks: Mapping[str, Any] = field(default_factory=dict)
    severity: Mapping[str, Any] = field(default_factory=dict)
    values: str | Mapping[str, str] = "shown"
    hold: bool = False
    info: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    origin: Origin = Origin()
    notes: tuple[Occurrence, ...] = field(default=(), compare=False)

    @property
    def scheme(self) -> str:
        """The URL's scheme in lower-case; ``file`` for a plain path, "" without a URL."""
        if self.ingest_url is None:
            return ""
        scheme = urlsplit(self.ingest_url).scheme.lower()
        return "file" if len(scheme) <= 1 else scheme  # one letter is a Windows drive

    @property
    def format(self) -> str:
        """The data's format in lower-case: ``csv``, ``json``, ``xml``, ...; for other methods their own name."""
        if self.ingest_method in ("WEB", "FTP"):
            return str(self.parameters.get("parserType", "xml")).lower()
        if self.ingest_method == "INLINE":
            return str(self.parameters.get("parserType", "jsonl")).lower()
        return FORMAT_OF_METHOD.get(self.ingest_method, self.ingest_method.lower())

    @property
    def tab_separated(self) -> bool:
        """Whether tabs separate the cells where no delimiter is given: the format or the file's name says so."""
        return self.format == "tsv" or _TABS.search((self.ingest_url or "").partition("?")[0]) is not None

    def place(self, pointer: str = "") -> Location:
        """The place of a member in the definition's file; see :meth:`Origin.place`."""
        return self.origin.place(pointer)

    @property
    def shown_url(self) -> str | None:
        """The URL as it may be shown: secret query parameters masked."""
        return None if self.ingest_url is None else masked_url(self.ingest_url)

    def access_url(self) -> str | None:
        """The URL to ask for, with the user, the password and the ``${NAME}`` that it refers to: never show it.

        Raises :class:`~potable.engine.errors.UsageError` naming a reference that leads nowhere.
        """
        if self.ingest_url is None or "://" not in self.ingest_url:
            return self.ingest_url
        password = self.parameters.get("password")
        secret = password.reveal(self.origin.folder) if isinstance(password, Secret) else None
        return with_userinfo(expand(self.ingest_url, self.origin.folder), self.parameters.get("username"), secret)

    def __repr__(self) -> str:
        return f"SourceDefinition({self.resource_id!r}, {self.ingest_method or None!r}, {self.origin.file!r})"

    def resolve(self, name: str) -> Path:
        """A file that the definition names, relative to it."""
        return self.origin.folder / name

"""The engine's own fetchers, readers, catalogs and reporters: a plugin like any other."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.catalog import FileCatalog, FolderCatalog, TableCatalog, WebCatalog
from potable.engine.checker import API_VERSION
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Reader
from potable.engine.definition.codes import CODES as DEFINITION_CODES
from potable.engine.fetching.codes import CODES as ACCESS_CODES
from potable.engine.fetching.database.fetcher import SqlFetcher
from potable.engine.fetching.files.fetcher import FileFetcher
from potable.engine.fetching.inline import InlineFetcher
from potable.engine.fetching.oai import OaiFetcher
from potable.engine.fetching.remote.ftp.fetcher import FtpFetcher, FtpUrlFetcher
from potable.engine.fetching.remote.s3 import S3Fetcher
from potable.engine.fetching.remote.sftp.fetcher import SftpFetcher
from potable.engine.fetching.remote.waf import WafFetcher
from potable.engine.fetching.web import HttpFetcher
from potable.engine.hookspecs import hookimpl
from potable.engine.reading.arrow import ArrowReader
from potable.engine.reading.codes import ENCODING_CODES
from potable.engine.reading.csv import CsvReader
from potable.engine.reading.json import JsonReader
from potable.engine.reading.parquet import ParquetReader
from potable.engine.reading.workbook import WorkbookReader
from potable.engine.reading.xml import XmlReader
from potable.engine.reporting import REPORTERS

potable_api = API_VERSION
potable_codes = (*DEFINITION_CODES, *ACCESS_CODES, *ENCODING_CODES)


@hookimpl
def potable_fetchers() -> Sequence[type[Fetcher]]:
    return [
        FileFetcher,
        InlineFetcher,
        HttpFetcher,
        OaiFetcher,
        WafFetcher,
        SqlFetcher,
        FtpFetcher,
        FtpUrlFetcher,
        S3Fetcher,
        SftpFetcher,
    ]


@hookimpl
def potable_readers() -> Sequence[type[Reader]]:
    return [CsvReader, JsonReader, XmlReader, ParquetReader, WorkbookReader, ArrowReader]


@hookimpl
def potable_catalogs() -> Sequence[type[Catalog]]:
    return [WebCatalog, TableCatalog, FolderCatalog, FileCatalog]


@hookimpl
def potable_reporters() -> Sequence[type[Reporter]]:
    return REPORTERS

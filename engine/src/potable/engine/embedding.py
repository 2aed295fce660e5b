"""Potable inside a Python program: :class:`Engine`.

Nothing is configured behind the program's back: no logging set up, no child process, no store.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from potable.engine.catalog import open_catalog
from potable.engine.checker import API_VERSION, Checker
from potable.engine.chosen import known_codes
from potable.engine.contracts.catalog import Catalog
from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.describe.drafting import Description, describe, describe_frame
from potable.engine.errors import UsageError
from potable.engine.executors.copied import refuse_copy
from potable.engine.fetching.frame import METHOD, frame_fetcher
from potable.engine.findings import Occurrence
from potable.engine.guess import file_source, members, roots_of
from potable.engine.hookspecs import hookimpl
from potable.engine.inputs import inputs_of
from potable.engine.limits import Limits
from potable.engine.lint import lint_catalog
from potable.engine.options import RunOptions
from potable.engine.pipeline import run_source
from potable.engine.plugins import Plugins, load_plugins
from potable.engine.snapshots import digits
from potable.engine.tabular import is_columns, table_of

Plugin = str | Path | ModuleType | type[Checker]


class Engine:
    """Checks sources in this process.

    :param catalog: folder, file or URL of definitions, or an opened catalog; only needed for :meth:`run` and its kin.
    :param limits: bounds of each run.
    :param plugins: further plugins: checker classes, modules, or files. Installed ones are found by themselves.
    :param without: names of plugins or checkers to leave out.
    :param jobs: chunks worked on at a time; None: the number of processors, at most 8.
    :param allow_hosts: hosts or networks that aren't public and may be fetched from all the same; None: those of the
        environment's ``POTABLE_ALLOW_HOSTS``.
    :param roots: folders that local sources of the catalog may lie in, beside the catalog's own.
        Of ``plugins``, ``without``, ``allow_hosts`` and ``roots`` a single one may be given as it is.
    :param snapshots: folder of kept snapshots; None: what is fetched isn't kept.
    :raises PluginError: a plugin file can't be used.
    :raises CatalogError: the catalog can't be read.
    """

    def __init__(
        self,
        catalog: str | Path | Catalog | None = None,
        *,
        limits: Limits = Limits(),
        plugins: Plugin | Sequence[Plugin] = (),
        without: str | Sequence[str] = (),
        jobs: int | None = None,
        allow_hosts: str | Sequence[str] | None = None,
        roots: str | Path | Sequence[str | Path] = (),
        snapshots: str | Path | None = None,
    ) -> None:
        # A text is one item: taken letter by letter, the root "/tmp" would let "/" be read.
        plugins, without, roots = _several(plugins), _several(without), _several(roots)
        self._given: dict[str, Any] = {
            "catalog": catalog, "limits": limits, "plugins": plugins, "without": without, "jobs": jobs,
            "allow_hosts": allow_hosts, "roots": roots, "snapshots": snapshots,
        }  # fmt: skip
        self.plugins = _load(plugins, without)
        self._limits = limits
        self._jobs = jobs
        if allow_hosts is None:
            allow_hosts = [h.strip() for h in os.environ.get("POTABLE_ALLOW_HOSTS", "").split(",") if h.strip()]
        self._allow_hosts = _several(allow_hosts)
        self._roots = tuple(Path(r).resolve() for r in roots)
        self._snapshots = None if snapshots is None else Path(snapshots)
        self._catalog: Catalog | None = None
        if isinstance(catalog, Catalog):
            self._catalog = catalog
        elif catalog is not None:
            self._catalog = open_catalog(str(catalog), self.plugins.catalogs, allow_hosts=self._allow_hosts)
            place = Path(catalog).resolve()
            if place.exists():  # it may be a URL
                self._roots += (place if place.is_dir() else place.parent,)

    def __reduce__(self) -> tuple[Callable[[], Engine], tuple[()]]:
        """Pickled as what it was made of: an engine in a worker process opens the catalog and loads plugins itself."""
        return partial(Engine, **self._given), ()

    @property
    def catalog(self) -> Catalog:
        """The catalog. Raises UsageError when there is none."""
        if self._catalog is None:
            raise UsageError("this engine has no catalog: give Engine(catalog=…) a folder or file of definitions")
        return self._catalog

    def run(self, resource_id: str, *, limit_records: int | None = None, snapshot: str = "") -> Report:
        """Run a source of the catalog.

        :param limit_records: read only so many records.
        :param snapshot: SHA-256 (hex, or its beginning) of the kept snapshot to run on, instead of fetching.
        :raises UsageError: there is no such snapshot.
        :raises UnknownSource: no source has that ``resourceID``.
        :raises DefinitionError: its definition can't be used at all.
        """
        options = RunOptions(limit_records=limit_records, replay=digits(snapshot) if snapshot else "")
        return self._run(self._source(resource_id), options)

    async def arun(self, resource_id: str, *, limit_records: int | None = None, snapshot: str = "") -> Report:
        """:meth:`run` for asynchronous programs: the run goes on in a thread."""
        return await asyncio.to_thread(self.run, resource_id, limit_records=limit_records, snapshot=snapshot)

    def events(self, resource_id: str, *, limit_records: int | None = None) -> Events:
        """Run a source and follow it: iterate (``for`` or ``async for``) over its progress.

        Its ``report`` is there when the iteration has ended. Raises as :meth:`run`.
        """
        source = self._source(resource_id)
        return Events(self, source, RunOptions(limit_records=limit_records))

    def check(
        self,
        data: Any,
        *,
        schema: Mapping[str, Any] | str | Path | None = None,
        primary_key: str | Sequence[str] | None = None,
        limit_records: int | None = None,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        progress: Callable[[Progress], None] | None = None,
        **definition: Any,
    ) -> Report:
        """Check data without a catalog.

        :param data: path or URL of a file; a source definition as a mapping; a mapping from column to values; or a
            frame (Polars, or anything that speaks the Arrow PyCapsule interface: pandas, PyArrow, DuckDB, ...). The
            named levels of a pandas frame's index are columns, as where pandas writes a file.
        :param schema: Table Schema or JSON Schema, or the file of one.
        :param primary_key: column or columns.
        :param limit_records: read only so many records.
        :param select: codes or families to report; empty: all.
        :param ignore: codes or families not to report.
        :param progress: called, in this thread, as the run goes on.
        :param definition: further members of a source definition (``delimiter=";"``, ``errPerc=1``).
        :raises UsageError: ``data`` is none of these, or a code selected isn't known.
        :raises DefinitionError: the definition can't be used.
        """
        select, ignore = _several(select), _several(ignore)
        known_codes(select, self.plugins.codes)
        options = RunOptions(limit_records=limit_records, select=select, ignore=ignore)
        if isinstance(data, str | Path):
            source = file_source(data, schema=schema, primary_key=primary_key, **definition)
            return self._run(source, replace(options, roots=roots_of(data)), progress)
        given = members(schema=schema, primary_key=primary_key, **definition)
        if isinstance(data, Mapping) and not is_columns(data):
            return self._run(from_mapping({"resourceID": "check", **data, **given}), options, progress)
        frame = table_of(data)
        source = from_mapping({"resourceID": "check", "name": "frame", **given, "ingestMethod": METHOD})
        plugins = replace(self.plugins, fetchers={**self.plugins.fetchers, "frame": frame_fetcher(frame)})
        return run_source(source, plugins, self._completed(options), progress)

    def describe(
        self,
        data: Any,
        *,
        folder: str | Path | None = None,
        progress: Callable[[Progress], None] | None = None,
        **definition: Any,
    ) -> dict[str, Any]:
        """Draft a definition that the data pass: types, formats, key, lists of values, missing values.

        :param data: path or URL of a file; or a frame, as :meth:`check` takes it, of which only ``primaryKey``,
            ``missingValues`` and ``schema`` are drafted.
        :param folder: where the definition is to be put; None: the current folder. A local ``ingestURL`` is relative
            to it.
        :param progress: called, in this thread, as the scan goes on.
        :param definition: members of the definition that aren't to be guessed (``delimiter=";"``).
        :raises UsageError: the data can't be had or read.
        """
        return dict(self.description(data, folder=folder, progress=progress, **definition).definition)

    def description(
        self,
        data: Any,
        *,
        folder: str | Path | None = None,
        progress: Callable[[Progress], None] | None = None,
        **definition: Any,
    ) -> Description:
        """As :meth:`describe`, with notes for the definition's author."""
        options = self._completed(RunOptions())
        if isinstance(data, str | Path):
            options = replace(options, roots=roots_of(data), snapshots=None)
            place, home = os.fspath(data), Path(folder or Path.cwd())
            return describe(place, self.plugins, options, folder=home, given=definition, progress=progress)
        frame = table_of(data)
        source = from_mapping({"resourceID": "frame", "name": "frame", **definition, "ingestMethod": METHOD})
        plugins = replace(self.plugins, fetchers={**self.plugins.fetchers, "frame": frame_fetcher(frame)})
        return describe_frame(source, plugins, options)

    def lint(self) -> list[tuple[str | None, Occurrence]]:
        """What is wrong with the catalog's definitions, no data touched: (resourceID or None, occurrence)."""
        refuse_copy()
        return list(lint_catalog(self.catalog, self.plugins))

    def sources(self) -> list[str]:
        """The catalog's resourceIDs, sorted."""
        return list(self.catalog.ids())

    def _source(self, resource_id: str) -> SourceDefinition:
        if not isinstance(resource_id, str):
            raise UsageError(f"a resourceID is a text, not {type(resource_id).__name__}")
        return self.catalog.get(resource_id)

    def _run(self, source: SourceDefinition, options: RunOptions, progress: Any = None) -> Report:
        if self._catalog is not None:
            options = replace(options, inputs=inputs_of(source, self.plugins, self._catalog))
        return run_source(source, self.plugins, self._completed(options), progress)

    def _completed(self, options: RunOptions) -> RunOptions:
        refuse_copy()
        return replace(
            options,
            limits=self._limits,
            jobs=self._jobs,
            allow_hosts=self._allow_hosts,
            roots=tuple(options.roots) or self._roots,
            snapshots=self._snapshots,
        )


class Events:
    """The progress of one run, as an iterator of :class:`Progress`, synchronous or asynchronous.

    :ivar report: the run's report, once the iteration has ended; None before.
    """

    def __init__(self, engine: Engine, source: SourceDefinition, options: RunOptions) -> None:
        self.report: Report | None = None
        self._engine, self._source, self._options = engine, source, options

    def __iter__(self) -> Iterator[Progress]:
        events: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
        failed: list[BaseException] = []

        def run() -> None:
            try:
                self.report = self._engine._run(self._source, self._options, events.put)
            except BaseException as e:  # noqa: BLE001 - it's raised in the thread that iterates
                failed.append(e)
            finally:
                events.put(None)

        thread = threading.Thread(target=run, name="potable-run", daemon=True)
        thread.start()
        while (event := events.get()) is not None:
            yield event
        thread.join()
        if failed:
            raise failed[0]

    async def __aiter__(self) -> AsyncIterator[Progress]:
        steps = iter(self)
        while (event := await asyncio.to_thread(next, steps, None)) is not None:
            yield event


def _several(given: Any) -> tuple[Any, ...]:
    """One item, or several, as a tuple."""
    return (given,) if isinstance(given, str | os.PathLike | ModuleType | type) else tuple(given)


def _load(plugins: Sequence[Plugin], without: Sequence[str]) -> Plugins:
    checkers = [p for p in plugins if isinstance(p, type)]
    files = [p for p in plugins if isinstance(p, str | Path)]
    modules: list[Any] = [p for p in plugins if not isinstance(p, type | str | Path)]
    if checkers:

        def potable_checkers() -> list[type[Checker]]:
            return checkers

        given = SimpleNamespace(__name__="embedded", potable_api=API_VERSION)
        given.potable_checkers = hookimpl(potable_checkers)
        modules.append(given)
    return load_plugins(files, without, modules=modules)

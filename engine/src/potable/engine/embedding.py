"""Potable inside a Python program: :class:`Engine`.

Nothing is configured behind the program's back: no logging set up, no child process, no store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from potable.engine.allowlist import allowed
from potable.engine.catalog import open_catalog
from potable.engine.checker import API_VERSION, Checker
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.contracts.events import Progress
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Reader
from potable.engine.contracts.report import UNNAMED, Report
from potable.engine.definition.methods import FILTER
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.describe.drafting import Description, describe, describe_frame
from potable.engine.errors import PluginError, SourceOnHold, UsageError, likely
from potable.engine.executors.copied import refuse_copy
from potable.engine.fetching.frame import frame_fetcher
from potable.engine.findings import Occurrence
from potable.engine.following import Events, followed, heard
from potable.engine.given import arguments as given
from potable.engine.given.chosen import check_left_out, known_codes
from potable.engine.given.tabular import is_columns, table_of
from potable.engine.guess import file_source, formats_of_suffixes, members, otherwise
from potable.engine.hookspecs import hookimpl
from potable.engine.judging.sampling import check_size
from potable.engine.judging.summary import history_of
from potable.engine.limits import Limits
from potable.engine.lint import lint_catalog
from potable.engine.options import RunOptions
from potable.engine.pipeline.inputs import inputs_of
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import Plugins, load_plugins
from potable.engine.plugins.classes import KINDS
from potable.engine.plugins.found import given as plugins_at_hand
from potable.engine.reporting.rendering import rendered
from potable.engine.roots import roots_for, roots_of
from potable.engine.settings import hosts_set
from potable.engine.snapshots import digits

Plugin = str | Path | ModuleType | type[Checker] | type[Fetcher] | type[Reader] | type[Catalog] | type[Reporter]
Earlier = Report | Mapping[str, Any] | Iterable[Report | Mapping[str, Any]] | None


class Engine:
    """Checks sources in this process.

    :param catalog: folder, file or URL of definitions, or an opened catalog; only needed for :meth:`run` and its kin.
    :param limits: bounds of each run; None: the usual ones.
    :param plugins: further plugins: classes (of Checker, Fetcher, Reader, Catalog, Reporter), modules, or files.
        Installed ones are found by themselves.
    :param without: names of plugins or checkers to leave out.
    :param jobs: chunks worked on at a time; None: the number of processors, at most 8.
    :param allow_hosts: hosts or networks that aren't public and may be fetched from all the same; None: those of the
        environment's ``POTABLE_ALLOW_HOSTS``.
    :param roots: folders that the local data of definitions may lie in, beside the catalog's and the definition's own
        (the current one for a mapping); None: those of the environment's ``POTABLE_ROOTS``. What :meth:`check` is given
        as a path or ``file:`` URL may lie anywhere.
        Of ``plugins``, ``without``, ``allow_hosts`` and ``roots`` a single one may be given as it is.
    :param snapshots: folder of kept snapshots; None: what is fetched isn't kept.
    :raises UsageError: an argument can't be meant; ``without`` names what there isn't.
    :raises PluginError: one of ``plugins`` can't be used.
    :raises CatalogError: the catalog can't be read.
    """

    def __init__(
        self,
        catalog: str | Path | Catalog | None = None,
        *,
        limits: Limits | None = None,
        plugins: Plugin | Sequence[Plugin] | None = (),
        without: str | Sequence[str] | None = (),
        jobs: int | None = None,
        allow_hosts: str | Sequence[str] | None = None,
        roots: str | Path | Sequence[str | Path] | None = None,
        snapshots: str | Path | None = None,
    ) -> None:
        plugins, without = given.plugins_of(plugins), given.texts("without", without, "the name of a plugin or checker")
        self._given: dict[str, Any] = {
            "catalog": catalog, "limits": limits, "plugins": plugins, "without": without, "jobs": jobs,
            "allow_hosts": allow_hosts, "roots": roots, "snapshots": snapshots,
        }  # fmt: skip
        self._limits, self._jobs = given.limits_of(limits), given.jobs_of(jobs)
        hosts = given.texts("allow_hosts", allow_hosts, "a host or network")
        allowed(hosts)  # made sure of now, and not by the first source that isn't public
        self._allow_hosts = hosts_set(os.environ) if allow_hosts is None else hosts
        self._roots = given.roots(roots, os.environ)
        self._snapshots = given.folder("snapshots", snapshots)
        self.plugins = check_left_out(without, _load(plugins, without), "without")
        place = given.catalog_of(catalog)
        self._place = place if isinstance(place, str) else None
        self._catalog = (
            open_catalog(place, self.plugins.catalogs, allow_hosts=self._allow_hosts, roots=self._roots)
            if isinstance(place, str)
            else place
        )

    def __reduce__(self) -> tuple[Callable[[], Engine], tuple[()]]:
        """Pickled as what it was made of: an engine in a worker process opens the catalog and loads plugins itself."""
        return partial(Engine, **self._given), ()

    @property
    def catalog(self) -> Catalog:
        """The catalog. Raises UsageError when there is none."""
        if self._catalog is None:
            raise UsageError("this engine has no catalog: give Engine(catalog=…) a folder or file of definitions")
        return self._catalog

    def run(
        self, resource_id: str, *, limit_records: int | None = None, snapshot: str = "", earlier: Earlier = ()
    ) -> Report:
        """Run a source of the catalog.

        :param limit_records: read only so many records.
        :param earlier: reports of earlier runs of it, in any order, also as what their ``to_dict`` gave: the last one
            that read all of the source, under a definition that gets its data as this one does, is the baseline that
            checkers compare this run with. Without any it's compared with nothing.
        :param snapshot: SHA-256 (hex, or its beginning) of the kept snapshot to run on, instead of fetching.
        :raises UsageError: there is no such snapshot.
        :raises UnknownSource: no source has that ``resourceID``.
        :raises DefinitionError: its definition can't be used at all.
        :raises SourceOnHold: its definition says ``hold``.
        """
        options = _options(resource_id, limit_records, snapshot, earlier)
        return self._run(self._source(resource_id), options)

    async def arun(
        self, resource_id: str, *, limit_records: int | None = None, snapshot: str = "", earlier: Earlier = ()
    ) -> Report:
        """:meth:`run` for asynchronous programs: the run goes on in a thread.

        Cancelling it ends at once, and tells the run to stop: it waits for no server then, and ends at the next
        progress that it makes.
        """
        options = _options(resource_id, limit_records, snapshot, earlier)
        return await followed(lambda tell: self._run(self._source(resource_id), options, tell))

    def events(self, resource_id: str, *, limit_records: int | None = None, earlier: Earlier = ()) -> Events:
        """Run a source and follow it: iterate (``for`` or ``async for``) over its progress.

        Its ``report`` is there when the iteration has ended; leaving the iteration stops the run. Raises as
        :meth:`run`.
        """
        source, options = self._source(resource_id), _options(resource_id, limit_records, "", earlier)
        return Events(lambda tell: self._run(source, options, tell))

    def check(
        self,
        data: Any,
        *,
        schema: Mapping[str, Any] | str | Path | None = None,
        primary_key: str | Sequence[str] | None = None,
        limit_records: int | None = None,
        select: str | Sequence[str] | None = (),
        ignore: str | Sequence[str] | None = (),
        earlier: Earlier = (),
        progress: Callable[[Progress], None] | None = None,
        **definition: Any,
    ) -> Report:
        """Check data without a catalog.

        :param data: path or URL of a file; a source definition, as a mapping or a SourceDefinition; a mapping from
            column to values; rows, each a mapping, a sequence or an object with fields, also as a database's cursor or
            result gives them; or a frame (Polars, or anything that speaks the Arrow PyCapsule interface: pandas,
            PyArrow, DuckDB, ...). The named levels of a pandas frame's index are columns, as where pandas writes a
            file.
        :param schema: Table Schema or JSON Schema, or the file of one.
        :param primary_key: column or columns.
        :param limit_records: read only so many records.
        :param select: codes or families to report; empty: all.
        :param ignore: codes or families not to report.
        :param earlier: reports of earlier checks of these data, as for :meth:`run`.
        :param progress: called, in this thread, as the run goes on; what it raises ends the run, and is raised here.
        :param definition: further members of a source definition (``delimiter=";"``, ``errPerc=1``); they replace a
            mapping's own.
        :raises UsageError: ``data`` is none of these, an argument can't be meant, two contradict one another, or a code
            isn't known.
        :raises DefinitionError: the definition can't be used.
        :raises SourceOnHold: it says ``hold``.
        """
        given.callback("progress", progress)
        given.keywords(definition)
        limit_records = check_size(limit_records)
        options = RunOptions(
            limit_records=limit_records,
            select=known_codes(given.texts("select", select, "a code"), self.plugins.codes),
            ignore=known_codes(given.texts("ignore", ignore, "a code"), self.plugins.codes),
            history=history_of(given.reports_of("earlier", earlier)),
        )
        if given.is_place(data):
            formats = formats_of_suffixes(self.plugins)
            of = {**definition, "schema": schema, "primary_key": primary_key, "formats": formats}
            source = file_source(data, **of)
            return self._run(source, replace(options, otherwise=otherwise(data, **of)), progress, roots_of(data))
        whole = isinstance(data, Mapping) and not is_columns(data, definition)
        more = members({**data, **definition} if whole else definition, schema=schema, primary_key=primary_key)
        if isinstance(data, SourceDefinition):
            if more:
                raise UsageError(
                    f"a SourceDefinition is whole: {', '.join(more)} can't be added; give the definition as a mapping"
                )
            return self._run(data, options, progress)
        if whole:
            return self._run(from_mapping({"resourceID": UNNAMED, **more}), options, progress)
        source, plugins = self._at_hand(data, {"resourceID": UNNAMED, "name": "frame", **more}, limit_records)
        if source.hold:
            raise SourceOnHold(source.resource_id)
        return heard(partial(run_source, source, plugins, self._completed(options, ())), progress)

    async def acheck(
        self,
        data: Any,
        *,
        schema: Mapping[str, Any] | str | Path | None = None,
        primary_key: str | Sequence[str] | None = None,
        limit_records: int | None = None,
        select: str | Sequence[str] | None = (),
        ignore: str | Sequence[str] | None = (),
        earlier: Earlier = (),
        progress: Callable[[Progress], None] | None = None,
        **definition: Any,
    ) -> Report:
        """:meth:`check` for asynchronous programs: it goes on in a thread, in which ``progress`` is called, and is
        cancelled as :meth:`arun`.
        """
        given.callback("progress", progress)

        def work(tell: Callable[[Progress], None]) -> Report:
            def both(event: Progress) -> None:
                tell(event)
                if progress is not None:
                    progress(event)

            return self.check(
                data, schema=schema, primary_key=primary_key, limit_records=limit_records, select=select,
                ignore=ignore, earlier=earlier, progress=both, **definition,
            )  # fmt: skip

        return await followed(work)

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
        given.callback("progress", progress)
        if given.is_place(data):
            options = replace(self._completed(RunOptions(), roots_of(data)), snapshots=None)
            place, home = os.fspath(data), Path(folder or Path.cwd())
            work = partial(describe, place, self.plugins, options, folder=home, given=definition)
            return heard(lambda tell: work(progress=tell), progress)
        source, plugins = self._at_hand(data, {"resourceID": "frame", "name": "frame", **definition})
        return describe_frame(source, plugins, self._completed(RunOptions(), ()))

    def render(self, report: Report | Mapping[str, Any] | Iterable[Report | Mapping[str, Any]], form: str) -> str:
        """A report as text: ``html``, ``markdown`` or any other form that :attr:`formats` has.

        :param report: a report, also as what its ``to_dict`` gave; or several, as one text.
        :raises UsageError: there's no such form, no report, or the form needs what isn't installed.
        :raises EngineFault: a plugin's reporter failed.
        """
        reporter = self.plugins.reporters.get(form)
        if reporter is None:
            near = likely(form, self.plugins.reporters) if isinstance(form, str) else None
            known = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.formats)}"
            raise UsageError(f"there is no form of reports {form!r}; {known}")
        reports = given.reports_of("report", report)
        if not reports:
            raise UsageError("report: there is none to be rendered")
        return rendered(reporter(), reports, several=not isinstance(report, Report | Mapping))

    @property
    def formats(self) -> list[str]:
        """The forms that :meth:`render` can give reports, sorted."""
        return sorted(self.plugins.reporters)

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
        source = given.definition_of(self.catalog, resource_id)
        if source.hold:  # as _run, but before an iteration begins
            raise SourceOnHold(resource_id)
        return source

    def _at_hand(
        self, data: Any, definition: Mapping[str, Any], most: int | None = None
    ) -> tuple[SourceDefinition, Plugins]:
        """A table as a source, and the plugins with what fetches it.

        :param most: of rows no more are needed.
        """
        given.of_tables(definition, data)
        if most is not None:  # one more tells that there are more; of filtered ones all may have to be looked at
            most = None if any(definition.get(name) for name in FILTER) else most + 1
        method, fetcher = frame_fetcher(table_of(data, most))
        fetchers = {**self.plugins.fetchers, "frame": fetcher}
        return from_mapping({**definition, "ingestMethod": method}), replace(self.plugins, fetchers=fetchers)

    def _run(
        self,
        source: SourceDefinition,
        options: RunOptions,
        progress: Callable[[Progress], None] | None = None,
        roots: Sequence[Path] = (),
    ) -> Report:
        """Make a run. :param roots: where the data may lie, beside where any definition's may. Raises SourceOnHold."""
        if source.hold:
            raise SourceOnHold(source.resource_id)
        if self._catalog is not None:
            options = replace(options, inputs=inputs_of(source, self.plugins, self._catalog))
        roots = (*roots, *roots_for(source, catalog=self._place, listed=self._roots))
        return heard(partial(run_source, source, self.plugins, self._completed(options, roots)), progress)

    def _completed(self, options: RunOptions, roots: Sequence[Path]) -> RunOptions:
        refuse_copy()
        return replace(
            options, limits=self._limits, jobs=self._jobs, allow_hosts=self._allow_hosts, roots=roots,
            snapshots=self._snapshots,
        )  # fmt: skip


def _options(resource_id: str, limit_records: int | None, snapshot: str, earlier: Earlier) -> RunOptions:
    history = history_of(given.reports_of("earlier", earlier, resource_id))
    return RunOptions(
        limit_records=check_size(limit_records), replay=digits(snapshot) if snapshot else "", history=history
    )


def _load(plugins: Sequence[Plugin], without: Sequence[str]) -> Plugins:
    """Raises PluginError for one that can't be used: whoever gives it wants it, as a file that is named."""
    classes = [p for p in plugins if isinstance(p, type)]
    files = [p for p in plugins if isinstance(p, str | Path)]
    modules: list[Any] = [p for p in plugins if not isinstance(p, type | str | Path)]
    if classes:
        embedded = SimpleNamespace(__name__="embedded", potable_api=API_VERSION)
        for hook, kind in KINDS.items():
            setattr(embedded, hook, _giving([c for c in classes if issubclass(c, kind)]))
        modules.append(embedded)
    loaded = load_plugins(files, without, modules=modules)
    at_hand = {found.record.source for found in plugins_at_hand(modules)}
    for record in loaded.records:
        if record.status in ("load-error", "invalid") and record.source in at_hand and not record.dist:
            raise PluginError(f"plugins: {'' if record.name == 'embedded' else f'{record.name}: '}{record.reason}")
    return loaded


def _giving(classes: list[type]) -> Callable[[], list[type]]:
    """A hook that gives classes."""

    def give() -> list[type]:
        return classes

    return hookimpl(give)

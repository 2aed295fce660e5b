"""Where results go: a terminal, a pipe, a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from potable.engine.cli.repository import rooted
from potable.engine.contracts.catalog import Reporter
from potable.engine.contracts.report import Report
from potable.engine.errors import EngineFault, UsageError, likely
from potable.engine.reporting import REPORTERS, facts
from potable.engine.reporting.formats import GithubReporter, SarifReporter
from potable.engine.reporting.inert import inert, uncommanding
from potable.engine.reporting.json import dump
from potable.engine.reporting.layout import Ink, ascii_only, many
from potable.engine.reporting.rendering import made, rendered
from potable.engine.reporting.text import TextReporter

if TYPE_CHECKING:
    from collections.abc import Callable

PLACED: Mapping[str, type[GithubReporter | SarifReporter]] = {r.name: r for r in (GithubReporter, SarifReporter)}
"""Formats that code hosts read: they name files from the repository's root."""

WIDEST = 160
"""Text isn't laid out wider than this, however wide the terminal is."""


_results: TextIO | None = None


class ResultCommand(click.Command):
    """A command that keeps the standard output for its result: what plugins print goes to the standard error stream,
    and so does what libraries in C and programs that plugins call write there.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """As in Click."""
        global _results
        before = sys.stdout
        with _apart(before) as _results:
            sys.stdout = sys.stderr
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout, _results = before, None


@contextmanager
def _apart(out: TextIO) -> Iterator[TextIO]:
    """The standard output under another number, while its own means the standard error stream."""
    try:
        number, error = out.fileno(), sys.stderr.fileno()
        kept = os.dup(number)
    except (OSError, ValueError):  # it has no number (a test's, say), or is closed
        yield out
        return
    out.flush()
    results = open(kept, "w", encoding=out.encoding, errors=out.errors)  # noqa: SIM115, PTH123 - closing may fail; it's a number
    os.dup2(error, number)
    try:
        yield results
    finally:
        os.dup2(kept, number)
        with suppress(OSError):  # what couldn't be written was told
            results.close()


def _out() -> TextIO:
    return sys.stdout if _results is None else _results


def colours() -> bool:
    """Whether to colour the standard output: a terminal, and NO_COLOR (no-color.org) isn't set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or _out().isatty()


def columns() -> int:
    """Width of the terminal (or ``COLUMNS``), 80 where there is none."""
    try:
        width = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(_out().fileno()).columns
    except (OSError, ValueError):  # it's none
        width = 0
    return min(max(width if width > 0 else 80, 40), WIDEST)


def ink() -> Ink:
    """Colours for the standard output."""
    return Ink(colours())


def _signs_fit() -> bool:
    """Whether the standard output can encode the layout's signs."""
    try:
        "…×·✓✗—".encode(_out().encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def show(text: str) -> None:
    """Write text for people to the standard output; what it can't encode becomes an escape, and so does what a CI
    system that reads the log would take for a command.
    """
    if not _signs_fit():
        text = ascii_only(text)
    text = uncommanding(text)
    _write(text.encode(_out().encoding or "utf-8", "backslashreplace"))


def tell(text: str) -> None:
    """Write a line for people to the standard error stream; ``text`` is made inert."""
    tell_raw(uncommanding(inert(text)))


def tell_raw(text: str) -> None:
    """As :func:`tell`, for text of our own: several lines, a traceback."""
    with suppress(OSError, ValueError):  # its disk is full, its terminal gone, it's closed: the exit code is the same
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def put(text: str) -> None:
    """Write text for programs (in UTF-8, always) to the standard output, as it is."""
    _write(text.encode("utf-8", "backslashreplace"))


def emit(data: Any) -> None:
    """Write data as JSON to the standard output."""
    put(dump(data))


def _write(data: bytes) -> None:
    out = _out()
    try:
        out.flush()
        out.buffer.write(data)
        out.flush()
    except BrokenPipeError:
        raise
    except OSError as e:
        raise EngineFault(f"the result can't be written to the standard output: {e.strerror}") from e


class Results:
    """Renders reports in the chosen format to the chosen place, as soon as the format allows it.

    :param form: the format's name.
    :param output: a file; None or ``-``: the standard output.
    :param more: further reporters by name, asked for only when ``form`` isn't one of the engine's own.
    :param several: whether more than one report is to come.
    :param catalog: where their definitions are.
    :param also: further formats and files for the same, ``FORMAT=FILE``.
    :raises UsageError: an unknown format, or a file that can't be written.
    """

    def __init__(
        self,
        form: str,
        output: str | None,
        more: Callable[[], Mapping[str, type[Reporter]]] = dict,
        *,
        several: bool = False,
        catalog: str | None = None,
        also: Sequence[str] = (),
    ) -> None:
        self._file = None if output in (None, "-") else Path(str(output))
        self._several = several
        self._reports: list[Report] = []
        self._shown = 0
        self._reporter = self._choose(form, self._file, more, catalog)
        further = [form_and_file(text) for text in also]
        self._also = [(file, self._choose(form, file, more, catalog)) for form, file in further]
        for n, file in enumerate(self.files):
            _check_writable(file)
            if file.resolve() in [other.resolve() for other in self.files[:n]]:
                raise UsageError(f"two results can't be written to {file}: name another file for one of them")

    @property
    def files(self) -> list[Path]:
        """Those that are to be written."""
        return [*([] if self._file is None else [self._file]), *(file for file, _ in self._also)]

    def _choose(
        self, form: str, file: Path | None, more: Callable[[], Mapping[str, type[Reporter]]], catalog: str | None
    ) -> Reporter:
        if form == "text":
            if file is not None:
                return TextReporter(100)
            return TextReporter(columns(), colour=colours(), ascii_signs=not _signs_fit())
        if form in PLACED:
            return PLACED[form](rooted(catalog))
        known: dict[str, type[Reporter]] = {r.name: r for r in REPORTERS}
        if form not in known:
            known |= more()
        if form not in known:
            near = likely(form, known)
            told = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
            raise UsageError(f"there is no format {form!r}; {told}")
        return made(known[form])

    @property
    def on_terminal(self) -> bool:
        """Whether text for people goes to the standard output."""
        return self._file is None and isinstance(self._reporter, TextReporter)

    def add(self, report: Report) -> None:
        """Take a report. A terminal sees it at once, and what came of one of several whose text goes to a file, unless
        it only holds a source's place: that was told.
        """
        self._reports.append(report)
        if self._file is not None and self._several and not facts.unmade(report):
            tell(f"{facts.listed(report)}: {facts.verdict(report)}, {facts.totals(report)}")
        if self.on_terminal and not facts.unmade(report):
            show(("\n\n" if self._shown else "") + rendered(self._reporter, [report]))
            self._shown += 1

    def finish(self) -> None:
        """Write what isn't written yet: one report as it is, several (or what is left of them) as one text."""
        try:
            self._finish()
        finally:  # one place that can't be written to costs none of the others
            for file, reporter in self._also:
                if self._reports or self._several:
                    write_file(file, rendered(reporter, self._reports, several=self._several))

    def _finish(self) -> None:
        if self.on_terminal or not (self._reports or self._several):
            return
        text = rendered(self._reporter, self._reports, several=self._several)
        if isinstance(self._reporter, GithubReporter):
            from potable.engine.cli.stepsummary import summarise  # heavy: Markdown, which only this format needs

            if fault := summarise(self._reports):
                tell(f"potable: {fault}")
        if self._file is None:
            put(text)
            return
        write_file(self._file, text)
        made = [report for report in self._reports if not facts.unmade(report)]
        if self._several:
            tell(f"{many(len(made), 'report')} in {self._file}")
            return
        for report in made:
            said = f"{facts.listed(report)}: {facts.verdict(report)}, {facts.totals(report)} (in {self._file})"
            tell(said)


def form_and_file(text: str) -> tuple[str, Path]:
    """The parts of ``FORMAT=FILE``. Raises UsageError where it's none."""
    form, _, file = text.partition("=")
    if not form or file in ("", "-"):
        raise UsageError(f"--also-as {text}: it takes a format and a file, as in --also-as junit=junit.xml")
    return form, Path(file)


def _check_writable(file: Path) -> None:
    """Raise UsageError now and not after a long run where the file couldn't be written."""
    folder = file.absolute().parent
    if file.is_dir():
        raise UsageError(f"can't write {file}: it is a folder")
    if not folder.is_dir():
        raise UsageError(f"can't write {file}: there is no folder {folder}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"can't write {file}: permission denied")


def write_file(file: Path, text: str) -> None:
    """Write UTF-8 text. Raises UsageError where that fails."""
    try:
        file.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as e:
        raise UsageError(f"can't write {file}: {e.strerror or e}") from None


def json_list(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as a JSON array."""
    emit([dict(row) for row in rows])

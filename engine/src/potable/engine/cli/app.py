"""The root command and what becomes of exceptions: one clear line and an exit code, never a traceback by itself."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import resource
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from potable.engine.cli.exits import Exit
from potable.engine.cli.options import DEBUG_HELP, set_debug
from potable.engine.cli.output import tell, tell_raw
from potable.engine.cli.signals import Terminated
from potable.engine.containment import stay
from potable.engine.errors import EngineFault, PotableError, StoreDamaged, StoreUnavailable, likely
from potable.engine.lazyregex import lazy_regex
from potable.engine.version import VERSION

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "Run sources of the catalog and report what is wrong with them."),
    "check": ("check", "Check a file or URL that has no definition."),
    "report": ("report", "Show a stored report again."),
    "lint": ("lint", "Check definitions without touching any data."),
    "describe": ("describe", "Draft a definition from a file or URL."),
    "sources": ("sources", "List the sources of the catalog."),
    "status": ("runs", "Show how a source's current or last run stands."),
    "history": ("runs", "List a source's runs, the newest first."),
    "accept": ("runs", "Make a finished run the baseline for later ones."),
    "cancel": ("runs", "Stop a queued or running run."),
    "explain": ("explain", "Explain a code: what it means and how to mend it."),
    "plugins": ("plugins", "List plugins, and what became of each."),
    "api-keys": ("keys", "Add, list and revoke the server's API keys."),
    "serve": ("serve", "Serve the catalog over HTTP."),
}
"""Module and help line by command: ``potable --help`` imports none of them."""

_MENDS: dict[int | None, str] = {
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "the whole system has too many files open",
    errno.ENOSPC: "free space on the disk",
    errno.EDQUOT: "free space, or raise the quota",
    errno.ENOMEM: "the machine is out of memory",
    errno.EAGAIN: "raise the limit of processes (ulimit -u)",
}
"""What to do about the system's refusals, by their number."""

_STARVED = lazy_regex(r"MemoryError|failed to map segment")
"""What a plugin's libraries say that haven't memory enough."""

COMPLETE = "_POTABLE_COMPLETE"
"""Environment variable with which a shell asks Click for completions."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they're called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of :data:`COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"potable.engine.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in Click, but an unknown command is told the likely one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = likely(args[0], COMMANDS)
            ctx.fail(f"there is no command {args[0]!r}" + (f"; did you mean {near[0]}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 passed, 1 failed, 2 usage error or unknown source, 3 inconclusive, 4 the engine failed.",
)
@click.version_option(VERSION, prog_name="potable")
@click.option("--debug", is_flag=True, expose_value=False, is_eager=True, callback=set_debug, help=DEBUG_HELP)
def potable() -> None:
    """Is a data source safe to ingest? Potable says what is wrong, where, how often, and how to mend it."""


def run(argv: Sequence[str]) -> int:
    """Run the command line with these arguments; returns the exit code."""
    state: dict[str, Any] = {"debug": False}
    try:
        with stay():
            code = _invoke(list(argv), state)
        with contextlib.suppress(ValueError):  # a plugin has closed it
            sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_closed()
    return code


def _invoke(argv: list[str], state: dict[str, Any]) -> int:
    if instruction := os.environ.get(COMPLETE):  # the shell asks for completions
        from click.shell_completion import shell_complete  # heavy

        return shell_complete(potable, {}, "potable", COMPLETE, instruction)
    try:
        # Not Click's main(): it turns a closed pipe into exit code 1, which is "failed" here.
        with potable.make_context("potable", argv, obj=state) as root:
            code = potable.invoke(root)
        return int(code) if isinstance(code, int) else Exit.PASSED
    except click.exceptions.NoArgsIsHelpError as e:
        tell_raw(e.ctx.get_help() if e.ctx else str(e))
        return Exit.USAGE
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.ClickException as e:
        context = getattr(e, "ctx", None)
        path = context.command_path if context is not None else "potable"
        tell(f"{path}: {_sentence(e.format_message())} (see {path} --help)")
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt) as e:
        by_term = isinstance(e, Terminated) or isinstance(e.__cause__, Terminated)
        where = getattr(e.__cause__ or e, "__notes__", ())  # Click makes an Abort of Ctrl-C
        tell(" ".join(["potable: terminated" if by_term else "potable: interrupted", *where]))
        return Exit.TERMINATED if by_term else Exit.INTERRUPTED
    except BrokenPipeError:
        raise
    except (EngineFault, StoreUnavailable, StoreDamaged) as e:
        return engine_error(e, debug=state["debug"])
    except PotableError as e:
        if _little_memory(e):  # whatever the call, it would have failed
            return engine_error(e, debug=state["debug"])
        tell(f"potable: {e}")
        return Exit.USAGE
    except BaseException as e:  # noqa: BLE001 - the last line of defence: no user sees a traceback they didn't ask for,
        # and no plugin's exit(0) passes for a source that has passed
        if isinstance(e, FileNotFoundError) and not _somewhere():
            tell("potable: the current folder was deleted: change to one that is there")
            return Exit.USAGE
        return engine_error(e, debug=state["debug"])


def _somewhere() -> bool:
    """Whether the current folder is there."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def engine_error(e: BaseException, subject: str = "", *, debug: bool = False) -> Exit:
    """Say that Potable failed, on the standard error stream; returns the exit code."""
    told = str(e) if isinstance(e, PotableError) else f"{type(e).__name__}: {e}" if str(e) else type(e).__name__
    if mend := _MENDS.get(getattr(e, "errno", None)):
        told += f": {mend}"
    told += _little_memory(e)
    if debug:
        tell_raw("".join(traceback.format_exception(e)).rstrip())
    elif not isinstance(e, PotableError):
        told += " (--debug shows the traceback)"
    named = not subject or told.startswith(f"{subject}: ")
    tell(f"ENGINE ERROR: {told if named else f'{subject}: {told}'}")
    return Exit.ENGINE


def _little_memory(e: BaseException) -> str:
    """What may be to blame where libraries can't be loaded, or end their process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    blamed = isinstance(e, EngineFault | ImportError | MemoryError) or _STARVED.search(str(e))
    if soft == resource.RLIM_INFINITY or not blamed:
        return ""
    return f" (it may have {soft >> 20:,} MiB of memory only, by ulimit -v: raise that)"


def _sentence(message: str) -> str:
    """Click's message as the middle of a line: without a full stop, beginning in lower case where it's a word."""
    message = " ".join(message.split()).rstrip(".")
    first = message.split(" ", 1)[0]
    return message[0].lower() + message[1:] if first.isalpha() and first.istitle() else message


def _pipe_closed() -> int:
    """The reader of our output has gone (``| head``): nothing more is written, not even at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.PIPE

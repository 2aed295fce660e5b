"""``python -m potable.server``: the server without the ``potable`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from potable.engine import watching
from potable.engine.containment import leave
from potable.engine.errors import PotableError, UsageError
from potable.engine.service import Service
from potable.engine.settings import Settings
from potable.server import serve
from potable.server.limits import DEFAULT_LIMITS, HttpLimits


def main(argv: Sequence[str] | None = None) -> int:
    """Serve; returns the exit code: 0 stopped in good order, 2 it couldn't start as asked, 4 Potable failed."""
    parser = argparse.ArgumentParser(prog="python -m potable.server", description="Serve Potable over HTTP.")
    parser.add_argument("--host", default=serve.HOST, help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=serve.PORT, help="port, 0 for any (default %(default)s)")
    parser.add_argument("--catalog", help="folder, file or URL of the source definitions (POTABLE_CATALOG)")
    parser.add_argument("--store", help="database URL of the run store (POTABLE_STORE)")
    parser.add_argument("--plugin", action="append", metavar="FILE", help="use a plugin file")
    parser.add_argument("--no-plugin", action="append", metavar="NAME", help="leave a plugin out")
    parser.add_argument("--children", type=int, default=2, help="most runs at once, 0 for none (default %(default)s)")
    parser.add_argument("--grace", type=float, default=serve.GRACE_SECONDS, help="seconds for runs when it stops")
    parser.add_argument("--rate", type=float, default=DEFAULT_LIMITS.rate, help="requests per second and key")
    parser.add_argument("--burst", type=int, default=DEFAULT_LIMITS.burst, help="requests at once per key")
    parser.add_argument("--log-format", choices=("auto", "console", "json"), default="auto")
    parser.add_argument("--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
    parser.add_argument("--demo", action="store_true", help="a fresh store and key; print the calls to try")
    args = parser.parse_args(argv)
    try:
        settings = Settings.load(catalog=args.catalog, store=args.store, plugins=args.plugin, without=args.no_plugin)
        if args.demo:
            serve.run_demo(settings, host=args.host, port=args.port, children=args.children, loaded=watching.watch)
            return 0
        with Service(settings, executor="forkserver", loaded=watching.watch) as service:
            serve.run(
                service,
                host=args.host,
                port=args.port,
                children=args.children,
                grace=args.grace,
                limits=HttpLimits(rate=args.rate, burst=args.burst),
                log_format=args.log_format,
                log_level=args.log_level,
            )
    except UsageError as e:
        return _say(e, 2)
    except PotableError as e:
        return _say(e, 4)
    return 0


def _ended(why: str) -> NoReturn:
    print(why, file=sys.stderr, flush=True)  # noqa: T201
    leave(4)


def _say(fault: PotableError, code: int) -> int:
    print(f"potable: {fault}", file=sys.stderr)  # noqa: T201 - the command's own words
    return code


if __name__ == "__main__":
    watching.begin(_ended)
    code = main()
    watching.end(code)
    sys.exit(code)

"""What an operator sets, from the environment or outright."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_state_path

from potable.engine.errors import UsageError, slip
from potable.engine.lazyregex import lazy_regex
from potable.engine.limits import Limits

VARIABLES: Mapping[str, str] = {
    "POTABLE_CATALOG": "folder, file or URL of the source definitions",
    "POTABLE_STORE": "database URL of the run store",
    "POTABLE_STATE": "folder for the default store and other state",
    "POTABLE_ALLOW_HOSTS": "hosts or networks, comma list, that sources may live on although they aren't public",
    "POTABLE_ROOTS": "folders, separated as in PATH, that local sources may lie in beside the catalog's own",
    "POTABLE_SNAPSHOTS": "folder of kept snapshots; off or empty: none are kept; unset: in the state folder",
    "POTABLE_LIMITS": "bounds of each run, comma list: node_bytes=20_000_000, depth=400; see the limits below",
    "POTABLE_PLUGINS": "plugin files, separated as in PATH",
    "POTABLE_NO_PLUGINS": "names of plugins to leave out, comma list",
    "POTABLE_JOBS": "chunks of a source that are worked on at a time; unset: the number of processors, at most 8",
}
"""The environment variables that Potable reads, each with its meaning."""

_PREFIX = "POTABLE_"
_FURTHER = ("POTABLE_API_KEY", "POTABLE_API_KEYS", "POTABLE_COMPLETE")
"""Variables of the server, of its clients and of shells."""

SECRET_VARIABLES = lazy_regex(r"POTABLE_STORE|POTABLE_CATALOG|POTABLE_API_KEYS?|PG[A-Z]+", re.ASCII)
"""Variables that a run's own process doesn't get (whole name): they open the store and the catalog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Resolved settings; :meth:`load` makes one.

    :param catalog: where the definitions are; None when nothing said it.
    :param store: database URL of the run store.
    :param state: folder for state; made when it's first needed.
    :param allow_hosts: hosts or networks that sources may live on although they aren't public.
    :param roots: folders that local sources may lie in, beside the catalog's own.
    :param snapshots: folder of kept snapshots; None: none are kept.
    :param limits: bounds of each run.
    :param plugins: plugin files.
    :param without: names of plugins to leave out.
    :param jobs: chunks of a source that are worked on at a time; None: the engine decides.
    """

    catalog: str | None = field(repr=False)  # its URL may hold a password, as the store's
    store: str = field(repr=False)  # it may hold a password
    state: Path
    allow_hosts: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()
    snapshots: Path | None = None
    limits: Limits = Limits()
    plugins: tuple[Path, ...] = ()
    without: tuple[str, ...] = ()
    jobs: int | None = None

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        catalog: str | os.PathLike[str] | None = None,
        store: str | None = None,
        state: str | os.PathLike[str] | None = None,
        allow_hosts: Iterable[str] | None = None,
        plugins: Iterable[str | os.PathLike[str]] | None = None,
        without: Iterable[str] | None = None,
        jobs: int | None = None,
    ) -> Settings:
        """Settings from the environment; what is given outright (not None) wins. An empty variable counts as unset,
        save for ``POTABLE_SNAPSHOTS``, where it says that none are kept.

        Plugin files and left-out plugins that are given add to those of the environment.

        :param environ: the environment; ``os.environ`` by default.
        :raises UsageError: ``POTABLE_ALLOW_HOSTS``, ``POTABLE_JOBS`` or ``POTABLE_LIMITS`` can't be understood.
        """
        env = os.environ if environ is None else environ
        where = str(state or env.get("POTABLE_STATE") or "")
        folder = Path(where).expanduser() if where else user_state_path("potable", appauthor=False)
        files = [*filter(None, env.get("POTABLE_PLUGINS", "").split(os.pathsep)), *(plugins or ())]
        return cls(
            catalog=(None if catalog is None else os.fspath(catalog)) or env.get("POTABLE_CATALOG") or None,
            store=store or env.get("POTABLE_STORE") or sqlite_url(folder / "runs.db"),
            state=folder,
            allow_hosts=hosts_set(env) if allow_hosts is None else tuple(allow_hosts),
            roots=roots_set(env),
            snapshots=_snapshots(env.get("POTABLE_SNAPSHOTS"), folder),
            limits=Limits.parse(env.get("POTABLE_LIMITS", "")),
            plugins=tuple(dict.fromkeys(Path(f) for f in files)),
            without=tuple(dict.fromkeys((*_names(env.get("POTABLE_NO_PLUGINS")), *(without or ())))),
            jobs=_jobs(env.get("POTABLE_JOBS", "")) if jobs is None else jobs,
        )


def hosts_set(env: Mapping[str, str]) -> tuple[str, ...]:
    """The hosts and networks of ``POTABLE_ALLOW_HOSTS``. Raises UsageError for what can't be one."""
    hosts = _names(env.get("POTABLE_ALLOW_HOSTS"))
    if hosts:
        from potable.engine.allowlist import allowed  # heavy: ipaddress

        try:
            allowed(hosts)
        except UsageError as e:
            raise UsageError(f"POTABLE_ALLOW_HOSTS: {e}") from None
    return hosts


def roots_set(env: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders of ``POTABLE_ROOTS``."""
    return tuple(Path(r).expanduser() for r in env.get("POTABLE_ROOTS", "").split(os.pathsep) if r.strip())


def sqlite_url(file: Path) -> str:
    """The database URL of an SQLite file."""
    return f"sqlite:///{file.absolute()}"


def _snapshots(said: str | None, state: Path) -> Path | None:
    if said is None:
        return state / "snapshots"
    return None if said.strip().casefold() in ("", "off") else Path(said).expanduser()


def _jobs(said: str) -> int | None:
    text = said.strip()
    if not text:
        return None
    if not text.isdecimal() or not int(text):
        raise UsageError(f"POTABLE_JOBS must be a number from 1, not {text!r}")
    return int(text)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))


def misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those of these environment variables that were likely meant for Potable, each with the one that has an effect."""
    known = {name.removeprefix(_PREFIX) for name in (*VARIABLES, *_FURTHER)}
    for name in sorted(names):
        if name[: len(_PREFIX)].upper() == _PREFIX and name not in (*VARIABLES, *_FURTHER):
            own = name[len(_PREFIX) :]
            meant = own.upper() if own.upper() in known else slip(own, known)
            if meant is not None:
                yield name, _PREFIX + meant

"""``potable api-keys``: who may call the server."""

from __future__ import annotations

import click

from potable.engine.cli import session
from potable.engine.cli.options import USER, debug_option, list_option, store_option
from potable.engine.cli.output import columns, json_list, show, tell
from potable.engine.errors import UsageError, likely
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import table, when


@click.group("api-keys", short_help="Add, list and revoke the server's API keys.")
def api_keys() -> None:
    """Add, list and revoke the API keys of the server."""


@api_keys.command()
@click.option("--name", required=True, metavar="N", help="Whose key it is, for the list.")
@click.option("--user-id", type=USER, metavar="N", help="Bind the key to a user: it can start runs only as this one.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(("run", "read", "admin")),
    multiple=True,
    help="What it may do; repeatable. [default: run and read]",
)
@click.option("--expires", metavar="TIME", help="Until when it works: ISO 8601, UTC unless it says otherwise.")
@store_option
@debug_option
def add(name: str, user_id: int | None, scopes: tuple[str, ...], expires: str | None, store: str | None) -> None:
    """Make a key. It's printed once, alone on the standard output, and stored nowhere in clear."""  # fmt: skip
    if not name.strip():
        raise UsageError("a key needs a name: --name NAME")
    with session.service(session.settings(None, store, needs_catalog=False)) as service:
        try:
            key, record = service.keys.add(name, user_id=user_id, scopes=scopes or ("run", "read"), expires=expires)
        except ValueError as e:
            raise UsageError(str(e)) from None
    show(f"{key}\n")
    tell(f"this is the only time the key of {name} is shown; to revoke it: potable api-keys revoke {record.id}")


@api_keys.command("list")
@store_option
@list_option
@debug_option
def list_keys(store: str | None, form: str) -> None:
    """List all keys: never the secrets, which aren't stored."""
    with session.service(session.settings(None, store, needs_catalog=False)) as service:
        keys = service.keys.all()
    if form == "json":
        json_list(
            [
                {"id": k.id, "name": k.name, "userID": k.user_id, "scopes": sorted(str(s) for s in k.scopes),
                 "created": k.created, "expires": k.expires, "revoked": k.revoked}
                for k in keys
            ]
        )  # fmt: skip
        return
    rows = [
        (
            inert(k.id),
            ", ".join(sorted(str(s) for s in k.scopes)),
            "any user" if k.user_id is None else f"user {k.user_id}",
            f"revoked {when(k.revoked)}" if k.revoked else f"until {when(k.expires)}" if k.expires else "works",
            inert(k.name),
        )
        for k in keys
    ]
    shown = table(rows, columns(), indent="", keep=True)
    show("\n".join(shown or ["no keys yet: potable api-keys add --name NAME"]) + "\n")


@api_keys.command()
@click.argument("key_id", metavar="ID")
@store_option
@debug_option
def revoke(key_id: str, store: str | None) -> None:
    """Revoke a key for good, by the ID that list shows (the part before the dot)."""
    wanted = key_id.partition(".")[0]
    with session.service(session.settings(None, store, needs_catalog=False)) as service:
        if not service.keys.revoke(wanted):
            near = likely(wanted, [k.id for k in service.keys.all()])
            raise UsageError(f"there is no key {wanted!r}" + (f"; did you mean {near[0]}?" if near else ""))
    show(f"key {inert(wanted)} is revoked\n")

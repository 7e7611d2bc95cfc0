"""`outcomes access-log`: who looked at what, who has seen whom, what somebody did."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.failure import CannotRun
from app.cli.options import AsJson, Contract, Url, connected
from app.cli.output import say, show_json, table, warn
from app.domain.journal import instant_text
from app.settings import load_settings

access_log = typer.Typer(help="Read who looked at people's data.", no_args_is_help=True)


@access_log.command("list")
def list_(
    contract: Contract,
    who: Annotated[str | None, typer.Option("--who", help="Only of them.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only refusals.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List entries: looks at people's data, files taken away, refusals."""
    outcome = "refused" if refused else None
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/access-log"
        found = list(service.pages(place, who=who, outcome=outcome))
    columns = ("at", "who", "party", "operation", "outcome", "code")
    _show(found, columns, as_json=as_json)


@access_log.command("export")
def export(
    contract: Contract,
    out: Annotated[Path, typer.Option("--out", help="Write to this file.")],
    url: Url = None,
) -> None:
    """Save a contract's chain as JSON lines: what the stand-alone verifier checks heads against.

    Refusals of strangers are in the service's chain, and not in it.
    """
    with connected(url) as service:
        found = service.pages(f"/v1/contracts/{contract}/access-log")
        _save(out, (one for one in found if one["chain"] == contract))


@access_log.command("service")
def service_chain(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write it to this file, as JSON lines for the verifier."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the service's own chain, from the database itself: operators, failures to sign in,
    strangers.
    """
    from app.cli.database import existing_database
    from app.main import make_context
    from app.service.accesses import SERVICE_CHAIN, list_chain

    with existing_database(load_settings()) as settings:
        context = make_context(settings)
        stored = list_chain(context, SERVICE_CHAIN)
        context.engine.dispose()
    if out is not None:
        _save(out, (one.document() for one in stored))
        return
    found = [one.access for one in stored]
    rows = [
        {
            "at": instant_text(one.at),
            "who": one.who,
            "operation": one.operation,
            "contract": one.contract_id,
            "code": one.code,
            "detail": one.detail,
        }
        for one in found
    ]
    columns = ("at", "who", "operation", "contract", "code", "detail")
    _show(rows, columns, as_json=as_json)


@access_log.command("seen-by")
def seen_by(
    contract: Contract,
    participant: Annotated[str, typer.Argument(help="The pseudonym.", show_default=False)],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Report who has seen a participant."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/access-log/participants/{participant}"
        found = service.get(place)["items"]
    _show(found, ("who", "party", "times", "by_name", "first_at", "last_at"), as_json=as_json)


@access_log.command("actions")
def actions(
    contract: Contract,
    who: Annotated[str, typer.Argument(help="Their id.", show_default=False)],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Report what somebody recorded, read and was refused."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/access-log/people/{who}"))
    _show(found, ("at", "did", "what", "number", "party", "code"), as_json=as_json)


def _save(out: Path, entries: Iterable[dict[str, Any]]) -> None:
    count = 0
    try:
        with out.open("w", encoding="utf-8") as file:
            for one in entries:
                file.write(json.dumps(one) + "\n")
                count += 1
    except OSError as error:
        raise CannotRun(f"{out}: cannot be written: {error.strerror}.") from error
    warn(f"Saved {count} entries in {out}.")


def _show(found: list[dict[str, Any]], columns: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        show_json({"items": found})
        return
    rows = [tuple(one[name] for name in columns) for one in found]
    say(table(tuple(name.replace("_", " ") for name in columns), rows))

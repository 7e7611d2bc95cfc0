"""`outcomes access-log`: who looked at what, who has seen whom, what somebody did."""

from typing import Annotated, Any

import typer

from app.cli.options import AsJson, Contract, Url, connected
from app.cli.output import say, show_json, table

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


def _show(found: list[dict[str, Any]], columns: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        show_json({"items": found})
        return
    rows = [tuple(one[name] for name in columns) for one in found]
    say(table(tuple(name.replace("_", " ") for name in columns), rows))

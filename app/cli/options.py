"""Options and arguments that many commands share."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from app.cli.client import Service
from app.domain.parties import Actor
from app.settings import load_settings


def day(text: str) -> date:
    """A calendar day that a person wrote as YYYY-MM-DD."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise typer.BadParameter(
            "write a day that the calendar has as YYYY-MM-DD, such as 2021-07-31"
        ) from error


def acting(text: str) -> Actor:
    """Who acts, written as PARTY/PERSON."""
    party, separator, person = text.partition("/")
    if not party or not separator or not person or "/" in person:
        raise typer.BadParameter("write who acts as PARTY/PERSON, such as scc/officer-2")
    return Actor(party, person)


def _option(text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, **more)


Contract = Annotated[str, typer.Argument(help="The contract's id.", show_default=False)]
Person = Annotated[str, typer.Argument(help="The participant's pseudonym.", show_default=False)]
ClaimNumber = Annotated[int, typer.Argument(help="The claim's number.", min=1)]
Url = Annotated[
    str | None,
    _option("The service's address. Default: OUTCOMES_URL.", "--url", metavar="URL"),
]
AsJson = Annotated[bool, _option("Print the service's own JSON.", "--json")]
As = Annotated[
    Actor,
    _option("Who acts.", "--as", parser=acting, metavar="PARTY/PERSON"),
]
Key = Annotated[
    str | None,
    _option(
        "The Idempotency-Key. Send the same one to try again; default: a new one.",
        "--key",
        metavar="KEY",
    ),
]
DryRun = Annotated[bool, _option("Check and show, and record nothing.", "--dry-run")]
Note = Annotated[
    str | None, _option("A note, without anything that identifies a participant.", "--note")
]
OnDay = Annotated[
    date | None, _option("The effective day. Default: today.", "--on", parser=day, metavar="DAY")
]
KnownOn = Annotated[
    date | None,
    _option(
        "As known at the end of that day. Default: now.", "--known-on", parser=day, metavar="DAY"
    ),
]
LateReason = Annotated[
    str | None,
    _option(
        "Why it is posted although its period is soft-closed.", "--late-reason", metavar="TEXT"
    ),
]
From = Annotated[date, _option("The first day.", "--from", parser=day, metavar="DAY")]
To = Annotated[date, _option("The last day.", "--to", parser=day, metavar="DAY")]
Version = Annotated[
    int | None,
    _option(
        "Decide only if the record is still at this version. Default: as it is now.",
        "--version",
        min=1,
    ),
]


def connected(url: str | None) -> Service:
    """The service that a command speaks to."""
    return Service(url or load_settings().url)


def text_of(value: date | None) -> str | None:
    """A day as the interface takes it."""
    return None if value is None else value.isoformat()


def without_none(**fields: Any) -> dict[str, Any]:
    """The fields that have a value: the interface tells `left out` from `null`."""
    return {name: value for name, value in fields.items() if value is not None}

"""`outcomes statement`: one party's book over a period, live or as a hard close froze it."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.client import Service
from app.cli.failure import CannotRun
from app.cli.options import AsJson, Contract, KnownOn, Url, connected, day, text_of
from app.cli.output import say, show_json, table

Book = Annotated[str, typer.Argument(help="The party whose book it is.", show_default=False)]
FirstDay = Annotated[
    date | None, typer.Option("--from", help="The first day.", parser=day, metavar="DAY")
]
LastDay = Annotated[
    date | None, typer.Option("--to", help="The last day.", parser=day, metavar="DAY")
]
_HEAD = ("entry", "date", "source", "debit", "credit", "amount")


def statement(
    contract: Contract,
    party: Book,
    start: FirstDay = None,
    end: LastDay = None,
    *,
    number: Annotated[
        int | None,
        typer.Option("--number", help="The frozen statement with this number.", min=1),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write a frozen statement's bytes to it.", metavar="FILE"),
    ] = None,
    known_on: KnownOn = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show one party's book over a period, and what its counterparties hold.

    With --number: the statement as a hard close froze it.
    """
    _check(start, end, number, out, known_on)
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/statements/{party}"
        if number is None:
            query = {"from": text_of(start), "to": text_of(end), "known_on": text_of(known_on)}
            found = service.get(place, **query)
        else:
            document = service.get_bytes(f"{place}/frozen/{number}")
            found = json.loads(document)
        names = {} if as_json or out else _names(service, contract)
    if out is not None:
        _write(out, document)
        say(f"Statement {number} of {party} written to {out}")
    elif as_json:
        show_json(found)
    else:
        _show(found, names)


def statements(contract: Contract, party: Book, url: Url = None, as_json: AsJson = False) -> None:
    """List a party's frozen statements with their SHA-256."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/statements/{party}/frozen"))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["statement_number"],
            one["kind"].replace("_", " "),
            one["period"]["start"],
            one["period"]["end"],
            one["recorded_at"][:10],
            one["known_through"],
            one["sha256"],
        )
        for one in found
    ]
    head = ("number", "kind", "start", "end", "frozen on", "record", "SHA-256")
    say(table(head, rows, right=(0, 5)))


def _check(
    start: date | None,
    end: date | None,
    number: int | None,
    out: Path | None,
    known_on: date | None,
) -> None:
    if number is None:
        if start is None or end is None:
            raise typer.BadParameter("give --from and --to, or the --number of a frozen statement")
        if out is not None:
            raise typer.BadParameter("--out is for a frozen statement: give its --number")
    elif start or end or known_on:
        raise typer.BadParameter("a frozen statement has its period: leave the days out")


def _write(out: Path, document: bytes) -> None:
    try:
        out.write_bytes(document)
    except OSError as error:
        raise CannotRun(f"{out} cannot be written: {error.strerror}.") from error


def _show(found: dict[str, Any], names: dict[str, str]) -> None:
    period = f"{found['period']['start']} to {found['period']['end']}"
    numbered = f" {found['statement_number']}" if "statement_number" in found else ""
    say(f"Statement{numbered} of {_named(found['party'], names)}, {period}")
    say(f"{_currency(found)}; debits are positive; as known at {found['known_at']}")
    if "known_through" in found:
        through = found["known_through"]
        say(f"Frozen; known through journal record {through['sequence']}, hash {through['hash']}")
    others = sorted({one["mirror"].partition("/")[0] for one in found["mirrors"]})
    if others:
        say(f"With: {', '.join(_named(one, names) for one in others)}")
    say()
    head = ("account", "opening", "debits", "credits", "closing")
    say(
        table(head, [[one[name] for name in head] for one in found["accounts"]], right=(1, 2, 3, 4))
    )
    if found["lines"]:
        say(f"\n{_lines(found['lines'])}")
    adjustments = found["prior_period_adjustments"]
    if adjustments["lines"]:
        say("\nPrior-period adjustments, in the figures above:")
        say(_accounts(adjustments["accounts"], "debits", "credits"))
        say(f"\n{_lines(adjustments['lines'], belongs=True)}")
    if found["posted_later"]:
        say("\nPosted later, as the period was hard-closed; not in the figures above:")
        say(_lines(found["posted_later"], belongs=True))
    say()
    for one in found["mirrors"]:
        state = "agrees with" if one["agrees"] else "DIFFERS FROM"
        say(f"{one['account']} {state} {one['mirror']}")


def _accounts(accounts: Sequence[dict[str, Any]], *columns: str) -> str:
    rows = [[one["account"], *(one[name] for name in columns)] for one in accounts]
    return table(("account", *columns), rows, right=range(1, len(columns) + 1))


def _lines(lines: Sequence[dict[str, Any]], *, belongs: bool = False) -> str:
    """Postings; `belongs` adds the day on which each belongs."""
    rows = [
        [
            one["entry_number"],
            one["effective_date"],
            one["source"],
            one["debit"],
            one["credit"],
            one["amount"],
            *([one["late"]["belongs_on"]] if belongs else []),
        ]
        for one in lines
    ]
    return table((*_HEAD, *(["belongs on"] if belongs else [])), rows, right=(0, 5))


def _names(service: Service, contract: str) -> dict[str, str]:
    """The organisations' names by party, from the version of the terms in force."""
    version = service.get(f"/v1/contracts/{contract}")["version_in_force"]
    document = service.get(f"/v1/contracts/{contract}/terms/{version}")["document"]
    return {one["id"]: one["name"] for one in json.loads(document)["parties"]}


def _named(party: str, names: dict[str, str]) -> str:
    return f"{names[party]} ({party})" if party in names else party


def _currency(found: dict[str, Any]) -> str:
    """What the figures below are in; every amount of a contract is in its one currency."""
    currencies = {one["debits"]["currency"] for one in found["accounts"]}
    return f"All amounts in {', '.join(sorted(currencies))}" if currencies else "No accounts yet"

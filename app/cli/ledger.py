"""`outcomes statement`, `balances` and `journal`."""

from itertools import islice
from typing import Annotated, Any

import typer

from app.cli.options import (
    AsJson,
    Contract,
    From,
    KnownOn,
    To,
    Url,
    connected,
    day,
    text_of,
)
from app.cli.output import say, show_json, table


def statement(
    contract: Contract,
    party: Annotated[str, typer.Argument(help="The party whose book it is.", show_default=False)],
    start: From,
    end: To,
    known_on: KnownOn = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show one party's book over a period, and what its counterparties hold."""
    with connected(url) as service:
        query = {"from": text_of(start), "to": text_of(end), "known_on": text_of(known_on)}
        found = service.get(f"/v1/contracts/{contract}/statements/{party}", **query)
    if as_json:
        show_json(found)
        return
    say(f"Statement of {party}, {start} to {end}, as known at {found['known_at']}\n")
    rows = [
        [one[name] for name in ("account", "opening", "debits", "credits", "closing")]
        for one in found["accounts"]
    ]
    head = ("account", "opening", "debits", "credits", "closing")
    say(table(head, rows, right=(1, 2, 3, 4)))
    if found["lines"]:
        postings = [
            [one[name] for name in ("effective_date", "source", "debit", "credit", "amount")]
            for one in found["lines"]
        ]
        say("\n" + table(("date", "source", "debit", "credit", "amount"), postings, right=(4,)))
    say()
    for one in found["mirrors"]:
        state = "agrees with" if one["agrees"] else "DIFFERS FROM"
        say(f"{one['account']} {state} {one['mirror']}")


def balances(
    contract: Contract,
    known_on: KnownOn = None,
    effective_to: Annotated[
        Any,
        typer.Option("--effective-to", help="Effective to that day.", parser=day, metavar="DAY"),
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show every account's balance as known on one day, effective to another."""
    with connected(url) as service:
        found = service.get(
            f"/v1/contracts/{contract}/balances",
            known_on=text_of(known_on),
            effective_to=text_of(effective_to),
        )
    if as_json:
        show_json(found)
        return
    rows = [
        [one["account"], one["type"], one["debits"], one["credits"], one["net"]]
        for one in found["accounts"]
    ]
    head = ("account", "type", "debits", "credits", "balance")
    say(table(head, rows, right=(2, 3, 4)))
    for book in found["trial_balances"]:
        say(
            f"Book {book['book']}: debits {book['debit_total']['amount']}, credits "
            f"{book['credit_total']['amount']}"
        )


def journal(
    contract: Contract,
    after: Annotated[int, typer.Option("--after", help="Begin after that record.", min=0)] = 0,
    limit: Annotated[int, typer.Option("--limit", help="Records to show.", min=1)] = 50,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Read the hash-chained journal. Follow it with --after and the last sequence seen."""
    with connected(url) as service:
        records = service.pages(f"/v1/contracts/{contract}/journal")
        wanted = (one for one in records if one["sequence"] > after)
        found = list(islice(wanted, limit))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["sequence"],
            one["recorded_at"][:19].replace("T", " "),
            one["effective_date"],
            f"{one['party']}/{one['person']}",
            one["kind"],
            one["hash"][:12],
        )
        for one in found
    ]
    say(table(("record", "recorded", "effective", "by", "what", "hash"), rows, right=(0,)))

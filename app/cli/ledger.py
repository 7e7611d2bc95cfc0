"""`outcomes balances` and `outcomes journal`."""

from itertools import islice
from typing import Annotated, Any

import typer

from app.cli.options import (
    AsJson,
    Contract,
    KnownOn,
    Url,
    connected,
    day,
    text_of,
)
from app.cli.output import amount, say, show_json, table, warn


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
    known = f"as known at {found['known_at']}"
    effective = f", effective to {found['effective_to']}" if found["effective_to"] else ""
    say(f"{_currency(found)}; debit balances are positive; {known}{effective}\n")
    head = ("account", "type", "debits", "credits", "balance")
    say(table(head, rows, right=(2, 3, 4)))
    for book in found["trial_balances"]:
        say(
            f"Book {book['book']}: debits {amount(book['debit_total'])}, credits "
            f"{amount(book['credit_total'])}"
        )


def journal(
    contract: Contract,
    after: Annotated[int, typer.Option("--after", help="Begin after that record.", min=0)] = 0,
    limit: Annotated[
        int | None, typer.Option("--limit", help="Show at most so many. Default: all.", min=1)
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Read the hash-chained journal: all of it, or from a record on and so many."""
    with connected(url) as service:
        records = service.pages(f"/v1/contracts/{contract}/journal")
        wanted = (one for one in records if one["sequence"] > after)
        found = list(islice(wanted, limit))
        more = next(wanted, None) is not None
    if more:
        warn(f"More records follow: go on with --after {found[-1]['sequence']}.")
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


def _currency(found: dict[str, Any]) -> str:
    """What the figures below are in; every amount of a contract is in its one currency."""
    currencies = {one["debits"]["currency"] for one in found["accounts"]}
    return f"All amounts in {', '.join(sorted(currencies))}" if currencies else "No accounts yet"

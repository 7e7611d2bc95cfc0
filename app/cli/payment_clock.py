"""`outcomes ageing` and `outcomes compliance`: what is unpaid, and how promptly a payer pays."""

from datetime import date
from typing import Annotated

import typer

from app.cli.documents_paid import readable
from app.cli.options import AsJson, Contract, From, KnownOn, To, Url, connected, day, text_of
from app.cli.output import say, show_json, table


def ageing(
    contract: Contract,
    *,
    payer: Annotated[str | None, typer.Option("--payer", help="Only of this payer.")] = None,
    as_of: Annotated[
        date | None,
        typer.Option("--as-of", help="At the end of that day. Default: today.", parser=day),
    ] = None,
    known_on: KnownOn = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show what is unpaid of invoices, by how late it is and what a dispute holds."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/ageing"
        found = service.get(place, payer=payer, as_of=text_of(as_of), known_on=text_of(known_on))
    if as_json:
        show_json(found)
        return
    known = f", as known on {known_on}" if known_on else ""
    say(
        f"Unpaid on {found['as_of']}{known}: {readable(found['unpaid'])}, of which "
        f"{readable(found['held'])} is in dispute."
    )
    buckets = [(one["bucket"], one["count"], one["amount"]) for one in found["buckets"]]
    say(table(("days late", "sums", "amount"), buckets, right=(1, 2)))
    if found["sums"]:
        rows = [
            (
                one["reference"],
                one["customer"],
                one["received_on"],
                "in dispute" if one["is_held"] else one["due_on"],
                one["days_late"],
                one["amount"],
            )
            for one in found["sums"]
        ]
        head = ("invoice", "payer", "received", "due", "days late", "amount")
        say(table(head, rows, right=(4, 5)))


def compliance(
    contract: Contract,
    payer: Annotated[str, typer.Argument(help="The payer's id.", show_default=False)],
    start: From,
    end: To,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show a payer's figures for its payments compliance notice, for this contract."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/payments-compliance"
        query = {"payer": payer, "from": text_of(start), "to": text_of(end)}
        found = service.get(place, **query)
    if as_json:
        show_json(found)
        return
    say(f"{payer}, {found['period']['start']} to {found['period']['end']}")
    rows = [
        ("Sums paid", str(found["paid_count"])),
        ("Amount paid", readable(found["paid"])),
        ("Average days to payment", found["average_days"]),
        ("Paid within 30 days, %", found["paid_to_30_days"]),
        ("Paid on days 31 to 60, %", found["paid_31_to_60_days"]),
        ("Paid after 60 days, %", found["paid_after_60_days"]),
        ("Paid after the terms", readable(found["paid_late"])),
        ("Sums that fell due", str(found["due_count"])),
        ("Not paid within the terms, %", found["not_paid_in_terms"]),
        ("Unpaid at the end, %", found["unpaid_at_end"]),
    ]
    say(table(("figure", "value"), rows, right=(1,)))

"""`outcomes invoice`: issue, list and print invoices and credit notes."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.documents_paid import readable
from app.cli.failure import CannotRun
from app.cli.options import (
    As,
    AsJson,
    ClaimNumber,
    Contract,
    DryRun,
    Key,
    LateReason,
    OnDay,
    Url,
    connected,
    text_of,
    without_none,
)
from app.cli.output import say, show_json, table
from app.cli.terms import say_if_dry

invoice = typer.Typer(help="Invoices and credit notes of approved claims.", no_args_is_help=True)


@invoice.command("issue")
def issue(
    contract: Contract,
    number: ClaimNumber,
    actor: As,
    *,
    on: OnDay = None,
    late_reason: LateReason = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Issue every document of an approved claim, once."""
    body = without_none(issued_on=text_of(on))
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/claims/{number}/invoices"
        answer = service.write(
            place, body, actor, key=key, dry_run=dry_run, late_reason=late_reason
        )
    _list(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@invoice.command("list")
def list_all(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List invoices and credit notes, and what is open of each."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/invoices"))
    _list({"items": found}, as_json=as_json)


@invoice.command("show")
def show(
    contract: Contract,
    issuer: Annotated[str, typer.Argument(help="The party that issued it.", show_default=False)],
    number: Annotated[int, typer.Argument(help="Its number.", min=1)],
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Write the print to this file.", metavar="FILE")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show a document, or write its print to a file."""
    place = f"/v1/contracts/{contract}/invoices/{issuer}/{number}"
    with connected(url) as service:
        found = service.get(place)
        printed = service.get_bytes(f"{place}/pdf") if pdf else b""
    if pdf:
        try:
            pdf.write_bytes(printed)
        except OSError as error:
            raise CannotRun(f"{pdf} cannot be written: {error.strerror}.") from error
    if as_json:
        show_json(found)
        return
    kind = found["kind"].replace("_", " ").capitalize()
    say(f"{kind} {found['reference']} to {found['customer']}, issued on {found['issued_on']}")
    due = f", due on {found['due_on']}" if found["due_on"] else ""
    say(f"Claim {found['claim_number']}{due}: {found['settlement']}")
    rows = [[one["metric"], one["description"], one["count"], one["net"]] for one in found["lines"]]
    rows += [
        ["Net", "", "", found["net"]],
        ["VAT", found["vat_treatment"], "", found["vat"]],
        ["Total", "", "", found["total"]],
    ]
    say(table(("metric", "description", "count", "net"), rows, right=(2, 3)))
    say(f"Open: {readable(found['open_amount'])}")
    if pdf:
        say(f"Printed to {pdf}")


def _list(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    rows = [
        (
            one["document_id"],
            one["kind"],
            one["claim_number"],
            one["customer"],
            one["issued_on"],
            one["due_on"],
            one["total"],
            one["open_amount"],
            one["settlement"],
        )
        for one in found["items"]
    ]
    head = ("document", "kind", "claim", "to", "issued", "due", "total", "open", "state")
    say(table(head, rows, right=(2, 6, 7)))

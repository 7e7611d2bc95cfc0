"""`outcomes payment` and `outcomes remittance`: money that moved, and the documents it settles."""

from typing import Annotated, Any

import typer

from app.cli.client import Answer
from app.cli.documents_paid import (
    AmountOf,
    Currency,
    For,
    allocations_in,
    amount_in,
    readable,
)
from app.cli.export import download
from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    LateReason,
    OnDay,
    Url,
    Version,
    connected,
    text_of,
    without_none,
)
from app.cli.output import say, show_json, table
from app.cli.terms import say_if_dry
from app.domain.parties import Actor

payment = typer.Typer(help="Payments made and returned, recorded here.", no_args_is_help=True)

PaymentId = Annotated[str, typer.Argument(help="The payment's id.", show_default=False)]
Reference = Annotated[str | None, typer.Option("--reference", help="The payment's own reference.")]


@payment.command("record")
def record(
    contract: Contract,
    actor: As,
    payer: Annotated[str, typer.Option("--payer", help="The party that has paid.")],
    payee: Annotated[str, typer.Option("--payee", help="The party that was paid.")],
    amount: AmountOf,
    *,
    allocations: For = None,
    currency: Currency = "GBP",
    reference: Reference = None,
    on: OnDay = None,
    late_reason: LateReason = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Record a payment and what it is for. The service moves no money."""
    body = without_none(
        payer=payer,
        payee=payee,
        amount=amount_in(amount, currency),
        paid_on=text_of(on),
        reference=reference,
        allocations=allocations_in(allocations, currency),
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/payments"
        answer = service.write(
            place, body, actor, key=key, dry_run=dry_run, late_reason=late_reason
        )
    _show(answer, as_json=as_json)


@payment.command("return")
def give_back(
    contract: Contract,
    payment_id: PaymentId,
    actor: As,
    amount: AmountOf,
    *,
    allocations: For = None,
    currency: Currency = "GBP",
    reference: Reference = None,
    version: Version = None,
    on: OnDay = None,
    late_reason: LateReason = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Record that a payment failed or came back, whole or in part, and what is open again."""
    body = without_none(
        amount=amount_in(amount, currency),
        returned_on=text_of(on),
        reference=reference,
        allocations=allocations_in(allocations, currency),
    )
    place = f"/v1/contracts/{contract}/payments/{payment_id}"
    answer = _change(
        place,
        "returns",
        body,
        actor,
        version,
        url=url,
        key=key,
        dry_run=dry_run,
        late_reason=late_reason,
    )
    _show(answer, as_json=as_json)


@payment.command("allocate")
def allocate(
    contract: Contract,
    payment_id: PaymentId,
    actor: As,
    *,
    allocations: For = None,
    currency: Currency = "GBP",
    version: Version = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Set money on account against documents; the opposite sign takes it back."""
    body = without_none(allocations=allocations_in(allocations, currency), allocated_on=text_of(on))
    place = f"/v1/contracts/{contract}/payments/{payment_id}"
    answer = _change(place, "allocations", body, actor, version, url=url, key=key, dry_run=dry_run)
    _show(answer, as_json=as_json)


@payment.command("set-off")
def set_off(
    contract: Contract,
    actor: As,
    *,
    allocations: For = None,
    currency: Currency = "GBP",
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Settle an invoice with a credit note; no money moves. Amounts come to nothing."""
    body = without_none(allocations=allocations_in(allocations, currency), set_off_on=text_of(on))
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/set-offs"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    _show(answer, as_json=as_json)


@payment.command("list")
def list_all(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List payments and returns with what is on account."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/payments"))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["payment_id"],
            one["kind"],
            one["paid_on"],
            one["payer"],
            one["payee"],
            one["amount"],
            one["returned"],
            one["on_account"],
            one["reference"],
        )
        for one in found
    ]
    head = (
        "payment",
        "kind",
        "on",
        "payer",
        "payee",
        "amount",
        "returned",
        "on account",
        "reference",
    )
    say(table(head, rows, right=(5, 6, 7)))


def remittance(
    contract: Contract,
    payment_id: PaymentId,
    pdf: Annotated[
        str | None, typer.Option("--pdf", help="Write the print to this file.", metavar="FILE")
    ] = None,
    as_csv: Annotated[
        str | None, typer.Option("--csv", help="Write it as CSV to this file.", metavar="FILE")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show the remittance advice of a payment: what it paid, and what each document leaves."""
    place = f"/v1/contracts/{contract}/payments/{payment_id}/remittance"
    for form, out in (("pdf", pdf), ("csv", as_csv)):
        if out is not None:
            download(f"{place}/{form}", out, url)
    with connected(url) as service:
        found = service.get(place)
    if as_json:
        show_json(found)
        return
    reference = f", {found['reference']}" if found["reference"] else ""
    say(
        f"{found['payer']} to {found['payee']}, {readable(found['amount'])} on "
        f"{found['paid_on']}{reference}"
    )
    rows = [
        [
            one[name]
            for name in ("reference", "issued_on", "amount", "paid_before", "paid_now", "left")
        ]
        for one in found["rows"]
    ]
    head = ("document", "issued", "amount", "paid before", "paid now", "left")
    say(table(head, rows, right=(2, 3, 4, 5)))
    say(f"Returned: {readable(found['returned'])}; on account: {readable(found['on_account'])}")


def _change(
    place: str,
    act: str,
    body: dict[str, Any],
    actor: Actor,
    version: int | None,
    *,
    url: str | None,
    key: str | None,
    dry_run: bool,
    late_reason: str | None = None,
) -> Answer:
    """Act on the version named, or on the payment as it stands now."""
    with connected(url) as service:
        etag = f'"{version}"' if version else service.read(place).etag
        return service.write(
            f"{place}/{act}",
            body,
            actor,
            key=key,
            if_match=etag,
            dry_run=dry_run,
            late_reason=late_reason,
        )


def _show(answer: Answer, *, as_json: bool) -> None:
    made = answer.body
    if as_json:
        show_json(made)
    else:
        if made["kind"] == "set_off":
            say(f"{made['payer']} and {made['payee']} set off documents on {made['paid_on']}")
        else:
            verb = "returned to" if made["kind"] == "return" else "paid"
            say(
                f"{made['payer']} {verb} {made['payee']} {readable(made['amount'])} on "
                f"{made['paid_on']}, entry {made['entry_number']}"
            )
        say(f"Payment {made['payment_id']}, version {made['version']}")
        for one in made["allocations"]:
            say(f"  {one['document']}: {readable(one['amount'])}")
        say(f"On account: {readable(made['on_account'])}")
    say_if_dry(dry_run=answer.dry_run)

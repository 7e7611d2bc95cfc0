"""`outcomes dispute`: challenges to lines, their steps and outcomes."""

from typing import Annotated, Any

import typer

from app.cli.documents_paid import AmountOf, Currency, amount_in, readable
from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    LateReason,
    Note,
    OnDay,
    Url,
    Version,
    connected,
    text_of,
    without_none,
)
from app.cli.output import say, show_json, table
from app.cli.terms import say_if_dry
from app.domain.dispute import DisputeReason, DisputeState, OutcomeKind
from app.domain.parties import Actor

dispute = typer.Typer(help="Challenges to lines of claims and statements.", no_args_is_help=True)

DisputeId = Annotated[str, typer.Argument(help="The dispute's id.", show_default=False)]


@dispute.command("raise")
def raise_one(
    contract: Contract,
    subject: Annotated[
        str,
        typer.Argument(
            help="claim:<number>/line:<number>, or statement:<party>/<number>/line:<number>.",
            show_default=False,
        ),
    ],
    amount: AmountOf,
    reason: Annotated[DisputeReason, typer.Option("--reason", help="On what ground.")],
    actor: As,
    *,
    currency: Currency = "GBP",
    note: Note = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Dispute a line, whole or in part; the rest of it stays due."""
    body = without_none(
        subject=subject,
        amount=amount_in(amount, currency),
        reason=reason.value,
        note=note,
        raised_on=text_of(on),
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/disputes"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@dispute.command("escalate")
def escalate(
    contract: Contract,
    dispute_id: DisputeId,
    actor: As,
    *,
    note: Note = None,
    version: Version = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Hand an open dispute on to the next step before its deadline."""
    body = without_none(note=note, on=text_of(on))
    place = f"/v1/contracts/{contract}/disputes/{dispute_id}"
    found = _move(place, "escalation", body, actor, version, url=url, key=key, dry_run=dry_run)
    _show(found, as_json=as_json)
    say_if_dry(dry_run=dry_run)


@dispute.command("decide")
def decide(
    contract: Contract,
    dispute_id: DisputeId,
    outcome: Annotated[OutcomeKind, typer.Argument(help="How it ended.", show_default=False)],
    actor: As,
    *,
    due: Annotated[
        str | None, typer.Option("--due", help="Of a settlement: how much of the amount is due.")
    ] = None,
    currency: Currency = "GBP",
    decided_by: Annotated[
        str | None,
        typer.Option("--by", help="Who decided. Default: the step at which the dispute stood."),
    ] = None,
    note: Note = None,
    version: Version = None,
    on: OnDay = None,
    late_reason: LateReason = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Record how a dispute was decided, and post what follows."""
    body = without_none(
        outcome=outcome.value,
        amount_due=None if due is None else amount_in(due, currency),
        decided_by=decided_by,
        note=note,
        decided_on=text_of(on),
    )
    place = f"/v1/contracts/{contract}/disputes/{dispute_id}"
    found = _move(
        place,
        "outcome",
        body,
        actor,
        version,
        url=url,
        key=key,
        dry_run=dry_run,
        late_reason=late_reason,
    )
    _show(found, as_json=as_json)
    say_if_dry(dry_run=dry_run)


@dispute.command("list")
def list_all(
    contract: Contract,
    state: Annotated[
        DisputeState | None, typer.Option("--state", help="Only disputes in this state.")
    ] = None,
    claim: Annotated[
        int | None, typer.Option("--claim", help="Only disputes of this claim.", min=1)
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List disputes with their step and its deadline."""
    chosen = None if state is None else state.value
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/disputes"
        found = list(service.pages(place, state=chosen, claim_number=claim))
    if as_json:
        show_json({"items": found})
        return
    rows = []
    for one in found:
        step = one["step"] or {"decided_by": None, "deadline": None, "overdue": False}
        late = " (overdue)" if step["overdue"] else ""
        rows.append(
            (
                one["dispute_id"],
                one["subject"],
                one["raised_on"],
                one["amount"],
                one["state"],
                step["decided_by"],
                f"{step['deadline'] or '-'}{late}",
            )
        )
    head = ("dispute", "line", "raised", "amount", "state", "stands with", "until")
    say(table(head, rows, right=(3,)))


@dispute.command("show")
def show(
    contract: Contract, dispute_id: DisputeId, url: Url = None, as_json: AsJson = False
) -> None:
    """Show a dispute: who bears the amount, the step it stands at, how it ended."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/disputes/{dispute_id}")
    _show(found, as_json=as_json)
    if as_json:
        return
    rows = [(share["payer"], share["amount"]) for share in found["shares"]]
    say(table(("payer", "disputed"), rows, right=(1,)))
    for handed in found["escalations"]:
        say(f"Handed on to step {handed['step']} on {handed['on']}.")


def _move(
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
) -> dict[str, Any]:
    """Act on the version named, or on the dispute as it stands now."""
    with connected(url) as service:
        etag = f'"{version}"' if version else service.read(place).etag
        answer = service.write(
            f"{place}/{act}",
            body,
            actor,
            key=key,
            if_match=etag,
            dry_run=dry_run,
            late_reason=late_reason,
        )
    found: dict[str, Any] = answer.body
    return found


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    say(
        f"Dispute {found['dispute_id']} of {found['subject']}: {readable(found['amount'])}, "
        f"{found['state']}, raised on {found['raised_on']} by {found['party']}."
    )
    if step := found["step"]:
        until = f"overdue since {step['deadline']}" if step["overdue"] else f"to {step['deadline']}"
        say(f"It stands with {step['decided_by']} (step {step['step']}), {until}.")
    if ended := found["outcome"]:
        say(
            f"Decided on {ended['decided_on']} by {ended['decided_by']}: {readable(ended['due'])} "
            f"is due, {readable(ended['not_due'])} is not."
        )

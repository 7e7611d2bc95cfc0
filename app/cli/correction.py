"""`outcomes correction`: mistakes in approved claim lines, corrected by linked entries."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.approvals import approvals
from app.cli.documents_paid import Currency, readable
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
from app.domain.correction import OF_DISPUTES, CorrectionKind, CorrectionReason, CorrectionState
from app.domain.parties import Actor

correction = typer.Typer(help="Corrections of approved claim lines.", no_args_is_help=True)

CorrectionId = Annotated[str, typer.Argument(help="The correction's id.", show_default=False)]
ProposableReason = StrEnum(  # type: ignore[misc]
    "ProposableReason",
    [(one.name, one.value) for one in CorrectionReason if one not in OF_DISPUTES],
)


def _share(text: str) -> tuple[str, str]:
    """A payer and an amount, written as PAYER=AMOUNT."""
    payer, separator, amount = text.partition("=")
    if not payer or not separator or not amount:
        raise typer.BadParameter("write a part as PAYER=AMOUNT, such as council=750.00")
    return payer, amount


@correction.command("propose")
def propose(
    contract: Contract,
    claim_number: Annotated[int, typer.Argument(help="The claim's number.", min=1)],
    line_number: Annotated[int, typer.Argument(help="The line's number.", min=1)],
    kind: Annotated[CorrectionKind, typer.Option("--kind", help="How the line is corrected.")],
    reason: Annotated[ProposableReason, typer.Option("--reason", help="Why.")],
    actor: As,
    *,
    amount: Annotated[
        str | None,
        typer.Option(
            "--amount",
            help="What is taken back, or what an adjustment adds (below zero: takes off).",
        ),
    ] = None,
    share: Annotated[
        list[Any] | None,
        typer.Option(
            "--share",
            parser=_share,
            metavar="PAYER=AMOUNT",
            help="One payer's part, instead of --amount. Repeat it.",
        ),
    ] = None,
    currency: Currency = "GBP",
    note: Note = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Propose to reverse or adjust a line of an approved claim. Nothing is posted yet."""
    shares = [
        {"payer": payer, "amount": {"amount": part, "currency": currency}}
        for payer, part in share or ()
    ]
    body = without_none(
        kind=kind.value,
        reason=reason.value,
        claim_number=claim_number,
        line_number=line_number,
        amount=None if amount is None else {"amount": amount, "currency": currency},
        shares=shares or None,
        note=note,
        proposed_on=text_of(on),
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/corrections"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@correction.command("approve")
def approve(
    contract: Contract,
    correction_id: CorrectionId,
    actor: As,
    *,
    version: Version = None,
    note: Note = None,
    on: OnDay = None,
    late_reason: LateReason = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Approve a correction: its entry is posted to every book; above the limit by two persons."""
    body = without_none(decided_on=text_of(on), note=note)
    place = f"/v1/contracts/{contract}/corrections/{correction_id}"
    found = _decide(
        place,
        "approval",
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


@correction.command("refuse")
def refuse(
    contract: Contract,
    correction_id: CorrectionId,
    actor: As,
    *,
    version: Version = None,
    note: Note = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a correction: nothing is posted."""
    body = without_none(decided_on=text_of(on), note=note)
    place = f"/v1/contracts/{contract}/corrections/{correction_id}"
    found = _decide(place, "refusal", body, actor, version, url=url, key=key, dry_run=dry_run)
    _show(found, as_json=as_json)
    say_if_dry(dry_run=dry_run)


@correction.command("list")
def list_all(
    contract: Contract,
    *,
    state: Annotated[
        CorrectionState | None, typer.Option("--state", help="Only those in this state.")
    ] = None,
    claim_number: Annotated[
        int | None, typer.Option("--claim", help="Only those of this claim.", min=1)
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List corrections in the order in which they were proposed."""
    wanted = without_none(state=state.value if state else None, claim_number=claim_number)
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/corrections", **wanted))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["correction_id"],
            f"{one['claim_number']}/{one['line_number']}",
            one["kind"],
            one["reason"],
            one["state"],
            one["change"],
            one["entry_number"] or "",
        )
        for one in found
    ]
    head = ("correction", "claim/line", "kind", "reason", "state", "change", "entry")
    say(table(head, rows, right=(5, 6)))


@correction.command("show")
def show(
    contract: Contract, correction_id: CorrectionId, url: Url = None, as_json: AsJson = False
) -> None:
    """Show a correction: what it changes for whom, its entry, and its documents."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/corrections/{correction_id}")
    _show(found, as_json=as_json)


def _decide(
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
    """Act on the version named, or on the correction as it stands now."""
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
        f"{found['kind']} of claim {found['claim_number']}, line {found['line_number']}, because "
        f"of {found['reason']}: {found['state']}"
    )
    say(f"Correction {found['correction_id']}, version {found['version']}")
    say(
        f"Proposed {found['proposed_on']} by "
        f"{found['proposed_by_party']}/{found['proposed_by_person']}"
    )
    for line in approvals(found, undecided=found["decided_on"] is None):
        say(line)
    if found["decided_on"]:
        by = f"{found['decided_by_party']}/{found['decided_by_person']}"
        say(f"Decided {found['decided_on']} by {by}")
    rows = [[one["payer"], one["amount"]] for one in found["shares"]]
    rows.append(["Change", found["change"]])
    say(table(("payer", "change"), rows, right=(1,)))
    if found["reverses"]:
        say(f"Reverses entry {found['reverses']}")
    if found["entry_number"]:
        say(f"Posted as entry {found['entry_number']}")
    if found["documents"]:
        say(f"On {', '.join(found['documents'])}")
    if found["dispute_id"]:
        say(f"Carries out dispute {found['dispute_id']}")
    say(f"In all: {readable(found['change'])}")

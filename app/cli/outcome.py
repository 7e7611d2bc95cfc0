"""`outcomes outcome`, `entitlement` and `clawback`: from a milestone reached to money earned."""

from typing import Annotated, Any

import typer

from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    Note,
    OnDay,
    Person,
    Url,
    Version,
    connected,
    text_of,
    without_none,
)
from app.cli.output import amount, say, show_json, table
from app.cli.terms import say_if_dry
from app.domain.verification import ClawbackGround, Decision, ReasonCode

outcome = typer.Typer(help="Outcomes: submitted, decided on.", no_args_is_help=True)
entitlements = typer.Typer(help="Verified outcomes with their prices.", no_args_is_help=True)

Submission = Annotated[str, typer.Argument(help="The submission's id.", show_default=False)]
OfPerson = Annotated[
    str | None, typer.Option("--person", help="Only those of this pseudonym.", metavar="PERSON")
]


@outcome.command("submit")
def submit(
    contract: Contract,
    person: Person,
    metric: Annotated[str, typer.Argument(help="The metric, such as S06.", show_default=False)],
    actor: As,
    *,
    evidence: Annotated[
        list[str] | None,
        typer.Option("--evidence", help="The id of an item of evidence; may be repeated."),
    ] = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Put a milestone forward that was reached. The participant's own provider acts."""
    body = without_none(
        participant_id=person,
        metric=metric,
        evidence_ids=evidence or [],
        submitted_on=text_of(on),
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/submissions"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    made = answer.body
    if as_json:
        show_json(made)
    else:
        say(f"Submission {made['submission_id']}, round {made['round']}")
        due = f", due by {made['due_on']}" if made["due_on"] else ""
        say(
            f"{made['participant_id']} {made['metric']} achieved on {made['achieved_on']}, "
            f"submitted on {made['submitted_on']}{due}"
        )
        for gap in made["gaps"]:
            say(f"Evidence missing: {gap['wanted']}")
    say_if_dry(dry_run=answer.dry_run)


@outcome.command("waive")
def waive(
    contract: Contract,
    submission: Submission,
    actor: As,
    *,
    note: Note = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Waive that a submission is late. The commissioner acts."""
    body = without_none(granted_on=text_of(on), note=note)
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/submissions/{submission}/waiver"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    made = answer.body
    if as_json:
        show_json(made)
    else:
        say(
            f"Lateness of {made['submission_id']} waived by {made['party']} on {made['granted_on']}"
        )
    say_if_dry(dry_run=answer.dry_run)


@outcome.command("decide")
def decide(
    contract: Contract,
    submission: Submission,
    decision: Annotated[Decision, typer.Argument(help="What is decided.", show_default=False)],
    actor: As,
    *,
    reason: Annotated[
        ReasonCode | None, typer.Option("--reason", help="Why it is returned or rejected.")
    ] = None,
    note: Note = None,
    accept_equivalent: Annotated[
        bool,
        typer.Option(
            "--accept-equivalent", help="Accept other evidence than the rule's; needs --note."
        ),
    ] = False,
    accept_backdated: Annotated[
        bool,
        typer.Option(
            "--accept-backdated", help="Accept a date in time of what was recorded too late."
        ),
    ] = False,
    version: Version = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Verify, return or reject a submission, once. The commissioner acts, never the submitter."""
    body = without_none(
        decision=decision.value,
        reason_code=reason and reason.value,
        note=note,
        decided_on=text_of(on),
        accept_equivalent_evidence=accept_equivalent,
        accept_backdated=accept_backdated,
    )
    place = f"/v1/contracts/{contract}/submissions/{submission}"
    with connected(url) as service:
        etag = f'"{version}"' if version else service.read(place).etag
        answer = service.write(
            f"{place}/decision", body, actor, key=key, if_match=etag, dry_run=dry_run
        )
    if as_json:
        show_json(answer.body)
    else:
        _show_decided(answer.body)
    say_if_dry(dry_run=answer.dry_run)


@outcome.command("list")
def list_all(
    contract: Contract,
    state: Annotated[
        str | None, typer.Option("--state", help="submitted, verified, returned or rejected.")
    ] = None,
    person: OfPerson = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List submissions with the decisions on them, in order of recording."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/submissions"
        found = list(service.pages(place, state=state, participant_id=person))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["participant_id"],
            one["metric"],
            one["round"],
            one["achieved_on"],
            one["submitted_on"],
            one["due_on"],
            one["state"],
            (one["verification"] or {}).get("reason_code"),
            one["submission_id"],
        )
        for one in found
    ]
    head = (
        *("person", "metric", "round", "achieved", "submitted", "due"),
        *("state", "reason", "id"),
    )
    say(table(head, rows, right=(2,)))


@entitlements.command("list")
def list_entitlements(
    contract: Contract, person: OfPerson = None, url: Url = None, as_json: AsJson = False
) -> None:
    """List verified outcomes with their prices, before caps, also those taken back."""
    with connected(url) as service:
        pages = service.pages(f"/v1/contracts/{contract}/entitlements")
        found = [one for one in pages if person in {None, one["participant_id"]}]
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["participant_id"],
            one["metric"],
            one["achieved_on"],
            one["verified_on"],
            one["edition"],
            one["amount"],
            one["entitlement_id"],
        )
        for one in found
    ]
    head = ("person", "metric", "achieved", "verified", "edition", "amount", "id")
    say(table(head, rows, right=(5,)))


def clawback(
    contract: Contract,
    entitlement: Annotated[str, typer.Argument(help="The entitlement's id.", show_default=False)],
    actor: As,
    ground: Annotated[ClawbackGround, typer.Option("--ground", help="The ground.")],
    *,
    note: Note = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Take an entitlement back whole; the next claim has the line. The commissioner acts."""
    body = without_none(ground=ground.value, decided_on=text_of(on), note=note)
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/entitlements/{entitlement}/clawback"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    made = answer.body
    if as_json:
        show_json(made)
    else:
        say(f"Entitlement {made['entitlement_id']} taken back on {made['decided_on']}:")
        say(f"{made['ground']}, clawback {made['clawback_id']}")
    say_if_dry(dry_run=answer.dry_run)


def _show_decided(made: dict[str, Any]) -> None:
    decided = made["verification"]
    reason = f", {decided['reason_code']}" if decided["reason_code"] else ""
    say(
        f"Submission {made['submission_id']} {decided['decision']} on {decided['decided_on']} by "
        f"{decided['party']}/{decided['person']}{reason}"
    )
    if earned := made["entitlement"]:
        say(
            f"Entitlement {earned['entitlement_id']}: {amount(earned['amount'])} by "
            f"edition {earned['edition']}, before caps"
        )

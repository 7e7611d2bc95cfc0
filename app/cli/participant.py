"""`outcomes participant` and `outcomes event`: people under pseudonyms, and what happened."""

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    KnownOn,
    Note,
    Person,
    Url,
    connected,
    day,
    text_of,
    without_none,
)
from app.cli.output import say, show_json, table, warn_of
from app.cli.terms import say_if_dry
from app.domain.participant import EventKind

participant = typer.Typer(help="Participants, under pseudonyms.", no_args_is_help=True)
event = typer.Typer(help="What happened to a participant.", no_args_is_help=True)


@participant.command("register")
def register(
    contract: Contract,
    person: Person,
    actor: As,
    referred_on: Annotated[
        date,
        typer.Option("--referred-on", help="The day of referral.", parser=day, metavar="DAY"),
    ],
    setting: Annotated[
        str, typer.Option("--setting", help="Where the person lived then, a code of the terms.")
    ],
    funded: Annotated[
        bool,
        typer.Option("--funded/--not-funded", help="Whether the commissioner paid for that place."),
    ],
    *,
    age: Annotated[
        int | None, typer.Option("--age", help="Age in whole years then, if the terms ask.")
    ] = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Register a referral, if the cohort's rule in the terms fits. The provider acts."""
    body = without_none(
        participant_id=person,
        referred_on=text_of(referred_on),
        setting=setting,
        funded_by_commissioner=funded,
        age_at_referral=age,
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/participants"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@participant.command("show")
def show(
    contract: Contract,
    person: Person,
    known_on: KnownOn = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show a participant with every event, also those that a correction has replaced."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/participants/{person}"
        found = service.get(place, known_on=text_of(known_on))
    _show(found, as_json=as_json)


@participant.command("list")
def list_all(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List a contract's participants in order of pseudonym."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/participants"))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["participant_id"],
            one["provider"],
            one["referred_on"],
            one["phase"],
            one["support"],
            len(one["events"]),
        )
        for one in found
    ]
    head = ("person", "provider", "referred", "phase", "support", "events")
    say(table(head, rows, right=(5,)))


@event.command("record")
def record(
    contract: Contract,
    person: Person,
    kind: Annotated[EventKind, typer.Argument(help="What happened.", show_default=False)],
    actor: As,
    on: Annotated[
        date,
        typer.Option("--on", help="The day on which it happened.", parser=day, metavar="DAY"),
    ],
    *,
    destination: Annotated[
        str | None, typer.Option("--destination", help="Where to, a code of the terms.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", help="Why a home ended, or which absence is accepted."),
    ] = None,
    supersedes: Annotated[
        str | None, typer.Option("--supersedes", help="The id of the event that this one corrects.")
    ] = None,
    note: Note = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Record one event. Nothing is edited: a correction names the event that was wrong."""
    told = without_none(
        kind=kind.value,
        on=text_of(on),
        destination=destination,
        reason=reason,
        supersedes=supersedes,
        note=note,
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/participants/{person}/events"
        answer = service.write(place, {"events": [told]}, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    warn_of(answer.body)
    say_if_dry(dry_run=answer.dry_run)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    support = f", {found['support']}" if found["support"] else ""
    say(
        f"{found['participant_id']} of {found['provider']}, referred on {found['referred_on']}: "
        f"{found['phase']}{support}"
    )
    if found["events"]:
        rows = [
            (
                one["on"],
                one["kind"],
                one["destination"] or one["reason"],
                "yes" if one["stands"] else "no",
                one["event_id"],
            )
            for one in found["events"]
        ]
        say(table(("on", "what", "detail", "stands", "id"), rows))

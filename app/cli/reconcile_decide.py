"""`outcomes reconcile`: propose matches, and decide on matches and lines."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    LateReason,
    Note,
    Url,
    connected,
    without_none,
)
from app.cli.output import amount, say, show_json, table, warn
from app.cli.reconcile import SomeSource, reconcile
from app.cli.terms import say_if_dry
from app.domain.reconciliation import IgnoreReason, MatchState

MatchId = Annotated[str, typer.Argument(help="The match's id.", show_default=False)]
Line = Annotated[
    str, typer.Argument(help="A line, IMPORT/POSITION, such as 3/17.", show_default=False)
]

Unreadable = Annotated[
    bool, typer.Option("--unreadable", help="It could not be read: see `reconcile faults`.")
]


class Decision(StrEnum):
    """What becomes of a match."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDONE = "undone"


@reconcile.command("propose")
def propose(
    contract: Contract,
    actor: As,
    *,
    source: SomeSource = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Propose what the party's undecided lines pay. Nothing is accepted."""
    warn("Matching; a large account takes a minute.")
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/match-proposals"
        body = without_none(source=source)
        answer = service.write(place, body, actor, key=key, dry_run=dry_run, takes_long=True)
    if as_json:
        show_json(answer.body)
    else:
        found = answer.body
        say(
            f"{found['proposed']} matches proposed, {found['kept']} stand as before, "
            f"{found['superseded']} gave way; {found['open_lines']} lines are open."
        )
    say_if_dry(dry_run=answer.dry_run)


@reconcile.command("matches")
def list_matches(
    contract: Contract,
    *,
    state: Annotated[
        MatchState | None, typer.Option("--state", help="Only those in this state.")
    ] = MatchState.PROPOSED,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List matches, unless told otherwise those that wait for a decision."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/matches", state=state))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["score"],
            one["rule"],
            one["classification"],
            ", ".join(one["lines"]),
            ", ".join(f"{part['item']} {part['amount']['amount']}" for part in one["allocations"]),
            one["left_over"],
            one["match_id"],
        )
        for one in found
    ]
    head = ("score", "rule", "class", "lines", "pays", "left over", "match")
    say(table(head, rows, right=(0, 5)))


@reconcile.command("match")
def by_hand(
    contract: Contract,
    line: Line,
    pays: Annotated[
        list[str],
        typer.Option("--pays", help="ITEM=AMOUNT, such as invoice:spv/12=8248.00; repeatable."),
    ],
    actor: As,
    *,
    currency: Annotated[str, typer.Option("--currency", help="Of the amounts.")] = "GBP",
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Match a line by hand; the match is then accepted like any other."""
    allocations = []
    for one in pays:
        item, separator, amount = one.rpartition("=")
        if not separator:
            raise typer.BadParameter("write --pays ITEM=AMOUNT")
        money = {"amount": amount, "currency": currency}
        allocations.append({"line": line, "item": item, "amount": money})
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/matches"
        body = {"lines": [line], "allocations": allocations}
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    if as_json:
        show_json(answer.body)
    else:
        say(f"Match {answer.body['match_id']} proposed, {answer.body['classification']}")
    say_if_dry(dry_run=answer.dry_run)


@reconcile.command("accept")
def accept(
    contract: Contract,
    match_id: MatchId,
    actor: As,
    *,
    note: Note = None,
    late_reason: LateReason = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Accept a match: its payments are recorded and posted, or confirmed."""
    body = without_none(decision=Decision.ACCEPTED.value, note=note)
    _decide(
        contract,
        match_id,
        body,
        actor,
        key,
        url,
        dry_run=dry_run,
        as_json=as_json,
        late_reason=late_reason,
    )


@reconcile.command("accept-all")
def accept_all(
    contract: Contract,
    import_number: Annotated[int, typer.Argument(help="The import.", show_default=False, min=1)],
    actor: As,
    score: Annotated[
        int, typer.Option("--score", help="Matches that score so much or more.", min=1, max=100)
    ],
    *,
    note: Note = None,
    late_reason: LateReason = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Accept all proposed matches of an import from a score upwards: all of them, or none."""
    body = without_none(score_at_least=score, note=note)
    with connected(url) as service:
        answer = service.write(
            f"/v1/contracts/{contract}/imports/{import_number}/acceptance",
            body,
            actor,
            key=key,
            dry_run=dry_run,
            late_reason=late_reason,
            takes_long=True,
        )
    found = answer.body
    if as_json:
        show_json(found)
    else:
        say(
            f"Import {import_number}: {found['accepted']} matches of {score} or more accepted, "
            f"{found['left']} of less are left."
        )
        for what in ("recorded", "confirmed"):
            say(f"  {what} {amount(found[what])}")
    say_if_dry(dry_run=answer.dry_run)


@reconcile.command("refuse")
def refuse(
    contract: Contract,
    match_id: MatchId,
    actor: As,
    *,
    note: Note = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a match: its lines are open again."""
    body = without_none(decision=Decision.REFUSED.value, note=note)
    _decide(contract, match_id, body, actor, key, url, dry_run=dry_run, as_json=as_json)


@reconcile.command("undo")
def undo(
    contract: Contract,
    match_id: MatchId,
    actor: As,
    *,
    note: Note = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Undo an accepted match: what it recorded is reversed by linked entries."""
    body = without_none(decision=Decision.UNDONE.value, note=note)
    _decide(contract, match_id, body, actor, key, url, dry_run=dry_run, as_json=as_json)


@reconcile.command("ignore")
def ignore(
    contract: Contract,
    line: Line,
    actor: As,
    reason: Annotated[IgnoreReason, typer.Option("--reason", help="Why.")],
    *,
    unreadable: Unreadable = False,
    note: Note = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Leave out a line that is no payment of this contract. It stays in the record."""
    body = without_none(decision="ignored", reason=reason.value, note=note)
    place = _place(contract, line, unreadable=unreadable)
    _decide_line(place, body, actor, key, url, dry_run=dry_run, as_json=as_json)


@reconcile.command("restore")
def restore(
    contract: Contract,
    line: Line,
    actor: As,
    *,
    unreadable: Unreadable = False,
    note: Note = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Take an ignored line back in."""
    body = without_none(decision="taken_back", note=note)
    place = _place(contract, line, unreadable=unreadable)
    _decide_line(place, body, actor, key, url, dry_run=dry_run, as_json=as_json)


def _decide(
    contract: str,
    match_id: str,
    body: dict[str, Any],
    actor: Any,
    key: str | None,
    url: str | None,
    *,
    dry_run: bool,
    as_json: bool,
    late_reason: str | None = None,
) -> None:
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/matches/{match_id}/decision"
        answer = service.write(
            place, body, actor, key=key, dry_run=dry_run, late_reason=late_reason
        )
    if as_json:
        show_json(answer.body)
    else:
        say(f"Match {match_id}: {answer.body['state']}")
        undone = answer.body["state"] == Decision.UNDONE
        rows = [
            (
                one["line"],
                "taken back" if undone else one["effect"],
                one["amount"],
                one["payment_id"],
            )
            for one in answer.body["payments"]
        ]
        if rows:
            say(table(("line", "effect", "amount", "payment"), rows, right=(2,)))
    say_if_dry(dry_run=answer.dry_run)


def _place(contract: str, line: str, *, unreadable: bool) -> str:
    kind = "import-faults" if unreadable else "import-lines"
    return f"/v1/contracts/{contract}/{kind}/{line}"


def _decide_line(
    place: str,
    body: dict[str, Any],
    actor: Any,
    key: str | None,
    url: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    with connected(url) as service:
        answer = service.write(f"{place}/decision", body, actor, key=key, dry_run=dry_run)
    if as_json:
        show_json(answer.body)
    else:
        say(f"Line {answer.body['line']}: {answer.body['state']}")
    say_if_dry(dry_run=answer.dry_run)


__all__ = ["reconcile"]

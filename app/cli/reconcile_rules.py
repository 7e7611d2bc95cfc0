"""`outcomes reconcile`: how far matching may reach for each account."""

from typing import Annotated

import typer

from app.cli.options import As, AsJson, Contract, DryRun, Key, Url, connected, without_none
from app.cli.output import say, show_json, table
from app.cli.reconcile import Source
from app.cli.reconcile_decide import reconcile
from app.cli.terms import say_if_dry

_NAMES = (
    "party",
    "source",
    "rules_version",
    "days_before_issue",
    "days_after_due",
    "return_days",
    "group_candidates",
    "group_size",
)
_HEAD = ("party", "source", "version", "before issue", "after due", "returns", "among", "together")

Days = Annotated[int | None, typer.Option(help="A number of days.", min=0)]
Count = Annotated[int | None, typer.Option(help="A number of lines or items.", min=2)]


@reconcile.command("set-rules")
def set_rules(
    contract: Contract,
    source: Source,
    actor: As,
    *,
    days_before_issue: Days = None,
    days_after_due: Days = None,
    return_days: Days = None,
    group_candidates: Count = None,
    group_size: Count = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Save how far matching may reach for an account; what is left out is as usual."""
    body = without_none(
        source=source,
        days_before_issue=days_before_issue,
        days_after_due=days_after_due,
        return_days=return_days,
        group_candidates=group_candidates,
        group_size=group_size,
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/match-rules"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    if as_json:
        show_json(answer.body)
    else:
        say(table(_HEAD, [[answer.body[name] for name in _NAMES]], right=range(2, 8)))
    say_if_dry(dry_run=answer.dry_run)


@reconcile.command("rules")
def rules(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List the rules of every account that has any of its own."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/match-rules")
    if as_json:
        show_json(found)
        return
    rows = [[one[name] for name in _NAMES] for one in found["items"]]
    say(table(_HEAD, rows, right=range(2, 8)))


__all__ = ["reconcile"]

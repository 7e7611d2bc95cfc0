"""`outcomes period`: close quarters and financial years, reopen what was closed softly."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    Note,
    Url,
    Version,
    connected,
    day,
    without_none,
)
from app.cli.output import say, show_json, table
from app.cli.terms import say_if_dry
from app.domain.parties import Actor
from app.domain.period_close import PeriodKind

period = typer.Typer(help="Quarters and financial years, and their closes.", no_args_is_help=True)

Start = Annotated[
    date,
    typer.Argument(help="The period's first day.", parser=day, metavar="START", show_default=False),
]
Year = Annotated[
    bool, typer.Option("--year", help="The financial year that starts then, not the quarter.")
]


class Level(StrEnum):
    """How firmly a period is closed."""

    SOFT = "soft"
    HARD = "hard"


@period.command("close")
def close(
    contract: Contract,
    start: Start,
    actor: As,
    level: Annotated[Level, typer.Option("--level", help="soft: can be reopened; hard: for good.")],
    *,
    year: Year = False,
    version: Version = None,
    note: Note = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Close a period from the day after its end; a hard close freezes every party's statement."""
    body = without_none(level=level.value, note=note)
    place = _place(contract, start, year=year)
    found = _decide(place, "close", body, actor, version, url=url, key=key, dry_run=dry_run)
    _show(found, as_json=as_json)
    say_if_dry(dry_run=dry_run)


@period.command("reopen")
def reopen(
    contract: Contract,
    start: Start,
    actor: As,
    note: Annotated[str, typer.Option("--note", help="Why; it names no participant.")],
    *,
    year: Year = False,
    version: Version = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Reopen a soft-closed period, with the reason."""
    body = {"note": note}
    place = _place(contract, start, year=year)
    found = _decide(place, "reopening", body, actor, version, url=url, key=key, dry_run=dry_run)
    _show(found, as_json=as_json)
    say_if_dry(dry_run=dry_run)


@period.command("list")
def list_all(
    contract: Contract,
    *,
    years: Annotated[bool, typer.Option("--years", help="Financial years, not quarters.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List the contract's quarters and how each stands."""
    kind = PeriodKind.FINANCIAL_YEAR if years else PeriodKind.QUARTER
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/periods", kind=kind.value))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (one["period"]["start"], one["period"]["end"], one["state"], *_last(one)) for one in found
    ]
    say(table(("start", "end", "state", "since", "by"), rows))


def _last(found: dict[str, Any]) -> tuple[str, str]:
    """When and by whom a period was last decided on."""
    if not found["decisions"]:
        return ("", "")
    last = found["decisions"][-1]
    return (last["decided_on"], f"{last['party']}/{last['person']}")


def _place(contract: str, start: date, *, year: bool) -> str:
    kind = PeriodKind.FINANCIAL_YEAR if year else PeriodKind.QUARTER
    return f"/v1/contracts/{contract}/periods/{kind.value}/{start.isoformat()}"


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
) -> dict[str, Any]:
    """Decide on the version named, or on the period as it stands now."""
    with connected(url) as service:
        etag = f'"{version}"' if version else service.read(place).etag
        answer = service.write(
            f"{place}/{act}", body, actor, key=key, if_match=etag, dry_run=dry_run
        )
    found: dict[str, Any] = answer.body
    return found


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    span = f"{found['period']['start']} to {found['period']['end']}"
    state = found["state"] if found["state"] == "open" else f"{found['state']}-closed"
    say(f"{found['kind'].replace('_', ' ').capitalize()} {span}: {state}")
    say(f"Version {found['version']}")
    rows = [
        (one["close_number"], one["level"], one["decided_on"], f"{one['party']}/{one['person']}")
        for one in found["decisions"]
    ]
    say(table(("close", "what", "on", "by"), rows, right=(0,)))

"""`outcomes fund-claim`: what the commissioner asks of an outcomes fund."""

from typing import Annotated, Any

import typer

from app.cli.approvals import approvals
from app.cli.documents_paid import readable
from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    From,
    Key,
    OnDay,
    To,
    Url,
    Version,
    connected,
    text_of,
    without_none,
)
from app.cli.output import say, show_json, table
from app.cli.terms import say_if_dry
from app.domain.parties import Actor

fund_claim = typer.Typer(help="Claims to an outcomes fund.", no_args_is_help=True)

FundClaimNumber = Annotated[int, typer.Argument(help="The claim's number.", min=1)]


@fund_claim.command("prepare")
def prepare(
    contract: Contract,
    fund: Annotated[str, typer.Argument(help="The fund's id.", show_default=False)],
    start: From,
    end: To,
    actor: As,
    *,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Prepare a claim for the fund's part of all that was approved by a period's end."""
    period = {"start": text_of(start), "end": text_of(end)}
    body = without_none(fund=fund, period=period, prepared_on=text_of(on))
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/fund-claims"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@fund_claim.command("submit")
def submit(
    contract: Contract,
    number: FundClaimNumber,
    actor: As,
    *,
    version: Version = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Submit a prepared claim to the fund, or again after its query; large ones by two persons."""
    body = without_none(on=text_of(on))
    place = f"/v1/contracts/{contract}/fund-claims/{number}"
    found = _move(place, "submission", body, actor, version, url=url, key=key, dry_run=dry_run)
    _show(found, as_json=as_json)
    say_if_dry(dry_run=dry_run)


@fund_claim.command("query")
def query(
    contract: Contract,
    number: FundClaimNumber,
    actor: As,
    note: Annotated[str, typer.Option("--note", help="What the fund asks.")],
    *,
    version: Version = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Record the fund's query on a submitted claim."""
    body = without_none(note=note, on=text_of(on))
    place = f"/v1/contracts/{contract}/fund-claims/{number}"
    found = _move(place, "query", body, actor, version, url=url, key=key, dry_run=dry_run)
    _show(found, as_json=as_json)
    say_if_dry(dry_run=dry_run)


@fund_claim.command("list")
def list_all(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List claims to funds, and what is open of each."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/fund-claims"))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["document_id"],
            one["fund"],
            f"{one['period']['start']} to {one['period']['end']}",
            one["state"],
            len(one["lines"]),
            one["total"],
            one["open_amount"],
        )
        for one in found
    ]
    head = ("document", "fund", "period", "state", "lines", "total", "open")
    say(table(head, rows, right=(4, 5, 6)))


@fund_claim.command("show")
def show(
    contract: Contract, number: FundClaimNumber, url: Url = None, as_json: AsJson = False
) -> None:
    """Show a claim by metric, the award after it, and who bore what the fund did not."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/fund-claims/{number}")
    _show(found, as_json=as_json)
    if as_json:
        return
    position = found["position"]
    say(f"Claimed with this claim: {readable(position['claimed'])}")
    if position["award"]:
        say(f"Award: {readable(position['award'])}, left: {readable(position['headroom'])}")
    years = [(one["financial_year"], one["claimed"], one["cap"]) for one in position["years"]]
    say(table(("financial year", "claimed", "cap"), years, right=(1, 2)))
    say(f"Shortfalls: {position['shortfall_borne_by']}")
    if found["shortfalls"]:
        rows = [
            (one["claim_number"], one["line_number"], one["reason"], one["bearer"], one["amount"])
            for one in found["shortfalls"]
        ]
        say(table(("claim", "line", "because of", "borne by", "amount"), rows, right=(0, 1, 4)))


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
) -> dict[str, Any]:
    """Act on the version named, or on the claim as it stands now."""
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
    period = f"{found['period']['start']} to {found['period']['end']}"
    say(f"Claim {found['fund_claim_number']} to {found['fund']} for {period}: {found['state']}")
    say(f"Version {found['version']}")
    for line in approvals(found, undecided=found["state"] in ("prepared", "first_approved")):
        say(line)
    for did in ("submitted", "queried"):
        if found[f"{did}_on"]:
            by = f"{found[f'{did}_by']}/{found[f'{did}_by_person']}"
            say(f"{did.capitalize()} on {found[f'{did}_on']} by {by}")
    rows = [
        [f"{one['claim_number']}/{one['line_number']}", one["metric"], one["count"], one["amount"]]
        for one in found["lines"]
    ]
    rows.append(["Total", "", "", found["total"]])
    say(table(("claim/line", "metric", "count", "amount"), rows, right=(2, 3)))
    say(f"Open: {readable(found['open_amount'])}")

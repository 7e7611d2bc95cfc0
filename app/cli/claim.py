"""`outcomes claim`: preview, submit, decide and read claims."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from app.cli.approvals import approvals
from app.cli.client import Answer, Service
from app.cli.options import (
    As,
    AsJson,
    ClaimNumber,
    Contract,
    DryRun,
    From,
    Key,
    LateReason,
    Note,
    OnDay,
    To,
    Url,
    Version,
    connected,
    text_of,
    without_none,
)
from app.cli.output import say, show_json, table, warn
from app.cli.terms import say_if_dry
from app.domain.claim import ReturnReason
from app.domain.parties import Actor

UNDECIDED = ("submitted", "first_approved")
"""Statuses of a claim that waits for a decision."""

claim = typer.Typer(help="Claims of a contract.", no_args_is_help=True)


@claim.command("preview")
def preview(
    contract: Contract, start: From, end: To, url: Url = None, as_json: AsJson = False
) -> None:
    """Show what a claim for a period would be if it were submitted now."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/claim-preview"
        found = service.get(place, start=text_of(start), end=text_of(end))
    _show(found, as_json=as_json)


@claim.command("submit")
def submit(
    contract: Contract,
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
    """Claim everything that was verified by the end of a period and not claimed yet."""
    period = {"start": text_of(start), "end": text_of(end)}
    body = without_none(period=period, submitted_on=text_of(on))
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/claims"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@claim.command("approve")
def approve(
    contract: Contract,
    number: ClaimNumber,
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
    """Approve a claim: its lines are posted to every book, and never change again.

    A claim above the limit of its terms takes two persons: nothing is posted before the second.
    """
    body = without_none(decided_on=text_of(on), note=note)
    with connected(url) as service:
        answer = _decide(
            service,
            contract,
            number,
            "approval",
            body,
            actor,
            version,
            key,
            dry_run=dry_run,
            late_reason=late_reason,
        )
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@claim.command("return")
def give_back(
    contract: Contract,
    number: ClaimNumber,
    actor: As,
    reason: Annotated[
        ReturnReason, typer.Option("--reason", help="Why; `other` is explained in the note.")
    ],
    *,
    version: Version = None,
    note: Note = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Return a claim with a reason; its lines may be claimed anew."""
    body = without_none(reason_code=reason.value, decided_on=text_of(on), note=note)
    with connected(url) as service:
        answer = _decide(
            service, contract, number, "return", body, actor, version, key, dry_run=dry_run
        )
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@claim.command("list")
def list_all(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List a contract's claims with their totals."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/claims"))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["claim_number"],
            _period(one),
            one["status"],
            None if one["lines_withheld"] else len(one["lines"]),
            *(one["totals"][name] for name in ("gross", "capped", "payable")),
        )
        for one in found
    ]
    head = ("claim", "period", "status", "lines", "gross", "capped", "payable")
    say(table(head, rows, right=(0, 3, 4, 5, 6)))


@claim.command("show")
def show(contract: Contract, number: ClaimNumber, url: Url = None, as_json: AsJson = False) -> None:
    """Show a claim with its lines."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/claims/{number}")
        documents = service.get(f"/v1/contracts/{contract}/claims/{number}/invoices")["items"]
    _show(found, as_json=as_json)
    if not as_json and documents:
        rows = [(one["document_id"], one["customer"], one["open_amount"]) for one in documents]
        say("\n" + table(("document", "to", "open"), rows, right=(2,)))
    if not as_json:
        _say_changes(found)


def _say_changes(found: dict[str, Any]) -> None:
    """The corrections and disputes of the lines since, where there are any to be shown."""
    corrections, disputes = found["corrections"], found["disputes"]
    if corrections and corrections["count"]:
        rows = [
            (one["correction_id"], one["line_number"], one["state"], one["change"])
            for one in corrections["items"]
        ]
        rows.append(("Approved", "", "", corrections["approved"]))
        say("\n" + table(("correction", "line", "state", "change"), rows, right=(1, 3)))
    if disputes and disputes["count"]:
        held = [
            (one["dispute_id"], one["line_number"], one["state"], one["amount"], one["due"])
            for one in disputes["items"]
        ]
        held.append(("Open", "", "", disputes["open"], None))
        say("\n" + table(("dispute", "line", "state", "disputed", "due"), held, right=(1, 3, 4)))


def _decide(
    service: Service,
    contract: str,
    number: int,
    decision: str,
    body: dict[str, Any],
    actor: Actor,
    version: int | None,
    key: str | None,
    *,
    dry_run: bool,
    late_reason: str | None = None,
) -> Answer:
    """Decide on the version named, or on the claim as it stands now."""
    place = f"/v1/contracts/{contract}/claims/{number}"
    etag = f'"{version}"' if version else service.read(place).etag
    return service.write(
        f"{place}/{decision}",
        body,
        actor,
        key=key,
        if_match=etag,
        dry_run=dry_run,
        late_reason=late_reason,
    )


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    kind = "Supplementary claim" if found["supplementary"] else "Claim"
    status = found.get("status", "not submitted")
    say(f"{kind} {found['claim_number']} for {_period(found)}: {status}")
    if "version" in found:
        say(f"Version {found['version']}")
    for line in _acts(found):
        say(line)
    say(_by_metric(found["totals"]) if found["lines_withheld"] else _by_line(found))
    for one in found.get("withheld", ()):
        warn(f"left out: entitlement {one}, which the journey no longer shows")


def _acts(found: dict[str, Any]) -> Iterator[str]:
    """Who submitted a claim, and who decided on it with which reason, where the answer has it."""
    if "submitted_by" in found:
        by = f"{found['submitted_by']}/{found['submitted_by_person']}"
        yield f"Submitted on {found['submitted_on']} by {by}"
    yield from approvals(found, undecided=found.get("status") in UNDECIDED)
    if found.get("decided_on"):
        did = "Returned" if found["status"] == "returned" else "Approved"
        by = f"{found['decided_by']}/{found['decided_by_person']}"
        why = f", {found['reason_code']}" if found["reason_code"] else ""
        yield f"{did} on {found['decided_on']} by {by}{why}"


def _by_line(found: dict[str, Any]) -> str:
    totals = found["totals"]
    borne = _borne(totals)
    rows = [_line(line, borne) for line in found["lines"]]
    total = ["Total", "", "", "", totals["gross"], totals["capped"], totals["payable"]]
    rows.append([*total, *borne.values()])
    head = ("line", "person", "metric", "achieved", "gross", "capped", "payable", *borne)
    return table(head, rows, right=(0, *range(4, len(head))))


def _by_metric(totals: dict[str, Any]) -> str:
    """For a party that is shown no line, because each line is about a person."""
    borne = _borne(totals)
    rows = [
        [
            *(one[name] for name in ("metric", "count", "gross", "capped", "payable")),
            *([None] * len(borne)),
        ]
        for one in totals["by_metric"]
    ]
    total = ["Total", "", totals["gross"], totals["capped"], totals["payable"]]
    rows.append([*total, *borne.values()])
    head = ("metric", "count", "gross", "capped", "payable", *borne)
    return table(head, rows, right=range(1, len(head)))


def _borne(totals: dict[str, Any]) -> dict[str, Any]:
    """What each payer bears of the claim, by payer."""
    return {
        share["payer"]: share["amount"]
        for share in sorted(totals["by_payer"], key=lambda share: str(share["payer"]))
    }


def _line(line: dict[str, Any], payers: Iterable[str]) -> list[Any]:
    shares = {share["payer"]: share["amount"] for share in line["shares"]}
    cuts = ", ".join(cut["cap"] for cut in line["cuts"]) or "-"
    kind = "" if line["kind"] == "outcome" else f" ({line['kind']})"
    return [
        line["line_number"],
        line["participant_id"],
        f"{line['metric']}{kind}",
        line["achieved_on"],
        line["gross"],
        cuts,
        line["payable"],
        *(shares.get(payer) for payer in payers),
    ]


def _period(found: dict[str, Any]) -> str:
    return f"{found['period']['start']} to {found['period']['end']}"

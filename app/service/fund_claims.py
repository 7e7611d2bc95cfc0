"""The fund's share: claims to an outcomes fund, their states, and how the award stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.approval import FirstApproval
from app.domain.claim import Claim, LineKind
from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.fund_claim import (
    FundClaim,
    FundClaimState,
    FundMetricTotal,
    FundPosition,
    FundShortfall,
)
from app.domain.money import Money
from app.domain.period import Period
from app.domain.pseudonym import identity_fault
from app.domain.terms.document import Terms
from app.domain.terms.parties import Role
from app.domain.terms.timeline import Timeline
from app.payments.approvals import ToApprove, second_approval_limit
from app.payments.claim_period import with_days
from app.payments.fund_claims import (
    ApprovedLine,
    fund_claim_for,
    fund_metric_totals,
    fund_position,
)
from app.payments.fund_shortfalls import fund_shortfalls
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.limits import require_within_limit
from app.service.second_approval import first_approval_row, require_another
from app.storage import claims, contracts, corrections, fund_claims, journal
from app.storage.corrections import StoredCorrection
from app.storage.engine import Connection
from app.storage.fund_claim_acts import FundClaimAct
from app.storage.fund_claims import StoredFundClaim

SUBMITTABLE = frozenset(
    {FundClaimState.PREPARED, FundClaimState.FIRST_APPROVED, FundClaimState.QUERIED}
)
"""States from which a claim to a fund is submitted."""


@dataclass(frozen=True, slots=True)
class FundClaimView:
    """A claim to a fund with its totals by metric, and the award after it.

    `shortfalls`: what the fund did not bear of its share in any claim approved by the period's end,
    line by line, and who bore it.
    """

    stored: StoredFundClaim
    by_metric: tuple[FundMetricTotal, ...]
    position: FundPosition
    shortfalls: tuple[FundShortfall, ...]


def prepare_fund_claim(
    context: Context,
    command: Command,
    *,
    fund: str,
    period: Period,
    prepared_on: date | None = None,
) -> Done[StoredFundClaim]:
    """Prepare the commissioner's claim to a fund: all its parts approved by the period's end."""

    def decide(work: Work) -> Change[StoredFundClaim]:
        work.require_role(Role.COMMISSIONER, doing="claim the fund's share")
        funds = work.terms.parties_with(Role.OUTCOMES_FUND, Role.OUTCOME_PAYER)
        if fund not in funds or fund == work.terms.commissioner:
            message = f"{fund} is no fund of the terms; name another payer than the commissioner."
            raise InputInvalid([Fault("fund-unknown", "/fund", message)])
        day = work.day(prepared_on, "/prepared_on")
        approved = _approved(work.connection, work.contract_id, work.timeline, period.end)
        claim = fund_claim_for(
            fund,
            period,
            approved,
            fund_claims.claimed_lines(work.connection, work.contract_id, fund),
            fund_claim_number=fund_claims.next_number(work.connection, work.contract_id),
            prepared_on=day,
        )
        if claim is None:
            raise RuleRefused(
                "nothing-to-claim",
                f"No part of {fund} approved by the end of the period waits to be claimed.",
            )
        version = work.timeline.in_effect(period.end)
        stored = StoredFundClaim(
            claim,
            version.terms.currency,
            version.number,
            _to_approve(work, claim, approved, version.terms),
            FundClaimState.PREPARED,
            day,
            Money(0, version.terms.currency),
            0,
            work.now,
        )
        return Change("fund_claim_prepared", day, _rows(work, stored), stored)

    return run(context, command, decide)


def submit_fund_claim(
    context: Context, command: Command, number: int, *, on: date | None = None
) -> Done[StoredFundClaim]:
    """Submit a prepared claim to the fund, or answer its query by submitting it again.

    A claim above the limit of the terms in effect at its period's end
    (/claims/second_approval_above), by itself or with the claims to that fund submitted before for
    the same periods of the calendar (/claims/calendar), takes two persons of the commissioner: the
    first asks nothing of the fund yet, and the submission of another person then does. A claim that
    the fund queried has been approved, and what it asks never changes, so one person submits it
    again.
    """

    def decide(work: Work) -> Change[StoredFundClaim]:
        work.require_role(Role.COMMISSIONER, doing="submit claims to a fund")
        stored, day = _moving(work, number, SUBMITTABLE, on)
        approval = stored.approval
        require_within_limit(work, approval.amount, f"Claim {number} to the fund")
        if stored.state is FundClaimState.QUERIED:
            return _moved(work, stored, FundClaimState.SUBMITTED, day, None)
        what = f"claim {number} to the fund"
        require_another(work, approval.first, "fund_claim_first_approvals", number, what)
        if approval.takes_two and approval.first is None:
            return _first_approved(work, stored, day)
        return _moved(work, stored, FundClaimState.SUBMITTED, day, None)

    return run(context, command, decide)


def query_fund_claim(
    context: Context, command: Command, number: int, *, note: str, on: date | None = None
) -> Done[StoredFundClaim]:
    """The fund's query on a submitted claim, recorded by the fund or by the commissioner."""

    def decide(work: Work) -> Change[StoredFundClaim]:
        if fault := identity_fault(note, "/note"):
            raise InputInvalid([fault])
        stored = fund_claims.get(work.connection, work.contract_id, number)
        if work.actor.party not in {stored.claim.fund, work.terms.commissioner}:
            raise NotPermitted(
                "party-not-permitted", "Only the fund or the commissioner records a query."
            )
        moving, day = _moving(work, number, {FundClaimState.SUBMITTED}, on)
        return _moved(work, moving, FundClaimState.QUERIED, day, note)

    return run(context, command, decide)


def get_fund_claim(context: Context, contract_id: str, number: int) -> FundClaimView:
    """One claim to a fund, by metric, cumulative against the award."""
    with context.reckoning(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        stored = fund_claims.get(connection, contract_id, number)
        timeline = contracts.timeline(connection, contract_id)
        held = {
            (line.claim_number, line.line_number, line.correction_id)
            for other in fund_claims.page(connection, contract_id)
            if other.claim.fund == stored.claim.fund and other.claim.fund_claim_number <= number
            for line in other.claim.lines
        }
        approved = _approved(connection, contract_id, timeline, date.max)
        shortfalls = _shortfalls(connection, contract_id, timeline, stored.claim)
    lines = [item for item in approved if item.key in held]
    return FundClaimView(
        stored,
        fund_metric_totals(stored.claim.lines, stored.currency),
        fund_position(stored.claim.fund, timeline.latest.terms, lines),
        shortfalls,
    )


def list_fund_claims(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[StoredFundClaim]:
    """Claims to funds in order of their numbers."""
    with context.reckoning(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return fund_claims.page(uow.connection, contract_id, after, limit)


def _approved(
    connection: Connection, contract_id: str, timeline: Timeline, until: date
) -> list[ApprovedLine]:
    """Every line of claims approved by a day, with the flow of the terms it was claimed under.

    And every correction of such a line that was approved by then, as a line of what it changed.
    """
    approved = claims.approved_between(connection, contract_id, date.min, until)
    lines = claims.lines(connection, contract_id, [stored.claim_number for stored in approved])
    flows = {
        stored.claim_number: timeline.numbered(stored.terms_version).terms.funding.flow
        for stored in approved
    }
    first_claim = {
        line.source_id: number
        for number, listed in lines.items()
        for line in listed
        if line.kind is not LineKind.CLAWBACK
    }
    corrected = _corrected_lines(connection, contract_id, list(lines), until)
    found = []
    for stored in approved:
        if stored.decided_on is None:
            raise AssertionError("an approved claim has the day of its approval")
        for line in lines[stored.claim_number]:
            flow = flows[first_claim.get(line.source_id, stored.claim_number)]
            number, day = stored.claim_number, stored.decided_on
            whole = ApprovedLine(number, stored.period, day, flow, line)
            found.append(whole)
            found += [
                replace(
                    whole,
                    approved_on=decided_on,
                    line=replace(
                        line,
                        payable=one.amount,
                        shares=one.correction.shares,
                        count=one.counted,
                    ),
                    correction_id=one.correction.correction_id,
                )
                for one, decided_on in corrected.get((number, line.line_number), ())
            ]
    return found


def _corrected_lines(
    connection: Connection, contract_id: str, claim_numbers: list[int], until: date
) -> dict[tuple[int, int], list[tuple[StoredCorrection, date]]]:
    """By claim and line: the corrections approved by a day, each with the day of its approval."""
    found: dict[tuple[int, int], list[tuple[StoredCorrection, date]]] = {}
    for stored in corrections.approved_of(connection, contract_id, claim_numbers):
        day = stored.decided_on
        if day is not None and day <= until:
            one = stored.correction
            found.setdefault((one.claim_number, one.line_number), []).append((stored, day))
    return found


def _shortfalls(
    connection: Connection, contract_id: str, timeline: Timeline, claim: FundClaim
) -> tuple[FundShortfall, ...]:
    approved = claims.approved_between(connection, contract_id, date.min, claim.period.end)
    lines = claims.lines(connection, contract_id, [stored.claim_number for stored in approved])
    return fund_shortfalls(
        claim.fund,
        (
            (
                Claim(
                    stored.claim_number,
                    stored.period,
                    stored.supplementary,
                    stored.terms_version,
                    tuple(lines[stored.claim_number]),
                ),
                timeline.numbered(stored.terms_version),
            )
            for stored in approved
        ),
    )


def _moving(
    work: Work, number: int, from_states: Collection[FundClaimState], on: date | None
) -> tuple[StoredFundClaim, date]:
    """What every change of state asks: the version that was read, a state it leads on from, a day.

    Raises StaleVersion, and RuleRefused `fund-claim-state`, `date-in-future`, `date-out-of-order`.
    """
    stored = fund_claims.get(work.connection, work.contract_id, number)
    work.require_version(stored.version)
    day = work.day(on, "/on")
    if stored.state not in from_states:
        wanted = " or ".join(sorted(one.value for one in from_states))
        raise RuleRefused(
            "fund-claim-state",
            f"The claim to the fund is {stored.state.value}; that needs it to be {wanted}.",
        )
    if day < stored.state_since:
        raise RuleRefused(
            "date-out-of-order", "The date is before the claim's present state.", pointer="/on"
        )
    return stored, day


def _to_approve(
    work: Work, claim: FundClaim, approved: Sequence[ApprovedLine], terms: Terms
) -> ToApprove:
    """What the submission of a claim that is not recorded yet will count for."""
    keys = {(line.claim_number, line.line_number, line.correction_id) for line in claim.lines}
    days = with_days(claim.period, (one.approved_on for one in approved if one.key in keys))
    minor = sum(line.amount.minor for line in claim.lines)
    return fund_claims.to_approve(
        fund_claims.Asked(claim.fund_claim_number, claim.fund, days, minor, None),
        fund_claims.all_asked(work.connection, work.contract_id),
        terms.claims.calendar,
        second_approval_limit(terms),
        terms.currency,
    )


def _first_approved(work: Work, stored: StoredFundClaim, day: date) -> Change[StoredFundClaim]:
    """The first of two approvals of a submission: recorded, and nothing asked yet."""
    key = {"fund_claim_number": stored.claim.fund_claim_number}
    rows = {"fund_claim_first_approvals": [first_approval_row(work, key, day)]}
    given = replace(
        stored,
        state=FundClaimState.FIRST_APPROVED,
        state_since=day,
        approval=replace(stored.approval, first=FirstApproval(day, work.actor)),
    )
    return Change("fund_claim_first_approved", day, rows, given)


def _moved(
    work: Work, stored: StoredFundClaim, state: FundClaimState, day: date, note: str | None
) -> Change[StoredFundClaim]:
    row = {
        "fund_claim_number": stored.claim.fund_claim_number,
        "state": state.value,
        "on_date": day,
        "note_digest": work.note(note),
    } | work.signed()
    act = FundClaimAct(day, work.actor)
    named = "queried" if state is FundClaimState.QUERIED else "submitted"
    acts = replace(stored.acts, **{named: act})
    moved = replace(stored, state=state, state_since=day, acts=acts)
    return Change(f"fund_claim_{state.value}", day, {"fund_claim_states": [row]}, moved)


def _rows(work: Work, stored: StoredFundClaim) -> dict[str, list[dict[str, Any]]]:
    claim, above = stored.claim, stored.approval.above
    number = claim.fund_claim_number
    return {
        "fund_claims": [
            {
                "fund_claim_number": number,
                "fund": claim.fund,
                "period_start": claim.period.start,
                "period_end": claim.period.end,
                "prepared_on": claim.prepared_on,
                "terms_version": stored.terms_version,
                "second_approval_above_minor": None if above is None else above.minor,
            }
            | work.signed()
        ],
        "fund_claim_lines": [
            {
                "fund_claim_number": number,
                "claim_number": line.claim_number,
                "line_number": line.line_number,
                "fund": claim.fund,
                "metric": line.metric,
                "counted": line.count,
                "amount_minor": line.amount.minor,
                "currency": line.amount.currency,
            }
            for line in claim.lines
            if line.correction_id is None
        ],
        "fund_claim_corrections": [
            {
                "fund_claim_number": number,
                "correction_id": line.correction_id,
                "fund": claim.fund,
                "counted": line.count,
                "amount_minor": line.amount.minor,
                "currency": line.amount.currency,
            }
            for line in claim.lines
            if line.correction_id is not None
        ],
    }

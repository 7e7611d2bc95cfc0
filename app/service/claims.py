"""Claims: what a period asks for, its submission, and the commissioner's decision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.approval import FirstApproval
from app.domain.calendar import local_date
from app.domain.claim import Claim, ClaimLine, ClaimStatus, LineKind
from app.domain.errors import RuleRefused
from app.domain.ledger import Entry
from app.domain.money import Money
from app.domain.outcome import Entitlement
from app.domain.period import Period
from app.domain.sight import Sight
from app.domain.terms.parties import Role
from app.domain.terms.timeline import TermsVersion
from app.payments.approvals import (
    ToApprove,
    amount_to_approve,
    second_approval_limit,
)
from app.payments.claims import ClaimTotals, claim_totals
from app.payments.posting import entries_for_claim
from app.payments.suppression import without_small_counts
from app.service.claim_decisions import (
    decision_row,
    require_may_approve,
    require_may_decide,
    require_not_claimant,
    require_unchanged,
)
from app.service.claim_rows import claim_row, line_rows
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.correcting import merged
from app.service.dispute_money import require_no_blocking_dispute, withheld_rows
from app.service.limits import require_within_limit
from app.service.posting_days import posted_rows
from app.service.preparation import prepared
from app.service.second_approval import first_approval_row
from app.storage import claims, contracts, corrections, disputes, journal, ledger
from app.storage.claims import StoredClaim
from app.storage.corrections import StoredCorrection
from app.storage.disputes import StoredDispute
from app.storage.engine import Connection, UnitOfWork
from app.storage.views import claim_totals as claim_totals_seen

CLAIMANTS = (Role.SPV, Role.INVESTOR, Role.SERVICE_PROVIDER)
"""Roles whose holders may submit claims; never the commissioner, who approves them."""


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its lines and totals. `stored` is None for a claim not submitted (preview).

    `withheld` are the ids of entitlements left out of a claim being made, because the journey as
    corrected no longer bears them out; the commissioner claws them back. `second_approval_above`
    is the limit of the terms that govern the claim, and `beside` what the earlier claims come to
    that it supplements. `sight` is the reader's: whoever may not see people gets the totals,
    without small counts, and no line. `corrections` and `disputes` are those of the lines, in any
    state, that a claim which was read has had since.
    """

    claim: Claim
    totals: ClaimTotals
    currency: str
    stored: StoredClaim | None
    beside: Money
    second_approval_above: Money | None = None
    withheld: tuple[str, ...] = ()
    sight: Sight = Sight.PERSON
    corrections: tuple[StoredCorrection, ...] = ()
    disputes: tuple[StoredDispute, ...] = ()

    @property
    def approval(self) -> ToApprove:
        """What its approval counts for, and who gave the first of two (app/payments/approvals)."""
        amount = amount_to_approve(self.totals.payable, self.beside)
        first = self.stored.first_approval if self.stored else None
        return ToApprove(amount, self.second_approval_above, first)

    @property
    def second_approval_needed(self) -> bool:
        """Whether it takes the approval of two persons."""
        return self.approval.takes_two

    @property
    def lines_withheld(self) -> bool:
        """Whether only the lines of the reader's own participants are here, or none."""
        return self.sight is not Sight.PERSON


def preview_claim(context: Context, contract_id: str, period: Period) -> ClaimView:
    """What a claim for the period would be if it were submitted now. Writes nothing."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        timeline = contracts.timeline(uow.connection, contract_id)
        today = local_date(context.clock(), timeline.latest.terms.timezone)
        with uow.reckoning():
            claim, withheld = prepared(uow.connection, contract_id, timeline, period, today)
            version = timeline.numbered(claim.terms_version)
            view = _view(uow.connection, contract_id, claim, version, None, withheld)
        return seen(view, uow.scope.sight)


def submit_claim(
    context: Context, command: Command, *, period: Period, submitted_on: date | None = None
) -> Done[ClaimView]:
    """Submit a claim for everything verified by the period's end and not claimed yet.

    A second claim whose period overlaps an earlier live one is supplementary, if the terms allow.
    An outcome that the journey no longer bears out, after a correction, is left out and named in
    the answer, so that it holds up nobody else's money.
    """

    def decide(work: Work) -> Change[ClaimView]:
        work.require_role(*CLAIMANTS, doing="submit claims")
        day = work.day(submitted_on, "/submitted_on")
        if period.end > day:
            raise RuleRefused(
                "period-not-over",
                "The period has not ended by the day of submission; claim it afterwards.",
                pointer="/period/end",
            )
        claim, withheld = prepared(
            work.connection, work.contract_id, work.timeline, period, work.today
        )
        if not claim.lines:
            raise RuleRefused(
                "nothing-to-claim",
                "Nothing verified by the end of the period is waiting to be claimed.",
            )
        version = work.timeline.numbered(claim.terms_version)
        if claim.supplementary and not version.terms.claims.supplementary_allowed:
            raise RuleRefused(
                "supplementary-not-allowed",
                "A claim for this period exists, and the terms allow no supplementary claim.",
                pointer="/period",
            )
        view = _view(work.connection, work.contract_id, claim, version, None, withheld)
        header = claim_row(claim, day, view.second_approval_above)
        rows = {"claims": [header | work.signed()]} | line_rows(claim)
        return Change("claim_submitted", day, rows, seen(view, work.sight))

    return run(context, command, decide)


def approve_claim(
    context: Context,
    command: Command,
    claim_number: int,
    *,
    decided_on: date | None = None,
    note: str | None = None,
) -> Done[ClaimView]:
    """Approve a claim as submitted: its lines are posted to every book, and never change again.

    A claim above the limit of its terms (/claims/second_approval_above), by its total or with the
    claims approved for its period before (`amount_to_approve`), takes two persons: the first
    approval is recorded and posts nothing, the claim stays undecided and can still be returned; the
    approval of another person then posts it. All that is asked of one approval is asked of both.

    The claim is prepared once more on what has been approved since: if that differs (an earlier
    claim was returned, say) the approval is refused, and the claim has to be made anew. So what
    was approved first is what is approved second. What is in dispute is withheld in the same
    record (terms /disputes/pay_undisputed).
    """

    def decide(work: Work) -> Change[ClaimView]:
        stored, claim, day = require_may_decide(work, claim_number, decided_on, note)
        version = work.timeline.numbered(claim.terms_version)
        view = _view(work.connection, work.contract_id, claim, version, stored)
        require_within_limit(work, view.approval.amount, f"Claim {claim_number}")
        require_not_claimant(work, stored)  # once more: the limit may leave a delegation only
        require_may_approve(work, stored, claim.lines)
        require_unchanged(work, claim)
        if view.second_approval_needed and stored.first_approval is None:
            return _first_approved(work, view, stored, day, note)
        entries = _entries(work, claim, version, day)
        by_source = {entry.source: entry.entry_number for entry in entries}
        rows: dict[str, Any] = {
            "claim_decisions": [decision_row(work, claim_number, "approved", day, None, note)],
            **posted_rows(work, entries, belongs_on=claim.period.end),
            "approved_lines": [
                {
                    "kind": line.kind.value,
                    "source_id": line.source_id,
                    "claim_number": claim_number,
                    "line_number": line.line_number,
                    "entry_number": by_source.get(f"claim:{claim_number}/line:{line.line_number}"),
                }
                for line in claim.lines
            ],
        }
        rows = merged(rows, withheld_rows(work, claim, version.terms, entries, day))
        approved = replace(view, stored=replace(stored, status=ClaimStatus.APPROVED))
        return Change("claim_approved", day, rows, seen(approved, work.sight))

    return run(context, command, decide)


def return_claim(
    context: Context,
    command: Command,
    claim_number: int,
    *,
    reason_code: str,
    note: str | None = None,
    decided_on: date | None = None,
) -> Done[ClaimView]:
    """Return a claim with a reason. Its lines are free again for a new claim."""

    def decide(work: Work) -> Change[ClaimView]:
        stored, claim, day = require_may_decide(work, claim_number, decided_on, note)
        row = decision_row(work, claim_number, "returned", day, reason_code, note)
        version = work.timeline.numbered(claim.terms_version)
        view = seen(_view(work.connection, work.contract_id, claim, version, stored), work.sight)
        return Change("claim_returned", day, {"claim_decisions": [row]}, view)

    return run(context, command, decide)


def get_claim(context: Context, contract_id: str, claim_number: int) -> ClaimView:
    """One claim with its totals, and the lines that the reader may see."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        with uow.reckoning():  # whether it is paid follows from every line
            stored = claims.get(uow.connection, contract_id, claim_number)
        return _views(uow, contract_id, [stored])[0]


def list_claims(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[ClaimView]:
    """Claims with totals and the lines that the reader may see, in order of their numbers."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        with uow.reckoning():
            found = claims.page(uow.connection, contract_id, after, limit)
        return _views(uow, contract_id, found)


def seen(view: ClaimView, sight: Sight) -> ClaimView:
    """What a party is answered of a claim it acted on: whole, or totals without small counts.

    A provider among several reads its own lines afterwards; a command tells it no line.
    """
    if sight is Sight.PERSON:
        return view
    claim, totals = replace(view.claim, lines=()), without_small_counts(view.totals)
    return replace(view, claim=claim, totals=totals, sight=sight)


def _first_approved(
    work: Work, view: ClaimView, stored: StoredClaim, day: date, note: str | None
) -> Change[ClaimView]:
    """The first of two approvals. What would keep the claim from being paid keeps it off too."""
    number = view.claim.claim_number
    require_no_blocking_dispute(work, number, day)
    key = {"claim_number": number, "note_digest": work.note(note)}
    rows = {"claim_first_approvals": [first_approval_row(work, key, day)]}
    given = replace(
        stored,
        status=ClaimStatus.FIRST_APPROVED,
        first_approval=FirstApproval(day, work.actor),
    )
    return Change("claim_first_approved", day, rows, seen(replace(view, stored=given), work.sight))


def _views(uow: UnitOfWork, contract_id: str, found: Sequence[StoredClaim]) -> list[ClaimView]:
    """Stored claims as the reader of this transaction sees them."""
    connection, sight = uow.connection, uow.scope.sight
    timeline = contracts.timeline(connection, contract_id)
    numbers = [stored.claim_number for stored in found]
    lines: dict[int, list[ClaimLine]] = {}
    corrected: list[StoredCorrection] = []
    disputed: list[StoredDispute] = []
    if sight is not Sight.AGGREGATE:
        lines = claims.lines(connection, contract_id, numbers)
        with uow.reckoning():  # what their claims come to counts for their approvals
            corrected = corrections.of_claims(connection, contract_id, numbers)
        disputed = disputes.of_claims(connection, contract_id, numbers)
    with uow.reckoning():  # what other claims come to
        views = [
            replace(
                _view(
                    connection,
                    contract_id,
                    Claim(
                        number,
                        stored.period,
                        stored.supplementary,
                        stored.terms_version,
                        tuple(lines.get(number, ())),
                    ),
                    timeline.numbered(stored.terms_version),
                    stored,
                ),
                corrections=tuple(
                    one for one in corrected if one.correction.claim_number == number
                ),
                disputes=tuple(one for one in disputed if one.claim_number == number),
            )
            for number, stored in zip(numbers, found, strict=True)
        ]
    if sight is Sight.PERSON or not views:
        return views
    totals = claim_totals_seen(connection, contract_id, numbers, views[0].currency)
    return [replace(view, totals=totals[view.claim.claim_number], sight=sight) for view in views]


def _entries(work: Work, claim: Claim, version: TermsVersion, day: date) -> tuple[Entry, ...]:
    originals = {}
    for line in claim.lines:
        if line.kind is LineKind.CLAWBACK and line.payable:
            number = claims.entry_taken_back(work.connection, work.contract_id, line.source_id)
            if number is not None:
                stored = ledger.entry(work.connection, work.contract_id, number)
                originals[line.line_number] = stored.entry
    first = ledger.next_entry_number(work.connection, work.contract_id)
    return entries_for_claim(claim, version.terms, first, day, originals)


def _view(
    connection: Connection,
    contract_id: str,
    claim: Claim,
    version: TermsVersion,
    stored: StoredClaim | None,
    withheld: Sequence[Entitlement] = (),
) -> ClaimView:
    """A claim with what it comes to, and what those come to that it supplements."""
    currency, beside = version.terms.currency, 0
    if claim.supplementary:  # only then an earlier one has a day in common
        beside = claims.payable_beside(connection, contract_id, claim.period, claim.claim_number)
    return ClaimView(
        claim,
        claim_totals(claim.lines, currency),
        currency,
        stored,
        Money(beside, currency),
        second_approval_limit(version.terms),
        tuple(one.entitlement_id for one in withheld),
    )

"""Corrections, disputes, closed periods and what is unpaid, as files."""

from collections.abc import Iterable, Iterator

from app.domain.correction import CorrectionState
from app.domain.dispute import DisputeState
from app.domain.period_close import PeriodKind
from app.service import corrections, days, disputes, frozen_statements, payment_clock, periods
from app.service.context import Context
from app.service.disputes import DisputeView
from app.service.listings.listing import (
    CURRENCY,
    Filter,
    Given,
    Listing,
    Row,
    amount,
    day,
    flag,
    in_pages,
    instant,
    joined,
    number,
    text,
    whole,
)
from app.service.payment_clock import AgedSum
from app.service.periods import PeriodView
from app.storage.corrections import StoredCorrection
from app.storage.periods import FrozenStatement

_CORRECTIONS = in_pages(
    corrections.list_corrections,
    lambda one: (one.sequence, one.correction.correction_id),
    (0, ""),
)
_DISPUTES = in_pages(disputes.list_disputes, lambda view: view.stored.sequence, 0)
_ONE_KIND = in_pages(periods.list_periods, lambda view: view.period.start.isoformat(), "")
_NARROWED = (Filter.STATE, Filter.CLAIM)


def _correction(stored: StoredCorrection) -> Iterator[Row]:
    one, decider = stored.correction, stored.decided_by
    first = stored.approval.first
    yield (
        one.correction_id,
        one.kind.value,
        one.reason.value,
        one.claim_number,
        one.line_number,
        stored.state.value,
        stored.amount,
        stored.currency,
        one.reverses,
        stored.entry_number,
        one.dispute_id,
        joined(stored.documents),
        one.proposed_on,
        stored.by.party,
        stored.by.person,
        stored.approval.takes_two,
        first.approved_on if first else None,
        first.by.party if first else None,
        first.by.person if first else None,
        stored.decided_on,
        decider.party if decider else None,
        decider.person if decider else None,
        stored.recorded_at,
        stored.version,
    )


def _correction_shares(stored: StoredCorrection) -> Iterator[Row]:
    one = stored.correction
    for share in one.shares:
        yield (
            one.correction_id,
            one.claim_number,
            one.line_number,
            stored.state.value,
            share.payer,
            share.amount,
            stored.currency,
        )


def _dispute(view: DisputeView) -> Iterator[Row]:
    stored, one = view.stored, view.stored.dispute
    outcome = one.outcome
    yield (
        one.dispute_id,
        one.subject,
        stored.claim_number,
        stored.line_number,
        stored.state.value,
        stored.is_posted,
        one.decided_on,
        view.raise_by,
        one.raised_on,
        one.reason.value,
        one.amount,
        stored.due,
        one.amount.currency,
        view.step.step if view.step else None,
        view.step.deadline if view.step else None,
        outcome.decided_on if outcome else None,
        outcome.decided_by if outcome else None,
        stored.by.party,
        stored.by.person,
        stored.recorded_at,
        stored.version,
    )


def _dispute_shares(view: DisputeView) -> Iterator[Row]:
    for share in view.stored.shares:
        yield (
            view.stored.dispute.dispute_id,
            view.stored.claim_number,
            view.stored.line_number,
            view.stored.state.value,
            share.payer,
            share.amount,
            share.amount.currency,
        )


def _periods(context: Context, contract_id: str, _: Given) -> Iterator[PeriodView]:
    """The quarters, then the financial years."""
    for kind in PeriodKind:
        yield from _ONE_KIND(context, contract_id, {"kind": kind})


def _period(view: PeriodView) -> Iterator[Row]:
    yield view.kind.value, view.period.start, view.period.end, view.state.value, view.version


def _decisions(view: PeriodView) -> Iterator[Row]:
    for one in view.decisions:
        yield (
            one.decision.close_number,
            view.kind.value,
            view.period.start,
            view.period.end,
            one.decision.level.value,
            one.decided_on,
            one.by.party,
            one.by.person,
            one.recorded_at,
        )


def _frozen(stored: FrozenStatement) -> Iterator[Row]:
    yield (
        stored.book,
        stored.statement_number,
        stored.kind.value,
        stored.period.start,
        stored.period.end,
        stored.known_through,
        stored.known_through_hash,
        stored.sha256,
        stored.recorded_at,
    )


def _unpaid(context: Context, contract_id: str, given: Given) -> Iterable[AgedSum]:
    instant = days.known_at(context, contract_id, given.get(Filter.KNOWN_ON))
    found = payment_clock.read_ageing(
        context, contract_id, given.get(Filter.AS_OF), given.get(Filter.PAYER), instant
    )
    return found.sums


def _aged(one: AgedSum) -> Iterator[Row]:
    invoice = one.clock.invoice
    yield (
        invoice.document_id,
        invoice.reference,
        invoice.claim_number,
        invoice.customer,
        one.sum.received_on,
        one.sum.due_on,
        one.sum.amount,
        one.sum.amount.currency,
        one.bucket.value,
        one.days_late,
        one.is_held,
    )


CORRECTIONS = Listing(
    "corrections",
    "Corrections of approved claim lines; `change` below zero: payers owe less.",
    {"listCorrections": corrections.list_corrections},
    _CORRECTIONS,
    (
        text("correction_id"),
        text("kind"),
        text("reason"),
        number("claim_number"),
        number("line_number"),
        text("state"),
        amount("change"),
        CURRENCY,
        number("reverses"),
        number("entry_number"),
        text("dispute_id"),
        text("documents"),
        day("proposed_on"),
        text("proposed_by_party"),
        text("proposed_by_person"),
        flag("second_approval_needed"),
        day("first_approved_on"),
        text("first_approved_by"),
        text("first_approved_by_person"),
        day("decided_on"),
        text("decided_by_party"),
        text("decided_by_person"),
        instant("recorded_at"),
        number("version"),
    ),
    _correction,
    filters=_NARROWED,
    choices={Filter.STATE: CorrectionState},
)

CORRECTION_SHARES = Listing(
    "correction-shares",
    "What each payer owes more or less by each correction.",
    {"listCorrections": corrections.list_corrections},
    _CORRECTIONS,
    (
        text("correction_id"),
        number("claim_number"),
        number("line_number"),
        text("state"),
        text("payer"),
        amount("amount"),
        CURRENCY,
    ),
    _correction_shares,
    filters=_NARROWED,
    choices={Filter.STATE: CorrectionState},
)

DISPUTES = Listing(
    "disputes",
    "Disputes of lines, and where each stands today; `due` is what the outcome left due.",
    {"listDisputes": disputes.list_disputes},
    _DISPUTES,
    (
        text("dispute_id"),
        text("subject"),
        number("claim_number"),
        number("line_number"),
        text("state"),
        flag("is_posted"),
        day("challenged_on"),
        day("raise_by"),
        day("raised_on"),
        text("reason"),
        amount("amount"),
        amount("due"),
        CURRENCY,
        number("step"),
        day("step_deadline"),
        day("decided_on"),
        text("decided_by"),
        text("party"),
        text("person"),
        instant("recorded_at"),
        number("version"),
    ),
    _dispute,
    filters=_NARROWED,
    choices={Filter.STATE: DisputeState},
)

DISPUTE_SHARES = Listing(
    "dispute-shares",
    "What of each disputed amount each payer bears.",
    {"listDisputes": disputes.list_disputes},
    _DISPUTES,
    (
        text("dispute_id"),
        number("claim_number"),
        number("line_number"),
        text("state"),
        text("payer"),
        amount("amount"),
        CURRENCY,
    ),
    _dispute_shares,
    filters=_NARROWED,
    choices={Filter.STATE: DisputeState},
)

AGEING = Listing(
    "ageing",
    "Unpaid sums of invoices, by how many counted days each is past its terms.",
    {"getAgeing": payment_clock.read_ageing},
    whole(_unpaid),
    (
        text("document_id"),
        text("reference"),
        number("claim_number"),
        text("customer"),
        day("received_on"),
        day("due_on"),
        amount("amount"),
        CURRENCY,
        text("bucket"),
        number("days_late"),
        flag("is_held"),
    ),
    _aged,
    filters=(Filter.AS_OF, Filter.KNOWN_ON, Filter.PAYER),
)

PERIODS = Listing(
    "periods",
    "Quarters, then financial years, and whether each is closed.",
    {"listPeriods": periods.list_periods},
    _periods,
    (
        text("kind"),
        day("period_start"),
        day("period_end"),
        text("state"),
        number("version"),
    ),
    _period,
)

CLOSES = Listing(
    "period-closes",
    "Closes and reopenings of periods.",
    {"listPeriods": periods.list_periods},
    _periods,
    (
        number("close_number"),
        text("kind"),
        day("period_start"),
        day("period_end"),
        text("level"),
        day("decided_on"),
        text("party"),
        text("person"),
        instant("recorded_at"),
    ),
    _decisions,
)

FROZEN = Listing(
    "frozen-statements",
    "One party's frozen statements with their hashes; the documents are at their own addresses.",
    {"listFrozenStatements": frozen_statements.list_frozen},
    in_pages(frozen_statements.list_frozen, lambda one: one.statement_number, 0, items_per_page=20),
    (
        text("party"),
        number("statement_number"),
        text("kind"),
        day("period_start"),
        day("period_end"),
        number("known_through"),
        text("known_through_hash"),
        text("sha256"),
        instant("recorded_at"),
    ),
    _frozen,
    filters=(Filter.PARTY,),
    required=frozenset({Filter.PARTY}),
)

LISTINGS = (
    CORRECTIONS,
    CORRECTION_SHARES,
    DISPUTES,
    DISPUTE_SHARES,
    AGEING,
    PERIODS,
    CLOSES,
    FROZEN,
)

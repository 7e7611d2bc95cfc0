"""Invoices, claims to a fund, payments, and what they settle, as files."""

from collections.abc import Iterator
from datetime import date

from app.domain.payment import settlement
from app.service import fund_claims, invoices, payments
from app.service.context import Context
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
    number,
    text,
)
from app.storage.fund_claim_acts import FundClaimAct
from app.storage.fund_claims import StoredFundClaim
from app.storage.invoices import StoredInvoice
from app.storage.payments import StoredPayment

_INVOICES = in_pages(
    invoices.list_invoices, lambda one: (one.invoice.issuer, one.invoice.number), ("", 0)
)
# A claim to a fund may have a line for every outcome of years.
_FUND_CLAIMS = in_pages(
    fund_claims.list_fund_claims, lambda one: one.claim.fund_claim_number, 0, items_per_page=5
)
_PAYMENTS = in_pages(
    payments.list_payments, lambda one: (one.sequence, one.payment.payment_id), (0, "")
)
_BY_CLAIM = (Filter.CLAIM,)


def _read_invoices(context: Context, contract_id: str, given: Given) -> Iterator[StoredInvoice]:
    if Filter.CLAIM in given:
        yield from invoices.invoices_of_claim(context, contract_id, given[Filter.CLAIM])
    else:
        yield from _INVOICES(context, contract_id, {})


def _invoice(stored: StoredInvoice) -> Iterator[Row]:
    one = stored.invoice
    yield (
        one.document_id,
        one.reference,
        one.issuer,
        one.number,
        one.kind.value,
        one.claim_number,
        one.customer,
        one.period.start,
        one.period.end,
        one.issued_on,
        one.due_on,
        one.purchase_order,
        one.net,
        one.vat_treatment,
        one.vat_rate,
        one.vat,
        one.total,
        stored.allocated,
        stored.open_amount,
        one.total.currency,
        settlement(stored.open_amount + stored.allocated, stored.allocated).value,
        stored.recorded_at,
    )


def _invoice_lines(stored: StoredInvoice) -> Iterator[Row]:
    one = stored.invoice
    for line in one.lines:
        yield (
            one.document_id,
            one.reference,
            one.kind.value,
            line.line_number,
            line.metric,
            line.description,
            line.count,
            line.net,
            line.net.currency,
        )


def _act(act: FundClaimAct | None) -> tuple[date | None, str | None, str | None]:
    return (act.on, act.by.party, act.by.person) if act else (None, None, None)


def _fund_claim(stored: StoredFundClaim) -> Iterator[Row]:
    one, first = stored.claim, stored.approval.first
    yield (
        one.fund_claim_number,
        one.document_id,
        one.fund,
        one.period.start,
        one.period.end,
        one.prepared_on,
        stored.state.value,
        stored.state_since,
        stored.approval.takes_two,
        first.approved_on if first else None,
        first.by.party if first else None,
        first.by.person if first else None,
        *_act(stored.acts.submitted),
        *_act(stored.acts.queried),
        len(one.lines),
        stored.asked,
        stored.allocated,
        stored.open_amount,
        stored.currency,
        stored.recorded_at,
        stored.version,
    )


def _fund_claim_lines(stored: StoredFundClaim) -> Iterator[Row]:
    one = stored.claim
    for line in one.lines:
        yield (
            one.fund_claim_number,
            one.fund,
            line.claim_number,
            line.line_number,
            line.metric,
            line.count,
            line.amount,
            stored.currency,
            line.correction_id,
        )


def _payment(stored: StoredPayment) -> Iterator[Row]:
    one = stored.payment
    yield (
        one.payment_id,
        one.kind.value,
        one.payer,
        one.payee,
        one.paid_on,
        one.reference,
        one.returns,
        one.pays_back,
        one.amount,
        stored.returned,
        one.used,
        stored.on_account,
        one.amount.currency,
        stored.entry_number,
        stored.recorded_at,
        stored.version,
    )


def _allocations(stored: StoredPayment) -> Iterator[Row]:
    one = stored.payment
    for allocation in one.allocations:
        yield (
            one.payment_id,
            one.payer,
            one.payee,
            one.paid_on,
            allocation.document,
            allocation.amount,
            allocation.amount.currency,
        )


INVOICES = Listing(
    "invoices",
    "Invoices and credit notes, and what is open of each. A credit note's own amounts are "
    "positive, what is settled and open of it below zero.",
    {"listInvoices": invoices.list_invoices, "listInvoicesOfClaim": invoices.invoices_of_claim},
    _read_invoices,
    (
        text("document_id"),
        text("reference"),
        text("issuer"),
        number("number"),
        text("kind"),
        number("claim_number"),
        text("customer"),
        day("period_start"),
        day("period_end"),
        day("issued_on"),
        day("due_on"),
        text("purchase_order"),
        amount("net"),
        text("vat_treatment"),
        text("vat_rate"),
        amount("vat"),
        amount("total"),
        amount("settled"),
        amount("open_amount"),
        CURRENCY,
        text("settlement"),
        instant("recorded_at"),
    ),
    _invoice,
    filters=_BY_CLAIM,
)

INVOICE_LINES = Listing(
    "invoice-lines",
    "Lines of invoices and credit notes, by metric.",
    {"listInvoices": invoices.list_invoices, "listInvoicesOfClaim": invoices.invoices_of_claim},
    _read_invoices,
    (
        text("document_id"),
        text("reference"),
        text("kind"),
        number("line_number"),
        text("metric"),
        text("description"),
        number("count"),
        amount("net"),
        CURRENCY,
    ),
    _invoice_lines,
    filters=_BY_CLAIM,
)

FUND_CLAIMS = Listing(
    "fund-claims",
    "Claims to funds, where each stands, and what is open of it.",
    {"listFundClaims": fund_claims.list_fund_claims},
    _FUND_CLAIMS,
    (
        number("fund_claim_number"),
        text("document_id"),
        text("fund"),
        day("period_start"),
        day("period_end"),
        day("prepared_on"),
        text("state"),
        day("state_since"),
        flag("second_approval_needed"),
        day("first_approved_on"),
        text("first_approved_by"),
        text("first_approved_by_person"),
        day("submitted_on"),
        text("submitted_by"),
        text("submitted_by_person"),
        day("queried_on"),
        text("queried_by"),
        text("queried_by_person"),
        number("lines"),
        amount("total"),
        amount("settled"),
        amount("open_amount"),
        CURRENCY,
        instant("recorded_at"),
        number("version"),
    ),
    _fund_claim,
)

FUND_CLAIM_LINES = Listing(
    "fund-claim-lines",
    "Lines of claims to funds: the fund's part of each approved claim line.",
    {"listFundClaims": fund_claims.list_fund_claims},
    _FUND_CLAIMS,
    (
        number("fund_claim_number"),
        text("fund"),
        number("claim_number"),
        number("line_number"),
        text("metric"),
        number("count"),
        amount("amount"),
        CURRENCY,
        text("correction_id"),
    ),
    _fund_claim_lines,
)

PAYMENTS = Listing(
    "payments",
    "Payments and returns, and what of each is allocated or on account.",
    {"listPayments": payments.list_payments},
    _PAYMENTS,
    (
        text("payment_id"),
        text("kind"),
        text("payer"),
        text("payee"),
        day("paid_on"),
        text("reference"),
        text("returns"),
        flag("pays_back"),
        amount("amount"),
        amount("returned"),
        amount("allocated"),
        amount("on_account"),
        CURRENCY,
        number("entry_number"),
        instant("recorded_at"),
        number("version"),
    ),
    _payment,
)

ALLOCATIONS = Listing(
    "payment-allocations",
    "What each payment is set against; below zero for credit notes and what was taken back.",
    {"listPayments": payments.list_payments},
    _PAYMENTS,
    (
        text("payment_id"),
        text("payer"),
        text("payee"),
        day("paid_on"),
        text("document"),
        amount("amount"),
        CURRENCY,
    ),
    _allocations,
)

LISTINGS = (INVOICES, INVOICE_LINES, FUND_CLAIMS, FUND_CLAIM_LINES, PAYMENTS, ALLOCATIONS)

"""Invoices and credit notes of an approved claim: who is asked for what, VAT, numbers, dates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.domain.claim import Claim, ClaimLine, LineKind, PayerShare
from app.domain.errors import RuleRefused
from app.domain.invoice import DocumentKind, Invoice, InvoiceLine
from app.domain.money import Money, Rounding, share_of, total
from app.domain.period import within
from app.domain.terms.base import share_fraction
from app.domain.terms.document import Terms
from app.domain.terms.payment import Flow, Invoicing, Vat


@dataclass(frozen=True, slots=True)
class _Tax:
    """How a document stands towards VAT: that of the terms, or of the document it takes back."""

    treatment: str
    rationale: str
    rate: str | None

    def on(self, net: Money) -> Money:
        """The tax on a document's net, rounded half up once."""
        if self.rate is None:
            return Money(0, net.currency)
        return share_of(net, share_fraction(self.rate), Rounding.HALF_UP)


@dataclass(slots=True)
class _Draft:
    """What one document collects: net and count by metric, and the invoices it takes back from."""

    amounts: dict[str, Money] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    cites: set[int] = field(default_factory=set)

    def add(self, line: ClaimLine, amount: Money) -> None:
        """Add what a claim line asks of the customer, or takes back; never below zero."""
        before = self.amounts.get(line.metric, Money(0, amount.currency))
        self.amounts[line.metric] = before + amount
        self.counts[line.metric] = self.counts.get(line.metric, 0) + abs(line.count)


_Key = tuple[DocumentKind, str, _Tax]


def documents_for_claim(
    claim: Claim,
    terms: Terms,
    *,
    issuer_number_next: int,
    issued_on: date,
    originals: Mapping[int, Iterable[Invoice]],
) -> tuple[Invoice, ...]:
    """The invoices and credit notes that the payee issues for an approved claim.

    Commissioner pays, then reclaims (terms /funding/flow): one invoice to the commissioner for all
    lines that pay. Fund pays direct: one to each payer for its part of every line. What clawback
    lines take back goes on a credit note to whom it was invoiced, and cites those invoices: it
    keeps their treatment of VAT, and their customers, whatever a variation has changed since.
    `originals` holds, by clawback line number, every document of the claim whose line is taken
    back; a clawback that takes back nothing needs none.

    Lines are grouped by metric, in the order of the terms, with the count of outcomes; no person
    can be read from them. VAT is taken once, on the document's net, rounded half up: 20% of
    6,701.50 is 1,340.30. So a document credited in parts can leave a penny of VAT. Numbers
    continue from `issuer_number_next`, invoices first, then credit notes, each by customer. An
    invoice of 14 Oct 2020 with 30 days is due on 13 Nov 2020 (terms /claims/payment_terms_days);
    a credit note is never due. The purchase order is the one in force on the day of issue.

    Nothing to ask for and nothing to take back gives no document. Raises RuleRefused
    `invoicing-not-in-terms` and `original-document-missing`.
    """
    moving = [line for line in claim.lines if line.payable]
    if not moving:
        return ()
    invoicing = terms.invoicing
    if invoicing is None:
        raise RuleRefused(
            "invoicing-not-in-terms",
            "The terms have no section `invoicing`, so the treatment of VAT is not settled. Agree "
            "a variation that adds it; then invoices can be issued.",
            pointer="/invoicing",
        )
    tax = _tax_of(invoicing.vat)
    drafts: dict[_Key, _Draft] = {}
    for line in moving:
        if line.kind is LineKind.CLAWBACK:
            _take_back(line, originals.get(line.line_number, ()), terms, drafts)
            continue
        for share in _asked(line, terms):
            key = (DocumentKind.INVOICE, share.payer, tax)
            drafts.setdefault(key, _Draft()).add(line, share.amount)
    return tuple(
        _document(number, key, drafts[key], claim, terms, invoicing, issued_on)
        for number, key in enumerate(sorted(drafts, key=_document_order), issuer_number_next)
    )


def _tax_of(vat: Vat) -> _Tax:
    return _Tax(vat.treatment.value, vat.rationale, vat.rate)


def _document_order(key: _Key) -> tuple[bool, str, str, str, str]:
    kind, customer, tax = key
    is_credit = kind is DocumentKind.CREDIT_NOTE
    return is_credit, customer, tax.treatment, tax.rate or "", tax.rationale


def _asked(line: ClaimLine, terms: Terms) -> tuple[PayerShare, ...]:
    """Who is asked for what of a line that pays."""
    if terms.funding.flow is Flow.FUND_PAYS_DIRECT:
        return line.shares
    return (PayerShare(terms.commissioner, line.payable),)


def _take_back(
    line: ClaimLine, originals: Iterable[Invoice], terms: Terms, drafts: dict[_Key, _Draft]
) -> None:
    """Credit a clawback line to each customer who was invoiced for the line it takes back."""
    asked = {item.customer: item for item in originals if item.kind is DocumentKind.INVOICE}
    parts = {share.payer: -share.amount for share in line.shares}
    if set(asked) == {terms.commissioner}:
        # One invoice to the commissioner held the whole line, whoever bears it in the end.
        parts = {terms.commissioner: -line.payable}
    for customer, amount in parts.items():
        invoice = asked.get(customer)
        if invoice is None or line.metric not in {item.metric for item in invoice.lines}:
            raise RuleRefused(
                "original-document-missing",
                f"Line {line.line_number} credits {amount.readable()} to {customer}, but its claim "
                f"has no invoice to {customer} for {line.metric}. Issue that invoice first.",
            )
        tax = _Tax(invoice.vat_treatment, invoice.vat_rationale, invoice.vat_rate)
        draft = drafts.setdefault((DocumentKind.CREDIT_NOTE, customer, tax), _Draft())
        draft.add(line, amount)
        draft.cites.add(invoice.number)


def _document(
    number: int,
    key: _Key,
    draft: _Draft,
    claim: Claim,
    terms: Terms,
    invoicing: Invoicing,
    issued_on: date,
) -> Invoice:
    kind, customer, tax = key
    net = total(draft.amounts.values(), terms.currency)
    vat = tax.on(net)
    days = timedelta(days=terms.claims.payment_terms_days)
    return Invoice(
        issuer=terms.payee,
        number=number,
        kind=kind,
        claim_number=claim.claim_number,
        customer=customer,
        period=claim.period,
        issued_on=issued_on,
        due_on=issued_on + days if kind is DocumentKind.INVOICE else None,
        purchase_order=purchase_order_on(invoicing, customer, issued_on),
        lines=_lines(draft, terms),
        net=net,
        vat_treatment=tax.treatment,
        vat_rationale=tax.rationale,
        vat_rate=tax.rate,
        vat=vat,
        total=net + vat,
        cites=tuple(sorted(draft.cites)),
    )


def _lines(draft: _Draft, terms: Terms) -> tuple[InvoiceLine, ...]:
    """One line for each metric, in the order of the terms, then activities, then what is gone."""
    names = {metric.code: metric.name for metric in terms.metrics}
    names |= {activity.code: activity.name for activity in terms.activity_payments}
    order = {code: place for place, code in enumerate(names)}
    codes = sorted(draft.amounts, key=lambda code: (order.get(code, len(order)), code))
    return tuple(
        InvoiceLine(place, code, names.get(code, code), draft.counts[code], draft.amounts[code])
        for place, code in enumerate(codes, start=1)
    )


def purchase_order_on(invoicing: Invoicing, customer: str, issued_on: date) -> str | None:
    """The order number that a customer wants to read on a document issued on a day, if any.

    An order from 1 Apr 2022 to 31 Mar 2023 is quoted on both of these days, and on neither the day
    before nor the day after. Source: terms /invoicing/purchase_orders.
    """
    return next(
        (
            order.reference
            for order in invoicing.purchase_orders
            if order.payer == customer and within(issued_on, order.from_date, order.to_date)
        ),
        None,
    )

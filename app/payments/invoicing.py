"""Invoices and credit notes of an approved claim: who is asked for what, VAT, numbers, dates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from app.domain.claim import Claim, ClaimLine, LineKind, PayerShare
from app.domain.correction import Correction
from app.domain.errors import RuleRefused
from app.domain.invoice import DocumentKind, Invoice, InvoiceLine
from app.domain.money import Money, Rounding, share_of, total
from app.domain.period import within
from app.domain.terms.base import share_fraction
from app.domain.terms.document import Terms
from app.domain.terms.payment import Flow, Invoicing, Vat
from app.payments.corrected_lines import corrected_shares


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

    def add(self, metric: str, amount: Money, count: int) -> None:
        """Add what is asked of the customer for a metric, or taken back; never below zero."""
        before = self.amounts.get(metric, Money(0, amount.currency))
        self.amounts[metric] = before + amount
        self.counts[metric] = self.counts.get(metric, 0) + count


_Key = tuple[DocumentKind, str, _Tax]


def documents_for_claim(
    claim: Claim,
    terms: Terms,
    *,
    issuer_number_next: int,
    issued_on: date,
    originals: Mapping[int, Sequence[Invoice]],
    corrections: Sequence[Correction] = (),
    issued: Sequence[Invoice] = (),
) -> tuple[Invoice, ...]:
    """The invoices and credit notes that the payee issues for an approved claim.

    Commissioner pays, then reclaims (terms /funding/flow): one invoice to the commissioner for all
    lines that pay. Fund pays direct: one to each payer for its part of every line. What clawback
    lines take back goes on a credit note to whom it was invoiced, and cites those invoices: it
    keeps their treatment of VAT, and their customers, whatever a variation has changed since.
    `originals` holds, by clawback line number, every document of the claim whose line is taken
    back; a clawback that takes back nothing needs none.

    A line is asked for as its approved `corrections` leave it. A customer who has documents of the
    claim (`issued`) gets others for what has changed since, metric by metric: a line of 6,500.00
    invoiced whole and then lowered by 1,000.00 gives a credit note of 1,000.00 that cites the
    invoice; raised, another invoice.

    Lines are grouped by metric, in the order of the terms, with the count of outcomes; no person
    can be read from them. VAT is taken once, on the document's net, rounded half up: 20% of
    6,701.50 is 1,340.30. So a document credited in parts can leave a penny of VAT. Numbers
    continue from `issuer_number_next`, invoices first, then credit notes, each by customer. An
    invoice of 14 Oct 2020 with 30 days is due on 13 Nov 2020 (terms /claims/payment_terms_days);
    a credit note is never due. The purchase order is the one in force on the day of issue.

    Nothing to ask for and nothing to take back gives no document. Raises RuleRefused
    `invoicing-not-in-terms` and `original-document-missing`.
    """
    moving = [line for line in _as_corrected(claim, corrections) if line.payable]
    if not moving and not issued:
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
        before = originals.get(line.line_number, ())
        if line.kind is LineKind.CLAWBACK:
            _take_back(line, before, terms, drafts)
            continue
        for customer, amount in asked_of(line, line.shares, before, terms).items():
            key = (DocumentKind.INVOICE, customer, tax)
            drafts.setdefault(key, _Draft()).add(line.metric, amount, abs(line.count))
    for customer in sorted({one.customer for one in issued}):
        _only_what_changed(customer, drafts, issued, tax)
    return tuple(
        _document(number, key, drafts[key], claim, terms, invoicing, issued_on)
        for number, key in enumerate(sorted(drafts, key=_document_order), issuer_number_next)
    )


def asked_of(
    line: ClaimLine, shares: Iterable[PayerShare], originals: Iterable[Invoice], terms: Terms
) -> dict[str, Money]:
    """Who is asked for what of a line's shares, or of a correction's: amounts by customer.

    A fund that pays direct is asked for its own part; otherwise the commissioner for the whole,
    whoever bears it in the end. What a clawback takes back goes to those who were invoiced.
    """
    direct = terms.funding.flow is Flow.FUND_PAYS_DIRECT
    if line.kind is LineKind.CLAWBACK:
        direct = {one.customer for one in originals if _asks(one)} != {terms.commissioner}
    asked: dict[str, Money] = {}
    for share in shares:
        customer = share.payer if direct else terms.commissioner
        before = asked.get(customer, Money(0, share.amount.currency))
        asked[customer] = before + share.amount
    return {customer: amount for customer, amount in asked.items() if amount}


def _as_corrected(claim: Claim, corrections: Sequence[Correction]) -> Iterable[ClaimLine]:
    """The claim's lines as their corrections leave them."""
    by_line: dict[int, list[Correction]] = {}
    for one in corrections:
        by_line.setdefault(one.line_number, []).append(one)
    for line in claim.lines:
        mine = by_line.get(line.line_number)
        if mine is None:
            yield line
            continue
        shares = corrected_shares(line, mine)
        payable = total((share.amount for share in shares), line.payable.currency)
        yield replace(line, payable=payable, shares=shares)


def _only_what_changed(
    customer: str, drafts: dict[_Key, _Draft], issued: Iterable[Invoice], tax: _Tax
) -> None:
    """Replace the drafts to a customer by what they ask beyond the documents that it has."""
    own = {key: drafts.pop(key) for key in list(drafts) if key[1] == customer}
    earlier = [one for one in issued if one.customer == customer]
    changes: dict[str, tuple[Money, int]] = {}
    for (kind, _, _), draft in own.items():
        for metric, amount in draft.amounts.items():
            asks = kind is DocumentKind.INVOICE
            _tally(changes, metric, amount, draft.counts[metric], more=asks)
    for one in earlier:
        for item in one.lines:
            _tally(changes, item.metric, item.net, item.count, more=not _asks(one))
    for metric, (amount, count) in changes.items():
        if amount.minor > 0:
            key = (DocumentKind.INVOICE, customer, tax)
            drafts.setdefault(key, _Draft()).add(metric, amount, max(0, count))
        elif amount:
            taxed, numbers = _cited(metric, earlier, own)
            key = (DocumentKind.CREDIT_NOTE, customer, taxed)
            draft = drafts.setdefault(key, _Draft())
            draft.add(metric, -amount, max(0, -count))
            draft.cites |= numbers


def _tally(
    changes: dict[str, tuple[Money, int]], metric: str, amount: Money, count: int, *, more: bool
) -> None:
    """Add what is asked for a metric to its change, or take off what was asked before."""
    before, counted = changes.get(metric, (Money(0, amount.currency), 0))
    if more:
        changes[metric] = (before + amount, counted + count)
    else:
        changes[metric] = (before - amount, counted - count)


def _cited(
    metric: str, earlier: Iterable[Invoice], own: Mapping[_Key, _Draft]
) -> tuple[_Tax, set[int]]:
    """The invoices that a credit for a metric takes back from: with the tax of the first of them.

    What was asked was asked in an earlier invoice of the claim; where a claim only takes back, in
    the invoices that its clawback lines cite.
    """
    asked = [one for one in earlier if _asks(one) and _names(one, metric)]
    if asked:
        tax = _tax_of_document(asked[0])
        return tax, {one.number for one in asked if _tax_of_document(one) == tax}
    return next(
        (taxed, draft.cites)
        for (kind, _, taxed), draft in own.items()
        if kind is DocumentKind.CREDIT_NOTE and metric in draft.amounts
    )


def _names(invoice: Invoice, metric: str) -> bool:
    return metric in {item.metric for item in invoice.lines}


def _asks(invoice: Invoice) -> bool:
    return invoice.kind is DocumentKind.INVOICE


def _tax_of(vat: Vat) -> _Tax:
    return _Tax(vat.treatment.value, vat.rationale, vat.rate)


def _tax_of_document(invoice: Invoice) -> _Tax:
    return _Tax(invoice.vat_treatment, invoice.vat_rationale, invoice.vat_rate)


def _document_order(key: _Key) -> tuple[bool, str, str, str, str]:
    kind, customer, tax = key
    is_credit = kind is DocumentKind.CREDIT_NOTE
    return is_credit, customer, tax.treatment, tax.rate or "", tax.rationale


def _take_back(
    line: ClaimLine, originals: Sequence[Invoice], terms: Terms, drafts: dict[_Key, _Draft]
) -> None:
    """Credit a clawback line to each customer who was invoiced for the line it takes back."""
    for customer, taken in asked_of(line, line.shares, originals, terms).items():
        amount = -taken
        invoice = next(
            (
                item
                for item in originals
                if _asks(item) and item.customer == customer and _names(item, line.metric)
            ),
            None,
        )
        if invoice is None:
            raise RuleRefused(
                "original-document-missing",
                f"Line {line.line_number} credits {amount.readable()} to {customer}, but its claim "
                f"has no invoice to {customer} for {line.metric}. Issue that invoice first.",
            )
        key = (DocumentKind.CREDIT_NOTE, customer, _tax_of_document(invoice))
        draft = drafts.setdefault(key, _Draft())
        draft.add(line.metric, amount, abs(line.count))
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

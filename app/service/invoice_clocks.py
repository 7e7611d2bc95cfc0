"""The payment clock of invoices: what stands in dispute, when the rest is due, how late it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from app.domain.invoice import DocumentKind, Invoice, invoice_id
from app.domain.money import Money, Rounding, share_of, total
from app.domain.payment_clock import PayableSum, Stop
from app.domain.terms.payment import Flow
from app.domain.terms.timeline import Timeline
from app.payments.payable_sums import HeldPart, InvoiceFacts, PaidPart, payable_sums
from app.service.dispute_lines import not_due_shares
from app.storage import claims, clock_figures, corrections, disputes, invoices
from app.storage.clock_figures import Use
from app.storage.corrections import StoredCorrection
from app.storage.disputes import StoredDispute
from app.storage.engine import Connection
from app.storage.invoices import StoredInvoice


class ClockState(StrEnum):
    """How an invoice stands on a day."""

    SETTLED = "settled"
    HELD = "held"
    """All that is unpaid is in dispute."""
    NOT_DUE = "not_due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class InvoiceClock:
    """An invoice on a day: its sums, and what of it is in dispute then."""

    invoice: Invoice
    on: date
    sums: tuple[PayableSum, ...]
    disputed: Money

    @property
    def unpaid(self) -> tuple[PayableSum, ...]:
        """The sums that nothing has paid by the day."""
        return tuple(one for one in self.sums if one.paid_on is None or one.paid_on > self.on)

    @property
    def due_on(self) -> date | None:
        """The first day on which an unpaid sum is due, or once all are paid the first of all.

        None where a dispute stops the clock of every one of them.
        """
        days = [one.due_on for one in self.unpaid or self.sums]
        return min((day for day in days if day is not None), default=None)

    @property
    def days_late(self) -> int:
        """How many counted days the oldest unpaid sum is past its terms."""
        return max((one.days_late(self.on) for one in self.unpaid), default=0)

    @property
    def state(self) -> ClockState:
        """Settled, held in dispute, not due yet, or late."""
        if not self.unpaid:
            return ClockState.SETTLED
        if self.days_late:
            return ClockState.LATE
        return ClockState.HELD if self.due_on is None else ClockState.NOT_DUE


def clocks(
    connection: Connection,
    contract_id: str,
    timeline: Timeline,
    stored: Sequence[StoredInvoice],
    on: date,
    known_at: datetime | None = None,
) -> dict[str, InvoiceClock]:
    """The clock of each invoice among some documents on a day, by its id; credit notes have none.

    What has a later day (a return, an outcome, a credit note) is left out, and so is what was
    recorded at `known_at` or after.

    Received is the day of issue; the days are those by which the invoice was due when it was
    issued (terms /claims/payment_terms_days). Disputes of lines that were posted stop the part
    they are about from their notice to their outcome. What an approval withheld was never on the
    invoice.
    """
    asked = [one for one in stored if one.invoice.kind is DocumentKind.INVOICE]
    if not asked:
        return {}
    facts = _Facts(connection, contract_id, timeline, asked, on, known_at)
    return {one.invoice.document_id: facts.clock(one.invoice) for one in asked}


class _Facts:
    """All that bears on the clocks of some invoices on a day, read at once."""

    def __init__(
        self,
        connection: Connection,
        contract_id: str,
        timeline: Timeline,
        asked: Sequence[StoredInvoice],
        on: date,
        known_at: datetime | None,
    ) -> None:
        self._timeline, self._on = timeline, on
        numbers = sorted({one.invoice.claim_number for one in asked})
        self._disputes = [
            one
            for one in disputes.of_claims(connection, contract_id, numbers, known_at)
            if one.is_posted and one.dispute.raised_on <= on
        ]
        disputed = sorted({one.claim_number for one in self._disputes})
        self._versions = {
            number: claims.get(connection, contract_id, number).terms_version for number in disputed
        }
        self._corrections = {
            one.correction.dispute_id: one
            for one in corrections.approved_of(connection, contract_id, disputed, known_at)
            if one.correction.dispute_id is not None
        }
        issued = invoices.of_claims(connection, contract_id, disputed)
        self._first = _first_invoices(issued)
        self._later = {one.invoice.document_id for one in issued if one.invoice.issued_on > on}
        issuers = {one.invoice.issuer for one in asked}
        notes = clock_figures.credit_notes(connection, contract_id, issuers, on, known_at)
        documents = {one.invoice.document_id for one in (*asked, *notes)}
        documents |= {_cited(one.invoice, number) for one in notes for number in one.invoice.cites}
        self._uses: dict[str, list[Use]] = {}
        for use in clock_figures.uses(connection, contract_id, documents, on, known_at):
            self._uses.setdefault(use.document, []).append(use)
        self._set_off, self._unused = _credits([one.invoice for one in notes], self._uses)

    def clock(self, invoice: Invoice) -> InvoiceClock:
        """The clock of one of the invoices."""
        found = [one for one in self._disputes if self._is_about(one, invoice)]
        held = tuple(self._held(one, invoice) for one in found)
        name, currency = invoice.document_id, invoice.total.currency
        paid, set_off = [], 0
        for use in self._uses.get(name, []):
            off = self._set_off.get((name, use.payment_id), 0)
            set_off += off
            if use.minor > off:
                paid.append(PaidPart(use.paid_on, Money(use.minor - off, currency)))
        pending = [part.not_due for one, part in zip(found, held, strict=True) if self._waits(one)]
        taken_off = total(pending, currency).minor + set_off + self._unused.get(name, 0)
        terms = self._timeline.in_effect(invoice.issued_on).terms
        days = 0 if invoice.due_on is None else (invoice.due_on - invoice.issued_on).days
        sums = payable_sums(
            InvoiceFacts(
                invoice.issued_on,
                days,
                invoice.total,
                held,
                tuple(paid),
                Money(taken_off, currency),
                holds_whole=bool(held) and not terms.disputes.pay_undisputed,
            )
        )
        standing = [part.amount for part in held if part.stop.resolved_on is None]
        return InvoiceClock(invoice, self._on, sums, total(standing, currency))

    def _is_about(self, stored: StoredDispute, invoice: Invoice) -> bool:
        """Whether the disputed line is on the invoice: the first of its claim to the customer."""
        if stored.claim_number != invoice.claim_number:
            return False
        first = self._first.get((invoice.claim_number, invoice.customer))
        return first == invoice.number and bool(self._part(stored, invoice))

    def _part(self, stored: StoredDispute, invoice: Invoice) -> Money:
        """What of a disputed amount the customer was asked for, net of VAT."""
        terms = self._timeline.numbered(self._versions[invoice.claim_number]).terms
        shares = stored.shares
        if terms.funding.flow is Flow.FUND_PAYS_DIRECT:
            shares = tuple(share for share in shares if share.payer == invoice.customer)
        return total((share.amount for share in shares), invoice.net.currency)

    def _held(self, stored: StoredDispute, invoice: Invoice) -> HeldPart:
        """The part of the invoice that a dispute is about, with VAT as on the invoice."""
        outcome = stored.dispute.outcome
        nothing = Money(0, invoice.net.currency)
        amount, not_due, resolved = self._part(stored, invoice), nothing, None
        if outcome is not None and outcome.decided_on <= self._on:
            resolved = outcome.decided_on
            not_due = self._part(replace(stored, shares=not_due_shares(stored)), invoice)
        made = self._corrections.get(stored.dispute.dispute_id)
        if made is not None and invoice.document_id in made.documents:
            # Decided before the invoice was issued, which asks only for the rest.
            amount, not_due = amount - not_due, nothing
        stop = Stop(stored.dispute.raised_on, resolved)
        return HeldPart(_gross(amount, invoice), stop, _gross(not_due, invoice))

    def _waits(self, stored: StoredDispute) -> bool:
        """Whether what an outcome took back is on no document yet, by the day asked about."""
        made: StoredCorrection | None = self._corrections.get(stored.dispute.dispute_id)
        if made is None:
            return False
        return not made.is_invoiced or bool(self._later.intersection(made.documents))


def _first_invoices(stored: Iterable[StoredInvoice]) -> dict[tuple[int, str], int]:
    """By claim and customer, the number of the first invoice: the one that holds the lines."""
    found: dict[tuple[int, str], int] = {}
    for one in stored:
        invoice = one.invoice
        if invoice.kind is DocumentKind.INVOICE:
            key = invoice.claim_number, invoice.customer
            found[key] = min(invoice.number, found.get(key, invoice.number))
    return found


def _credits(
    notes: Sequence[Invoice], uses: dict[str, list[Use]]
) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """What credit notes take off the invoices that they cite.

    By invoice and payment, what was set off in it; by invoice, what is not used yet. A note that
    cites several invoices comes off them in order of their numbers.
    """
    set_off: dict[tuple[str, str], int] = {}
    unused: dict[str, int] = {}
    for note in notes:
        cited = [_cited(note, number) for number in note.cites]
        used = uses.get(note.document_id, [])
        for use in used:
            left = -use.minor
            for name in cited:
                settled = sum(
                    one.minor for one in uses.get(name, []) if one.payment_id == use.payment_id
                )
                before = set_off.get((name, use.payment_id), 0)
                taken = max(0, min(left, settled - before))
                set_off[name, use.payment_id] = before + taken
                left -= taken
        rest = note.total.minor + sum(use.minor for use in used)
        if cited:
            unused[cited[0]] = unused.get(cited[0], 0) + rest
    return set_off, unused


def _cited(note: Invoice, number: int) -> str:
    return invoice_id(note.issuer, number)


def _gross(net: Money, invoice: Invoice) -> Money:
    """A part of an invoice's net with its part of the VAT: all of the net is the total."""
    return share_of(invoice.total, Fraction(net.minor, invoice.net.minor), Rounding.FLOOR)

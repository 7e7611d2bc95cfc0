"""What an invoice asks as sums of the payment clock: undisputed and disputed, paid and unpaid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.money import Money
from app.domain.payment_clock import PayableSum, Stop


@dataclass(frozen=True, slots=True)
class HeldPart:
    """The part of an invoice that one dispute is about, and what of it turned out not to be due.

    VAT is included in both.
    """

    amount: Money
    stop: Stop
    not_due: Money


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What one payment settles of an invoice, net of what came back of it; above zero."""

    paid_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice as the payment clock sees it.

    `taken_off` is what outcomes of disputes and credit notes take off what is unpaid of it.
    `holds_whole`: a dispute of a part stops the clock of the whole (terms
    /disputes/pay_undisputed false).
    """

    received_on: date
    payment_days: int
    asked: Money
    held: tuple[HeldPart, ...]
    paid: tuple[PaidPart, ...]
    taken_off: Money
    holds_whole: bool


@dataclass(slots=True)
class _Part:
    """A part of the invoice with one clock, and what of it is neither taken off nor paid yet."""

    left: int
    stops: tuple[Stop, ...]

    def take(self, most: int) -> int:
        """Take up to so much from what is left; answers how much that was."""
        taken = min(self.left, most)
        self.left -= taken
        return taken


def payable_sums(invoice: InvoiceFacts) -> tuple[PayableSum, ...]:
    """The sums of an invoice: what is undisputed runs on, what is disputed stands meanwhile.

    A dispute stops the clock of the part that it is about; the rest is due as before (terms
    /disputes/pay_undisputed; where that is false, it stops that of the whole invoice). Payments
    settle the undisputed rest first, then disputed parts in the order of their notices. What was
    withdrawn or credited is no sum to pay: it comes off what was found not to be due, then off the
    part disputed last. Of 11,500.00 with 8,248.00 disputed and 3,252.00 paid, one sum of 3,252.00
    is paid and one of 8,248.00 stands.
    """
    held = sorted(invoice.held, key=lambda one: one.stop.notice_on)
    parts = _parts(invoice, held)
    paid = sum(one.amount.minor for one in invoice.paid)
    off = min(invoice.taken_off.minor, invoice.asked.minor - paid)
    if not invoice.holds_whole:
        for part, one in zip(parts[1:], held, strict=True):
            off -= part.take(min(one.not_due.minor, off))
    for part in reversed(parts):
        off -= part.take(off)
    return tuple(_sums(invoice, parts))


def _parts(invoice: InvoiceFacts, held: list[HeldPart]) -> list[_Part]:
    """The undisputed rest, then each dispute's part; or the whole with every stop."""
    rest = _Part(invoice.asked.minor, ())
    if invoice.holds_whole:
        return [_Part(rest.left, tuple(one.stop for one in held))]
    return [rest, *(_Part(rest.take(one.amount.minor), (one.stop,)) for one in held)]


def _sums(invoice: InvoiceFacts, parts: list[_Part]) -> Iterable[PayableSum]:
    """Each part's pieces: those that payments settle in order of their days, and what is unpaid."""
    payments = sorted(invoice.paid, key=lambda one: one.paid_on)
    unused = [one.amount.minor for one in payments]
    for part in parts:
        pieces: list[tuple[date | None, int]] = []
        for place, payment in enumerate(payments):
            taken = part.take(unused[place])
            unused[place] -= taken
            pieces.append((payment.paid_on, taken))
        pieces.append((None, part.left))
        for paid_on, minor in pieces:
            if minor:
                amount = Money(minor, invoice.asked.currency)
                yield PayableSum(
                    invoice.received_on, part.stops, paid_on, amount, invoice.payment_days
                )

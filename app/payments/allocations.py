"""Setting payments against documents, and opening the documents again when money comes back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.errors import Fault, InputInvalid, RuleRefused
from app.domain.money import Money, total
from app.domain.payment import Payment, PaymentAllocation, PaymentKind


@dataclass(frozen=True, slots=True)
class Document:
    """What a payment may be set against.

    `open_amount` is what is still to be paid from debtor to creditor; below zero on a credit note
    that is not used up, or a claim to a fund that gives more back than it asks. `is_asked_for`:
    False of a claim to a fund that is prepared and was never submitted.
    """

    document: str
    debtor: str
    creditor: str
    open_amount: Money
    is_asked_for: bool = True


def check_amount(amount: Money, currency: str, at: str = "/amount") -> None:
    """Refuse an amount of nothing or less, or in another currency than the contract's.

    Raises InputInvalid with the fault `currency-not-of-contract` or `amount-not-positive`.
    """
    if amount.currency != currency:
        message = f"The contract is in {currency}; a payment in another currency is not recorded."
        raise InputInvalid([Fault("currency-not-of-contract", f"{at}/currency", message)])
    if amount.minor <= 0:
        message = "Give an amount above zero; money that came back is a return."
        raise InputInvalid([Fault("amount-not-positive", at, message)])


def check_form(allocations: Iterable[PaymentAllocation], currency: str) -> None:
    """Refuse allocations of nothing, in another currency, or two to one document.

    Raises InputInvalid: `currency-not-of-contract`, `amount-of-nothing`, `duplicate`.
    """
    faults: list[Fault] = []
    seen: set[str] = set()
    for index, item in enumerate(allocations):
        at = f"/allocations/{index}"
        if item.amount.currency != currency:
            message = f"The contract is in {currency}."
            faults.append(Fault("currency-not-of-contract", f"{at}/amount/currency", message))
        elif not item.amount:
            message = "Leave the document out, or give an amount other than zero."
            faults.append(Fault("amount-of-nothing", f"{at}/amount", message))
        if item.document in seen:
            message = "The document is named twice; give one amount for it."
            faults.append(Fault("duplicate", f"{at}/document", message))
        seen.add(item.document)
    if faults:
        raise InputInvalid(faults)


def check_allocations(
    payment: Payment,
    returned: Money,
    documents: Mapping[str, Document],
    allocations: Sequence[PaymentAllocation],
) -> None:
    """Refuse what sets more than is open, or more than was paid, or documents of other parties.

    Each allocation goes towards zero of what is open, or takes back at most what this payment holds
    of the document. All together, the payment's allocations take up between nothing and what was
    paid and not returned: 3,252.00 may settle an invoice of 11,500.00 with a credit note of
    8,248.00, and 3,000.00 may not. A credit note is used only with an invoice, or paid out by the
    payee. `payment` has its earlier allocations. Raises RuleRefused `allocation-refused`, with
    the faults `document-of-others`, `fund-claim-not-submitted`, `more-than-open`, `more-than-paid`,
    `credit-without-invoice`; `allocation-of-return` for a return, which settles nothing itself.
    """
    if payment.kind is PaymentKind.RETURN:
        raise RuleRefused(
            "allocation-of-return",
            "A return settles nothing itself; allocate the payment that it returns.",
        )
    faults = list(_document_faults(payment, documents, allocations))
    changed = total((item.amount for item in allocations), payment.amount.currency)
    used = payment.used + (-changed if payment.pays_back else changed)
    kept = payment.amount - returned
    if kept < used:
        message = f"The allocations add up to more than the {kept.readable()} that were paid."
        faults.append(Fault("more-than-paid", "/allocations", message))
    if used.minor < 0:
        message = "More is credited than is asked; use credit notes with invoices."
        faults.append(Fault("credit-without-invoice", "/allocations", message))
    if faults:
        raise RuleRefused(
            "allocation-refused",
            "The payment cannot be set against the documents like this; see `faults`.",
            pointer=faults[0].pointer,
            faults=faults,
        )


def check_set_off(set_off: Payment, documents: Mapping[str, Document]) -> None:
    """Refuse a set-off of documents of other parties, of more than is open, or that leaves a rest.

    Its allocations come to nothing: 6,500.00 of an invoice and -6,500.00 of a credit note. Raises
    RuleRefused `allocation-refused`, with `document-of-others`, `fund-claim-not-submitted`,
    `more-than-open`, `set-off-uneven`.
    """
    faults = list(_document_faults(set_off, documents, set_off.allocations))
    if set_off.used:
        message = (
            f"The amounts add up to {set_off.used.readable()}; without money they must come to "
            "nothing. Record a payment for the rest."
        )
        faults.append(Fault("set-off-uneven", "/allocations", message))
    if faults:
        raise RuleRefused(
            "allocation-refused",
            "The documents cannot be set off like this; see `faults`.",
            pointer=faults[0].pointer,
            faults=faults,
        )


def check_return(
    payment: Payment,
    returned: Money,
    amount: Money,
    returned_on: date,
    allocations: Sequence[PaymentAllocation],
) -> None:
    """Refuse a return of more than is left, before the payment, or that leaves too much settled.

    What is on account goes back first; for the rest, `allocations` take back exactly as much. Of
    7,000.00 with 6,500.00 allocated, a return of 1,000.00 takes 500.00 of the allocations back;
    of a payment with a credit note, what undoes the credit note counts against it.
    Raises RuleRefused `return-of-return`, `more-than-paid`, `date-out-of-order`,
    `allocation-refused`.
    """
    if payment.kind is PaymentKind.RETURN:
        raise RuleRefused("return-of-return", "A return cannot be returned; record a payment.")
    left = payment.amount - returned
    if left < amount:
        raise RuleRefused(
            "more-than-paid",
            f"Only {left.readable()} of the payment has not been returned.",
            pointer="/amount",
        )
    if returned_on < payment.paid_on:
        raise RuleRefused(
            "date-out-of-order", "It is dated before the payment itself.", pointer="/returned_on"
        )
    on_account = left - payment.used
    wanted = max(0, amount.minor - on_account.minor)
    held = _held(payment.allocations)
    undoes = all(_takes_back(item.amount, held.get(item.document, 0)) for item in allocations)
    opened = total((item.amount for item in allocations), amount.currency).minor
    if not undoes or (opened if payment.pays_back else -opened) != wanted:
        raise RuleRefused(
            "allocation-refused",
            f"{on_account.readable()} of the payment is on account, so allocations of "
            f"{Money(wanted, amount.currency).readable()} must be taken back: name the documents "
            "that the payment settled, with amounts of the opposite sign.",
            pointer="/allocations",
        )


def _document_faults(
    payment: Payment,
    documents: Mapping[str, Document],
    allocations: Sequence[PaymentAllocation],
) -> Iterator[Fault]:
    held = _held(payment.allocations)
    for index, item in enumerate(allocations):
        at = f"/allocations/{index}"
        found = documents[item.document]
        if {found.debtor, found.creditor} != {payment.payer, payment.payee}:
            message = "The document is not between the payer and the payee."
            yield Fault("document-of-others", f"{at}/document", message)
        elif not found.is_asked_for:
            message = "The claim to the fund is prepared and not submitted; submit it first."
            yield Fault("fund-claim-not-submitted", f"{at}/document", message)
        elif not (
            _takes_back(item.amount, -found.open_amount.minor)
            or _takes_back(item.amount, held.get(item.document, 0))
        ):
            message = f"{found.open_amount.readable()} of the document is open."
            yield Fault("more-than-open", f"{at}/amount", message)


def _held(allocations: Iterable[PaymentAllocation]) -> dict[str, int]:
    """What a payment holds of each document, in minor units, after what was undone."""
    held: dict[str, int] = {}
    for item in allocations:
        held[item.document] = held.get(item.document, 0) + item.amount.minor
    return held


def _takes_back(amount: Money, held: int) -> bool:
    """Whether an amount has the opposite sign of what is held, and is not larger."""
    return 0 < amount.minor <= -held or -held <= amount.minor < 0

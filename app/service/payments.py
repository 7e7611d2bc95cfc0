"""Payments: recorded, never initiated; set against documents; failed and returned ones."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.ledger import Account
from app.domain.money import Money, total
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.domain.pseudonym import identity_fault
from app.payments.posting import Due, due_between, entry_for_payment
from app.service.claim_rows import entry_rows
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.documents import document
from app.storage import journal, ledger, payments
from app.storage.payments import StoredPayment


def record_payment(
    context: Context,
    command: Command,
    *,
    payer: str,
    payee: str,
    amount: Money,
    paid_on: date | None = None,
    reference: str | None = None,
    allocations: Sequence[PaymentAllocation] = (),
) -> Done[StoredPayment]:
    """Record a payment, and what it is for; what no document takes stays on account.

    Either of the two parties records it. A credit note is used up with a negative allocation, so a
    payment of 3,252.00 may settle an invoice of 11,500.00 and use a credit note of 8,248.00.
    """

    def decide(work: Work) -> Change[StoredPayment]:
        _may_record(work, {payer, payee}, reference)
        day = work.day(paid_on, "/paid_on")
        due = _between(work, payer, payee, amount)
        _check_allocations(work, payer, payee, amount, allocations)
        payment = Payment(
            work.new_id(),
            PaymentKind.PAYMENT,
            payer,
            payee,
            amount,
            day,
            reference,
            None,
            tuple(allocations),
        )
        return _posted(work, "payment_recorded", payment, due, allocations, payment.payment_id)

    return run(context, command, decide)


def return_payment(
    context: Context,
    command: Command,
    payment_id: str,
    *,
    amount: Money,
    returned_on: date | None = None,
    reference: str | None = None,
    allocations: Sequence[PaymentAllocation] = (),
) -> Done[StoredPayment]:
    """Record that a payment failed, bounced or was paid back, whole or in part.

    What was on account goes back first; for the rest, `allocations` (below zero) says which
    documents are open again.
    """

    def decide(work: Work) -> Change[StoredPayment]:
        original = payments.one(work.connection, work.contract_id, payment_id)
        paid = original.payment
        _may_record(work, {paid.payer, paid.payee}, reference)
        day = work.day(returned_on, "/returned_on")
        _check_return(original, amount, day, allocations)
        due = _between(work, paid.payee, paid.payer, amount)
        returned = Payment(
            work.new_id(),
            PaymentKind.RETURN,
            paid.payee,
            paid.payer,
            amount,
            day,
            reference,
            payment_id,
            tuple(allocations),
        )
        return _posted(work, "payment_returned", returned, due, allocations, payment_id)

    return run(context, command, decide)


def allocate_payment(
    context: Context,
    command: Command,
    payment_id: str,
    *,
    allocations: Sequence[PaymentAllocation],
    allocated_on: date | None = None,
) -> Done[StoredPayment]:
    """Set money on account against documents, or take an allocation back with a negative one."""

    def decide(work: Work) -> Change[StoredPayment]:
        stored = payments.one(work.connection, work.contract_id, payment_id)
        paid = stored.payment
        _may_record(work, {paid.payer, paid.payee}, None)
        day = work.day(allocated_on, "/allocated_on")
        if not allocations:
            raise InputInvalid([Fault("missing-field", "/allocations", "Name a document.")])
        _check_allocations(
            work, paid.payer, paid.payee, stored.on_account, allocations, paid.allocations
        )
        rows = {"payment_allocations": _allocation_rows(payment_id, allocations, day)}
        return Change("payment_allocated", day, rows, stored)

    return run(context, command, decide)


def get_payment(context: Context, contract_id: str, payment_id: str) -> StoredPayment:
    """One payment."""
    with context.reading() as uow:
        journal.head(uow.connection, contract_id)
        return payments.one(uow.connection, contract_id, payment_id)


def list_payments(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[StoredPayment]:
    """Payments in order of recording; `after` is the journal sequence of the last one seen."""
    with context.reading() as uow:
        journal.head(uow.connection, contract_id)
        return payments.page(uow.connection, contract_id, after, limit)


def _may_record(work: Work, parties: set[str], reference: str | None) -> None:
    if work.actor.party not in parties:
        raise NotPermitted(
            "party-not-permitted", "Only the payer or the payee may record the payment."
        )
    if reference and (fault := identity_fault(reference, "/reference")):
        raise InputInvalid([fault])


def _between(work: Work, payer: str, payee: str, amount: Money) -> Due:
    """The accounts that a payment between two parties moves."""
    if amount.currency != work.terms.currency:
        raise InputInvalid(
            [
                Fault(
                    "currency-not-of-contract",
                    "/amount/currency",
                    f"The contract is in {work.terms.currency}.",
                )
            ]
        )
    chart: tuple[Account, ...] = ledger.chart(work.connection, work.contract_id)
    due = due_between(payer, payee, amount, chart)
    if due is None:
        raise RuleRefused(
            "no-account-between",
            f"Under the terms {payer} and {payee} owe each other nothing.",
            pointer="/payee",
        )
    return due


def _check_allocations(
    work: Work,
    payer: str,
    payee: str,
    available: Money,
    allocations: Sequence[PaymentAllocation],
    earlier: Sequence[PaymentAllocation] = (),
) -> None:
    """Documents are between the two parties, and take no more than is open and available."""
    faults = []
    held = {item.document: Money(0, available.currency) for item in (*earlier, *allocations)}
    for item in earlier:
        held[item.document] = held[item.document] + item.amount
    for index, item in enumerate(allocations):
        found = document(work.connection, work.contract_id, work.terms.commissioner, item.document)
        at = f"/allocations/{index}/amount"
        if {found.debtor, found.creditor} != {payer, payee}:
            message = f"{item.document} is not between {payer} and {payee}."
            faults.append(Fault("document-of-others", f"/allocations/{index}/document", message))
        elif not _fits(item.amount, found.open_amount, held[item.document]):
            message = f"{found.open_amount.readable()} of {item.document} is open."
            faults.append(Fault("more-than-open", at, message))
    if total((item.amount for item in allocations), available.currency).minor > available.minor:
        message = f"The allocations add up to more than {available.readable()}."
        faults.append(Fault("more-than-paid", "/allocations", message))
    if faults:
        raise RuleRefused(
            "allocation-refused",
            "The payment cannot be set against the documents like this; see `faults`.",
            pointer=faults[0].pointer,
            faults=faults,
        )


def _fits(amount: Money, open_amount: Money, held: Money) -> bool:
    """Towards zero from what is open; or away from it, by at most what this payment holds."""
    if not amount:
        return False
    if amount.minor > 0:
        return amount.minor <= max(open_amount.minor, -held.minor)
    return -amount.minor <= max(-open_amount.minor, held.minor)


def _check_return(
    original: StoredPayment,
    amount: Money,
    day: date,
    allocations: Sequence[PaymentAllocation],
) -> None:
    paid = original.payment
    if paid.kind is PaymentKind.RETURN:
        raise RuleRefused("return-of-return", "A return cannot be returned; record a payment.")
    left = paid.amount - original.returned
    if amount.currency != left.currency or amount.minor > left.minor:
        raise RuleRefused(
            "more-than-paid",
            f"Only {left.readable()} of the payment has not been returned.",
            pointer="/amount",
        )
    if day < paid.paid_on:
        raise RuleRefused(
            "date-out-of-order", "It is dated before the payment itself.", pointer="/returned_on"
        )
    opened = -total((item.amount for item in allocations), amount.currency)
    wanted = max(0, amount.minor - original.on_account.minor)
    held: dict[str, int] = {}
    for item in paid.allocations:
        held[item.document] = held.get(item.document, 0) + item.amount.minor
    fits = all(0 < -item.amount.minor <= held.get(item.document, 0) for item in allocations)
    if opened.minor != wanted or not fits:
        raise RuleRefused(
            "allocation-refused",
            f"{original.on_account.readable()} of the payment is on account, so allocations of "
            f"{Money(wanted, amount.currency).readable()} must be taken back: name its documents, "
            "with amounts below zero.",
            pointer="/allocations",
        )


def _posted(
    work: Work,
    kind: str,
    payment: Payment,
    due: Due,
    allocations: Sequence[PaymentAllocation],
    allocated_to: str,
) -> Change[StoredPayment]:
    number = ledger.next_entry_number(work.connection, work.contract_id)
    source = f"payment:{payment.payment_id}"
    entry = entry_for_payment(due, number, source, payment.paid_on)
    rows: dict[str, list[dict[str, Any]]] = {
        **entry_rows([entry]),
        "payments": [_row(payment, number) | work.signed()],
        "payment_allocations": _allocation_rows(allocated_to, allocations, payment.paid_on),
    }
    nothing = Money(0, payment.amount.currency)
    stored = StoredPayment(payment, number, nothing, 0, work.now)
    return Change(kind, payment.paid_on, rows, stored)


def _row(payment: Payment, entry_number: int) -> dict[str, Any]:
    return {
        "payment_id": payment.payment_id,
        "kind": payment.kind.value,
        "payer": payment.payer,
        "payee": payment.payee,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "paid_on": payment.paid_on,
        "reference": payment.reference,
        "returns": payment.returns,
        "entry_number": entry_number,
    }


def _allocation_rows(
    payment_id: str, allocations: Sequence[PaymentAllocation], day: date
) -> list[dict[str, Any]]:
    return [
        {
            "payment_id": payment_id,
            "document": item.document,
            "amount_minor": item.amount.minor,
            "currency": item.amount.currency,
            "allocated_on": day,
        }
        for item in allocations
    ]

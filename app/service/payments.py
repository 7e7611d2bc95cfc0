"""Payments: recorded, never initiated; set against documents; failed and returned ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.money import Money
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.domain.pseudonym import reference_fault
from app.payments.allocations import (
    Document,
    check_allocations,
    check_amount,
    check_form,
    check_return,
)
from app.payments.posting import Due, due_between, entry_for_payment
from app.payments.remittance import RemittanceAdvice, remittance_advice
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.documents import document, whole_document
from app.service.payment_rows import allocation_rows, payment_row
from app.service.posting_days import posted_rows
from app.storage import journal, ledger, payments
from app.storage.fund_claims import StoredFundClaim
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
    payment of 3,252.00 may settle an invoice of 11,500.00 and use a credit note of 8,248.00. Paid
    out by the payee, a credit note of 8,248.00 is a payment of 8,248.00 with -8,248.00 allocated.
    """

    def decide(work: Work) -> Change[StoredPayment]:
        _may_record(work, {payer, payee}, reference)
        check_amount(amount, work.terms.currency)
        check_form(allocations, work.terms.currency)
        day = work.day(paid_on, "/paid_on")
        due = _between(work, payer, payee, amount)
        payment = Payment(
            work.new_id(),
            PaymentKind.PAYMENT,
            payer,
            payee,
            amount,
            day,
            reference,
            returns=None,
            allocations=(),
            pays_back=due.pays_back,
        )
        nothing = Money(0, amount.currency)
        check_allocations(payment, nothing, _documents(work, allocations), allocations)
        return _posted(work, "payment_recorded", payment, due, payment.payment_id, allocations)

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

    What was on account goes back first; for the rest, `allocations` says which documents are open
    again, with amounts of the opposite sign of those that settled them.
    """

    def decide(work: Work) -> Change[StoredPayment]:
        original = payments.one(work.connection, work.contract_id, payment_id)
        paid = original.payment
        _may_record(work, {paid.payer, paid.payee}, reference)
        work.require_version(original.version)
        check_amount(amount, paid.amount.currency)
        check_form(allocations, paid.amount.currency)
        day = work.day(returned_on, "/returned_on")
        check_return(paid, original.returned, amount, day, allocations)
        due = _between(work, paid.payee, paid.payer, amount)
        returned = Payment(
            work.new_id(),
            PaymentKind.RETURN,
            paid.payee,
            paid.payer,
            amount,
            day,
            reference,
            returns=payment_id,
            allocations=(),
            pays_back=due.pays_back,
        )
        return _posted(work, "payment_returned", returned, due, payment_id, allocations)

    return run(context, command, decide)


def allocate_payment(
    context: Context,
    command: Command,
    payment_id: str,
    *,
    allocations: Sequence[PaymentAllocation],
    allocated_on: date | None = None,
) -> Done[StoredPayment]:
    """Set money on account against documents, or take an allocation back with the opposite sign.

    Of a payment's invoices and credit notes one may be set off against another: no money moves.
    """

    def decide(work: Work) -> Change[StoredPayment]:
        stored = payments.one(work.connection, work.contract_id, payment_id)
        paid = stored.payment
        _may_record(work, {paid.payer, paid.payee}, None)
        work.require_version(stored.version)
        if not allocations:
            raise InputInvalid([Fault("missing-field", "/allocations", "Name a document.")])
        check_form(allocations, paid.amount.currency)
        day = work.day(allocated_on, "/allocated_on")
        check_allocations(paid, stored.returned, _documents(work, allocations), allocations)
        rows = {"payment_allocations": allocation_rows(payment_id, allocations, day)}
        settled = replace(paid, allocations=(*paid.allocations, *_in_order(allocations)))
        return Change("payment_allocated", day, rows, replace(stored, payment=settled))

    return run(context, command, decide)


def get_payment(context: Context, contract_id: str, payment_id: str) -> StoredPayment:
    """One payment."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return payments.one(uow.connection, contract_id, payment_id)


def list_payments(
    context: Context, contract_id: str, after: tuple[int, str] = (0, ""), limit: int = 50
) -> list[StoredPayment]:
    """Payments in order of recording; `after` is (sequence, payment id) of the last one seen."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return payments.page(uow.connection, contract_id, after, limit)


def get_remittance(context: Context, contract_id: str, payment_id: str) -> RemittanceAdvice:
    """What the payer tells the payee of a payment; NotFound `payment-unknown`.

    A return has no advice of its own: RuleRefused `remittance-of-return`.
    """
    with context.reckoning(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        stored = payments.one(connection, contract_id, payment_id)
        payment = stored.payment
        if payment.kind is PaymentKind.RETURN:
            raise RuleRefused(
                "remittance-of-return", "Read the advice of the payment that it returns."
            )
        found = {
            name: whole_document(connection, contract_id, name)
            for name in {item.document for item in payment.allocations}
        }
        before = payments.settled_before(connection, contract_id, payment_id)
    documents = {
        name: one.claim if isinstance(one, StoredFundClaim) else one.invoice
        for name, one in found.items()
    }
    return remittance_advice(payment, documents, before, stored.returned)


def _may_record(work: Work, parties: set[str], reference: str | None) -> None:
    if work.actor.party not in parties:
        raise NotPermitted(
            "party-not-permitted", "Only the payer or the payee may record the payment."
        )
    if reference is not None and (fault := reference_fault(reference)):
        raise InputInvalid([fault])


def _between(work: Work, payer: str, payee: str, amount: Money) -> Due:
    """The accounts that a payment between two parties moves."""
    due = due_between(payer, payee, amount, ledger.chart(work.connection, work.contract_id))
    if due is None:
        raise RuleRefused(
            "no-account-between",
            "Under the terms these two parties owe each other nothing.",
            pointer="/payee",
        )
    return due


def _documents(work: Work, allocations: Sequence[PaymentAllocation]) -> dict[str, Document]:
    commissioner = work.terms.commissioner
    return {
        item.document: document(work.connection, work.contract_id, commissioner, item.document)
        for item in allocations
    }


def _posted(
    work: Work,
    kind: str,
    payment: Payment,
    due: Due,
    allocated_to: str,
    allocations: Sequence[PaymentAllocation],
) -> Change[StoredPayment]:
    """The change that posts money that moved; a return's allocations are those of its payment."""
    number = ledger.next_entry_number(work.connection, work.contract_id)
    source = f"payment:{payment.payment_id}"
    entry = entry_for_payment(due, number, source, payment.paid_on)
    rows: dict[str, list[dict[str, Any]]] = {
        **posted_rows(work, [entry]),
        "payments": [payment_row(payment, number) | work.signed()],
        "payment_allocations": allocation_rows(allocated_to, allocations, payment.paid_on),
    }
    nothing = Money(0, payment.amount.currency)
    if payment.kind is PaymentKind.PAYMENT:
        payment = replace(payment, allocations=_in_order(allocations))
    stored = StoredPayment(payment, number, nothing, 0, work.now, 0)
    return Change(kind, payment.paid_on, rows, stored)


def _in_order(allocations: Sequence[PaymentAllocation]) -> tuple[PaymentAllocation, ...]:
    """The allocations of one record, as they are read back."""
    return tuple(sorted(allocations, key=lambda item: item.document))

"""Settling documents against each other without money: an invoice with a credit note."""

from collections.abc import Sequence
from datetime import date

from app.domain.errors import Fault, InputInvalid, NotPermitted
from app.domain.money import Money
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.payments.allocations import check_form, check_set_off
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.documents import document
from app.service.payment_rows import allocation_rows, payment_row
from app.storage.payments import StoredPayment


def set_off(
    context: Context,
    command: Command,
    *,
    allocations: Sequence[PaymentAllocation],
    set_off_on: date | None = None,
) -> Done[StoredPayment]:
    """Set documents of the same two parties off against each other: no money moves, none is posted.

    A claim whose invoice and credit note are of 6,500.00 each is settled so. It is kept as a
    payment of nothing with allocations of 6,500.00 and -6,500.00; the opposite signs undo it. The
    debtor or the creditor records it. Raises InputInvalid, NotFound `document-unknown`,
    NotPermitted, RuleRefused `allocation-refused`.
    """

    def decide(work: Work) -> Change[StoredPayment]:
        currency = work.terms.currency
        if len(allocations) < 2:
            message = "Name the documents that are set off against each other."
            raise InputInvalid([Fault("missing-field", "/allocations", message)])
        check_form(allocations, currency)
        commissioner = work.terms.commissioner
        documents = {
            item.document: document(work.connection, work.contract_id, commissioner, item.document)
            for item in allocations
        }
        first = documents[allocations[0].document]
        if work.actor.party not in {first.debtor, first.creditor}:
            raise NotPermitted(
                "party-not-permitted", "Only the debtor or the creditor may set documents off."
            )
        nothing = Money(0, currency)
        day = work.day(set_off_on, "/set_off_on")
        made = Payment(
            work.new_id(),
            PaymentKind.SET_OFF,
            first.debtor,
            first.creditor,
            nothing,
            day,
            None,
            returns=None,
            allocations=tuple(sorted(allocations, key=lambda item: item.document)),
        )
        check_set_off(made, documents)
        rows = {
            "payments": [payment_row(made, None) | work.signed()],
            "payment_allocations": allocation_rows(made.payment_id, allocations, day),
        }
        stored = StoredPayment(made, None, nothing, 0, work.now, 0)
        return Change("documents_set_off", day, rows, stored)

    return run(context, command, decide)

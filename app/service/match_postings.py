"""What accepting a match records: payments and returns of payments, posted and allocated.

The same checks and the same entries as for a payment recorded by hand; several of them may come
from one match, so each sees what those before it have done.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.errors import RuleRefused
from app.domain.ledger import Entry, EntryKind, Posting
from app.domain.money import Money
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.domain.pseudonym import reference_fault
from app.payments.allocations import Document, check_allocations, check_amount, check_return
from app.payments.posting import Due, due_between, entry_for_payment
from app.service.command import Work
from app.service.documents import document, documents
from app.service.payment_rows import allocation_rows, payment_row
from app.service.posting_days import PostingDays
from app.storage import ledger, payments


@dataclass(slots=True)
class _Known:
    """A payment as it stands after what this match did so far."""

    payment: Payment
    entry_number: int | None
    returned: Money


class Books:
    """Collects the rows of the payments that one decision records."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._days = PostingDays(work)
        self._chart = ledger.chart(work.connection, work.contract_id)
        self._number = ledger.next_entry_number(work.connection, work.contract_id)
        self._entries: list[Entry] = []
        self._payments: list[dict[str, Any]] = []
        self._known: dict[str, _Known] = {}
        self._documents: dict[str, Document] = {}
        self._allocated: dict[tuple[str, str], tuple[Money, date]] = {}

    def look_up(self, names: Collection[str], payment_ids: Collection[str]) -> None:
        """Read some documents and payments at once; one that is not there is refused when used."""
        work = self._work
        self._documents |= documents(
            work.connection, work.contract_id, work.terms.commissioner, names
        )
        for stored in payments.several(work.connection, work.contract_id, payment_ids):
            self._known[stored.payment.payment_id] = _Known(
                stored.payment, stored.entry_number, stored.returned
            )

    def take_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything recorded since it was last asked, parents first: the rows of one record."""
        allocations = [
            row
            for (payment_id, name), (amount, day) in self._allocated.items()
            if amount
            for row in allocation_rows(payment_id, [PaymentAllocation(name, amount)], day)
        ]
        rows = {
            **self._days.rows(self._entries, None),
            "payments": self._payments,
            "payment_allocations": allocations,
        }
        self._entries, self._payments, self._allocated = [], [], {}
        return rows

    def payment(self, payment_id: str) -> Payment:
        """A payment as it stands after what this decision did; NotFound `payment-unknown`."""
        return self._payment(payment_id).payment

    def document(self, name: str) -> Document:
        """A document as it stands after what this decision did so far."""
        if name not in self._documents:
            work = self._work
            commissioner = work.terms.commissioner
            self._documents[name] = document(work.connection, work.contract_id, commissioner, name)
        return self._documents[name]

    def pays_back(self, payer: str, payee: str) -> bool:
        """Whether a payment between the two goes from the creditor to the debtor."""
        return self._between(payer, payee, Money(1, self._work.terms.currency)).pays_back

    def pay(
        self,
        payer: str,
        payee: str,
        amount: Money,
        paid_on: date,
        references: Sequence[str],
        allocations: Sequence[PaymentAllocation],
    ) -> str:
        """Record a payment of a line; answers its id. What is not allocated stays on account."""
        check_amount(amount, self._work.terms.currency)
        due = self._between(payer, payee, amount)
        payment = Payment(
            self._work.new_id(),
            PaymentKind.PAYMENT,
            payer,
            payee,
            amount,
            self._work.day(paid_on, "/booked_on"),
            _reference(references),
            returns=None,
            allocations=(),
            pays_back=due.pays_back,
        )
        nothing = Money(0, amount.currency)
        found = {item.document: self.document(item.document) for item in allocations}
        check_allocations(payment, nothing, found, allocations)
        self._post(payment, entry_for_payment(due, self._number, *_told(payment)))
        self._allocate(payment.payment_id, allocations, payment.paid_on)
        return payment.payment_id

    def give_back(
        self, payment_id: str, amount: Money, returned_on: date, references: Sequence[str]
    ) -> str:
        """Record that a payment came back, whole or in part; answers the return's id.

        What is on account goes back first; then the documents that it settled are opened again,
        those settled last first.
        """
        known = self._payment(payment_id)
        paid = known.payment
        check_amount(amount, self._work.terms.currency)
        opened = _to_open(paid, known.returned, amount)
        day = self._work.day(returned_on, "/booked_on")
        check_return(paid, known.returned, amount, day, opened)
        due = self._between(paid.payee, paid.payer, amount)
        returned = Payment(
            self._work.new_id(),
            PaymentKind.RETURN,
            paid.payee,
            paid.payer,
            amount,
            day,
            _reference(references),
            returns=payment_id,
            allocations=(),
            pays_back=due.pays_back,
        )
        self._post(returned, entry_for_payment(due, self._number, *_told(returned)))
        known.returned = known.returned + amount
        self._allocate(payment_id, opened, day)
        return returned.payment_id

    def undo(self, payment_id: str) -> str:
        """Reverse a payment, or a return, that a match recorded; answers the reversal's id.

        The entry is reversed by a linked one, debit and credit exchanged. A payment gives up every
        document that it settled; a return settles again what it had opened, as far as it is open.
        Raises RuleRefused `payment-returned` where money of the payment has come back since.
        """
        known = self._payment(payment_id)
        undone, today = known.payment, self._work.today
        if known.returned:
            raise RuleRefused(
                "payment-returned",
                "Money of the payment that the match recorded has come back since. Undo the match "
                "of that return first.",
            )
        if known.entry_number is None:
            raise AssertionError("a match records no set-off")
        is_payment = undone.kind is PaymentKind.PAYMENT
        reversal = replace(
            undone,
            payment_id=self._work.new_id(),
            kind=PaymentKind.RETURN if is_payment else PaymentKind.PAYMENT,
            payer=undone.payee,
            payee=undone.payer,
            paid_on=today,
            returns=payment_id if is_payment else None,
            allocations=(),
            pays_back=not undone.pays_back,
        )
        original = ledger.entry(
            self._work.connection, self._work.contract_id, known.entry_number
        ).entry
        number, source = self._number, f"payment:{reversal.payment_id}"
        postings = tuple(
            Posting(item.credit, item.debit, item.amount) for item in original.postings
        )
        self._post(
            reversal,
            Entry(
                number,
                EntryKind.REVERSAL,
                source,
                today,
                postings,
                reverses=original.entry_number,
            ),
        )
        if is_payment:
            released = [PaymentAllocation(name, -amount) for name, amount in _held(undone).items()]
            self._allocate(payment_id, released, today)
        else:
            self._settle_again(known, reversal)
        return reversal.payment_id

    def _settle_again(self, known: _Known, reversal: Payment) -> None:
        """Set a return's money, paid again, against what the return had opened."""
        work = self._work
        original = known.payment.returns or ""
        opened = payments.opened_by(
            work.connection, work.contract_id, original, known.payment.payment_id
        )
        again = []
        for item in opened:
            amount, left = -item.amount, self.document(item.document).open_amount
            if amount.minor * left.minor > 0 and abs(amount.minor) <= abs(left.minor):
                again.append(PaymentAllocation(item.document, amount))
        self._allocate(reversal.payment_id, again, work.today)

    def _payment(self, payment_id: str) -> _Known:
        if payment_id not in self._known:
            stored = payments.one(self._work.connection, self._work.contract_id, payment_id)
            self._known[payment_id] = _Known(stored.payment, stored.entry_number, stored.returned)
        return self._known[payment_id]

    def _between(self, payer: str, payee: str, amount: Money) -> Due:
        due = due_between(payer, payee, amount, self._chart)
        if due is None:
            raise RuleRefused(
                "no-account-between",
                "Under the terms these two parties owe each other nothing.",
                pointer="/payee",
            )
        return due

    def _post(self, payment: Payment, entry: Entry) -> None:
        self._number = entry.entry_number + 1
        self._entries.append(entry)
        self._payments.append(payment_row(payment, entry.entry_number) | self._work.signed())
        nothing = Money(0, payment.amount.currency)
        self._known[payment.payment_id] = _Known(payment, entry.entry_number, nothing)

    def _allocate(
        self, payment_id: str, allocations: Sequence[PaymentAllocation], day: date
    ) -> None:
        known = self._payment(payment_id)
        known.payment = replace(
            known.payment, allocations=(*known.payment.allocations, *allocations)
        )
        for item in allocations:
            found = self.document(item.document)
            self._documents[item.document] = replace(
                found, open_amount=found.open_amount - item.amount
            )
            key = (payment_id, item.document)
            before, _ = self._allocated.get(key, (Money(0, item.amount.currency), day))
            self._allocated[key] = (before + item.amount, day)


def _told(payment: Payment) -> tuple[str, date]:
    return f"payment:{payment.payment_id}", payment.paid_on


def _reference(references: Sequence[str]) -> str | None:
    """The first reference of a line that looks like nobody's number or address."""
    fitting = (text for text in references if reference_fault(text) is None)
    return next(fitting, None)


def _held(payment: Payment) -> dict[str, Money]:
    """What a payment holds of each document, after what was undone; none of nothing."""
    nothing = Money(0, payment.amount.currency)
    held: dict[str, Money] = {}
    for item in payment.allocations:
        held[item.document] = held.get(item.document, nothing) + item.amount
    return {name: amount for name, amount in held.items() if amount}


def _to_open(paid: Payment, returned: Money, amount: Money) -> list[PaymentAllocation]:
    """The allocations to take back so that `amount` can go back, the last document first."""
    on_account = paid.amount - returned - paid.used
    wanted = max(0, amount.minor - on_account.minor)
    opened: list[PaymentAllocation] = []
    for name, held in reversed(_held(paid).items()):
        taken_up = -held.minor if paid.pays_back else held.minor
        part = min(wanted, max(0, taken_up))
        if part:
            back = Money(part if paid.pays_back else -part, amount.currency)
            opened.append(PaymentAllocation(name, back))
            wanted -= part
    return opened

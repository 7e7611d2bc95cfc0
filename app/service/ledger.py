"""The ledger: payments recorded, entries read, balances on two time axes."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.claim import ClaimStatus
from app.domain.errors import Fault, InputInvalid, NotFound, NotPermitted, RuleRefused
from app.domain.ledger import Account
from app.domain.money import Money
from app.domain.pseudonym import reference_fault
from app.payments.balances import (
    Balance,
    MirrorDifference,
    TrialBalance,
    mirror_differences,
    trial_balances,
)
from app.payments.posting import Due, amounts_due, entry_for_payment
from app.service.claim_rows import entry_rows
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.storage import claims, contracts, journal, ledger, payments
from app.storage.engine import Connection
from app.storage.ledger import StoredEntry
from app.storage.payments import StoredPayment


@dataclass(frozen=True, slots=True)
class Balances:
    """Balances of a contract's accounts, as known at an instant and effective to a day.

    Every account of the chart is listed, also those nobody has posted to yet.
    """

    known_at: datetime
    effective_to: date | None
    currency: str
    accounts: tuple[tuple[Account, Balance], ...]
    trial_balances: tuple[TrialBalance, ...]
    mirror_differences: tuple[MirrorDifference, ...]


def record_payment(
    context: Context,
    command: Command,
    *,
    claim_number: int,
    payer: str,
    payee: str,
    paid_on: date | None = None,
    reference: str | None = None,
) -> Done[StoredPayment]:
    """Record that one party has paid another everything due for an approved claim.

    The amount is what the ledger says is due; the service records payments, it makes none. Either
    of the two parties may record it.
    """

    def decide(work: Work) -> Change[StoredPayment]:
        if reference is not None and (fault := reference_fault(reference)):
            raise InputInvalid([fault])
        if work.actor.party not in {payer, payee}:
            raise NotPermitted(
                "party-not-permitted", "Only the payer or the payee may record the payment."
            )
        day = work.day(paid_on, "/paid_on")
        due = _due(work, claim_number, payer, payee, day)
        number = ledger.next_entry_number(work.connection, work.contract_id)
        payment = StoredPayment(
            work.new_id(),
            claim_number,
            payer,
            payee,
            due.amount,
            day,
            reference,
            number,
            0,
            work.now,
        )
        entry = entry_for_payment(due, number, f"payment:{payment.payment_id}", day)
        rows = entry_rows([entry]) | {"payments": [_row(payment) | work.signed()]}
        return Change("payment_recorded", day, rows, payment)

    return run(context, command, decide)


def amounts_due_for(context: Context, contract_id: str, claim_number: int) -> list[Due]:
    """What is still to be paid for an approved claim, by payer and payee."""
    with context.reading() as uow:
        claims.get(uow.connection, contract_id, claim_number)
        made = payments.of_claims(uow.connection, contract_id, [claim_number])
        paid = {(payment.payer, payment.payee) for payment in made}
        dues = _dues(uow.connection, contract_id, claim_number)
        return [due for due in dues if (due.payer, due.payee) not in paid]


def list_payments(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[StoredPayment]:
    """Payments in order of recording; `after` is the journal sequence of the last one seen."""
    with context.reading() as uow:
        journal.head(uow.connection, contract_id)
        return payments.page(uow.connection, contract_id, after, limit)


def list_entries(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[StoredEntry]:
    """Ledger entries in order of their numbers."""
    with context.reading() as uow:
        journal.head(uow.connection, contract_id)
        return ledger.entry_page(uow.connection, contract_id, after, limit)


def get_entry(
    context: Context, contract_id: str, entry_number: int
) -> tuple[StoredEntry, int | None]:
    """One entry, and the number of the entry that reverses it, if any."""
    with context.reading() as uow:
        found = ledger.entry(uow.connection, contract_id, entry_number)
        return found, ledger.reversal_of(uow.connection, contract_id, entry_number)


def balances(
    context: Context,
    contract_id: str,
    known_at: datetime | None = None,
    effective_to: date | None = None,
) -> Balances:
    """Every account's balance, each book's trial balance, and mirrors that differ (none)."""
    with context.reading() as uow:
        journal.head(uow.connection, contract_id)
        timeline = contracts.timeline(uow.connection, contract_id)
        currency = timeline.latest.terms.currency if timeline.versions else "GBP"
        chart = ledger.chart(uow.connection, contract_id)
        folded = ledger.balances(
            uow.connection, contract_id, known_at=known_at, to_date=effective_to
        )
    nothing = Money(0, currency)
    listed = tuple(
        (account, folded.get(account.name) or Balance(account.name, nothing, nothing))
        for account in chart
    )
    return Balances(
        known_at or context.clock(),
        effective_to,
        currency,
        listed,
        trial_balances({account.name: balance for account, balance in listed}, currency),
        mirror_differences(folded, chart, currency),
    )


def trial_balance(
    context: Context,
    contract_id: str,
    book: str,
    known_at: datetime | None = None,
    effective_to: date | None = None,
) -> TrialBalance:
    """One party's trial balance; NotFound `book-unknown` if the party has no book."""
    found = balances(context, contract_id, known_at, effective_to)
    for one in found.trial_balances:
        if one.book == book:
            return one
    raise NotFound(
        "book-unknown",
        f"The ledger has no book {book}; it has "
        f"{', '.join(one.book for one in found.trial_balances) or 'none yet'}.",
    )


def _due(work: Work, claim_number: int, payer: str, payee: str, day: date) -> Due:
    stored = claims.get(work.connection, work.contract_id, claim_number)
    if stored.status not in {ClaimStatus.APPROVED, ClaimStatus.PAID} or stored.decided_on is None:
        raise RuleRefused(
            "claim-not-approved",
            f"Claim {claim_number} is {stored.status.value}; only an approved claim is paid.",
            pointer="/claim_number",
        )
    if day < stored.decided_on:
        raise InputInvalid(
            [
                Fault(
                    "date-before-approval",
                    "/paid_on",
                    "A payment cannot be dated before the claim's approval.",
                )
            ]
        )
    made = payments.of_claims(work.connection, work.contract_id, [claim_number])
    if any((one.payer, one.payee) == (payer, payee) for one in made):
        raise RuleRefused(
            "already-paid", f"Claim {claim_number} has been paid by {payer} to {payee} already."
        )
    dues = _dues(work.connection, work.contract_id, claim_number)
    for due in dues:
        if (due.payer, due.payee) == (payer, payee):
            return due
    owed = "; ".join(f"{due.payer} owes {due.payee} {due.amount.readable()}" for due in dues)
    raise RuleRefused(
        "nothing-due",
        f"Nothing is due from {payer} to {payee} for claim {claim_number}. {owed or 'No amount'}.",
        pointer="/payer",
    )


def _dues(connection: Connection, contract_id: str, claim_number: int) -> tuple[Due, ...]:
    posted = ledger.entries_of_claim(connection, contract_id, claim_number)
    return amounts_due(posted, ledger.chart(connection, contract_id))


def _row(payment: StoredPayment) -> dict[str, object]:
    return {
        "payment_id": payment.payment_id,
        "claim_number": payment.claim_number,
        "payer": payment.payer,
        "payee": payment.payee,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "paid_on": payment.paid_on,
        "reference": payment.reference,
        "entry_number": payment.entry_number,
    }

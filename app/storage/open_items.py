"""What waits to be paid, confirmed or given back, as the owner of one account sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select

from app.domain.bank import Direction, OpenItem
from app.domain.fund_claim import FundClaimState
from app.domain.invoice import document_reference, invoice_id, invoice_key
from app.domain.matching import MatchRules
from app.domain.money import Money
from app.domain.payment import Payment, PaymentKind
from app.storage import fund_claims, imports, matches, payments
from app.storage.payments import StoredPayment
from app.storage.settlement_tables import (
    invoice_document,
    invoices,
    payment_allocations,
)
from app.storage.settlement_tables import payments as payments_table
from app.storage.tables import entries

PAYMENT, CAME_BACK = "payment:", "came-back:"
"""A recorded payment that waits for a line; the second where the bank marks lines as returns."""

RETURN, EXCESS = "return:", "excess:"
"""A payment that may come back whole, or what of it is on account."""

ON_ACCOUNT = "on-account:"
"""Another party, for money that is for none of its documents yet; only people match so."""

_BACK = {Direction.IN: Direction.OUT, Direction.OUT: Direction.IN}


@dataclass(frozen=True, slots=True)
class Account:
    """Whose account it is, what the parties are called there, and who buys the outcomes."""

    party: str
    source: str
    names: Mapping[str, str]
    commissioner: str

    def name(self, party: str) -> str:
        """What a party is called in the terms."""
        return self.names.get(party, party)

    def item(
        self,
        item_id: str,
        amount: Money,
        debtor: str,
        creditor: str,
        issued_on: date,
        due_on: date,
        references: tuple[str, ...],
    ) -> OpenItem:
        """What one party still owes another; below zero it is the other way round."""
        pays = debtor if amount.minor > 0 else creditor
        other = creditor if debtor == self.party else debtor
        return OpenItem(
            item_id,
            amount if amount.minor > 0 else -amount,
            Direction.OUT if pays == self.party else Direction.IN,
            due_on,
            issued_on,
            self.name(other),
            references,
        )


def open_items(
    connection: Connection, contract_id: str, account: Account, rules: MatchRules
) -> list[OpenItem]:
    """Open invoices and claims to a fund; payments to be confirmed; payments that may come back.

    A payment counts as confirmed by an account when accepted lines of that account show it, so a
    payment recorded from the payer's extract still waits for the payee's bank. What undid a match
    waits for no line: no money moved.
    """
    return [
        *_invoices(connection, contract_id, account),
        *_fund_claims(connection, contract_id, account),
        *_payments(connection, contract_id, account, rules),
    ]


def _invoices(connection: Connection, contract_id: str, account: Account) -> list[OpenItem]:
    settled = (
        select(func.coalesce(func.sum(payment_allocations.c.amount_minor), 0))
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.document == invoice_document(),
        )
        .scalar_subquery()
    )
    asked = case(
        (invoices.c.kind == "credit_note", -invoices.c.total_minor), else_=invoices.c.total_minor
    )
    rows = connection.execute(
        select(invoices, (asked - settled).label("open_minor")).where(
            invoices.c.contract_id == contract_id,
            (invoices.c.issuer == account.party) | (invoices.c.customer == account.party),
            asked != settled,
        )
    )
    return [
        account.item(
            invoice_id(row.issuer, row.number),
            Money(int(row.open_minor), row.currency),
            row.customer,
            row.issuer,
            row.issued_on,
            row.due_on or row.issued_on,
            _given(document_reference(row.issuer, row.number), row.purchase_order),
        )
        for row in rows
    ]


def _fund_claims(connection: Connection, contract_id: str, account: Account) -> list[OpenItem]:
    waiting = {FundClaimState.SUBMITTED, FundClaimState.QUERIED}
    return [
        account.item(
            stored.claim.document_id,
            stored.open_amount,
            stored.claim.fund,
            account.commissioner,
            stored.state_since,
            stored.state_since,
            (stored.claim.document_id,),
        )
        for stored in fund_claims.page(connection, contract_id)
        if stored.state in waiting
        and stored.open_amount
        and account.party in {stored.claim.fund, account.commissioner}
    ]


def _payments(
    connection: Connection, contract_id: str, account: Account, rules: MatchRules
) -> list[OpenItem]:
    undone = undone_payments(connection, contract_id)
    sources = imports.sources_of_its_banks(connection, contract_id, account.party, account.source)
    shown = matches.confirmed(connection, contract_id, account.party, sources)
    stored = payments.page(connection, contract_id)
    by_id = {one.payment.payment_id: one for one in stored}
    found: list[OpenItem] = []
    for one in stored:
        payment = one.payment
        if payment.payment_id in undone or account.party not in {payment.payer, payment.payee}:
            continue
        documents = by_id[payment.returns or payment.payment_id].payment
        references = _references(payment, documents)
        found += _waiting(account, payment, shown.get(payment.payment_id, 0), references, rules)
        if payment.kind is PaymentKind.PAYMENT and payment.payment_id in shown:
            found += _returnable(account, one, references)
    return found


def _waiting(
    account: Account,
    payment: Payment,
    shown_minor: int,
    references: tuple[str, ...],
    rules: MatchRules,
) -> list[OpenItem]:
    left = payment.amount.minor - shown_minor
    if left <= 0:
        return []
    amount = Money(left, payment.amount.currency)
    day = payment.paid_on
    item = account.item(
        PAYMENT + payment.payment_id, amount, payment.payer, payment.payee, day, day, references
    )
    if payment.kind is PaymentKind.PAYMENT:
        return [item]
    # The other party may have booked it a few days after this account did.
    early = day - timedelta(days=rules.days_before_issue)
    marked = OpenItem(
        CAME_BACK + payment.payment_id,
        amount,
        item.direction,
        early,
        early,
        item.counterparty,
        references,
        is_returnable=True,
    )
    return [item, marked]


def _returnable(
    account: Account, stored: StoredPayment, references: tuple[str, ...]
) -> list[OpenItem]:
    payment = stored.payment
    amounts = [(RETURN, payment.amount - stored.returned)]
    if 0 < stored.on_account.minor < amounts[0][1].minor:
        amounts.append((EXCESS, stored.on_account))
    moved = Direction.OUT if payment.payer == account.party else Direction.IN
    other = payment.payee if payment.payer == account.party else payment.payer
    return [
        OpenItem(
            prefix + payment.payment_id,
            amount,
            _BACK[moved],
            payment.paid_on,
            payment.paid_on,
            account.name(other),
            references,
            is_returnable=True,
        )
        for prefix, amount in amounts
        if amount
    ]


def undone_payments(connection: Connection, contract_id: str) -> frozenset[str]:
    """Payments that a reversal undid, and those that such reversals are recorded as."""
    reversals = entries.alias("reversals")
    made = select(payments_table.c.payment_id).join(
        entries,
        (entries.c.contract_id == payments_table.c.contract_id)
        & (entries.c.entry_number == payments_table.c.entry_number),
    )
    reversing = made.where(
        payments_table.c.contract_id == contract_id, entries.c.kind == "reversal"
    )
    reversed_ = (
        select(payments_table.c.payment_id)
        .join(
            reversals,
            (reversals.c.contract_id == payments_table.c.contract_id)
            & (reversals.c.reverses == payments_table.c.entry_number),
        )
        .where(payments_table.c.contract_id == contract_id)
    )
    found: Any = connection.execute(reversing.union(reversed_)).scalars()
    return frozenset(found)


def _references(payment: Payment, settling: Payment) -> tuple[str, ...]:
    """What a line of the payment may quote: its own reference, and its documents' numbers."""
    named = dict.fromkeys(item.document for item in settling.allocations)
    return _given(payment.reference, settling.reference, *map(_printed, named))


def _printed(document: str) -> str:
    key = invoice_key(document)
    return document_reference(*key) if key else document


def _given(*texts: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))

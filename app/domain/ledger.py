"""Double entry: accounts that belong to one party's book, postings, and linked entries."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money


class EntryKind(StrEnum):
    """Which business event an entry records."""

    CLAIM_LINE_APPROVED = "claim_line_approved"
    CLAWBACK_APPROVED = "clawback_approved"
    VAT_INVOICED = "vat_invoiced"
    PAYMENT = "payment"
    GRANT_PAYMENT = "grant_payment"
    REVERSAL = "reversal"
    ADJUSTMENT = "adjustment"


class AccountType(StrEnum):
    """The five kinds of account; assets and expenses grow on the debit side."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one party's book, named <book>/<account>[/<counterparty>].

    `mirror` names the account in the counterparty's book that must always hold the opposite
    balance: commissioner's payable to the SPV and the SPV's receivable from the commissioner.
    """

    name: str
    type: AccountType
    mirror: str | None = None

    @property
    def book(self) -> str:
        """The party whose account it is."""
        return self.name.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Posting:
    """Debit account, credit account of the same book, positive amount: always balanced."""

    debit: str
    credit: str
    amount: Money

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise AssertionError("a posting's amount is positive; direction is debit and credit")
        if self.debit.split("/", 1)[0] != self.credit.split("/", 1)[0]:
            raise AssertionError("a posting stays inside one party's book")


@dataclass(frozen=True, slots=True)
class Entry:
    """One business event posted to every book it touches.

    `source` names the record it comes from: claim:<n>/line:<m>, invoice:<issuer>/<n> or
    payment:<id>. `reverses` is the number of the entry it takes back, or None.
    """

    entry_number: int
    kind: EntryKind
    source: str
    effective_date: date
    postings: tuple[Posting, ...]
    reverses: int | None = None

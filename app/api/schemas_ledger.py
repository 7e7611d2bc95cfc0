"""Shapes of the ledger: entries, balances and statements."""

from typing import Annotated, Self

from pydantic import Field

from app.api.fields import (
    Amount,
    Answered,
    DayOut,
    Instant,
    NextCursor,
    Party,
    Sequence,
)
from app.domain.journal import instant_text
from app.domain.ledger import Account, AccountType, EntryKind, Posting
from app.domain.period_close import LatePosting, PeriodState
from app.payments.balances import Balance, MirrorDifference, TrialBalance
from app.service.ledger import Balances
from app.storage.ledger import StoredEntry

AccountName = Annotated[
    str,
    Field(
        description="An account: <book>/<account>, with its counterparty where it has one.",
        examples=["council/outcome-payable/spv"],
    ),
]
EntryNumber = Annotated[
    int, Field(description="Entries are numbered from 1 without gaps.", examples=[1])
]


class LateOut(Answered):
    """That an entry was posted after the close of the period to which it belongs."""

    level: PeriodState = Field(
        description="soft: posted into its soft-closed period, with a reason. hard: a prior-period "
        "adjustment, posted in the open period.",
        examples=["hard"],
    )
    belongs_on: DayOut

    @classmethod
    def of(cls, late: LatePosting | None) -> Self | None:
        """From what makes an entry late, if anything does."""
        return None if late is None else cls(level=late.level, belongs_on=late.belongs_on)


class PostingOut(Answered):
    """One posting: the amount is debited to one account and credited to another of its book."""

    posting_number: int = Field(description="From 1 within the entry.", examples=[1])
    debit: AccountName
    credit: AccountName
    amount: Amount

    @classmethod
    def of(cls, number: int, posting: Posting) -> Self:
        """From a posting."""
        return cls(
            posting_number=number,
            debit=posting.debit,
            credit=posting.credit,
            amount=Amount.of(posting.amount),
        )


class EntryOut(Answered):
    """One business event, posted to every book that it touches."""

    entry_number: EntryNumber
    kind: EntryKind = Field(description="The event.", examples=["claim_line_approved"])
    source: str = Field(description="The record it comes from.", examples=["claim:1/line:1"])
    effective_date: DayOut
    reverses: int | None = Field(
        description="The number of the entry that it takes back.", examples=[1]
    )
    late: LateOut | None
    postings: list[PostingOut]
    sequence: Sequence
    recorded_at: Instant

    @classmethod
    def of(cls, stored: StoredEntry) -> Self:
        """From the stored entry."""
        return cls.model_validate(entry_facts(stored))


class EntryWhole(EntryOut):
    """One entry, and the entries that reverse it."""

    reversed_by: list[int] = Field(
        description="The numbers of the entries that take this one back, whole or in part.",
        examples=[[2]],
    )

    @classmethod
    def both(cls, stored: StoredEntry, reversed_by: tuple[int, ...]) -> Self:
        """From the stored entry and the numbers of its reversals."""
        return cls.model_validate(entry_facts(stored) | {"reversed_by": list(reversed_by)})


def entry_facts(stored: StoredEntry) -> dict[str, object]:
    """The fields of an entry, for the shapes that hold one."""
    entry = stored.entry
    return {
        "entry_number": entry.entry_number,
        "kind": entry.kind,
        "source": entry.source,
        "effective_date": entry.effective_date,
        "reverses": entry.reverses,
        "late": LateOut.of(stored.late),
        "postings": [PostingOut.of(n, one) for n, one in enumerate(entry.postings, 1)],
        "sequence": stored.sequence,
        "recorded_at": instant_text(stored.recorded_at),
    }


class EntryPage(Answered):
    """Ledger entries in order of their numbers, and where the next page starts."""

    items: list[EntryOut]
    next_cursor: NextCursor


class AccountBalance(Answered):
    """All debits and credits of an account; `net` above zero is a debit balance."""

    account: AccountName
    debits: Amount
    credits: Amount
    net: Amount

    @classmethod
    def of(cls, balance: Balance) -> Self:
        """From a balance."""
        return cls(
            account=balance.account,
            debits=Amount.of(balance.debits),
            credits=Amount.of(balance.credits),
            net=Amount.of(balance.net),
        )


class ChartBalance(AccountBalance):
    """An account of the chart with its balance."""

    type: AccountType = Field(description="The kind of account.", examples=["liability"])
    mirror: AccountName | None = Field(
        description="The counterparty's account that must hold the opposite balance."
    )

    @classmethod
    def both(cls, account: Account, balance: Balance) -> Self:
        """From an account and its balance."""
        return cls(
            account=account.name,
            debits=Amount.of(balance.debits),
            credits=Amount.of(balance.credits),
            net=Amount.of(balance.net),
            type=account.type,
            mirror=account.mirror,
        )


class TrialBalanceOut(Answered):
    """One book: its debit balances and its credit balances are equal."""

    book: Party
    accounts: list[AccountBalance]
    debit_total: Amount
    credit_total: Amount

    @classmethod
    def of(cls, found: TrialBalance) -> Self:
        """From a trial balance."""
        return cls(
            book=found.book,
            accounts=[AccountBalance.of(one) for one in found.balances],
            debit_total=Amount.of(found.debit_total),
            credit_total=Amount.of(found.credit_total),
        )


class MirrorDifferenceOut(Answered):
    """Two accounts that should hold opposite balances and do not."""

    account: AccountName
    mirror: AccountName
    difference: Amount

    @classmethod
    def of(cls, found: MirrorDifference) -> Self:
        """From a difference."""
        return cls(
            account=found.account, mirror=found.mirror, difference=Amount.of(found.difference)
        )


class BalancesOut(Answered):
    """Balances as known at an instant, effective to a day."""

    known_at: Instant
    effective_to: DayOut | None
    accounts: list[ChartBalance]
    trial_balances: list[TrialBalanceOut]
    mirror_differences: list[MirrorDifferenceOut] = Field(
        description="Empty, unless records were altered."
    )

    @classmethod
    def of(cls, found: Balances) -> Self:
        """From the balances of the service."""
        return cls(
            known_at=instant_text(found.known_at),
            effective_to=found.effective_to,
            accounts=[ChartBalance.both(account, balance) for account, balance in found.accounts],
            trial_balances=[TrialBalanceOut.of(one) for one in found.trial_balances],
            mirror_differences=[MirrorDifferenceOut.of(one) for one in found.mirror_differences],
        )

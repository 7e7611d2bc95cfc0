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
from app.api.schemas_claims import PayerAmount, PeriodOut
from app.domain.claim import PayerShare
from app.domain.journal import instant_text
from app.domain.ledger import Account, AccountType, EntryKind, Posting
from app.domain.period_close import LatePosting, PeriodState
from app.domain.statement import LateMovement, Statement, StatementLine
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


class MovementOut(Answered):
    """An account over the period; a debit balance is positive."""

    account: AccountName
    opening: Amount
    debits: Amount
    credits: Amount
    closing: Amount


class StatementPosting(Answered):
    """A posting of the book."""

    entry_number: EntryNumber
    effective_date: DayOut
    recorded_at: Instant
    kind: str = Field(description="The event.", examples=["claim_line_approved"])
    source: str = Field(description="The record it comes from.", examples=["claim:1/line:1"])
    debit: AccountName
    credit: AccountName
    amount: Amount
    late: LateOut | None

    @classmethod
    def of(cls, line: StatementLine) -> Self:
        """From a line of a statement."""
        return cls.model_validate(_posting_facts(line))


class StatementLineOut(StatementPosting):
    """A posting of the book in the period, by its place in the statement."""

    line_number: int = Field(
        description="From 1, over the period's own lines and prior-period adjustments together.",
        examples=[1],
    )

    @classmethod
    def of(cls, line: StatementLine) -> Self:
        """From a line of a statement."""
        return cls.model_validate(_posting_facts(line) | {"line_number": line.line_number})


def _posting_facts(one: StatementLine) -> dict[str, object]:
    return {
        "entry_number": one.entry_number,
        "effective_date": one.effective_date,
        "recorded_at": instant_text(one.recorded_at),
        "kind": one.kind,
        "source": one.source,
        "debit": one.debit,
        "credit": one.credit,
        "amount": Amount.of(one.amount),
        "late": LateOut.of(one.late),
    }


class LateMovementOut(Answered):
    """What prior-period adjustments add to an account in the period."""

    account: AccountName
    debits: Amount
    credits: Amount

    @classmethod
    def of(cls, one: LateMovement) -> Self:
        """From the movement."""
        return cls(
            account=one.account, debits=Amount.of(one.debits), credits=Amount.of(one.credits)
        )


class PriorPeriodOut(Answered):
    """Items of earlier, hard-closed periods, posted in this one: their total and their lines."""

    accounts: list[LateMovementOut]
    lines: list[StatementLineOut]


class MirrorOut(Answered):
    """An account shared with a counterparty, and what the counterparty's book says."""

    account: AccountName
    closing: Amount
    mirror: AccountName
    mirror_closing: Amount
    agrees: bool = Field(description="Whether the two are opposite.", examples=[True])


class StatementMetric(Answered):
    """One metric's part of a claim: totals only."""

    metric: str = Field(description="The metric or activity code.", examples=["S06"])
    count: int = Field(description="Outcomes, net of those taken back.", examples=[1])
    payable: Amount


class StatementClaimOut(Answered):
    """A claim approved in the period: totals only, so that no person can be read from it."""

    claim_number: int = Field(description="The claim.", examples=[1])
    period: PeriodOut
    approved_on: DayOut
    gross: Amount
    capped: Amount
    payable: Amount
    by_payer: list[PayerAmount]
    by_metric: list[StatementMetric]


class StatementOut(Answered):
    """What happened in one party's book in a period, beside what its counterparties hold."""

    contract_id: str = Field(description="The contract.", examples=["promoting-independence"])
    party: Party
    period: PeriodOut
    known_at: Instant
    accounts: list[MovementOut]
    lines: list[StatementLineOut] = Field(
        description="What belongs in the period. With the prior-period adjustments, these are the "
        "debits and credits of `accounts`."
    )
    prior_period_adjustments: PriorPeriodOut
    posted_later: list[StatementPosting] = Field(
        description="What belongs in the period and was posted after it, because it was "
        "hard-closed. In none of the sums here."
    )
    mirrors: list[MirrorOut]
    claims: list[StatementClaimOut]

    @classmethod
    def of(cls, found: Statement) -> Self:
        """From the statement of the service."""
        return cls(
            contract_id=found.contract_id,
            party=found.party,
            period=PeriodOut.of(found.period),
            known_at=instant_text(found.known_at),
            accounts=[
                MovementOut(
                    account=one.account,
                    opening=Amount.of(one.opening),
                    debits=Amount.of(one.debits),
                    credits=Amount.of(one.credits),
                    closing=Amount.of(one.closing),
                )
                for one in found.accounts
            ],
            lines=[StatementLineOut.of(one) for one in found.own_lines],
            prior_period_adjustments=PriorPeriodOut(
                accounts=[LateMovementOut.of(one) for one in found.prior_period_movements],
                lines=[StatementLineOut.of(one) for one in found.prior_period_lines],
            ),
            posted_later=[StatementPosting.of(one) for one in found.posted_later],
            mirrors=[
                MirrorOut(
                    account=one.account,
                    closing=Amount.of(one.closing),
                    mirror=one.mirror,
                    mirror_closing=Amount.of(one.mirror_closing),
                    agrees=one.agrees,
                )
                for one in found.mirrors
            ],
            claims=[
                StatementClaimOut(
                    claim_number=one.claim_number,
                    period=PeriodOut.of(one.period),
                    approved_on=one.approved_on,
                    gross=Amount.of(one.gross),
                    capped=Amount.of(one.capped),
                    payable=Amount.of(one.payable),
                    by_payer=[
                        PayerAmount.of(PayerShare(payer, amount)) for payer, amount in one.by_payer
                    ],
                    by_metric=[
                        StatementMetric(metric=metric, count=count, payable=Amount.of(amount))
                        for metric, count, amount in one.by_metric
                    ],
                )
                for one in found.claims
            ],
        )

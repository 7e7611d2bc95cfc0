"""Shapes of statements: a party's book over a period, its late items apart."""

from typing import Self

from pydantic import Field

from app.api.fields import Amount, Answered, DayOut, Instant, Party, ShownCount, shown_count
from app.api.schemas_claims import PayerAmount, PeriodOut
from app.api.schemas_ledger import AccountName, EntryNumber, LateOut
from app.domain.claim import PayerShare
from app.domain.journal import instant_text
from app.domain.statement import LateMovement, Statement, StatementLine


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
    count: ShownCount
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
                        StatementMetric(
                            metric=metric, count=shown_count(count), payable=Amount.of(amount)
                        )
                        for metric, count, amount in one.by_metric
                    ],
                )
                for one in found.claims
            ],
        )

"""A party's statement for a period: its book's movements, what it owes and is owed, its claims."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.money import Money
from app.domain.period import Period


@dataclass(frozen=True, slots=True)
class AccountMovement:
    """One account over a period: opening balance, debits, credits, closing (debit is positive)."""

    account: str
    opening: Money
    debits: Money
    credits: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One posting of the party's book in the period, with the entry and the record behind it."""

    entry_number: int
    effective_date: date
    recorded_at: datetime
    kind: str
    source: str
    debit: str
    credit: str
    amount: Money


@dataclass(frozen=True, slots=True)
class MirrorLine:
    """An account shared with a counterparty, and the same balance in the counterparty's book."""

    account: str
    closing: Money
    mirror: str
    mirror_closing: Money

    @property
    def agrees(self) -> bool:
        """Whether the two books say the same of each other."""
        return not self.closing + self.mirror_closing


@dataclass(frozen=True, slots=True)
class StatementClaim:
    """A claim approved in the period: totals only, so that no person can be read from it."""

    claim_number: int
    period: Period
    approved_on: date
    gross: Money
    capped: Money
    payable: Money
    by_payer: tuple[tuple[str, Money], ...]
    by_metric: tuple[tuple[str, int, Money], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What happened in one party's book in a period, as known at an instant."""

    contract_id: str
    party: str
    period: Period
    known_at: datetime
    currency: str
    accounts: tuple[AccountMovement, ...]
    lines: tuple[StatementLine, ...]
    mirrors: tuple[MirrorLine, ...]
    claims: tuple[StatementClaim, ...]

"""A party's statement for a period: its book's movements, what it owes and is owed, its claims."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.money import Money
from app.domain.period import Period
from app.domain.period_close import LatePosting, PeriodState


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
    """One posting of the party's book, with the entry and the record behind it.

    `line_number` is its place among the statement's lines, from 1. `late`: posted after the close
    of the period to which it belongs.
    """

    line_number: int
    entry_number: int
    effective_date: date
    recorded_at: datetime
    kind: str
    source: str
    debit: str
    credit: str
    amount: Money
    late: LatePosting | None = None


@dataclass(frozen=True, slots=True)
class LateMovement:
    """What prior-period adjustments add to one account's debits and credits in the period."""

    account: str
    debits: Money
    credits: Money


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
    """A claim approved in the period: totals only, so that no person can be read from it.

    A count is None where it is below 5 and the reader may see nobody (app/payments/suppression.py).
    """

    claim_number: int
    period: Period
    approved_on: date
    gross: Money
    capped: Money
    payable: Money
    by_payer: tuple[tuple[str, Money], ...]
    by_metric: tuple[tuple[str, int | None, Money], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What happened in one party's book in a period, as known at an instant.

    `lines` are all postings of the period, so that they add up to `accounts`. `posted_later` are
    those that belong in the period and were posted after its end, because it was hard-closed.
    """

    contract_id: str
    party: str
    period: Period
    known_at: datetime
    currency: str
    accounts: tuple[AccountMovement, ...]
    lines: tuple[StatementLine, ...]
    mirrors: tuple[MirrorLine, ...]
    claims: tuple[StatementClaim, ...]
    posted_later: tuple[StatementLine, ...] = ()

    def is_prior(self, line: StatementLine) -> bool:
        """Whether a line belongs in a hard-closed period before this one.

        An item of 30 Sep 2020 posted on 12 Oct is a prior-period adjustment in the statement of
        October to December, and an ordinary line in that of a year that holds both days.
        """
        late = line.late
        is_moved = late is not None and late.level is PeriodState.HARD
        return late is not None and is_moved and late.belongs_on < self.period.start

    @property
    def own_lines(self) -> tuple[StatementLine, ...]:
        """The lines that belong in the period."""
        return tuple(line for line in self.lines if not self.is_prior(line))

    @property
    def prior_period_lines(self) -> tuple[StatementLine, ...]:
        """The prior-period adjustments, shown apart from the period's own lines."""
        return tuple(line for line in self.lines if self.is_prior(line))

    @property
    def prior_period_movements(self) -> tuple[LateMovement, ...]:
        """What the prior-period adjustments come to on each account, by name.

        A late claim line of 8,248.00 comes to debits of 8,248.00 on spv/receivable/commissioner
        and to credits of as much on spv/outcome-income.
        """
        nothing = Money(0, self.currency)
        found: dict[str, tuple[Money, Money]] = {}
        for line in self.prior_period_lines:
            debits, credited = found.get(line.debit, (nothing, nothing))
            found[line.debit] = (debits + line.amount, credited)
            debits, credited = found.get(line.credit, (nothing, nothing))
            found[line.credit] = (debits, credited + line.amount)
        return tuple(LateMovement(name, *found[name]) for name in sorted(found))

"""Closing quarters and financial years: what may be closed when, and what a close does to a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.calendar import add_months, financial_year, quarter_end, quarter_start
from app.domain.errors import NotFound, RuleRefused
from app.domain.period import Period


class PeriodKind(StrEnum):
    """What is closed: a calendar quarter, or a UK financial year (April to March)."""

    QUARTER = "quarter"
    FINANCIAL_YEAR = "financial_year"


class CloseLevel(StrEnum):
    """What was decided on a period. A soft close can be reopened, a hard one never."""

    SOFT = "soft"
    HARD = "hard"
    REOPENED = "reopened"


class PeriodState(StrEnum):
    """How a period stands: open, soft-closed (late items need a reason) or hard-closed."""

    OPEN = "open"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class PeriodDecision:
    """One close or reopening of a period; decisions are numbered from 1 in their order."""

    close_number: int
    kind: PeriodKind
    period: Period
    level: CloseLevel


@dataclass(frozen=True, slots=True)
class LatePosting:
    """That an entry was posted after the close of the period to which it belongs.

    `level` soft: posted into the soft-closed period, with a reason. hard: posted on a later day
    than the one on which it belongs, as a prior-period adjustment.
    """

    level: PeriodState
    belongs_on: date


@dataclass(frozen=True, slots=True)
class PostingDay:
    """The day on which an entry is posted, and what makes it late, if anything does."""

    effective_date: date
    late: LatePosting | None = None


def period_of(kind: PeriodKind, day: date) -> Period:
    """The quarter or financial year of a day.

    Quarters are April to June, July to September, October to December and January to March; the
    year runs from 1 April to 31 March. 29 Feb 2024 is in the quarter 1 Jan to 31 Mar 2024 and in
    the year 1 Apr 2023 to 31 Mar 2024.
    """
    if kind is PeriodKind.QUARTER:
        return Period(quarter_start(day), quarter_end(day))
    start = date(int(financial_year(day)[:4]), 4, 1)
    return Period(start, add_months(start, 12) - timedelta(days=1))


def period_starting(kind: PeriodKind, start: date, first_day: date) -> Period:
    """The period that starts on a day, if the contract has it.

    `first_day` is the contract's first: 1 Nov 2019 makes 1 Oct to 31 Dec 2019 its first quarter.
    Raises NotFound `period-unknown` for any other day.
    """
    found = period_of(kind, start)
    first = period_of(kind, first_day)
    if found.start != start or start < first.start:
        named = kind.value.replace("_", " ")
        raise NotFound(
            "period-unknown",
            f"No {named} of the contract starts on {start.isoformat()}; its first starts on "
            f"{first.start.isoformat()}, and that day is in {found}.",
        )
    return found


def periods_to(kind: PeriodKind, first_day: date, today: date) -> list[Period]:
    """Every period from the contract's first to the one of today, in order."""
    found = [period_of(kind, first_day)]
    while found[-1].end < today:
        found.append(period_of(kind, found[-1].end + timedelta(days=1)))
    return found


def state_of(kind: PeriodKind, period: Period, decisions: Iterable[PeriodDecision]) -> PeriodState:
    """How a period stands after the decisions: the last of its own counts."""
    state = PeriodState.OPEN
    for one in decisions:
        if (one.kind, one.period) == (kind, period):
            is_open = one.level is CloseLevel.REOPENED
            state = PeriodState.OPEN if is_open else PeriodState(one.level.value)
    return state


def hard_closed_through(decisions: Iterable[PeriodDecision]) -> date | None:
    """The last hard-closed day; every day before it is hard-closed as well. None: no day is."""
    return max((one.period.end for one in decisions if one.level is CloseLevel.HARD), default=None)


def check_close(
    kind: PeriodKind,
    period: Period,
    level: CloseLevel,
    decisions: Sequence[PeriodDecision],
    first_day: date,
    today: date,
) -> None:
    """Refuse a close that may not be made.

    A period closes from the day after its end: 31 Mar 2024 is too early for January to March, 1
    Apr 2024 is not. Periods close in order: a quarter once every earlier one is closed at least as
    firmly, a financial year once its own quarters (from the contract's first) and the year before
    are. A soft close may become a hard one, nothing else is closed twice.
    Raises RuleRefused `period-not-over`, `period-closed-already` and `period-before-open`.
    """
    if period.end >= today:
        raise RuleRefused(
            "period-not-over",
            f"The period ends on {period.end.isoformat()}; it can be closed from the day after.",
        )
    state = state_of(kind, period, decisions)
    if state is PeriodState.HARD or state.value == level.value:
        raise RuleRefused(
            "period-closed-already", f"The period {period} is {state.value}-closed already."
        )
    waiting = [(kind, one) for one in _before(kind, period, first_day)]
    if kind is PeriodKind.FINANCIAL_YEAR:
        quarters = periods_to(PeriodKind.QUARTER, max(first_day, period.start), period.end)
        waiting += [(PeriodKind.QUARTER, one) for one in quarters]
    firm = {PeriodState.HARD} if level is CloseLevel.HARD else {PeriodState.SOFT, PeriodState.HARD}
    for other, one in waiting:
        if state_of(other, one, decisions) not in firm:
            raise RuleRefused(
                "period-before-open",
                f"The {other.value.replace('_', ' ')} {one} is not {level.value}-closed yet; "
                "close it first, so that no open day lies before a closed one.",
            )


def check_reopen(kind: PeriodKind, period: Period, decisions: Sequence[PeriodDecision]) -> None:
    """Refuse a reopening that may not be made.

    Only a soft-closed period is reopened; a quarter not while its financial year is closed. What
    was hard-closed stays: later items are prior-period adjustments.
    Raises RuleRefused `period-hard-closed`, `period-not-closed` and `year-closed`.
    """
    state = state_of(kind, period, decisions)
    if state is PeriodState.HARD:
        raise RuleRefused(
            "period-hard-closed",
            f"The period {period} is hard-closed for good. What belongs in it is posted in the "
            "open period, as a prior-period adjustment.",
        )
    if state is PeriodState.OPEN:
        raise RuleRefused("period-not-closed", f"The period {period} is open.")
    year = period_of(PeriodKind.FINANCIAL_YEAR, period.start)
    is_quarter = kind is PeriodKind.QUARTER
    if is_quarter and state_of(PeriodKind.FINANCIAL_YEAR, year, decisions) is not PeriodState.OPEN:
        raise RuleRefused("year-closed", f"Reopen the financial year {year} first.")


def posting_day(
    asked: date,
    decisions: Sequence[PeriodDecision],
    today: date,
    *,
    has_reason: bool,
    belongs_on: date | None = None,
) -> PostingDay:
    """The day on which an entry of a day is posted, whatever is closed.

    In an open period: that day. In a soft-closed one: that day too, if a reason is given. In a
    hard-closed one: today, which is always open, and `belongs_on` says for which day. With July to
    September 2020 hard-closed, a payment of 30 Sep 2020 recorded on 12 Oct is posted on 12 Oct and
    belongs on 30 Sep; one of 1 Oct is posted on 1 Oct.

    `belongs_on` is the day to which the item itself belongs, where that is another (a claim's last
    day): once that is hard-closed, the entry is a prior-period adjustment on its own day.
    Raises RuleRefused `period-soft-closed`.
    """
    closed_through = hard_closed_through(decisions)
    if closed_through is not None and asked <= closed_through:
        return PostingDay(today, LatePosting(PeriodState.HARD, asked))
    quarter = period_of(PeriodKind.QUARTER, asked)
    if state_of(PeriodKind.QUARTER, quarter, decisions) is PeriodState.SOFT:
        if not has_reason:
            raise RuleRefused(
                "period-soft-closed",
                f"{asked.isoformat()} is in the soft-closed period {quarter}. Give a reason for "
                "posting late (header Late-Posting-Reason, option --late-reason), or a day in an "
                "open period.",
            )
        return PostingDay(asked, LatePosting(PeriodState.SOFT, asked))
    if belongs_on is not None and closed_through is not None and belongs_on <= closed_through:
        return PostingDay(asked, LatePosting(PeriodState.HARD, belongs_on))
    return PostingDay(asked)


def _before(kind: PeriodKind, period: Period, first_day: date) -> list[Period]:
    """The contract's periods before one, in order."""
    return [one for one in periods_to(kind, first_day, period.end) if one.start < period.start]

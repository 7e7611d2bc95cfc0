"""Disputes: until when they may be raised, who decides by when, what they do to money."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.calendar import add_working_days
from app.domain.errors import RuleRefused
from app.domain.money import Money
from app.domain.terms.payment import EscalationStep


class DisputeReason(StrEnum):
    """On what ground a line is disputed."""

    EVIDENCE = "evidence"
    ELIGIBILITY = "eligibility"
    DUPLICATE = "duplicate"
    PRICE = "price"
    SPLIT = "split"
    DATE = "date"
    OTHER = "other"


class OutcomeKind(StrEnum):
    """How a dispute ends."""

    UPHELD = "upheld"
    REJECTED = "rejected"
    SETTLED = "settled"


class DisputeState(StrEnum):
    """Where a dispute stands. It lapses when the claim that it is about is returned."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"
    SETTLED = "settled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Escalation:
    """A dispute handed on to a step (counted from 1) before the deadline of the step before."""

    step: int
    on: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """How and when a dispute was decided; `amount_due` only where it was settled."""

    kind: OutcomeKind
    decided_on: date
    decided_by: str
    amount_due: Money | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A challenge to what a line of a claim or statement asks for.

    `subject` is the line disputed (claim:<n>/line:<m> or statement:<n>/line:<m>), `amount` the part
    of it that is disputed; the rest is approved and paid. `decided_on` is the day of the decision
    that is challenged. `raised_on` is the day of the notice, which stops the payment clock.
    """

    dispute_id: str
    subject: str
    raised_by: str
    raised_on: date
    decided_on: date
    amount: Money
    reason: DisputeReason
    escalations: tuple[Escalation, ...] = ()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class StepDue:
    """The step a dispute stands at: who decides, since when and until when."""

    step: int
    decided_by: str
    since: date
    deadline: date
    overdue: bool


class MoneyAction(StrEnum):
    """What must happen to the disputed money that is not due."""

    NONE = "none"
    WITHHOLD = "withhold"
    """The line is not posted yet: the part is never posted."""
    REVERSE = "reverse"
    """The line is posted: the part is taken back by a linked reversal."""


@dataclass(frozen=True, slots=True)
class MoneyEffect:
    """What an outcome makes of the disputed amount: due and not due add up to it."""

    due: Money
    not_due: Money
    action: MoneyAction


def last_day_to_dispute(
    decided_on: date, window_working_days: int, holidays: Collection[date]
) -> date:
    """The last day on which a decision may be disputed (terms /disputes/window_working_days).

    20 working days after the decision of Friday 14 Jul 2023 is Friday 11 Aug 2023.
    """
    return add_working_days(decided_on, window_working_days, holidays)


def check_may_dispute(
    decided_on: date,
    raised_on: date,
    recorded_on: date,
    window_working_days: int,
    holidays: Collection[date],
    disputed: Money,
    line_amount: Money,
) -> None:
    """Refuse a dispute that comes too early or too late, or of more than the line.

    Raised from the day of the decision to the last day of the window, both included (terms
    /disputes/window_working_days); bank holidays are passed in. The day of recording counts too: a
    notice dated back into the window does not open it again. Of a line of 8,248.00 at most
    8,248.00 can be disputed. Raises RuleRefused `dispute-before-decision`,
    `dispute-window-closed` and `dispute-amount`.
    """
    if raised_on < decided_on:
        raise RuleRefused(
            "dispute-before-decision",
            f"The decision was made on {decided_on}; only a decision can be disputed.",
            pointer="/raised_on",
        )
    last = last_day_to_dispute(decided_on, window_working_days, holidays)
    if max(raised_on, recorded_on) > last:
        raise RuleRefused(
            "dispute-window-closed",
            f"The decision of {decided_on} could be disputed until {last}, {window_working_days} "
            "working days later. Ask for a correction instead.",
            pointer="/raised_on",
        )
    if not 0 < disputed.minor <= line_amount.minor:
        raise RuleRefused(
            "dispute-amount",
            f"Dispute an amount above zero and of at most {line_amount.readable()}, what the line "
            "asks for.",
            pointer="/amount",
        )


def step_due(
    dispute: Dispute, steps: Sequence[EscalationStep], on: date, holidays: Collection[date]
) -> StepDue | None:
    """The step at which an open dispute stands on a day; None before its notice or once decided.

    The first step (terms /disputes/escalation) has its working days from the notice. The next
    begins on the day after the deadline of the one before, or earlier if the dispute was handed
    on, and its working days count from then. The last step keeps the dispute, overdue after its
    deadline. With two steps of 10 working days, a dispute of Mon 17 Jul 2023 stands at the first
    until Mon 31 Jul, and from 1 Aug at the second until 15 Aug.

    Raises RuleRefused `no-escalation-steps` where the terms name none.
    """
    if not steps:
        raise RuleRefused(
            "no-escalation-steps",
            "The terms do not say who decides disputes. Agree a variation that names them.",
            pointer="/disputes/escalation",
        )
    outcome = dispute.outcome
    if on < dispute.raised_on or (outcome is not None and on >= outcome.decided_on):
        return None
    since, place = dispute.raised_on, 1
    deadline = add_working_days(since, steps[0].working_days, holidays)
    for number in range(2, len(steps) + 1):
        handed_on = [item.on for item in dispute.escalations if item.step == number]
        starts = [day for day in handed_on if since <= day <= deadline]
        starting = min(starts, default=deadline + timedelta(days=1))
        if on < starting:
            break
        since, place = starting, number
        deadline = add_working_days(since, steps[number - 1].working_days, holidays)
    return StepDue(place, steps[place - 1].name, since, deadline, on > deadline)


def handed_on(
    dispute: Dispute, steps: Sequence[EscalationStep], on: date, holidays: Collection[date]
) -> Escalation:
    """The step to which an open dispute is handed on, on a day, before its deadline.

    It is the step after the one at which the dispute stands on that day (terms
    /disputes/escalation). With two steps of 10 working days, a dispute of Mon 17 Jul 2023 can be
    handed on to the second from that day to Mon 31 Jul; on 1 Aug it stands there by itself.

    Raises RuleRefused `no-escalation-steps`, `escalation-before-dispute`, `dispute-last-step` and
    `date-out-of-order`.
    """
    standing = step_due(dispute, steps, on, holidays)
    if standing is None:
        raise RuleRefused(
            "escalation-before-dispute",
            f"The dispute was raised on {dispute.raised_on}; it can be handed on from that day.",
            pointer="/on",
        )
    if any(on < earlier.on for earlier in dispute.escalations):
        raise RuleRefused(
            "date-out-of-order", "The dispute was handed on later than that already.", pointer="/on"
        )
    if standing.step == len(steps):
        raise RuleRefused(
            "dispute-last-step",
            f"The dispute is at the last step of the terms, {standing.decided_by}. Record its "
            "outcome.",
        )
    return Escalation(standing.step + 1, on)


def money_effect(dispute: Dispute, outcome: Outcome, *, is_posted: bool) -> MoneyEffect:
    """What an outcome means in money for the disputed part of a line.

    Upheld: none of it is due. Rejected: all of it is. Settled: the amount agreed is due, the rest
    is not. What is not due is taken back by a reversal if the line was posted, else never posted.
    8,248.00 settled at 5,000.00: 5,000.00 due, 3,248.00 not.

    Raises RuleRefused `settlement-missing`, `settlement-not-applicable`, `settlement-amount` and
    `outcome-before-dispute`.
    """
    if outcome.decided_on < dispute.raised_on:
        raise RuleRefused(
            "outcome-before-dispute",
            f"The dispute was raised on {dispute.raised_on}; it cannot be decided before.",
            pointer="/decided_on",
        )
    nothing = Money(0, dispute.amount.currency)
    due = _amount_due(dispute.amount, outcome)
    not_due = dispute.amount - due
    if not_due == nothing:
        return MoneyEffect(due, not_due, MoneyAction.NONE)
    return MoneyEffect(due, not_due, MoneyAction.REVERSE if is_posted else MoneyAction.WITHHOLD)


def _amount_due(disputed: Money, outcome: Outcome) -> Money:
    settled = outcome.amount_due
    if outcome.kind is not OutcomeKind.SETTLED:
        if settled is not None:
            raise RuleRefused(
                "settlement-not-applicable",
                "Only a settled dispute names an amount; leave it out.",
                pointer="/amount_due",
            )
        return disputed if outcome.kind is OutcomeKind.REJECTED else Money(0, disputed.currency)
    if settled is None:
        raise RuleRefused(
            "settlement-missing",
            "Say how much of the disputed amount is due under the settlement.",
            pointer="/amount_due",
        )
    if settled.currency != disputed.currency or not 0 < settled.minor < disputed.minor:
        raise RuleRefused(
            "settlement-amount",
            f"A settlement lies above zero and below {disputed.readable()}; all of it due is "
            "`rejected`, none of it is `upheld`.",
            pointer="/amount_due",
        )
    return settled

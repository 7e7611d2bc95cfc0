"""Disputes: the window to raise one, the steps that decide, and what the outcome does to money."""

from dataclasses import replace

import pytest

from app.domain.dispute import (
    Dispute,
    DisputeReason,
    Escalation,
    MoneyAction,
    Outcome,
    OutcomeKind,
    check_may_dispute,
    handed_on,
    last_day_to_dispute,
    money_effect,
    step_due,
)
from app.domain.errors import RuleRefused
from app.domain.terms.payment import EscalationStep
from tests.factories import COUNCIL, day, gbp

DECIDED = day("2023-07-14")  # a Friday: P3 S12 of the golden contract is verified
DISPUTED = Dispute(
    "d1",
    "claim:9/line:1",
    COUNCIL,
    day("2023-07-17"),
    DECIDED,
    gbp("8248"),
    DisputeReason.EVIDENCE,
)
STEPS = (
    EscalationStep(name="contract managers", working_days=10),
    EscalationStep(name="programme board", working_days=10),
    EscalationStep(name="expert", working_days=20),
)
HOLIDAY = {day("2023-08-28")}


def outcome(kind, amount=None, on="2023-08-01"):
    due = None if amount is None else gbp(amount)
    return Outcome(OutcomeKind(kind), day(on), "programme board", due)


@pytest.mark.parametrize(
    ("decided", "working_days", "last"),
    [
        ("2023-07-14", 20, "2023-08-11"),
        ("2023-07-14", 0, "2023-07-14"),
        ("2023-08-25", 1, "2023-08-29"),  # over a week-end and a bank holiday
        ("2024-02-28", 1, "2024-02-29"),
        ("2024-02-29", 1, "2024-03-01"),
    ],
)
def test_the_last_day_to_dispute(decided, working_days, last):
    assert last_day_to_dispute(day(decided), working_days, HOLIDAY) == day(last)


@pytest.mark.parametrize(
    ("raised", "amount", "code"),
    [
        ("2023-07-13", "8248", "dispute-before-decision"),
        ("2023-07-14", "8248", None),
        ("2023-08-10", "0.01", None),
        ("2023-08-11", "8248", None),
        ("2023-08-12", "8248", "dispute-window-closed"),
        ("2023-07-20", "8248.01", "dispute-amount"),
        ("2023-07-20", "0", "dispute-amount"),
        ("2023-07-20", "-1", "dispute-amount"),
    ],
)
def test_when_and_how_much_may_be_disputed(raised, amount, code):
    def raise_it():
        check_may_dispute(DECIDED, day(raised), day(raised), 20, (), gbp(amount), gbp("8248"))

    if code is None:
        raise_it()
        return
    with pytest.raises(RuleRefused) as refused:
        raise_it()
    assert refused.value.code == code


def test_a_bank_holiday_lengthens_the_window():
    decided, late = day("2023-08-25"), day("2023-08-29")
    check_may_dispute(decided, late, late, 1, HOLIDAY, gbp("1"), gbp("1"))
    with pytest.raises(RuleRefused, match="until 2023-08-28, 1 working days later"):
        check_may_dispute(decided, late, late, 1, (), gbp("1"), gbp("1"))


def test_a_notice_dated_back_does_not_open_the_window_again():
    last = day("2023-08-11")
    check_may_dispute(DECIDED, last, last, 20, (), gbp("1"), gbp("1"))
    with pytest.raises(RuleRefused) as refused:
        check_may_dispute(DECIDED, last, day("2023-08-12"), 20, (), gbp("1"), gbp("1"))
    assert refused.value.code == "dispute-window-closed"


@pytest.mark.parametrize(
    ("on", "step", "since", "deadline", "overdue"),
    [
        ("2023-07-17", 1, "2023-07-17", "2023-07-31", False),
        ("2023-07-31", 1, "2023-07-17", "2023-07-31", False),
        ("2023-08-01", 2, "2023-08-01", "2023-08-15", False),
        ("2023-08-15", 2, "2023-08-01", "2023-08-15", False),
        ("2023-08-16", 3, "2023-08-16", "2023-09-14", False),  # 28 Aug is a bank holiday
        ("2023-09-14", 3, "2023-08-16", "2023-09-14", False),
        ("2023-09-15", 3, "2023-08-16", "2023-09-14", True),
        ("2024-02-29", 3, "2023-08-16", "2023-09-14", True),
    ],
)
def test_the_step_and_deadline_on_a_day(on, step, since, deadline, overdue):
    due = step_due(DISPUTED, STEPS, day(on), HOLIDAY)
    assert due is not None
    assert (due.step, due.decided_by) == (step, STEPS[step - 1].name)
    assert (due.since, due.deadline, due.overdue) == (day(since), day(deadline), overdue)


def test_a_dispute_handed_on_early():
    early = replace(DISPUTED, escalations=(Escalation(2, day("2023-07-20")),))
    for on, step in [("2023-07-19", 1), ("2023-07-20", 2), ("2023-08-03", 2), ("2023-08-04", 3)]:
        assert step_due(early, STEPS, day(on), HOLIDAY).step == step
    # After the deadline the next step has begun anyway.
    late = replace(DISPUTED, escalations=(Escalation(2, day("2023-08-10")),))
    assert step_due(late, STEPS, day("2023-08-10"), HOLIDAY).since == day("2023-08-01")


@pytest.mark.parametrize(
    ("on", "to"),
    [
        ("2023-07-17", 2),
        ("2023-07-30", 2),
        ("2023-07-31", 2),
        ("2023-08-01", 3),
        ("2023-08-15", 3),
        ("2023-07-16", "escalation-before-dispute"),
        ("2023-08-16", "dispute-last-step"),
    ],
)
def test_handing_on_goes_to_the_step_after_the_present_one(on, to):
    if isinstance(to, int):
        assert handed_on(DISPUTED, STEPS, day(on), HOLIDAY) == Escalation(to, day(on))
        return
    with pytest.raises(RuleRefused) as refused:
        handed_on(DISPUTED, STEPS, day(on), HOLIDAY)
    assert refused.value.code == to


def test_a_dispute_is_not_handed_on_before_it_last_was():
    moved = replace(DISPUTED, escalations=(Escalation(2, day("2023-07-20")),))
    with pytest.raises(RuleRefused) as refused:
        handed_on(moved, STEPS, day("2023-07-19"), HOLIDAY)
    assert refused.value.code == "date-out-of-order"
    assert handed_on(moved, STEPS, day("2023-07-20"), HOLIDAY).step == 3


def test_no_step_before_the_notice_or_after_the_outcome():
    assert step_due(DISPUTED, STEPS, day("2023-07-16"), HOLIDAY) is None
    decided = replace(DISPUTED, outcome=outcome("upheld"))
    assert step_due(decided, STEPS, day("2023-07-31"), HOLIDAY).step == 1
    assert step_due(decided, STEPS, day("2023-08-01"), HOLIDAY) is None


def test_terms_without_steps_are_refused():
    with pytest.raises(RuleRefused) as refused:
        step_due(DISPUTED, (), day("2023-07-17"), HOLIDAY)
    assert (refused.value.code, refused.value.pointer) == (
        "no-escalation-steps",
        "/disputes/escalation",
    )


@pytest.mark.parametrize(
    ("decision", "posted", "due", "not_due", "action"),
    [
        (outcome("upheld"), False, "0.00", "8248.00", MoneyAction.WITHHOLD),
        (outcome("upheld"), True, "0.00", "8248.00", MoneyAction.REVERSE),
        (outcome("rejected"), False, "8248.00", "0.00", MoneyAction.NONE),
        (outcome("rejected"), True, "8248.00", "0.00", MoneyAction.NONE),
        (outcome("settled", "5000"), False, "5000.00", "3248.00", MoneyAction.WITHHOLD),
        (outcome("settled", "5000"), True, "5000.00", "3248.00", MoneyAction.REVERSE),
        (outcome("settled", "0.01", "2023-07-17"), True, "0.01", "8247.99", MoneyAction.REVERSE),
    ],
)
def test_what_an_outcome_means_in_money(decision, posted, due, not_due, action):
    effect = money_effect(DISPUTED, decision, is_posted=posted)
    assert (str(effect.due), str(effect.not_due), effect.action) == (due, not_due, action)


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (outcome("upheld", on="2023-07-16"), "outcome-before-dispute"),
        (outcome("upheld", "1"), "settlement-not-applicable"),
        (outcome("rejected", "8248"), "settlement-not-applicable"),
        (outcome("settled"), "settlement-missing"),
        (outcome("settled", "0"), "settlement-amount"),
        (outcome("settled", "8248"), "settlement-amount"),
    ],
)
def test_outcomes_that_are_refused(decision, code):
    with pytest.raises(RuleRefused) as refused:
        money_effect(DISPUTED, decision, is_posted=True)
    assert refused.value.code == code


def test_a_settlement_in_another_currency_is_refused():
    euros = replace(outcome("settled", "1"), amount_due=replace(gbp("1"), currency="EUR"))
    with pytest.raises(RuleRefused, match="A settlement lies above zero"):
        money_effect(DISPUTED, euros, is_posted=True)

"""Deadlines of evidence: the last day without a waiver, and the last day at all."""

import pytest

from app.domain.terms.outcomes import Submission
from app.domain.verification import decide_by, due_on, longstop_on
from tests.factories import day, terms

BY_MONTHS = {"deadline": "months_after_achievement", "deadline_months": 3}


@pytest.mark.parametrize(
    ("terms", "achieved_on", "expected"),
    [
        ({}, "2022-12-30", "2023-03-31"),
        ({}, "2022-12-31", "2023-03-31"),
        ({}, "2023-01-01", "2023-06-30"),
        ({}, "2021-07-15", "2021-12-31"),
        (BY_MONTHS, "2022-11-29", "2023-02-28"),
        (BY_MONTHS, "2022-11-30", "2023-02-28"),
        (BY_MONTHS, "2022-12-01", "2023-03-01"),
        ({"deadline": "none"}, "2022-12-30", None),
    ],
)
def test_the_last_day_to_submit_without_a_waiver(terms, achieved_on, expected):
    found = due_on(day(achieved_on), Submission.model_validate(terms))
    assert found == (expected and day(expected))


def test_a_deadline_in_months_needs_their_number():
    terms = Submission.model_validate({"deadline": "months_after_achievement"})
    with pytest.raises(AssertionError, match="validation requires deadline_months"):
        due_on(day("2022-12-30"), terms)


@pytest.mark.parametrize(
    ("months", "last_day", "expected"),
    [
        (6, None, "2023-06-30"),
        (6, "2023-06-29", "2023-06-29"),
        (6, "2023-06-30", "2023-06-30"),
        (6, "2023-07-01", "2023-06-30"),
        (2, None, "2023-02-28"),
        (None, None, None),
        (None, "2024-09-30", "2024-09-30"),
    ],
)
def test_the_last_day_at_all(months, last_day, expected):
    terms = Submission.model_validate({"longstop_months": months})
    found = longstop_on(day("2022-12-30"), terms, last_day and day(last_day))
    assert found == (expected and day(expected))


@pytest.mark.parametrize(
    ("submitted_on", "working_days", "expected"),
    [
        ("2022-04-01", 15, "2022-04-26"),  # Good Friday and Easter Monday between
        ("2021-10-04", 15, "2021-10-25"),
        ("2021-10-01", 1, "2021-10-04"),
        ("2021-10-02", 1, "2021-10-04"),
        ("2021-10-03", 1, "2021-10-04"),
        ("2024-12-24", 1, "2024-12-27"),
        ("2029-12-24", 1, "2029-12-25"),  # after the last year of the table
    ],
)
def test_the_day_to_decide_by(submitted_on, working_days, expected):
    found = decide_by(day(submitted_on), terms(verification={"working_days": working_days}))
    assert found == day(expected)


def test_working_days_elsewhere_know_no_english_holidays():
    abroad = terms(verification={"working_days": 1}, timezone="America/New_York")
    assert decide_by(day("2024-12-24"), abroad) == day("2024-12-25")

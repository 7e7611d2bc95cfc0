"""Decisions on submissions: verified, returned or rejected, with reasons; and lateness."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.bank_holidays import bank_holidays
from app.domain.calendar import add_months, add_working_days, end_of_next_quarter
from app.domain.parties import Actor
from app.domain.terms.document import Terms
from app.domain.terms.outcomes import Deadline
from app.domain.terms.outcomes import Submission as SubmissionTerms


class Decision(StrEnum):
    """What a verifier decides."""

    VERIFIED = "verified"
    RETURNED = "returned"
    REJECTED = "rejected"


class ReasonCode(StrEnum):
    """Why evidence was returned or rejected."""

    UNDATED = "undated"
    UNSIGNED = "unsigned"
    WRONG_PERSON = "wrong_person"
    BEFORE_MILESTONE = "before_milestone"
    INSUFFICIENT_SOURCE = "insufficient_source"
    NOT_ELIGIBLE = "not_eligible"
    DUPLICATE = "duplicate"
    LATE = "late"
    OTHER = "other"


class ClawbackGround(StrEnum):
    """Grounds for taking money back. A later tenancy failure is not one."""

    MISTAKEN_EVIDENCE = "mistaken_evidence"
    FALSE_EVIDENCE = "false_evidence"
    DUPLICATE = "duplicate"
    INELIGIBLE_PERSON = "ineligible_person"
    EARLY_RETURN_TO_CARE = "early_return_to_care"


@dataclass(frozen=True, slots=True)
class Waiver:
    """The commissioner's dated waiver of a submission's lateness."""

    submission_id: str
    granted_on: date
    by: Actor


@dataclass(frozen=True, slots=True)
class Verification:
    """A decision on one submission."""

    verification_id: str
    submission_id: str
    decision: Decision
    reason_code: ReasonCode | None
    decided_on: date
    by: Actor
    equivalent_evidence: bool = False


class Lateness(StrEnum):
    """How a submission stands to its last days."""

    ON_TIME = "on_time"
    LATE = "late"
    CLOSED = "closed"


def due_on(achieved_on: date, submission: SubmissionTerms) -> date | None:
    """The last day to submit evidence without a waiver; None where the terms set no deadline.

    Source: terms /submission/deadline. By default the last day of the quarter after that of the
    achievement: 30 Dec 2022 is due by 31 Mar 2023.
    """
    if submission.deadline is Deadline.NONE:
        return None
    if submission.deadline is Deadline.END_OF_NEXT_QUARTER:
        return end_of_next_quarter(achieved_on)
    if submission.deadline_months is None:
        raise AssertionError("validation requires deadline_months with months_after_achievement")
    return add_months(achieved_on, submission.deadline_months)


def longstop_on(
    achieved_on: date, submission: SubmissionTerms, last_day: date | None = None
) -> date | None:
    """The last day on which evidence can be submitted at all; None where nothing bounds it.

    Source: terms /submission/longstop_months, counted from the achievement: 30 Dec 2022 and
    6 months is 30 Jun 2023. `last_day` is the contract's (Terms.last_day), where that comes sooner.
    """
    if submission.longstop_months is None:
        return last_day
    stop = add_months(achieved_on, submission.longstop_months)
    return stop if last_day is None else min(stop, last_day)


def decide_by(submitted_on: date, terms: Terms) -> date:
    """The day by which the verifier should have decided; passing it decides nothing.

    Source: terms /verification/working_days, not counting the day of submission, week-ends and
    the bank holidays of /timezone. 15 working days from Fri 1 Apr 2022 are up on Tue 26 Apr,
    because of Good Friday and Easter Monday.
    """
    days = terms.verification.working_days
    return add_working_days(submitted_on, days, bank_holidays(terms.timezone))


def lateness(day: date, due: date | None, longstop: date | None) -> Lateness:
    """Whether evidence of a day is on time, late (the late policy applies) or shut out.

    Both last days are included; None bounds nothing. Due 31 Mar 2023 with the long-stop on 30 Jun:
    31 Mar is on time, 12 Apr late, 1 Jul closed. Source: terms /submission.
    """
    if longstop is not None and day > longstop:
        return Lateness.CLOSED
    if due is not None and day > due:
        return Lateness.LATE
    return Lateness.ON_TIME

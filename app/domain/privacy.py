"""People's data: on what basis it is held, why it is erased, and for how long it is kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.domain.calendar import add_months
from app.domain.terms.timeline import Timeline


class LawfulBasis(StrEnum):
    """The basis on which a participant's data is processed: UK GDPR Article 6(1)(a) to (f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class SpecialCondition(StrEnum):
    """The condition for special category data: UK GDPR Article 9(2)(a) to (j).

    Being in a programme for people in mental health care says something about health, so every
    participant has one.
    """

    EXPLICIT_CONSENT = "explicit_consent"
    EMPLOYMENT_AND_SOCIAL_PROTECTION = "employment_and_social_protection"
    VITAL_INTERESTS = "vital_interests"
    NOT_FOR_PROFIT_BODY = "not_for_profit_body"
    MADE_PUBLIC = "made_public"
    LEGAL_CLAIMS = "legal_claims"
    SUBSTANTIAL_PUBLIC_INTEREST = "substantial_public_interest"
    HEALTH_OR_SOCIAL_CARE = "health_or_social_care"
    PUBLIC_HEALTH = "public_health"
    ARCHIVING_AND_RESEARCH = "archiving_and_research"


class ErasureGround(StrEnum):
    """Why data is erased: the person asked, withdrew consent, or it is kept no longer."""

    REQUESTED = "requested"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL = "unlawful"
    RETENTION_OVER = "retention_over"


@dataclass(frozen=True, slots=True)
class Privacy:
    """The basis and notice of one participant, as last recorded.

    `notice_version` names the privacy notice that the person was given on `notice_given_on`.
    """

    participant_id: str
    lawful_basis: LawfulBasis
    special_condition: SpecialCondition
    notice_version: str
    notice_given_on: date


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a contract's evidence and notes are kept: years after its end; the last day.

    Both days are None while nothing bounds the contract.
    """

    years: int
    contract_ends_on: date | None
    keep_through: date | None

    def is_over(self, on: date) -> bool:
        """Whether evidence may be erased on a day: from the day after `keep_through`."""
        return self.keep_through is not None and on > self.keep_through


def retention(timeline: Timeline) -> Retention:
    """How long evidence and notes are kept under the latest version of the terms.

    A contract ends with the last day on which an outcome can be put forward; where the terms give
    none, nothing may be erased for its age. Source: terms /evidence_retention_years,
    /service_ends and /cohort/run_off_months. Service to 31 Mar 2026, run-off of 24 months and
    7 years: the contract ends on 31 Mar 2028, evidence is kept through 31 Mar 2035 and may be
    erased on 1 Apr 2035. An end on 29 Feb 2028 and 7 years keep it through 28 Feb 2035.
    """
    terms = timeline.latest.terms
    ends_on = terms.last_day
    years = terms.evidence_retention_years
    keep = None if ends_on is None else add_months(ends_on, 12 * years)
    return Retention(years, ends_on, keep)


def unnamed_expires_at(received_at: datetime, hours: int) -> datetime:
    """The instant from which a file that no evidence item names is removed.

    `hours` is the operator's OUTCOMES_UNNAMED_FILES_HOURS, counted from when the file was last
    sent. Sent on 28 Feb 2024 at 12:00 with 168 hours, it may be named until 6 Mar 2024 at 12:00,
    and is removed from that instant on.
    """
    return received_at + timedelta(hours=hours)

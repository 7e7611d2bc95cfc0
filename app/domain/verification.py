"""Decisions on submissions: verified, returned or rejected, with reasons; and lateness."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.parties import Actor


class Decision(StrEnum):
    """What a verifier decides."""

    VERIFIED = "verified"
    RETURNED = "returned"
    REJECTED = "rejected"


class ReasonCode(StrEnum):
    """Why evidence was returned or rejected. Source: domain note 4, states."""

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

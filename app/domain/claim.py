"""Claims: the lines asked for in a period, what caps cut, and how payers share the rest."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money
from app.domain.period import Period
from app.domain.working import Step


class LineKind(StrEnum):
    """Why a line is in a claim."""

    OUTCOME = "outcome"
    ACTIVITY = "activity"
    CARRIED_FORWARD = "carried_forward"
    CLAWBACK = "clawback"


class ClaimStatus(StrEnum):
    """Where a claim stands. An approved claim never changes; a returned one is made anew."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Cut:
    """What one cap took off a line. `cap` names it: metric, person, contract, payer:<id>,
    payer_financial_year:<id>:<year>, after_end:<payer>. Never dropped, never negative.
    """

    cap: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PayerShare:
    """What one payer bears of a line. On a clawback line the amounts are negative."""

    payer: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One line of a claim.

    gross = payable + the sum of all cuts. payable = the sum of all shares. `carried_forward` is
    the part of the cuts that a later claim may still ask of `carried_payer` (policy
    carried_forward). `source_id` is the entitlement (outcome, clawback), the activity payment's
    code and participant, or the earlier line (carried forward): unique with `kind`.
    """

    line_number: int
    kind: LineKind
    source_id: str
    participant_id: str
    metric: str
    achieved_on: date
    verified_on: date
    gross: Money
    cuts: tuple[Cut, ...]
    payable: Money
    shares: tuple[PayerShare, ...]
    carried_forward: Money
    carried_payer: str | None
    working: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim for a period under the terms version in force at the period's end."""

    claim_number: int
    period: Period
    supplementary: bool
    terms_version: int
    lines: tuple[ClaimLine, ...]

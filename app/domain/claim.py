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
    """Where a claim stands. An approved claim never changes; a returned one is made anew.

    `first_approved`: approved by one person, of the two that its amount takes; not decided yet.
    """

    SUBMITTED = "submitted"
    FIRST_APPROVED = "first_approved"
    RETURNED = "returned"
    APPROVED = "approved"
    PAID = "paid"


class ReturnReason(StrEnum):
    """Why the commissioner returns a claim."""

    EVIDENCE = "evidence"
    ELIGIBILITY = "eligibility"
    PRICE = "price"
    SPLIT = "split"
    DUPLICATE = "duplicate"
    PERIOD = "period"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cut:
    """What one cap took off a line; never dropped, always above zero.

    `cap` names it: metric, person, contract, activity:<code>, payer:<id>,
    payer_financial_year:<id>:<year>, after_end:<payer>.
    """

    cap: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PayerShare:
    """What one payer bears of a line; never zero. On a clawback line the amounts are negative."""

    payer: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One line of a claim.

    gross = payable + the sum of all cuts, and payable = the sum of all shares, to the penny.

    `source_id` is unique with `kind`: the entitlement's id (outcome), code:participant of the
    activity payment (activity), claim:<n>/line:<m>/<payer> of the earlier line (carried forward),
    the `source_id` of the line taken back (clawback).
    `origin` is what the money was first asked for, outcome or activity: a clawback or a carried
    line keeps that of its first line. Only money of origin outcome counts to the person cap.
    `count` is what the line adds to the paid count of its metric: 1 for an outcome of which
    something is paid or carried, -1 for its clawback, otherwise 0.
    `carried` is the part of the cuts that later claims may still ask of each payer named (policy
    carried_forward).
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
    carried: tuple[PayerShare, ...]
    origin: LineKind
    count: int
    working: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim for a period under the terms version in force at the period's end."""

    claim_number: int
    period: Period
    supplementary: bool
    terms_version: int
    lines: tuple[ClaimLine, ...]

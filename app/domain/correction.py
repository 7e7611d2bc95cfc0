"""Corrections of posted money: reasons, and adjustments as typed records. Nothing is edited."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.claim import PayerShare


class CorrectionReason(StrEnum):
    """Why posted money is taken back or adjusted."""

    MISTAKEN_EVIDENCE = "mistaken_evidence"
    FALSE_EVIDENCE = "false_evidence"
    DUPLICATE = "duplicate"
    INELIGIBLE = "ineligible"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_PAYER = "wrong_payer"
    DISPUTE_UPHELD = "dispute_upheld"
    DISPUTE_SETTLED = "dispute_settled"
    PAYMENT_RETURNED = "payment_returned"
    RECORDED_BY_MISTAKE = "recorded_by_mistake"
    OTHER = "other"


class AdjustmentKind(StrEnum):
    """What an adjustment is for."""

    CORRECTION = "correction"
    PRIOR_PERIOD = "prior_period"
    SETTLEMENT = "settlement"
    GOODWILL = "goodwill"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Money that payers owe more (amounts above zero) or less (below zero) than their lines say.

    One adjustment goes one way; a change of split is two. `concerns` names the record it is about
    (claim:3, claim:3/line:1, dispute:<id>).
    """

    adjustment_id: str
    kind: AdjustmentKind
    reason: CorrectionReason
    concerns: str
    effective_date: date
    amounts: tuple[PayerShare, ...]

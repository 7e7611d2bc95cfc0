"""Corrections of approved claim lines: reversals and typed adjustments. Nothing is edited."""

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
    DISPUTED = "disputed"
    DISPUTE_UPHELD = "dispute_upheld"
    DISPUTE_SETTLED = "dispute_settled"
    DISPUTE_REJECTED = "dispute_rejected"
    PAYMENT_RETURNED = "payment_returned"
    RECORDED_BY_MISTAKE = "recorded_by_mistake"
    OTHER = "other"


OF_DISPUTES = frozenset(
    {
        CorrectionReason.DISPUTED,
        CorrectionReason.DISPUTE_UPHELD,
        CorrectionReason.DISPUTE_SETTLED,
        CorrectionReason.DISPUTE_REJECTED,
    }
)
"""Reasons that only a dispute gives; nobody proposes a correction for them."""


class CorrectionKind(StrEnum):
    """How a line is corrected: by a linked reversal of its entry, or by what an adjustment is for.

    A reversal takes back, whole or in part, what the line's entry posted. Every other kind is an
    adjustment: an entry of its own, that raises or lowers what the line came to.
    """

    REVERSAL = "reversal"
    CORRECTION = "correction"
    PRIOR_PERIOD = "prior_period"
    SETTLEMENT = "settlement"
    GOODWILL = "goodwill"
    ROUNDING = "rounding"


class CorrectionState(StrEnum):
    """Where a correction stands: one person proposes it, another approves or refuses.

    `first_approved`: approved by one person, of the two that its amount takes; not decided yet.
    """

    PROPOSED = "proposed"
    FIRST_APPROVED = "first_approved"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Correction:
    """What payers owe more (amounts above zero) or less (below zero) for one approved line.

    One correction goes one way; a change of split is two. `reverses` is the number of the entry
    that a reversal takes back, None for an adjustment. `dispute_id` names the dispute that it
    carries out, if any.
    """

    correction_id: str
    kind: CorrectionKind
    reason: CorrectionReason
    claim_number: int
    line_number: int
    reverses: int | None
    dispute_id: str | None
    proposed_on: date
    shares: tuple[PayerShare, ...]

    @property
    def source(self) -> str:
        """How its entry names it: correction:<id>."""
        return f"correction:{self.correction_id}"

    @property
    def line(self) -> str:
        """The line that it corrects: claim:3/line:1."""
        return f"claim:{self.claim_number}/line:{self.line_number}"

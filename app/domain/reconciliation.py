"""What people decide about imported lines and proposed matches, and where a line stands."""

from dataclasses import dataclass
from enum import StrEnum


class LineState(StrEnum):
    """Where an imported line stands; every line is in exactly one state.

    Open: nothing is proposed for it. Proposed: a match waits for a decision. Accepted: a match of
    it was accepted. Ignored: a person left it out, with a reason. Duplicate: an earlier file of the
    same source or account has it.
    """

    OPEN = "open"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"


class MatchState(StrEnum):
    """Where a match stands. Superseded: a later run proposed something else for its lines."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    UNDONE = "undone"


class IgnoreReason(StrEnum):
    """Why a line is no payment of this contract. `other` needs a note.

    The last two are of what could not be read: a heading or a total, or a row that another import
    has read.
    """

    NOT_OF_CONTRACT = "not_of_contract"
    BANK_CHARGE = "bank_charge"
    OWN_TRANSFER = "own_transfer"
    WRONG_CURRENCY = "wrong_currency"
    OTHER = "other"
    NOT_A_PAYMENT = "not_a_payment"
    READ_ELSEWHERE = "read_elsewhere"


class PaymentEffect(StrEnum):
    """What accepting a match did: it recorded a payment, or confirmed one recorded before."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, order=True)
class LineKey:
    """A line of an imported file, written <import>/<position>: 3/17."""

    import_number: int
    position: int

    def __str__(self) -> str:
        """3/17 is line 17 of import 3."""
        return f"{self.import_number}/{self.position}"

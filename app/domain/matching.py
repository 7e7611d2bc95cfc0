"""What matching may try, and what it made of a file: proposals, and lines it could not place."""

from dataclasses import dataclass

from app.domain.bank import Classification, ProposedMatch
from app.domain.working import Step

DAYS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class MatchRules:
    """The windows and limits of matching; parameters of the account, never hard-coded.

    Without a reference, a line fits an item when it is booked from `days_before_issue` days before
    the item was issued to `days_after_due` days after it is due; a return without a reference when
    it is booked at most `return_days` after the payment. Combinations are searched among at most
    `group_candidates` lines or items and take at most `group_size` of them, so that no file can
    make the search explode. A text must have `reference_length` letters and digits to be looked
    for inside another, or `number_length` if it is digits only. At most `alternatives` are named.
    """

    days_before_issue: int = 7
    days_after_due: int = 60
    return_days: int = 30
    group_candidates: int = 12
    group_size: int = 4
    reference_length: int = 4
    number_length: int = 6
    alternatives: int = 5

    def __post_init__(self) -> None:
        if min(self.days_before_issue, self.days_after_due, self.return_days) < 0:
            raise ValueError("a window in days cannot be below zero")
        if max(self.days_before_issue, self.days_after_due, self.return_days) > DAYS_MAX:
            raise ValueError(f"a window is at most {DAYS_MAX} days")
        if not 2 <= self.group_candidates <= 16 or not 2 <= self.group_size <= 5:
            raise ValueError("combine 2 to 5 of 2 to 16 candidates; more takes too long")
        if min(self.reference_length, self.number_length, self.alternatives) < 1:
            raise ValueError("lengths and the number of alternatives start at 1")


@dataclass(frozen=True, slots=True)
class UnplacedLine:
    """A line that no match takes: a duplicate or unknown, with every reason found."""

    position: int
    classification: Classification
    reasons: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """What matching proposes. Every line is in exactly one match or unplaced, never dropped.

    `open_item_ids` are the items that no match takes; returnable items are not listed there.
    """

    matches: tuple[ProposedMatch, ...]
    unplaced: tuple[UnplacedLine, ...]
    open_item_ids: tuple[str, ...]

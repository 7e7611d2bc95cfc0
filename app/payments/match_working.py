"""What a match is worth and why: its class, its score from 0 to 100, and the words for both."""

from app.domain.bank import Classification, ProposedMatch
from app.domain.money import Money, total
from app.domain.working import Step
from app.payments.match_board import Board, Draft, item_order, line_order
from app.payments.match_groups import allocate
from app.payments.match_references import Tier, unspaced_key

REFERENCE_POINTS = {Tier.EXACT: 55, Tier.IN_TEXT: 45, Tier.CUT: 30}
EQUAL_POINTS, SUM_POINTS, UNEQUAL_POINTS = 35, 25, 10
DAY_POINTS = COUNTERPARTY_POINTS = 5
AMBIGUOUS_POINTS = -20

_NAMED = {
    Tier.EXACT: "is quoted exactly",
    Tier.IN_TEXT: "stands in the text of the line",
    Tier.CUT: "is quoted as far as 18 characters go",
}


def proposed(board: Board, draft: Draft) -> ProposedMatch:
    """A draft as a proposal: allocations, what is left over, class, score and working.

    The score adds up: reference exact 55, in the text 45, cut to 18 characters 30; amount equal
    35, several amounts that add up 25, part or over 10; day within the window 5; same counterparty
    5; and 20 off if something else fits as well. An exact reference, the open amount, the right
    days and counterparty make 100; amount and day alone 40.
    """
    lines = tuple(sorted(draft.lines, key=line_order))
    items = tuple(sorted(draft.items, key=item_order))
    currency = lines[0].amount.currency
    allocations = allocate(lines, items)
    paid = total((line.amount for line in lines), currency)
    asked = total((item.open_amount for item in items), currency)
    left_over = paid - total((one.amount for one in allocations), currency)
    marks = [
        _reference(board, draft),
        _amount(draft, paid, asked),
        _day(board, draft),
        _counterparty(draft),
        _ambiguity(draft),
    ]
    given = [mark for mark in marks if mark is not None]
    return ProposedMatch(
        positions=tuple(sorted(line.position for line in lines)),
        item_ids=tuple(item.item_id for item in items),
        allocations=allocations,
        left_over=left_over,
        score=sum(points for points, _ in given),
        rule=_rule(board, draft, equal=paid == asked),
        working=tuple(step for _, step in given),
        classification=_classification(paid, asked),
        alternatives=tuple(draft.alternatives),
    )


def _classification(paid: Money, asked: Money) -> Classification:
    if paid == asked:
        return Classification.MATCHED
    return Classification.PART if paid < asked else Classification.OVER


def _rule(board: Board, draft: Draft, *, equal: bool) -> str:
    if board.returns:
        return "return"
    if len(draft.items) > 1:
        return "combined" if len(draft.lines) == 1 else "group"
    if len(draft.lines) > 1:
        return "split"
    if draft.tier is None:
        return "amount-window"
    return "exact" if draft.tier is Tier.EXACT and equal else "reference"


def _reference(board: Board, draft: Draft) -> tuple[int, Step] | None:
    if draft.tier is None:
        return None
    points = REFERENCE_POINTS[draft.tier]
    wanted = {item.item_id for item in draft.items}
    names = sorted(
        {
            quote.bucket.reference
            for line in draft.lines
            for quote in board.quotes(line)
            if any(item.item_id in wanted for item in quote.bucket.items[:_LOOK])
        }
    )
    named = ", ".join(names) or "A shared reference"
    because = f"{named} {_NAMED[draft.tier]}: {points} points."
    return points, Step(f"match.reference.{draft.tier.value}", because, _refs(draft))


_LOOK = 20
"""How far into a widely shared reference the working looks for the item, to name the reference."""


def _amount(draft: Draft, paid: Money, asked: Money) -> tuple[int, Step]:
    several = len(draft.lines) > 1 or len(draft.items) > 1
    if paid != asked:
        points, rule = UNEQUAL_POINTS, "part" if paid < asked else "over"
        more = "of" if paid < asked else "against"
        words = f"The line pays {paid.readable()} {more} {asked.readable()} open"
        if len(draft.items) > 1:
            words += ", what falls due first before the rest"
    elif several:
        points, rule = SUM_POINTS, "sum"
        words = (
            f"{_count(len(draft.lines), 'line')} and {_count(len(draft.items), 'item')} "
            f"both add up to {paid.readable()}"
        )
    else:
        points, rule = EQUAL_POINTS, "equal"
        words = f"{paid.readable()} is exactly what is open"
    return points, Step(f"match.amount.{rule}", f"{words}: {points} points.", _refs(draft))


def _day(board: Board, draft: Draft) -> tuple[int, Step] | None:
    windows = [board.window(item) for item in draft.items]
    first = max(window[0] for window in windows)
    last = min(window[1] for window in windows)
    if not all(first <= line.booked_on <= last for line in draft.lines):
        return None
    because = f"Booked within the window {first} to {last}: {DAY_POINTS} points."
    return DAY_POINTS, Step("match.day", because)


def _counterparty(draft: Draft) -> tuple[int, Step] | None:
    lines = {unspaced_key(line.counterparty or "") for line in draft.lines}
    items = {unspaced_key(item.counterparty) for item in draft.items}
    if lines != items or len(lines) > 1 or "" in lines:
        return None
    because = f"The counterparty is the same: {COUNTERPARTY_POINTS} points."
    return COUNTERPARTY_POINTS, Step("match.counterparty", because)


def _ambiguity(draft: Draft) -> tuple[int, Step] | None:
    if not draft.alternatives:
        return None
    because = (
        f"Ambiguous: {', '.join(draft.alternatives)} would fit as well. "
        f"{-AMBIGUOUS_POINTS} points less; check before accepting."
    )
    return AMBIGUOUS_POINTS, Step("match.ambiguous", because, tuple(draft.alternatives))


def _refs(draft: Draft) -> tuple[str, ...]:
    return tuple(item.item_id for item in draft.items)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"

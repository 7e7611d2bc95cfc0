"""Why no match takes a line: every reason found, in the words of whoever must settle it."""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.bank import Direction, FileLine, OpenItem
from app.domain.working import Step
from app.payments.match_board import Board, line_name

Market = tuple[Direction, str]
"""What a line and an item must have in common: direction and currency."""


def duplicate(line: FileLine, *, in_this_file: bool) -> Step:
    """The line has been imported before, or stands twice in what is imported now."""
    where = "stands more than once in this import" if in_this_file else "was imported before"
    return Step("duplicate", f"A line with this identity {where}.", (line_name(line),))


def unknown(
    line: FileLine,
    boards: Sequence[Board],
    elsewhere: Iterable[tuple[Market, OpenItem]],
    markets: Mapping[Market, Board],
) -> tuple[Step, ...]:
    """Why a line is unknown: the boards it was tried on, and what it names elsewhere."""
    if not line.amount:
        return (Step("unknown.nothing-moved", "The line moves no money."),)
    reasons = [*_elsewhere(line, elsewhere)]
    for board in boards:
        reasons += _on_board(line, board)
    is_crowded = any(line.position in board.crowded for board in boards)
    names_something = any(board.quotes(line) for board in boards)
    if not reasons and not (is_crowded and names_something):
        reasons.append(_nothing_fits(line, markets))
    if is_crowded:
        words = "More lines or items fit than are combined; match it by hand."
        reasons.append(Step("unknown.too-many-fit", words))
    return tuple(dict.fromkeys(reasons))


def _elsewhere(line: FileLine, elsewhere: Iterable[tuple[Market, OpenItem]]) -> Iterable[Step]:
    for (_, currency), item in elsewhere:
        if currency != line.amount.currency:
            words = (
                f"It names {item.item_id}, which is in {currency}; the line is in "
                f"{line.amount.currency}."
            )
            yield Step("unknown.currency", words, (item.item_id,))
        else:
            words = f"It names {item.item_id}, which is settled by money going the other way."
            yield Step("unknown.direction", words, (item.item_id,))


def _on_board(line: FileLine, board: Board) -> Iterable[Step]:
    quotes = board.quotes(line)
    for item in board.named_and_taken(line)[: board.rules.alternatives]:
        twice = "returned twice" if board.returns else "paid twice"
        takers = tuple(line_name(taker) for taker in board.taken[item.item_id].lines)
        words = f"It names {item.item_id}, which {', '.join(takers)} takes: {twice}?"
        yield Step("unknown.already-taken", words, (item.item_id, *takers))
    for quote in quotes:
        if quote.bucket.size > board.rules.group_candidates:
            words = (
                f"{quote.bucket.reference} is on {quote.bucket.size} items; none still open is of "
                "this amount, and so many are not combined."
            )
            yield Step("unknown.reference-shared", words)


def _nothing_fits(line: FileLine, markets: Mapping[Market, Board]) -> Step:
    if line.is_return:
        words = "The bank marks it as a return, and no payment known here fits it."
        return Step("unknown.return", words)
    if (line.direction, line.amount.currency) not in markets:
        words = f"Nothing in {line.amount.currency} is open in this direction."
        return Step("unknown.nothing-open", words)
    if any(reference.strip() for reference in line.references):
        words = "No open item carries any of its references, and none fits its amount and day."
        return Step("unknown.reference", words)
    words = "It carries no reference, and no open item fits its amount and day."
    return Step("unknown.no-reference", words)

"""One line for one item of the same amount: by reference, or by amount and day alone."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from heapq import heappop, heappush

from app.domain.bank import FileLine, OpenItem
from app.payments.match_board import Board, Draft, item_order, line_name
from app.payments.match_references import Quote, Tier, unspaced_key


def equal_by_reference(board: Board) -> None:
    """Match lines that name an item and pay exactly what is open on it.

    Exact references come first, then references inside a text, then references cut off at 18
    characters. Where several items or several lines fit equally, the item that falls due first
    goes to the line booked first, and the match names the others: it is ambiguous.
    """
    for tier in Tier:
        for line in board.free_lines():
            quotes = [quote for quote in board.quotes(line) if quote.tier is tier]
            if not quotes:
                continue
            fitting = _of_amount(board, line, quotes)
            if fitting:
                others = [item.item_id for item in fitting[1 : board.rules.alternatives + 1]]
                board.place(Draft((line,), (fitting[0],), tier, others))
            else:
                _tell_rivals(board, line, tier)


def _of_amount(board: Board, line: FileLine, quotes: Iterable[Quote]) -> list[OpenItem]:
    limit = board.rules.alternatives + 1
    found: dict[str, OpenItem] = {}
    for quote in quotes:
        for item in quote.bucket.of_amount(line.amount.minor, board.taken, limit):
            if board.may_pay(line, item):
                found[item.item_id] = item
    return sorted(found.values(), key=item_order)


def _tell_rivals(board: Board, line: FileLine, tier: Tier) -> None:
    """Name a line that came too late in the match that took its item, if it fits as well."""
    for item in board.named_and_taken(line):
        draft = board.taken[item.item_id]
        fits = draft.tier is tier and item.open_amount == line.amount
        if fits and board.may_pay(line, item):
            _add_alternative(board, draft, line_name(line))


def _add_alternative(board: Board, draft: Draft, name: str) -> None:
    if name not in draft.alternatives and len(draft.alternatives) < board.rules.alternatives:
        draft.alternatives.append(name)


def equal_in_window(board: Board) -> None:
    """Match lines that name nothing to items of their amount whose window holds their day.

    A line whose counterparty is that of any item fits only items of that counterparty. Items whose
    window closes first are taken first, which places as many lines as can be.
    """
    items: dict[tuple[int, str | None], list[OpenItem]] = {}
    for item in board.items:
        if item.item_id not in board.taken:
            minor = item.open_amount.minor
            items.setdefault((minor, unspaced_key(item.counterparty)), []).append(item)
            items.setdefault((minor, None), []).append(item)
    lines: dict[tuple[int, str | None], list[FileLine]] = {}
    for line in board.nameless_lines():
        lines.setdefault((line.amount.minor, board.counterparty(line)), []).append(line)
    # Lines with a comparable counterparty choose before those that fit anybody's items.
    for key in sorted(lines, key=lambda key: (key[1] is None, key[0], key[1] or "")):
        if key in items:
            _match_by_day(board, lines[key], items[key])


def _match_by_day(board: Board, lines: Sequence[FileLine], items: Sequence[OpenItem]) -> None:
    """Match lines and items of one amount; lines in order of day."""
    opening = sorted(items, key=lambda item: (board.window(item)[0], board.rank[item.item_id]))
    waiting: list[tuple[date, int]] = []
    coming = 0
    drafts: list[Draft] = []
    late: list[FileLine] = []
    for line in lines:
        while coming < len(opening) and board.window(opening[coming])[0] <= line.booked_on:
            item = opening[coming]
            coming += 1
            if item.item_id not in board.taken:
                heappush(waiting, (board.window(item)[1], board.rank[item.item_id]))
        while waiting and waiting[0][0] < line.booked_on:
            heappop(waiting)
        if not waiting:
            late.append(line)
            continue
        _, rank = heappop(waiting)
        others = [board.items[other].item_id for _, other in waiting[: board.rules.alternatives]]
        draft = Draft((line,), (board.items[rank],), None, others)
        board.place(draft)
        drafts.append(draft)
    _tell_late_lines(board, drafts, late)


def _tell_late_lines(board: Board, drafts: Iterable[Draft], late: Sequence[FileLine]) -> None:
    """Name in each match the first line that fits its item too and got none."""
    days = [line.booked_on for line in late]
    for draft in drafts:
        first, last = board.window(draft.items[0])
        place = bisect_left(days, first)
        if place < len(days) and days[place] <= last:
            _add_alternative(board, draft, line_name(late[place]))

"""Combined and split payments that name nothing: a few amounts that add up within the window."""

from bisect import bisect_left, bisect_right, insort
from datetime import date, timedelta

from app.domain.bank import FileLine, OpenItem
from app.payments.match_board import Board, Draft
from app.payments.match_groups import chosen_items, chosen_lines
from app.payments.match_references import unspaced_key

_LOOK = 8
"""How many times `group_candidates` entries are looked at for one line or item."""

Queue = list[tuple[date, int]]


def combined_in_window(board: Board) -> None:
    """Match one line to a few smaller items that add up to it, all open on its day.

    Among the items of the line's counterparty if that is known, else all. Only where no more than
    `group_candidates` items fit; of items further out than the nearest by due date none is tried.
    """
    queues: dict[str | None, Queue] = {}
    for rank, item in enumerate(board.items):
        if item.item_id not in board.taken:
            for key in _keys(item):
                queues.setdefault(key, []).append((item.due_on, rank))
    for line in board.nameless_lines():
        queue = queues.get(board.counterparty(line), [])
        items = _items_around(board, line, queue)
        if len(items) > board.rules.group_candidates:
            board.crowded.add(line.position)
            continue
        chosen, others = chosen_items(board, line, items)
        if not chosen:
            continue
        board.place(Draft((line,), chosen, None, others))
        for item in chosen:
            for key in _keys(item):
                _remove(queues[key], (item.due_on, board.rank[item.item_id]))


def _items_around(board: Board, line: FileLine, queue: Queue) -> list[OpenItem]:
    """The items nearest by due date that are smaller than a line and whose window holds its day.

    One more than `group_candidates` is enough to know that there are too many.
    """
    open_since = line.booked_on - timedelta(days=board.rules.days_after_due)
    start = bisect_left(queue, (open_since, -1))
    limit = board.rules.group_candidates
    day, minor = line.booked_on, line.amount.minor
    found: list[OpenItem] = []
    for _, rank in queue[start : start + _LOOK * limit]:
        item = board.items[rank]
        if item.open_amount.minor < minor and board.window(item)[0] <= day:
            found.append(item)
            if len(found) > limit:
                break
    return found


def split_in_window(board: Board) -> None:
    """Match a few smaller lines that add up to one item, all booked within its window."""
    place_of = {line.position: place for place, line in enumerate(board.lines)}
    queues: dict[str | None, Queue] = {}
    for line in board.nameless_lines():
        entry = (line.booked_on, place_of[line.position])
        insort(queues.setdefault(board.counterparty(line), []), entry)
    for item in board.items:
        if item.item_id in board.taken:
            continue
        for key in _keys(item):
            queue = queues.get(key, [])
            near = [board.lines[place] for _, place in _lines_around(board, item, queue)]
            smaller = [line for line in near if line.amount < item.open_amount]
            if len(smaller) > board.rules.group_candidates:
                board.crowded.update(line.position for line in smaller)
                continue
            chosen, others = chosen_lines(board, item, smaller)
            if chosen:
                board.place(Draft(chosen, (item,), None, others))
                for line in chosen:
                    _remove(queue, (line.booked_on, place_of[line.position]))
                break


def _lines_around(board: Board, item: OpenItem, queue: Queue) -> Queue:
    first, last = board.window(item)
    start = bisect_left(queue, (first, -1))
    end = bisect_right(queue, (last, len(board.lines)))
    return queue[start : min(end, start + _LOOK * board.rules.group_candidates)]


def _keys(item: OpenItem) -> tuple[str | None, ...]:
    return (unspaced_key(item.counterparty), None)


def _remove(queue: Queue, entry: tuple[date, int]) -> None:
    del queue[bisect_left(queue, entry)]

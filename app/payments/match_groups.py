"""Combined and split payments that name what they pay: 1 : n, n : 1 and n : m, all bounded."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations

from app.domain.bank import Allocation, FileLine, OpenItem
from app.domain.money import Money
from app.payments.match_board import Board, Draft, item_order, line_order


@lru_cache(maxsize=64)
def subset_sums(amounts: tuple[int, ...], size_max: int) -> dict[int, tuple[tuple[int, ...], ...]]:
    """Every sum of 2 to `size_max` of some amounts, with the first two ways to reach it.

    Ways are tuples of places; fewer parts come first, then earlier places. Of 12 amounts taken at
    most 4 at a time there are 781 combinations, and the caller bounds both. Amounts 5, 3 and 2
    reach 10 in one way, all three. Neighbouring lines ask for the same amounts: the last answers
    are kept.
    """
    found: dict[int, tuple[tuple[int, ...], ...]] = {}
    for size in range(2, size_max + 1):
        for places in combinations(range(len(amounts)), size):
            reached = sum(amounts[place] for place in places)
            known = found.get(reached, ())
            if len(known) < 2:
                found[reached] = (*known, places)
    return found


def allocate(lines: Sequence[FileLine], items: Sequence[OpenItem]) -> tuple[Allocation, ...]:
    """Set lines against items in order, each as far as it goes.

    Never more than a line's amount or an item's open amount. One line of 10.00 pays items of 6.00
    and 8.00 with 6.00 and 4.00; a line or item that nothing is left for has no allocation.
    """
    allocations: list[Allocation] = []
    left = [item.open_amount.minor for item in items]
    place = 0
    for line in lines:
        minor = line.amount.minor
        while minor and place < len(items):
            part = min(minor, left[place])
            amount = Money(part, line.amount.currency)
            allocations.append(Allocation(line.position, items[place].item_id, amount))
            minor -= part
            left[place] -= part
            if not left[place]:
                place += 1
    return tuple(allocations)


def combined_by_reference(board: Board) -> None:
    """Match one line to the items it names, when all or some of them add up to its amount.

    All of them first: a payment of 16,500.00 that names invoices of 6,500.00 and 10,000.00. Of
    the items of a shared reference (a purchase order) a few may add up; if they do in two ways,
    the match is ambiguous.
    """
    for line in board.free_lines():
        if not board.quotes(line):
            continue
        items = board.named(line)
        if items is None or len(items) < 2:
            continue
        if sum(item.open_amount.minor for item in items) == line.amount.minor:
            board.place(Draft((line,), tuple(items), board.tier([line])))
            continue
        chosen, others = chosen_items(board, line, items)
        if chosen:
            board.place(Draft((line,), chosen, board.tier([line]), others))


def chosen_items(
    board: Board, line: FileLine, items: Sequence[OpenItem]
) -> tuple[tuple[OpenItem, ...], list[str]]:
    """The first few items that add up to a line, and what only the second way has."""
    amounts = tuple(item.open_amount.minor for item in items)
    ways = subset_sums(amounts, board.rules.group_size).get(line.amount.minor, ())
    chosen = tuple(items[place] for place in ways[0]) if ways else ()
    others = [items[place].item_id for way in ways[1:] for place in way if place not in ways[0]]
    return chosen, others


def chosen_lines(
    board: Board, item: OpenItem, lines: Sequence[FileLine]
) -> tuple[tuple[FileLine, ...], list[str]]:
    """The first few lines that add up to an item, and what only the second way has."""
    amounts = tuple(line.amount.minor for line in lines)
    ways = subset_sums(amounts, board.rules.group_size).get(item.open_amount.minor, ())
    chosen = tuple(lines[place] for place in ways[0]) if ways else ()
    others = [
        f"line:{lines[place].identity}" for way in ways[1:] for place in way if place not in ways[0]
    ]
    return chosen, others


def split_by_reference(board: Board) -> None:
    """Match several lines that name one item, when all or some of them add up to what is open."""
    by_item: dict[str, list[FileLine]] = {}
    for line in board.free_lines():
        items = board.named(line) if board.quotes(line) else []
        if items is not None and len(items) == 1:
            by_item.setdefault(items[0].item_id, []).append(line)
    for item_id in sorted(by_item, key=board.rank.__getitem__):
        item, lines = board.items[board.rank[item_id]], by_item[item_id]
        if len(lines) < 2:
            continue
        if sum(line.amount.minor for line in lines) == item.open_amount.minor:
            board.place(Draft(tuple(lines), (item,), board.tier(lines)))
        elif len(lines) <= board.rules.group_candidates:
            chosen, others = chosen_lines(board, item, lines)
            if chosen:
                board.place(Draft(chosen, (item,), board.tier(chosen), others))


def rest_by_reference(board: Board) -> None:
    """Match the lines that are left to the free items they name, as part or over-payment.

    Lines that name the same items go together, and pay what falls due first. Items and lines that
    nothing is left for stay free. Groups of several lines and several items are bounded.
    """
    limit = board.rules.group_candidates
    for lines, items in _groups(board):
        if len(lines) > 1 and len(items) > 1 and max(len(lines), len(items)) > limit:
            board.crowded.update(line.position for line in lines)
            continue
        allocations = allocate(lines, items)
        paying = {allocation.position for allocation in allocations}
        paid = {allocation.item_id for allocation in allocations}
        used = tuple(line for line in lines if line.position in paying)
        others = [item.item_id for item in items if item.item_id not in paid]
        board.place(
            Draft(
                used,
                tuple(item for item in items if item.item_id in paid),
                board.tier(used),
                others[: board.rules.alternatives],
            )
        )


def _groups(board: Board) -> Iterable[tuple[list[FileLine], list[OpenItem]]]:
    """Free lines and the free items they name, joined wherever two lines share an item."""
    leader: dict[str, str] = {}

    def lead(item_id: str) -> str:
        while leader[item_id] != item_id:
            leader[item_id] = leader[leader[item_id]]
            item_id = leader[item_id]
        return item_id

    members: list[tuple[FileLine, list[OpenItem]]] = []
    for line in board.free_lines():
        items = board.named(line) if board.quotes(line) else []
        if items is None:
            board.crowded.add(line.position)
        elif items:
            members.append((line, items))
            for item in items:
                leader.setdefault(item.item_id, item.item_id)
                leader[lead(item.item_id)] = lead(items[0].item_id)
    groups: dict[str, tuple[list[FileLine], dict[str, OpenItem]]] = {}
    for line, items in members:
        lines, joined = groups.setdefault(lead(items[0].item_id), ([], {}))
        lines.append(line)
        joined.update((item.item_id, item) for item in items)
    for lines, joined in groups.values():
        yield sorted(lines, key=line_order), sorted(joined.values(), key=item_order)

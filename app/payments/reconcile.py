"""Reconciliation: what each line of a bank or accounts-payable file pays, and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from app.domain.bank import Classification, FileLine, OpenItem, ProposedMatch
from app.domain.matching import MatchRules, Proposals, UnplacedLine
from app.payments.match_board import Board, Draft, line_order
from app.payments.match_equal import equal_by_reference, equal_in_window
from app.payments.match_groups import (
    combined_by_reference,
    rest_by_reference,
    split_by_reference,
)
from app.payments.match_reasons import Market, duplicate, unknown
from app.payments.match_returns import match_returns, over_payments, returnable
from app.payments.match_windows import combined_in_window, split_in_window
from app.payments.match_working import proposed


def propose(
    lines: Sequence[FileLine],
    items: Sequence[OpenItem],
    rules: MatchRules,
    known_identities: Collection[str] = frozenset(),
) -> Proposals:
    """What each line pays, for a person to accept or refuse; every line is in the answer once.

    Tried in this order, each only on what is still free: a reference and exactly its amount; one
    line for several items it names; several lines for the one item they name; part and
    over-payments of what is named; the same amount within the window; and a few amounts that add
    up within the window. Returns come last. Direction and currency are always equal. A line that
    names an open item is never matched to another by amount alone.

    `known_identities` are those of lines imported before: such lines are duplicates, as is the
    second of two equal identities here. `position` must be unique among the lines, so renumber the
    lines of several files. The order of lines, items and files changes nothing. The first claim of
    6,500.00, paid as "SPV-000001" by the council before it is due, is one match of score 100.
    """
    _no_repeats([line.position for line in lines], "positions of lines")
    _no_repeats([item.item_id for item in items], "item ids")
    if any(line.amount.minor < 0 for line in lines):
        raise AssertionError("a line's amount is not negative; direction says which way it went")
    if any(item.open_amount.minor <= 0 for item in items):
        raise AssertionError("an open item has something left to pay")
    fresh, unplaced = _without_duplicates(lines, known_identities)
    moving = [line for line in fresh if line.amount]
    boards = _boards(moving, [item for item in items if not item.is_returnable], rules)
    elsewhere = _named_elsewhere(boards, moving)
    for board in boards.values():
        _play(board)
    return_boards = _returns(boards, moving, items, rules)
    matches: list[ProposedMatch] = []
    for board in (*boards.values(), *(one for group in return_boards.values() for one in group)):
        drafts = {id(draft): draft for draft in board.placed.values()}
        matches += (proposed(board, draft) for draft in drafts.values())
    placed = {position for match in matches for position in match.positions}
    with_items = {market: board for market, board in boards.items() if board.items}
    for line in fresh:
        if line.position not in placed:
            market = _market(line)
            tried = [board for own, board in with_items.items() if own == market]
            tried += return_boards.get(market, ())
            reasons = unknown(line, tried, elsewhere.get(line.position, ()), with_items)
            unplaced.append(UnplacedLine(line.position, Classification.UNKNOWN, reasons))
    taken = {item_id for match in matches for item_id in match.item_ids}
    open_ids = (item.item_id for item in items if not item.is_returnable)
    return Proposals(
        tuple(sorted(matches, key=lambda match: match.positions)),
        tuple(sorted(unplaced, key=lambda line: line.position)),
        tuple(sorted(item_id for item_id in open_ids if item_id not in taken)),
    )


def _play(board: Board) -> None:
    """Every way of matching, from the surest to the weakest."""
    equal_by_reference(board)
    combined_by_reference(board)
    split_by_reference(board)
    rest_by_reference(board)
    equal_in_window(board)
    combined_in_window(board)
    split_in_window(board)


def _no_repeats(names: Collection[object], what: str) -> None:
    if len(set(names)) != len(names):
        raise AssertionError(f"{what} must be unique")


def _market(line: FileLine) -> Market:
    return (line.direction, line.amount.currency)


def _without_duplicates(
    lines: Iterable[FileLine], known_identities: Collection[str]
) -> tuple[list[FileLine], list[UnplacedLine]]:
    """Lines that are new, in order, and those that are not, with the reason."""
    seen: set[str] = set()
    fresh: list[FileLine] = []
    duplicates: list[UnplacedLine] = []
    for line in sorted(lines, key=line_order):
        known = line.identity in known_identities
        if known or line.identity in seen:
            reason = duplicate(line, in_this_file=not known)
            duplicates.append(UnplacedLine(line.position, Classification.DUPLICATE, (reason,)))
        else:
            seen.add(line.identity)
            fresh.append(line)
    return fresh, duplicates


def _boards(
    lines: Iterable[FileLine], items: Iterable[OpenItem], rules: MatchRules
) -> dict[Market, Board]:
    """One board for each direction and currency of any line or item; returns are played apart."""
    lines_of: dict[Market, list[FileLine]] = {}
    items_of: dict[Market, list[OpenItem]] = {}
    for line in lines:
        if not line.is_return:
            lines_of.setdefault(_market(line), []).append(line)
    for item in items:
        items_of.setdefault((item.direction, item.open_amount.currency), []).append(item)
    return {
        market: Board(lines_of.get(market, ()), items_of.get(market, ()), rules)
        for market in sorted(lines_of.keys() | items_of.keys())
    }


def _named_elsewhere(
    boards: Mapping[Market, Board], lines: Iterable[FileLine]
) -> dict[int, list[tuple[Market, OpenItem]]]:
    """What lines name in another direction or currency, if they name nothing in their own."""
    found: dict[int, list[tuple[Market, OpenItem]]] = {}
    for line in lines:
        own = boards.get(_market(line))
        if line.is_return or own is None or own.quotes(line):
            continue
        for market, board in boards.items():
            if board is own:
                continue
            for quote in board.index.quotes(line):
                found.setdefault(line.position, []).append((market, quote.bucket.items[0]))
                own.named_elsewhere.add(line.position)
    return found


def _returns(
    boards: Mapping[Market, Board],
    lines: Iterable[FileLine],
    items: Iterable[OpenItem],
    rules: MatchRules,
) -> dict[Market, tuple[Board, ...]]:
    """Play returns against earlier payments and against the other lines of this import."""
    drafts: dict[int, Draft] = {}
    for board in boards.values():
        drafts |= board.placed
    flagged: dict[Market, list[FileLine]] = {}
    unflagged: dict[Market, list[FileLine]] = {}
    for line in lines:
        if line.is_return:
            flagged.setdefault(_market(line), []).append(line)
        elif line.position not in drafts and line.references:
            unflagged.setdefault(_market(line), []).append(line)
    payments: dict[Market, list[OpenItem]] = {}
    for item in items:
        if item.is_returnable:
            payments.setdefault((item.direction, item.open_amount.currency), []).append(item)
    for line in lines:
        back = returnable(line, drafts.get(line.position))
        market = (back.direction, back.open_amount.currency)
        if not line.is_return and (market in flagged or market in unflagged):
            payments.setdefault(market, []).append(back)
    over_paid = over_payments({id(draft): draft for draft in drafts.values()}.values())
    return {
        market: match_returns(
            flagged.get(market, ()),
            unflagged.get(market, ()),
            payments.get(market, ()),
            over_paid,
            rules,
        )
        for market in sorted(flagged.keys() | unflagged.keys())
    }

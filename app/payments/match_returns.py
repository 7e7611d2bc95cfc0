"""Payments that came back: returned, bounced or paid back, matched to what they return."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.domain.bank import Direction, FileLine, OpenItem
from app.domain.matching import MatchRules
from app.payments.match_board import Board, Draft, line_name
from app.payments.match_equal import equal_by_reference, equal_in_window
from app.payments.match_groups import (
    allocate,
    combined_by_reference,
    rest_by_reference,
    split_by_reference,
)

OPPOSITE = {Direction.IN: Direction.OUT, Direction.OUT: Direction.IN}


def returnable(line: FileLine, draft: Draft | None) -> OpenItem:
    """A line of the file as a payment that may come back, under its own and its items' references.

    A receipt of 6,700.00 can be followed by a return of 6,700.00 out of the account.
    """
    references = list(line.references)
    for item in draft.items if draft is not None else ():
        references += item.references
    return OpenItem(
        item_id=line_name(line),
        open_amount=line.amount,
        direction=OPPOSITE[line.direction],
        due_on=line.booked_on,
        issued_on=line.booked_on,
        counterparty=line.counterparty or "",
        references=tuple(references),
        is_returnable=True,
    )


def over_payments(drafts: Iterable[Draft]) -> dict[str, int]:
    """What each over-paying line has left over, in minor units, by the name of the line."""
    left: dict[str, int] = {}
    for draft in drafts:
        used: dict[int, int] = {}
        for allocation in allocate(draft.lines, draft.items):
            used[allocation.position] = used.get(allocation.position, 0) + allocation.amount.minor
        for line in draft.lines:
            rest = line.amount.minor - used[line.position]
            if rest:
                left[line_name(line)] = rest
    return left


def match_returns(
    flagged: Iterable[FileLine],
    unflagged: Iterable[FileLine],
    payments: Iterable[OpenItem],
    over_paid: Mapping[str, int],
    rules: MatchRules,
) -> tuple[Board, ...]:
    """Match lines of one direction and currency to the payments that they return.

    First what was over-paid, to the penny; then whole payments; then, for lines that the bank
    marks as returns, part of a payment or several payments. A line that is not so marked returns a
    payment only if it names it and gives back exactly what was over-paid or paid: an invoice of
    8,248.00 paid with 8,500.00, and 252.00 paid back. Nothing returns a payment before it was made.
    """
    payments, flagged, unflagged = tuple(payments), tuple(flagged), tuple(unflagged)
    excess = [
        replace(item, open_amount=replace(item.open_amount, minor=over_paid[item.item_id]))
        for item in payments
        if item.item_id in over_paid
    ]
    first = Board((*flagged, *unflagged), excess, rules, returns=True)
    equal_by_reference(first)
    whole = [item for item in payments if item.item_id not in first.taken]
    rest = [line for line in first.lines if line.position not in first.placed]
    second = Board(rest, whole, rules, returns=True)
    equal_by_reference(second)
    # The marked lines may do more; what is taken already stays taken.
    marked = {line.position for line in flagged}
    third = Board(
        (line for line in second.free_lines() if line.position in marked),
        (item for item in second.items if item.item_id not in second.taken),
        rules,
        returns=True,
    )
    combined_by_reference(third)
    split_by_reference(third)
    rest_by_reference(third)
    equal_in_window(third)
    return first, second, third

"""Matching of bank lines to open items: how long, and how it grows with the file.

Of five lines one pays an item: exactly, in part, too much, by a shared or without a reference. The
others are other business, as on a council's account.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from app.domain.bank import Direction, FileLine, OpenItem
from app.domain.matching import MatchRules
from app.domain.money import Money
from app.payments.reconcile import propose

FIRST_DAY = date(2024, 4, 1)
PURCHASE_ORDERS = 40
SIZES = ((10_000, 2_000), (30_000, 6_000), (100_000, 20_000))


def open_items(count: int) -> list[OpenItem]:
    """Invoices over two years, of 700 different amounts, under a few purchase orders."""
    return [
        OpenItem(
            item_id=f"invoice:spv/{number}",
            open_amount=Money(100_000 + number * 7_919 % 700 * 250),
            direction=Direction.IN,
            due_on=FIRST_DAY + timedelta(days=number % 700 + 30),
            issued_on=FIRST_DAY + timedelta(days=number % 700),
            counterparty=f"council {number % 5}",
            references=(f"SPV-{number:06d}", f"PO-{number % PURCHASE_ORDERS + 4500}"),
        )
        for number in range(1, count + 1)
    ]


def file_lines(count: int, items: list[OpenItem]) -> Iterator[FileLine]:
    """One line for each item in turn, and four of other business after each."""
    for position in range(1, count + 1):
        item = items[(position - 1) // 5 % len(items)]
        line = FileLine(
            position=position,
            identity=f"bank-{position:08d}",
            booked_on=item.due_on,
            value_on=None,
            amount=item.open_amount,
            direction=Direction.IN,
            counterparty=item.counterparty,
            references=(item.references[0],),
            is_return=False,
            raw="",
        )
        kind = position % 5
        if kind == 1:
            yield _paying(line, item, position // 5 % 6)
        elif kind == 2:
            yield replace(line, references=(f"RENT {position:07d} WEEKLY",), amount=Money(position))
        elif kind == 3:
            yield replace(line, references=(), amount=Money(99 + position), counterparty=None)
        elif kind == 4:
            yield replace(line, references=(), direction=Direction.OUT, amount=Money(position * 3))
        else:
            yield replace(line, references=(item.references[1],), amount=Money(5_000_000))


def _paying(line: FileLine, item: OpenItem, manner: int) -> FileLine:
    if manner == 0:
        return replace(line, references=(f"INV spv {line.references[0][4:]} with thanks",))
    if manner == 1:
        return replace(line, amount=Money(item.open_amount.minor // 2))
    if manner == 2:
        return replace(line, amount=item.open_amount + Money(1_000))
    if manner == 3:
        return replace(line, references=())
    if manner == 4:
        return replace(line, references=(item.references[1],))
    return line


def main(*, quick: bool) -> None:
    """Match files of growing size and print seconds, lines a second and the growth."""
    print("\nReconciliation: lines against open items, one core", flush=True)
    before: tuple[int, float] | None = None
    for line_count, item_count in SIZES[:2] if quick else SIZES:
        items = open_items(item_count)
        lines = list(file_lines(line_count, items))
        started = time.perf_counter()
        made = propose(lines, items, MatchRules())
        spent = time.perf_counter() - started
        growth = ""
        if before is not None:
            growth = f"  {line_count / before[0]:.1f}x the lines, {spent / before[1]:.1f}x the time"
        print(
            f"  {line_count:>7,} lines, {item_count:>6,} items: {spent:6.2f} s, "
            f"{line_count / spent:>8,.0f} lines/s, {len(made.matches):>6,} matches{growth}",
            flush=True,
        )
        before = (line_count, spent)


if __name__ == "__main__":
    main(quick=False)

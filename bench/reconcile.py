"""Matching of bank lines to open items: how long, and how it grows with the file.

Of five lines one pays an item: exactly, in part, too much, by a shared or without a reference. The
others are other business, as on a council's account.
"""

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from app.domain.bank import Direction, FileLine, OpenItem
from app.domain.matching import MatchRules
from app.domain.money import Money
from app.payments.reconcile import propose
from bench.contracts import APPROVED_ON, PURCHASE_ORDERS, with_approved_claims
from bench.database import Bench
from bench.measure import heading
from bench.seed import settle

FIRST_DAY = date(2024, 4, 1)
SIZES = ((10_000, 2_000), (30_000, 6_000), (100_000, 20_000))


def _amount(number: int) -> int:
    """One of 700 amounts, in pence."""
    return 100_000 + number * 7_919 % 700 * 250


def open_items(count: int) -> list[OpenItem]:
    """Invoices over two years, of 700 different amounts, under a few purchase orders."""
    return [
        OpenItem(
            item_id=f"invoice:spv/{number}",
            open_amount=Money(_amount(number)),
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


def run(bench: Bench, *, quick: bool) -> None:
    """The rules alone, then a file taken in and matched in the database."""
    heading("7. Matching: lines against open items, the rules alone, one core")
    before: tuple[int, float] | None = None
    for line_count, item_count in SIZES[:2] if quick else SIZES:
        items = open_items(item_count)
        lines = list(file_lines(line_count, items))
        started = time.perf_counter()
        made = propose(lines, items, MatchRules())
        spent = time.perf_counter() - started
        print(
            f"  {line_count:>7,} lines, {item_count:>6,} items: {spent:6.2f} s, "
            f"{line_count / spent:>8,.0f} lines/s, {len(made.matches):>6,} matches"
            f"{_growth(before, line_count, spent)}",
            flush=True,
        )
        before = (line_count, spent)
    heading("8. A bank file: imported, and matched against open invoices, in a process of its own")
    before = None
    for line_count, item_count in SIZES[:1] if quick else (SIZES[0], SIZES[-1]):
        took = _in_database(bench, line_count, item_count)
        spent = took["import_seconds"] + took["propose_seconds"]
        print(
            f"  {line_count:>7,} lines, {item_count:>6,} invoices: imported "
            f"{took['import_seconds']:.1f} s (+{took['import_mb']:.0f} MB), proposed "
            f"{took['propose_seconds']:.1f} s (+{took['propose_mb']:.0f} MB), "
            f"{took['matches']:,} matches; {took['worked_seconds']:.1f} s of processor time"
            f"{_growth(before, line_count, spent)}",
            flush=True,
        )
        before = (line_count, spent)


def _growth(before: tuple[int, float] | None, line_count: int, spent: float) -> str:
    if before is None:
        return ""
    return f"  {line_count / before[0]:.1f}x the lines, {spent / before[1]:.1f}x the time"


def _in_database(bench: Bench, line_count: int, item_count: int) -> dict[str, float]:
    """A contract with so many invoices, and a file of so many lines about them."""
    contract_id = with_approved_claims(bench.context, bench.superuser_url, item_count, _amount)
    settle(bench.superuser_url)
    items = [
        replace(item, issued_on=APPROVED_ON, due_on=APPROVED_ON + timedelta(days=30))
        for item in open_items(item_count)
    ]
    with tempfile.NamedTemporaryFile("w", newline="", suffix=".csv", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Day", "Amount", "Text", "Who", "Id"])
        for line in file_lines(line_count, items):
            sign = "-" if line.direction is Direction.OUT else ""
            text = " ".join(line.references)
            who = "Sheffield City Council" if line.counterparty else ""
            row = [line.booked_on.isoformat(), f"{sign}{line.amount}", text, who, line.identity]
            writer.writerow(row)
        file.flush()
        asking = [sys.executable, "-m", "bench.reconciling", bench.app_url, contract_id, file.name]
        answer = subprocess.run(asking, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found

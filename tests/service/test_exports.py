"""Exports of one snapshot in bounded memory: any number of rows, a page of them held at a time."""

import csv
import gc
import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import openpyxl
import pytest

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.errors import NotFound, TooLarge, Unavailable
from app.service import imports, payments
from app.service.exports import AT_ONCE, csv_export, xlsx_export
from app.service.listings.bank import IMPORT_LINES
from app.service.listings.contract import CONTRACTS, TERMS
from app.service.listings.listing import ITEMS_PER_PAGE, in_pages, number, person, text
from app.service.listings.settlement import PAYMENTS
from app.service.snapshot import snapshot
from tests.factories import COUNCIL, SPV
from tests.service.world import MANAGER

LINES = 3_000


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@dataclass
class Item:
    """An item of a list that is made up as it is read; it counts how many there are at a time."""

    alive: ClassVar[int] = 0
    most: ClassVar[int] = 0
    place: int

    def __post_init__(self) -> None:
        Item.alive += 1
        Item.most = max(Item.most, Item.alive)

    def __del__(self) -> None:
        Item.alive -= 1


def endless(last: int):
    """A listing of `last` items, whose page function is asked like any other."""
    asked: list[int] = []

    def page(context, contract_id: str, after: int, limit: int) -> list[Item]:
        asked.append(after)
        return [Item(n) for n in range(after + 1, min(after + limit, last) + 1)]

    def rows(item: Item) -> Iterator[tuple[int, str, str]]:
        yield item.place, f"text {item.place % 7}", "PI-0001"

    made = replace(
        TERMS,
        name="made-up",
        read=in_pages(page, lambda item: item.place, 0),
        columns=(number("place"), text("text"), person("participant_id")),
        rows=rows,
    )
    return made, asked


def peak_of(work) -> int:
    """The most memory that Python held during some work, beyond what it held before."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def drained(pieces) -> int:
    return sum(len(piece) for piece in pieces)


def closed(file) -> None:
    file.close()


@pytest.mark.parametrize(("form", "rows"), [("csv", 30_000), ("xlsx", 12_000)])
def test_memory_does_not_grow_with_the_rows(world, form, rows):
    world.agree()

    def export(count: int) -> None:
        made, _ = endless(count)
        if form == "csv":
            assert drained(csv_export(world.context, made, world.contract_id, {})) > 15 * count
        else:
            closed(xlsx_export(world.context, made, world.contract_id, {}))

    export(10)  # what is read once
    Item.most = 0
    few, many = peak_of(lambda: export(4_000)), peak_of(lambda: export(rows))
    assert Item.most <= 2 * ITEMS_PER_PAGE
    assert many < few + 200_000
    assert many < 4_000_000


def test_a_page_is_asked_for_only_when_the_one_before_is_written(world):
    made, asked = endless(450)
    with snapshot(world.agree().context, world.contract_id) as held:
        found = made.all_rows(held, world.contract_id, {})
        next(found)
        assert asked == [0]
        assert sum(1 for _ in found) == 449
    assert asked == [0, 200, 400]


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400])
def test_pages_meet_without_gap_or_overlap(world, count):
    made, _ = endless(count)
    places = [row[0] for row in made.all_rows(world.context, world.contract_id, {})]
    assert places == list(range(1, count + 1))


def test_thousands_of_bank_lines_from_the_database(world):
    world.agree().on("2023-11-01")
    mapping = ColumnMapping(date="Day", amount="Amount", references=("Text",))
    imports.save_mapping(world.context, world.by(MANAGER), "bank", mapping)
    body = "".join(f"2023-10-{1 + n % 28:02d},{n}.01,row {n}\n" for n in range(LINES))
    with world.context.files.bank.receive(world.contract_id) as incoming:
        incoming.write(b"Day,Amount,Text\n" + body.encode())
        imports.import_file(
            world.context,
            world.by(MANAGER),
            incoming,
            kind=SourceKind.CSV,
            source="main-account",
            mapping="bank",
        )
    listing, contract = IMPORT_LINES, world.contract_id
    found = csv_rows(b"".join(csv_export(world.context, listing, contract, {})))
    assert [int(row["position"]) for row in found] == list(range(1, LINES + 1))
    assert found[-1]["money_in"] == f"{LINES - 1}.01"
    peak = peak_of(lambda: drained(csv_export(world.context, listing, contract, {})))
    assert peak < 6_000_000


def test_what_is_recorded_meanwhile_is_not_in_the_file(world):
    context, contract = world.agree().context, world.contract_id
    for amount in ("100.00", "200.00"):
        world.pay(COUNCIL, SPV, amount, on="2021-05-12")
    one_by_one = replace(
        PAYMENTS,
        read=in_pages(
            payments.list_payments,
            lambda one: (one.sequence, one.payment.payment_id),
            (0, ""),
            items_per_page=1,
        ),
    )
    with snapshot(context, contract) as held:
        found = one_by_one.all_rows(held, contract, {})
        first = next(found)
        world.pay(COUNCIL, SPV, "300.00", on="2021-05-12")
        assert [str(row[8]) for row in (first, *found)] == ["100.00", "200.00"]
    assert len(csv_rows(b"".join(csv_export(context, one_by_one, contract, {})))) == 3


def test_the_clock_stands_still_in_a_snapshot(world):
    world.agree().on("2021-05-12")
    with snapshot(world.context, world.contract_id) as held:
        world.on("2021-05-13")
        assert held.clock().day == 12
        with (
            held.reading(world.contract_id) as inner,
            pytest.raises(RuntimeError, match="nothing to commit"),
        ):
            inner.commit()


def test_only_so_many_files_are_made_at_once(world):
    world.agree()

    def start():
        return csv_export(world.context, TERMS, world.contract_id, {})

    running = [start() for _ in range(AT_ONCE)]
    with pytest.raises(Unavailable) as refusal:
        start()
    assert refusal.value.code == "exports-busy"
    with pytest.raises(Unavailable):
        xlsx_export(world.context, TERMS, world.contract_id, {})
    running.pop().close()
    assert drained(start())
    for one in running:
        assert drained(one)
    assert drained(start())


def test_a_refused_export_gives_its_place_back(world):
    for _ in range(AT_ONCE + 1):
        with pytest.raises(NotFound):
            csv_export(world.context, TERMS, "no-such-contract", {})
        with pytest.raises(NotFound):
            xlsx_export(world.context, TERMS, "no-such-contract", {})


def test_what_no_sheet_holds_is_refused_and_goes_as_csv(world):
    long = replace(TERMS, columns=(text("text"),), rows=lambda _: [("x" * 32_768,)])
    world.agree()
    with pytest.raises(TooLarge) as refusal:
        xlsx_export(world.context, long, world.contract_id, {})
    assert refusal.value.code == "cell-too-long"
    assert drained(csv_export(world.context, long, world.contract_id, {})) > 32_768


def test_a_workbook_says_when_it_was_made(world):
    world.agree().on("2021-05-12")
    with xlsx_export(world.context, CONTRACTS, "", {}) as file:
        book = openpyxl.load_workbook(file)
    assert (book.properties.created.date().isoformat(), book.active.title) == (
        "2021-05-12",
        "contracts",
    )

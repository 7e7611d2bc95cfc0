"""Combined and split payments: 1 : n, n : 1 and n : m, named or not, and their limits."""

import pytest

from app.domain.matching import DAYS_MAX, MatchRules
from app.payments.match_groups import allocate, subset_sums
from tests.bank_lines import item, line, match, plain, reasons

A, B, C = item("a", "60", "INV-0001"), item("b", "80", "INV-0002"), item("c", "15", "INV-0003")
ORDER = [
    item("d", "10", "PO-4500", on="2020-10-01"),
    item("e", "25", "PO-4500", on="2020-10-02"),
    item("f", "40", "PO-4500", on="2020-10-03"),
]
NARROW = MatchRules(group_candidates=2, group_size=2)


def test_sums_of_a_few_amounts():
    assert subset_sums((5, 3, 2), 3) == {8: ((0, 1),), 7: ((0, 2),), 5: ((1, 2),), 10: ((0, 1, 2),)}
    assert subset_sums((1, 1, 1, 1), 2) == {2: ((0, 1), (0, 2))}
    assert subset_sums((5,), 4) == {}


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["100"], [(1, "a", "60.00"), (1, "b", "40.00")]),
        (["60", "80"], [(1, "a", "60.00"), (2, "b", "80.00")]),
        (
            ["50", "20", "80"],
            [(1, "a", "50.00"), (2, "a", "10.00"), (2, "b", "10.00"), (3, "b", "70.00")],
        ),
        (["200", "1"], [(1, "a", "60.00"), (1, "b", "80.00")]),
    ],
)
def test_lines_pay_items_in_order_as_far_as_they_go(amounts, expected):
    lines = [line(number, amount) for number, amount in enumerate(amounts, start=1)]
    made = allocate(lines, [A, B])
    assert [(one.position, one.item_id, str(one.amount)) for one in made] == expected


@pytest.mark.parametrize(
    ("lines", "items", "expected"),
    [
        pytest.param(
            [line(1, "140", "INV-0001 INV-0002")],
            [A, B],
            [((1,), ("a", "b"), "matched", "combined", 75)],
            id="one payment for two invoices it names",
        ),
        pytest.param(
            [line(1, "75", "INV-0001, INV-0002, INV-0003")],
            [A, B, C],
            [((1,), ("a", "c"), "matched", "combined", 75)],
            id="two of the three it names add up",
        ),
        pytest.param(
            [line(1, "100", "INV-0001", "INV-0002")],
            [A, B],
            [((1,), ("a", "b"), "part", "combined", 70)],
            id="part of two invoices",
        ),
        pytest.param(
            [line(1, "150", "INV-0001", "INV-0002")],
            [A, B],
            [((1,), ("a", "b"), "over", "combined", 70)],
            id="more than two invoices",
        ),
        pytest.param(
            [line(1, "50", "INV-0001"), line(2, "10", "INV-0001")],
            [A, B],
            [((1, 2), ("a",), "matched", "split", 85)],
            id="two payments for one invoice",
        ),
        pytest.param(
            [line(1, "20", "INV-0001"), line(2, "10", "INV-0001")],
            [A],
            [((1, 2), ("a",), "part", "split", 70)],
            id="two parts that do not add up",
        ),
        pytest.param(
            [line(1, "50", "INV-0001", on="2020-11-06"), line(2, "20", "INV-0001")],
            [A],
            [((1, 2), ("a",), "over", "split", 70)],
            id="two parts that add up to more",
        ),
        pytest.param(
            [line(1, "70", "INV-0001 INV-0002"), line(2, "70", "INV-0002")],
            [A, B],
            [((1, 2), ("a", "b"), "matched", "group", 75)],
            id="two payments for two invoices",
        ),
        pytest.param(
            [line(1, "35", "PO-4500")],
            ORDER,
            [((1,), ("d", "e"), "matched", "combined", 85)],
            id="some of a purchase order",
        ),
        pytest.param(
            [line(1, "75", "PO-4500")],
            ORDER,
            [((1,), ("d", "e", "f"), "matched", "combined", 85)],
            id="all of a purchase order",
        ),
        pytest.param(
            [line(1, "12", "PO-4500")],
            ORDER,
            [((1,), ("d", "e"), "part", "combined", 50)],
            id="what falls due first of a purchase order",
        ),
        pytest.param(
            [line(1, "155")],
            [A, B, C],
            [((1,), ("a", "b", "c"), "matched", "combined", 30)],
            id="nothing named, three add up",
        ),
        pytest.param(
            [line(1, "50"), line(2, "10")],
            [A],
            [((1, 2), ("a",), "matched", "split", 30)],
            id="nothing named, two lines add up",
        ),
        pytest.param(
            [line(1, "155", on="2019-01-01"), line(2, "59", on="2019-01-01"), line(3, "1")],
            [A, B, C],
            [],
            id="nothing named, out of the window",
        ),
    ],
)
def test_groups(lines, items, expected):
    made = match(lines, items)
    assert plain(made) == expected
    placed = {position for positions, *_ in expected for position in positions}
    assert placed | set(reasons(made)) == {one.position for one in lines}


def test_what_the_items_cannot_take_stays_free_for_a_reason():
    lines = [line(1, "35", "INV-0001"), line(2, "45", "INV-0001"), line(3, "5", "INV-0001")]
    made = match(lines, [A])
    # In order of amount on one day: 5.00, 35.00, and 20.00 of 45.00.
    assert plain(made) == [((1, 2, 3), ("a",), "over", "split", 70)]
    assert str(made.matches[0].left_over) == "25.00"
    lines = [line(1, "59", "INV-0001"), line(2, "61", "INV-0001"), line(3, "99", "INV-0001")]
    made = match(lines, [A])
    assert plain(made) == [((1, 2), ("a",), "over", "split", 70)]
    assert reasons(made) == {3: ("unknown.already-taken",)}


def test_named_parts_that_add_up_leave_the_third_line():
    lines = [line(1, "50", "INV-0001"), line(2, "10", "INV-0001"), line(3, "7", "INV-0001")]
    made = match(lines, [A])
    assert plain(made) == [((1, 2), ("a",), "matched", "split", 85)]
    assert reasons(made) == {3: ("unknown.already-taken",)}


def test_two_ways_to_add_up_are_ambiguous():
    items = [item("g", "10", "PO-4500"), item("h", "25", "PO-4500"), item("i", "25", "PO-4500")]
    (made,) = match([line(1, "35", "PO-4500")], items).matches
    assert (made.item_ids, made.alternatives, made.score) == (("g", "h"), ("i",), 65)
    (made,) = match([line(1, "35")], items).matches
    assert (made.item_ids, made.alternatives, made.score) == (("g", "h"), ("i",), 10)
    lines = [line(1, "10"), line(2, "50"), line(3, "50")]
    (made,) = match(lines, [A]).matches
    assert (made.positions, made.alternatives) == ((1, 2), ("line:bank-3",))


def test_a_part_payment_of_a_shared_reference_names_what_it_left():
    (made,) = match([line(1, "12", "PO-4500")], ORDER).matches
    assert made.alternatives == ("f",)
    assert [str(one.amount) for one in made.allocations] == ["10.00", "2.00"]
    assert "what falls due first before the rest" in made.working[1].because


def test_more_parts_than_are_searched_still_add_up_in_whole():
    lines = [line(number, "5", "INV-0001") for number in range(1, 13)]
    (made,) = match(lines, [A], NARROW).matches
    assert (made.rule, made.classification, len(made.positions)) == ("split", "matched", 12)
    made = match([*lines, line(13, "1", "INV-0001")], [A], NARROW)
    assert [one.classification for one in made.matches] == ["over"]


def test_large_groups_of_lines_and_items_are_left_to_a_person():
    lines = [
        line(1, "1", "INV-0001 INV-0002"),
        line(2, "2", "INV-0002 INV-0003"),
        line(3, "3", "INV-0003"),
    ]
    made = match(lines, [A, B, C], NARROW)
    assert made.matches == ()
    assert set(reasons(made).values()) == {("unknown.too-many-fit",)}
    assert len(match(lines, [A, B, C]).matches) == 1


def test_too_many_named_items_are_not_combined():
    made = match([line(1, "75", "INV-0001 INV-0002 INV-0003")], [A, B, C], NARROW)
    assert reasons(made) == {1: ("unknown.too-many-fit",)}


def test_too_many_unnamed_candidates_are_not_combined():
    items = [item(f"i{number}", str(number + 1)) for number in range(4)]
    made = match([line(1, "30")], items, NARROW)
    assert reasons(made) == {1: ("unknown.no-reference", "unknown.too-many-fit")}
    lines = [line(number, str(number)) for number in range(1, 5)]
    made = match(lines, [item("a", "100")], NARROW)
    assert set(reasons(made).values()) == {("unknown.no-reference", "unknown.too-many-fit")}


def test_unnamed_groups_use_nothing_twice():
    items = [item("j", "60"), item("k", "60", on="2020-10-06"), item("m", "3")]
    lines = [line(1, "50"), line(2, "10"), line(3, "63")]
    made = match(lines, items)
    assert plain(made) == [
        ((1, 2), ("k",), "matched", "split", 30),
        ((3,), ("j", "m"), "matched", "combined", 10),
    ]


def test_an_unnamed_split_looks_among_lines_of_its_counterparty_first():
    lines = [
        line(1, "50", counterparty="sheffield city council"),
        line(2, "10", counterparty="SHEFFIELD CITY COUNCIL"),
        line(3, "10"),
    ]
    made = match(lines, [A])
    assert plain(made) == [((1, 2), ("a",), "matched", "split", 35)]


@pytest.mark.parametrize(
    "changes",
    [
        {"days_before_issue": -1},
        {"days_after_due": DAYS_MAX + 1},
        {"days_after_due": -1},
        {"return_days": -1},
        {"group_candidates": 1},
        {"group_candidates": 17},
        {"group_size": 1},
        {"group_size": 6},
        {"reference_length": 0},
        {"number_length": 0},
        {"alternatives": 0},
    ],
)
def test_rules_are_bounded(changes):
    with pytest.raises(ValueError, match=r"\w"):
        MatchRules(**changes)

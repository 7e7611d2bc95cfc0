"""Every way of matching as worked examples: the golden contract's account, and each rule alone."""

import pytest

from app.domain.bank import Classification, Direction
from app.domain.matching import MatchRules
from app.domain.money import Money
from app.payments.reconcile import propose
from tests.bank_lines import invoices, item, line, match, plain, reasons

COUNCIL = {"counterparty": "SHEFFIELD CITY COUNCIL"}
OUT = {"direction": Direction.OUT}

# The SPV's account over the life of the golden contract.
EX_LINES = [
    line(1, "6500", "SPV-000001", on="2020-11-02", **COUNCIL),
    line(2, "16500", "payment for spv 2 thank you", on="2021-05-04", **COUNCIL),
    line(3, "5000", "SPV-000003", on="2021-11-02", **COUNCIL),
    line(4, "11275.50", "SPV-000004 AND SPV-000005", on="2022-08-01", **COUNCIL),
    line(5, "10301.50", "SPV6", on="2022-11-01", **COUNCIL),
    line(6, "100", "SPV-000006 REFUND", on="2022-11-08", **OUT),
    line(7, "8248", "4711", on="2023-05-02", counterparty="SCC ACCOUNTS PAYABLE"),
    line(8, "10310", "SPV-000008", on="2023-08-01", currency="EUR"),
    line(9, "10310", "SPV-000008", on="2023-08-03", **COUNCIL),
    line(10, "6500", "SPV-000001", on="2020-11-02", **COUNCIL, identity="bank-1"),
    line(11, "77.77", "RENT UNIT 4", on="2023-09-01", counterparty="A Tenant"),
    line(12, "0", "NIL", on="2023-09-01"),
    line(13, "11500", on="2023-11-03", **COUNCIL),
    line(14, "3", "BANK CHARGES", on="2023-09-30", **OUT),
]
EX_MATCHES = [
    ((1,), ("invoice:spv/1",), "matched", "exact", 100),
    ((2,), ("invoice:spv/2",), "matched", "reference", 90),
    ((3,), ("invoice:spv/3",), "part", "reference", 75),
    ((4,), ("invoice:spv/4", "invoice:spv/5"), "matched", "combined", 75),
    ((5,), ("invoice:spv/6",), "over", "reference", 75),
    ((6,), ("line:bank-5",), "matched", "return", 85),
    ((7,), ("invoice:spv/7",), "matched", "amount-window", 40),
    ((9,), ("invoice:spv/8",), "matched", "exact", 100),
    ((13,), ("invoice:spv/9",), "matched", "amount-window", 45),
]
EX_UNPLACED = {
    8: ("unknown.currency",),
    10: ("duplicate",),
    11: ("unknown.reference",),
    12: ("unknown.nothing-moved",),
    14: ("unknown.nothing-open",),
}


def test_every_line_of_the_golden_contracts_account_has_its_class():
    made = match(EX_LINES, invoices())
    assert plain(made) == EX_MATCHES
    assert reasons(made) == EX_UNPLACED
    assert made.open_item_ids == ()


def test_the_same_file_again_is_all_duplicates():
    known = {one.identity for one in EX_LINES}
    made = match(EX_LINES, invoices(), known=known)
    assert made.matches == ()
    assert {one.classification for one in made.unplaced} == {Classification.DUPLICATE}
    assert len(made.unplaced) == len(EX_LINES)
    assert len(made.open_item_ids) == 9


def test_an_exact_match_explains_its_whole_score():
    (made,) = match([line(1, "6500", "SPV-000001", **COUNCIL)], invoices()).matches
    assert [(step.rule, step.because) for step in made.working] == [
        ("match.reference.exact", "SPV-000001 is quoted exactly: 55 points."),
        ("match.amount.equal", "GBP 6,500.00 is exactly what is open: 35 points."),
        ("match.day", "Booked within the window 2020-09-28 to 2021-01-03: 5 points."),
        ("match.counterparty", "The counterparty is the same: 5 points."),
    ]
    assert made.working[0].refs == ("invoice:spv/1",)
    (allocation,) = made.allocations
    assert (allocation.position, allocation.item_id) == (1, "invoice:spv/1")
    assert (str(allocation.amount), str(made.left_over)) == ("6500.00", "0.00")
    assert made.alternatives == ()


@pytest.mark.parametrize(
    ("amount", "classification", "allocated", "left_over"),
    [
        ("6499.99", "part", "6499.99", "0.00"),
        ("6500", "matched", "6500.00", "0.00"),
        ("6500.01", "over", "6500.00", "0.01"),
    ],
)
def test_part_equal_and_over(amount, classification, allocated, left_over):
    (made,) = match([line(1, amount, "SPV-000001")], invoices()).matches
    assert made.classification == classification
    assert [str(one.amount) for one in made.allocations] == [allocated]
    assert str(made.left_over) == left_over


@pytest.mark.parametrize(
    ("on", "matches"),
    [
        ("2020-09-27", False),  # the invoice is issued on 5 Oct, 8 days later
        ("2020-09-28", True),
        ("2021-01-03", True),  # 60 days after it fell due on 4 Nov
        ("2021-01-04", False),
    ],
)
def test_amount_alone_needs_the_window(on, matches):
    made = match([line(1, "6500", on=on)], invoices()[:1])
    assert [one.rule for one in made.matches] == ["amount-window"] * matches
    assert reasons(made) == ({} if matches else {1: ("unknown.no-reference",)})


def test_a_reference_needs_no_window():
    (made,) = match([line(1, "6500", "SPV-000001", on="2023-01-01")], invoices()).matches
    assert (made.rule, made.score) == ("exact", 90)


def test_a_named_item_is_never_left_for_another_of_the_right_amount():
    made = match([line(1, "6500", "SPV-000002")], invoices()[:2])
    assert plain(made) == [((1,), ("invoice:spv/2",), "part", "reference", 65)]
    made = match([line(1, "6500", "OUT-7")], [*invoices(), item("x", "6500", "OUT-7", **OUT)])
    assert reasons(made) == {1: ("unknown.direction",)}


def test_the_counterparty_chooses_between_equal_amounts():
    items = [item("a", "100", counterparty="North"), item("b", "100", counterparty="South")]
    made = match([line(1, "100", counterparty="south"), line(2, "100")], items)
    assert plain(made) == [
        ((1,), ("b",), "matched", "amount-window", 45),
        ((2,), ("a",), "matched", "amount-window", 40),
    ]
    made = match([line(1, "100", counterparty="south"), line(2, "100", **COUNCIL)], items[:1])
    # The line of another comparable name does not fit; one of an unknown name does.
    assert plain(made)[0][1] == ("a",)


def test_a_line_of_a_known_counterparty_does_not_take_anothers_item():
    items = [item("a", "100", counterparty="North"), item("b", "50", counterparty="South")]
    made = match([line(1, "100", counterparty="South")], items)
    assert reasons(made) == {1: ("unknown.no-reference",)}


def test_two_equal_items_make_a_match_ambiguous():
    items = [item("b", "100", "PO-4500"), item("a", "100", "PO-4500")]
    made = match([line(1, "100", "PO-4500")], items)
    (one,) = made.matches
    assert (one.item_ids, one.alternatives, one.score) == (("a",), ("b",), 75)
    assert one.working[-1].because == (
        "Ambiguous: b would fit as well. 20 points less; check before accepting."
    )
    assert made.open_item_ids == ("b",)
    (one,) = match([line(1, "100")], items).matches
    assert (one.item_ids, one.alternatives, one.score) == (("a",), ("b",), 20)


def test_two_equal_lines_make_a_match_ambiguous():
    lines = [line(1, "100", "INV-0001", on="2020-11-06"), line(2, "100", "INV-0001")]
    made = match(lines, [item("a", "100", "INV-0001")])
    (one,) = made.matches
    assert (one.positions, one.alternatives, one.score) == ((2,), ("line:bank-1",), 75)
    assert reasons(made) == {1: ("unknown.already-taken",)}
    (step,) = made.unplaced[0].reasons
    assert step.because == "It names a, which line:bank-2 takes: paid twice?"
    nameless = [line(1, "100", on="2020-11-06"), line(2, "100"), line(3, "100", on="2022-01-01")]
    (one,) = match(nameless, [item("a", "100")]).matches
    assert (one.positions, one.alternatives) == ((2,), ("line:bank-1",))


def test_late_lines_outside_the_window_are_no_rivals():
    lines = [line(1, "100"), line(2, "100", on="2022-01-01"), line(3, "100", on="2019-01-01")]
    (one,) = match(lines, [item("a", "100")]).matches
    assert (one.positions, one.alternatives) == ((1,), ())


def test_a_weaker_reference_is_no_rival():
    lines = [line(1, "100", "INV-0001"), line(2, "100", "for INV-0001 again")]
    made = match(lines, [item("a", "100", "INV-0001")])
    assert made.matches[0].alternatives == ()
    assert reasons(made) == {2: ("unknown.already-taken",)}


def test_only_a_few_alternatives_are_named():
    items = [item(f"i{number}", "100", "PO-4500") for number in range(9)]
    lines = [line(1, "100", "PO-4500")]
    assert len(match(lines, items).matches[0].alternatives) == 5
    few = MatchRules(alternatives=1)
    assert match(lines, items, few).matches[0].alternatives == ("i1",)
    rivals = [line(number, "100", "INV-0001") for number in range(1, 5)]
    (one,) = match(rivals, [item("a", "100", "INV-0001")], few).matches
    assert one.alternatives == ("line:bank-2",)


def test_the_item_due_first_goes_to_the_line_booked_first():
    items = [item("late", "100", on="2020-10-20"), item("early", "100", on="2020-10-01")]
    lines = [line(1, "100", on="2020-11-20"), line(2, "100", on="2020-11-10")]
    assert [one.item_ids for one in match(lines, items).matches] == [("late",), ("early",)]


def test_an_item_whose_window_has_closed_makes_room():
    items = [item("old", "100", on="2020-01-01"), item("new", "100", on="2020-11-01")]
    made = match([line(1, "100"), line(2, "100", on="2020-02-01")], items)
    assert [one.item_ids for one in made.matches] == [("new",), ("old",)]
    made = match([line(1, "100")], items)
    assert [one.item_ids for one in made.matches] == [("new",)]


def test_nothing_open_in_a_direction_or_currency_is_said():
    made = match([line(1, "5", "X9", **OUT), line(2, "5", currency="USD")], invoices())
    assert reasons(made) == {1: ("unknown.nothing-open",), 2: ("unknown.nothing-open",)}
    made = match([line(1, "5", "SPV-000001", currency="USD")], invoices())
    (step,) = made.unplaced[0].reasons
    assert step.because == "It names invoice:spv/1, which is in GBP; the line is in USD."


def test_a_reference_on_too_many_items_is_said():
    items = [item(f"i{number:02}", f"{number + 1}", "PO-4500") for number in range(20)]
    made = match([line(1, "999", "PO-4500")], items)
    assert reasons(made) == {1: ("unknown.reference-shared", "unknown.too-many-fit")}
    # Its amount still finds one of them.
    (one,) = match([line(1, "7", "PO-4500")], items).matches
    assert (one.item_ids, one.rule) == (("i06",), "exact")


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        ([line(1, "1"), line(1, "2")], []),
        ([], [item("a", "1"), item("a", "2")]),
        ([line(1, "-1")], []),
        ([], [item("a", "0")]),
    ],
)
def test_impossible_input_is_a_programmers_error(lines, items):
    with pytest.raises(AssertionError):
        propose(lines, items, MatchRules())


def test_nothing_is_nothing():
    made = match([], [])
    assert (made.matches, made.unplaced, made.open_item_ids) == ((), (), ())


def test_currencies_are_matched_apart():
    items = [item("gbp", "10", "INV-0001"), item("eur", "10", "INV-0001", currency="EUR")]
    (one,) = match([line(1, "10", "INV-0001", currency="EUR")], items).matches
    assert one.item_ids == ("eur",)
    assert one.left_over == Money(0, "EUR")

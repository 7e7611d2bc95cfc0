"""Payments that came back: of an over-payment, of a whole payment, of a part, of several."""

from app.domain.bank import Direction
from app.domain.matching import MatchRules
from tests.bank_lines import item, line, match, plain, reasons

INVOICE = item("a", "8248", "SPV-000007")
OUT = {"direction": Direction.OUT}
BACK = {"direction": Direction.OUT, "is_return": True, "on": "2020-11-10"}


def earlier(name, amount, *references, **changes):
    """A receipt accepted in an earlier file, as something that may go back out."""
    moved = {"on": "2020-11-01", **OUT, **changes}
    return item(name, amount, *references, is_returnable=True, **moved)


def test_an_over_payment_paid_back_in_the_same_file():
    lines = [line(1, "8500", "SPV-000007"), line(2, "252", "SPV-000007", **OUT)]
    made = match(lines, [INVOICE])
    assert plain(made) == [
        ((1,), ("a",), "over", "reference", 70),
        ((2,), ("line:bank-1",), "matched", "return", 95),
    ]
    (allocation,) = made.matches[1].allocations
    assert str(allocation.amount) == "252.00"


def test_a_returned_payment_leaves_its_own_match_in_place():
    lines = [line(1, "8248", "SPV-000007"), line(2, "8248", "RETURN SPV-000007", **BACK)]
    assert plain(match(lines, [INVOICE])) == [
        ((1,), ("a",), "matched", "exact", 95),
        ((2,), ("line:bank-1",), "matched", "return", 85),
    ]


def test_a_return_is_found_by_the_reference_of_what_was_paid():
    # The payment itself named nothing; its match gave it the invoice's number.
    lines = [line(1, "8248"), line(2, "8248", "SPV-000007", **BACK)]
    made = match(lines, [INVOICE])
    assert made.matches[1].item_ids == ("line:bank-1",)
    assert made.matches[1].score == 95


def test_a_payment_of_an_earlier_file_comes_back():
    items = [earlier("payment:p1", "500", "E2E-1")]
    made = match([line(1, "500", "E2E-1", **BACK)], items)
    assert plain(made) == [((1,), ("payment:p1",), "matched", "return", 95)]
    assert made.open_item_ids == ()
    # Money out that names it and gives back all of it needs no mark from the bank.
    made = match([line(1, "500", "E2E-1", on="2020-11-10", **OUT)], items)
    assert [one.rule for one in made.matches] == ["return"]


def test_only_a_marked_return_may_be_a_part():
    items = [earlier("payment:p1", "500", "E2E-1")]
    made = match([line(1, "200", "E2E-1", **BACK)], items)
    assert plain(made) == [((1,), ("payment:p1",), "part", "return", 70)]
    made = match([line(1, "200", "E2E-1", on="2020-11-10", **OUT)], items)
    assert made.matches == ()
    assert reasons(made) == {1: ("unknown.nothing-open",)}


def test_one_return_of_several_payments_and_several_of_one():
    items = [earlier("payment:p1", "500", "E2E-1"), earlier("payment:p2", "70", "E2E-2")]
    made = match([line(1, "570", "E2E-1 E2E-2", **BACK)], items)
    assert made.matches[0].item_ids == ("payment:p1", "payment:p2")
    lines = [line(1, "300", "E2E-1", **BACK), line(2, "200", "E2E-1", **BACK)]
    made = match(lines, items)
    assert made.matches[0].positions == (1, 2)
    assert made.matches[0].classification == "matched"


def test_a_marked_return_without_a_reference_needs_amount_and_window():
    items = [earlier("payment:p1", "500")]
    for on, matches in [("2020-12-01", True), ("2020-12-02", False), ("2020-10-31", False)]:
        made = match([line(1, "500", **{**BACK, "on": on})], items)
        assert [one.rule for one in made.matches] == ["return"] * matches
        assert reasons(made) == ({} if matches else {1: ("unknown.return",)})
    assert match([line(1, "500", **OUT)], items).matches == ()


def test_nothing_comes_back_before_it_was_paid():
    items = [earlier("payment:p1", "500", "E2E-1", on="2020-11-11")]
    for amount in ("500", "200"):
        made = match([line(1, amount, "E2E-1", **BACK)], items)
        assert made.matches == ()
        assert reasons(made) == {1: ("unknown.return",)}
    rivals = [
        line(1, "500", "E2E-1", **{**BACK, "on": "2020-11-12"}),
        line(2, "500", "E2E-1", **BACK),
    ]
    made = match(rivals, items)
    assert (made.matches[0].positions, made.matches[0].alternatives) == ((1,), ())


def test_a_payment_comes_back_once():
    items = [earlier("payment:p1", "500", "E2E-1")]
    lines = [line(1, "500", "E2E-1", **BACK), line(2, "500", "E2E-1", **BACK)]
    made = match(lines, items)
    assert made.matches[0].alternatives == ("line:bank-2",)
    (step,) = made.unplaced[0].reasons
    assert step.because.endswith("line:bank-1 takes: returned twice?")


def test_returns_are_not_paid_with():
    made = match([line(1, "8248", "SPV-000007", is_return=True)], [INVOICE])
    assert made.matches == ()
    assert made.open_item_ids == ("a",)
    made = match([line(1, "500", **OUT)], [earlier("payment:p1", "500")], MatchRules())
    assert reasons(made) == {1: ("unknown.nothing-open",)}


def test_what_is_left_of_each_over_paying_line_may_come_back():
    lines = [
        line(1, "5000", "SPV-000007"),
        line(2, "5000", "SPV-000007", on="2020-11-06"),
        line(3, "1752", "SPV-000007", on="2020-11-09", **OUT),
    ]
    made = match(lines, [INVOICE])
    assert plain(made) == [
        ((1, 2), ("a",), "over", "split", 70),
        ((3,), ("line:bank-2",), "matched", "return", 95),
    ]

"""Balances folded from entries, trial balances per book, and mirrors that differ."""

import pytest

from app.domain.ledger import Account, AccountType, Entry, EntryKind, Posting
from app.domain.money import Money
from app.payments.balances import balances, mirror_differences, trial_balances
from tests.factories import day, gbp


def entry(number, on, *postings):
    made = tuple(Posting(debit, credit, gbp(amount)) for debit, credit, amount in postings)
    return Entry(number, EntryKind.CLAIM_LINE_APPROVED, f"claim:1/line:{number}", day(on), made)


ENTRIES = [
    entry(
        1,
        "2022-07-11",
        ("council/outcome-expenditure", "council/payable/spv", "6701.50"),
        ("spv/receivable/council", "spv/outcome-income", "6701.50"),
        ("council/grant-receivable/fund", "council/grant-income/fund", "1675.37"),
    ),
    entry(2, "2022-08-11", ("council/payable/spv", "council/cash", "6701.50")),
]
ACCOUNTS = [
    Account("spv/receivable/council", AccountType.ASSET, "council/payable/spv"),
    Account("council/payable/spv", AccountType.LIABILITY, "spv/receivable/council"),
    Account("council/cash", AccountType.ASSET),
]


@pytest.mark.parametrize(
    ("effective_to", "debits", "net"),
    [
        ("2022-07-10", None, None),
        ("2022-07-11", "0.00", "-6701.50"),
        ("2022-08-10", "0.00", "-6701.50"),
        ("2022-08-11", "6701.50", "0.00"),
        (None, "6701.50", "0.00"),
    ],
)
def test_balances_up_to_an_effective_date(effective_to, debits, net):
    folded = balances(ENTRIES, "GBP", day(effective_to) if effective_to else None)
    if net is None:
        assert folded == {}
        return
    payable = folded["council/payable/spv"]
    assert (str(payable.debits), str(payable.credits), str(payable.net)) == (
        debits,
        "6701.50",
        net,
    )


def test_each_book_has_its_own_trial_balance():
    books = trial_balances(balances(ENTRIES[:1], "GBP"), "GBP")
    assert [
        (book.book, str(book.debit_total), str(book.credit_total), len(book.balances))
        for book in books
    ] == [("council", "8376.87", "8376.87", 4), ("spv", "6701.50", "6701.50", 2)]


def test_mirrors_that_agree_have_no_difference():
    assert mirror_differences(balances(ENTRIES[:1], "GBP"), ACCOUNTS, "GBP") == ()
    assert mirror_differences({}, ACCOUNTS, "GBP") == ()


def test_mirrors_that_differ_are_named_once():
    folded = balances(ENTRIES, "GBP")
    (found,) = mirror_differences(folded, ACCOUNTS, "GBP")
    assert (found.account, found.mirror) == ("council/payable/spv", "spv/receivable/council")
    assert (str(found.net), str(found.mirror_net), str(found.difference)) == (
        "0.00",
        "6701.50",
        "6701.50",
    )


def test_another_currency_is_a_programming_error():
    posting = Posting("a/cash", "a/equity", Money(100, "EUR"))
    strange = Entry(1, EntryKind.PAYMENT, "payment:1", day("2022-07-11"), (posting,))
    with pytest.raises(AssertionError):
        balances([strange], "GBP")

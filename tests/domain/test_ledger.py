"""A posting is balanced by shape: a positive amount inside one party's book."""

import pytest

from app.domain.ledger import Account, AccountType, Posting
from app.domain.money import Money


@pytest.mark.parametrize(
    ("debit", "credit", "minor", "told"),
    [
        ("scc/cash", "scc/payable/spv", 0, "positive"),
        ("scc/cash", "scc/payable/spv", -1, "positive"),
        ("scc/cash", "spv/outcome-income", 1, "one party's book"),
    ],
)
def test_what_would_not_balance_cannot_be_written_down(debit, credit, minor, told):
    with pytest.raises(AssertionError, match=told):
        Posting(debit, credit, Money(minor))


def test_an_account_knows_its_book():
    assert Account("scc/payable/spv", AccountType.LIABILITY, "spv/receivable/scc").book == "scc"
    assert Posting("scc/cash", "scc/payable/spv", Money(1)).amount == Money(1)

"""How many persons a claim's approval takes: below, at and above the limit, either sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.payments.approvals import needs_second_approval, second_approval_limit
from tests.factories import gbp, terms


@pytest.mark.parametrize(
    ("payable", "above", "needed"),
    [
        ("49999.99", "50000.00", False),
        ("50000.00", "50000.00", False),
        ("50000.01", "50000.00", True),
        ("-49999.99", "50000.00", False),
        ("-50000.00", "50000.00", False),
        ("-50000.01", "50000.00", True),
        ("0.00", "50000.00", False),
        ("0.00", "0.00", False),
        ("0.01", "0.00", True),
        ("-0.01", "0.00", True),
        ("999999999.99", None, False),
    ],
)
def test_a_penny_above_the_limit_takes_two(payable, above, needed):
    limit = None if above is None else gbp(above)
    assert needs_second_approval(gbp(payable), limit) is needed


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, None),
        ({"claims": {"second_approval_above": None}}, None),
        ({"claims": {"second_approval_above": "0"}}, Money(0)),
        ({"claims": {"second_approval_above": "50000.00"}}, Money(5_000_000)),
        ({"claims": {"second_approval_above": "50000"}, "currency": "JPY"}, Money(50_000, "JPY")),
        ({"claims": {"second_approval_above": "50.5"}, "currency": "JOD"}, Money(50_500, "JOD")),
    ],
)
def test_the_limit_is_an_amount_in_the_contracts_currency(changes, limit):
    assert second_approval_limit(terms(**changes)) == limit


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_the_sign_does_not_matter_and_a_higher_limit_asks_for_no_more(minor, above):
    needed = needs_second_approval(Money(minor), Money(above))
    assert needed is needs_second_approval(Money(-minor), Money(above))
    assert needed or not needs_second_approval(Money(minor), Money(above + 1))

"""How many persons a claim's approval takes: below, at and above the limit, either sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.payments.approvals import (
    ToApprove,
    amount_to_approve,
    lower_limit,
    needs_second_approval,
    second_approval_limit,
    with_its_claim,
)
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


@pytest.mark.parametrize(
    ("own", "beside", "counts_for"),
    [
        ("6000.00", "0.00", "6000.00"),
        ("6000.00", "6000.00", "12000.00"),
        ("-6000.00", "-6000.00", "12000.00"),
        ("-6000.00", "10000.00", "6000.00"),
        ("10000.00", "-6000.00", "10000.00"),
        ("0.00", "10000.00", "10000.00"),
        ("0.01", "-10000.00", "9999.99"),
    ],
)
def test_what_was_approved_before_is_added_and_nothing_counts_for_less_than_itself(
    own, beside, counts_for
):
    assert amount_to_approve(gbp(own), gbp(beside)) == gbp(counts_for)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=9), st.integers(0, 10**10))
def test_nothing_passes_in_parts_that_takes_two_persons_whole(parts, above):
    """However an amount is cut up, some part of it takes two persons if all of it does."""
    limit = Money(above)
    taken = [
        ToApprove(amount_to_approve(Money(part), Money(sum(parts[:place]))), limit).takes_two
        for place, part in enumerate(parts)
    ]
    assert any(taken) is needs_second_approval(Money(sum(parts)), limit)


@pytest.mark.parametrize(
    ("counted", "standing", "moved", "all_in_all"),
    [
        ("6500.00", "6500.00", "6500.00", "13000.00"),
        ("0.01", "6500.00", "0.01", "6500.01"),
        ("10.00", "6500.00", "-10.00", "10.00"),
        ("1200.00", "6500.00", "0.00", "1200.00"),  # a change of split
        ("13000.00", "6500.00", "-13000.00", "13000.00"),
        ("13000.01", "6500.00", "-13000.01", "13000.01"),
        ("10.00", "-6500.00", "-10.00", "6510.00"),
        ("10.00", "-6500.00", "10.00", "10.00"),
        ("9000.00", "6500.00", "500.00", "9000.00"),  # after others, up and down
        ("5.00", "0.00", "5.00", "5.00"),
    ],
)
def test_a_correction_that_makes_its_claim_more_counts_with_it(
    counted, standing, moved, all_in_all
):
    assert with_its_claim(gbp(counted), gbp(standing), gbp(moved)) == gbp(all_in_all)


def test_the_lower_of_two_limits_holds():
    assert lower_limit(None, None) is None
    assert lower_limit(gbp("1.00"), None) == lower_limit(None, gbp("1.00")) == gbp("1.00")
    assert lower_limit(gbp("2.00"), gbp("1.00")) == lower_limit(gbp("1.00"), gbp("2.00"))
    assert lower_limit(gbp("2.00"), gbp("1.00")) == gbp("1.00")

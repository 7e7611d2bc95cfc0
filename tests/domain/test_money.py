"""Money: reading, writing, adding, and the share that is rounded once."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money, Rounding, minor_digits, share_of, total

AMOUNTS = st.integers(0, 10**12)
SHARES = st.fractions(0, 1, max_denominator=10_000)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("6701.50", "GBP", 670150),
        ("6701.5", "GBP", 670150),
        ("6701", "GBP", 670100),
        ("0.01", "GBP", 1),
        ("-0.01", "GBP", -1),
        ("0", "GBP", 0),
        ("1500", "JPY", 1500),
        ("1.234", "BHD", 1234),
    ],
)
def test_reads_a_decimal_string(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("0.001", "GBP"),
        ("1.5", "JPY"),
        ("1.2345", "BHD"),
        ("", "GBP"),
        ("1,000.00", "GBP"),
        ("1e3", "GBP"),
        (".50", "GBP"),
        ("1.", "GBP"),
        ("+1.00", "GBP"),
        (" 1.00", "GBP"),
        ("1.00\n", "GBP"),
        ("\u0661.00", "GBP"),
        ("NaN", "GBP"),
        ("1" * 16, "GBP"),
    ],
)
def test_refuses_anything_else(text, currency):
    with pytest.raises(ValueError, match=r"decimal"):
        Money.parse(text, currency)


@pytest.mark.parametrize(
    ("money", "plain", "readable"),
    [
        (Money(670150), "6701.50", "GBP 6,701.50"),
        (Money(-824800), "-8248.00", "GBP -8,248.00"),
        (Money(1), "0.01", "GBP 0.01"),
        (Money(-5), "-0.05", "GBP -0.05"),
        (Money(0), "0.00", "GBP 0.00"),
        (Money(274475000), "2744750.00", "GBP 2,744,750.00"),
        (Money(1500, "JPY"), "1500", "JPY 1,500"),
        (Money(-1, "BHD"), "-0.001", "BHD -0.001"),
    ],
)
def test_writes_plainly_and_for_people(money, plain, readable):
    assert str(money) == plain
    assert money.readable() == readable


@given(st.integers(-(10**14), 10**14), st.sampled_from(["GBP", "JPY", "BHD"]))
def test_what_is_written_reads_back(minor, currency):
    assert Money.parse(str(Money(minor, currency)), currency) == Money(minor, currency)


def test_adds_subtracts_compares():
    assert Money(2) + Money(3) == Money(5)
    assert Money(2) - Money(3) == Money(-1)
    assert -Money(2) == Money(-2)
    assert Money(2) < Money(3)
    assert Money(3) <= Money(3)
    assert not Money(3) < Money(3)
    assert Money(1)
    assert not Money(0)
    assert minor_digits("GBP") == 2


@pytest.mark.parametrize("act", ["__add__", "__sub__", "__lt__", "__le__"])
def test_currencies_never_mix(act):
    with pytest.raises(AssertionError, match="mixed currencies: GBP and EUR"):
        getattr(Money(1), act)(Money(1, "EUR"))


def test_totals():
    assert total([], "EUR") == Money(0, "EUR")
    assert total([Money(1), Money(2)], "GBP") == Money(3)
    with pytest.raises(AssertionError, match="mixed"):
        total([Money(1)], "EUR")


@pytest.mark.parametrize(
    ("amount", "share", "floor", "half_up"),
    [
        ("6701.50", "1/4", "1675.37", "1675.38"),
        ("1275.50", "1/4", "318.87", "318.88"),
        ("8248.00", "1/4", "2062.00", "2062.00"),
        ("99.99", "1/4", "24.99", "25.00"),
        ("0.01", "1/4", "0.00", "0.00"),
        ("0.02", "1/4", "0.00", "0.01"),
        ("0.01", "1/3", "0.00", "0.00"),
        ("0.02", "1/3", "0.00", "0.01"),
        ("100.00", "0", "0.00", "0.00"),
        ("100.00", "1", "100.00", "100.00"),
    ],
)
def test_a_share_is_rounded_as_named(amount, share, floor, half_up):
    money, fraction = Money.parse(amount), Fraction(share)
    assert share_of(money, fraction, Rounding.FLOOR) == Money.parse(floor)
    assert share_of(money, fraction, Rounding.HALF_UP) == Money.parse(half_up)


def test_a_share_of_a_negative_amount_is_a_mistake():
    with pytest.raises(AssertionError, match="reverse the stored split"):
        share_of(Money(-1), Fraction(1, 4), Rounding.FLOOR)


@given(AMOUNTS, SHARES)
def test_a_share_and_its_remainder_add_up_and_lie_within_a_penny(minor, share):
    amount = Money(minor)
    for rounding in Rounding:
        part = share_of(amount, share, rounding)
        assert part + (amount - part) == amount
        assert 0 <= part.minor <= minor
        assert abs(part.minor - minor * share) < 1
    assert share_of(amount, share, Rounding.FLOOR).minor <= minor * share


@given(AMOUNTS, AMOUNTS, SHARES)
def test_more_money_never_has_a_smaller_share(one, other, share):
    for rounding in Rounding:
        less, more = sorted([one, other])
        assert share_of(Money(less), share, rounding) <= share_of(Money(more), share, rounding)

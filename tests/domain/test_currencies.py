"""Currencies: which there are, and their decimal places, by ISO 4217."""

import re

import pytest

from app.domain.currencies import MINOR_DIGITS
from app.domain.errors import InputInvalid
from app.domain.money import Money
from app.domain.terms.check import parse_terms
from tests.factories import document


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("GBP", 2), ("EUR", 2), ("USD", 2), ("SEK", 2), ("INR", 2), ("ZAR", 2), ("MGA", 2),
        ("JPY", 0), ("ISK", 0), ("VND", 0), ("KRW", 0), ("CLP", 0), ("XOF", 0), ("XPF", 0),
        ("PYG", 0), ("RWF", 0), ("UGX", 0), ("BIF", 0), ("DJF", 0), ("GNF", 0), ("KMF", 0),
        ("BHD", 3), ("JOD", 3), ("KWD", 3), ("OMR", 3), ("TND", 3), ("IQD", 3), ("LYD", 3),
    ],
)  # fmt: skip
def test_decimal_places(currency, digits):
    assert MINOR_DIGITS[currency] == digits
    assert Money.parse("7", currency).minor == 7 * 10**digits


def test_every_code_has_three_capitals():
    assert all(re.fullmatch("[A-Z]{3}", code) for code in MINOR_DIGITS)


@pytest.mark.parametrize("currency", ["XTS", "XAU", "ZZZ", "UKP", "DEM", "CLF"])
def test_terms_name_a_currency_that_is_in_use(currency):
    with pytest.raises(InputInvalid) as refusal:
        parse_terms(document(currency=currency))
    (fault,) = refusal.value.faults
    assert (fault.code, fault.pointer) == ("unknown-currency", "/currency")


def test_terms_in_another_currency_have_its_decimal_places():
    dinars = document(currency="JOD")
    dinars["rate_card"][0]["prices"]["MOVE"] = "6500.125"
    assert parse_terms(dinars).currency == "JOD"

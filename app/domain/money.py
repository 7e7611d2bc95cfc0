"""Money: a whole number of minor units (pence) and an ISO 4217 currency. Never a float."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Self

from app.domain.currencies import MINOR_DIGITS

_DECIMAL = re.compile(r"(-?)(\d{1,15})(?:\.(\d+))?", re.ASCII)


class Rounding(StrEnum):
    """The named roundings of a fraction of a minor unit. Banker's rounding is not offered."""

    FLOOR = "floor"
    HALF_UP = "half_up"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (pence for GBP). Mixing currencies is a programmer's error."""

    minor: int
    currency: str = "GBP"

    @classmethod
    def parse(cls, text: str, currency: str = "GBP") -> Self:
        """Read a decimal string such as "6701.50". Refuses fractions of a minor unit.

        Raises ValueError with a sentence fit for a user. Money.parse("6701.5").minor == 670150.
        """
        match = _DECIMAL.fullmatch(text)
        digits = minor_digits(currency)
        if match is None:
            raise ValueError('write money as a decimal string such as "6701.50"')
        sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
        if len(fraction) > digits:
            raise ValueError(f"{currency} has {digits} decimal places; {text} has more")
        minor = int(whole + fraction.ljust(digits, "0"))
        return cls(-minor if sign else minor, currency)

    def __str__(self) -> str:
        """The plain decimal form used in JSON and CSV: 6701.50."""
        digits = minor_digits(self.currency)
        sign = "-" if self.minor < 0 else ""
        text = str(abs(self.minor)).rjust(digits + 1, "0")
        return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"

    def readable(self) -> str:
        """The form for people: GBP 6,701.50."""
        # Every step of every claim line tells amounts, so this avoids going through __str__.
        digits = minor_digits(self.currency)
        sign = "-" if self.minor < 0 else ""
        whole, part = divmod(abs(self.minor), 10**digits)
        fraction = f".{part:0{digits}d}" if digits else ""
        return f"{self.currency} {sign}{whole:,}{fraction}"

    def __add__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.minor - other.minor, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __lt__(self, other: Self) -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: Self) -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise AssertionError(f"mixed currencies: {self.currency} and {other.currency}")


def minor_digits(currency: str) -> int:
    """How many decimal places a currency has: 2 for GBP, 0 for JPY, 3 for JOD.

    Terms with another code than those of ISO 4217 are refused, so one here is a programmer's error.
    """
    return MINOR_DIGITS[currency]


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts up; nothing to add is zero of the given currency."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result


def share_of(amount: Money, share: Fraction, rounding: Rounding) -> Money:
    """A fraction of a non-negative amount, rounded once to the minor unit.

    Source: terms /funding/rounding. 6,701.50 x 1/4 floors to 1,675.37.
    """
    if amount.minor < 0:
        raise AssertionError("shares are taken of non-negative amounts; reverse the stored split")
    exact = amount.minor * share
    if rounding is Rounding.FLOOR:
        return Money(exact.numerator // exact.denominator, amount.currency)
    doubled = exact * 2 + 1
    return Money(doubled.numerator // (doubled.denominator * 2), amount.currency)

"""What every part of the terms document shares: strict models and the document's small types."""

import re
from datetime import date
from fractions import Fraction
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from app.domain.identity_check import IdentityChecked

EVIDENCE_DEPTH_MAX = 5
"""How many all-of and any-of may stand inside one another: deeper rules cannot be read aloud."""

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONEY = re.compile(r"\d{1,15}(\.\d{1,3})?", re.ASCII)
_DECIMAL_SHARE = re.compile(r"\d{1,3}(\.\d{1,18})?", re.ASCII)
_FRACTION_SHARE = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)


class TermsPart(BaseModel):
    """A frozen part of the terms document; an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


def _day(value: Any) -> Any:
    """Only YYYY-MM-DD; "1577836800" would otherwise be read as seconds since 1970."""
    if isinstance(value, str):
        if _DAY.fullmatch(value) is None:
            raise PydanticCustomError("not_a_date", "Write a date as YYYY-MM-DD.")
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise PydanticCustomError("not_a_date", "The calendar has no such day.") from error
    if isinstance(value, date) and not _FIRST_DAY <= value <= _LAST_DAY:
        raise PydanticCustomError("out_of_range", "Give a date between 1900 and 2199.")
    return value


def _money_text(text: str) -> str:
    if _MONEY.fullmatch(text) is None:
        raise PydanticCustomError(
            "not_an_amount", 'Write an amount as a decimal string of zero or more, as "6701.50".'
        )
    return text


def _share_text(text: str) -> str:
    if not 0 <= share_fraction(text) <= 1:
        raise PydanticCustomError("out_of_range", 'A share lies between "0" and "1".')
    return text


def share_fraction(text: str) -> Fraction:
    """The exact fraction a share stands for: "0.25" or "1/3". Raises ValueError otherwise.

    Exponents are refused: "1e-99999999" would fill the memory with one number.
    """
    fraction = _FRACTION_SHARE.fullmatch(text)
    if fraction is not None and int(fraction.group(2)) > 0:
        return Fraction(int(fraction.group(1)), int(fraction.group(2)))
    if _DECIMAL_SHARE.fullmatch(text) is None:
        raise PydanticCustomError(
            "not_a_share", 'Write a share as a decimal or a fraction, as "0.25" or "1/3".'
        )
    return Fraction(text)


Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day from 1900 to 2199, written YYYY-MM-DD."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,31}$"), IdentityChecked]
"""A metric or activity code: capitals, digits and underscores."""

PartyId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}[a-z0-9]$"), IdentityChecked
]
"""A party's short name inside the contract: lower-case letters, digits and hyphens."""

ListCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$"), IdentityChecked]
"""A value of a code list of the contract, such as a destination or an evidence type."""

Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, strip_whitespace=True),
    IdentityChecked,
]
"""Whole sentences, which stay in the record for ever: nothing that identifies a person."""

MoneyText = Annotated[
    str,
    AfterValidator(_money_text),
    Field(examples=["6701.50"], json_schema_extra={"pattern": f"^{_MONEY.pattern}$"}),
]
"""A non-negative amount in the contract's currency, as a decimal string."""

ShareText = Annotated[
    str,
    AfterValidator(_share_text),
    Field(
        examples=["0.25", "1/3"],
        json_schema_extra={"pattern": f"^({_DECIMAL_SHARE.pattern}|{_FRACTION_SHARE.pattern})$"},
    ),
]
"""A part of a payment between 0 and 1, as an exact decimal or fraction."""

Count = Annotated[int, Field(ge=0, le=10_000_000)]
"""A number of people or outcomes; bounded, so that every document has a canonical JSON form."""


class Identifier(TermsPart):
    """An identifier in a public register: an org-id.guide scheme, or INDIGO.

    The party of the example is "INDIGO-ORG-0006"; a metric's is its row of the project's record,
    "INDIGO-POJ-0181/outcomemetric2".
    """

    scheme: str = Field(pattern=r"^[A-Z][A-Z0-9-]{1,15}$", examples=["GB-COH"])
    id: str = Field(min_length=1, max_length=40, pattern=r"^\S+$", examples=["INDIGO-ORG-0006"])

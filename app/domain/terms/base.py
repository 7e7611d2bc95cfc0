"""What every part of the terms document shares: strict models and the document's small types."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.domain.money import Money


class TermsPart(BaseModel):
    """A frozen part of the terms document; an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


def _money_text(text: str) -> str:
    if Money.parse(text, "BHD").minor < 0:
        raise ValueError("the amount must not be negative")
    return text


def _share_text(text: str) -> str:
    share = share_fraction(text)
    if not 0 <= share <= 1:
        raise ValueError('a share lies between "0" and "1"')
    return text


def share_fraction(text: str) -> Fraction:
    """The exact fraction a share stands for: "0.25" or "1/3"."""
    try:
        return Fraction(text) if "/" in text else Fraction(Decimal(text))
    except (ValueError, ZeroDivisionError, InvalidOperation, OverflowError) as error:
        raise ValueError('write a share as a decimal or fraction, such as "0.25"') from error


Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,31}$")]
"""A metric or edition code: capitals, digits and underscores."""

PartyId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}[a-z0-9]$")]
"""A party's short name inside the contract: lower-case letters, digits and hyphens."""

ListCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
"""A value of a code list of the contract, such as a destination or an evidence type."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]

MoneyText = Annotated[str, AfterValidator(_money_text), Field(examples=["6701.50"])]
"""A non-negative amount in the contract's currency, as a decimal string."""

ShareText = Annotated[
    str, StringConstraints(max_length=40), AfterValidator(_share_text), Field(examples=["0.25"])
]
"""A part of a payment between 0 and 1, as an exact decimal or fraction."""

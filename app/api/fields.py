"""The small types of the HTTP edge: identifiers, days, money, text. Each carries its example."""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.domain.currencies import MINOR_DIGITS
from app.domain.errors import Fault
from app.domain.identity_check import IdentityChecked
from app.domain.money import Money, minor_digits
from app.domain.working import Step

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

CONTRACT_PATTERN = r"^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$"
RECORD_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
PARTY_PATTERN = r"^[a-z][a-z0-9-]{1,30}[a-z0-9]$"
PERSON_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
METRIC_PATTERN = r"^[A-Z][A-Z0-9_]{1,31}$"
CODE_PATTERN = r"^[a-z][a-z0-9_]{0,47}$"


def _day(value: Any) -> date:
    """Only YYYY-MM-DD in text: a number or an instant is not a day."""
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise PydanticCustomError("not_a_date", "Write a date as YYYY-MM-DD, in quotes.")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("not_a_date", "The calendar has no such day.") from error
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise PydanticCustomError("out_of_range", "Give a date between 1900 and 2199.")
    return day


def printable(text: str) -> str:
    """The text, if it has no control characters but tabs and line breaks."""
    if _UNPRINTABLE.search(text):
        raise PydanticCustomError(
            "control_character", "Remove the control characters from this text."
        )
    return text


class Received(BaseModel):
    """What a caller sends: an unknown field is refused, and nothing is converted ("74" to 74)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answered(BaseModel):
    """What a caller gets: every field always present, null where there is nothing to say."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2021-07-15"]}),
]
"""A calendar day that a caller writes as YYYY-MM-DD."""

DayOut = Annotated[
    date, WithJsonSchema({"type": "string", "format": "date", "examples": ["2021-07-15"]})
]
"""A calendar day in an answer."""

Instant = Annotated[
    str,
    Field(
        description="An instant in UTC, RFC 3339 with microseconds.",
        examples=["2021-08-02T09:30:00.000000Z"],
        json_schema_extra={"format": "date-time"},
    ),
]
Currency = Annotated[str, Field(description="An ISO 4217 currency code.", examples=["GBP"])]
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(
        description="A SHA-256 in lower-case hexadecimal.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
Note = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000),
    AfterValidator(printable),
    IdentityChecked,
    Field(
        description="A free text of 1 to 2000 characters, without anything that identifies a "
        "participant. The journal holds only its digest.",
        examples=["The letter is dated and signed."],
    ),
]
Code = Annotated[
    str,
    StringConstraints(pattern=CODE_PATTERN),
    IdentityChecked,
    Field(description="A code of the contract's terms.", examples=["tenancy"]),
]
MetricCode = Annotated[
    str,
    StringConstraints(pattern=METRIC_PATTERN),
    Field(description="The code of a metric in the contract's terms.", examples=["S06"]),
]
Party = Annotated[
    str,
    StringConstraints(pattern=PARTY_PATTERN),
    Field(description="The id of a party in the contract's terms.", examples=["provider"]),
]
Person = Annotated[
    str,
    Field(description="The work identifier of the person who acted.", examples=["verifier-2"]),
]
RecordId = Annotated[
    str,
    StringConstraints(pattern=RECORD_PATTERN),
    Field(
        description="The identifier of a record of this contract.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    ),
]
Pseudonym = Annotated[
    str,
    StringConstraints(pattern=RECORD_PATTERN),
    Field(
        description="The provider's own pseudonym for a participant; never a name, a date of "
        "birth, an NHS number or a postcode.",
        examples=["P-0042"],
    ),
]
ContractSlug = Annotated[
    str,
    StringConstraints(pattern=CONTRACT_PATTERN),
    Field(
        description="The contract's id: 3 to 64 lower-case letters, digits and hyphens.",
        examples=["promoting-independence"],
    ),
]
Version = Annotated[
    int,
    Field(
        description="The version of this record, which is also its ETag: the sequence of the last "
        "journal record that changed it.",
        examples=[12],
    ),
]
NextCursor = Annotated[
    str | None,
    Field(
        description="Send it as `cursor` for the next page; null on the last.",
        examples=["WyJQLTAwNDIiXQ"],
    ),
]
Sequence = Annotated[
    int, Field(description="The sequence of a record in the contract's journal.", examples=[12])
]


class RecordWarning(Answered):
    """Something that was recorded and that the terms do not know, with its place in the request."""

    code: str = Field(
        description="A stable code, explained at /problems/{code}.",
        examples=["destination-not-qualifying"],
    )
    pointer: str = Field(
        description="JSON pointer (RFC 6901) into the body that was sent.",
        examples=["/events/0/destination"],
    )
    message: str = Field(
        description="What to look at, in a sentence.",
        examples=[
            '"castle" is no qualifying destination under the terms: the move will not count.'
        ],
    )

    @classmethod
    def of(cls, fault: Fault) -> Self:
        """From a warning of the service."""
        return cls(code=fault.code, pointer=fault.pointer, message=fault.message)


class StepOut(Answered):
    """One step of a calculation or decision, recorded when it was made."""

    rule: str = Field(description="A stable code of the rule.", examples=["price"])
    because: str = Field(
        description="The step in a sentence.",
        examples=["S06 is priced at GBP 10,000.00 in edition v1."],
    )
    refs: list[str] = Field(
        description="What it rests on: event:, evidence:, entitlement:, terms:<version>#<pointer>.",
        examples=[["terms:1#/rate_card/0/prices/S06"]],
    )

    @classmethod
    def of(cls, step: Step) -> Self:
        """From the step as recorded."""
        return cls(rule=step.rule, because=step.because, refs=list(step.refs))


class Amount(Answered):
    """An amount of money: an exact decimal string and its currency, never a JSON number."""

    amount: str = Field(
        description="The amount in the currency's main unit, with all its decimal places.",
        examples=["6701.50"],
        pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,3})?$",
    )
    currency: Currency

    @classmethod
    def of(cls, money: Money) -> Self:
        """An amount from the service's money: 670150 pence are "6701.50" GBP."""
        return cls(amount=str(money), currency=money.currency)


class AmountIn(Received):
    """An amount of money that a caller gives: a decimal string and its currency."""

    amount: str = Field(
        description="The amount in the currency's main unit, as text.",
        examples=["6701.50"],
        pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,3})?$",
    )
    currency: str = Field(
        description="An ISO 4217 currency code.", examples=["GBP"], pattern=r"^[A-Z]{3}$"
    )

    @model_validator(mode="after")
    def _in_coins(self) -> Self:
        """A currency in use, and no fraction of its smallest coin."""
        if self.currency not in MINOR_DIGITS:
            raise PydanticCustomError("unknown_currency", "There is no such currency in use.")
        digits = minor_digits(self.currency)
        if len(self.amount.partition(".")[2]) > digits:
            raise PydanticCustomError(
                "too_many_decimals", "The currency has fewer decimal places than this."
            )
        return self

    def money(self) -> Money:
        """The amount as the service's money."""
        return Money.parse(self.amount, self.currency)


ShownCount = Annotated[
    int | Literal["<5"],
    Field(
        description="How many outcomes, net of those taken back. To a party that may see nobody "
        'a count below 5 is shown as "<5", and so is the next smallest where only one is.',
        examples=[12],
    ),
]
LinesWithheld = Annotated[
    bool,
    Field(
        description="Whether lines about people whom the reader may not see are left out.",
        examples=[False],
    ),
]


def shown_count(count: int | None) -> int | Literal["<5"]:
    """A count as it is shown; None is one that is withheld."""
    return "<5" if count is None else count


ContractPath = Annotated[
    str,
    Path(
        description="The contract's id.",
        pattern=CONTRACT_PATTERN,
        examples=["promoting-independence"],
    ),
]
ParticipantPath = Annotated[
    str,
    Path(description="The pseudonym.", pattern=RECORD_PATTERN, examples=["P-0042"]),
]
RecordPath = Annotated[
    str,
    Path(
        description="The record's id.",
        pattern=RECORD_PATTERN,
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    ),
]
NumberPath = Annotated[
    int, Path(description="The record's number, from 1.", ge=1, le=2**31 - 1, examples=[1])
]
PartyPath = Annotated[
    str,
    Path(
        description="The id of a party in the contract's terms.",
        pattern=PARTY_PATTERN,
        examples=["council"],
    ),
]

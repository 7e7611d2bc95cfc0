"""Shapes of the reconciliation page: the ties, and how every line of every file ended."""

from typing import Self

from pydantic import Field

from app.api.fields import Amount, Answered, Currency, Instant, Party
from app.api.schemas_imports import ImportOut, Source
from app.domain.bank import Classification, Direction
from app.domain.journal import instant_text
from app.domain.money import Money
from app.domain.reconciliation import LineState
from app.payments.ties import Figure, Part, Side, Tie
from app.service.reconciliation import Reconciliation
from app.storage.import_faults import FaultCount
from app.storage.import_lines import LineCount


class TieRecord(Answered):
    """One record of a part, listed where the sides differ on its key."""

    key: str = Field(description="What the sides are compared by.", examples=["claim:9/scc"])
    ref: str = Field(description="The record.", examples=["invoice:spv/9"])
    amount: Amount

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """From the figure."""
        return cls(key=figure.key, ref=figure.ref, amount=Amount.of(figure.amount))


class TiePart(Answered):
    """A named part of a side: its total, and the records of keys that differ."""

    name: str = Field(description="What it adds up.", examples=["credit notes"])
    subtracted: bool = Field(description="Whether it is taken off.", examples=[True])
    total: Amount
    records: list[TieRecord]

    @classmethod
    def of(cls, part: Part, *, subtracted: bool) -> Self:
        """From the part."""
        return cls(
            name=part.name,
            subtracted=subtracted,
            total=Amount.of(part.total),
            records=[TieRecord.of(one) for one in part.records],
        )


class TieSide(Answered):
    """One side of a tie."""

    name: str = Field(description="What it is.", examples=["invoices less credit notes"])
    amount: Amount
    parts: list[TiePart]

    @classmethod
    def of(cls, side: Side, amount: Money) -> Self:
        """From the side and what it comes to."""
        return cls(
            name=side.name,
            amount=Amount.of(amount),
            parts=[
                *(TiePart.of(part, subtracted=False) for part in side.parts),
                *(TiePart.of(part, subtracted=True) for part in side.less),
            ],
        )


class TieCause(Answered):
    """A key on which two sides differ: both amounts, why, and the records."""

    key: str = Field(description="What they are compared by.", examples=["claim:9/scc"])
    left: Amount
    right: Amount
    difference: Amount
    because: str = Field(
        description="The cause in a sentence.",
        examples=["claim:9/scc is in approved claims and not in invoices less credit notes."],
    )
    refs: list[str] = Field(description="The records behind it.", examples=[["claim:9"]])


class TieOut(Answered):
    """Two sides that must be equal. `unexplained` is what the causes leave of the difference."""

    name: str = Field(
        description="entitlements, invoiced, posted, paid, fund or mirrors.", examples=["invoiced"]
    )
    holds: bool = Field(description="Whether they are equal for every key.", examples=[False])
    left: TieSide
    right: TieSide
    difference: Amount
    unexplained: Amount
    causes: list[TieCause] = Field(description="The first 1,000 of them.")

    @classmethod
    def of(cls, tie: Tie) -> Self:
        """From the tie."""
        return cls(
            name=tie.name,
            holds=tie.holds,
            left=TieSide.of(tie.left, tie.left_amount),
            right=TieSide.of(tie.right, tie.right_amount),
            difference=Amount.of(tie.difference),
            unexplained=Amount.of(tie.unexplained),
            causes=[
                TieCause(
                    key=cause.key,
                    left=Amount.of(cause.left),
                    right=Amount.of(cause.right),
                    difference=Amount.of(cause.difference),
                    because=cause.because,
                    refs=list(cause.refs),
                )
                for cause in tie.causes
            ],
        )


class LineCountOut(Answered):
    """How many lines of an account are alike, and what they move."""

    party: Party
    source: Source
    classification: Classification = Field(description="How they end.", examples=["matched"])
    state: LineState = Field(description="Where they stand.", examples=["accepted"])
    direction: Direction = Field(description="As the account's owner sees it.", examples=["in"])
    count: int = Field(description="Lines.", examples=[9])
    amount: Amount

    @classmethod
    def of(cls, counted: LineCount) -> Self:
        """From the count."""
        return cls(
            party=counted.party,
            source=counted.source,
            classification=counted.classification,
            state=counted.state,
            direction=counted.direction,
            count=counted.count,
            amount=Amount.of(counted.amount),
        )


class FaultCountOut(Answered):
    """How many parts of an account's files could not be read and are alike."""

    party: Party
    source: Source
    code: str = Field(
        description="What is wrong. Of a whole statement: `statement-cut-off` (its end or a page "
        "is missing) or `balances-differ` (its lines do not lead to its closing balance).",
        examples=["statement-cut-off"],
    )
    classification: Classification = Field(
        description="unknown, or ignored once a person has left them out.", examples=["unknown"]
    )
    state: LineState = Field(description="open or ignored.", examples=["open"])
    count: int = Field(description="Parts of files.", examples=[1])

    @classmethod
    def of(cls, counted: FaultCount) -> Self:
        """From the count."""
        is_ignored = counted.state is LineState.IGNORED
        return cls(
            party=counted.party,
            source=counted.source,
            code=counted.code,
            classification=Classification.IGNORED if is_ignored else Classification.UNKNOWN,
            state=counted.state,
            count=counted.count,
        )


class ReconciliationOut(Answered):
    """Whether all records of a contract tie together, why not, and how every line ended."""

    known_at: Instant
    currency: Currency
    holds: bool = Field(description="Whether every tie holds.", examples=[False])
    ties: list[TieOut]
    lines: list[LineCountOut] = Field(description="Every imported line is counted once.")
    faults: list[FaultCountOut] = Field(
        description="Every part of a file that could not be read is counted once."
    )
    imports: list[ImportOut]

    @classmethod
    def of(cls, found: Reconciliation) -> Self:
        """From the service's page."""
        return cls(
            known_at=instant_text(found.known_at),
            currency=found.currency,
            holds=all(tie.holds for tie in found.ties),
            ties=[TieOut.of(tie) for tie in found.ties],
            lines=[LineCountOut.of(one) for one in found.lines],
            faults=[FaultCountOut.of(one) for one in found.faults],
            imports=[ImportOut.of(one) for one in found.imports],
        )

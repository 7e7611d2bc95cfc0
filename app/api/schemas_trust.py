"""Shapes of explanations, journal records and the check of the whole record."""

from typing import Self

from pydantic import Field

from app.api.fields import (
    Amount,
    Answered,
    DayOut,
    Instant,
    NextCursor,
    Party,
    Person,
    Sequence,
    Sha256,
    StepOut,
)
from app.domain.journal import instant_text
from app.payments.explain import Trace
from app.service.checks import Check, Verified
from app.storage.views import RecordTold


class TraceOut(Answered):
    """A figure or decision, the steps that led to it, and what those steps rest on."""

    kind: str = Field(
        description="A noun: entry, posting, claim_line, entitlement, submission, evidence, event.",
        examples=["entitlement"],
    )
    id: str = Field(
        description="Names it among its kind.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    )
    title: str = Field(
        description="What it is, in words.", examples=["S06 of P-0042, achieved 2021-07-15"]
    )
    amount: Amount | None
    steps: list[StepOut]
    children: list["TraceOut"] = Field(
        description="What it rests on, each explained in the same way.", examples=[[]]
    )

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """From the service's trace."""
        return cls(
            kind=trace.kind,
            id=trace.id,
            title=trace.title,
            amount=Amount.of(trace.amount) if trace.amount is not None else None,
            steps=[StepOut.of(step) for step in trace.steps],
            children=[TraceOut.of(child) for child in trace.children],
        )


class RecordOut(Answered):
    """One record of the journal: what happened, when it took effect, when and by whom recorded."""

    sequence: Sequence
    kind: str = Field(description="What happened, in the past tense.", examples=["claim_approved"])
    effective_date: DayOut
    recorded_at: Instant
    party: Party
    person: Person
    payload: str | None = Field(
        description="The rows that the record added, as canonical JSON text (RFC 8785), exactly "
        "as hashed; null where they may be about people whom the reader may not see.",
        examples=['{"acceptances":[{"version":1}]}'],
    )
    previous_hash: Sha256
    hash: Sha256

    @classmethod
    def of(cls, record: RecordTold) -> Self:
        """From the stored record."""
        return cls(
            sequence=record.sequence,
            kind=record.kind,
            effective_date=record.effective_date,
            recorded_at=instant_text(record.recorded_at),
            party=record.actor.party,
            person=record.actor.person,
            payload=record.payload,
            previous_hash=record.previous_hash,
            hash=record.hash,
        )


class RecordPage(Answered):
    """Journal records in the order of the chain, and where the next page starts."""

    items: list[RecordOut]
    next_cursor: NextCursor


class CheckOut(Answered):
    """One check of the record: how much it looked at, and what it found."""

    name: str = Field(description="The check.", examples=["chain"])
    looked_at: str = Field(description="What it looked at.", examples=["journal records"])
    count: int = Field(description="How many of them.", examples=[412])
    found: int = Field(description="How many differences.", examples=[0])
    differences: list[str] = Field(
        description="The first 1000 differences, each naming its row.", examples=[[]]
    )

    @classmethod
    def of(cls, check: Check) -> Self:
        """From the service's check."""
        return cls(
            name=check.name,
            looked_at=check.looked_at,
            count=check.count,
            found=check.found,
            differences=list(check.differences),
        )


class VerifiedOut(Answered):
    """What verifying a contract found, at which head of its journal."""

    contract_id: str = Field(description="The contract.", examples=["promoting-independence"])
    intact: bool = Field(description="Whether no check found a difference.", examples=[True])
    sequence: Sequence
    hash: Sha256
    checks: list[CheckOut]
    differences_withheld: bool = Field(
        description="Whether differences are only counted, because the rows they name may be about "
        "people whom the reader may not see.",
        examples=[False],
    )

    @classmethod
    def of(cls, found: Verified) -> Self:
        """From the service's answer."""
        return cls(
            contract_id=found.contract_id,
            intact=found.intact,
            sequence=found.sequence,
            hash=found.hash,
            checks=[CheckOut.of(check) for check in found.checks],
            differences_withheld=found.differences_withheld,
        )

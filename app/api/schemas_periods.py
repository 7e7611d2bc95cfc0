"""Shapes of periods, their closes, and the statements that a hard close froze."""

from typing import Literal, Self

from pydantic import Field

from app.api.fields import Answered, DayOut, Instant, NextCursor, Note, Party, Received, Sha256
from app.api.schemas_claims import PeriodOut
from app.api.schemas_statements import (
    MirrorOut,
    MovementOut,
    PriorPeriodOut,
    StatementClaimOut,
    StatementLineOut,
    StatementPosting,
)
from app.domain.journal import instant_text
from app.domain.period_close import CloseLevel, PeriodKind, PeriodState
from app.service.periods import PeriodView
from app.storage.periods import FrozenStatement, StoredDecision


class NewClose(Received):
    """A close of a period."""

    level: Literal["soft", "hard"] = Field(
        description="soft: late items need a reason, and it can be reopened. hard: for good, with "
        "a frozen statement for every book.",
        examples=["soft"],
    )
    note: Note | None = None


class NewReopening(Received):
    """A reopening of a soft-closed period, with its reason."""

    note: Note


class PeriodDecisionOut(Answered):
    """A close or reopening of a period."""

    close_number: int = Field(
        description="The contract's closes and reopenings are numbered from 1.", examples=[1]
    )
    level: CloseLevel = Field(description="What was decided.", examples=["hard"])
    decided_on: DayOut
    party: Party
    person: str = Field(description="Who decided.", examples=["finance-officer-1"])
    recorded_at: Instant

    @classmethod
    def of(cls, stored: StoredDecision) -> Self:
        """From the stored decision."""
        return cls(
            close_number=stored.decision.close_number,
            level=stored.decision.level,
            decided_on=stored.decided_on,
            party=stored.by.party,
            person=stored.by.person,
            recorded_at=instant_text(stored.recorded_at),
        )


class PeriodStateOut(Answered):
    """A period of the contract, how it stands, and every decision on it."""

    kind: PeriodKind = Field(description="Quarter, or year to 31 March.", examples=["quarter"])
    period: PeriodOut
    state: PeriodState = Field(description="How it stands.", examples=["hard"])
    decisions: list[PeriodDecisionOut]
    version: int = Field(
        description="The journal record of the last decision, for If-Match; 0 before the first.",
        examples=[41],
    )

    @classmethod
    def of(cls, view: PeriodView, version: int | None = None) -> Self:
        """From the service's view; `version` is that of the record just written."""
        return cls(
            kind=view.kind,
            period=PeriodOut.of(view.period),
            state=view.state,
            decisions=[PeriodDecisionOut.of(one) for one in view.decisions],
            version=view.version if version is None else version,
        )


class PeriodPage(Answered):
    """Periods in order, and where the next page starts."""

    items: list[PeriodStateOut]
    next_cursor: NextCursor


class FrozenOut(Answered):
    """A frozen statement without its document: its number, period and seal."""

    party: Party
    statement_number: int = Field(
        description="A party's frozen statements are numbered from 1 without gaps.", examples=[1]
    )
    kind: PeriodKind = Field(description="Quarter, or year to 31 March.", examples=["quarter"])
    period: PeriodOut
    known_through: int = Field(
        description="The journal record up to which the ledger was known.", examples=[40]
    )
    sha256: Sha256
    recorded_at: Instant

    @classmethod
    def of(cls, stored: FrozenStatement) -> Self:
        """From the stored statement."""
        return cls(
            party=stored.book,
            statement_number=stored.statement_number,
            kind=stored.kind,
            period=PeriodOut.of(stored.period),
            known_through=stored.known_through,
            sha256=stored.sha256,
            recorded_at=instant_text(stored.recorded_at),
        )


class FrozenPage(Answered):
    """Frozen statements in order of their numbers, and where the next page starts."""

    items: list[FrozenOut]
    next_cursor: NextCursor


class KnownThrough(Answered):
    """The journal record up to which the ledger was known, and that record's hash."""

    sequence: int = Field(description="The record.", examples=[40])
    hash: Sha256


class FrozenDocument(Answered):
    """A frozen statement's document: canonical JSON (RFC 8785), the same bytes for ever."""

    format: Literal["outcomes-statement/1"] = Field(
        description="The form of the document.", examples=["outcomes-statement/1"]
    )
    contract_id: str = Field(description="The contract.", examples=["promoting-independence"])
    party: Party
    statement_number: int = Field(description="Its number for the party.", examples=[1])
    kind: PeriodKind = Field(description="Quarter, or year to 31 March.", examples=["quarter"])
    period: PeriodOut
    known_at: Instant
    known_through: KnownThrough
    accounts: list[MovementOut]
    lines: list[StatementLineOut]
    prior_period_adjustments: PriorPeriodOut
    posted_later: list[StatementPosting]
    mirrors: list[MirrorOut]
    claims: list[StatementClaimOut]

"""Shapes of the access log and of what auditors read out of it."""

from typing import Literal, Self

from pydantic import Field

from app.api.fields import Answered, Instant, NextCursor, Sha256
from app.domain.journal import instant_text
from app.service.accesses import Action
from app.storage.access_log import SeenBy, StoredAccess

_WHO = Field(description="Who: a principal's id, or the person named.", examples=["worker-1"])
_PARTY = Field(description="For which party, if one is known.", examples=["provider"])
_CODE = Field(description="The code of a refusal.", examples=["role-not-permitted"])


class AccessOut(Answered):
    """One look at people's data, one file taken away, one refusal, or one change of who may act."""

    chain: str = Field(
        description="The contract; empty for those who have no role on it.",
        examples=["promoting-independence"],
    )
    sequence: int = Field(description="The entry's number in its chain.", examples=[7])
    at: Instant
    who: str = _WHO
    party: str | None = _PARTY
    operation: str = Field(description="The operation's id.", examples=["getParticipant"])
    participants: list[str] | None = Field(
        description="Whose data was given or asked for; null: any of the contract's.",
        examples=[["P-0042"]],
    )
    contract_id: str | None = Field(
        description="Which contract it concerns.", examples=["promoting-independence"]
    )
    outcome: Literal["allowed", "refused", "recorded"] = Field(
        description="Whether it was; recorded: a change of who may act.", examples=["allowed"]
    )
    code: str | None = _CODE
    detail: str | None = Field(
        description="What was recorded, as an object of JSON: ids, roles and dates.",
        examples=['{"grant_id":"0192f0c1-7e3a-7c55-9d0a"}'],
    )
    previous_hash: Sha256
    hash: Sha256

    @classmethod
    def of(cls, stored: StoredAccess) -> Self:
        """From the service's entry."""
        return cls.model_validate(stored.document())


class AccessPage(Answered):
    """Entries by chain and number, and where the next page starts."""

    items: list[AccessOut]
    next_cursor: NextCursor


class SeenByOut(Answered):
    """That somebody was given a participant's data."""

    who: str = _WHO
    party: str = Field(description="For which party; empty: unknown.", examples=["provider"])
    operations: list[str] = Field(description="In which ways.", examples=[["getParticipant"]])
    times: int = Field(description="How often.", examples=[3])
    by_name: int = Field(
        description="How often with an answer that names the participant; the others were whole "
        "lists or files, which may.",
        examples=[2],
    )
    first_at: Instant
    last_at: Instant

    @classmethod
    def of(cls, seen: SeenBy) -> Self:
        """From the service's finding."""
        return cls.model_validate(
            {
                "who": seen.who,
                "party": seen.party,
                "operations": list(seen.operations),
                "times": seen.times,
                "by_name": seen.by_name,
                "first_at": instant_text(seen.first_at),
                "last_at": instant_text(seen.last_at),
            }
        )


class SeenByList(Answered):
    """Who has seen a participant, in order of who."""

    items: list[SeenByOut]


class ActionOut(Answered):
    """One thing that somebody did."""

    at: Instant
    did: Literal["read", "recorded", "refused"] = Field(
        description="Recorded in the journal or, as an operator, in the access log; read, or "
        "refused, in the access log.",
        examples=["recorded"],
    )
    what: str = Field(
        description="The journal record's kind, or the operation.", examples=["claim_approved"]
    )
    number: int = Field(description="The record's or the entry's number.", examples=[12])
    party: str = Field(description="For which party; empty: unknown.", examples=["council"])
    code: str | None = _CODE

    @classmethod
    def of(cls, action: Action) -> Self:
        """From the service's action."""
        return cls.model_validate(
            {
                "at": instant_text(action.at),
                "did": action.did,
                "what": action.what,
                "number": action.number,
                "party": action.party,
                "code": action.code,
            }
        )


class ActionPage(Answered):
    """What somebody did, in order of time, and where the next page starts."""

    items: list[ActionOut]
    next_cursor: NextCursor

"""Shapes of who may act for whom on a contract."""

from typing import Literal, Self

from pydantic import Field

from app.api.fields import Answered, DayOut, Instant, NextCursor
from app.api.schemas_access import PrincipalId, RoleName
from app.domain.journal import instant_text
from app.storage.standing import Standing


class StandingOut(Answered):
    """A role that somebody has, will have or had for a party of the contract."""

    grant_id: str = Field(description="The grant's id.", examples=["0192f0c1-7e3a-7c55-9d0a"])
    principal_id: PrincipalId
    kind: Literal["person", "client", "group"] = Field(
        description="A person, a machine, or a group with all its members.", examples=["client"]
    )
    organisation: str = Field(
        description="To whom the holder belongs, as the operator registered it.",
        examples=["Example Housing"],
    )
    party: str = Field(description="For which party.", examples=["provider"])
    role: RoleName
    from_date: DayOut
    to_date: DayOut | None
    granted_by: str = Field(description="Who granted it.", examples=["command-line"])
    granted_at: Instant
    ended_at: Instant | None
    confirmation: Literal["first", "awaited", "given"] = Field(
        description="Whether a person of the party has confirmed it. `first`: nobody was there to, "
        "or its holder delegated it, and it counts; `awaited`: it does not count yet.",
        examples=["given"],
    )
    confirmed_by: str | None = Field(
        description="Who confirmed it.", examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"]
    )
    confirmed_at: Instant | None

    @classmethod
    def of(cls, one: Standing) -> Self:
        """From the service's standing."""
        told = {
            name: None if instant is None else instant_text(instant)
            for name, instant in (
                ("granted_at", one.granted_at),
                ("ended_at", one.ended_at),
                ("confirmed_at", one.confirmed_at),
            )
        }
        names = ("grant_id", "principal_id", "organisation", "party", "from_date", "to_date")
        more = ("granted_by", "confirmation", "confirmed_by")
        return cls.model_validate(
            {name: getattr(one, name) for name in (*names, *more)}
            | {"kind": one.kind.value, "role": one.role.value}
            | told
        )


class StandingPage(Answered):
    """Grants on a contract in order of their ids, ended ones too."""

    items: list[StandingOut]
    next_cursor: NextCursor

"""Shapes of delegations: a role given to a colleague for some days."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from app.api.fields import (
    AmountIn,
    Answered,
    ContractSlug,
    Day,
    DayOut,
    Instant,
    NextCursor,
    Party,
    Received,
    printable,
)
from app.api.schemas_access import GrantId, LimitOut, PrincipalId, RoleName, limit_out
from app.domain.delegation import DAYS_MAX
from app.domain.identity_check import IdentityChecked
from app.domain.journal import instant_text
from app.service.delegations import NewDelegation
from app.storage.grants import StoredGrant

Reason = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(printable),
    IdentityChecked,
    Field(
        description="Why, in 1 to 200 characters, without anything that identifies a participant.",
        examples=["Annual leave"],
    ),
]
GrantHeld = Annotated[
    str,
    StringConstraints(max_length=64),
    Field(
        description="The grant that is delegated; GET /v1/session shows the caller's own.",
        examples=["0192f0c1-6b21-7a10-8c3e"],
    ),
]


class DelegationIn(Received):
    """A role to give to a colleague for some days. It is never changed: end it, give another."""

    grant_id: GrantHeld
    principal_id: PrincipalId
    from_date: Day = Field(description="The first day, in UTC: today or later.")
    to_date: Day = Field(
        description=f"The last day, included; at most {DAYS_MAX} days with the first."
    )
    reason: Reason
    approval_limit: AmountIn | None = Field(
        default=None, description="Lower than the grant's own; left out: the same."
    )

    def asked(self) -> NewDelegation:
        """As the service has it."""
        limit = None if self.approval_limit is None else self.approval_limit.money()
        return NewDelegation(
            self.grant_id, self.principal_id, self.from_date, self.to_date, self.reason, limit
        )


class DelegationOut(Answered):
    """A role as delegated."""

    grant_id: GrantId
    delegated_from: GrantHeld
    delegated_by: PrincipalId
    principal_id: PrincipalId
    role: RoleName
    contract_id: ContractSlug
    party: Party
    from_date: DayOut
    to_date: DayOut
    approval_limit: LimitOut
    reason: Reason
    granted_by: str = Field(
        description="Who recorded it: the delegator, or command-line.", examples=["command-line"]
    )
    granted_at: Instant
    ended_at: Annotated[
        Instant | None,
        Field(
            description="Since when it counts no more: it, the grant it comes from or the "
            "delegator's access was ended."
        ),
    ]

    @classmethod
    def of(cls, stored: StoredGrant) -> Self:
        """From the delegation as the service has it."""
        grant = stored.grant
        return cls.model_validate(
            {
                "grant_id": grant.grant_id,
                "delegated_from": grant.delegated_from,
                "delegated_by": grant.delegated_by,
                "principal_id": stored.principal_id,
                "role": grant.role.value,
                "contract_id": grant.contract_id,
                "party": grant.party,
                "from_date": grant.from_date,
                "to_date": grant.to_date,
                "approval_limit": limit_out(grant),
                "reason": stored.reason,
                "granted_by": stored.granted_by,
                "granted_at": instant_text(stored.granted_at),
                "ended_at": None if stored.ended_at is None else instant_text(stored.ended_at),
            }
        )


class DelegationPage(Answered):
    """Delegations in order of their ids, ended ones too."""

    items: list[DelegationOut]
    next_cursor: NextCursor

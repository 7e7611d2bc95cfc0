"""Shapes of signing in and out, and of setting a local account up."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from app.api.fields import Answered, DayOut, Received
from app.api.schemas_access import (
    ContractOrNone,
    GrantId,
    Kind,
    LimitOut,
    PartyOrNone,
    PrincipalId,
    RoleName,
    SignInName,
    limit_out,
)
from app.domain.access import Grant, Principal
from app.service.accounts import Enrolment

Password = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    Field(description="A password.", examples=["four words nobody joins"]),
]
OneTimeCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    Field(
        description="The six digits that the authenticator app shows, or a recovery code.",
        examples=["492039"],
    ),
]
SetupToken = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128),
    Field(
        description="The invitation that the operator handed over.",
        examples=["KcW3XkqJ0mS2oYb1vT8nEw4hRz6uLdPaQfGiVxBjMsI"],
    ),
]


class NewSession(Received):
    """Name, password and a code of a local account."""

    sign_in_name: SignInName
    password: Password
    code: OneTimeCode


class RoleOut(Answered):
    """A role that the caller has now."""

    grant_id: GrantId
    role: RoleName
    contract_id: ContractOrNone
    party: PartyOrNone
    writes: bool = Field(description="Whether the credential may write too.", examples=[True])
    to_date: DayOut | None
    approval_limit: LimitOut
    delegated_by: str | None = Field(
        description="Who delegated it; null for a role of the caller's own, or of a group.",
        examples=["0192f0c1-5a10-7e01-9b2f"],
    )

    @classmethod
    def of(cls, grant: Grant) -> Self:
        """From the grant in force."""
        return cls(
            grant_id=grant.grant_id,
            role=grant.role.value,
            contract_id=grant.contract_id,
            party=grant.party,
            writes=grant.writes,
            to_date=grant.to_date,
            approval_limit=limit_out(grant),
            delegated_by=grant.delegated_by,
        )


class SessionOut(Answered):
    """Who is asking, and what they may do now."""

    principal_id: PrincipalId
    kind: Kind
    organisation: str = Field(description="The organisation.", examples=["Sheffield City Council"])
    roles: list[RoleOut]
    csrf_token: str | None = Field(
        description="What writing requests of this session send as CSRF-Token; null for a key or "
        "token.",
        examples=["5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"],
    )

    @classmethod
    def of(cls, principal: Principal, csrf_token: str | None) -> Self:
        """From the principal of the request."""
        return cls(
            principal_id=principal.id,
            kind=principal.kind.value,
            organisation=principal.organisation,
            roles=[RoleOut.of(grant) for grant in principal.grants],
            csrf_token=csrf_token,
        )


class SessionStarted(Answered):
    """That a session has begun; its cookie comes with the answer."""

    csrf_token: str = Field(
        description="What writing requests of this session send as CSRF-Token.",
        examples=["5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"],
    )


class SignedOut(Answered):
    """How many sessions have ended."""

    sessions_ended: int = Field(description="Sessions that were open.", examples=[1])


class SetupIn(Received):
    """An invitation."""

    setup_token: SetupToken


class SetupOut(Answered):
    """What the owner of an account enters into an authenticator app."""

    sign_in_name: SignInName
    totp_secret: str = Field(
        description="The secret in base 32, to type.", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"]
    )
    totp_address: str = Field(
        description="The otpauth:// address, to show as a QR code.",
        examples=["otpauth://totp/Outcomes%20Ledger:officer-2?secret=JBSWY3DPEHPK3PXP"],
    )

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        """From the invitation's secret."""
        return cls(
            sign_in_name=enrolment.sign_in_name,
            totp_secret=enrolment.totp_secret,
            totp_address=enrolment.totp_address,
        )


class NewAccountSecrets(Received):
    """The password chosen, and a code that shows the app to work."""

    setup_token: SetupToken
    password: Password
    code: OneTimeCode


class RecoveryCodesOut(Answered):
    """Codes each of which replaces the app once. They cannot be shown again."""

    recovery_codes: list[str] = Field(
        description="Keep them where the app is not.", examples=[["3f2a9c4e7b1d6058a4c2"]]
    )


class NewPassword(Received):
    """A change of one's own password."""

    current_password: Password
    password: Password

"""Shapes of principals, grants, API keys and invitations."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from app.api.fields import (
    Amount,
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
from app.domain.access import Grant
from app.domain.journal import instant_text
from app.service.access import Known
from app.service.accounts import Invitation
from app.service.api_keys import (
    LIFE_DEFAULT_DAYS,
    LIFE_MAX_DAYS,
    OVERLAP_DEFAULT_HOURS,
    OVERLAP_MAX_HOURS,
    NewKey,
    ends_at,
)
from app.storage.api_keys import StoredKey
from app.storage.grants import StoredGrant
from app.storage.principals import Identity

SIGN_IN_NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

Label = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(printable)]
PrincipalId = Annotated[
    str,
    StringConstraints(max_length=64),
    Field(
        description="The principal's id, by which the journal names whoever acted.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    ),
]
GrantId = Annotated[
    str,
    StringConstraints(max_length=64),
    Field(description="The grant's id.", examples=["0192f0c1-7e3a-7c55-9d0a"]),
]
LimitOut = Annotated[
    Amount | None,
    Field(description="The most that may be approved under it; null: any amount."),
]
KeyId = Annotated[str, Field(description="The key's id.", examples=["9f86d081884c7d65"])]
SignInName = Annotated[
    str,
    StringConstraints(pattern=SIGN_IN_NAME_PATTERN),
    Field(description="The name of a local account; no e-mail address.", examples=["officer-2"]),
]
Kind = Annotated[
    Literal["person", "client", "group"],
    Field(description="A person, a machine, or a group of people.", examples=["client"]),
]
RoleName = Annotated[
    Literal[
        "provider",
        "verifier",
        "approver",
        "commissioner_finance",
        "investor_finance",
        "fund",
        "auditor",
        "operator",
    ],
    Field(description="The role.", examples=["verifier"]),
]
ContractOrNone = Annotated[
    ContractSlug | None, Field(description="The contract; null for an operator.")
]
PartyOrNone = Annotated[Party | None, Field(description="The party; null for an operator.")]


def limit_out(grant: Grant) -> Amount | None:
    """A grant's approval limit as it is answered."""
    return None if grant.approval_limit is None else Amount.of(grant.approval_limit)


class IdentityIn(Received):
    """By what an identity provider knows somebody."""

    issuer: str = Field(
        description="The issuer, exactly as in the providers file.",
        max_length=500,
        examples=["https://login.microsoftonline.com/7d2c/v2.0"],
    )
    kind: Literal["subject", "client", "group", "app_role"] = Field(
        description="Of a person its subject, of a machine its client id, of a group its id or the "
        "value of an app role.",
        examples=["client"],
    )
    value: str = Field(
        description="The subject, client id, group id or app role.",
        min_length=1,
        max_length=255,
        examples=["c0ffee00-1234-4cde-8f00-0123456789ab"],
    )

    def identity(self) -> Identity:
        """As the service has it."""
        return Identity(self.issuer, self.kind, self.value)


class IdentityOut(Answered):
    """By what an identity provider knows somebody."""

    issuer: str = Field(
        description="The issuer.", examples=["https://login.microsoftonline.com/7d2c/v2.0"]
    )
    kind: str = Field(description="subject, client, group or app_role.", examples=["client"])
    value: str = Field(description="The value.", examples=["c0ffee00-1234-4cde-8f00-0123456789ab"])


class NewPrincipal(Received):
    """A person, a machine or a group to register."""

    kind: Kind
    name: Label = Field(
        description="How operators recognise it: a work identifier, never a participant.",
        examples=["Case system of the provider"],
    )
    organisation: Label = Field(
        description="The organisation it belongs to.", examples=["South Yorkshire Housing"]
    )
    identity: IdentityIn | None = Field(
        default=None, description="Left out for local accounts and for machines with API keys."
    )


class PrincipalOut(Answered):
    """A principal as registered."""

    principal_id: PrincipalId
    kind: Kind
    name: str = Field(
        description="How operators recognise it.", examples=["Case system of the provider"]
    )
    organisation: str = Field(description="The organisation.", examples=["South Yorkshire Housing"])
    identities: list[IdentityOut]
    sign_in_name: str | None = Field(
        description="The name of its local account, if it has one.", examples=["officer-2"]
    )
    created_by: str = Field(description="Who registered it.", examples=["command-line"])
    created_at: Instant
    ended_at: Instant | None

    @classmethod
    def of(cls, known: Known) -> Self:
        """From the principal as the service has it."""
        stored = known.principal
        return cls(
            principal_id=stored.principal_id,
            kind=stored.kind.value,
            name=stored.name,
            organisation=stored.organisation,
            identities=[
                IdentityOut(issuer=one.issuer, kind=one.kind, value=one.value)
                for one in known.identities
            ],
            sign_in_name=known.sign_in_name,
            created_by=stored.created_by,
            created_at=instant_text(stored.created_at),
            ended_at=None if stored.ended_at is None else instant_text(stored.ended_at),
        )


class PrincipalPage(Answered):
    """Principals in order of their ids."""

    items: list[PrincipalOut]
    next_cursor: NextCursor


class NewGrant(Received):
    """A role to grant. A grant is never changed: end it and grant another."""

    principal_id: PrincipalId
    role: RoleName
    contract_id: ContractSlug | None = Field(
        default=None, description="The contract, which may be created later; none for an operator."
    )
    party: Party | None = Field(default=None, description="The party; none for an operator.")
    from_date: Day | None = Field(
        default=None, description="The first day, in UTC; left out: today."
    )
    to_date: Day | None = Field(
        default=None, description="The last day, included; left out: until it is ended."
    )
    approval_limit: AmountIn | None = Field(
        default=None,
        description="The most that an approver may approve, or the commissioner's finance ask of "
        "a fund; left out: any amount.",
    )


class GrantOut(Answered):
    """A role as granted."""

    grant_id: GrantId
    principal_id: PrincipalId
    role: RoleName
    contract_id: ContractOrNone
    party: PartyOrNone
    from_date: DayOut
    to_date: DayOut | None
    approval_limit: LimitOut
    delegated_from: str | None = Field(
        description="The grant that it is a delegation of; it counts while that one does.",
        examples=["0192f0c1-6b21-7a10-8c3e"],
    )
    granted_by: str = Field(description="Who granted it.", examples=["command-line"])
    granted_at: Instant
    ended_at: Instant | None

    @classmethod
    def of(cls, stored: StoredGrant) -> Self:
        """From the grant as the service has it."""
        grant = stored.grant
        return cls(
            grant_id=grant.grant_id,
            principal_id=stored.principal_id,
            role=grant.role.value,
            contract_id=grant.contract_id,
            party=grant.party,
            from_date=grant.from_date,
            to_date=grant.to_date,
            approval_limit=limit_out(grant),
            delegated_from=grant.delegated_from,
            granted_by=stored.granted_by,
            granted_at=instant_text(stored.granted_at),
            ended_at=None if stored.ended_at is None else instant_text(stored.ended_at),
        )


class GrantPage(Answered):
    """Grants in order of their ids, ended ones too."""

    items: list[GrantOut]
    next_cursor: NextCursor


class NewApiKey(Received):
    """An API key to make."""

    name: Label = Field(description="What it is for.", examples=["nightly submission"])
    scopes: list[str] = Field(
        description="A role and read or write, each; they narrow what the machine is granted.",
        max_length=16,
        examples=[["provider:write"]],
    )
    days: int = Field(
        default=LIFE_DEFAULT_DAYS,
        description=f"For how many days it counts, 1 to {LIFE_MAX_DAYS}.",
        ge=1,
        le=LIFE_MAX_DAYS,
        examples=[90],
    )


class NewRotation(Received):
    """A key's successor to make."""

    overlap_hours: int = Field(
        default=OVERLAP_DEFAULT_HOURS,
        description=f"For how many hours both count, 0 to {OVERLAP_MAX_HOURS}.",
        ge=0,
        le=OVERLAP_MAX_HOURS,
        examples=[24],
    )
    days: int = Field(
        default=LIFE_DEFAULT_DAYS,
        description=f"For how many days the successor counts, 1 to {LIFE_MAX_DAYS}.",
        ge=1,
        le=LIFE_MAX_DAYS,
        examples=[90],
    )


class ApiKeyOut(Answered):
    """An API key without its secret, of which only a hash is kept."""

    key_id: KeyId
    principal_id: PrincipalId
    name: str = Field(description="What it is for.", examples=["nightly submission"])
    scopes: list[str] = Field(description="What it may do.", examples=[["provider:write"]])
    replaces: str | None = Field(
        description="The key whose successor it is.", examples=["1b4f0e9851971998"]
    )
    created_by: str = Field(description="Who made it.", examples=["command-line"])
    created_at: Instant
    ends_at: Instant

    @classmethod
    def of(cls, key: StoredKey) -> Self:
        """From the key as the service has it."""
        return cls(
            key_id=key.key_id,
            principal_id=key.principal_id,
            name=key.name,
            scopes=list(key.scopes),
            replaces=key.replaces,
            created_by=key.created_by,
            created_at=instant_text(key.created_at),
            ends_at=instant_text(ends_at(key)),
        )


class ApiKeyMade(Answered):
    """A key that has been made, with its secret: it is shown this once."""

    api_key: str = Field(
        description="Send it as Authorization: Bearer. It cannot be shown again.",
        examples=["olk.9f86d081884c7d65.KcW3XkqJ0mS2oYb1vT8nEw4hRz6uLdPaQfGiVxBjMsI"],
    )
    key: ApiKeyOut

    @classmethod
    def of(cls, made: NewKey) -> Self:
        """From the key as it was made."""
        return cls(api_key=made.text, key=ApiKeyOut.of(made.key))


class ApiKeyList(Answered):
    """The keys of a machine, in the order in which they were made."""

    items: list[ApiKeyOut]


class NewAccount(Received):
    """A local account to open for a registered person."""

    principal_id: PrincipalId
    sign_in_name: SignInName


class InvitationOut(Answered):
    """An invitation to set a local account up, to be handed to its owner over a safe way."""

    principal_id: PrincipalId
    sign_in_name: SignInName
    setup_token: str = Field(
        description="Counts once; it cannot be shown again.",
        examples=["KcW3XkqJ0mS2oYb1vT8nEw4hRz6uLdPaQfGiVxBjMsI"],
    )
    expires_at: Instant

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """From the invitation as it was made."""
        return cls(
            principal_id=invitation.principal_id,
            sign_in_name=invitation.sign_in_name,
            setup_token=invitation.setup_token,
            expires_at=instant_text(invitation.expires_at),
        )


class UnlockedOut(Answered):
    """An account whose owner need not wait any more."""

    sign_in_name: SignInName

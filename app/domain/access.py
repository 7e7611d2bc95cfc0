"""Who may act: principals, and the roles granted to them per contract and party, with dates.

A grant is given and ended by an operator, never changed; a longer or shorter one is a new grant.
Its holder may delegate it for some days (app/domain/delegation.py). Its days are days in UTC,
because a service holds contracts of several time zones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.domain.errors import Fault, InputInvalid
from app.domain.money import Money


class AccessRole(StrEnum):
    """What a grant lets its holder do for a party of a contract. `operator` is of the service."""

    PROVIDER = "provider"
    VERIFIER = "verifier"
    APPROVER = "approver"
    COMMISSIONER_FINANCE = "commissioner_finance"
    INVESTOR_FINANCE = "investor_finance"
    FUND = "fund"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class PrincipalKind(StrEnum):
    """A person, a machine (client), or a group or app role of an identity provider."""

    PERSON = "person"
    CLIENT = "client"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for a party of a contract, from a day up to and including another.

    An operator's grant has neither contract nor party. `writes` is False where the credential at
    hand (an API key scoped to reading) may only read. A delegation names the grant it comes from
    and that grant's holder, the delegator. `approval_limit` is the highest amount that its holder
    approves under it (of a claim or correction, or asked of a fund); None: any. `through_group`: it
    is a group's and not a person's.
    """

    grant_id: str
    contract_id: str | None
    party: str | None
    role: AccessRole
    from_date: date
    to_date: date | None = None
    writes: bool = True
    delegated_from: str | None = None
    delegated_by: str | None = None
    approval_limit: Money | None = None
    through_group: bool = False

    def in_force(self, day: date) -> bool:
        """Whether the grant counts on a day: both of its days are within it.

        From 1 April to 30 April: not on 31 March, on 1 April, on 30 April, not on 1 May.
        """
        return self.from_date <= day and (self.to_date is None or day <= self.to_date)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an API key may use of its holder's grants: one role, for reading or writing too."""

    role: AccessRole
    writes: bool

    def __str__(self) -> str:
        """As people write it: provider:write."""
        return f"{self.role}:{'write' if self.writes else 'read'}"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever makes a request, with the grants in force at that instant.

    `id` is stable and opaque: it is what the journal names. `trusted` marks a request of the demo
    or of this machine, whose acting headers are believed instead of a credential. `groups` are the
    ids of the groups that the credential names: their grants are among these.
    """

    id: str
    kind: PrincipalKind
    organisation: str
    grants: tuple[Grant, ...]
    trusted: bool = False
    groups: frozenset[str] = frozenset()

    @property
    def is_operator(self) -> bool:
        """Whether the principal runs the service. That gives no access to any contract."""
        return any(grant.role is AccessRole.OPERATOR for grant in self.grants)

    @property
    def operates(self) -> bool:
        """Whether the principal runs the service by a credential that may write too."""
        return any(grant.role is AccessRole.OPERATOR and grant.writes for grant in self.grants)

    @property
    def contracts(self) -> frozenset[str]:
        """The contracts on which the principal holds any role."""
        return frozenset(grant.contract_id for grant in self.grants if grant.contract_id)

    def on(self, contract_id: str) -> tuple[Grant, ...]:
        """The principal's grants on one contract."""
        return tuple(grant for grant in self.grants if grant.contract_id == contract_id)

    def parties_on(self, contract_id: str) -> tuple[str, ...]:
        """The parties of one contract for which the principal holds a role, in order."""
        return tuple(sorted({grant.party for grant in self.on(contract_id) if grant.party}))


def parse_scopes(texts: Sequence[str]) -> tuple[Scope, ...]:
    """Scopes as people write them. "provider:write" is all that a provider may do.

    Raises InputInvalid `scope-unknown` for every text that is none, and for no scope at all.
    """
    every = [Scope(role, writes) for role in AccessRole for writes in (False, True)]
    known = {str(scope): scope for scope in every}
    faults = [
        Fault("scope-unknown", f"/scopes/{at}", "Write a role and read or write: auditor:read.")
        for at, text in enumerate(texts)
        if text not in known
    ]
    if not texts:
        faults = [Fault("scope-unknown", "/scopes", "Give at least one scope.")]
    if faults:
        raise InputInvalid(faults)
    return tuple(known[text] for text in texts)


def narrowed(grants: Iterable[Grant], scopes: Iterable[Scope]) -> tuple[Grant, ...]:
    """The grants that a key with these scopes may use; writing only where a scope says so.

    Grants as provider and as auditor, key scoped "provider:read": the provider's, reading only.
    """
    writes: dict[AccessRole, bool] = {}
    for scope in scopes:
        writes[scope.role] = writes.get(scope.role, False) or scope.writes
    return tuple(
        replace(grant, writes=grant.writes and writes[grant.role])
        for grant in grants
        if grant.role in writes
    )

"""What operators do: register people, machines and groups, and grant them roles with dates."""

from dataclasses import dataclass
from datetime import date

from app.domain.access import AccessRole, Grant, PrincipalKind
from app.domain.delegation import limit_faults
from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.money import Money
from app.domain.sight import Sight
from app.service.reception import Readable, Reception
from app.storage import accounts, contracts, grants, principals, sessions
from app.storage.engine import UnitOfWork
from app.storage.grants import StoredGrant
from app.storage.principals import Identity, StoredPrincipal
from app.storage.scope import NOTHING, Scope

BY_COMMAND_LINE = "command-line"
"""Who gave a grant from the machine itself, where no operator needs to exist yet."""

KINDS = {
    PrincipalKind.PERSON: frozenset({"subject"}),
    PrincipalKind.CLIENT: frozenset({"client"}),
    PrincipalKind.GROUP: frozenset({"group", "app_role"}),
}
"""Which kinds of identity each kind of principal has."""


@dataclass(frozen=True, slots=True)
class Known:
    """A principal with its identities and the name of its local account."""

    principal: StoredPrincipal
    identities: tuple[Identity, ...]
    sign_in_name: str | None


def register(
    reception: Reception,
    *,
    kind: PrincipalKind,
    name: str,
    organisation: str,
    identity: Identity | None,
    by: str,
    dry_run: bool = False,
) -> Known:
    """Register a person, a machine or a group. A group has an identity; the others may have none
    and get a local account or an API key.

    Raises InputInvalid `identity-kind` and `issuer-unknown`, RuleRefused `identity-taken`.
    """
    _check_identity(reception, kind, identity)
    now = reception.clock()
    stored = StoredPrincipal(reception.new_id(), kind, name, organisation, by, now)

    def work(uow: UnitOfWork) -> Known:
        principals.add(uow.connection, stored)
        if identity is not None:
            principals.add_identity(uow.connection, identity, stored.principal_id, by, now)
        return Known(stored, () if identity is None else (identity,), None)

    return reception.write(work, dry_run=dry_run)


def add_identity(
    reception: Reception, principal_id: str, identity: Identity, by: str, *, dry_run: bool = False
) -> Known:
    """Let a principal be known by one more identity, such as that of a new identity provider.

    Raises as `register` does.
    """
    now = reception.clock()

    def work(uow: UnitOfWork) -> Known:
        _check_identity(reception, principals.get(uow.connection, principal_id).kind, identity)
        principals.add_identity(uow.connection, identity, principal_id, by, now)
        return _known(uow, principal_id)

    return reception.write(work, dry_run=dry_run)


def end_principal(
    reception: Reception, principal_id: str, by: str, *, dry_run: bool = False
) -> Known:
    """Shut a principal out at once and for good: tokens, keys and sessions stop counting."""
    now = reception.clock()

    def work(uow: UnitOfWork) -> Known:
        principals.get(uow.connection, principal_id)
        principals.end(uow.connection, principal_id, by, now)
        sessions.end_all(uow.connection, principal_id, now)
        return _known(uow, principal_id)

    return reception.write(work, dry_run=dry_run)


def get_principal(reception: Reception, principal_id: str) -> Known:
    """One principal. Raises NotFound `principal-unknown`."""
    with reception.reading() as uow:
        return _known(uow, principal_id)


def list_principals(reception: Readable, after: str = "", limit: int = 50) -> list[Known]:
    """Principals in order of their ids."""
    with reception.reading() as uow:
        found = principals.page(uow.connection, after, limit)
        known = principals.identities_of(uow.connection, [one.principal_id for one in found])
        return [
            Known(
                one,
                tuple(known.get(one.principal_id, ())),
                accounts.name_of(uow.connection, one.principal_id),
            )
            for one in found
        ]


def grant(
    reception: Reception,
    *,
    principal_id: str,
    contract_id: str | None,
    party: str | None,
    role: AccessRole,
    from_date: date | None,
    to_date: date | None,
    by: str,
    approval_limit: Money | None = None,
    dry_run: bool = False,
) -> StoredGrant:
    """Grant a role from a day (default: today) up to and including another (default: no end).

    An operator's role is of the service: it takes no contract and no party; every other takes both.
    An approver's may have a limit: up to 10,000.00, a claim of 10,000.01 is another's to approve.
    The party is one that some version of the contract's terms names, in force or not, source: terms
    /parties. Before the first version any is taken, since it takes a role to bring the terms in.
    Raises InputInvalid `grant-place`, `party-not-in-terms`, `dates-out-of-order`,
    `limit-not-approver`, `limit-not-positive`; NotPermitted `grant-to-self`; RuleRefused
    `principal-ended`.
    """
    if principal_id == by:
        raise NotPermitted("grant-to-self", "Nobody grants a role to themselves; ask another.")
    start = from_date or reception.today
    _check_place(role, contract_id, party)
    if to_date is not None and to_date < start:
        message = "The last day is before the first."
        raise InputInvalid([Fault("dates-out-of-order", "/to_date", message)])
    if faults := limit_faults(role, approval_limit):
        raise InputInvalid(faults)
    given = Grant(
        reception.new_id(),
        contract_id,
        party,
        role,
        start,
        to_date,
        approval_limit=approval_limit,
    )
    stored = StoredGrant(given, principal_id, by, reception.clock())

    def work(uow: UnitOfWork) -> StoredGrant:
        if principals.get(uow.connection, principal_id).ended_at is not None:
            raise RuleRefused("principal-ended", "The principal has been shut out already.")
        if contract_id is not None:
            _check_party(uow, contract_id, party)
        grants.add(uow.connection, stored)
        return stored

    return reception.write(work, dry_run=dry_run)


def end_grant(
    reception: Reception, grant_id: str, by: str, *, dry_run: bool = False
) -> StoredGrant:
    """End a grant at once. For another last day, grant the role again with it."""
    now = reception.clock()

    def work(uow: UnitOfWork) -> StoredGrant:
        grants.get(uow.connection, grant_id)
        grants.end(uow.connection, grant_id, by, now)
        return grants.get(uow.connection, grant_id)

    return reception.write(work, dry_run=dry_run)


def list_grants(
    reception: Readable,
    after: str = "",
    limit: int = 50,
    *,
    principal_id: str | None = None,
    contract_id: str | None = None,
) -> list[StoredGrant]:
    """Grants in order of their ids, ended ones too; of a principal or a contract if named."""
    with reception.reading() as uow:
        return grants.page(
            uow.connection, after, limit, principal_id=principal_id, contract_id=contract_id
        )


def _check_identity(reception: Reception, kind: PrincipalKind, identity: Identity | None) -> None:
    if identity is None:
        if kind is PrincipalKind.GROUP:
            message = "A group is known by its identity: give `group` or `app_role`."
            raise InputInvalid([Fault("identity-kind", "/identity", message)])
        return
    if identity.kind not in KINDS[kind]:
        message = f"A {kind.value} is known by: {', '.join(sorted(KINDS[kind]))}."
        raise InputInvalid([Fault("identity-kind", "/identity/kind", message)])
    if identity.issuer not in {one.provider.issuer for one in reception.issuers.values()}:
        message = "No identity provider of this service has that issuer; write it as set up."
        raise InputInvalid([Fault("issuer-unknown", "/identity/issuer", message)])


def _check_place(role: AccessRole, contract_id: str | None, party: str | None) -> None:
    of_service = role is AccessRole.OPERATOR
    message = "An operator has no contract and no party; every other role has both."
    faults = [
        Fault("grant-place", f"/{name}", message)
        for name, value in (("contract_id", contract_id), ("party", party))
        if (value is None) is not of_service
    ]
    if faults:
        raise InputInvalid(faults)


def _check_party(uow: UnitOfWork, contract_id: str, party: str | None) -> None:
    """Refuse a party that no version of the terms names: nobody could see or do anything for it."""
    uow.look(Scope(contract_id, "", Sight.PERSON, service=True))
    versions = contracts.versions(uow.connection, contract_id)
    uow.look(NOTHING)
    parties = {one.id for version in versions for one in version.terms.parties}
    if parties and party not in parties:
        have = ", ".join(sorted(parties))
        message = f"The contract's terms do not name that party; they name: {have}."
        raise InputInvalid([Fault("party-not-in-terms", "/party", message)])


def _known(uow: UnitOfWork, principal_id: str) -> Known:
    stored = principals.get(uow.connection, principal_id)
    known = principals.identities_of(uow.connection, [principal_id])
    name = accounts.name_of(uow.connection, principal_id)
    return Known(stored, tuple(known.get(principal_id, ())), name)

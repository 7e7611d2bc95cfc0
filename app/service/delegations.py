"""Cover for somebody on leave: giving a role to a colleague for some days, and taking it back."""

from dataclasses import dataclass
from datetime import date

from app.domain.access import Principal, PrincipalKind
from app.domain.delegation import delegated
from app.domain.errors import InputInvalid, NotFound, NotPermitted, RuleRefused
from app.domain.money import Money
from app.domain.pseudonym import identity_fault
from app.service.reception import Reception
from app.storage import grants, principals
from app.storage.engine import Connection, UnitOfWork
from app.storage.grants import StoredGrant
from app.storage.principals import StoredPrincipal


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """What is delegated to whom: a grant of one's own, for days that are both included, and why.

    `approval_limit` is lower than the grant's own; None: the same.
    """

    grant_id: str
    to: str
    from_date: date
    to_date: date
    reason: str
    approval_limit: Money | None = None


def delegate(
    reception: Reception, asked: NewDelegation, by: str, *, own_only: bool, dry_run: bool = False
) -> StoredGrant:
    """Delegate a grant to a colleague. With `own_only`, it has to be a grant of `by` themselves.

    Who ends it early is the delegator or an operator. Raises NotFound `grant-unknown` for a grant
    of anybody else, `principal-unknown`; NotPermitted `delegation-to-self`, `people-only`,
    `delegate-elsewhere`, `grant-not-delegable`; RuleRefused `grant-ended`, `principal-ended`;
    InputInvalid as `delegated` says, and for a reason that holds what identifies a participant.
    """
    if fault := identity_fault(asked.reason, "/reason"):
        raise InputInvalid([fault])
    grant_id, now = reception.new_id(), reception.clock()

    def work(uow: UnitOfWork) -> StoredGrant:
        parent = grants.get(uow.connection, asked.grant_id)
        if own_only and parent.principal_id != by:
            raise NotFound("grant-unknown", "You have no grant with that id.")
        _require_colleagues(uow.connection, parent.principal_id, asked.to)
        given = delegated(
            parent.grant,
            grant_id,
            parent.principal_id,
            (asked.from_date, asked.to_date),
            asked.approval_limit,
            now.date(),
        )
        if parent.ended_at is not None:
            raise RuleRefused("grant-ended", "The grant has been ended already.")
        stored = StoredGrant(given, asked.to, by, now, None, asked.reason)
        grants.add(uow.connection, stored)
        return stored

    return reception.write(work, dry_run=dry_run)


def end_delegation(
    reception: Reception, grant_id: str, by: Principal, *, dry_run: bool = False
) -> StoredGrant:
    """End a delegation at once: the delegator takes it back, or an operator does.

    Raises NotFound `delegation-unknown` for anybody else's; NotPermitted `reading-only` for an
    operator whose key only reads; RuleRefused `grant-ended`.
    """
    now = reception.clock()

    def work(uow: UnitOfWork) -> StoredGrant:
        stored = _find(uow.connection, grant_id)
        if stored is None or not (by.is_operator or stored.grant.delegated_by == by.id):
            raise NotFound("delegation-unknown", "There is no delegation with that id.")
        if stored.grant.delegated_by != by.id and not by.operates:
            raise NotPermitted("reading-only", "This key may only read.")
        grants.end(uow.connection, grant_id, by.id, now)
        return grants.get(uow.connection, grant_id)

    return reception.write(work, dry_run=dry_run)


def list_delegations(
    reception: Reception, after: str = "", limit: int = 50, *, of: str | None = None
) -> list[StoredGrant]:
    """Delegations in order of their ids, ended ones too: all, or those that `of` gave or has."""
    with reception.reading() as uow:
        return grants.delegations(uow.connection, after, limit, of)


def _find(connection: Connection, grant_id: str) -> StoredGrant | None:
    try:
        stored = grants.get(connection, grant_id)
    except NotFound:
        return None
    return stored if stored.grant.delegated_from is not None else None


def _require_colleagues(connection: Connection, delegator: str, delegate: str) -> None:
    """Two people of one organisation, both still let in."""
    if delegator == delegate:
        raise NotPermitted("delegation-to-self", "Nobody delegates to themselves.")
    giver, taker = principals.get(connection, delegator), principals.get(connection, delegate)
    if not _is_person(giver) or not _is_person(taker):
        raise NotPermitted(
            "people-only",
            "Only people delegate, and only to people; an operator grants a machine or a group "
            "its own role.",
        )
    if giver.organisation != taker.organisation:
        raise NotPermitted(
            "delegate-elsewhere",
            "A role is delegated within one organisation; an operator grants one to another's "
            "people.",
        )
    if giver.ended_at is not None or taker.ended_at is not None:
        raise RuleRefused("principal-ended", "The principal has been shut out already.")


def _is_person(principal: StoredPrincipal) -> bool:
    return principal.kind is PrincipalKind.PERSON

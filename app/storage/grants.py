"""Roles granted to principals, delegations of them, and their ends. A grant is never changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Text,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from app.domain.access import AccessRole, Grant, PrincipalKind
from app.domain.errors import NotFound, RuleRefused
from app.domain.money import Money
from app.storage.access_tables import (
    grant_confirmations,
    grant_ends,
    grants,
    principal_ends,
    principals,
)


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant with its holder, who gave it and when, and the instant from which it is ended.

    A delegation has a `reason`. It counts no more once the grant it comes from does not.
    """

    grant: Grant
    principal_id: str
    granted_by: str
    granted_at: datetime
    ended_at: datetime | None = None
    reason: str | None = None


def add(connection: Connection, stored: StoredGrant) -> None:
    """Record a grant."""
    grant = stored.grant
    row = {
        "grant_id": grant.grant_id,
        "principal_id": stored.principal_id,
        "contract_id": grant.contract_id,
        "party": grant.party,
        "role": grant.role.value,
        "from_date": grant.from_date,
        "to_date": grant.to_date,
        "granted_by": stored.granted_by,
        "granted_at": stored.granted_at,
        "delegated_from": grant.delegated_from,
        "reason": stored.reason,
        "limit_minor": None if grant.approval_limit is None else grant.approval_limit.minor,
        "limit_currency": None if grant.approval_limit is None else grant.approval_limit.currency,
    }
    connection.execute(insert(grants).values(row))


def end(connection: Connection, grant_id: str, by: str, now: datetime) -> None:
    """End a grant at once. Raises RuleRefused `grant-ended` if that is done."""
    row = {"grant_id": grant_id, "ended_by": by, "ended_at": now}
    ended = connection.execute(
        insert_or_leave(grant_ends)
        .values(row)
        .on_conflict_do_nothing()
        .returning(grant_ends.c.grant_id)
    )
    if ended.first() is None:
        raise RuleRefused("grant-ended", "The grant has been ended already.")


def get(connection: Connection, grant_id: str) -> StoredGrant:
    """One grant. Raises NotFound `grant-unknown`."""
    row = connection.execute(_SELECT.where(grants.c.grant_id == grant_id)).first()
    if row is None:
        raise NotFound("grant-unknown", "There is no grant with that id.")
    return _stored(row)


def page(
    connection: Connection,
    after: str,
    limit: int,
    *,
    principal_id: str | None = None,
    contract_id: str | None = None,
) -> list[StoredGrant]:
    """Grants in order of their ids, ended ones included; of a principal or a contract if named."""
    query = _SELECT.where(grants.c.grant_id > after)
    if principal_id is not None:
        query = query.where(grants.c.principal_id == principal_id)
    if contract_id is not None:
        query = query.where(grants.c.contract_id == contract_id)
    rows = connection.execute(query.order_by(grants.c.grant_id).limit(limit))
    return [_stored(row) for row in rows]


def delegations(
    connection: Connection, after: str, limit: int, of: str | None
) -> list[StoredGrant]:
    """Delegations in order of their ids, ended ones included; all, or those `of` gave or has."""
    query = _SELECT.where(grants.c.grant_id > after, grants.c.delegated_from.is_not(None))
    if of is not None:
        query = query.where(or_(grants.c.principal_id == of, _parent.c.principal_id == of))
    rows = connection.execute(query.order_by(grants.c.grant_id).limit(limit))
    return [_stored(row) for row in rows]


def in_force(
    connection: Connection, principal_ids: Collection[str], day: date
) -> tuple[Grant, ...]:
    """The grants of some principals that count on a day, are not ended, and await nobody's
    confirmation.

    A delegation counts while the grant it comes from does, and while the delegator is not shut out.
    """
    query = _SELECT.where(grants.c.principal_id.in_(list(principal_ids)), _counts_on(day))
    rows = connection.execute(query.order_by(grants.c.grant_id))
    return tuple(_stored(row).grant for row in rows)


def approvers_up_to(
    connection: Connection,
    contract_id: str,
    party: str,
    roles: Collection[AccessRole],
    total: Money,
    day: date,
    limit: int,
) -> list[str]:
    """Who may approve so much for a party on a day by one of the roles: principals, groups too."""
    query = (
        select(grants.c.principal_id)
        .distinct()
        .select_from(_JOINED)
        .where(
            grants.c.contract_id == contract_id,
            grants.c.party == party,
            grants.c.role.in_(roles),
            or_(
                grants.c.limit_minor.is_(None),
                and_(
                    grants.c.limit_minor >= total.minor,
                    grants.c.limit_currency == total.currency,
                ),
            ),
            _counts_on(day),
            _holder_end.c.principal_id.is_(None),
        )
        .order_by(grants.c.principal_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def contracts_among(
    connection: Connection, granted: Collection[str], after: str, limit: int
) -> list[str]:
    """Which of the contracts granted exist, in order: a grant may come before its contract."""
    existing = func.contract_ids_after(None, after, None, type_=Text).column_valued("existing")
    query = select(existing).where(existing.in_(list(granted))).order_by(existing).limit(limit)
    return list(connection.execute(query).scalars())


_parent = grants.alias("parent")
_parent_end = grant_ends.alias("parent_end")
_delegator_end = principal_ends.alias("delegator_end")
_holder_end = principal_ends.alias("holder_end")
_JOINED = (
    grants.join(principals, principals.c.principal_id == grants.c.principal_id)
    .outerjoin(grant_ends, grant_ends.c.grant_id == grants.c.grant_id)
    .outerjoin(_parent, _parent.c.grant_id == grants.c.delegated_from)
    .outerjoin(_parent_end, _parent_end.c.grant_id == _parent.c.grant_id)
    .outerjoin(_delegator_end, _delegator_end.c.principal_id == _parent.c.principal_id)
    .outerjoin(_holder_end, _holder_end.c.principal_id == grants.c.principal_id)
)
_SELECT = select(
    grants,
    # Of a delegation the first end of whatever it rests on; LEAST passes nulls over.
    func.least(grant_ends.c.ended_at, _parent_end.c.ended_at, _delegator_end.c.ended_at).label(
        "ended_at"
    ),
    principals.c.kind.label("holder_kind"),
    _parent.c.principal_id.label("delegated_by"),
).select_from(_JOINED)


def _counts_on(day: date) -> ColumnElement[bool]:
    """Whether a grant counts on a day, and with it, if it is a delegation, whatever it rests on."""
    return and_(
        grants.c.from_date <= day,
        or_(grants.c.to_date.is_(None), grants.c.to_date >= day),
        grant_ends.c.grant_id.is_(None),
        _parent_end.c.grant_id.is_(None),
        _delegator_end.c.principal_id.is_(None),
        or_(_parent.c.from_date.is_(None), _parent.c.from_date <= day),
        or_(_parent.c.to_date.is_(None), _parent.c.to_date >= day),
        _confirmed(grants),
        or_(_parent.c.grant_id.is_(None), _confirmed(_parent)),
    )


def _confirmed(given: FromClause) -> ColumnElement[bool]:
    """Whether a grant awaits no confirmation: there was nobody to give it, or somebody has."""
    return or_(
        given.c.to_confirm.is_(False),
        exists().where(grant_confirmations.c.grant_id == given.c.grant_id),
    )


def _stored(row: object) -> StoredGrant:
    values = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001 - SQLAlchemy's name for it
    minor = values["limit_minor"]
    grant = Grant(
        values["grant_id"],
        values["contract_id"],
        values["party"],
        AccessRole(values["role"]),
        values["from_date"],
        values["to_date"],
        delegated_from=values["delegated_from"],
        delegated_by=values["delegated_by"],
        approval_limit=None if minor is None else Money(minor, values["limit_currency"]),
        through_group=values["holder_kind"] == PrincipalKind.GROUP.value,
    )
    return StoredGrant(
        grant,
        values["principal_id"],
        values["granted_by"],
        values["granted_at"],
        values["ended_at"],
        values["reason"],
    )

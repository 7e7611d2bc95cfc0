"""Roles granted to principals, and their ends. A grant is never changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Text, exists, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from app.domain.access import AccessRole, Grant
from app.domain.errors import NotFound, RuleRefused
from app.storage.access_tables import grant_confirmations, grant_ends, grants

CONFIRMED = or_(
    grants.c.to_confirm.is_(False),
    exists().where(grant_confirmations.c.grant_id == grants.c.grant_id),
)
"""Whether a grant awaits no confirmation: there was nobody to give it, or somebody has."""


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant with its holder, who gave it and when, and the instant from which it is ended."""

    grant: Grant
    principal_id: str
    granted_by: str
    granted_at: datetime
    ended_at: datetime | None = None


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


def in_force(
    connection: Connection, principal_ids: Collection[str], day: date
) -> tuple[Grant, ...]:
    """The grants of some principals that count on a day, are not ended, and await nobody's
    confirmation.
    """
    query = _SELECT.where(
        grants.c.principal_id.in_(list(principal_ids)),
        grants.c.from_date <= day,
        or_(grants.c.to_date.is_(None), grants.c.to_date >= day),
        grant_ends.c.grant_id.is_(None),
        CONFIRMED,
    )
    rows = connection.execute(query.order_by(grants.c.grant_id))
    return tuple(_stored(row).grant for row in rows)


def contracts_among(
    connection: Connection, granted: Collection[str], after: str, limit: int
) -> list[str]:
    """Which of the contracts granted exist, in order: a grant may come before its contract."""
    existing = func.contract_ids_after(None, after, None, type_=Text).column_valued("existing")
    query = select(existing).where(existing.in_(list(granted))).order_by(existing).limit(limit)
    return list(connection.execute(query).scalars())


_SELECT = select(grants, grant_ends.c.ended_at).outerjoin(
    grant_ends, grant_ends.c.grant_id == grants.c.grant_id
)


def _stored(row: object) -> StoredGrant:
    values = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001 - SQLAlchemy's name for it
    grant = Grant(
        values["grant_id"],
        values["contract_id"],
        values["party"],
        AccessRole(values["role"]),
        values["from_date"],
        values["to_date"],
    )
    return StoredGrant(
        grant,
        values["principal_id"],
        values["granted_by"],
        values["granted_at"],
        values["ended_at"],
    )

"""People, machines and groups, and by what their identity providers know them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from app.domain.access import PrincipalKind
from app.domain.errors import NotFound, RuleRefused
from app.storage.access_tables import identities, principal_ends, principals


@dataclass(frozen=True, slots=True)
class Identity:
    """What an identity provider calls somebody: kind subject, client, group or app_role."""

    issuer: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class StoredPrincipal:
    """A principal as registered. `ended_at` is set once an operator has shut them out."""

    principal_id: str
    kind: PrincipalKind
    name: str
    organisation: str
    created_by: str
    created_at: datetime
    ended_at: datetime | None = None


def add(connection: Connection, principal: StoredPrincipal) -> None:
    """Register a principal."""
    row = {
        "principal_id": principal.principal_id,
        "kind": principal.kind.value,
        "name": principal.name,
        "organisation": principal.organisation,
        "created_by": principal.created_by,
        "created_at": principal.created_at,
    }
    connection.execute(insert(principals).values(row))


def add_identity(
    connection: Connection, identity: Identity, principal_id: str, by: str, now: datetime
) -> None:
    """Say which principal an identity is. Raises RuleRefused `identity-taken`: it is one only."""
    row = {
        "issuer": identity.issuer,
        "kind": identity.kind,
        "value": identity.value,
        "principal_id": principal_id,
        "added_by": by,
        "added_at": now,
    }
    added = connection.execute(
        insert_or_leave(identities)
        .values(row)
        .on_conflict_do_nothing()
        .returning(identities.c.issuer)
    )
    if added.first() is None:
        raise RuleRefused(
            "identity-taken", "That identity is registered already; find its principal in the list."
        )


def end(connection: Connection, principal_id: str, by: str, now: datetime) -> None:
    """Shut a principal out for good. Raises RuleRefused `principal-ended` if that is done."""
    row = {"principal_id": principal_id, "ended_by": by, "ended_at": now}
    ended = connection.execute(
        insert_or_leave(principal_ends)
        .values(row)
        .on_conflict_do_nothing()
        .returning(principal_ends.c.principal_id)
    )
    if ended.first() is None:
        raise RuleRefused("principal-ended", "The principal has been shut out already.")


def get(connection: Connection, principal_id: str) -> StoredPrincipal:
    """One principal. Raises NotFound `principal-unknown`."""
    found = _read(connection, principals.c.principal_id == principal_id)
    if not found:
        raise NotFound("principal-unknown", "There is no principal with that id.")
    return found[0]


def page(connection: Connection, after: str, limit: int) -> list[StoredPrincipal]:
    """Principals in order of their ids."""
    return _read(connection, principals.c.principal_id > after, limit)


def identities_of(
    connection: Connection, principal_ids: Collection[str]
) -> dict[str, list[Identity]]:
    """The identities of some principals."""
    query = select(identities).where(identities.c.principal_id.in_(principal_ids))
    found: dict[str, list[Identity]] = {}
    for row in connection.execute(query.order_by(identities.c.issuer, identities.c.value)):
        known = found.setdefault(row.principal_id, [])
        known.append(Identity(row.issuer, row.kind, row.value))
    return found


def known_as(
    connection: Connection, wanted: Sequence[Identity]
) -> list[tuple[Identity, StoredPrincipal]]:
    """The principals behind some identities, ended ones included."""
    columns = tuple_(identities.c.issuer, identities.c.kind, identities.c.value)
    keys = [(one.issuer, one.kind, one.value) for one in wanted]
    rows = connection.execute(select(identities).where(columns.in_(keys))).all()
    ids = {row.principal_id for row in rows}
    by_id = {one.principal_id: one for one in _read(connection, principals.c.principal_id.in_(ids))}
    return [(Identity(row.issuer, row.kind, row.value), by_id[row.principal_id]) for row in rows]


def _read(
    connection: Connection, which: ColumnElement[bool], limit: int | None = None
) -> list[StoredPrincipal]:
    query = (
        select(principals, principal_ends.c.ended_at)
        .outerjoin(principal_ends, principal_ends.c.principal_id == principals.c.principal_id)
        .where(which)
        .order_by(principals.c.principal_id)
        .limit(limit)
    )
    return [
        StoredPrincipal(
            row.principal_id,
            PrincipalKind(row.kind),
            row.name,
            row.organisation,
            row.created_by,
            row.created_at,
            row.ended_at,
        )
        for row in connection.execute(query)
    ]

"""API keys: only the hash of the secret, the scopes, and the ends that a key has been given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from app.domain.errors import NotFound, RuleRefused
from app.storage.access_tables import api_key_ends, api_keys


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key of a machine. `ends_at` is the earliest end it was given; None if none but expiry."""

    key_id: str
    principal_id: str
    name: str
    secret_hash: str
    scopes: tuple[str, ...]
    replaces: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    ends_at: datetime | None = None


def add(connection: Connection, key: StoredKey) -> None:
    """Record a key. Raises RuleRefused `key-replaced` when `replaces` has a successor already."""
    row = {
        "key_id": key.key_id,
        "principal_id": key.principal_id,
        "name": key.name,
        "secret_hash": key.secret_hash,
        "scopes": list(key.scopes),
        "replaces": key.replaces,
        "created_by": key.created_by,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
    }
    if key.replaces is None:
        connection.execute(insert(api_keys).values(row))
        return
    added = connection.execute(
        insert_or_leave(api_keys)
        .values(row)
        .on_conflict_do_nothing(index_elements=[api_keys.c.replaces])
        .returning(api_keys.c.key_id)
    )
    if added.first() is None:
        raise RuleRefused("key-replaced", "The key has a successor already; rotate that one.")


def add_end(connection: Connection, key_id: str, ends_at: datetime, by: str, now: datetime) -> None:
    """Give a key an end; the earliest counts."""
    row = {"key_id": key_id, "ends_at": ends_at, "ended_by": by, "ended_at": now}
    connection.execute(insert_or_leave(api_key_ends).values(row).on_conflict_do_nothing())


def find(connection: Connection, key_id: str) -> StoredKey | None:
    """One key, or None."""
    found = _read(connection, api_keys.c.key_id == key_id)
    return found[0] if found else None


def get(connection: Connection, key_id: str) -> StoredKey:
    """One key. Raises NotFound `key-unknown`."""
    key = find(connection, key_id)
    if key is None:
        raise NotFound("key-unknown", "There is no key with that id.")
    return key


def of_principal(connection: Connection, principal_id: str) -> Sequence[StoredKey]:
    """The keys of a machine in the order in which they were made."""
    return _read(connection, api_keys.c.principal_id == principal_id)


def _read(connection: Connection, which: ColumnElement[bool]) -> list[StoredKey]:
    earliest = (
        select(func.min(api_key_ends.c.ends_at))
        .where(api_key_ends.c.key_id == api_keys.c.key_id)
        .scalar_subquery()
    )
    query = select(api_keys, earliest.label("ends_at")).where(which)
    rows = connection.execute(query.order_by(api_keys.c.created_at, api_keys.c.key_id))
    return [_stored(row) for row in rows]


def _stored(row: Any) -> StoredKey:
    return StoredKey(
        row.key_id,
        row.principal_id,
        row.name,
        row.secret_hash,
        tuple(row.scopes),
        row.replaces,
        row.created_by,
        row.created_at,
        row.expires_at,
        row.ends_at,
    )

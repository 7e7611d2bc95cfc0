"""Signed heads of the service's own chain of the access log: kept once, never changed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.signed_head import PublicKey, SignedHead
from app.storage.access_log_tables import service_heads


def keep(connection: Connection, head: SignedHead, key: PublicKey) -> None:
    """Store a head with the key that signed it, unless there is a head of that day."""
    named = {column.name for column in service_heads.columns} - {"public_key"}
    columns = {name: getattr(head, name) for name in named} | {"public_key": key.public_key}
    connection.execute(insert(service_heads).values(columns).on_conflict_do_nothing())


def of_day(connection: Connection, day: date) -> SignedHead | None:
    """The head of a day, or None."""
    row = connection.execute(select(service_heads).where(service_heads.c.day == day)).first()
    return None if row is None else _head(row)


def latest(connection: Connection) -> SignedHead | None:
    """The newest head, or None."""
    newest = select(service_heads).order_by(service_heads.c.day.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else _head(row)


def has_key(connection: Connection, key_id: str) -> bool:
    """Whether a key has signed any of them, and so is this ledger's own."""
    query = select(service_heads.c.day).where(service_heads.c.key_id == key_id).limit(1)
    return connection.execute(query).first() is not None


def page(connection: Connection, after: date, limit: int) -> list[SignedHead]:
    """Heads after a day, in order."""
    query = select(service_heads).where(service_heads.c.day > after)
    return [_head(row) for row in connection.execute(query.order_by("day").limit(limit))]


def every(connection: Connection) -> Iterator[tuple[SignedHead, PublicKey]]:
    """Every head in order, with the key it says it was signed by."""
    for row in connection.execute(select(service_heads).order_by("day")):
        yield _head(row), PublicKey(row.key_id, row.public_key, row.signed_at)


def _head(row: Row[Any]) -> SignedHead:
    end = (row.access_sequence, row.access_hash)
    return SignedHead.of_service(row.day, end, row.signed_at, row.key_id, row.signature)

"""Signed heads and public keys of a contract: kept once, never changed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.signed_head import PublicKey, SignedHead
from app.storage.head_tables import signed_heads, signing_keys
from app.storage.integrity import STREAMING
from app.storage.tables import journal


def keep(connection: Connection, head: SignedHead, key: PublicKey) -> None:
    """Store a head and its key, unless the contract has a head of that day."""
    keep_key(connection, head.contract_id, key)
    columns = {column.name: getattr(head, column.name) for column in signed_heads.columns}
    connection.execute(insert(signed_heads).values(columns).on_conflict_do_nothing())


def keep_key(connection: Connection, contract_id: str, key: PublicKey) -> None:
    """Store a public key, unless it is here."""
    connection.execute(
        insert(signing_keys)
        .values(
            contract_id=contract_id,
            key_id=key.key_id,
            public_key=key.public_key,
            created_at=key.created_at,
            previous_key_id=key.previous_key_id,
            endorsement=key.endorsement,
        )
        .on_conflict_do_nothing()
    )


def of_day(connection: Connection, contract_id: str, day: date) -> SignedHead | None:
    """The head of a day, or None."""
    row = connection.execute(
        select(signed_heads).where(
            signed_heads.c.contract_id == contract_id, signed_heads.c.day == day
        )
    ).first()
    return None if row is None else _head(row)


def latest(connection: Connection, contract_id: str) -> SignedHead | None:
    """The newest head, or None."""
    row = connection.execute(
        select(signed_heads)
        .where(signed_heads.c.contract_id == contract_id)
        .order_by(signed_heads.c.day.desc())
        .limit(1)
    ).first()
    return None if row is None else _head(row)


def page(connection: Connection, contract_id: str, after: date, limit: int) -> list[SignedHead]:
    """Heads after a day, in order."""
    rows = connection.execute(
        select(signed_heads)
        .where(signed_heads.c.contract_id == contract_id, signed_heads.c.day > after)
        .order_by(signed_heads.c.day)
        .limit(limit)
    )
    return [_head(row) for row in rows]


def every(connection: Connection, contract_id: str) -> Iterator[tuple[SignedHead, str | None]]:
    """Every head in order, with the hash that the journal has at its sequence."""
    query = (
        select(signed_heads, journal.c.hash.label("journal_hash"))
        .outerjoin(
            journal,
            (journal.c.contract_id == signed_heads.c.contract_id)
            & (journal.c.sequence == signed_heads.c.sequence),
        )
        .where(signed_heads.c.contract_id == contract_id)
        .order_by(signed_heads.c.day)
    )
    for row in connection.execute(query, execution_options=STREAMING):
        yield _head(row), row.journal_hash


def keys(connection: Connection, contract_id: str) -> list[PublicKey]:
    """Every public key that signed a head of the contract, oldest first."""
    rows = connection.execute(
        select(signing_keys)
        .where(signing_keys.c.contract_id == contract_id)
        .order_by(signing_keys.c.created_at, signing_keys.c.key_id)
    )
    return [
        PublicKey(row.key_id, row.public_key, row.created_at, row.previous_key_id, row.endorsement)
        for row in rows
    ]


def record_count(connection: Connection, contract_id: str, up_to: int) -> int:
    """How many records the journal has up to a sequence."""
    return connection.execute(
        select(func.count())
        .select_from(journal)
        .where(journal.c.contract_id == contract_id, journal.c.sequence <= up_to)
    ).scalar_one()


def _head(row: Row[Any]) -> SignedHead:
    # `count` is a method of a row, so the column is read by its name.
    values = row._mapping  # noqa: SLF001
    return SignedHead(**{column.name: values[column.name] for column in signed_heads.columns})

"""Attempts to sign in with a password: marks of name and address, never the name or the address."""

from datetime import datetime

from sqlalchemy import Connection, Text, bindparam, func, insert, select

from app.storage.access_tables import sign_in_attempts as attempts


def hold(connection: Connection, name_mark: str) -> None:
    """Let attempts on one name happen one after another, so that none slips past the limit."""
    held = bindparam("held", f"sign-in\n{name_mark}", type_=Text)
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(held, 0))))


def failures_of_name(connection: Connection, name_mark: str, since: datetime) -> list[datetime]:
    """When a name failed since an instant, or since it last succeeded or was unlocked."""
    last_good = (
        select(func.max(attempts.c.attempt_id))
        .where(attempts.c.name_mark == name_mark, attempts.c.outcome != "failed")
        .scalar_subquery()
    )
    query = select(attempts.c.at).where(
        attempts.c.name_mark == name_mark,
        attempts.c.outcome == "failed",
        attempts.c.at >= since,
        attempts.c.attempt_id > func.coalesce(last_good, ""),
    )
    return list(connection.execute(query).scalars())


def failures_of_address(
    connection: Connection, address_mark: str, since: datetime
) -> list[datetime]:
    """When attempts from an address failed since an instant."""
    query = select(attempts.c.at).where(
        attempts.c.address_mark == address_mark,
        attempts.c.outcome == "failed",
        attempts.c.at >= since,
    )
    return list(connection.execute(query).scalars())


def add(
    connection: Connection,
    attempt_id: str,
    name_mark: str,
    address_mark: str,
    outcome: str,
    at: datetime,
) -> None:
    """Record an attempt: `failed`, `succeeded`, or `unlocked` by an operator.

    Ids are in the order of making (UUIDv7), which tells what came before a success.
    """
    row = {
        "attempt_id": attempt_id,
        "name_mark": name_mark,
        "address_mark": address_mark,
        "outcome": outcome,
        "at": at,
    }
    connection.execute(insert(attempts).values(row))

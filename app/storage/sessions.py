"""Sessions of people, by the hash of their secret; and sign-ins that wait for their issuer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from app.storage.access_tables import pending_sign_ins, sessions

_STALE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session. `groups` and `app_roles` are what the issuer said when it began."""

    session_hash: str
    principal_id: str
    issuer: str
    groups: tuple[str, ...]
    app_roles: tuple[str, ...]
    started_at: datetime
    last_used_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """What the service must remember until the browser comes back from the issuer."""

    state_hash: str
    provider: str
    nonce: str
    verifier: str
    return_to: str
    expires_at: datetime


def add(connection: Connection, session: StoredSession) -> None:
    """Begin a session."""
    row = {
        "session_hash": session.session_hash,
        "principal_id": session.principal_id,
        "issuer": session.issuer,
        "groups": list(session.groups),
        "app_roles": list(session.app_roles),
        "started_at": session.started_at,
        "last_used_at": session.last_used_at,
    }
    connection.execute(insert(sessions).values(row))


def find(connection: Connection, session_hash: str) -> StoredSession | None:
    """A session, ended ones too, or None."""
    row = connection.execute(
        select(sessions).where(sessions.c.session_hash == session_hash)
    ).first()
    if row is None:
        return None
    return StoredSession(
        row.session_hash,
        row.principal_id,
        row.issuer,
        tuple(row.groups),
        tuple(row.app_roles),
        row.started_at,
        row.last_used_at,
        row.ended_at,
    )


def touch(connection: Connection, session_hash: str, now: datetime) -> None:
    """Note that a session was used."""
    connection.execute(
        update(sessions)
        .where(sessions.c.session_hash == session_hash, sessions.c.last_used_at < now)
        .values(last_used_at=now)
    )


def end(connection: Connection, session_hash: str, now: datetime) -> None:
    """End one session."""
    connection.execute(
        update(sessions)
        .where(sessions.c.session_hash == session_hash, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all(connection: Connection, principal_id: str, now: datetime) -> int:
    """End every session of a principal; how many."""
    ended = connection.execute(
        update(sessions)
        .where(sessions.c.principal_id == principal_id, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return ended.rowcount


def add_pending(connection: Connection, pending: PendingSignIn) -> None:
    """Remember a sign-in that has been sent to an issuer, and forget those that never came back."""
    connection.execute(
        delete(pending_sign_ins).where(pending_sign_ins.c.expires_at < pending.expires_at - _STALE)
    )
    row = {
        "state_hash": pending.state_hash,
        "provider": pending.provider,
        "nonce": pending.nonce,
        "verifier": pending.verifier,
        "return_to": pending.return_to,
        "expires_at": pending.expires_at,
    }
    connection.execute(insert(pending_sign_ins).values(row))


def take_pending(connection: Connection, state_hash: str) -> PendingSignIn | None:
    """Take a sign-in out, so that its state counts once; None if there is none."""
    row = connection.execute(
        delete(pending_sign_ins)
        .where(pending_sign_ins.c.state_hash == state_hash)
        .returning(pending_sign_ins)
    ).first()
    if row is None:
        return None
    return PendingSignIn(
        row.state_hash, row.provider, row.nonce, row.verifier, row.return_to, row.expires_at
    )

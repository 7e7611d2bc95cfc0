"""Idempotency keys: kept for the contract's life, written with the command they belong to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, bindparam, func, insert, select

from app.domain.errors import RuleRefused
from app.storage.prepared import Prepared, run, together
from app.storage.scope import SET_SCOPE, Scope
from app.storage.tables import idempotency_keys

_HOLD = Prepared(
    select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("held", type_=Text), 0)))
)
_LOOK = Prepared(
    select(
        idempotency_keys.c.fingerprint,
        idempotency_keys.c.status,
        idempotency_keys.c.headers,
        idempotency_keys.c.body,
    ).where(
        idempotency_keys.c.contract_id == bindparam("contract"),
        idempotency_keys.c.party == bindparam("party"),
        idempotency_keys.c.key == bindparam("key"),
    )
)
_KEEP = Prepared(insert(idempotency_keys))


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What the first request with a key was answered: HTTP status, headers and body, as sent."""

    status: int
    headers: Mapping[str, str]
    body: str


def claim_key(
    connection: Connection, scope: Scope, key: str, fingerprint: str
) -> StoredReply | None:
    """Hold a key for this transaction. The stored reply if an earlier request finished with it.

    It sets the transaction's scope in the same trip; tell the unit of work (`looked`). A key
    belongs to the party that sent it, and no other party's reply is seen.

    Raises RuleRefused `idempotency-key-in-flight` while another request holds the key, and
    `idempotency-key-reused` when the earlier request had another body.
    """
    contract_id, party = scope.contract_id, scope.party
    with together(connection):
        run(connection, SET_SCOPE, scope.settings())
        # Two statements: the second begins, and looks, when the first has the lock.
        hold = _HOLD.run(connection, {"held": f"{contract_id}\n{party}\n{key}"})
        look = _LOOK.run(connection, {"contract": contract_id, "party": party, "key": key})
    if hold.fetchone() != (True,):
        raise RuleRefused(
            "idempotency-key-in-flight",
            "A request with this Idempotency-Key is being worked on. Wait, then send it again.",
        )
    stored = look.fetchone()
    if stored is None:
        return None
    if stored.fingerprint != fingerprint:
        raise RuleRefused(
            "idempotency-key-reused",
            "This Idempotency-Key was used for a different request. Send a new key.",
        )
    return StoredReply(stored.status, json.loads(stored.headers), stored.body)


def keep(
    connection: Connection,
    contract_id: str,
    party: str,
    key: str,
    fingerprint: str,
    reply: StoredReply,
    recorded_at: datetime,
) -> None:
    """Store the reply under the key, in the command's own transaction."""
    kept = {
        "contract_id": contract_id,
        "party": party,
        "key": key,
        "fingerprint": fingerprint,
        "status": reply.status,
        "headers": json.dumps(dict(reply.headers)),
        "body": reply.body,
        "recorded_at": recorded_at,
    }
    _KEEP.run(connection, kept)

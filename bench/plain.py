"""A payment written by psycopg alone: the same rows in the same order, and no rules.

What the transaction must do to be the same: hold the idempotency key, look it up, lock the
contract, number the entry, and write record, entry, postings, payment, allocation, head and reply.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool
from uuid_utils import uuid7

_HOLD_KEY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
_KEY = (
    "SELECT fingerprint, status, headers, body FROM idempotency_keys "
    "WHERE contract_id = %s AND party = %s AND key = %s"
)
_LOCK = "SELECT head_sequence, head_hash FROM contracts WHERE contract_id = %s FOR UPDATE"
_LAST_ENTRY = "SELECT max(entry_number) FROM entries WHERE contract_id = %s"
_JOURNAL = (
    "INSERT INTO journal (contract_id, sequence, kind, effective_date, recorded_at, party, person,"
    " payload, previous_hash, hash) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_ENTRY = (
    "INSERT INTO entries (contract_id, sequence, recorded_at, entry_number, kind, source,"
    " effective_date, reverses) VALUES (%s, %s, %s, %s, 'payment', %s, %s, NULL)"
)
_POSTINGS = (
    "INSERT INTO postings (contract_id, sequence, recorded_at, entry_number, posting_number, debit,"
    " credit, amount_minor, currency, effective_date) VALUES"
    " (%s, %s, %s, %s, 1, %s, %s, %s, 'GBP', %s), (%s, %s, %s, %s, 2, %s, %s, %s, 'GBP', %s)"
)
_PAYMENT = (
    "INSERT INTO payments (contract_id, sequence, recorded_at, payment_id, kind, payer,"
    " payee, amount_minor, currency, paid_on, reference, returns, pays_back, entry_number, party,"
    " person)"
    " VALUES (%s, %s, %s, %s, 'payment', %s, %s, %s, 'GBP', %s, NULL, NULL, false, %s, %s, %s)"
)
_ALLOCATION = (
    "INSERT INTO payment_allocations (contract_id, sequence, recorded_at, payment_id, document,"
    " amount_minor, currency, allocated_on) VALUES (%s, %s, %s, %s, %s, %s, 'GBP', %s)"
)
_HEAD = (
    "UPDATE contracts SET head_sequence = %s, head_hash = %s, head_recorded_at = %s"
    " WHERE contract_id = %s"
)
_REPLY = (
    "INSERT INTO idempotency_keys (contract_id, party, key, fingerprint, status, headers, body,"
    " recorded_at) VALUES (%s, %s, %s, %s, 201, '{}', %s, %s)"
)


def chained(payload: dict[str, Any], previous_hash: str) -> tuple[str, str]:
    """The payload's text, and a hash over it and the record before."""
    text = json.dumps(payload)
    return text, hashlib.sha256((previous_hash + text).encode()).hexdigest()


def hold(
    connection: psycopg.Connection, contract_id: str, party: str, key: str
) -> tuple[int, str] | None:
    """Hold the key and lock the contract: its head; None if the key was used before."""
    held = connection.execute(_HOLD_KEY, [f"{contract_id}\n{party}\n{key}"]).fetchone()
    stored = connection.execute(_KEY, [contract_id, party, key]).fetchone()
    if held != (True,) or stored is not None:
        return None
    head = connection.execute(_LOCK, [contract_id]).fetchone()
    return None if head is None else (head[0], head[1])


def append(
    connection: psycopg.Connection,
    contract_id: str,
    sequence: int,
    previous_hash: str,
    kind: str,
    day: date,
    now: datetime,
    actor: tuple[str, str],
    payload: dict[str, Any],
) -> str:
    """Write one journal record; its hash."""
    text, made = chained(payload, previous_hash)
    connection.execute(
        _JOURNAL,
        [contract_id, sequence, kind, day, now, *actor, text, previous_hash, made],
    )
    return made


def finish(
    connection: psycopg.Connection,
    contract_id: str,
    sequence: int,
    made: str,
    now: datetime,
    party: str,
    key: str,
    body: str,
) -> None:
    """Move the head and keep the reply."""
    connection.execute(_HEAD, [sequence, made, now, contract_id])
    connection.execute(_REPLY, [contract_id, party, key, "fingerprint", body, now])


def pay(
    pool: ConnectionPool,
    contract_id: str,
    claim_number: int,
    day: date,
    now: datetime,
    key: str,
) -> None:
    """The commissioner's payment of 3,000.00 for one claim to the SPV."""
    with pool.connection() as connection:
        head = hold(connection, contract_id, "scc", key)
        if head is None:
            return
        last = connection.execute(_LAST_ENTRY, [contract_id]).fetchone()
        number = 1 if last is None or last[0] is None else last[0] + 1
        sequence = head[0] + 1
        payment_id = str(uuid7())
        payload = {
            "entries": [{"entry_number": number, "source": f"payment:{payment_id}"}],
            "postings": [
                {"debit": "scc/payable/spv", "credit": "scc/cash", "amount_minor": 300_000},
                {"debit": "spv/cash", "credit": "spv/receivable/scc", "amount_minor": 300_000},
            ],
            "payments": [{"payment_id": payment_id}],
            "payment_allocations": [{"document": f"invoice:spv/{claim_number}"}],
        }
        made = append(
            connection,
            contract_id,
            sequence,
            head[1],
            "payment_recorded",
            day,
            now,
            ("scc", "council-1"),
            payload,
        )
        sealed = [contract_id, sequence, now]
        connection.execute(_ENTRY, [*sealed, number, f"payment:{payment_id}", day])
        posted = [
            value
            for debit, credit in (
                ("scc/payable/spv", "scc/cash"),
                ("spv/cash", "spv/receivable/scc"),
            )
            for value in (*sealed, number, debit, credit, 300_000, day)
        ]
        connection.execute(_POSTINGS, posted)
        connection.execute(
            _PAYMENT,
            [
                *sealed,
                payment_id,
                "scc",
                "spv",
                300_000,
                day,
                number,
                "scc",
                "council-1",
            ],
        )
        connection.execute(
            _ALLOCATION,
            [*sealed, payment_id, f"invoice:spv/{claim_number}", 300_000, day],
        )
        finish(connection, contract_id, sequence, made, now, "scc", key, json.dumps(payload))

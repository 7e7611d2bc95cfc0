"""The journal: one hash-chained record for every change to a contract."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import rfc8785

from app.domain.parties import Actor

GENESIS = "0" * 64
"""The previous hash of a contract's first record."""


@dataclass(frozen=True, slots=True)
class Record:
    """One change: what happened (past tense), when it took effect, when and by whom recorded.

    `payload` is the canonical JSON text (RFC 8785). `hash` covers every other field.
    """

    contract_id: str
    sequence: int
    kind: str
    effective_date: date
    recorded_at: datetime
    actor: Actor
    payload: str
    previous_hash: str
    hash: str


def canonical_payload(payload: Mapping[str, Any]) -> str:
    """The payload's canonical JSON text."""
    return rfc8785.dumps(dict(payload)).decode()


def record_hash(
    contract_id: str,
    sequence: int,
    kind: str,
    effective_date: date,
    recorded_at: datetime,
    actor: Actor,
    payload: str,
    previous_hash: str,
) -> str:
    """SHA-256, in hexadecimal, over the canonical JSON of every field of a record but its hash."""
    sealed: dict[str, Any] = {
        "actor": {"party": actor.party, "person": actor.person},
        "contract_id": contract_id,
        "effective_date": effective_date.isoformat(),
        "kind": kind,
        "payload": payload,
        "previous_hash": previous_hash,
        "recorded_at": instant_text(recorded_at),
        "sequence": sequence,
    }
    return hashlib.sha256(rfc8785.dumps(sealed)).hexdigest()


def seal(
    contract_id: str,
    sequence: int,
    kind: str,
    effective_date: date,
    recorded_at: datetime,
    actor: Actor,
    payload: Mapping[str, Any],
    previous_hash: str,
) -> Record:
    """The record that follows `previous_hash`, with its own hash."""
    text = canonical_payload(payload)
    sealed = record_hash(
        contract_id, sequence, kind, effective_date, recorded_at, actor, text, previous_hash
    )
    return Record(
        contract_id,
        sequence,
        kind,
        effective_date,
        recorded_at,
        actor,
        text,
        previous_hash,
        sealed,
    )


def rehash(record: Record) -> str:
    """The hash a stored record should have, from its other fields."""
    return record_hash(
        record.contract_id,
        record.sequence,
        record.kind,
        record.effective_date,
        record.recorded_at,
        record.actor,
        record.payload,
        record.previous_hash,
    )


def link_faults(previous: Record | None, record: Record) -> Iterator[str]:
    """What is wrong with a record as the one that follows `previous` (None: as the first).

    Sequences have no gaps, each record names the hash before it and has the hash of its own
    fields, and recorded times never run backwards. Record 3 after record 1: "follows record 1, so
    1 are missing".
    """
    expected = previous.sequence + 1 if previous else 1
    if record.sequence != expected:
        yield f"follows record {expected - 1}, so {record.sequence - expected} are missing"
    if record.previous_hash != (previous.hash if previous else GENESIS):
        yield "previous_hash is not the hash of the record before"
    if rehash(record) != record.hash:
        yield "hash does not match the record's own fields"
    if previous and record.recorded_at < previous.recorded_at:
        yield "recorded_at is before that of the record before"


def instant_text(instant: datetime) -> str:
    """An instant as RFC 3339 in UTC with microseconds: 2026-11-22T10:15:00.000000Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

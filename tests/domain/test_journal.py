"""The chain: every field is under the hash, and the hash is fixed for ever by a frozen vector."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.domain.journal import GENESIS, canonical_payload, instant_text, link_faults, rehash, seal
from app.domain.parties import Actor

AT = datetime(2021, 10, 12, 12, 0, 0, 1, tzinfo=UTC)
RECORD = seal(
    "ex",
    1,
    "outcome_verified",
    date(2021, 10, 12),
    AT,
    Actor("scc", "officer-1"),
    {"verifications": [{"decision": "verified", "decided_on": "2021-10-12"}]},
    GENESIS,
)


def test_the_hash_of_a_known_record_never_changes():
    assert RECORD.hash == "828eda1d317ec17f003896dbd4ab2ee1ecc5f30ea5497246a65862c188014dd7"
    assert rehash(RECORD) == RECORD.hash


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contract_id", "ey"),
        ("sequence", 2),
        ("kind", "outcome_rejected"),
        ("effective_date", date(2021, 10, 13)),
        ("recorded_at", AT + timedelta(microseconds=1)),
        ("actor", Actor("scc", "officer-2")),
        ("actor", Actor("spv", "officer-1")),
        ("payload", RECORD.payload.replace("verified", "rejected")),
        ("payload", RECORD.payload + " "),
        ("previous_hash", "1" * 64),
    ],
)
def test_any_changed_field_changes_the_hash(name, value):
    assert rehash(replace(RECORD, **{name: value})) != RECORD.hash


def test_the_payload_is_canonical():
    assert canonical_payload({"b": [1], "a": "ü"}) == '{"a":"ü","b":[1]}'


def test_an_instant_is_written_in_utc_whatever_its_zone():
    zone = timezone(timedelta(hours=1))
    assert instant_text(datetime(2021, 7, 1, 0, 30, tzinfo=zone)) == "2021-06-30T23:30:00.000000Z"


def following(sequence: int = 2, at: datetime = AT, previous: str = RECORD.hash):
    return seal("ex", sequence, "noted", date(2021, 10, 12), at, RECORD.actor, {}, previous)


@pytest.mark.parametrize(
    ("previous", "record", "faults"),
    [
        (None, RECORD, []),
        (RECORD, following(), []),
        (RECORD, following(at=AT + timedelta(microseconds=1)), []),
        (RECORD, following(3), ["follows record 1, so 1 are missing"]),
        (None, following(), ["follows record 0, so 1 are missing",
         "previous_hash is not the hash of the record before"]),
        (RECORD, following(previous=GENESIS),
         ["previous_hash is not the hash of the record before"]),
        (RECORD, replace(following(), kind="forged"),
         ["hash does not match the record's own fields"]),
        (RECORD, following(at=AT - timedelta(microseconds=1)),
         ["recorded_at is before that of the record before"]),
    ],
)  # fmt: skip
def test_what_is_wrong_between_two_records(previous, record, faults):
    assert list(link_faults(previous, record)) == faults

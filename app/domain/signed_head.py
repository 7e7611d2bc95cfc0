"""Signed heads: what the operator states, once a day, to be the ends of a contract's journal and of
its access log.

A party that keeps a head can show later that either was changed or cut off before it. The
signature is Ed25519 (RFC 8032) over the canonical JSON (RFC 8785) of the statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import rfc8785

from app.domain.journal import GENESIS, instant_text

HEAD_FORMAT = "outcomes-ledger-head/1"
KEY_FORMAT = "outcomes-ledger-key/1"
EXPORT_FORMAT = "outcomes-ledger-export/1"
"""Each statement names what it is, so that no signature can be passed off as that of another."""

DELIVERY_TYPE = "journal.head.signed"
"""The type of the event, in the words of Standard Webhooks, that carries a head to a party."""


def signed_bytes(statement: Mapping[str, Any]) -> bytes:
    """The bytes that a signature covers: canonical JSON in UTF-8, without the signature itself."""
    return rfc8785.dumps(dict(statement))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signs heads and exports. Its id is the first 32 digits of its SHA-256.

    `public_key` is the raw key in base64. A key that replaces another is endorsed by it, so that
    whoever knew the old one can trust the new one: `endorsement` is the old key's signature over
    `statement()`. The first key has neither predecessor nor endorsement.
    """

    key_id: str
    public_key: str
    created_at: datetime
    previous_key_id: str | None = None
    endorsement: str | None = None

    def statement(self) -> dict[str, Any]:
        """What the endorsement covers."""
        return {
            "format": KEY_FORMAT,
            "key_id": self.key_id,
            "public_key": self.public_key,
            "created_at": instant_text(self.created_at),
            "previous_key_id": self.previous_key_id,
        }

    def document(self) -> dict[str, Any]:
        """The key as it is published."""
        return self.statement() | {"endorsement": self.endorsement}


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The ends of a contract's journal and access log on a day (UTC), signed by the operator's key.

    `count` is how many records the journal had: the same as `sequence`, since there are no gaps.
    `access_sequence` and `access_hash` are the last entry of the contract's access log; 0 and 64
    zeros where it has none. Example: on 2024-03-01 the journal ends with record 412, and 96 looks
    are entered; sequence 412, count 412, access_sequence 96.

    The head of the service's own chain of that log is of no contract: `contract_id` is empty, and
    sequence and count are 0, since it has no journal.
    """

    contract_id: str
    day: date
    sequence: int
    hash: str
    count: int
    access_sequence: int
    access_hash: str
    signed_at: datetime
    key_id: str
    signature: str = ""

    @classmethod
    def of_service(
        cls,
        day: date,
        access: tuple[int, str],
        signed_at: datetime,
        key_id: str,
        signature: str = "",
    ) -> "SignedHead":
        """The head of the service's own chain, which ends with an entry of a number and hash."""
        return cls("", day, 0, GENESIS, 0, *access, signed_at, key_id, signature)

    def statement(self) -> dict[str, Any]:
        """What the signature covers."""
        return {
            "format": HEAD_FORMAT,
            "contract_id": self.contract_id,
            "day": self.day.isoformat(),
            "sequence": self.sequence,
            "hash": self.hash,
            "count": self.count,
            "access_sequence": self.access_sequence,
            "access_hash": self.access_hash,
            "signed_at": instant_text(self.signed_at),
            "key_id": self.key_id,
        }

    def document(self) -> dict[str, Any]:
        """The head as a party keeps it."""
        return self.statement() | {"signature": self.signature}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A head on its way to one party, as a Standard Webhooks request: three headers and a body.

    Whoever posts `body` with these headers has sent a valid webhook; kept as a file it is the
    party's copy.
    """

    webhook_id: str
    webhook_timestamp: int
    webhook_signature: str
    body: str

    def document(self) -> dict[str, Any]:
        """The delivery as a file."""
        return {
            "headers": {
                "content-type": "application/json",
                "webhook-id": self.webhook_id,
                "webhook-timestamp": str(self.webhook_timestamp),
                "webhook-signature": self.webhook_signature,
            },
            "body": self.body,
        }


def delivery_id(head: SignedHead, party: str) -> str:
    """The same for the same head and party, however often it is sent: receivers drop repeats."""
    return f"head_{head.contract_id}_{head.day.isoformat()}_{party}"


def delivery_body(head: SignedHead, party: str) -> str:
    """The event that carries a head to a party: type, timestamp and data, as canonical JSON."""
    event: dict[str, Any] = {
        "type": DELIVERY_TYPE,
        "timestamp": instant_text(head.signed_at),
        "data": {"party": party, "head": head.document()},
    }
    return rfc8785.dumps(event).decode()


def delivery_content(webhook_id: str, timestamp: int, body: str) -> bytes:
    """What the webhook's signature covers: id, time in seconds and body, joined by full stops."""
    return f"{webhook_id}.{timestamp}.{body}".encode()

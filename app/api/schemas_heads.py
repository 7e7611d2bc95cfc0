"""Shapes of signed heads, public keys and deliveries."""

from typing import Literal, Self

from pydantic import Field

from app.api.fields import Answered, DayOut, Instant, NextCursor, Sequence, Sha256
from app.domain.journal import instant_text
from app.domain.signed_head import HEAD_FORMAT, KEY_FORMAT, Delivery, PublicKey, SignedHead

KEY_ID = Field(
    description="The first 32 digits of the key's SHA-256.",
    examples=["21fe31dfa154a261626bf854046fd227"],
)
SIGNATURE = (
    "5VZDAMNgrHKQhuLMgG4CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw=="
)


class HeadOut(Answered):
    """The signed ends of a contract's journal and access log on a day. Keep it where the operator
    cannot reach.
    """

    format: Literal["outcomes-ledger-head/1"] = Field(
        description="What the statement is.", examples=[HEAD_FORMAT]
    )
    contract_id: str = Field(
        description="The contract; empty: the head of the service's own chain.",
        examples=["promoting-independence"],
    )
    day: DayOut
    sequence: Sequence
    hash: Sha256
    count: int = Field(description="Records in the journal up to then.", examples=[412])
    access_sequence: int = Field(
        description="The last entry of the contract's access log; 0: it has none.", examples=[96]
    )
    access_hash: Sha256
    signed_at: Instant
    key_id: str = KEY_ID
    signature: str = Field(
        description="Ed25519 over the canonical JSON (RFC 8785) of all other members, in base64.",
        examples=[SIGNATURE],
    )

    @classmethod
    def of(cls, head: SignedHead) -> Self:
        """From the service's head."""
        return cls.model_validate(head.document() | {"day": head.day})


class HeadPage(Answered):
    """Signed heads in the order of days, and where the next page starts."""

    items: list[HeadOut]
    next_cursor: NextCursor


class KeyOut(Answered):
    """A public key that heads and exports are checked with."""

    format: Literal["outcomes-ledger-key/1"] = Field(
        description="What the statement is.", examples=[KEY_FORMAT]
    )
    key_id: str = KEY_ID
    public_key: str = Field(
        description="The Ed25519 key of 32 bytes, in base64.",
        examples=["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
    )
    created_at: Instant
    previous_key_id: str | None = Field(
        description="The key that this one replaces.", examples=[None]
    )
    endorsement: str | None = Field(
        description="That key's signature over all other members, in base64.", examples=[None]
    )

    @classmethod
    def of(cls, key: PublicKey) -> Self:
        """From the stored key."""
        return cls.model_validate(key.document() | {"created_at": instant_text(key.created_at)})


class KeyList(Answered):
    """The public keys of a contract's heads, oldest first."""

    items: list[KeyOut]


class DeliveryOut(Answered):
    """A head as a Standard Webhooks request: post `body`, unchanged, with these headers."""

    headers: dict[str, str] = Field(
        description="webhook-id, webhook-timestamp, webhook-signature (v1a) and content-type.",
        examples=[{"webhook-id": "head_promoting-independence_2024-03-01_council"}],
    )
    body: str = Field(
        description="The event as JSON text, exactly as signed.",
        examples=['{"data":{},"timestamp":"2024-03-01T12:00:00.000000Z"}'],
    )

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """From the service's delivery."""
        return cls.model_validate(delivery.document())

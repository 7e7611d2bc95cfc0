"""Signed heads of the journals, and the public keys that they are checked with.

They are no projections: they speak about the journal from outside it, and whoever keeps a copy
needs none of these rows.
"""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
)

from app.storage.columns import INSTANT, date_of, maybe, metadata, number, text, to

signing_keys = Table(
    "signing_keys",
    metadata,
    text("contract_id"),
    text("key_id"),
    text("public_key"),
    Column("created_at", INSTANT, nullable=False),
    maybe("previous_key_id"),
    maybe("endorsement"),
    PrimaryKeyConstraint("contract_id", "key_id"),
    ForeignKeyConstraint(["contract_id"], ["contracts.contract_id"]),
)

signed_heads = Table(
    "signed_heads",
    metadata,
    text("contract_id"),
    date_of("day"),
    number("sequence"),
    text("hash"),
    number("count"),
    # The end of the contract's access log, which is no table of the contract's own.
    number("access_sequence"),
    text("access_hash"),
    Column("signed_at", INSTANT, nullable=False),
    text("key_id"),
    text("signature"),
    PrimaryKeyConstraint("contract_id", "day"),
    to("journal", "sequence"),
    to("signing_keys", "key_id"),
)

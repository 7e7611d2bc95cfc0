"""Who looked at what: one row for each look at people's data, file taken away and refusal, and for
each change of who may act.

In the schema `access`, with the rest that belongs to the service and to no journal. The database
numbers and chains the rows itself (migrations/versions/0001_access_log.sql).
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.access_tables import access_metadata, instant
from app.storage.columns import maybe, number, text

access_log = Table(
    "access_log",
    access_metadata,
    # A contract's id; empty for what concerns no contract, or one on which the caller has no role.
    text("chain"),
    number("sequence"),
    instant("at"),
    text("who"),
    maybe("party"),
    text("operation"),
    maybe("contract_id"),
    # The participants whose data was given or asked for; null: any of the contract's.
    Column("participants", ARRAY(Text)),
    text("outcome"),
    maybe("code"),
    # What was recorded, or how many failures, as an object of JSON (app/storage/access_log.py).
    maybe("detail"),
    text("previous_hash"),
    text("hash"),
    PrimaryKeyConstraint("chain", "sequence"),
    CheckConstraint("outcome IN ('allowed', 'refused', 'recorded')", name="outcome_known"),
    CheckConstraint("(outcome = 'refused') = (code IS NOT NULL)", name="refusal_told"),
    CheckConstraint(
        "concat_ws(' ', chain, who, party, operation, contract_id, code, detail, "
        "participants) !~ E'[\\n\\r]'",
        name="one_line_each",
    ),
    Index(None, "contract_id", "at"),
    Index(None, "who", "at"),
)

# The ends of the chain of no contract, by day; the others are in the heads of their contracts.
service_heads = Table(
    "service_heads",
    access_metadata,
    Column("day", Date, nullable=False),
    number("access_sequence"),
    text("access_hash"),
    instant("signed_at"),
    text("key_id"),
    text("public_key"),
    text("signature"),
    PrimaryKeyConstraint("day"),
)

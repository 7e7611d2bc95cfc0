"""The record itself: contracts, their journals, terms, notes and idempotency keys."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from app.storage.columns import INSTANT, date_of, metadata, number, projection, text, to

contracts = Table(
    "contracts",
    metadata,
    Column("contract_id", Text, primary_key=True),
    number("head_sequence"),
    text("head_hash"),
    Column("head_recorded_at", INSTANT, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    text("contract_id"),
    number("sequence"),
    text("kind"),
    date_of("effective_date"),
    Column("recorded_at", INSTANT, nullable=False),
    text("party"),
    text("person"),
    text("payload"),
    text("previous_hash"),
    text("hash"),
    PrimaryKeyConstraint("contract_id", "sequence"),
    ForeignKeyConstraint(["contract_id"], ["contracts.contract_id"]),
    UniqueConstraint("contract_id", "previous_hash"),
)

terms_versions = projection(
    "terms_versions",
    ("version",),
    Column("version", Integer, nullable=False),
    text("hash"),
    text("document"),
    date_of("effective_from"),
    text("party"),
    text("person"),
    UniqueConstraint("contract_id", "hash"),
)

acceptances = projection(
    "acceptances",
    ("version", "party"),
    Column("version", Integer, nullable=False),
    text("party"),
    text("person"),
    text("hash"),
    date_of("accepted_on"),
    to("terms_versions", "version"),
)

notes = Table(
    "notes",
    metadata,
    text("contract_id"),
    text("digest"),
    text("salt"),
    text("sealed_text"),
    PrimaryKeyConstraint("contract_id", "digest"),
    ForeignKeyConstraint(["contract_id"], ["contracts.contract_id"]),
)

delegated_acts = projection(
    "delegated_acts",
    ("sequence", "grant_id"),
    text("grant_id"),
    text("on_behalf_of"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    text("contract_id"),
    text("party"),
    text("key"),
    text("fingerprint"),
    Column("status", Integer, nullable=False),
    text("headers"),
    text("body"),
    Column("recorded_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("contract_id", "party", "key"),
    ForeignKeyConstraint(["contract_id"], ["contracts.contract_id"]),
)

"""Closes of periods, the statements they froze, and entries posted late."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Text
from sqlalchemy import text as sql

from app.storage.columns import date_of, maybe, number, projection, text, to

period_closes = projection(
    "period_closes",
    ("close_number",),
    Column("close_number", Integer, nullable=False),
    text("kind"),
    date_of("period_start"),
    date_of("period_end"),
    text("level"),
    date_of("decided_on"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("kind IN ('quarter', 'financial_year')", name="kind_known"),
    CheckConstraint("level IN ('soft', 'hard', 'reopened')", name="level_known"),
    CheckConstraint("period_start < period_end", name="period_ordered"),
    CheckConstraint("period_end < decided_on", name="period_over"),
    Index(
        "ix_period_closes_hard",
        "contract_id",
        "kind",
        "period_end",
        unique=True,
        postgresql_where=sql("level = 'hard'"),
    ),
)

frozen_statements = projection(
    "frozen_statements",
    ("book", "statement_number"),
    text("book"),
    Column("statement_number", Integer, nullable=False),
    Column("close_number", Integer, nullable=False),
    number("known_through"),
    text("known_through_hash"),
    text("sha256"),
    Column("document", Text, nullable=False),
    Index(None, "contract_id", "close_number", "book", unique=True),
    to("period_closes", "close_number"),
    to("journal", "known_through", other=("sequence",)),
)

late_postings = projection(
    "late_postings",
    ("entry_number",),
    number("entry_number"),
    text("level"),
    date_of("belongs_on"),
    maybe("note_digest"),
    CheckConstraint("level IN ('soft', 'hard')", name="level_known"),
    Index(None, "contract_id", "belongs_on"),
    to("entries", "entry_number"),
)

"""Claims, their lines and decisions; accounts, entries, postings and payments."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    UniqueConstraint,
)

from app.storage.columns import date_of, json_of, maybe, number, projection, text, to

claims = projection(
    "claims",
    ("claim_number",),
    Column("claim_number", Integer, nullable=False),
    date_of("period_start"),
    date_of("period_end"),
    Column("supplementary", Boolean, nullable=False),
    Column("terms_version", Integer, nullable=False),
    date_of("submitted_on"),
    text("party"),
    text("person"),
    Column("second_approval_above_minor", BigInteger),
    CheckConstraint("period_start <= period_end", name="period_ordered"),
    Index(None, "contract_id", "period_end"),
    to("terms_versions", "terms_version", other=("version",)),
)

claim_lines = projection(
    "claim_lines",
    ("claim_number", "line_number"),
    Column("claim_number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    text("kind"),
    text("source_id"),
    text("participant_id"),
    text("metric"),
    date_of("achieved_on"),
    date_of("verified_on"),
    number("gross_minor"),
    number("payable_minor"),
    text("currency"),
    text("origin"),
    Column("counted", Integer, nullable=False),
    json_of("carried"),
    json_of("working"),
    Index(None, "contract_id", "kind", "source_id"),
    Index(None, "contract_id", "participant_id"),
    to("claims", "claim_number"),
    to("participants", "participant_id"),
)

claim_line_cuts = projection(
    "claim_line_cuts",
    ("claim_number", "line_number", "cap"),
    Column("claim_number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    text("cap"),
    Column("cut_number", Integer, nullable=False),
    number("amount_minor"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    UniqueConstraint("contract_id", "claim_number", "line_number", "cut_number"),
    to("claim_lines", "claim_number", "line_number"),
)

claim_line_shares = projection(
    "claim_line_shares",
    ("claim_number", "line_number", "payer"),
    Column("claim_number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    text("payer"),
    number("amount_minor"),
    to("claim_lines", "claim_number", "line_number"),
)

claim_first_approvals = projection(
    "claim_first_approvals",
    ("claim_number",),
    Column("claim_number", Integer, nullable=False),
    date_of("approved_on"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    to("claims", "claim_number"),
)

claim_decisions = projection(
    "claim_decisions",
    ("claim_number",),
    Column("claim_number", Integer, nullable=False),
    text("decision"),
    date_of("decided_on"),
    maybe("reason_code"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("decision IN ('approved', 'returned')", name="decision_known"),
    to("claims", "claim_number"),
)

approved_lines = projection(
    "approved_lines",
    ("kind", "source_id"),
    text("kind"),
    text("source_id"),
    Column("claim_number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    Column("entry_number", BigInteger),
    UniqueConstraint("contract_id", "claim_number", "line_number"),
    to("claim_lines", "claim_number", "line_number"),
    to("entries", "entry_number"),
)

accounts = projection(
    "accounts",
    ("name",),
    text("name"),
    text("type"),
    maybe("mirror"),
)

entries = projection(
    "entries",
    ("entry_number",),
    number("entry_number"),
    text("kind"),
    text("source"),
    date_of("effective_date"),
    Column("reverses", BigInteger),
    UniqueConstraint("contract_id", "source"),
    UniqueConstraint("contract_id", "entry_number", "sequence", "effective_date", "recorded_at"),
    Index(None, "contract_id", "reverses"),
    to("entries", "reverses", other=("entry_number",)),
)

postings = projection(
    "postings",
    ("entry_number", "posting_number"),
    number("entry_number"),
    Column("posting_number", Integer, nullable=False),
    text("debit"),
    text("credit"),
    number("amount_minor"),
    text("currency"),
    date_of("effective_date"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("split_part(debit, '/', 1) = split_part(credit, '/', 1)", name="one_book"),
    to("accounts", "debit", other=("name",)),
    to("accounts", "credit", other=("name",)),
    to("entries", "entry_number", "sequence", "effective_date", "recorded_at"),
    Index(
        "ix_postings_debit",
        "contract_id",
        "debit",
        "effective_date",
        postgresql_include=["amount_minor", "recorded_at"],
    ),
    Index(
        "ix_postings_credit",
        "contract_id",
        "credit",
        "effective_date",
        postgresql_include=["amount_minor", "recorded_at"],
    ),
)

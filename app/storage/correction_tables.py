"""Corrections of approved claim lines: what is proposed, what was decided, where it was asked."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)

from app.storage.columns import date_of, maybe, number, projection, text, to

corrections = projection(
    "corrections",
    ("correction_id",),
    text("correction_id"),
    text("kind"),
    text("reason"),
    Column("claim_number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    Column("reverses", BigInteger),
    maybe("dispute_id"),
    date_of("proposed_on"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reversal_linked"),
    Index(None, "contract_id", "claim_number", "line_number"),
    to("claim_lines", "claim_number", "line_number"),
    to("entries", "reverses", other=("entry_number",)),
    to("disputes", "dispute_id"),
)

correction_shares = projection(
    "correction_shares",
    ("correction_id", "payer"),
    text("correction_id"),
    text("payer"),
    # Below zero: the payer owes less than the line said.
    number("amount_minor"),
    text("currency"),
    CheckConstraint("amount_minor <> 0", name="amount_given"),
    to("corrections", "correction_id"),
)

correction_first_approvals = projection(
    "correction_first_approvals",
    ("correction_id",),
    text("correction_id"),
    date_of("approved_on"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    to("corrections", "correction_id"),
)

correction_decisions = projection(
    "correction_decisions",
    ("correction_id",),
    text("correction_id"),
    text("decision"),
    date_of("decided_on"),
    Column("entry_number", BigInteger),
    # What the approval added to the count of paid outcomes of the line's metric: -1, 0 or 1.
    Column("counted", Integer, nullable=False),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("decision IN ('approved', 'refused')", name="decision_known"),
    CheckConstraint("(decision = 'approved') = (entry_number IS NOT NULL)", name="posted"),
    UniqueConstraint("contract_id", "entry_number"),
    to("corrections", "correction_id"),
    to("entries", "entry_number"),
)

correction_documents = projection(
    "correction_documents",
    ("correction_id", "customer"),
    text("correction_id"),
    text("customer"),
    # Null where the round left nothing to ask of the customer, or to give back.
    maybe("issuer"),
    Column("number", Integer),
    CheckConstraint("(issuer IS NULL) = (number IS NULL)", name="document_named"),
    Index(None, "contract_id", "issuer", "number"),
    to("corrections", "correction_id"),
    ForeignKeyConstraint(
        ["contract_id", "issuer", "number"],
        ["invoices.contract_id", "invoices.issuer", "invoices.number"],
    ),
)

fund_claim_corrections = projection(
    "fund_claim_corrections",
    ("fund_claim_number", "correction_id"),
    Column("fund_claim_number", Integer, nullable=False),
    text("correction_id"),
    text("fund"),
    Column("counted", Integer, nullable=False),
    number("amount_minor"),
    text("currency"),
    UniqueConstraint("contract_id", "fund", "correction_id"),
    to("fund_claims", "fund_claim_number"),
    to("corrections", "correction_id"),
)

"""Disputes of claim lines: the notice, who bears the disputed part, the steps, the outcome."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer

from app.storage.columns import date_of, maybe, number, projection, text, to

disputes = projection(
    "disputes",
    ("dispute_id",),
    text("dispute_id"),
    text("subject"),
    Column("claim_number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    # Whether the line was posted when it was disputed: it decides what an outcome posts.
    Column("is_posted", Boolean, nullable=False),
    date_of("raised_on"),
    date_of("challenged_on"),
    number("amount_minor"),
    text("currency"),
    text("reason"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("raised_on >= challenged_on", name="after_decision"),
    Index(None, "contract_id", "claim_number", "line_number"),
    to("claim_lines", "claim_number", "line_number"),
)

dispute_shares = projection(
    "dispute_shares",
    ("dispute_id", "payer"),
    text("dispute_id"),
    text("payer"),
    number("amount_minor"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    to("disputes", "dispute_id"),
)

dispute_escalations = projection(
    "dispute_escalations",
    ("dispute_id", "step"),
    text("dispute_id"),
    Column("step", Integer, nullable=False),
    date_of("on_date"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("step > 1", name="step_later"),
    to("disputes", "dispute_id"),
)

dispute_outcomes = projection(
    "dispute_outcomes",
    ("dispute_id",),
    text("dispute_id"),
    text("kind"),
    date_of("decided_on"),
    text("decided_by"),
    number("due_minor"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("kind IN ('upheld', 'rejected', 'settled')", name="kind_known"),
    CheckConstraint("due_minor >= 0 AND (kind <> 'upheld' OR due_minor = 0)", name="due_fits"),
    to("disputes", "dispute_id"),
)

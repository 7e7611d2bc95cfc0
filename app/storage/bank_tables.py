"""Imported bank and accounts-payable files, their lines, proposed matches, and decisions on both.

The raw file is kept beside the evidence files; rows hold what was read of it. A line is one of an
account: `party` and `source` name it, and so does `account` under every source, where it is known;
`identity` is the line's own in every file of it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)

from app.storage.columns import date_of, json_of, maybe, number, projection, text, to

_CLASSES = "('matched', 'part', 'over')"


def _line() -> tuple[Column[int], Column[int]]:
    """The two columns that name a line."""
    return (
        Column("import_number", Integer, nullable=False),
        Column("position", Integer, nullable=False),
    )


column_mappings = projection(
    "column_mappings",
    ("party", "name", "version"),
    text("name"),
    Column("version", Integer, nullable=False),
    json_of("mapping"),
    text("party"),
    text("person"),
)

imports = projection(
    "imports",
    ("import_number",),
    Column("import_number", Integer, nullable=False),
    text("source"),
    text("kind"),
    text("sha256"),
    number("size_bytes"),
    maybe("mapping_name"),
    Column("mapping_version", Integer),
    text("party"),
    text("person"),
    UniqueConstraint(
        "contract_id",
        "party",
        "source",
        "sha256",
        "mapping_name",
        "mapping_version",
        name="uq_imports_same_file",
        postgresql_nulls_not_distinct=True,
    ),
    CheckConstraint("kind IN ('camt.053', 'mt940', 'csv')", name="kind_known"),
    CheckConstraint("(kind = 'csv') = (mapping_name IS NOT NULL)", name="mapping_of_csv"),
    to(
        "column_mappings",
        "party",
        "mapping_name",
        "mapping_version",
        other=("party", "name", "version"),
    ),
)

import_totals = projection(
    "import_totals",
    ("import_number",),
    Column("import_number", Integer, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("duplicate_count", Integer, nullable=False),
    Column("fault_count", Integer, nullable=False),
    maybe("account"),
    Column("opening_minor", BigInteger),
    maybe("opening_currency"),
    Column("closing_minor", BigInteger),
    maybe("closing_currency"),
    to("imports", "import_number"),
)

import_lines = projection(
    "import_lines",
    ("import_number", "position"),
    *_line(),
    text("party"),
    text("source"),
    maybe("account"),
    text("identity"),
    date_of("booked_on"),
    Column("value_on", Date),
    number("amount_minor"),
    text("currency"),
    text("direction"),
    maybe("counterparty"),
    json_of("reference_texts"),
    Column("is_return", Boolean, nullable=False),
    text("classification"),
    Column("first_import", Integer),
    Column("first_position", Integer),
    CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
    CheckConstraint("direction IN ('in', 'out')", name="direction_known"),
    CheckConstraint("classification IN ('unknown', 'duplicate')", name="classification_known"),
    CheckConstraint("(classification = 'duplicate') = (first_import IS NOT NULL)", name="first"),
    Index(
        "uq_import_lines_identity",
        "contract_id",
        "party",
        "source",
        "identity",
        unique=True,
        postgresql_where=sql("first_import IS NULL"),
    ),
    Index(
        "uq_import_lines_account",
        "contract_id",
        "party",
        "account",
        "identity",
        unique=True,
        postgresql_where=sql("first_import IS NULL"),
    ),
    to("imports", "import_number"),
    to("import_lines", "first_import", "first_position", other=("import_number", "position")),
)

import_faults = projection(
    "import_faults",
    ("import_number", "position"),
    *_line(),
    text("code"),
    text("message"),
    to("imports", "import_number"),
)

fault_decisions = projection(
    "fault_decisions",
    ("import_number", "position", "sequence"),
    *_line(),
    text("decision"),
    maybe("reason_code"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("decision IN ('ignored', 'taken_back')", name="decision_known"),
    CheckConstraint("(decision = 'ignored') = (reason_code IS NOT NULL)", name="reason_given"),
    to("import_faults", "import_number", "position"),
)

line_findings = projection(
    "line_findings",
    ("import_number", "position", "sequence"),
    *_line(),
    json_of("reasons"),
    to("import_lines", "import_number", "position"),
)

line_decisions = projection(
    "line_decisions",
    ("import_number", "position", "sequence"),
    *_line(),
    text("decision"),
    maybe("reason_code"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("decision IN ('ignored', 'taken_back')", name="decision_known"),
    CheckConstraint("(decision = 'ignored') = (reason_code IS NOT NULL)", name="reason_given"),
    to("import_lines", "import_number", "position"),
)

match_rules = projection(
    "match_rules",
    ("party", "source", "version"),
    text("source"),
    Column("version", Integer, nullable=False),
    Column("days_before_issue", Integer, nullable=False),
    Column("days_after_due", Integer, nullable=False),
    Column("return_days", Integer, nullable=False),
    Column("group_candidates", Integer, nullable=False),
    Column("group_size", Integer, nullable=False),
    text("party"),
    text("person"),
)

matches = projection(
    "matches",
    ("match_id",),
    text("match_id"),
    text("source"),
    text("rule"),
    Column("score", Integer, nullable=False),
    text("classification"),
    number("left_over_minor"),
    text("currency"),
    json_of("alternatives"),
    json_of("working"),
    text("party"),
    text("person"),
    CheckConstraint(f"classification IN {_CLASSES}", name="classification_known"),
    CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),
    CheckConstraint("left_over_minor >= 0", name="left_over_not_negative"),
)

match_lines = projection(
    "match_lines",
    ("match_id", "import_number", "position"),
    text("match_id"),
    *_line(),
    Index(None, "contract_id", "import_number", "position"),
    to("matches", "match_id"),
    to("import_lines", "import_number", "position"),
)

match_allocations = projection(
    "match_allocations",
    ("match_id", "import_number", "position", "item_id"),
    text("match_id"),
    *_line(),
    text("item_id"),
    number("amount_minor"),
    text("currency"),
    CheckConstraint("amount_minor <> 0", name="amount_given"),
    to("match_lines", "match_id", "import_number", "position"),
)

match_decisions = projection(
    "match_decisions",
    ("match_id", "step"),
    text("match_id"),
    Column("step", Integer, nullable=False),
    text("decision"),
    date_of("decided_on"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("step IN (1, 2)", name="step_known"),
    CheckConstraint(
        "decision IN ('accepted', 'refused', 'superseded', 'undone')", name="decision_known"
    ),
    to("matches", "match_id"),
)

line_payments = projection(
    "line_payments",
    ("match_id", "import_number", "position", "payment_id"),
    text("match_id"),
    *_line(),
    text("payment_id"),
    text("effect"),
    number("amount_minor"),
    text("currency"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("effect IN ('recorded', 'confirmed')", name="effect_known"),
    Index(None, "contract_id", "payment_id"),
    to("match_lines", "match_id", "import_number", "position"),
    to("payments", "payment_id"),
)

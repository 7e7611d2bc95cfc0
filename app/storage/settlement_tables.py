"""Invoices and credit notes, claims to a fund, payments and what they settle."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    UniqueConstraint,
    func,
)

from app.storage.columns import date_of, json_of, maybe, number, projection, text, to

invoices = projection(
    "invoices",
    ("issuer", "number"),
    text("issuer"),
    Column("number", Integer, nullable=False),
    text("kind"),
    Column("claim_number", Integer, nullable=False),
    # A claim's documents are issued once, and again for what was corrected since.
    Column("round", Integer, nullable=False),
    text("customer"),
    date_of("issued_on"),
    Column("due_on", Date),
    maybe("purchase_order"),
    text("currency"),
    number("net_minor"),
    text("vat_treatment"),
    text("vat_rationale"),
    maybe("vat_rate"),
    number("vat_minor"),
    number("total_minor"),
    json_of("cites"),
    text("party"),
    text("person"),
    # Once for each claim, round and customer; credit notes apart by the tax on what they take back.
    UniqueConstraint(
        "contract_id",
        "claim_number",
        "round",
        "issuer",
        "customer",
        "kind",
        "vat_treatment",
        "vat_rationale",
        "vat_rate",
        name="uq_invoices_once",
        postgresql_nulls_not_distinct=True,
    ),
    CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind_known"),
    CheckConstraint("total_minor = net_minor + vat_minor AND net_minor > 0", name="adds_up"),
    Index(None, "contract_id", "due_on"),
    to("claims", "claim_number"),
)

invoice_lines = projection(
    "invoice_lines",
    ("issuer", "number", "line_number"),
    text("issuer"),
    Column("number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    text("metric"),
    text("description"),
    Column("counted", Integer, nullable=False),
    number("net_minor"),
    to("invoices", "issuer", "number"),
)

fund_claims = projection(
    "fund_claims",
    ("fund_claim_number",),
    Column("fund_claim_number", Integer, nullable=False),
    text("fund"),
    date_of("period_start"),
    date_of("period_end"),
    date_of("prepared_on"),
    text("party"),
    text("person"),
    # The terms in effect at the period's end, and the limit that they set.
    Column("terms_version", Integer, nullable=False),
    Column("second_approval_above_minor", BigInteger),
    CheckConstraint("period_start <= period_end", name="period_ordered"),
    to("terms_versions", "terms_version", other=("version",)),
)

fund_claim_first_approvals = projection(
    "fund_claim_first_approvals",
    ("fund_claim_number",),
    Column("fund_claim_number", Integer, nullable=False),
    date_of("approved_on"),
    text("party"),
    text("person"),
    to("fund_claims", "fund_claim_number"),
)

fund_claim_lines = projection(
    "fund_claim_lines",
    ("fund_claim_number", "claim_number", "line_number"),
    Column("fund_claim_number", Integer, nullable=False),
    Column("claim_number", Integer, nullable=False),
    Column("line_number", Integer, nullable=False),
    text("fund"),
    text("metric"),
    Column("counted", Integer, nullable=False),
    number("amount_minor"),
    text("currency"),
    UniqueConstraint("contract_id", "fund", "claim_number", "line_number"),
    to("fund_claims", "fund_claim_number"),
    to("claim_lines", "claim_number", "line_number"),
)

fund_claim_states = projection(
    "fund_claim_states",
    ("fund_claim_number", "sequence"),
    Column("fund_claim_number", Integer, nullable=False),
    text("state"),
    date_of("on_date"),
    maybe("note_digest"),
    text("party"),
    text("person"),
    CheckConstraint("state IN ('submitted', 'queried')", name="state_known"),
    to("fund_claims", "fund_claim_number"),
)

payments = projection(
    "payments",
    ("payment_id",),
    text("payment_id"),
    text("kind"),
    text("payer"),
    text("payee"),
    number("amount_minor"),
    text("currency"),
    date_of("paid_on"),
    maybe("reference"),
    maybe("returns"),
    Column("pays_back", Boolean, nullable=False),
    Column("entry_number", BigInteger),
    text("party"),
    text("person"),
    CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
    CheckConstraint("kind IN ('payment', 'return', 'set_off')", name="kind_known"),
    CheckConstraint("(kind = 'set_off') = (amount_minor = 0)", name="money_moves"),
    CheckConstraint("(kind = 'set_off') = (entry_number IS NULL)", name="money_posted"),
    CheckConstraint("(kind = 'return') = (returns IS NOT NULL)", name="return_named"),
    UniqueConstraint("contract_id", "entry_number"),
    Index(None, "contract_id", "paid_on"),
    to("payments", "returns", other=("payment_id",)),
    to("entries", "entry_number"),
)

payment_allocations = projection(
    "payment_allocations",
    ("payment_id", "sequence", "document"),
    text("payment_id"),
    text("document"),
    number("amount_minor"),
    text("currency"),
    date_of("allocated_on"),
    CheckConstraint("amount_minor <> 0", name="amount_given"),
    Index(None, "contract_id", "document"),
    to("payments", "payment_id"),
)


def invoice_document() -> ColumnElement[str]:
    """How allocations name a row of `invoices`: invoice:spv/12."""
    return func.concat("invoice:", invoices.c.issuer, "/", invoices.c.number)

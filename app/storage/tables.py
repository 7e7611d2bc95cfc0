"""Every table. All but those in NOT_PROJECTED are projections.

A projected table's columns are `contract_id`, `sequence` (the journal record that made the row),
`recorded_at` (that record's), and its own; rows are inserted and never changed. `contract_id`
leads every key, so that one contract lives together on one node of a distributed PostgreSQL.
"""

from sqlalchemy import Table

from app.storage.bank_tables import (
    column_mappings,
    fault_decisions,
    import_faults,
    import_lines,
    import_totals,
    imports,
    line_decisions,
    line_findings,
    line_payments,
    match_allocations,
    match_decisions,
    match_lines,
    match_rules,
    matches,
)
from app.storage.columns import metadata
from app.storage.correction_tables import (
    correction_decisions,
    correction_documents,
    correction_first_approvals,
    correction_shares,
    corrections,
    fund_claim_corrections,
)
from app.storage.dispute_tables import (
    dispute_escalations,
    dispute_outcomes,
    dispute_shares,
    disputes,
)
from app.storage.head_tables import signed_heads, signing_keys
from app.storage.money_tables import (
    accounts,
    approved_lines,
    claim_decisions,
    claim_first_approvals,
    claim_line_cuts,
    claim_line_shares,
    claim_lines,
    claims,
    entries,
    postings,
)
from app.storage.outcome_tables import (
    clawbacks,
    entitlements,
    evidence_items,
    journey_events,
    participants,
    submission_evidence,
    submissions,
    verifications,
    waivers,
)
from app.storage.period_tables import frozen_statements, late_postings, period_closes
from app.storage.privacy_tables import (
    erased_files,
    erased_notes,
    erasures,
    evidence_uploads,
    file_scans,
    participant_privacy,
)
from app.storage.record_tables import (
    acceptances,
    contracts,
    delegated_acts,
    idempotency_keys,
    journal,
    notes,
    terms_versions,
)
from app.storage.settlement_tables import (
    fund_claim_first_approvals,
    fund_claim_lines,
    fund_claim_states,
    fund_claims,
    invoice_lines,
    invoices,
    payment_allocations,
    payments,
)

NOT_PROJECTED = frozenset(
    {
        "contracts",
        "evidence_uploads",
        "file_scans",
        "idempotency_keys",
        "journal",
        "notes",
        "signed_heads",
        "signing_keys",
    }
)

PROJECTIONS: tuple[Table, ...] = tuple(
    table for table in metadata.sorted_tables if table.name not in NOT_PROJECTED
)
"""Tables that are refolded from the journal, in an order that respects their foreign keys."""

__all__ = [
    "NOT_PROJECTED",
    "PROJECTIONS",
    "acceptances",
    "accounts",
    "approved_lines",
    "claim_decisions",
    "claim_first_approvals",
    "claim_line_cuts",
    "claim_line_shares",
    "claim_lines",
    "claims",
    "clawbacks",
    "column_mappings",
    "contracts",
    "correction_decisions",
    "correction_documents",
    "correction_first_approvals",
    "correction_shares",
    "corrections",
    "delegated_acts",
    "dispute_escalations",
    "dispute_outcomes",
    "dispute_shares",
    "disputes",
    "entitlements",
    "entries",
    "erased_files",
    "erased_notes",
    "erasures",
    "evidence_items",
    "evidence_uploads",
    "fault_decisions",
    "file_scans",
    "frozen_statements",
    "fund_claim_corrections",
    "fund_claim_first_approvals",
    "fund_claim_lines",
    "fund_claim_states",
    "fund_claims",
    "idempotency_keys",
    "import_faults",
    "import_lines",
    "import_totals",
    "imports",
    "invoice_lines",
    "invoices",
    "journal",
    "journey_events",
    "late_postings",
    "line_decisions",
    "line_findings",
    "line_payments",
    "match_allocations",
    "match_decisions",
    "match_lines",
    "match_rules",
    "matches",
    "metadata",
    "notes",
    "participant_privacy",
    "participants",
    "payment_allocations",
    "payments",
    "period_closes",
    "postings",
    "signed_heads",
    "signing_keys",
    "submission_evidence",
    "submissions",
    "terms_versions",
    "verifications",
    "waivers",
]

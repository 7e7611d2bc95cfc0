"""Which rows of which tables are about a participant: for erasure and for subject access.

Every projected table stands in LINKED, with the way from its rows to a participant, or in UNLINKED;
a test holds them complete, so that a new table cannot be forgotten.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, select, tuple_

from app.storage.rows import BY_NAME

Hops = tuple[tuple[str, tuple[str, ...]], ...]

_LINE = ("claim_number", "line_number")
_OWN: Hops = ()
_SUBMISSION = (("submissions", ("submission_id",)),)
_CLAIM_LINE = (("claim_lines", _LINE),)
_DISPUTE = (("disputes", ("dispute_id",)), *_CLAIM_LINE)
_CORRECTION = (("corrections", ("correction_id",)), *_CLAIM_LINE)
_ERASURE = (("erasures", ("erasure_number",)),)

LINKED: Mapping[str, Hops] = {
    "participants": _OWN,
    "participant_privacy": _OWN,
    "journey_events": _OWN,
    "evidence_items": _OWN,
    "submissions": _OWN,
    "submission_evidence": _OWN,
    "waivers": _SUBMISSION,
    "verifications": _SUBMISSION,
    "entitlements": _OWN,
    "clawbacks": (("entitlements", ("entitlement_id",)),),
    "claim_lines": _OWN,
    "claim_line_cuts": _CLAIM_LINE,
    "claim_line_shares": _CLAIM_LINE,
    "approved_lines": _CLAIM_LINE,
    "fund_claim_lines": _CLAIM_LINE,
    "disputes": _CLAIM_LINE,
    "dispute_shares": _DISPUTE,
    "dispute_escalations": _DISPUTE,
    "dispute_outcomes": _DISPUTE,
    "corrections": _CLAIM_LINE,
    "correction_shares": _CORRECTION,
    "correction_first_approvals": _CORRECTION,
    "correction_decisions": _CORRECTION,
    "correction_documents": _CORRECTION,
    "fund_claim_corrections": _CORRECTION,
    "erasures": _OWN,
    "erased_files": _ERASURE,
    "erased_notes": _ERASURE,
}
"""For each table the hops (table, columns) to one that has `participant_id`; none: it has it."""

UNLINKED = frozenset(
    {
        # The contract, its terms and its books: sums of many people, or of none.
        "accounts",
        "acceptances",
        "claim_decisions",
        "claim_first_approvals",
        "claims",
        "delegated_acts",
        "entries",
        "frozen_statements",
        "fund_claim_first_approvals",
        "fund_claim_states",
        "fund_claims",
        "invoice_lines",
        "invoices",
        "late_postings",
        "payment_allocations",
        "payments",
        "period_closes",
        "postings",
        "terms_versions",
        # What banks say about payments between the parties.
        "column_mappings",
        "fault_decisions",
        "import_faults",
        "import_lines",
        "import_totals",
        "imports",
        "line_decisions",
        "line_findings",
        "line_payments",
        "match_allocations",
        "match_decisions",
        "match_lines",
        "match_rules",
        "matches",
    }
)


def about(table: Table, contract_id: str, participant_id: str) -> ColumnElement[bool]:
    """The condition that rows of a table of LINKED are about a participant of a contract."""
    hops = LINKED[table.name]
    if not hops:
        return and_(table.c.contract_id == contract_id, table.c.participant_id == participant_id)
    name, columns = hops[0]
    reached = _reached(name, hops[1:], contract_id, participant_id, columns)
    own = tuple_(*(table.c[column] for column in columns))
    return and_(table.c.contract_id == contract_id, own.in_(reached))


def _reached(
    name: str, hops: Hops, contract_id: str, participant_id: str, columns: tuple[str, ...]
) -> Select[Any]:
    """The keys of a table's rows that lead to the participant."""
    table = BY_NAME[name]
    query = select(*(table.c[column] for column in columns)).where(
        table.c.contract_id == contract_id
    )
    if not hops:
        return query.where(table.c.participant_id == participant_id)
    following, keys = hops[0]
    inner = _reached(following, hops[1:], contract_id, participant_id, keys)
    return query.where(tuple_(*(table.c[key] for key in keys)).in_(inner))

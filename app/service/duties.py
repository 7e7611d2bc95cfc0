"""Duties that stay apart by person, whatever way a record is made.

Who submitted, verified, approved or proposed is asked where that is decided (verification, claims,
corrections, disputes). Money is set against documents in several ways (a payment, a return, a
set-off, a match of a bank line), so that rule stands here and is asked of every command. The
database asks all of them again (migrations/versions/0001_duties.sql).
"""

from app.domain.errors import NotPermitted
from app.storage import duties
from app.storage.engine import Connection
from app.storage.rows import Rows


def require_apart(
    connection: Connection, contract_id: str, persons: frozenset[str], rows: Rows
) -> None:
    """Refuse to settle documents of a claim that the same person approved, or had a hand in.

    `persons` are who acts and, under a delegation, for whom: each counts, then as now.

    Officer 2 approved claim 8, and officer 1 verified an outcome in it, so another person records
    the payment of invoice:spv/8. Raises NotPermitted `payer-is-approver` and `payer-is-verifier`.
    """
    settled = [str(row["document"]) for row in rows.get("payment_allocations", ())]
    if not settled:
        return
    if persons & duties.approvers_of(connection, contract_id, settled):
        raise NotPermitted(
            "payer-is-approver",
            "You, or the person for whom you act, approved the claim of a document that this "
            "settles, so another person has to record the payment.",
        )
    if persons & duties.hands_in(connection, contract_id, settled):
        raise NotPermitted(
            "payer-is-verifier",
            "You, or the person for whom you act, submitted or verified an outcome in the claim of "
            "a document that this settles, or took one back, so another person has to record the "
            "payment.",
        )

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
    """Refuse to settle invoices and credit notes of a claim that the same person approved.

    `persons` are who acts and, under a delegation, for whom: each counts, then as now.

    Officer 2 approved claim 8, so another person records the payment of invoice:spv/8. Raises
    NotPermitted `payer-is-approver`.
    """
    settled = [str(row["document"]) for row in rows.get("payment_allocations", ())]
    if settled and persons & duties.approvers_of(connection, contract_id, settled):
        raise NotPermitted(
            "payer-is-approver",
            "You, or the person for whom you act, approved the claim of a document that this "
            "settles, so another person has to record the payment.",
        )

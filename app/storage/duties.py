"""Who approved what is about to be settled."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, union

from app.storage.settlement_tables import invoice_document, invoices
from app.storage.tables import claim_decisions, claim_first_approvals


def approvers_of(
    connection: Connection, contract_id: str, documents: Sequence[str]
) -> frozenset[str]:
    """The people who approved the claims of some invoices and credit notes, named as documents.

    Of a claim that took two approvals, both.
    """
    approved = claim_decisions.c.decision == "approved"
    deciding, first = (
        select(table.c.person)
        .join(
            invoices,
            (invoices.c.contract_id == table.c.contract_id)
            & (invoices.c.claim_number == table.c.claim_number),
        )
        .where(table.c.contract_id == contract_id, invoice_document().in_(list(documents)))
        for table in (claim_decisions, claim_first_approvals)
    )
    return frozenset(connection.execute(union(deciding.where(approved), first)).scalars())

"""Who approved what is about to be settled."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.storage.settlement_tables import invoice_document, invoices
from app.storage.tables import claim_decisions


def approvers_of(
    connection: Connection, contract_id: str, documents: Sequence[str]
) -> frozenset[str]:
    """The people who approved the claims of some invoices and credit notes, named as documents."""
    query = (
        select(claim_decisions.c.person)
        .distinct()
        .join(
            invoices,
            (invoices.c.contract_id == claim_decisions.c.contract_id)
            & (invoices.c.claim_number == claim_decisions.c.claim_number),
        )
        .where(
            claim_decisions.c.contract_id == contract_id,
            claim_decisions.c.decision == "approved",
            invoice_document().in_(list(documents)),
        )
    )
    return frozenset(connection.execute(query).scalars())

"""Reading the journal: the audit log and change feed of a contract, in the order of its chain."""

from app.domain.journal import Record
from app.service.context import Context
from app.storage import journal


def list_records(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[Record]:
    """Journal records after a sequence, in order; an empty list at the end."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return journal.page(uow.connection, contract_id, after, limit)

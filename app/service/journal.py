"""Reading the journal: the audit log and change feed of a contract, in the order of its chain."""

from app.domain.journal import Record
from app.domain.sight import Sight
from app.service.context import Context
from app.storage import journal, views
from app.storage.views import RecordHead


def list_records(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[Record]:
    """Journal records with their payloads, after a sequence, in order; empty at the end.

    NotPermitted `person-level-not-permitted` for a reader who may see nobody: payloads hold rows
    about people. A provider among several is given its own acts.
    """
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return journal.page(uow.connection, contract_id, after, limit)


def list_told(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[tuple[RecordHead, str | None]]:
    """Every journal record after a sequence, in order, each with its payload if it may be seen.

    Who may see nobody still sees that something was recorded, when, by whom, and the whole chain
    of hashes; a provider among several has the payloads of its own acts.
    """
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        heads = views.record_page(uow.connection, contract_id, after, limit)
        if uow.scope.sight is Sight.AGGREGATE:
            return [(head, None) for head in heads]
        seen = journal.page(uow.connection, contract_id, after, limit)
        payloads = {record.sequence: record.payload for record in seen}
        return [(head, payloads.get(head.sequence)) for head in heads]

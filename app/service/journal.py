"""Reading the journal: the audit log and change feed of a contract, in the order of its chain."""

from dataclasses import replace

from app.domain.sight import Sight
from app.service.context import Context
from app.storage import journal, views
from app.storage.views import RecordTold


def list_records(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[RecordTold]:
    """Every journal record after a sequence, in order, each with its payload if it may be seen.

    Who may see nobody still sees that something was recorded, when, by whom, and the whole chain
    of hashes; a provider among several has the payloads of its own acts. Empty at the end.
    """
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        told = views.record_page(uow.connection, contract_id, after, limit)
        if uow.scope.sight is Sight.AGGREGATE:
            return told
        seen = journal.page(uow.connection, contract_id, after, limit)
        payloads = {record.sequence: record.payload for record in seen}
        return [replace(one, payload=payloads.get(one.sequence)) for one in told]

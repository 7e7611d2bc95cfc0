"""Who may act for whom on a contract, for everybody who has a role on it."""

from app.service.context import Context
from app.storage import journal, standing
from app.storage.standing import Standing


def list_standing(
    context: Context, contract_id: str, after: str = "", limit: int = 50
) -> list[Standing]:
    """Grants on a contract in order of their ids, of every party and ended ones too.

    Each party sees whom the operator let in, for itself and for the others. NotFound
    `contract-unknown`.
    """
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return standing.page(uow.connection, contract_id, after, limit)

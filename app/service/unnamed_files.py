"""Files that were sent and that no evidence item named: kept for some hours, then gone.

No record speaks of them, so that they leave no trace in the journal; what an item names goes by an
erasure only (app/service/erasure.py).
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.privacy import unnamed_expires_at
from app.service.context import Context
from app.storage import contracts, uploads
from app.storage.engine import Connection, UnitOfWork, run_transaction


@dataclass(frozen=True, slots=True)
class UnnamedFile:
    """A file that no item names, and the instant from which it may go."""

    sha256: str
    expires_at: datetime


def unnamed_files(context: Context, connection: Connection, contract_id: str) -> list[UnnamedFile]:
    """The files of a contract that no item names as held here, the one that goes first first."""
    hours = context.uploads.unnamed_hours
    return [
        UnnamedFile(one.sha256, unnamed_expires_at(one.received_at, hours))
        for one in uploads.unnamed(connection, contract_id)
    ]


def expire_unnamed(context: Context, contract_id: str) -> list[str]:
    """Remove the files whose hours are over; their SHA-256. Asked again, it removes none twice.

    A file goes under the contract's lock, which an item that names it needs too, and before the
    note of it: whatever interrupts this leaves a note that the next run removes, and no file.
    """

    def work(uow: UnitOfWork) -> list[str]:
        context.serve(uow, contract_id)
        contracts.lock(uow.connection, contract_id)
        now = context.clock()
        over = [
            one.sha256
            for one in unnamed_files(context, uow.connection, contract_id)
            if one.expires_at <= now
        ]
        for sha256 in over:
            context.files.erase(contract_id, sha256)
            uploads.forget(uow.connection, contract_id, sha256)
        return over

    return run_transaction(context.engine, work)

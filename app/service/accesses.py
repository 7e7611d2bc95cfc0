"""The access log: entering a look, and what auditors ask of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.journal import GENESIS
from app.domain.sight import Sight
from app.service.context import Context
from app.service.reception import Reception
from app.storage import access_log, journal
from app.storage.access_log import Access, SeenBy, StoredAccess

SERVICE_CHAIN = ""
"""The chain of what concerns no contract, and of those who have no role on the one they asked."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that somebody did: recorded in the journal, read, or tried in vain.

    `what` is the journal record's kind, or the operation; `number` that of the record or entry.
    """

    at: datetime
    did: str
    what: str
    number: int
    party: str
    code: str | None


def enter(reception: Reception, access: Access) -> None:
    """Add one entry, in a transaction of its own: a request that fails later was made all the
    same. One insert.
    """
    reception.write(lambda uow: access_log.add(uow.connection, access))


def list_accesses(
    context: Context,
    contract_id: str,
    after: tuple[str, int],
    limit: int,
    *,
    who: str | None = None,
    participant_id: str | None = None,
    refused: bool | None = None,
) -> list[StoredAccess]:
    """Entries about a contract. NotFound `contract-unknown`."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return access_log.page(
            uow.connection,
            contract_id,
            after,
            limit,
            who=who,
            participant_id=participant_id,
            refused=refused,
        )


def list_seen_by(context: Context, contract_id: str, participant_id: str) -> list[SeenBy]:
    """Who has seen a participant: whoever was given an answer that names it, or a whole list."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return access_log.seen_by(uow.connection, contract_id, participant_id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of actions starts: after the instant, the kind of doing and the number."""

    at: datetime
    did: str
    number: int


def list_actions(
    context: Context, contract_id: str, who: str, after: Place, limit: int
) -> list[Action]:
    """What somebody did on a contract, from the journal and the access log, in order of time."""
    start = (after.at, after.did, after.number)
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        if uow.scope.sight is Sight.PERSON:  # records about bank files too, whoever's they are
            with uow.reckoning():
                found = access_log.did(uow.connection, contract_id, who, start, limit)
        else:
            found = access_log.did(uow.connection, contract_id, who, start, limit)
    return [
        Action(row.at, row.did, row.what, row.number, row.party or "", row.code) for row in found
    ]


@dataclass(frozen=True, slots=True)
class ChainChecked:
    """A chain of the access log: how many entries, its last hash, and every fault."""

    count: int
    hash: str
    faults: tuple[str, ...]


def check_chain(rows: Iterator[StoredAccess]) -> ChainChecked:
    """Check number, link and hash of every entry of a chain."""
    count, last, faults = 0, GENESIS, []
    for row, found in access_log.chain_faults(rows):
        count, last = count + 1, row.hash
        faults.extend(found)
    return ChainChecked(count, last, tuple(faults))

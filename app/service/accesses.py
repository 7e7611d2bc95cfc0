"""The access log: entering a look, and what auditors ask of it."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.domain.errors import IntegrityBroken
from app.domain.journal import GENESIS
from app.domain.sight import Sight
from app.domain.signed_head import SignedHead
from app.service.access import BY_COMMAND_LINE
from app.service.context import Context
from app.service.reception import Reception
from app.storage import access_log, journal, service_heads, signing_keys, standing
from app.storage.access_log import Access, SeenBy, StoredAccess
from app.storage.engine import Connection

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
    outcome: str | None = None,
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
            outcome=outcome,
        )


def list_chain(context: Context, chain: str) -> list[StoredAccess]:
    """Every entry of a chain, for the operator of the machine."""
    with context.reading_of_none() as uow:
        context.serve(uow, chain)
        return list(access_log.of_chain(uow.connection, chain))


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


IMPORTED = "(imported)"
"""The operation of the entry with which a contract's log begins in the ledger it was moved to."""


def enter_import(
    connection: Connection, contract_id: str, at: datetime, came_along: Collection[SignedHead]
) -> None:
    """Enter that a contract was imported, with the day of its last signed head and every key that
    signed one.

    The log stays in the former ledger. Heads under these keys up to that day speak of that one,
    every other head of this.
    """
    days = [head.day.isoformat() for head in came_along]
    told = {
        "last_head": max(days, default=None),
        "keys": sorted({one.key_id for one in came_along}),
    }
    access_log.add(
        connection,
        Access(
            chain=contract_id,
            at=at,
            who=BY_COMMAND_LINE,
            party=None,
            operation=IMPORTED,
            contract_id=contract_id,
            participants=(),
            outcome="recorded",
            detail=json.dumps(told),
        ),
    )


class LogOfHead(StrEnum):
    """Which access log holds the entry that a signed head names."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    NOWHERE = "nowhere"


def log_of_head(connection: Connection, head: SignedHead, key_file: Path | None) -> LogOfHead:
    """Whether this ledger's log holds the entry that a head names, or that of another ledger.

    A head that came with an import speaks of the former ledger's log; the `(imported)` entry names
    the keys of such heads. A head under a key of this ledger never does, whatever an entry says,
    since whoever has the database can forge one. This ledger's keys are those in its file
    (`key_file`), which the database does not hold, and those of the heads of its own log. Where no
    file is named and no such head was ever signed, the entry's word is all there is.
    Raises Unavailable `signing-key-unusable` where a file that cannot be read has to be asked.
    """
    if head.access_hash == access_log.hash_at(connection, head.contract_id, head.access_sequence):
        return LogOfHead.HERE
    if head.contract_id == SERVICE_CHAIN or service_heads.has_key(connection, head.key_id):
        return LogOfHead.NOWHERE
    if key_file is not None and head.key_id in signing_keys.load(key_file).key_ids:
        return LogOfHead.NOWHERE
    for moved in access_log.details(connection, head.contract_id, IMPORTED):
        last = moved["last_head"]
        if last is not None and head.day.isoformat() <= last and head.key_id in moved["keys"]:
            return LogOfHead.ELSEWHERE
    return LogOfHead.NOWHERE


def head_faults(connection: Connection, head: SignedHead, key_file: Path | None) -> list[str]:
    """What is wrong between a signed head and the chain of the access log it is of, in words."""
    if log_of_head(connection, head, key_file) is LogOfHead.NOWHERE:
        return [f"the access log has no entry {head.access_sequence} with its hash"]
    return []


def standing_faults(connection: Connection, contract_id: str) -> list[str]:
    """Which grants on a contract the database has and its access log does not tell of, in words."""
    return [
        f"grant {grant_id} is in no entry of the access log"
        for grant_id in standing.not_entered(connection, contract_id)
    ]


def end_of_log(
    connection: Connection, contract_id: str, last: SignedHead | None, key_file: Path | None
) -> tuple[int, str]:
    """Number and hash of the last entry of a chain of the access log, for a new head.

    The log is read from the last signed head to its end. Raises IntegrityBroken
    `access-log-contradicts-head` if it does not hold what that head says, or is not chained on.
    """
    number, previous = 0, GENESIS
    faults = [] if last is None else head_faults(connection, last, key_file)
    known = (
        None if last is None else access_log.hash_at(connection, contract_id, last.access_sequence)
    )
    if last is not None and known == last.access_hash:
        number, previous = last.access_sequence, last.access_hash
    rows = access_log.of_chain(connection, contract_id, number)
    for row, found in access_log.chain_faults(rows, number, previous):
        faults.extend(found)
        number, previous = row.sequence, row.hash
    if faults:
        raise IntegrityBroken(
            "access-log-contradicts-head",
            f"Nothing was signed; in the access log: {faults[0]}. Run `outcomes verify`.",
        )
    return number, previous


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

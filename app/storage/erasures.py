"""What has been erased, and what of a participant or a whole contract can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, union

from app.domain.parties import Actor
from app.domain.privacy import ErasureGround
from app.storage.linked import LINKED, about
from app.storage.rows import BY_NAME
from app.storage.tables import (
    erased_files,
    erased_notes,
    erasures,
    evidence_items,
    evidence_uploads,
    imports,
    notes,
)

EVIDENCE, IMPORT = "evidence", "import"
"""Kinds of files: of an evidence item, and of a bank or accounts-payable extract."""


@dataclass(frozen=True, slots=True)
class Erasable:
    """What can be erased: SHA-256 of files, digests of notes.

    `shared` are files that another participant's evidence names too.
    """

    evidence: tuple[str, ...]
    shared: tuple[str, ...]
    imported: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredErasure:
    """An erasure: whose data (None: the whole contract's), why, when, by whom, and what it took."""

    erasure_number: int
    participant_id: str | None
    ground: ErasureGround
    decided_on: date
    by: Actor
    evidence: tuple[str, ...]
    imported: tuple[str, ...]
    notes: tuple[str, ...]
    sequence: int
    recorded_at: datetime


def next_number(connection: Connection, contract_id: str) -> int:
    """The number that the contract's next erasure gets; numbers have no gaps."""
    query = select(func.max(erasures.c.erasure_number)).where(erasures.c.contract_id == contract_id)
    last: int | None = connection.execute(query).scalar_one()
    return 1 if last is None else last + 1


def of_participant(connection: Connection, contract_id: str, participant_id: str) -> Erasable:
    """What the service still holds that is about a participant."""
    mine = set(connection.execute(_files(contract_id, participant_id)).scalars())
    others = _files(contract_id).where(evidence_items.c.participant_id != participant_id)
    shared = mine & set(connection.execute(others).scalars())
    named = union(
        *(
            select(table.c.note_digest).where(about(table, contract_id, participant_id))
            for table in (BY_NAME[name] for name in LINKED)
            if "note_digest" in table.c
        )
    )
    held = select(notes.c.digest).where(
        notes.c.contract_id == contract_id, notes.c.digest.in_(named)
    )
    digests = connection.execute(held).scalars()
    return Erasable(tuple(sorted(mine)), tuple(sorted(shared)), (), tuple(sorted(digests)))


def of_contract(connection: Connection, contract_id: str) -> Erasable:
    """Every file and note of a contract that the service still holds, named by an item or not."""
    imported = select(imports.c.sha256).where(
        imports.c.contract_id == contract_id, imports.c.sha256.not_in(_gone(contract_id, IMPORT))
    )
    sent = _uploaded(contract_id).where(
        evidence_uploads.c.sha256.not_in(_gone(contract_id, EVIDENCE))
    )
    digests = select(notes.c.digest).where(notes.c.contract_id == contract_id)
    return Erasable(
        tuple(sorted(set(connection.execute(union(_files(contract_id), sent)).scalars()))),
        (),
        tuple(sorted(set(connection.execute(imported).scalars()))),
        tuple(sorted(connection.execute(digests).scalars())),
    )


def is_erased(connection: Connection, contract_id: str, sha256: str) -> bool:
    """Whether an evidence file with that hash was erased."""
    query = _gone(contract_id, EVIDENCE).where(erased_files.c.sha256 == sha256)
    return connection.execute(query).first() is not None


def erased(connection: Connection, contract_id: str, kind: str) -> set[str]:
    """SHA-256 of every erased file of a kind."""
    return set(connection.execute(_gone(contract_id, kind)).scalars())


def all_of(connection: Connection, contract_id: str) -> list[StoredErasure]:
    """Every erasure in order: what has to be erased again after a backup is restored."""
    files = connection.execute(
        select(erased_files)
        .where(erased_files.c.contract_id == contract_id)
        .order_by(erased_files.c.sha256)
    ).all()
    digests = connection.execute(
        select(erased_notes)
        .where(erased_notes.c.contract_id == contract_id)
        .order_by(erased_notes.c.digest)
    ).all()
    rows = connection.execute(
        select(erasures)
        .where(erasures.c.contract_id == contract_id)
        .order_by(erasures.c.erasure_number)
    )
    return [_stored(row, files, digests) for row in rows]


def _files(contract_id: str, participant_id: str | None = None) -> Select[Any]:
    """Files named by items: held here, or said to stay with the provider and sent here as well."""
    held = evidence_items.c.held_by == "service"
    query = select(evidence_items.c.sha256).where(
        evidence_items.c.contract_id == contract_id,
        held | evidence_items.c.sha256.in_(_uploaded(contract_id)),
        evidence_items.c.sha256.not_in(_gone(contract_id, EVIDENCE)),
    )
    if participant_id is None:
        return query
    return query.where(evidence_items.c.participant_id == participant_id)


def _uploaded(contract_id: str) -> Select[Any]:
    return select(evidence_uploads.c.sha256).where(evidence_uploads.c.contract_id == contract_id)


def _gone(contract_id: str, kind: str) -> Select[Any]:
    return select(erased_files.c.sha256).where(
        erased_files.c.contract_id == contract_id, erased_files.c.kind == kind
    )


def _stored(row: Row[Any], files: Sequence[Row[Any]], digests: Sequence[Row[Any]]) -> StoredErasure:
    number = row.erasure_number
    taken = {
        kind: tuple(one.sha256 for one in files if (one.erasure_number, one.kind) == (number, kind))
        for kind in (EVIDENCE, IMPORT)
    }
    return StoredErasure(
        number,
        row.participant_id,
        ErasureGround(row.ground),
        row.decided_on,
        Actor(row.party, row.person),
        taken[EVIDENCE],
        taken[IMPORT],
        tuple(one.digest for one in digests if one.erasure_number == number),
        row.sequence,
        row.recorded_at,
    )

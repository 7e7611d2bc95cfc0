"""Evidence files as they came in: from whom, how large, and which of them no item names yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.parties import Actor
from app.storage.evidence_files import StoredFile
from app.storage.tables import erased_files, evidence_items, evidence_uploads


@dataclass(frozen=True, slots=True)
class Usage:
    """How many files a party keeps here for a contract, and how many bytes they have."""

    count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A file that no evidence item names as held here: its hash, and when it was last sent."""

    sha256: str
    received_at: datetime


def usage(connection: Connection, contract_id: str, party: str) -> Usage:
    """What a party has uploaded to a contract and has not been erased."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(evidence_uploads.c.size_bytes), 0)).where(
            evidence_uploads.c.contract_id == contract_id,
            evidence_uploads.c.party == party,
            evidence_uploads.c.sha256.not_in(_erased(contract_id)),
        )
    ).one()
    return Usage(int(row[0]), int(row[1]))


def is_known(connection: Connection, contract_id: str, sha256: str) -> bool:
    """Whether the file was uploaded before."""
    query = select(evidence_uploads.c.sha256).where(_is(contract_id, sha256))
    return connection.execute(query).first() is not None


def record(
    connection: Connection, contract_id: str, stored: StoredFile, by: Actor, at: datetime
) -> None:
    """Note who uploaded a file; the first one counts.

    A file that no item names yet and that is sent again has its time anew.
    """
    again = connection.execute(
        delete(evidence_uploads)
        .where(_is(contract_id, stored.sha256), _unnamed(contract_id))
        .returning(evidence_uploads.c.party, evidence_uploads.c.person)
    ).first()
    connection.execute(
        insert(evidence_uploads)
        .values(
            contract_id=contract_id,
            sha256=stored.sha256,
            party=by.party if again is None else again.party,
            person=by.person if again is None else again.person,
            size_bytes=stored.size_bytes,
            media_type=stored.media_type,
            received_at=at,
        )
        .on_conflict_do_nothing()
    )


def adopt(connection: Connection, contract_id: str, stored: StoredFile, at: datetime) -> None:
    """Note a file that came with an import: of whoever first recorded an item that names it."""
    first = connection.execute(
        select(evidence_items.c.party, evidence_items.c.person)
        .where(
            evidence_items.c.contract_id == contract_id,
            evidence_items.c.sha256 == stored.sha256,
            evidence_items.c.held_by == "service",
        )
        .order_by(evidence_items.c.sequence, evidence_items.c.evidence_id)
        .limit(1)
    ).one()
    record(connection, contract_id, stored, Actor(first.party, first.person), at)


def unnamed(connection: Connection, contract_id: str) -> list[Unnamed]:
    """The files that no item names as held here, by the time at which they were last sent."""
    rows = connection.execute(
        select(evidence_uploads.c.sha256, evidence_uploads.c.received_at)
        .where(evidence_uploads.c.contract_id == contract_id, _unnamed(contract_id))
        .order_by(evidence_uploads.c.received_at, evidence_uploads.c.sha256)
    )
    return [Unnamed(row.sha256, row.received_at) for row in rows]


def forget(connection: Connection, contract_id: str, sha256: str) -> None:
    """Remove the note of a file that no item names. The database refuses any other."""
    connection.execute(delete(evidence_uploads).where(_is(contract_id, sha256)))


def _is(contract_id: str, sha256: str) -> ColumnElement[bool]:
    return (evidence_uploads.c.contract_id == contract_id) & (evidence_uploads.c.sha256 == sha256)


def _unnamed(contract_id: str) -> ColumnElement[bool]:
    named = select(evidence_items.c.sha256).where(
        evidence_items.c.contract_id == contract_id, evidence_items.c.held_by == "service"
    )
    return evidence_uploads.c.sha256.not_in(named) & evidence_uploads.c.sha256.not_in(
        _erased(contract_id)
    )


def _erased(contract_id: str) -> Select[Any]:
    return select(erased_files.c.sha256).where(
        erased_files.c.contract_id == contract_id, erased_files.c.kind == "evidence"
    )

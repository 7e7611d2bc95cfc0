"""On what basis each participant's data is held, and everything that is held about one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from app.domain.parties import Actor
from app.domain.privacy import LawfulBasis, Privacy, SpecialCondition
from app.storage import notes
from app.storage.linked import LINKED, about
from app.storage.rows import BY_NAME, Row
from app.storage.tables import PROJECTIONS, participant_privacy, participants
from app.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class StoredPrivacy:
    """A recorded basis, by whom and when."""

    privacy: Privacy
    by: Actor
    sequence: int
    recorded_at: datetime


def history(connection: Connection, contract_id: str, participant_id: str) -> list[StoredPrivacy]:
    """Every basis recorded of a participant; the last one stands."""
    rows = connection.execute(
        select(participant_privacy)
        .where(
            participant_privacy.c.contract_id == contract_id,
            participant_privacy.c.participant_id == participant_id,
        )
        .order_by(participant_privacy.c.sequence)
    )
    return [
        StoredPrivacy(
            Privacy(
                row.participant_id,
                LawfulBasis(row.lawful_basis),
                SpecialCondition(row.special_condition),
                row.notice_version,
                row.notice_given_on,
            ),
            Actor(row.party, row.person),
            row.sequence,
            row.recorded_at,
        )
        for row in rows
    ]


def without_basis(connection: Connection, contract_id: str, after: str, limit: int) -> list[str]:
    """Participants of whom no basis is recorded, in order of their ids."""
    has_one = select(participant_privacy.c.participant_id).where(
        participant_privacy.c.contract_id == contract_id
    )
    query = (
        select(participants.c.participant_id)
        .where(
            participants.c.contract_id == contract_id,
            participants.c.participant_id > after,
            participants.c.participant_id.not_in(has_one),
        )
        .order_by(participants.c.participant_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def rows_about(
    connection: Connection, vault: Vault, contract_id: str, participant_id: str
) -> Iterator[tuple[str, list[Row]]]:
    """Every row about a participant, by table, with the text of its note where there is one."""
    for table in (BY_NAME[table.name] for table in PROJECTIONS if table.name in LINKED):
        rows = connection.execute(
            select(table)
            .where(about(table, contract_id, participant_id))
            .order_by(table.c.sequence, *table.primary_key.columns)
        )
        plain = [dict(row._mapping) for row in rows]  # noqa: SLF001
        found = [_told(connection, vault, table, row) for row in plain]
        if found:
            yield table.name, found


def _told(connection: Connection, vault: Vault, table: Table, row: dict[str, Any]) -> Row:
    contract_id = row.pop("contract_id")
    if "note_digest" in table.c:
        row["note"] = notes.read(connection, vault, contract_id, row["note_digest"])
    return row

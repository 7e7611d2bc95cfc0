"""Evidence items (what is known of them; the files are in `evidence_files`)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Connection, Text, any_, bindparam, select

from app.domain.evidence import EvidenceItem
from app.storage.prepared import Prepared
from app.storage.tables import evidence_items, submission_evidence

_IDS = any_(bindparam("ids", type_=ARRAY(Text)))
_BY_ID = Prepared(
    select(evidence_items).where(
        evidence_items.c.contract_id == bindparam("contract"), evidence_items.c.evidence_id == _IDS
    )
)
_OF_SUBMISSIONS = Prepared(
    select(submission_evidence.c.submission_id, submission_evidence.c.evidence_id)
    .where(
        submission_evidence.c.contract_id == bindparam("contract"),
        submission_evidence.c.submission_id == _IDS,
    )
    .order_by(submission_evidence.c.evidence_id)
)


def items(
    connection: Connection, contract_id: str, evidence_ids: Sequence[str]
) -> dict[str, EvidenceItem]:
    """Items of the contract by id; unknown ids are absent from the answer."""
    rows = _BY_ID.all(connection, contract=contract_id, ids=list(evidence_ids))
    return {row.evidence_id: _item(row) for row in rows}


def of_participants(
    connection: Connection, contract_id: str, participant_ids: Sequence[str]
) -> dict[str, list[EvidenceItem]]:
    """Every item about the participants, in order of recording."""
    found: dict[str, list[EvidenceItem]] = {one: [] for one in participant_ids}
    rows = connection.execute(
        select(evidence_items)
        .where(
            evidence_items.c.contract_id == contract_id,
            evidence_items.c.participant_id.in_(participant_ids),
        )
        .order_by(evidence_items.c.sequence, evidence_items.c.evidence_id)
    )
    for row in rows:
        found[row.participant_id].append(_item(row))
    return found


def of_submissions(
    connection: Connection, contract_id: str, submission_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Ids of the items that each submission rests on."""
    found: dict[str, list[str]] = {one: [] for one in submission_ids}
    rows = _OF_SUBMISSIONS.all(connection, contract=contract_id, ids=list(submission_ids))
    for row in rows:
        found[row.submission_id].append(row.evidence_id)
    return {key: tuple(value) for key, value in found.items()}


def _item(row: Any) -> EvidenceItem:
    return EvidenceItem(
        row.evidence_id,
        row.participant_id,
        row.type,
        row.issuer,
        row.dated_on,
        row.covers_from,
        row.covers_to,
        tuple(row.supports),
        row.sha256,
        row.held_by,
        row.size_bytes,
        row.media_type,
    )

"""Evidence files as they came in: from whom, how large, and what the malware scanner said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from app.domain.evidence import Verdict
from app.domain.parties import Actor
from app.storage.evidence_files import StoredFile
from app.storage.tables import erased_files, evidence_scans, evidence_uploads


@dataclass(frozen=True, slots=True)
class Usage:
    """How many files a party keeps here for a contract, and how many bytes they have."""

    count: int
    size_bytes: int


def usage(connection: Connection, contract_id: str, party: str) -> Usage:
    """What a party has uploaded to a contract and has not been erased."""
    gone = select(erased_files.c.sha256).where(
        erased_files.c.contract_id == contract_id, erased_files.c.kind == "evidence"
    )
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(evidence_uploads.c.size_bytes), 0)).where(
            evidence_uploads.c.contract_id == contract_id,
            evidence_uploads.c.party == party,
            evidence_uploads.c.sha256.not_in(gone),
        )
    ).one()
    return Usage(int(row[0]), int(row[1]))


def is_known(connection: Connection, contract_id: str, sha256: str) -> bool:
    """Whether the file was uploaded before."""
    query = select(evidence_uploads.c.sha256).where(
        evidence_uploads.c.contract_id == contract_id, evidence_uploads.c.sha256 == sha256
    )
    return connection.execute(query).first() is not None


def record(
    connection: Connection, contract_id: str, stored: StoredFile, by: Actor, at: datetime
) -> None:
    """Note who uploaded a file; the first one counts."""
    connection.execute(
        insert(evidence_uploads)
        .values(
            contract_id=contract_id,
            sha256=stored.sha256,
            party=by.party,
            person=by.person,
            size_bytes=stored.size_bytes,
            media_type=stored.media_type,
            received_at=at,
        )
        .on_conflict_do_nothing()
    )


def record_scan(
    connection: Connection, contract_id: str, sha256: str, verdict: Verdict, at: datetime
) -> None:
    """Note what a scan of an uploaded file said."""
    own = (evidence_scans.c.contract_id == contract_id, evidence_scans.c.sha256 == sha256)
    last: int | None = connection.execute(
        select(func.max(evidence_scans.c.scan_number)).where(*own)
    ).scalar_one()
    connection.execute(
        evidence_scans.insert().values(
            contract_id=contract_id,
            sha256=sha256,
            scan_number=1 if last is None else last + 1,
            verdict=verdict.value,
            scanned_at=at,
        )
    )


def verdict(connection: Connection, contract_id: str, sha256: str) -> Verdict | None:
    """The last verdict on a file; None for one that was not uploaded but imported."""
    found = connection.execute(
        select(evidence_scans.c.verdict)
        .where(evidence_scans.c.contract_id == contract_id, evidence_scans.c.sha256 == sha256)
        .order_by(evidence_scans.c.scan_number.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else Verdict(found)


def quarantined(connection: Connection, contract_id: str) -> list[str]:
    """SHA-256 of the files whose last verdict is that they wait for a scan."""
    last = (
        select(evidence_scans.c.sha256, evidence_scans.c.verdict)
        .ext(distinct_on(evidence_scans.c.sha256))
        .where(evidence_scans.c.contract_id == contract_id)
        .order_by(evidence_scans.c.sha256, evidence_scans.c.scan_number.desc())
        .subquery()
    )
    query = select(last.c.sha256).where(last.c.verdict == Verdict.QUARANTINED.value)
    return list(connection.execute(query.order_by(last.c.sha256)).scalars())

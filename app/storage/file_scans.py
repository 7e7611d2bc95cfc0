"""What the malware scanner said of the files held here: evidence and bank files."""

from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.domain.evidence import Verdict
from app.storage.tables import file_scans


def note(
    connection: Connection,
    contract_id: str,
    kind: str,
    sha256: str,
    verdict: Verdict,
    at: datetime,
) -> None:
    """Note what a scan of a file said, unless the one before said the same.

    `kind` is EVIDENCE or IMPORT of app/storage/erasures.py. Asked for under the contract's lock.
    """
    own = (
        file_scans.c.contract_id == contract_id,
        file_scans.c.kind == kind,
        file_scans.c.sha256 == sha256,
    )
    last: int | None = connection.execute(
        select(func.max(file_scans.c.scan_number)).where(*own)
    ).scalar_one()
    if last is not None and last_verdict(connection, contract_id, kind, sha256) is verdict:
        return
    connection.execute(
        file_scans.insert().values(
            contract_id=contract_id,
            kind=kind,
            sha256=sha256,
            scan_number=1 if last is None else last + 1,
            verdict=verdict.value,
            scanned_at=at,
        )
    )


def last_verdict(
    connection: Connection, contract_id: str, kind: str, sha256: str
) -> Verdict | None:
    """The last verdict on a file; None for one that nobody has judged."""
    found = connection.execute(
        select(file_scans.c.verdict)
        .where(
            file_scans.c.contract_id == contract_id,
            file_scans.c.kind == kind,
            file_scans.c.sha256 == sha256,
        )
        .order_by(file_scans.c.scan_number.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else Verdict(found)


def last_verdicts(connection: Connection, contract_id: str, kind: str) -> dict[str, Verdict]:
    """The last verdict on every file of a kind, by SHA-256; files without one are missing."""
    query = (
        select(file_scans.c.sha256, file_scans.c.verdict)
        .ext(distinct_on(file_scans.c.sha256))
        .where(file_scans.c.contract_id == contract_id, file_scans.c.kind == kind)
        .order_by(file_scans.c.sha256, file_scans.c.scan_number.desc())
    )
    return {row.sha256: Verdict(row.verdict) for row in connection.execute(query)}

"""What is recorded about people's data: lawful basis, erasures; and what came in as files.

`evidence_uploads` and `file_scans` are no projections: they speak of the files on the disk, for
limits and quarantine, and no outcome rests on them.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from app.storage.columns import INSTANT, date_of, maybe, metadata, number, projection, text, to

participant_privacy = projection(
    "participant_privacy",
    ("participant_id", "sequence"),
    text("participant_id"),
    text("lawful_basis"),
    text("special_condition"),
    text("notice_version"),
    date_of("notice_given_on"),
    text("party"),
    text("person"),
    to("participants", "participant_id"),
)

erasures = projection(
    "erasures",
    ("erasure_number",),
    Column("erasure_number", Integer, nullable=False),
    # Null: everything of the contract, because its retention is over.
    maybe("participant_id"),
    text("ground"),
    date_of("decided_on"),
    text("party"),
    text("person"),
    CheckConstraint(
        "(participant_id IS NULL) = (ground = 'retention_over')", name="participant_named"
    ),
    Index(None, "contract_id", "participant_id"),
    to("participants", "participant_id"),
)

erased_files = projection(
    "erased_files",
    ("kind", "sha256"),
    text("kind"),
    text("sha256"),
    Column("erasure_number", Integer, nullable=False),
    CheckConstraint("kind IN ('evidence', 'import')", name="kind_known"),
    to("erasures", "erasure_number"),
)

erased_notes = projection(
    "erased_notes",
    ("digest",),
    text("digest"),
    Column("erasure_number", Integer, nullable=False),
    to("erasures", "erasure_number"),
)

evidence_uploads = Table(
    "evidence_uploads",
    metadata,
    text("contract_id"),
    text("sha256"),
    text("party"),
    text("person"),
    Column("size_bytes", BigInteger, nullable=False),
    text("media_type"),
    Column("received_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("contract_id", "sha256"),
    ForeignKeyConstraint(["contract_id"], ["contracts.contract_id"]),
    Index(None, "contract_id", "party"),
)

file_scans = Table(
    "file_scans",
    metadata,
    text("contract_id"),
    text("kind"),
    text("sha256"),
    number("scan_number"),
    text("verdict"),
    Column("scanned_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("contract_id", "kind", "sha256", "scan_number"),
    ForeignKeyConstraint(["contract_id"], ["contracts.contract_id"]),
    CheckConstraint("kind IN ('evidence', 'import')", name="kind_known"),
    CheckConstraint(
        "verdict IN ('clean', 'infected', 'quarantined', 'unscanned')", name="verdict_known"
    ),
)

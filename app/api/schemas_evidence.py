"""Shapes of evidence items and of the files behind them."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from app.api.fields import (
    Answered,
    Code,
    Day,
    DayOut,
    MetricCode,
    Pseudonym,
    Received,
    RecordId,
    RecordWarning,
    Sha256,
)
from app.domain.evidence import EvidenceItem
from app.service.evidence import NewEvidence, Recorded
from app.service.evidence_files import SignedLink
from app.storage.evidence_files import StoredFile

ITEMS_MAX = 200


class NewEvidenceItem(Received):
    """A document or record about a participant: what it is, who issued it, which days it covers."""

    participant_id: Pseudonym
    type: Code = Field(description="The type, a code of the terms.", examples=["landlord_letter"])
    issuer: Code = Field(description="Who issued it, a code of the terms.", examples=["landlord"])
    dated_on: Day = Field(description="The date on the document.")
    covers_from: Day = Field(description="The first day it speaks of.")
    covers_to: Day = Field(description="The last day it speaks of.")
    supports: list[MetricCode] = Field(
        min_length=1, max_length=20, description="The metrics it is evidence of."
    )
    sha256: Sha256
    held_by: Literal["service", "provider"] = Field(
        description="Who holds the file: `service` if it was uploaded here before, `provider` if "
        "only its SHA-256 is here.",
        examples=["provider"],
    )

    def told(self) -> NewEvidence:
        """The item for the service."""
        return NewEvidence(
            self.participant_id,
            self.type,
            self.issuer,
            self.dated_on,
            self.covers_from,
            self.covers_to,
            tuple(self.supports),
            self.sha256,
            self.held_by,
        )


class NewEvidenceItems(Received):
    """Evidence items, recorded all or none."""

    items: list[NewEvidenceItem] = Field(
        min_length=1, max_length=ITEMS_MAX, description="1 to 200 items."
    )


class EvidenceOut(Answered):
    """An evidence item as recorded."""

    evidence_id: RecordId
    participant_id: Pseudonym
    type: Code
    issuer: Code
    dated_on: DayOut
    covers_from: DayOut
    covers_to: DayOut
    supports: list[MetricCode]
    sha256: Sha256
    held_by: str = Field(description="`service` or `provider`.", examples=["provider"])
    size_bytes: int | None = Field(
        description="The file's size in bytes; null if the provider holds it.", examples=[48213]
    )
    media_type: str | None = Field(
        description="The file's type by its content; null if the provider holds it.",
        examples=["application/pdf"],
    )

    @classmethod
    def of(cls, item: EvidenceItem) -> Self:
        """From the stored item."""
        return cls(
            evidence_id=item.evidence_id,
            participant_id=item.participant_id,
            type=item.type,
            issuer=item.issuer,
            dated_on=item.dated_on,
            covers_from=item.covers_from,
            covers_to=item.covers_to,
            supports=list(item.supports),
            sha256=item.sha256,
            held_by=item.held_by,
            size_bytes=item.size_bytes,
            media_type=item.media_type,
        )


class EvidenceList(Answered):
    """Evidence items, in order of recording."""

    items: list[EvidenceOut]


class EvidenceRecorded(Answered):
    """Evidence items just recorded, and what in them no evidence rule of the terms names."""

    items: list[EvidenceOut]
    warnings: list[RecordWarning]

    @classmethod
    def of(cls, recorded: Recorded) -> Self:
        """From the service's answer."""
        return cls(
            items=[EvidenceOut.of(item) for item in recorded.items],
            warnings=[RecordWarning.of(one) for one in recorded.warnings],
        )


class FileOut(Answered):
    """A file that is held here, under the hash of its content."""

    sha256: Sha256
    size_bytes: int = Field(description="The file's size in bytes.", examples=[48213])
    media_type: str = Field(
        description="The file's type by its content.", examples=["application/pdf"]
    )

    @classmethod
    def of(cls, stored: StoredFile) -> Self:
        """From the stored file."""
        return cls(sha256=stored.sha256, size_bytes=stored.size_bytes, media_type=stored.media_type)


class DownloadLinkOut(Answered):
    """A link to a file, for the party and person that asked for it."""

    url: str = Field(
        description="The path and query to GET, signed in as the same party and person.",
        examples=[
            "/v1/contracts/pi/evidence/0192f0c1/file?expires=1698840300&signature=K3cV0f3xO3Zq5p1"
        ],
    )
    expires_at: datetime = Field(
        description="The first second at which it no longer counts, in UTC.",
        examples=["2023-11-01T12:05:00Z"],
    )

    @classmethod
    def of(cls, made: SignedLink) -> Self:
        """From the service's link."""
        link = made.link
        place = f"/v1/contracts/{link.contract_id}/evidence/{link.evidence_id}/file"
        return cls(
            url=f"{place}?expires={link.expires}&signature={made.signature}",
            expires_at=link.expires_at,
        )

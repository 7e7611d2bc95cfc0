"""Shapes of people's data: lawful basis, erasure, retention, subject access."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.api.fields import (
    Answered,
    Day,
    DayOut,
    NextCursor,
    Party,
    Person,
    Pseudonym,
    Received,
    Sha256,
)
from app.api.fields import (
    Sequence as RecordSequence,
)
from app.domain.identity_check import IdentityChecked
from app.domain.privacy import ErasureGround, LawfulBasis, SpecialCondition
from app.service.erasure import Erased, RetentionView
from app.service.privacy import SubjectAccess
from app.storage.erasures import StoredErasure
from app.storage.privacy import StoredPrivacy

Basis = Annotated[
    LawfulBasis,
    Field(strict=False, description="UK GDPR Article 6(1).", examples=["public_task"]),
]
Condition = Annotated[
    SpecialCondition,
    Field(strict=False, description="UK GDPR Article 9(2).", examples=["health_or_social_care"]),
]
NoticeVersion = Annotated[
    str,
    IdentityChecked,
    Field(
        description="The version of the privacy notice that the person was given.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$",
        examples=["2019-10"],
    ),
]
Digest = Annotated[
    str,
    Field(
        description="The salted SHA-256 by which the record names the note.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]


class NewPrivacy(Received):
    """On what basis a participant's data is held, and which notice they were given."""

    lawful_basis: Basis
    special_condition: Condition
    notice_version: NoticeVersion
    notice_given_on: Day = Field(description="The day on which they were given it.")


class PrivacyOut(Answered):
    """A basis as recorded."""

    participant_id: Pseudonym
    lawful_basis: Basis
    special_condition: Condition
    notice_version: NoticeVersion
    notice_given_on: DayOut
    party: Party
    person: Person
    sequence: RecordSequence
    recorded_at: datetime = Field(
        description="When it was recorded, in UTC.", examples=["2019-11-04T09:30:00Z"]
    )

    @classmethod
    def of(cls, stored: StoredPrivacy, _: int = 0) -> Self:
        """From the stored basis."""
        told = stored.privacy
        return cls(
            participant_id=told.participant_id,
            lawful_basis=told.lawful_basis,
            special_condition=told.special_condition,
            notice_version=told.notice_version,
            notice_given_on=told.notice_given_on,
            party=stored.by.party,
            person=stored.by.person,
            sequence=stored.sequence,
            recorded_at=stored.recorded_at,
        )


class PrivacyHistory(Answered):
    """Every basis recorded of a participant; the last one stands."""

    items: list[PrivacyOut]


class PrivacyGaps(Answered):
    """A page of participants of whom no basis is recorded."""

    items: list[Pseudonym]
    next_cursor: NextCursor


class NewErasure(Received):
    """Why a participant's data is erased."""

    ground: Literal["requested", "consent_withdrawn", "unlawful"] = Field(
        description="`requested` by the person, `consent_withdrawn`, or `unlawful`.",
        examples=["requested"],
    )
    include_shared: bool = Field(
        default=False,
        description="true: also files that are another participant's evidence. Left out, those "
        "stay and are named in the answer, to be replaced by redacted ones first.",
        examples=[False],
    )
    decided_on: Day | None = Field(
        default=None, description="The day of the decision; left out: today."
    )


class ErasureOut(Answered):
    """An erasure, and exactly what it took: also the list of what backups must lose."""

    erasure_number: int = Field(description="Its number, from 1.", examples=[1])
    participant_id: Pseudonym | None = Field(
        description="Whose data; null: the whole contract's.", examples=["P-0042"]
    )
    ground: ErasureGround = Field(description="Why.", examples=["requested"])
    decided_on: DayOut
    party: Party
    person: Person
    evidence_files: list[Sha256]
    imported_files: list[Sha256]
    notes: list[Digest]
    sequence: RecordSequence

    @classmethod
    def of(cls, stored: StoredErasure) -> Self:
        """From the stored erasure."""
        return cls(**_told(stored))


class ErasureDone(ErasureOut):
    """An erasure just made."""

    kept_shared: list[Sha256] = Field(
        description="Files that stay because they are another participant's evidence too."
    )

    @classmethod
    def done(cls, erased: Erased, _: int) -> Self:
        """From the service's answer."""
        return cls(**_told(erased.erasure), kept_shared=list(erased.kept_shared))


def _told(stored: StoredErasure) -> dict[str, Any]:
    return {
        "erasure_number": stored.erasure_number,
        "participant_id": stored.participant_id,
        "ground": stored.ground,
        "decided_on": stored.decided_on,
        "party": stored.by.party,
        "person": stored.by.person,
        "evidence_files": list(stored.evidence),
        "imported_files": list(stored.imported),
        "notes": list(stored.notes),
        "sequence": stored.sequence,
    }


class ErasureList(Answered):
    """Every erasure of a contract, in order."""

    items: list[ErasureOut]

    @classmethod
    def of(cls, found: Sequence[StoredErasure]) -> Self:
        """From the stored erasures."""
        return cls(items=[ErasureOut.of(one) for one in found])


class RetentionOut(Answered):
    """How long a contract's evidence and notes are kept, and what of it is here."""

    years: int = Field(
        description="Years after the contract's end: terms /evidence_retention_years.", examples=[7]
    )
    contract_ends_on: DayOut | None = Field(
        description="The last day on which an outcome can be put forward; null: nothing bounds it.",
        examples=["2028-03-31"],
    )
    keep_through: DayOut | None = Field(
        description="The last day on which evidence is kept.", examples=["2035-03-31"]
    )
    is_over: bool = Field(description="Whether it may be erased today.", examples=[False])
    evidence_files: int = Field(description="Evidence files held here.", examples=[12])
    imported_files: int = Field(description="Imported files held here.", examples=[4])
    notes: int = Field(description="Notes held here.", examples=[31])
    unnamed_files: int = Field(
        description="Of the evidence files, those that no evidence item names yet.", examples=[1]
    )
    unnamed_files_over: int = Field(
        description="Of these, those that have waited for too long: the operator's "
        "`outcomes retention expire` removes them.",
        examples=[0],
    )
    unnamed_files_hours: int = Field(
        description="How long a file waits for an item that names it, in hours.", examples=[168]
    )

    @classmethod
    def of(cls, view: RetentionView) -> Self:
        """From the service's view."""
        return cls(
            years=view.retention.years,
            contract_ends_on=view.retention.contract_ends_on,
            keep_through=view.retention.keep_through,
            is_over=view.is_over,
            evidence_files=len(view.held.evidence),
            imported_files=len(view.held.imported),
            notes=len(view.held.notes),
            unnamed_files=view.unnamed,
            unnamed_files_over=view.unnamed_over,
            unnamed_files_hours=view.unnamed_hours,
        )


class SubjectAccessOut(Answered):
    """Everything that the service holds about a participant of a contract."""

    contract_id: str = Field(description="The contract.", examples=["promoting-independence"])
    participant_id: Pseudonym
    made_at: datetime = Field(description="When, in UTC.", examples=["2023-11-01T12:00:00Z"])
    records: dict[str, list[dict[str, Any]]] = Field(
        description="Every recorded row about the participant by table, with the text of notes.",
        examples=[{"journey_events": [{"kind": "engaged", "effective_on": "2019-12-01"}]}],
    )
    evidence_files: list[Sha256] = Field(
        description="Files held here; open each by a link of its evidence item."
    )

    @classmethod
    def of(cls, found: SubjectAccess) -> Self:
        """From the service's answer."""
        return cls(
            contract_id=found.contract_id,
            participant_id=found.participant_id,
            made_at=found.made_at,
            records={name: list(rows) for name, rows in found.records.items()},
            evidence_files=list(found.files),
        )

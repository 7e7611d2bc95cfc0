"""Shapes of contracts and their terms."""

from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema

from app.api.fields import (
    Answered,
    ContractSlug,
    Day,
    DayOut,
    Instant,
    NextCursor,
    Party,
    Person,
    Received,
    Sequence,
    Sha256,
)
from app.domain.errors import Fault
from app.domain.identity_check import IdentityChecked
from app.domain.journal import instant_text
from app.service.contracts import ContractSummary, TermsCheck
from app.storage.contracts import Acceptance, StoredVersion

TermsDocument = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "description": "A terms document in JSON. Its own JSON Schema is at "
            "/v1/terms/schema; its amounts and shares are decimal strings.",
            "additionalProperties": True,
            "examples": [{"schema_version": 1, "title": "Promoting Independence"}],
        }
    ),
]


class NewContract(Received):
    """A new contract: the id it will have, and the first version of its terms, as a draft."""

    contract_id: Annotated[ContractSlug, IdentityChecked]
    terms: TermsDocument


class NewAcceptance(Received):
    """A party's acceptance of a version of the terms, by the hash of what it has read."""

    hash: Sha256
    accepted_on: Day | None = Field(
        default=None, description="The day of acceptance; left out: today.", examples=["2019-11-20"]
    )


class AcceptanceOut(Answered):
    """A party's acceptance of a version."""

    party: Party
    person: Person
    accepted_on: DayOut

    @classmethod
    def of(cls, acceptance: Acceptance) -> Self:
        """From the stored acceptance."""
        return cls(
            party=acceptance.party, person=acceptance.person, accepted_on=acceptance.accepted_on
        )


class TermsVersionOut(Answered):
    """A version of the terms: its hash, who has accepted it, and who has still to."""

    version: int = Field(description="The number of the version, from 1.", examples=[1])
    hash: Sha256
    effective_from: DayOut
    in_force: bool = Field(
        description="Whether every signatory has accepted this version.", examples=[False]
    )
    acceptances: list[AcceptanceOut]
    outstanding: list[Party] = Field(description="Signatories who have not accepted yet.")
    recorded_at: Instant

    @classmethod
    def of(cls, stored: StoredVersion, _version: int = 0) -> Self:
        """From the stored version."""
        return cls(
            version=stored.number,
            hash=stored.hash,
            effective_from=stored.effective_from,
            in_force=stored.in_force,
            acceptances=[AcceptanceOut.of(one) for one in stored.acceptances],
            outstanding=list(stored.outstanding),
            recorded_at=instant_text(stored.recorded_at),
        )


class TermsVersionWhole(TermsVersionOut):
    """A version of the terms with its canonical document, of which `hash` is the SHA-256."""

    document: str = Field(
        description="The document's canonical JSON text (RFC 8785), exactly as hashed.",
        examples=['{"schema_version":1,"title":"Promoting Independence"}'],
    )

    @classmethod
    def of(cls, stored: StoredVersion, _version: int = 0) -> Self:
        """From the stored version."""
        head = TermsVersionOut.of(stored)
        return cls(
            **{name: getattr(head, name) for name in TermsVersionOut.model_fields},
            document=stored.document,
        )


class TermsVersionList(Answered):
    """Every version of a contract's terms, in order."""

    items: list[TermsVersionOut]


class ContractOut(Answered):
    """A contract: its title, its versions of the terms, and the head of its journal."""

    contract_id: ContractSlug
    title: str = Field(
        description="The title in the latest version.", examples=["Promoting Independence"]
    )
    version_in_force: int | None = Field(
        description="The number of the latest version in force; null before any is.", examples=[1]
    )
    versions: list[TermsVersionOut]
    head_sequence: Sequence
    head_hash: Sha256

    @classmethod
    def of(cls, summary: ContractSummary) -> Self:
        """From the service's summary."""
        return cls(
            contract_id=summary.contract_id,
            title=summary.title,
            version_in_force=summary.in_force,
            versions=[TermsVersionOut.of(one) for one in summary.versions],
            head_sequence=summary.head_sequence,
            head_hash=summary.head_hash,
        )


class ContractPage(Answered):
    """Contracts in order of their ids, and where the next page starts."""

    items: list[ContractOut]
    next_cursor: NextCursor


class Finding(Answered):
    """One thing in a terms document that is wrong or worth a look, with its place."""

    code: str = Field(
        description="A stable code, explained at /problems/{code}.", examples=["price-gap"]
    )
    pointer: str = Field(
        description="JSON pointer (RFC 6901) into the document.", examples=["/rate_card/0"]
    )
    message: str = Field(
        description="What was found, in a sentence.",
        examples=["S18 has no price from 1 Apr 2022 to 30 Apr 2022."],
    )

    @classmethod
    def of(cls, fault: Fault) -> Self:
        """From a fault of the service."""
        return cls(code=fault.code, pointer=fault.pointer, message=fault.message)


class TermsCheckOut(Answered):
    """What a check of a terms document found. Warnings do not stop it from being accepted."""

    valid: bool = Field(description="Whether there are no faults.", examples=[False])
    hash: Sha256 | None = Field(
        description="SHA-256 of the canonical document; null when it has faults.",
    )
    faults: list[Finding]
    warnings: list[Finding]

    @classmethod
    def of(cls, check: TermsCheck) -> Self:
        """From the service's check."""
        return cls(
            valid=check.hash is not None,
            hash=check.hash,
            faults=[Finding.of(fault) for fault in check.faults],
            warnings=[Finding.of(fault) for fault in check.warnings],
        )

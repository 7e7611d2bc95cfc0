"""Evidence: what supports an outcome, with the file here or only its hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.errors import Fault, InputInvalid, NotFound, NotPermitted, RuleRefused
from app.domain.evidence import EvidenceItem
from app.domain.parties import Actor
from app.domain.recorded_codes import evidence_warnings
from app.domain.terms.parties import Role
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.storage import contracts, erasures, evidence, journal, participants

SERVICE, PROVIDER = "service", "provider"
"""Who holds the file: this service (uploaded before) or the provider (only its hash is here)."""

RECORDERS = (Role.SERVICE_PROVIDER, Role.INTERMEDIARY)
"""Roles whose holders record evidence, and so upload its files."""


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """An evidence item as a party tells it; see EvidenceItem for the fields."""

    participant_id: str
    type: str
    issuer: str
    dated_on: date
    covers_from: date
    covers_to: date
    supports: tuple[str, ...]
    sha256: str
    held_by: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Items as recorded, in the order told, and what the terms do not know in them."""

    items: tuple[EvidenceItem, ...]
    warnings: tuple[Fault, ...]


def record_evidence(
    context: Context, command: Command, items: Sequence[NewEvidence]
) -> Done[Recorded]:
    """Record evidence items, all or none. Files held here must have been uploaded before."""

    def decide(work: Work) -> Change[Recorded]:
        work.require_role(*RECORDERS, doing="record evidence")
        _check(work, items)
        recorded = tuple(_item(work, item, index) for index, item in enumerate(items))
        rows = [_row(work, item) for item in recorded]
        effective = max(item.dated_on for item in recorded)
        answer = Recorded(recorded, evidence_warnings(recorded, work.timeline))
        return Change("evidence_recorded", effective, {"evidence_items": rows}, answer)

    return run(context, command, decide)


def require_uploader(context: Context, contract_id: str, actor: Actor) -> None:
    """Refuse a party that could not record evidence today, before it fills the contract's store.

    The terms in force decide, never a draft. Raises NotFound `contract-unknown`, RuleRefused
    `terms-not-in-force` and NotPermitted `party-not-permitted`.
    """
    with context.as_service().reading(contract_id) as uow:
        head = journal.head(uow.connection, contract_id)
        in_force = contracts.timeline(uow.connection, contract_id)
        asked = Command(contract_id, actor)
        work = Work(context, asked, uow, head, in_force)
        work.require_role(*RECORDERS, doing="upload evidence")


def list_evidence(context: Context, contract_id: str, participant_id: str) -> list[EvidenceItem]:
    """Every item about a participant, in order of recording."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        participants.get(uow.connection, contract_id, participant_id)
        found = evidence.of_participants(uow.connection, contract_id, [participant_id])
        return found[participant_id]


def get_evidence(context: Context, contract_id: str, evidence_id: str) -> EvidenceItem:
    """One item; NotFound `evidence-unknown` otherwise."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        found = evidence.items(uow.connection, contract_id, [evidence_id])
    if evidence_id not in found:
        raise NotFound("evidence-unknown", "The contract has no evidence item with that id.")
    return found[evidence_id]


def _check(work: Work, items: Sequence[NewEvidence]) -> None:
    """Everything that is wrong with the items, at once."""
    metrics = {
        metric.code for version in work.timeline.versions for metric in version.terms.metrics
    }
    shape: list[Fault] = []
    for index, item in enumerate(items):
        at = f"/items/{index}"
        if item.covers_to < item.covers_from:
            shape.append(
                Fault("dates-out-of-order", f"{at}/covers_to", "covers_to is before covers_from.")
            )
        if item.dated_on > work.today:
            shape.append(
                Fault("date-in-future", f"{at}/dated_on", "The document's date is in the future.")
            )
        for place, metric in enumerate(item.supports):
            if metric not in metrics:
                shape.append(
                    Fault(
                        "metric-unknown",
                        f"{at}/supports/{place}",
                        f"The terms have no metric {metric}.",
                    )
                )
    if shape:
        raise InputInvalid(shape)
    for person_id in {item.participant_id for item in items}:
        person = participants.get(work.connection, work.contract_id, person_id)
        if Role.SERVICE_PROVIDER.value in _roles(work) and person.provider != work.actor.party:
            raise NotPermitted(
                "party-not-permitted",
                "Only the participant's own provider may record evidence about them.",
            )


def _roles(work: Work) -> set[str]:
    party = next(party for party in work.terms.parties if party.id == work.actor.party)
    return {role.value for role in party.roles}


def _item(work: Work, new: NewEvidence, index: int) -> EvidenceItem:
    size, media_type = None, None
    if new.held_by == SERVICE:
        stored = work.context.files.find(work.contract_id, new.sha256)
        if erasures.is_erased(work.connection, work.contract_id, new.sha256):
            stored = None
        if stored is None:
            raise RuleRefused(
                "evidence-file-missing",
                "No file with that SHA-256 was uploaded to this contract. Upload it first, or say "
                "that the provider holds it.",
                pointer=f"/items/{index}/sha256",
            )
        size, media_type = stored.size_bytes, stored.media_type
    return EvidenceItem(
        work.new_id(),
        new.participant_id,
        new.type,
        new.issuer,
        new.dated_on,
        new.covers_from,
        new.covers_to,
        tuple(new.supports),
        new.sha256,
        new.held_by,
        size,
        media_type,
    )


def _row(work: Work, item: EvidenceItem) -> dict[str, Any]:
    return {
        "evidence_id": item.evidence_id,
        "participant_id": item.participant_id,
        "type": item.type,
        "issuer": item.issuer,
        "dated_on": item.dated_on,
        "covers_from": item.covers_from,
        "covers_to": item.covers_to,
        "supports": list(item.supports),
        "sha256": item.sha256,
        "held_by": item.held_by,
        "size_bytes": item.size_bytes,
        "media_type": item.media_type,
    } | work.signed()

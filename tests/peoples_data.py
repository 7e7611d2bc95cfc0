"""Rows in every table about people's data and files, for tests that want all tables in use."""

from dataclasses import replace
from datetime import date

from app.domain.evidence import EvidenceItem
from app.domain.participant import EventKind
from app.domain.parties import Actor
from app.service.command import Command
from app.service.evidence import NewEvidence, record_evidence
from app.service.participants import NewEvent, record_events
from tests.service.people_world import UNSCANNED, basis, erase, pdf, upload


def live_a_little(context, contract_id: str, provider: Actor, on: date, name: str) -> EvidenceItem:
    """A basis, an uploaded file with its item, a note; then the person's data is erased."""
    context = replace(context, uploads=UNSCANNED)
    command = Command(contract_id, provider)
    basis(context, command, name, on)
    sha256 = upload(context, contract_id, pdf(f"{name} to be erased"), provider)
    told = NewEvidence(name, "letter", "landlord", on, on, on, ("S06",), sha256, "service")
    recorded = record_evidence(context, command, [told]).answer
    begun = NewEvent(EventKind.TRAINING_BEGUN, on, note="To be erased")
    record_events(context, command, name, [begun])
    erase(context, command, name)
    return recorded.items[0]

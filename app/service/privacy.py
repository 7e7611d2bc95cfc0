"""Lawful basis and notice of each participant, and what a person may ask to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.domain.errors import Fault, InputInvalid
from app.domain.parties import Actor
from app.domain.privacy import LawfulBasis, Privacy, SpecialCondition
from app.domain.pseudonym import identity_fault
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.erasure import require_controller
from app.storage import contracts, erasures, journal, participants, privacy
from app.storage.privacy import StoredPrivacy
from app.storage.rows import Row


@dataclass(frozen=True, slots=True)
class SubjectAccess:
    """Everything that the service holds about a participant of a contract.

    `records` are rows by table, with the text of notes; `files` the SHA-256 of evidence files
    here, which are opened by a link each.
    """

    contract_id: str
    participant_id: str
    made_at: datetime
    records: Mapping[str, list[Row]]
    files: tuple[str, ...]


def record_privacy(
    context: Context,
    command: Command,
    participant_id: str,
    *,
    lawful_basis: LawfulBasis,
    special_condition: SpecialCondition,
    notice_version: str,
    notice_given_on: date,
) -> Done[StoredPrivacy]:
    """Record on what basis a participant's data is held, and which notice they were given.

    The participant's provider or the commissioner records it. A later record replaces it, and the
    earlier one stays to be seen.
    """

    def decide(work: Work) -> Change[StoredPrivacy]:
        person = participants.get(work.connection, work.contract_id, participant_id)
        require_controller(work, person.provider, doing="record a lawful basis")
        if fault := identity_fault(notice_version, "/notice_version"):
            raise InputInvalid([fault])
        if notice_given_on > work.today:
            message = "The notice's date is in the future."
            raise InputInvalid([Fault("date-in-future", "/notice_given_on", message)])
        told = Privacy(
            participant_id, lawful_basis, special_condition, notice_version, notice_given_on
        )
        row = {
            "participant_id": participant_id,
            "lawful_basis": lawful_basis.value,
            "special_condition": special_condition.value,
            "notice_version": notice_version,
            "notice_given_on": notice_given_on,
        } | work.signed()
        by = Actor(work.actor.party, work.actor.person)
        stored = StoredPrivacy(told, by, work.head.sequence + 1, work.now)
        rows = {"participant_privacy": [row]}
        return Change("privacy_recorded", notice_given_on, rows, stored)

    return run(context, command, decide)


def privacy_history(context: Context, contract_id: str, participant_id: str) -> list[StoredPrivacy]:
    """Every basis recorded of a participant, the one that stands last."""
    with context.reading(contract_id) as uow:
        participants.get(uow.connection, contract_id, participant_id)
        return privacy.history(uow.connection, contract_id, participant_id)


def without_basis(
    context: Context, contract_id: str, after: str = "", limit: int = 50
) -> list[str]:
    """Participants of whom no lawful basis is recorded, in order of their ids."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return privacy.without_basis(uow.connection, contract_id, after, limit)


def subject_access(
    context: Context, contract_id: str, participant_id: str, actor: Actor
) -> SubjectAccess:
    """Everything held about a participant, for their provider or the commissioner to hand over.

    What other people wrote in notes is in it: whoever hands it over looks for third persons first.
    """
    with context.reading(contract_id) as uow:
        connection = uow.connection
        person = participants.get(connection, contract_id, participant_id)
        head = journal.head(connection, contract_id)
        in_force = contracts.timeline(connection, contract_id)
        work = Work(context, Command(contract_id, actor), uow, head, in_force)
        require_controller(work, person.provider, doing="see all that is held of a participant")
        vault = context.files.vault
        records = dict(privacy.rows_about(connection, vault, contract_id, participant_id))
        held = erasures.of_participant(connection, contract_id, participant_id)
        return SubjectAccess(contract_id, participant_id, context.clock(), records, held.evidence)

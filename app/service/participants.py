"""Participants and their journeys: registration against the cohort, and dated events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from app.domain.calendar import local_date
from app.domain.eligibility import eligibility_faults
from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.event_rules import event_faults
from app.domain.participant import EventKind, Journey, JourneyEvent, Participant, standing
from app.domain.pseudonym import identity_fault, pseudonym_fault
from app.domain.recorded_codes import event_warnings
from app.domain.status import LifePhase, SupportStatus, life_phase, support_status
from app.domain.terms.parties import Role
from app.domain.terms.timeline import Timeline
from app.payments.assess import assess
from app.payments.completion import completed_on
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.storage import contracts, journal, participants
from app.storage.engine import Connection


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A journey event as a party tells it; see JourneyEvent for the fields."""

    kind: EventKind
    on: date
    destination: str | None = None
    reason: str | None = None
    supersedes: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """A participant with journey, phase of life in the programme and support status.

    `events` are all that were recorded, in recording order; `standing` those that still hold.
    `warnings` are about events just recorded, where the terms do not know what they say.
    """

    participant: Participant
    phase: LifePhase
    support: SupportStatus | None
    events: tuple[JourneyEvent, ...]
    standing: tuple[JourneyEvent, ...]
    version: int
    warnings: tuple[Fault, ...] = ()


def register_participant(
    context: Context,
    command: Command,
    *,
    participant_id: str,
    referred_on: date,
    setting: str,
    funded_by_commissioner: bool,
    age_at_referral: int | None = None,
) -> Done[ParticipantView]:
    """Register a referral under the provider's pseudonym, if the cohort's rule admits it."""

    def decide(work: Work) -> Change[ParticipantView]:
        work.require_role(Role.SERVICE_PROVIDER, doing="register participants")
        if fault := pseudonym_fault(participant_id):
            raise InputInvalid([fault])
        work.day(referred_on, "/referred_on")
        person = Participant(
            participant_id,
            work.actor.party,
            referred_on,
            setting,
            funded_by_commissioner,
            age_at_referral,
        )
        _admit(work, person)
        row = {
            "participant_id": participant_id,
            "provider": person.provider,
            "referred_on": referred_on,
            "setting": setting,
            "funded_by_commissioner": funded_by_commissioner,
            "age_at_referral": age_at_referral,
        }
        view = _view(person, (), work.timeline, work.today, 0)
        return Change("participant_registered", referred_on, {"participants": [row]}, view)

    return run(context, command, decide)


def record_events(
    context: Context, command: Command, participant_id: str, events: Sequence[NewEvent]
) -> Done[ParticipantView]:
    """Record journey events of one participant, all or none.

    An event that corrects another names it in `supersedes`; nothing is edited.
    """

    def decide(work: Work) -> Change[ParticipantView]:
        person = participants.get(work.connection, work.contract_id, participant_id)
        _may_record(work, person, events)
        work.require_version(
            participants.version_of(work.connection, work.contract_id, participant_id)
        )
        if unsafe := _text_faults(events):
            raise InputInvalid(unsafe)
        known = participants.events(work.connection, work.contract_id, [participant_id])
        recorded = known[participant_id]
        first = participants.next_event_order(work.connection, work.contract_id)
        new = [
            JourneyEvent(
                work.new_id(),
                event.kind,
                event.on,
                first + index,
                event.destination,
                event.reason,
                event.supersedes,
            )
            for index, event in enumerate(events)
        ]
        before = Journey(person, standing(recorded))
        faults = event_faults(before, recorded, new, work.today, work.terms.sustainment)
        if faults:
            raise RuleRefused(
                "events-refused",
                "The events do not fit the participant's journey; see `faults`. Nothing was "
                "recorded.",
                pointer=faults[0].pointer,
                faults=faults,
            )
        rows = [
            _event_row(work, participant_id, event, asked.note)
            for event, asked in zip(new, events, strict=True)
        ]
        view = replace(
            _view(person, (*recorded, *new), work.timeline, work.today, 0),
            warnings=event_warnings(new, work.timeline),
        )
        effective = max(event.on for event in new)
        return Change("journey_events_recorded", effective, {"journey_events": rows}, view)

    return run(context, command, decide)


def get_participant(
    context: Context, contract_id: str, participant_id: str, known_at: datetime | None = None
) -> ParticipantView:
    """One participant and journey, as known at an instant (default: now)."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        connection = uow.connection
        person = participants.get(connection, contract_id, participant_id)
        recorded = participants.events(connection, contract_id, [participant_id], known_at)
        version = participants.version_of(connection, contract_id, participant_id)
        timeline = contracts.timeline(connection, contract_id)
        today = local_today(context, timeline)
        return _view(person, tuple(recorded[participant_id]), timeline, today, version)


def list_participants(
    context: Context, contract_id: str, after: str = "", limit: int = 50
) -> list[ParticipantView]:
    """Participants in order of their ids."""
    with context.reading(contract_id) as uow:
        return _page(context, uow.connection, contract_id, after, limit)


def _page(
    context: Context, connection: Connection, contract_id: str, after: str, limit: int
) -> list[ParticipantView]:
    journal.head(connection, contract_id)
    people = participants.page(connection, contract_id, after, limit)
    ids = [person.participant_id for person in people]
    recorded = participants.events(connection, contract_id, ids)
    versions = participants.versions_of(connection, contract_id, ids)
    timeline = contracts.timeline(connection, contract_id)
    today = local_today(context, timeline)
    return [
        _view(
            person,
            tuple(recorded[person.participant_id]),
            timeline,
            today,
            versions[person.participant_id],
        )
        for person in people
    ]


def local_today(context: Context, timeline: Timeline) -> date:
    """The contract's present day, in its own time zone; in UTC before any terms are in force."""
    zone = timeline.latest.terms.timezone if timeline.versions else "UTC"
    return local_date(context.clock(), zone)


def _admit(work: Work, person: Participant) -> None:
    found = participants.find(work.connection, work.contract_id, person.participant_id)
    if found is not None:
        raise RuleRefused(
            "participant-exists",
            "A participant with that pseudonym is registered already; a person keeps one.",
            pointer="/participant_id",
        )
    terms = work.timeline.in_effect(person.referred_on).terms
    cohort = terms.cohort
    if faults := eligibility_faults(person, cohort, terms.service_ends):
        raise RuleRefused(
            "not-eligible",
            "The referral does not meet the cohort's rule in the terms; see `faults`.",
            pointer=faults[0].pointer,
            faults=faults,
        )
    most = cohort.participants_max
    if most is not None and participants.count(work.connection, work.contract_id) >= most:
        raise RuleRefused(
            "cohort-full", f"The terms allow {most} participants, and so many are registered."
        )


def _may_record(work: Work, person: Participant, events: Sequence[NewEvent]) -> None:
    """The participant's own provider records events; only the commissioner accepts absences."""
    accepting = {event.kind is EventKind.ABSENCE_ACCEPTED for event in events}
    if accepting == {True, False}:
        raise RuleRefused(
            "mixed-authority",
            "Accepting an absence is the commissioner's decision; send it in a request of its own.",
            pointer="/events",
        )
    if True in accepting:
        work.require_role(Role.COMMISSIONER, doing="accept an absence")
        return
    work.require_role(Role.SERVICE_PROVIDER, doing="record journey events")
    if work.actor.party != person.provider:
        raise NotPermitted(
            "party-not-permitted",
            f"Only the participant's provider, {person.provider}, may record journey events.",
        )


def _text_faults(events: Sequence[NewEvent]) -> list[Fault]:
    found = [
        identity_fault(event.note, f"/events/{index}/note")
        for index, event in enumerate(events)
        if event.note
    ]
    return [fault for fault in found if fault]


def _event_row(
    work: Work, participant_id: str, event: JourneyEvent, note: str | None
) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "participant_id": participant_id,
        "kind": event.kind.value,
        "effective_on": event.on,
        "recording_order": event.order,
        "destination": event.destination,
        "reason": event.reason,
        "supersedes": event.supersedes,
        "note_digest": work.note(note),
    } | work.signed()


def _view(
    person: Participant,
    recorded: tuple[JourneyEvent, ...],
    timeline: Timeline,
    today: date,
    version: int,
) -> ParticipantView:
    journey = Journey(person, standing(recorded))
    rules = timeline.latest.terms.sustainment
    completed = completed_on(assess(journey, timeline, today), timeline)
    return ParticipantView(
        person,
        life_phase(journey, rules, today, completed),
        support_status(journey, today),
        recorded,
        journey.events,
        version,
    )

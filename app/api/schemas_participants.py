"""Shapes of participants and what happened on their way."""

from typing import Annotated, Self

from pydantic import Field

from app.api.fields import (
    Answered,
    Code,
    Day,
    DayOut,
    NextCursor,
    Note,
    Party,
    Pseudonym,
    Received,
    RecordId,
    RecordWarning,
    Version,
)
from app.domain.identity_check import IdentityChecked
from app.domain.participant import EventKind, JourneyEvent
from app.domain.status import LifePhase, SupportStatus
from app.service.participants import NewEvent, ParticipantView

EVENTS_MAX = 200

Kind = Annotated[
    EventKind,
    Field(strict=False, description="What happened.", examples=["moved_on"]),
]
Destination = Annotated[
    Code | None,
    Field(
        description="Where to, a code of the terms (moved_on, tenancy_started, tenancy_changed).",
        examples=["tenancy"],
    ),
]
Reason = Annotated[
    Code | None,
    Field(
        description="Why a tenancy ended, or which absence is accepted (hospital or custody).",
        examples=["planned_move"],
    ),
]
Supersedes = Annotated[
    RecordId | None,
    Field(description="The id of the event that this one corrects or retracts."),
]


class NewParticipant(Received):
    """A referral under the provider's pseudonym, with the facts that the cohort's rule asks for."""

    participant_id: Annotated[Pseudonym, IdentityChecked]
    referred_on: Day = Field(description="The day of the referral.")
    setting: Code = Field(
        description="Where the person lived when referred, a code of the terms.",
        examples=["residential_care"],
    )
    funded_by_commissioner: bool = Field(
        description="Whether the commissioner funds that placement.", examples=[True]
    )
    age_at_referral: int | None = Field(
        default=None,
        description="Age in whole years on the day of the referral, if the terms ask for it.",
        ge=0,
        le=120,
        examples=[47],
    )


class NewJourneyEvent(Received):
    """Something that happened to a participant on a day."""

    kind: Kind
    on: Day = Field(description="The day on which it happened.")
    destination: Destination = None
    reason: Reason = None
    supersedes: Supersedes = None
    note: Note | None = None

    def told(self) -> NewEvent:
        """The event for the service."""
        return NewEvent(
            self.kind, self.on, self.destination, self.reason, self.supersedes, self.note
        )


class NewEvents(Received):
    """Events of one participant, recorded all or none."""

    events: list[NewJourneyEvent] = Field(
        min_length=1,
        max_length=EVENTS_MAX,
        description="1 to 200 events; those of one day in the order in which they happened.",
    )


class JourneyEventOut(Answered):
    """An event as recorded; `stands` is false once a later event supersedes it."""

    event_id: RecordId
    kind: EventKind = Field(description="What happened.", examples=["moved_on"])
    on: DayOut
    destination: Destination
    reason: Reason
    supersedes: Supersedes
    stands: bool = Field(description="Whether the event still holds.", examples=[True])

    @classmethod
    def of(cls, event: JourneyEvent, *, stands: bool) -> Self:
        """From the stored event."""
        return cls(
            event_id=event.event_id,
            kind=event.kind,
            on=event.on,
            destination=event.destination,
            reason=event.reason,
            supersedes=event.supersedes,
            stands=stands,
        )


class ParticipantOut(Answered):
    """A participant, where they stand today, and every event recorded about them."""

    participant_id: Pseudonym
    provider: Party
    referred_on: DayOut
    setting: Code
    funded_by_commissioner: bool = Field(
        description="Whether the commissioner funded the placement at referral.", examples=[True]
    )
    age_at_referral: int | None = Field(
        description="Age in whole years at referral, if it was given.", examples=[47]
    )
    phase: LifePhase = Field(
        description="The phase in the programme today.", examples=["sustaining"]
    )
    support: SupportStatus | None = Field(
        description="Whether the service supports the person today.", examples=["on_support"]
    )
    events: list[JourneyEventOut]
    version: Version

    @classmethod
    def of(cls, view: ParticipantView, version: int | None = None) -> Self:
        """From the service's view; `version` is that of the record just written."""
        person = view.participant
        standing = {event.event_id for event in view.standing}
        return cls(
            participant_id=person.participant_id,
            provider=person.provider,
            referred_on=person.referred_on,
            setting=person.setting,
            funded_by_commissioner=person.funded_by_commissioner,
            age_at_referral=person.age_at_referral,
            phase=view.phase,
            support=view.support,
            events=[
                JourneyEventOut.of(event, stands=event.event_id in standing)
                for event in view.events
            ],
            version=view.version if version is None else version,
        )


class EventsRecorded(ParticipantOut):
    """A participant with events just recorded, and what in them the terms do not know."""

    warnings: list[RecordWarning]

    @classmethod
    def of(cls, view: ParticipantView, version: int | None = None) -> Self:
        """From the service's view and its warnings."""
        facts = dict(ParticipantOut.of(view, version))
        return cls(**facts, warnings=[RecordWarning.of(one) for one in view.warnings])


class ParticipantPage(Answered):
    """Participants in order of their pseudonyms, and where the next page starts."""

    items: list[ParticipantOut]
    next_cursor: NextCursor

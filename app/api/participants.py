"""Participants and what happened on their way."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import ContextDep, KnownOn, PageDep, WriteDep, shown
from app.api.documented import PERSONAL, WRITES, answers
from app.api.fields import ContractPath, ParticipantPath
from app.api.schemas_participants import (
    EventsRecorded,
    NewEvents,
    NewParticipant,
    ParticipantOut,
    ParticipantPage,
)
from app.api.strict import StrictRoute
from app.service import days, participants

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["Participants"], route_class=StrictRoute
)

_TEXTS = ("looks-like-email", "looks-like-nhs-number", "looks-like-postcode")


@router.post(
    "/participants",
    operation_id="registerParticipant",
    summary="Register a participant",
    status_code=201,
    responses=answers(
        201, ParticipantOut, "The participant, as yet without events.",
        WRITES, "terms-not-in-force", "party-not-permitted", "participant-exists", "not-eligible",
        "cohort-full", "date-in-future", "not-a-pseudonym",
    ),
)  # fmt: skip
def register_participant(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewParticipant
) -> Response:
    """Register a referral under the provider's pseudonym, if the cohort's rule in the terms fits.

    The provider acts. Values that look like a name, e-mail, NHS number or postcode are refused.
    """
    return write.answer(
        contract_id,
        lambda command: participants.register_participant(
            context,
            command,
            participant_id=body.participant_id,
            referred_on=body.referred_on,
            setting=body.setting,
            funded_by_commissioner=body.funded_by_commissioner,
            age_at_referral=body.age_at_referral,
        ),
        ParticipantOut.of,
        lambda _: f"/v1/contracts/{contract_id}/participants/{body.participant_id}",
    )


@router.get(
    "/participants",
    operation_id="listParticipants",
    summary="List participants",
    responses=answers(200, ParticipantPage, "Participants in order of pseudonym.", PERSONAL),
)
def list_participants(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List participants with their events, in order of their pseudonyms."""
    found = participants.list_participants(context, contract_id, page.after(""), page.limit + 1)
    return page.answer(
        found,
        lambda view: view.participant.participant_id,
        lambda items, after: ParticipantPage(
            items=[ParticipantOut.of(one) for one in items], next_cursor=after
        ),
    )


@router.get(
    "/participants/{participant_id}",
    operation_id="getParticipant",
    summary="Show a participant",
    responses=answers(200, ParticipantOut, "The participant.", PERSONAL, "participant-unknown"),
)
def get_participant(
    context: ContextDep,
    contract_id: ContractPath,
    participant_id: ParticipantPath,
    known_on: KnownOn = None,
) -> Response:
    """Show a participant, with the events that were known at the end of a day (left out: now)."""
    instant = days.known_at(context, contract_id, known_on)
    view = participants.get_participant(context, contract_id, participant_id, instant)
    return shown(ParticipantOut.of(view), view.version)


@router.post(
    "/participants/{participant_id}/events",
    operation_id="recordEvents",
    summary="Record journey events",
    responses=answers(
        200, EventsRecorded, "The participant with the new events.",
        WRITES, "terms-not-in-force", "participant-unknown", "party-not-permitted",
        "events-refused", "mixed-authority", "stale-version", _TEXTS,
    ),
)  # fmt: skip
def record_events(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    participant_id: ParticipantPath,
    body: NewEvents,
) -> Response:
    """Record what happened to a participant, all or none; the participant's own provider acts.

    Nothing is edited: an event that was wrong is named in `supersedes` of its correction, or of an
    event `retracted`. `absence_accepted` is the commissioner's. If-Match is optional here.
    `warnings` tell of destinations that do not qualify under the terms.
    """
    return write.answer(
        contract_id,
        lambda command: participants.record_events(
            context, command, participant_id, [event.told() for event in body.events]
        ),
        EventsRecorded.of,
    )

"""Participants, what happened to them, evidence, and what they are put forward for, as files."""

from collections.abc import Iterator

from app.domain.evidence import EvidenceItem
from app.domain.outcome import Entitlement
from app.interchange.columns import ColumnKind
from app.service import due, evidence, outcomes, participants
from app.service.context import Context
from app.service.due import DueItem
from app.service.listings.listing import (
    CURRENCY,
    ITEMS_PER_PAGE,
    Filter,
    Given,
    Listing,
    Row,
    amount,
    day,
    flag,
    in_pages,
    joined,
    number,
    person,
    text,
)
from app.service.outcomes import SubmissionView
from app.service.participants import ParticipantView

every_participant = in_pages(
    participants.list_participants, lambda view: view.participant.participant_id, ""
)


def _participant(view: ParticipantView) -> Iterator[Row]:
    one = view.participant
    yield (
        one.participant_id,
        one.provider,
        one.referred_on,
        one.setting,
        one.funded_by_commissioner,
        one.age_at_referral,
        view.phase.value,
        view.support.value if view.support else None,
        view.version,
    )


def _events(view: ParticipantView) -> Iterator[Row]:
    standing = {event.event_id for event in view.standing}
    for event in view.events:
        yield (
            view.participant.participant_id,
            event.event_id,
            event.kind.value,
            event.on,
            event.destination,
            event.reason,
            event.supersedes,
            event.event_id in standing,
        )


def _evidence_items(context: Context, contract_id: str, given: Given) -> Iterator[EvidenceItem]:
    """Those of one participant, or of each in turn."""
    if Filter.PARTICIPANT in given:
        yield from evidence.list_evidence(context, contract_id, given[Filter.PARTICIPANT])
        return
    for view in every_participant(context, contract_id, {}):
        yield from evidence.list_evidence(context, contract_id, view.participant.participant_id)


def _evidence(item: EvidenceItem) -> Iterator[Row]:
    yield (
        item.participant_id,
        item.evidence_id,
        item.type,
        item.issuer,
        item.dated_on,
        item.covers_from,
        item.covers_to,
        joined(item.supports),
        item.sha256,
        item.held_by,
        item.size_bytes,
        item.media_type,
    )


def _due_items(context: Context, contract_id: str, given: Given) -> Iterator[DueItem]:
    after: str | None = ""
    while after is not None:
        found, after = due.due(context, contract_id, after, ITEMS_PER_PAGE, **given)
        yield from found


def _due(item: DueItem) -> Iterator[Row]:
    milestone = item.milestone
    yield (
        item.participant_id,
        milestone.metric,
        milestone.state.value,
        milestone.on,
        item.submit_by,
        item.longstop_on,
        joined(gap.wanted for gap in item.missing),
        item.at_stake,
        item.at_stake.currency if item.at_stake else None,
        item.submission_state,
        item.decide_by,
    )


def _submission(view: SubmissionView) -> Iterator[Row]:
    stored, one = view.stored, view.stored.submission
    decided, waiver = stored.verification, stored.waiver
    yield (
        one.submission_id,
        one.participant_id,
        one.metric,
        one.scope,
        one.occurrence,
        one.round,
        one.achieved_on,
        one.terms_version,
        one.submitted_on,
        one.due_on,
        stored.by.party,
        stored.by.person,
        stored.state,
        view.decide_by,
        waiver.granted_on if waiver else None,
        decided.decided_on if decided else None,
        decided.reason_code.value if decided and decided.reason_code else None,
        decided.by.party if decided else None,
        decided.by.person if decided else None,
        stored.version,
    )


def _entitlement(found: tuple[int, Entitlement]) -> Iterator[Row]:
    sequence, one = found
    yield (
        one.entitlement_id,
        one.participant_id,
        one.metric,
        one.scope,
        one.occurrence,
        one.achieved_on,
        one.verified_on,
        one.terms_version,
        one.price_terms_version,
        one.edition,
        one.amount,
        one.amount.currency,
        one.submission_id,
        sequence,
    )


PARTICIPANTS = Listing(
    "participants",
    "Participants, and where each stands today.",
    {"listParticipants": participants.list_participants},
    every_participant,
    (
        person("participant_id"),
        text("provider"),
        person("referred_on", ColumnKind.DATE),
        person("setting"),
        person("funded_by_commissioner", ColumnKind.BOOLEAN),
        person("age_at_referral", ColumnKind.INTEGER),
        person("phase"),
        person("support"),
        number("version"),
    ),
    _participant,
)

EVENTS = Listing(
    "journey-events",
    "Everything recorded of what happened to participants; `stands` is false once superseded.",
    {"listParticipants": participants.list_participants},
    every_participant,
    (
        person("participant_id"),
        text("event_id"),
        person("kind"),
        person("on", ColumnKind.DATE),
        person("destination"),
        person("reason"),
        text("supersedes"),
        flag("stands"),
    ),
    _events,
)

EVIDENCE = Listing(
    "evidence",
    "Evidence items, by participant.",
    {"listEvidence": evidence.list_evidence},
    _evidence_items,
    (
        person("participant_id"),
        text("evidence_id"),
        text("type"),
        text("issuer"),
        day("dated_on"),
        day("covers_from"),
        day("covers_to"),
        text("supports"),
        text("sha256"),
        text("held_by"),
        number("size_bytes"),
        text("media_type"),
    ),
    _evidence,
    filters=(Filter.PARTICIPANT,),
)

DUE = Listing(
    "due",
    "Each participant's next milestone, what is missing for it, and the money at stake.",
    {"listDue": due.due},
    _due_items,
    (
        person("participant_id"),
        text("metric"),
        text("state"),
        day("on"),
        day("submit_by"),
        day("longstop_on"),
        text("missing"),
        amount("at_stake"),
        CURRENCY,
        text("submission_state"),
        day("decide_by"),
    ),
    _due,
    filters=(Filter.AS_OF,),
)

SUBMISSIONS = Listing(
    "submissions",
    "Outcomes put forward, and what was decided on each.",
    {"listSubmissions": outcomes.list_submissions},
    in_pages(
        outcomes.list_submissions,
        lambda view: (view.stored.sequence, view.stored.submission.submission_id),
        (0, ""),
    ),
    (
        text("submission_id"),
        person("participant_id"),
        text("metric"),
        text("scope"),
        number("occurrence"),
        number("round"),
        day("achieved_on"),
        number("terms_version"),
        day("submitted_on"),
        day("due_on"),
        text("party"),
        text("person"),
        text("state"),
        day("decide_by"),
        day("waived_on"),
        day("decided_on"),
        text("reason_code"),
        text("decided_by"),
        text("decided_by_person"),
        number("version"),
    ),
    _submission,
    filters=(Filter.STATE, Filter.PARTICIPANT),
    choices={Filter.STATE: ("submitted", "verified", "returned", "rejected")},
)

ENTITLEMENTS = Listing(
    "entitlements",
    "Verified outcomes with their prices, before caps.",
    {"listEntitlements": outcomes.list_entitlements},
    in_pages(
        outcomes.list_entitlements, lambda found: (found[0], found[1].entitlement_id), (0, "")
    ),
    (
        text("entitlement_id"),
        person("participant_id"),
        text("metric"),
        text("scope"),
        number("occurrence"),
        day("achieved_on"),
        day("verified_on"),
        number("terms_version"),
        number("price_terms_version"),
        text("edition"),
        amount("amount"),
        CURRENCY,
        text("submission_id"),
        number("sequence"),
    ),
    _entitlement,
)

LISTINGS = (PARTICIPANTS, EVENTS, EVIDENCE, DUE, SUBMISSIONS, ENTITLEMENTS)

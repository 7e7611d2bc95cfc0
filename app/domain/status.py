"""Where a participant stands on a day: the phase of the journey, and separately the support."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from app.domain.participant import EndReason, EventKind, Journey, JourneyEvent
from app.domain.sustainment import Spell, spells
from app.domain.terms.outcomes import Sustainment


class LifePhase(StrEnum):
    """The phase of a participant's life in the project."""

    REFERRED = "referred"
    DECLINED = "declined"
    INELIGIBLE = "ineligible"
    PREPARING = "preparing"
    """Accepted, engaged or referred again; not in a qualifying home out of care yet."""
    WITHDRAWN_PRE_MOVE = "withdrawn_pre_move"
    """Withdrew, or died, before moving."""
    SUSTAINING = "sustaining"
    INTERRUPTED = "interrupted"
    """Away from the home, or between two homes, on the same clock."""
    SPELL_ENDED = "spell_ended"
    COMPLETED = "completed"


class SupportStatus(StrEnum):
    """Whether the service still supports the person; it says nothing about the home."""

    ON_SUPPORT = "on_support"
    SUPPORT_ENDED_PLANNED = "support_ended_planned"
    WITHDREW_FROM_SUPPORT = "withdrew_from_support"
    LOST_CONTACT = "lost_contact"


_PHASE_AFTER = {
    EventKind.DECLINED: LifePhase.DECLINED,
    EventKind.FOUND_INELIGIBLE: LifePhase.INELIGIBLE,
    EventKind.ACCEPTED: LifePhase.PREPARING,
    EventKind.ENGAGED: LifePhase.PREPARING,
    EventKind.MOVED_ON: LifePhase.PREPARING,
    EventKind.WITHDREW_BEFORE_MOVE: LifePhase.WITHDRAWN_PRE_MOVE,
    EventKind.DIED: LifePhase.WITHDRAWN_PRE_MOVE,
}
_REFUSED = {LifePhase.DECLINED, LifePhase.INELIGIBLE}

_SUPPORT_AFTER = {
    EventKind.ACCEPTED: SupportStatus.ON_SUPPORT,
    EventKind.ENGAGED: SupportStatus.ON_SUPPORT,
    EventKind.MOVED_ON: SupportStatus.ON_SUPPORT,
    EventKind.SUPPORT_RESUMED: SupportStatus.ON_SUPPORT,
    EventKind.SUPPORT_WITHDRAWN: SupportStatus.WITHDREW_FROM_SUPPORT,
    EventKind.WITHDREW_BEFORE_MOVE: SupportStatus.WITHDREW_FROM_SUPPORT,
    EventKind.SUPPORT_ENDED_PLANNED: SupportStatus.SUPPORT_ENDED_PLANNED,
}
# These start support only for a person who never had it or left the project before.
_STARTS_SUPPORT = {EventKind.ACCEPTED, EventKind.ENGAGED, EventKind.MOVED_ON}
_NO_SUPPORT_AFTER = {EventKind.DECLINED, EventKind.FOUND_INELIGIBLE, EventKind.DIED}


def life_phase(
    journey: Journey, rules: Sustainment, as_of: date, completed_on: date | None = None
) -> LifePhase:
    """The phase of a participant at the end of a day.

    `completed_on` is the day the longest milestone of the terms was achieved, if it was: from
    then on the person is COMPLETED, whatever becomes of the home, until referred again. A person
    who left for a home that does not qualify is still PREPARING. Moved 15 Jan 2021 and back in
    care from 20 Sep 2021: SUSTAINING on 19 Sep, SPELL_ENDED on 20 Sep, PREPARING once referred
    again.
    """
    events = [event for event in journey.events if event.on <= as_of]
    lived = spells(journey, rules, as_of)
    latest = lived[-1] if lived else None
    referred_again = _last_of(events, EventKind.RE_REFERRED)
    if (
        completed_on is not None
        and completed_on <= as_of
        and not _after(referred_again, completed_on)
    ):
        return LifePhase.COMPLETED
    ended_before = latest is not None and _over_before(latest, referred_again)
    if latest is None or ended_before or _refused_since(events, latest):
        return _phase_of_referral(events)
    if latest.live_until is not None:
        return LifePhase.SPELL_ENDED
    return LifePhase.INTERRUPTED if latest.interrupted else LifePhase.SUSTAINING


def support_status(journey: Journey, as_of: date) -> SupportStatus | None:
    """The support of a participant at the end of a day; None before joining and after death.

    Contact regained restores what was there before it was lost. A planned end or a withdrawal
    stands until support is resumed or a new referral is accepted.
    """
    status: SupportStatus | None = None
    before_loss: SupportStatus | None = None
    for event in journey.events:
        if event.on > as_of:
            break
        if event.kind is EventKind.CONTACT_LOST:
            if status is not SupportStatus.LOST_CONTACT:
                before_loss, status = status, SupportStatus.LOST_CONTACT
        elif event.kind is EventKind.CONTACT_REGAINED:
            if status is SupportStatus.LOST_CONTACT:
                status = before_loss
        elif event.kind is EventKind.RE_REFERRED or _ends_all_support(event):
            status = None
        elif event.kind in _SUPPORT_AFTER and (status is None or event.kind not in _STARTS_SUPPORT):
            status = _SUPPORT_AFTER[event.kind]
    return status


def _ends_all_support(event: JourneyEvent) -> bool:
    died = event.kind is EventKind.TENANCY_ENDED and event.reason == EndReason.DIED
    return died or event.kind in _NO_SUPPORT_AFTER


def _last_of(events: Sequence[JourneyEvent], kind: EventKind) -> JourneyEvent | None:
    return next((event for event in reversed(events) if event.kind is kind), None)


def _after(event: JourneyEvent | None, day: date) -> bool:
    return event is not None and event.on >= day


def _over_before(spell: Spell, referred_again: JourneyEvent | None) -> bool:
    return spell.ended_on is not None and _after(referred_again, spell.ended_on)


def _refused_since(events: Sequence[JourneyEvent], spell: Spell) -> bool:
    ineligible = _last_of(events, EventKind.FOUND_INELIGIBLE)
    return _after(ineligible, spell.anchor_on)


def _phase_of_referral(events: Sequence[JourneyEvent]) -> LifePhase:
    phase = LifePhase.REFERRED
    for event in events:
        if event.kind is EventKind.RE_REFERRED:
            phase = LifePhase.REFERRED if phase in _REFUSED else LifePhase.PREPARING
        elif event.kind in _PHASE_AFTER:
            phase = _PHASE_AFTER[event.kind]
    return phase

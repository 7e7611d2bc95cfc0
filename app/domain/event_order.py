"""Whether the events of a journey can have happened in their order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.domain.absence import StayKind, stays
from app.domain.occupation import is_break
from app.domain.participant import EndReason, EventKind, JourneyEvent
from app.domain.tenancy import tenancies
from app.domain.terms.outcomes import Sustainment

_CLOSED = "the referral is closed; record re_referred first"


@dataclass(slots=True)
class _Life:
    """What is known of the person after each event."""

    rules: Sustainment
    returning: set[str]
    referral_open: bool = True
    accepted: bool = False
    engaged: bool = False
    ever_moved: bool = False
    in_care: bool = True
    in_care_by_stay: bool = False
    in_care_unconfirmed: bool = False
    home: str | None = None
    home_left_for_care: bool = False
    named_by_move_on: date | None = None
    away: StayKind | None = None
    stays_seen: set[StayKind] = field(default_factory=set)
    supported: bool = True
    contact_lost: bool = False
    training: bool = False
    dead: bool = False

    def back_in_care(self, *, by_stay: bool) -> None:
        """The person is in care again; the home may still be kept on paper."""
        self.in_care, self.in_care_by_stay, self.in_care_unconfirmed = True, by_stay, False
        self.home_left_for_care = self.home is not None
        self.named_by_move_on = None


def order_faults(events: Sequence[JourneyEvent], rules: Sustainment, today: date) -> dict[str, str]:
    """Why events of a standing journey are out of order, by event id.

    A refused event changes nothing for those after it. The events must be well-formed
    (`field_faults`). A discharge without an admission and a tenancy that ends without having
    started are examples.
    """
    homes = tenancies(events)
    returning = {
        stay.events[0]
        for stay in stays(events)
        if stay.kind is StayKind.CARE and is_break(stay, rules, today, homes)
    }
    life = _Life(rules, returning)
    found: dict[str, str] = {}
    for event in events:
        problem = _HANDLERS[event.kind](life, event)
        if problem is not None:
            found[event.event_id] = problem
    return found


def _accepted(life: _Life, _: JourneyEvent) -> str | None:
    if not life.referral_open:
        return _CLOSED
    if life.accepted or life.engaged:
        return "the referral was accepted before"
    life.accepted = True
    return None


def _declined(life: _Life, _: JourneyEvent) -> str | None:
    if not life.referral_open:
        return _CLOSED
    if life.accepted or life.engaged or not life.in_care:
        return "the referral was accepted before"
    life.referral_open = False
    return None


def _found_ineligible(life: _Life, _: JourneyEvent) -> str | None:
    if not life.referral_open:
        return _CLOSED
    life.referral_open = False
    return None


def _engaged(life: _Life, _: JourneyEvent) -> str | None:
    if not life.referral_open:
        return _CLOSED
    if life.engaged:
        return "the person engaged before; a new engagement needs re_referred"
    life.engaged = True
    return None


def _withdrew_before_move(life: _Life, _: JourneyEvent) -> str | None:
    if not life.referral_open:
        return _CLOSED
    if not life.in_care:
        return "the person has moved on; record support_withdrawn or the end of the tenancy"
    life.referral_open = False
    return None


def _re_referred(life: _Life, _: JourneyEvent) -> str | None:
    moved_and_lost = life.ever_moved and (life.in_care or life.home is None)
    if life.referral_open and not moved_and_lost:
        return "the referral before is still open"
    life.referral_open = life.supported = True
    life.accepted = life.engaged = False
    return None


def _moved_on(life: _Life, event: JourneyEvent) -> str | None:
    if not life.referral_open:
        return _CLOSED
    if not life.in_care and life.home is not None:
        return "the person has moved on and has a home; record tenancy_changed for another"
    life.in_care = life.in_care_by_stay = life.home_left_for_care = False
    life.ever_moved = True
    life.away = None
    if event.destination is not None and event.destination != life.home:
        life.home, life.named_by_move_on = event.destination, event.on
    return None


def _tenancy_started(life: _Life, event: JourneyEvent) -> str | None:
    if life.home is not None and not life.home_left_for_care:
        if life.named_by_move_on is None or event.destination != life.home:
            return "the person has a home; record tenancy_changed, or tenancy_ended first"
        last = life.named_by_move_on + timedelta(days=life.rules.move_gap_days_max)
        if event.on > last:
            return (
                f"the home named by moved_on has run since {life.named_by_move_on}; correct "
                "that event, or record tenancy_changed for another home"
            )
    life.home, life.named_by_move_on, life.home_left_for_care = event.destination, None, False
    return None


def _tenancy_changed(life: _Life, event: JourneyEvent) -> str | None:
    if life.home is None:
        return "the person has no home to change from; record tenancy_started"
    life.home, life.named_by_move_on = event.destination, None
    return None


def _tenancy_ended(life: _Life, event: JourneyEvent) -> str | None:
    if life.home is None:
        return "no tenancy had started"
    life.home, life.named_by_move_on, life.home_left_for_care = None, None, False
    if event.reason == EndReason.RETURNED_TO_CARE and not life.in_care:
        life.back_in_care(by_stay=False)
        life.in_care_unconfirmed = True  # the return itself may be recorded as well
    return None


def _goes_away(kind: StayKind) -> Callable[[_Life, JourneyEvent], str | None]:
    def begins(life: _Life, event: JourneyEvent) -> str | None:
        if life.away is not None:
            return f"an absence ({life.away.value}) is still open; record its end first"
        if kind is StayKind.CARE and (life.in_care or life.home is None):
            return "a stay in care needs a home that the person has moved to"
        life.away = kind
        life.stays_seen.add(kind)
        if event.event_id in life.returning:
            life.back_in_care(by_stay=True)
        return None

    return begins


def _comes_back(kind: StayKind) -> Callable[[_Life, JourneyEvent], str | None]:
    def ends(life: _Life, _: JourneyEvent) -> str | None:
        if life.away is not kind:
            return f"no absence ({kind.value}) is open"
        life.away = None
        return None

    return ends


def _returned_to_care(life: _Life, _: JourneyEvent) -> str | None:
    if life.in_care and not (life.in_care_by_stay or life.in_care_unconfirmed):
        return "the person has not moved on from care"
    life.back_in_care(by_stay=False)
    life.away = None
    return None


def _absence_accepted(life: _Life, event: JourneyEvent) -> str | None:
    if event.reason not in life.stays_seen:
        return f"no absence ({event.reason}) had begun"
    return None


def _support_stops(life: _Life, _: JourneyEvent) -> str | None:
    if not life.supported:
        return "support had stopped before; record support_resumed first"
    life.supported = False
    return None


def _support_resumed(life: _Life, _: JourneyEvent) -> str | None:
    if life.supported:
        return "support had not stopped"
    life.supported = True
    return None


def _contact_lost(life: _Life, _: JourneyEvent) -> str | None:
    if life.contact_lost:
        return "contact was lost before; record contact_regained first"
    life.contact_lost = True
    return None


def _contact_regained(life: _Life, _: JourneyEvent) -> str | None:
    if not life.contact_lost:
        return "contact had not been lost"
    life.contact_lost = False
    return None


def _training_begun(life: _Life, _: JourneyEvent) -> str | None:
    if life.training:
        return "a training is under way; record training_completed first"
    life.training = True
    return None


def _training_completed(life: _Life, _: JourneyEvent) -> str | None:
    if not life.training:
        return "no training had begun"
    life.training = False
    return None


def _died(life: _Life, _: JourneyEvent) -> str | None:
    if life.dead:
        return "the death is recorded already"
    life.dead = True
    return None


_HANDLERS: dict[EventKind, Callable[[_Life, JourneyEvent], str | None]] = {
    EventKind.ACCEPTED: _accepted,
    EventKind.DECLINED: _declined,
    EventKind.FOUND_INELIGIBLE: _found_ineligible,
    EventKind.ENGAGED: _engaged,
    EventKind.WITHDREW_BEFORE_MOVE: _withdrew_before_move,
    EventKind.RE_REFERRED: _re_referred,
    EventKind.MOVED_ON: _moved_on,
    EventKind.TENANCY_STARTED: _tenancy_started,
    EventKind.TENANCY_CHANGED: _tenancy_changed,
    EventKind.TENANCY_ENDED: _tenancy_ended,
    EventKind.HOSPITAL_ADMITTED: _goes_away(StayKind.HOSPITAL),
    EventKind.HOSPITAL_DISCHARGED: _comes_back(StayKind.HOSPITAL),
    EventKind.CUSTODY_STARTED: _goes_away(StayKind.CUSTODY),
    EventKind.CUSTODY_ENDED: _comes_back(StayKind.CUSTODY),
    EventKind.CARE_STAY_STARTED: _goes_away(StayKind.CARE),
    EventKind.CARE_STAY_ENDED: _comes_back(StayKind.CARE),
    EventKind.RETURNED_TO_CARE: _returned_to_care,
    EventKind.ABSENCE_ACCEPTED: _absence_accepted,
    EventKind.SUPPORT_WITHDRAWN: _support_stops,
    EventKind.SUPPORT_RESUMED: _support_resumed,
    EventKind.SUPPORT_ENDED_PLANNED: _support_stops,
    EventKind.CONTACT_LOST: _contact_lost,
    EventKind.CONTACT_REGAINED: _contact_regained,
    EventKind.TRAINING_BEGUN: _training_begun,
    EventKind.TRAINING_COMPLETED: _training_completed,
    EventKind.DIED: _died,
}

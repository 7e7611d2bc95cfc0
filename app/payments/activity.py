"""Activity payments: temporary money for people engaged and not yet moved, not for outcomes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.calendar import quarter_end, quarter_start
from app.domain.money import Money
from app.domain.participant import EventKind, Journey, JourneyEvent
from app.domain.period import Period
from app.domain.terms.payment import ActivityPayment
from app.domain.terms.timeline import TermsVersion
from app.domain.working import Step, terms_ref

_LEAVES = frozenset(
    {
        EventKind.MOVED_ON,
        EventKind.TENANCY_STARTED,
        EventKind.WITHDREW_BEFORE_MOVE,
        EventKind.DECLINED,
        EventKind.FOUND_INELIGIBLE,
        EventKind.DIED,
    }
)


@dataclass(frozen=True, slots=True)
class ActivityDue:
    """An activity payment due to be claimed for one participant.

    `source_id` is code:participant, and for a quarterly payment code:participant:<first day of
    the calendar quarter>, so that each is claimed once, even if a variation moves the payment's
    first day. `due_on` is the first day on which the person counted.
    """

    source_id: str
    code: str
    participant_id: str
    due_on: date
    amount: Money
    working: tuple[Step, ...]


def activity_due(
    journeys: Iterable[Journey],
    version: TermsVersion,
    period: Period,
    claimed: Collection[str] = (),
) -> tuple[ActivityDue, ...]:
    """The activity payments due by the end of a claim period and not claimed yet.

    A payment is due for a participant who is engaged and has not moved on, on any day from its
    first day to its last (terms /activity_payments): once, or once in each calendar quarter. What
    was recorded too late for its own period is due in the next one. GBP 2,000 per person from 1 Dec
    2020 to 31 Dec 2021: a person engaged on 3 Mar 2020 who moved on 14 Jan 2021 counts on 1 Dec
    2020; one who moved on 1 Dec 2020 itself does not count.

    `claimed` holds source ids of earlier claims. Ordered by due date, code, participant. Only the
    version in force at the period's end is read: a variation that still owes an earlier payment
    keeps its entry.
    """
    done = frozenset(claimed)
    found = [
        due
        for journey in journeys
        for due in _of_journey(journey, version, period.end)
        if due.source_id not in done
    ]
    return tuple(sorted(found, key=lambda due: (due.due_on, due.code, due.participant_id)))


def _of_journey(journey: Journey, version: TermsVersion, end: date) -> Iterable[ActivityDue]:
    payments = version.terms.activity_payments
    spans = _waiting_spans(journey.events) if payments else ()
    for index, payment in enumerate(payments):
        for window in _windows(payment, end):
            first = _first_day(spans, window)
            if first is not None:
                yield _due(journey, version, index, *first)


def _due(journey: Journey, version: TermsVersion, index: int, day: date, began: str) -> ActivityDue:
    payment = version.terms.activity_payments[index]
    person = journey.participant.participant_id
    amount = Money.parse(payment.amount, version.terms.currency)
    source_id = f"{payment.code}:{person}"
    if payment.frequency == "quarterly":
        source_id = f"{source_id}:{quarter_start(day).isoformat()}"
    because = f"Engaged and not yet moved on {day.isoformat()}: {payment.code} is due."
    refs = (f"event:{began}", terms_ref(version.number, f"/activity_payments/{index}"))
    step = Step("activity", because, refs)
    return ActivityDue(source_id, payment.code, person, day, amount, (step,))


def _windows(payment: ActivityPayment, end: date) -> Iterable[Period]:
    """The spans in which the payment is due once each, up to the claim period's end."""
    last = min(payment.to_date, end)
    start = payment.from_date
    while start <= last:
        close = last if payment.frequency == "once_per_person" else min(quarter_end(start), last)
        yield Period(start, close)
        start = close + timedelta(days=1)


def _waiting_spans(events: Iterable[JourneyEvent]) -> tuple[tuple[JourneyEvent, date], ...]:
    """Spans (event that begins it, day after the last): a person is engaged and has not moved on.

    Somebody referred again after having engaged is preparing for a move again.
    """
    spans: list[tuple[JourneyEvent, date]] = []
    began: JourneyEvent | None = None
    engaged_before = False
    for event in events:
        again = event.kind is EventKind.RE_REFERRED and engaged_before
        if began is None and (event.kind is EventKind.ENGAGED or again):
            began, engaged_before = event, True
        elif began is not None and event.kind in _LEAVES:
            spans.append((began, event.on))
            began = None
    if began is not None:
        spans.append((began, date.max))
    return tuple(spans)


def _first_day(
    spans: Iterable[tuple[JourneyEvent, date]], window: Period
) -> tuple[date, str] | None:
    """The first day of the window on which the person counts, and the event that began it."""
    for began, left in spans:
        day = max(began.on, window.start)
        if day < left and day <= window.end:
            return day, began.event_id
    return None

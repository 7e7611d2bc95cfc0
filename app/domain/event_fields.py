"""Which fields an event of each kind must, may and must not carry."""

import re
from collections.abc import Iterator

from app.domain.errors import Fault
from app.domain.participant import EndReason, EventKind, JourneyEvent
from app.domain.terms.outcomes import Sustainment

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)

_DESTINATION_NEEDED = {EventKind.TENANCY_STARTED, EventKind.TENANCY_CHANGED}
_DESTINATION_ALLOWED = {*_DESTINATION_NEEDED, EventKind.MOVED_ON}
_REASONS = {
    EventKind.TENANCY_ENDED: tuple(EndReason),
    EventKind.ABSENCE_ACCEPTED: ("hospital", "custody"),
}
# A code of the contract's own list, for reports such as the reasons for not moving.
_REASON_ALLOWED = {
    *_REASONS,
    EventKind.DECLINED,
    EventKind.FOUND_INELIGIBLE,
    EventKind.WITHDREW_BEFORE_MOVE,
    EventKind.RE_REFERRED,
    EventKind.TENANCY_CHANGED,
    EventKind.CARE_STAY_STARTED,
    EventKind.RETURNED_TO_CARE,
    EventKind.SUPPORT_WITHDRAWN,
    EventKind.SUPPORT_ENDED_PLANNED,
    EventKind.CONTACT_LOST,
    EventKind.RETRACTED,
}


def field_faults(event: JourneyEvent, pointer: str, rules: Sustainment) -> Iterator[Fault]:
    """What is missing from an event, foreign to its kind, or not a code.

    A destination belongs to `tenancy_started` and `tenancy_changed`, and to a `moved_on` whose
    home no other event names (`event_faults` looks for that one); one that the terms do not list
    is accepted and does not qualify. A reason from a fixed list belongs to `tenancy_ended` and
    `absence_accepted`. `retracted` names what it removes. An absence that the terms never accept
    cannot be accepted (/sustainment/custody/accepted_days_max).
    """
    yield from _destination_faults(event, pointer)
    yield from _reason_faults(event, pointer, rules)
    if event.kind is EventKind.RETRACTED and event.supersedes is None:
        yield _missing(pointer, "supersedes", "Name the event that is retracted.")


def _destination_faults(event: JourneyEvent, pointer: str) -> Iterator[Fault]:
    if event.destination is None:
        if event.kind in _DESTINATION_NEEDED:
            yield _missing(pointer, "destination", "Say what kind of home it is, by its code.")
    elif event.kind not in _DESTINATION_ALLOWED:
        yield _foreign(event, pointer, "destination")
    elif _CODE.fullmatch(event.destination) is None:
        yield _not_a_code(pointer, "destination")


def _reason_faults(event: JourneyEvent, pointer: str, rules: Sustainment) -> Iterator[Fault]:
    listed = _REASONS.get(event.kind)
    if event.reason is None:
        if listed is not None:
            yield _missing(pointer, "reason", f"Give one of: {', '.join(listed)}.")
    elif event.kind not in _REASON_ALLOWED:
        yield _foreign(event, pointer, "reason")
    elif listed is not None and event.reason not in listed:
        yield Fault("unknown-reason", f"{pointer}/reason", f"Give one of: {', '.join(listed)}.")
    elif _CODE.fullmatch(event.reason) is None:
        yield _not_a_code(pointer, "reason")
    elif event.kind is EventKind.ABSENCE_ACCEPTED:
        allowed = rules.hospital if event.reason == "hospital" else rules.custody
        if allowed.accepted_days_max is None:
            yield Fault(
                "absence-never-accepted",
                f"{pointer}/reason",
                f"The terms let nobody accept an absence in {event.reason} above "
                f"{allowed.days_max} days.",
            )


def _missing(pointer: str, field: str, what_to_do: str) -> Fault:
    return Fault("missing-field", f"{pointer}/{field}", what_to_do)


def _foreign(event: JourneyEvent, pointer: str, field: str) -> Fault:
    message = f"An event of kind {event.kind.value} carries no {field}; leave it out."
    return Fault("foreign-field", f"{pointer}/{field}", message)


def _not_a_code(pointer: str, field: str) -> Fault:
    message = f"Write the {field} as a code: lower-case letters, digits and underscores."
    return Fault("not-a-code", f"{pointer}/{field}", message)

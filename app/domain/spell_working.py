"""The working of a tenancy spell in sentences: its anchor, stays away, gaps and end."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from app.domain.absence import Stay, StayKind, limit
from app.domain.occupation import (
    REHOUSING_MAY_FOLLOW,
    Occupation,
    SpellEnd,
    may_be_rehoused,
)
from app.domain.terms.outcomes import Sustainment
from app.domain.working import Step

RULE_POINTERS = {
    "sustainment.anchor": "/sustainment/qualifying_destinations",
    "sustainment.hospital": "/sustainment/hospital",
    "sustainment.custody": "/sustainment/custody",
    "sustainment.care": "/sustainment/care_stay_nights_max",
    "sustainment.gap": "/sustainment/move_gap_days_max",
    "sustainment.restart": "/sustainment/planned_move_restarts_clock",
    "sustainment.support": "/sustainment/support_needed_for_outcome",
    "sustainment.end": "/sustainment",
}
"""Where in the terms each step of a spell's working has its rule."""

_WORDS = {
    StayKind.HOSPITAL: "days in hospital",
    StayKind.CUSTODY: "days in custody",
    StayKind.CARE: "nights in care",
}
_ENDED_BY_STAY = {
    SpellEnd.HOSPITAL: StayKind.HOSPITAL,
    SpellEnd.CUSTODY: StayKind.CUSTODY,
    SpellEnd.RETURNED_TO_CARE: StayKind.CARE,
}


def working(
    run: Sequence[Occupation],
    away: Sequence[Stay],
    breaking: Sequence[Stay],
    rules: Sustainment,
    as_of: date,
    *,
    gap_open: bool,
) -> tuple[Step, ...]:
    """The steps of one spell: `run` are its homes, `away` the stays that did not break it."""
    last = run[-1]
    steps = [_anchor_step(run[0])]
    steps.extend(_stay_step(stay, rules, as_of) for stay in away)
    steps.extend(_gap_step(earlier, later, rules) for earlier, later in pairwise(run))
    if gap_open:
        because = (
            f"No home since {last.ends_on}; the clock continues if the next qualifying home "
            f"starts within {rules.move_gap_days_max} days."
        )
        steps.append(Step("sustainment.gap", because, _refs(last.tenancy.events[-1:])))
    elif last.ended_by is not None:
        steps.append(_end_step(last, last.ended_by, breaking, rules, as_of))
    return tuple(steps)


def _anchor_step(first: Occupation) -> Step:
    home, stint = first.tenancy, first.stint
    because = (
        f"The clock starts on {first.starts_on}: home ({home.destination}) from "
        f"{home.starts_on}, out of care from {stint.starts_on}"
    )
    if first.starts_on > max(home.starts_on, stint.starts_on):
        because += ", and back on that day after a break"
    return Step("sustainment.anchor", f"{because}.", _refs((stint.start_event, home.events[0])))


def _stay_step(stay: Stay, rules: Sustainment, as_of: date) -> Step:
    until = f"to {stay.ends_on}" if stay.ends_on else f"and still there on {as_of}"
    accepted = ", accepted by the commissioner" if stay.accepted else ""
    because = (
        f"{stay.length(as_of)} {_WORDS[stay.kind]} from {stay.starts_on} {until}{accepted}: "
        f"not above {limit(stay, rules)}, so the clock runs."
    )
    return Step(f"sustainment.{stay.kind.value}", because, _refs(stay.events))


def _gap_step(earlier: Occupation, later: Occupation, rules: Sustainment) -> Step:
    because = (
        f"Home ended on {earlier.ends_on}, the next started on {later.starts_on}: not more than "
        f"{rules.move_gap_days_max} days without one, so the clock continues."
    )
    return Step(
        "sustainment.gap", because, _refs((*earlier.tenancy.events[-1:], *later.tenancy.events[:1]))
    )


def _end_step(
    last: Occupation,
    ended_by: SpellEnd,
    breaking: Sequence[Stay],
    rules: Sustainment,
    as_of: date,
) -> Step:
    for stay in breaking:
        if stay.starts_on == last.ends_on and stay.kind is _ENDED_BY_STAY.get(ended_by):
            return _break_step(stay, rules, as_of)
    refs = _refs((last.end_event,) if last.end_event else ())
    if ended_by is SpellEnd.SUPPORT_WITHDRAWN:
        because = f"Support was withdrawn on {last.ends_on}, and the terms need it."
        return Step("sustainment.support", because, refs)
    reason = ended_by.value.replace("_", " ")
    if may_be_rehoused(last, rules):
        because = (
            f"Home ended on {last.ends_on} ({reason}) and no qualifying home followed within "
            f"{rules.move_gap_days_max} days: the spell ended on that day."
        )
        return Step("sustainment.gap", because, refs)
    if rules.planned_move_restarts_clock and ended_by in REHOUSING_MAY_FOLLOW:
        because = f"Home ended on {last.ends_on} ({reason}); every change of home ends the spell."
        return Step("sustainment.restart", because, refs)
    return Step("sustainment.end", f"The spell ended on {last.ends_on}: {reason}.", refs)


def _break_step(stay: Stay, rules: Sustainment, as_of: date) -> Step:
    if stay.permanent:
        because = f"Returned to care on {stay.starts_on}: the spell ends on that day."
    elif (length := stay.length(as_of)) > (most := limit(stay, rules)):
        because = (
            f"{length} {_WORDS[stay.kind]} from {stay.starts_on}, above {most}: the spell ends "
            "on the first of them."
        )
    else:
        because = (
            f"The tenancy ended during the stay in care from {stay.starts_on}: a return to care "
            "from its first night."
        )
    return Step(f"sustainment.{stay.kind.value}", because, _refs(stay.events))


def _refs(events: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"event:{event}" for event in events))

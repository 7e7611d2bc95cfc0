"""What is earned once: a scope (life, one spell, one financial year), and each occurrence.

A scope is a name that a variation or a correction may change. What was paid stays known by the
events that it rests on, so that one occurrence is never paid under two names.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from app.domain.calendar import add_months, financial_year
from app.domain.outcome import Earning, MilestoneState
from app.domain.terms.outcomes import EventMetric, OncePer
from app.payments.governed import Governed

LIFE = "life"

Earned = Mapping[tuple[str, str], Earning]
"""What live entitlements rest on, by metric and scope."""


def scope_of(one: Governed, first_moves: Mapping[str, date]) -> str:
    """The scope of an entitlement: "life", "spell:2022-02-01" or "2022/23".

    Source: terms /metrics/once_per. A spell is named by its anchor (metrics that need no home: by
    the event's own date), a financial year runs from April to March and follows the achievement
    date. Where /sustainment/second_move_after_months allows a second move, a move at least so
    many months after the first is earned in its own spell: first 15 Jan 2021 and 12 months, from
    15 Jan 2022.
    """
    candidate, metric = one.candidate, one.metric
    if metric.once_per is OncePer.SPELL:
        return f"spell:{candidate.begins_on}"
    if metric.once_per is OncePer.FINANCIAL_YEAR:
        return financial_year(candidate.on)
    months = one.version.terms.sustainment.second_move_after_months
    first = first_moves.get(metric.code)
    if months is not None and first is not None and _is_move(one):
        again = candidate.begins_on > first
        if again and candidate.begins_on >= add_months(first, months):
            return f"spell:{candidate.begins_on}"
    return LIFE


def first_moves(found: Iterable[Governed], earned: Earned) -> dict[str, date]:
    """The date of the first move by metric: earned for life if it is, else the first achieved."""
    first: dict[str, date] = {}
    for one in found:
        if _is_move(one) and one.candidate.state is MilestoneState.ACHIEVED:
            code, on = one.metric.code, one.candidate.on
            first[code] = min(on, first.get(code, on))
    paid = {code: one.achieved_on for (code, scope), one in earned.items() if scope == LIFE}
    return {code: paid.get(code, on) for code, on in first.items()}


def without_occurrence(
    found: Iterable[Governed], earned: Earned, as_of: date
) -> frozenset[tuple[str, str]]:
    """The entitlements that had begun by `as_of` but rest on nothing in the journey any more.

    The move behind one was retracted, say. It stays paid until it is clawed back, and meanwhile
    stands for whichever occurrence of the metric was recorded in its place.
    """
    known = list(found)
    return frozenset(
        key
        for key, earning in earned.items()
        if earning.begins_on <= as_of
        and not any(one.metric.code == key[0] and _rests_on(earning, one) for one in known)
    )


def earned_in_place_of(
    one: Governed, scope: str, earned: Earned, adrift: frozenset[tuple[str, str]]
) -> tuple[str, date] | None:
    """The entitlement (scope, achievement date) that leaves nothing more to earn here, or None.

    It is the one of the same scope, unless it is this very achievement. Once per life covers
    what was earned under a version that counted otherwise; a second move, too, is earned once in
    a life, in whichever spell it was. Whatever the scope, what rests on the same occurrence is
    not earned again: a move paid as of 31 Mar 2021, and corrected to 1 Apr, is paid in no second
    financial year. `adrift` are the entitlements that `without_occurrence` names.
    """
    code = one.metric.code
    if (code, scope) in earned:
        on = earned[code, scope].achieved_on
        itself = one.candidate.state is MilestoneState.ACHIEVED and on == one.candidate.on
        return None if itself else (scope, on)
    others = [
        (other, earning, (metric, other) in adrift)
        for (metric, other), earning in earned.items()
        if metric == code
    ]
    once_in_life = one.metric.once_per is OncePer.LIFE and (scope != LIFE or not _is_move(one))
    for other, earning, is_adrift in others:
        if is_adrift or _rests_on(earning, one) or (once_in_life and other != LIFE):
            return other, earning.achieved_on
    return None


def _rests_on(earning: Earning, one: Governed) -> bool:
    """Whether an entitlement rests on the occurrence, or for a home kept on some of its days.

    Corrections are followed by the events' first ids. 15 Jan to 15 Jul 2021 and 3 May to 3 Nov
    share days; up to 15 Jul and from 15 Jul do not.
    """
    candidate = one.candidate
    if not earning.origins.isdisjoint(candidate.origins):
        return True
    if earning.begins_on == candidate.begins_on:
        return True
    return earning.begins_on < candidate.on and candidate.begins_on < earning.achieved_on


def _is_move(one: Governed) -> bool:
    return isinstance(one.metric, EventMetric) and one.metric.event == "moved_on"

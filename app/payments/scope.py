"""The scope in which a metric is earned once: life, one spell, or one financial year."""

from collections.abc import Iterable, Mapping
from datetime import date

from app.domain.calendar import add_months, financial_year
from app.domain.outcome import MilestoneState
from app.domain.terms.outcomes import EventMetric, OncePer
from app.payments.governed import Governed

LIFE = "life"


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


def first_moves(
    found: Iterable[Governed], earned: Mapping[tuple[str, str], date]
) -> dict[str, date]:
    """The date of the first move by metric: earned for life if it is, else the first achieved."""
    first: dict[str, date] = {}
    for one in found:
        if _is_move(one) and one.candidate.state is MilestoneState.ACHIEVED:
            code, on = one.metric.code, one.candidate.on
            first[code] = min(on, first.get(code, on))
    return {code: earned.get((code, LIFE), on) for code, on in first.items()}


def earned_in_place_of(
    one: Governed, scope: str, earned: Mapping[tuple[str, str], date]
) -> tuple[str, date] | None:
    """The entitlement (scope, achievement date) that leaves nothing more to earn here, or None.

    It is the one of the same scope, unless it is this very achievement. Once per life covers
    what was earned under a version that counted otherwise. A second move, too, is earned once in
    a life, in whichever spell it was.
    """
    code = one.metric.code
    if (code, scope) in earned:
        on = earned[code, scope]
        itself = one.candidate.state is MilestoneState.ACHIEVED and on == one.candidate.on
        return None if itself else (scope, on)
    if one.metric.once_per is OncePer.LIFE and (scope != LIFE or not _is_move(one)):
        for (metric, other), on in earned.items():
            if metric == code and other != LIFE:
                return other, on
    return None


def _is_move(one: Governed) -> bool:
    return isinstance(one.metric, EventMetric) and one.metric.event == "moved_on"

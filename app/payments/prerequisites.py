"""Metrics that another metric requires: they must have been achieved by the same day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.domain.outcome import Earning, MilestoneState
from app.domain.working import Step, terms_ref
from app.payments.governed import Governed


def with_prerequisites(
    found: Sequence[Governed], earned: Mapping[tuple[str, str], Earning]
) -> list[Governed]:
    """Achievements whose prerequisites were not achieved on or before their date are LOST.

    Any spell and any live entitlement counts. While a prerequisite is itself undetermined, so is
    the achievement. Source: terms /metrics/requires. Training completed on 3 May with training
    begun on 3 May counts; begun on 4 May does not.
    """
    current = list(found)
    if not any(one.metric.requires for one in current):
        return current
    changed = True
    while changed:
        changed = False
        first = _first_achieved(current, earned)
        for index, one in enumerate(current):
            if one.candidate.state is MilestoneState.ACHIEVED:
                missing = [code for code in one.metric.requires if not _by(first, code, one)]
                if missing:
                    current[index] = _refused(one, missing, current)
                    changed = True
    return current


def _first_achieved(
    found: Iterable[Governed], earned: Mapping[tuple[str, str], Earning]
) -> dict[str, date]:
    first: dict[str, date] = {}
    dated = [
        (one.metric.code, one.candidate.on)
        for one in found
        if one.candidate.state is MilestoneState.ACHIEVED
    ]
    paid = [(metric, earning.achieved_on) for (metric, _), earning in earned.items()]
    for code, on in [*dated, *paid]:
        first[code] = min(on, first.get(code, on))
    return first


def _by(first: Mapping[str, date], code: str, one: Governed) -> bool:
    return code in first and first[code] <= one.candidate.on


def _refused(one: Governed, missing: Sequence[str], found: Iterable[Governed]) -> Governed:
    hopes = {
        other.metric.code
        for other in found
        if other.candidate.state is MilestoneState.UNDETERMINED
        and other.candidate.on <= one.candidate.on
    }
    open_still = hopes.issuperset(missing)
    note = Step(
        "metric.requires",
        f"{one.metric.code} requires {', '.join(missing)}, "
        f"{'undetermined' if open_still else 'not achieved'} on {one.candidate.on}.",
        (terms_ref(one.version.number, f"{one.pointer}/requires"),),
    )
    state = MilestoneState.UNDETERMINED if open_still else MilestoneState.LOST
    return one.turned(state, note)

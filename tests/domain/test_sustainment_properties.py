"""What must hold of the spells of any journey, however odd its events."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.sustainment import Hold, spells
from tests.factories import day
from tests.journeys import journey, rules
from tests.tries import tries

_KINDS = (
    "hospital_admitted",
    "hospital_discharged",
    "care_stay_started",
    "care_stay_ended",
    "custody_started",
    "custody_ended",
    "returned_to_care",
    "moved_on",
    "tenancy_ended reason=evicted",
    "tenancy_ended reason=left_area",
    "tenancy_changed tenancy",
    "tenancy_changed hostel",
    "died",
)


@st.composite
def _lines(draw):
    """Any events at all, in any order of kinds: the engine must not depend on good order."""
    on = draw(st.integers(1, 28))
    lines = []
    for kind in draw(st.lists(st.sampled_from(_KINDS), max_size=10)):
        on += draw(st.sampled_from([0, 1, 2, 9, 20, 27, 28, 29, 40, 91, 92]))
        word, _, rest = kind.partition(" ")
        lines.append(f"{word} {day('2021-01-15').fromordinal(737805 + on).isoformat()} {rest}")
    return lines


@settings(max_examples=tries(300))
@given(_lines(), st.integers(0, 600), st.integers(0, 200))
def test_what_is_live_stays_live_and_spells_never_overlap(lines, known, more):
    whole = journey("moved_on 2021-01-15 tenancy", *lines)
    first = day("2021-01-15")
    as_of = first.fromordinal(first.toordinal() + known)
    earlier = spells(whole, rules(), as_of)
    later = spells(whole, rules(), as_of.fromordinal(as_of.toordinal() + more))
    for before, after in pairwise(earlier):
        assert before.ended_on is not None
        assert before.ended_on <= after.anchor_on
    for one in earlier:
        assert one.live_until is None or one.anchor_on <= one.live_until
        if one.on(one.anchor_on) is Hold.LIVE:
            same = [other for other in later if other.anchor_on == one.anchor_on]
            assert same, "a spell known to have started vanished"
            for ahead in range((as_of - one.anchor_on).days + 1):
                on = one.anchor_on.fromordinal(one.anchor_on.toordinal() + ahead)
                if one.on(on) is Hold.LIVE:
                    assert same[0].on(on) is Hold.LIVE

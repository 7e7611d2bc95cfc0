"""Which periods the terms let a claim ask for; a preview is refused as the claim would be."""

import pytest

from app.domain.period import Period
from app.service.claims import preview_claim
from tests.factories import day
from tests.service.world import refused


@pytest.mark.parametrize(
    ("calendar", "start", "end", "code"),
    [
        ("quarter", "2020-01-01", "2020-03-31", None),
        ("quarter", "2019-10-01", "2020-03-31", None),
        ("quarter", "2019-12-31", "2020-03-31", "period-not-in-calendar"),
        ("quarter", "2020-01-01", "2020-03-30", "period-not-in-calendar"),
        ("half_year", "2020-01-01", "2020-03-31", "period-not-in-calendar"),
        ("month", "2020-02-01", "2020-03-31", None),
        ("any", "2020-01-02", "2020-03-30", None),
    ],
)
def test_a_claim_is_for_whole_periods_of_the_terms_calendar(world, calendar, start, end, code):
    world.agree(claims={"calendar": calendar})
    world.moved("P1", "2020-01-15")
    world.earn("MOVE", "2020-01-20")
    if code is None:
        assert world.claim_period(start, end, "2020-04-03").claim.claim_number == 1
        return
    before = world.state()
    refused(code, world.claim_period, start, end, "2020-04-03")
    period = Period(day(start), day(end))
    refused(code, preview_claim, world.context, world.contract_id, period)
    assert world.state() == before

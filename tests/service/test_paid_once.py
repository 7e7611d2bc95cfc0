"""One occurrence is paid once, whatever a variation or a correction makes of its scope or date."""

import pytest

from app.domain.errors import RuleRefused
from app.domain.participant import EventKind
from app.service.outcomes import list_entitlements
from tests.factories import event_metric, sustained_metric
from tests.service.world import refused

PRICES = [{"code": "v1", "from_date": "2019-11-28", "prices": {"MOVE": "1", "S06": "2"}}]
OPEN = {"longstop_months": 48, "deadline": "none"}


def metrics(once_per: str) -> list[dict]:
    return [
        event_metric("MOVE", "moved_on", once_per=once_per),
        sustained_metric("S06", 6, once_per=once_per),
    ]


def agreed(world, once_per: str):
    world.agree(metrics=metrics(once_per), rate_card=PRICES, submission=OPEN)
    return world.person()


def last_move(view) -> str:
    return [one.event_id for one in view.events if one.kind is EventKind.MOVED_ON][-1]


def move(world, on: str = "2020-01-15") -> str:
    return last_move(world.event(f"moved_on {on} tenancy"))


def correct(world, event_id: str, on: str, recorded_on: str) -> str:
    line = f"moved_on {on} tenancy supersedes={event_id}"
    return last_move(world.event(line, recorded_on=recorded_on))


def cannot_be_earned(world, metric: str, on: str) -> RuleRefused:
    before = world.state()
    error = refused("milestone-not-achieved", world.submit, metric, on)
    assert world.state() == before
    assert "already earned" in error.message
    return error


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("life", "spell"),
        ("life", "financial_year"),
        ("spell", "life"),
        ("spell", "financial_year"),
        ("financial_year", "spell"),
        ("financial_year", "life"),
    ],
)
@pytest.mark.parametrize("metric", ["MOVE", "S06"])
def test_a_variation_of_the_scope_pays_nothing_again(world, first, then, metric):
    agreed(world, first)
    move(world)
    world.earn(metric, "2020-07-20")
    world.paid_claim("2020 Q3", "2020-10-05")
    world.vary(
        "2020-11-01",
        "2020-11-02",
        "2019-12-01",
        metrics=metrics(then),
        rate_card=PRICES,
        submission=OPEN,
    )
    cannot_be_earned(world, metric, "2020-11-03")


@pytest.mark.parametrize("once_per", ["spell", "financial_year", "life"])
@pytest.mark.parametrize("corrected", ["2020-01-14", "2020-01-16", "2020-10-15"])
def test_a_corrected_date_of_the_move_pays_nothing_again(world, once_per, corrected):
    agreed(world, once_per)
    event_id = move(world)
    world.earn("MOVE", "2020-07-20")
    world.earn("S06", "2020-07-20")
    event_id = correct(world, event_id, "2020-02-02", "2020-08-01")
    correct(world, event_id, corrected, "2021-06-01")
    cannot_be_earned(world, "MOVE", "2021-06-02")
    cannot_be_earned(world, "S06", "2021-06-02")


def test_a_move_corrected_into_the_next_financial_year_is_not_paid_in_both(world):
    agreed(world, "financial_year")
    event_id = move(world, "2020-03-31")
    paid = world.earn("MOVE", "2020-04-02")
    correct(world, event_id, "2020-04-01", "2020-04-03")
    error = cannot_be_earned(world, "MOVE", "2020-04-03")
    assert "2020-03-31" in error.message
    world.claw_back(paid.entitlement_id, "2020-04-06")
    again = world.earn("MOVE", "2020-04-07")
    assert (again.achieved_on.isoformat(), again.scope) == ("2020-04-01", "2020/21")
    assert len(list_entitlements(world.context, world.contract_id)) == 2


@pytest.mark.parametrize("once_per", ["spell", "financial_year"])
def test_a_move_retracted_and_recorded_anew_is_not_paid_in_both(world, once_per):
    agreed(world, once_per)
    event_id = move(world, "2020-03-31")
    paid = world.earn("MOVE", "2020-04-02")
    world.event(f"retracted 2020-03-31 supersedes={event_id}", recorded_on="2020-04-03")
    move(world, "2020-04-01")
    cannot_be_earned(world, "MOVE", "2020-04-03")
    world.claw_back(paid.entitlement_id, "2020-04-06")
    assert world.earn("MOVE", "2020-04-07").achieved_on.isoformat() == "2020-04-01"


def test_the_same_six_months_are_not_paid_on_a_clock_started_anew(world):
    """Learned late: 92 days in hospital from 1 Feb started a new clock on 3 May."""
    agreed(world, "spell")
    move(world)
    paid = world.earn("S06", "2020-07-20")
    world.event("hospital_admitted 2020-02-01", recorded_on="2020-08-01")
    world.event("hospital_discharged 2020-05-03", recorded_on="2020-08-01")
    cannot_be_earned(world, "S06", "2020-11-05")
    world.claw_back(paid.entitlement_id, "2020-11-06")
    assert world.earn("S06", "2020-11-07").scope == "spell:2020-05-03"


def test_a_second_home_is_still_paid_after_the_first_was_corrected(world):
    agreed(world, "spell")
    event_id = move(world)
    world.earn("S06", "2020-07-20")
    world.event("tenancy_ended 2020-08-01 reason=returned_to_care")
    world.event("returned_to_care 2020-08-01")
    world.event("re_referred 2020-09-01")
    world.event("moved_on 2020-10-01 tenancy")
    correct(world, event_id, "2020-01-16", "2020-10-02")
    assert world.earn("S06", "2021-04-06").scope == "spell:2020-10-01"
    assert world.earn("MOVE", "2021-04-06").scope == "spell:2020-01-16"
    assert world.earn("MOVE", "2021-04-07").scope == "spell:2020-10-01"


def test_a_second_home_after_a_long_stay_in_hospital_is_its_own_occurrence(world):
    agreed(world, "spell")
    move(world)
    world.earn("S06", "2020-07-20")
    world.event("hospital_admitted 2020-08-01")
    world.event("hospital_discharged 2020-11-01")
    assert world.earn("S06", "2021-05-06").scope == "spell:2020-11-01"

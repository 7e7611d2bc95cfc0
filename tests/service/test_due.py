"""What is due: the next milestone of each person, by when, what is missing, what is at stake."""

import pytest

from app.service.due import due
from tests.factories import day, document, event_metric, sustained_metric
from tests.service.test_verification import WITH_EVIDENCE
from tests.service.world import refused


def found(world, as_of: str, name: str = "P1"):
    items, _ = due(world.context, world.contract_id, as_of=day(as_of))
    return next((item for item in items if item.participant_id == name), None)


def brief(item):
    return (
        item.milestone.metric,
        item.milestone.state.value,
        item.milestone.on.isoformat(),
        item.submit_by.isoformat(),
        item.longstop_on.isoformat(),
        str(item.at_stake),
        item.submission_state,
    )


# Moved on 15 Jan 2020 and earned the move: six months are kept on 15 Jul 2020.
STAGES = [
    ("2020-07-14", ("S06", "pending", "2020-07-15", "2020-12-31", "2021-01-15", "10000.00", None)),
    ("2020-07-15", ("S06", "achieved", "2020-07-15", "2020-12-31", "2021-01-15", "10000.00", None)),
    ("2020-07-16", ("S06", "achieved", "2020-07-15", "2020-12-31", "2021-01-15", "10000.00", None)),
]


@pytest.mark.parametrize(("as_of", "expected"), STAGES)
def test_the_next_milestone(world, as_of, expected):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    assert brief(found(world, as_of)) == expected


def test_it_goes_on_to_the_next_metric_once_one_is_earned(world):
    world.agree().moved()
    assert found(world, "2020-01-16").milestone.metric == "MOVE"
    world.earn("MOVE", "2020-01-20")
    world.earn("S06", "2020-07-20")
    item = found(world, "2020-07-21")
    assert (item.milestone.metric, str(item.at_stake)) == ("S12", "8000.00")


def test_it_tells_where_the_last_round_stands(world):
    world.agree().moved()
    first = world.submit("MOVE", "2020-01-20")
    assert found(world, "2020-01-20").submission_state == "submitted"
    world.decide(first, "2020-01-21", "returned", reason="undated")
    assert found(world, "2020-01-21").submission_state == "returned"


def test_it_tells_which_evidence_is_missing(world):
    world.agree(**WITH_EVIDENCE).moved()
    world.earn("MOVE", "2020-01-20")
    (gap,) = found(world, "2020-07-16").missing
    assert "letter" in gap.wanted
    assert "2020-07-15 to 2020-08-12" in gap.wanted
    world.on("2020-07-20")
    world.evidence("S06", "2020-07-20")
    assert found(world, "2020-07-20").missing == ()


@pytest.mark.parametrize(
    "ending", ["died 2020-02-10", "tenancy_ended 2020-02-10 reason=returned_to_care"]
)
def test_nobody_with_nothing_to_come_is_listed(world, ending):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.event(ending)
    assert found(world, "2020-03-01") is None


def test_people_who_have_not_begun_have_nothing_dated(world):
    world.agree()
    world.person("P1")
    assert found(world, "2020-01-20") is None


def test_it_is_read_in_pages_in_order_of_pseudonyms(world):
    world.agree()
    for number in range(1, 6):
        world.moved(f"P{number}", "2020-01-15")
    seen, after = [], ""
    while after is not None:
        items, after = due(world.context, world.contract_id, after, limit=2)
        seen.append([item.participant_id for item in items])
    assert seen == [["P1", "P2"], ["P3", "P4"], ["P5"]]


def test_a_home_past_its_long_stop_is_not_what_comes_next(world):
    """Six months were reached in a first home and not put forward in time; a second one counts."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.event("tenancy_ended 2020-08-01 reason=returned_to_care")
    world.event("returned_to_care 2020-08-01")
    world.event("re_referred 2020-09-01")
    world.event("moved_on 2020-10-01 tenancy")
    assert found(world, "2021-01-15").milestone.on == day("2020-07-15")
    assert found(world, "2021-01-16").milestone.on == day("2021-04-01")


def test_a_metric_without_a_price_on_its_day_has_nothing_at_stake(world):
    prices = {"MOVE": "6500", "S06": "10000", "S12": "8000"}
    world.agree(
        metrics=[
            event_metric("MOVE", "moved_on"),
            sustained_metric("S06", 6),
            sustained_metric("S12", 12),
        ],
        rate_card=[{"code": "v1", "from_date": "2019-11-28", "prices": prices}],
    ).moved()
    world.earn("MOVE", "2020-01-20")
    assert str(found(world, "2020-02-01").at_stake) == "10000.00"


def test_a_contract_without_terms_in_force_has_nothing_due(world):
    from app.service import contracts
    from tests.service.world import VERIFIER

    world.on("2019-11-01")
    contracts.create_contract(world.context, world.by(VERIFIER), document())
    assert due(world.context, world.contract_id) == ([], None)
    refused("contract-unknown", due, world.context, "none-such")


def test_it_tells_by_when_to_decide_on_what_waits(world):
    """Submitted on Thursday 9 Apr 2020: Good Friday and Easter Monday are no working days."""
    world.agree(verification={"working_days": 2}).moved("P1", "2020-03-15")
    assert found(world, "2020-04-08").decide_by is None
    first = world.submit("MOVE", "2020-04-09")
    assert found(world, "2020-04-09").decide_by == day("2020-04-15")
    assert found(world, "2020-04-20").decide_by == day("2020-04-15")  # silence decides nothing
    world.decide(first, "2020-04-20", "returned", reason="undated")
    assert found(world, "2020-04-20").decide_by is None


@pytest.mark.parametrize(
    ("service_ends", "run_off", "longstop"),
    [
        ("2020-05-14", 2, None),  # the last day is 14 Jul 2020, the day before six months
        ("2020-05-15", 2, "2020-07-15"),
        ("2020-05-16", 2, "2020-07-16"),
        ("2020-07-15", 6, "2021-01-15"),
        ("2020-08-15", 6, "2021-01-15"),
        (None, 0, "2021-01-15"),
    ],
)
def test_the_end_of_the_contract_bounds_what_is_due(world, service_ends, run_off, longstop):
    run_off_cohort = document()["cohort"] | {"run_off_months": run_off}
    world.agree(service_ends=service_ends, cohort=run_off_cohort).moved()
    world.earn("MOVE", "2020-01-20")
    item = found(world, "2020-04-01")
    if longstop is None:
        assert item is None
    else:
        assert (item.milestone.metric, item.longstop_on) == ("S06", day(longstop))

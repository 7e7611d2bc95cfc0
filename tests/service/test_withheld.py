"""What a correction no longer bears out is left out of claims, and stops no other money."""

import pytest

from app.service.claims import preview_claim
from tests.factories import event_metric, quarter, sustained_metric
from tests.service.world import lines_of, refused

KEPT = {"S06": 5, "S12": 12, "S24": 24}
WRONG = "tenancy_ended 2020-07-01 reason=left_area"
RIGHT = "tenancy_ended 2020-07-16 reason=left_area"


def verified(world):
    """Six months of two people, each verified on 20 Jul 2020; answers the entitlements."""
    world.agree().moved()
    world.moved("P2")
    return [world.earn("S06", "2020-07-20", name) for name in ("P1", "P2")]


def claimed(view) -> list[tuple[str, str]]:
    return [(person, metric) for _, person, metric, _, _ in lines_of(view)]


def test_a_home_lost_before_the_milestone_is_left_out_and_the_others_are_paid(world):
    first, second = verified(world)
    world.event(WRONG, recorded_on="2020-08-01")
    world.on("2020-10-02")
    preview = preview_claim(world.context, world.contract_id, quarter("2020 Q3"))
    view = world.claim("2020 Q3", "2020-10-02")
    for found in (preview, view):
        assert found.withheld == (first.entitlement_id,)
        assert [line.source_id for line in found.claim.lines] == [second.entitlement_id]
    world.approve(1, "2020-10-05")


@pytest.mark.parametrize("line", [RIGHT, "hospital_admitted 2020-07-16"])
def test_what_happened_after_the_milestone_changes_nothing(world, line):
    verified(world)
    world.event(line, recorded_on="2020-08-01")
    view = world.approved_claim("2020 Q3", "2020-10-02")
    assert (claimed(view), view.withheld) == ([("P1", "S06"), ("P2", "S06")], ())


def test_it_is_claimed_once_the_journey_bears_it_out_again(world):
    verified(world)
    wrong = world.event(WRONG, recorded_on="2020-08-01").events[-1].event_id
    assert claimed(world.approved_claim("2020 Q3", "2020-10-02")) == [("P2", "S06")]
    world.event(f"{RIGHT} supersedes={wrong}", recorded_on="2020-10-05")
    view = world.approved_claim("2020 Q4", "2021-01-05")
    assert (claimed(view), view.withheld) == ([("P1", "S06")], ())


def test_it_is_void_once_it_is_clawed_back(world):
    first, _ = verified(world)
    world.event(WRONG, recorded_on="2020-08-01")
    world.claw_back(first.entitlement_id, "2020-08-03")
    view = world.claim("2020 Q3", "2020-10-02")
    assert (claimed(view), view.withheld) == ([("P2", "S06")], ())


def test_a_claim_of_nothing_but_that_is_no_claim(world):
    world.agree().moved()
    world.earn("S06", "2020-07-20")
    world.event(WRONG, recorded_on="2020-08-01")
    refused("nothing-to-claim", world.claim, "2020 Q3", "2020-10-02")


def test_a_claim_submitted_before_the_correction_is_not_approved_after_it(world):
    verified(world)
    world.claim("2020 Q3", "2020-10-02")
    world.event(WRONG, recorded_on="2020-10-03")
    before = world.state()
    refused("claim-outdated", world.approve, 1, "2020-10-05")
    assert world.state() == before
    world.send_back(1, "2020-10-05")
    assert claimed(world.approved_claim("2020 Q3", "2020-10-06")) == [("P2", "S06")]


def test_a_later_variation_takes_nothing_back(world):
    verified(world)
    world.vary(
        "2020-08-01",
        "2020-08-02",
        "2019-12-01",
        metrics=[
            event_metric("MOVE", "moved_on"),
            *(sustained_metric(code, months) for code, months in KEPT.items()),
        ],
    )
    view = world.approved_claim("2020 Q3", "2020-10-02")
    assert claimed(view) == [("P1", "S06"), ("P2", "S06")]

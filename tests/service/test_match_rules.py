"""How far matching reaches: the day before, the day and the day after each window's end."""

import pytest

from app.service import match_rules, matching
from app.service.verify import verify
from tests.service.test_match_decisions import PAYER, Desk
from tests.service.world import FUNDER, MANAGER, WORKER, refused


@pytest.fixture
def desk(world) -> Desk:
    """An invoice of 13,000.00 issued on 6 April 2020 and due on 6 May."""
    return Desk(world)


def save(desk: Desk, source: str = "bank", by=MANAGER, **settings):
    world = desk.world
    return match_rules.save_rules(world.context, world.by(by), source, **settings).answer


def fits(desk: Desk, day: str) -> bool:
    desk.rows(f"{day},13000.00,,Council")
    return bool(desk.matches())


WINDOWS = [
    ({}, "2020-07-05", True),
    ({}, "2020-07-06", False),
    ({"days_after_due": 61}, "2020-07-06", True),
    ({"days_after_due": 0}, "2020-05-06", True),
    ({"days_after_due": 0}, "2020-05-07", False),
    ({}, "2020-03-30", True),
    ({}, "2020-03-29", False),
    ({"days_before_issue": 8}, "2020-03-29", True),
    ({"days_before_issue": 0}, "2020-04-06", True),
    ({"days_before_issue": 0}, "2020-04-05", False),
]


@pytest.mark.parametrize(("settings", "day", "fitting"), WINDOWS)
def test_a_line_that_names_nothing_fits_within_the_window(desk, settings, day, fitting):
    if settings:
        save(desk, **settings)
    assert fits(desk, day) is fitting


def test_rules_are_an_account_s_own_and_count_from_the_next_run(desk):
    save(desk, source="savings", days_after_due=90)
    assert not fits(desk, "2020-07-20")
    save(desk, days_after_due=90)
    assert not desk.matches()
    world = desk.world
    matching.propose_matches(world.context, world.by(MANAGER))
    assert desk.only().rule == "amount-window"
    save(desk, days_after_due=60)
    run = matching.propose_matches(world.context, world.by(MANAGER)).answer
    assert (run.proposed, run.kept, run.superseded, run.open_lines) == (0, 0, 1, 1)
    assert not desk.matches()
    assert verify(world.context, world.contract_id).intact


def test_combinations_are_bounded_as_said(desk):
    save(desk, group_size=2)
    lines = [
        f"2020-05-0{day},{amount},,Council"
        for day, amount in ((1, "5000.00"), (2, "5000.00"), (3, "3000.00"))
    ]
    desk.rows(*lines)
    assert not desk.matches()
    save(desk, group_size=3)
    world = desk.world
    matching.propose_matches(world.context, world.by(MANAGER))
    assert desk.only().rule == "split"


def test_versions_and_what_is_saved_already(desk):
    first = save(desk, days_after_due=90)
    assert (first.version, first.rules.days_after_due, first.rules.return_days) == (1, 90, 30)
    before = desk.world.state()
    assert save(desk, days_after_due=90) == first
    assert desk.world.state() == before
    assert save(desk, days_after_due=45).version == 2
    assert save(desk, by=PAYER, return_days=0).version == 1
    listed = match_rules.list_rules(desk.world.context, desk.world.contract_id)
    assert [(one.party, one.source, one.version) for one in listed] == [
        ("council", "bank", 1),
        ("spv", "bank", 2),
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"days_after_due": -1},
        {"days_before_issue": 1001},
        {"return_days": 1001},
        {"group_candidates": 17},
        {"group_candidates": 1},
        {"group_size": 6},
        {"group_size": 1},
    ],
)
def test_rules_out_of_bounds_are_refused(desk, settings):
    refused("wrong-form", save, desk, **settings)


def test_who_saves_rules(desk):
    refused("party-not-permitted", save, desk, by=WORKER)
    refused("wrong-form", save, desk, source="Main Account")
    assert save(desk, by=FUNDER, return_days=1000).party == "fund"

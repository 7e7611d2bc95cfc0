"""The journeys of golden contract EX, assessed; and which milestone is claimable or next."""

import pytest

from app.payments.assess import claimable, next_milestone
from tests.assessments import MOVED, assessed, brief, earnings, states
from tests.factories import day, timeline
from tests.golden_contract import ex_timeline

EX = ex_timeline()

P1 = (
    "moved_on 2020-08-31 tenancy",
    "hospital_admitted 2021-04-10",
    "hospital_discharged 2021-05-19",
)
P2 = (
    "moved_on 2021-01-15 tenancy",
    "returned_to_care 2021-09-20",
    "tenancy_ended 2021-09-20 reason=returned_to_care",
    "moved_on 2022-02-01 tenancy",
)
P3 = ("engaged 2022-04-20", "moved_on 2022-06-30 tenancy")


class TestGoldenContract:
    def test_p1_keeps_the_home_through_39_days_in_hospital(self):
        assert states(EX, *P1) == [
            ("ENG", "not_started", None),
            ("MOVE", "achieved", "2020-08-31"),
            ("S06", "achieved", "2021-02-28"),
            ("S12", "achieved", "2021-08-31"),
            ("S18", "not_available", "2022-02-28"),
            ("S24", "achieved", "2022-08-31"),
        ]

    def test_p1_is_judged_by_the_version_of_each_date(self):
        found = {one.metric: one for one in assessed(EX, *P1)}
        assert [found[code].terms_version for code in ("S06", "S18", "S24")] == [1, 1, 2]
        assert "Version 1, in force on 2022-02-28, has no metric S18." in [
            step.because for step in found["S18"].working
        ]
        last = found["S24"].working
        assert [step.rule for step in last] == [
            "sustainment.anchor",
            "sustainment.hospital",
            "milestone",
        ]
        assert last[1].refs == ("event:e2", "event:e3", "terms:2#/sustainment/hospital")
        assert last[2].refs == ("terms:2#/metrics/5",)

    def test_p2_earns_what_was_never_earned_on_a_second_clock(self):
        earned = {("MOVE", "life"): "2021-01-15", ("S06", "life"): "2021-07-15"}
        found = assessed(EX, *P2, earned=earned)
        assert [(one.spell, *brief(one)) for one in found] == [
            (None, "ENG", "not_started", None),
            (1, "MOVE", "achieved", "2021-01-15"),
            (2, "MOVE", "already_earned", "2022-02-01"),
            (1, "S06", "achieved", "2021-07-15"),
            (2, "S06", "already_earned", "2022-08-01"),
            (1, "S12", "lost", "2021-09-20"),
            (2, "S12", "achieved", "2023-02-01"),
            (1, "S18", "lost", "2021-09-20"),
            (2, "S18", "achieved", "2023-08-01"),
            (1, "S24", "lost", "2021-09-20"),
            (2, "S24", "achieved", "2024-02-01"),
        ]
        assert found[4].working[-1].because == (
            "S06 was earned on 2021-07-15 (scope life), and the terms pay it once per life."
        )
        assert found[4].working[-1].refs == ("terms:2#/metrics/2/once_per",)

    def test_p3_engages_moves_and_keeps_the_home_for_a_year(self):
        found = states(EX, *P3, as_of="2023-07-14")
        assert found == [
            ("ENG", "achieved", "2022-04-20"),
            ("MOVE", "achieved", "2022-06-30"),
            ("S06", "achieved", "2022-12-30"),
            ("S12", "achieved", "2023-06-30"),
            ("S18", "pending", "2023-12-30"),
            ("S24", "pending", "2024-06-30"),
        ]

    def test_p3_loses_the_year_once_the_audit_corrects_the_journey(self):
        audited = (*P3, "tenancy_ended 2023-05-22 reason=surrendered")
        assert states(EX, *audited, metric="S12") == [("lost", "2023-05-22")]
        earned = {("S12", "life"): "2023-06-30"}
        assert states(EX, *audited, metric="S12", earned=earned) == [("lost", "2023-05-22")]


class TestChoosing:
    LINES = (MOVED, "returned_to_care 2021-09-01", "moved_on 2022-01-15 tenancy")

    def test_the_earliest_unearned_achievement_is_claimable(self):
        found = assessed(timeline(), *self.LINES)
        first = claimable(found, "S06")
        assert first is not None
        assert (first.on, first.spell) == (day("2021-07-15"), 1)
        second = claimable(found, "S12")
        assert second is not None
        assert (second.on, second.spell) == (day("2023-01-15"), 2)

    def test_nothing_is_claimable_once_earned_or_before_it_is_met(self):
        earned = {("S06", "life"): "2021-07-15"}
        known = earnings(timeline(), *self.LINES, earned=earned)
        assert claimable(assessed(timeline(), *self.LINES, earned=earned), "S06", known) is None
        assert claimable(assessed(timeline(), MOVED, as_of="2021-02-01"), "S06") is None
        assert claimable(assessed(timeline(), *self.LINES), "ENG") is None

    def test_what_was_clawed_back_whole_can_be_claimed_again(self):
        found = assessed(timeline(), *self.LINES, earned={})
        assert claimable(found, "S06") is not None

    @pytest.mark.parametrize(
        ("as_of", "earned", "expected"),
        [
            ("2021-02-01", {}, ("MOVE", "2021-01-15")),
            ("2021-02-01", {("MOVE", "life"): "2021-01-15"}, ("S06", "2021-07-15")),
            (
                "2021-10-01",
                {("MOVE", "life"): "2021-01-15", ("S06", "life"): "2021-07-15"},
                None,
            ),
            (
                "2022-02-01",
                {("MOVE", "life"): "2021-01-15", ("S06", "life"): "2021-07-15"},
                ("S12", "2023-01-15"),
            ),
        ],
    )
    def test_the_next_milestone_is_the_earliest_still_open(self, as_of, earned, expected):
        found = assessed(timeline(), *self.LINES, as_of=as_of, earned=earned)
        known = earnings(timeline(), *self.LINES, earned=earned)
        following = next_milestone(found, known)
        assert (following and (following.metric, following.on.isoformat())) == expected

    def test_before_the_move_nothing_is_next(self):
        assert next_milestone(assessed(timeline(), "engaged 2020-01-01")) is None

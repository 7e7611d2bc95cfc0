"""Scopes: once in a life, in a spell, in a financial year; second moves."""

import pytest

from app.domain.outcome import Earning
from app.domain.terms.timeline import Timeline
from app.payments.assess import assess
from tests.assessments import LATER, MOVED, assessed, states
from tests.factories import day, event_metric, sustained_metric, timeline, version
from tests.journeys import journey

SECOND = ("returned_to_care 2021-05-01", "moved_on 2022-01-15 tenancy")


class TestScopes:
    @staticmethod
    def scopes(terms: Timeline, *lines: str, metric: str = "MOVE", earned=None):
        found = assessed(terms, *lines, earned=earned)
        return [(one.state.value, one.scope) for one in found if one.metric == metric]

    @pytest.mark.parametrize(
        ("once_per", "expected"),
        [
            ("life", ["life", "life"]),
            ("spell", ["spell:2021-01-15", "spell:2022-01-15"]),
            ("financial_year", ["2020/21", "2021/22"]),
        ],
    )
    def test_the_scope_follows_the_terms(self, once_per, expected):
        terms = timeline(version(metrics=[event_metric("MOVE", "moved_on", once_per=once_per)]))
        found = self.scopes(terms, MOVED, *SECOND)
        assert found == [("achieved", scope) for scope in expected]
        earned = {("MOVE", expected[0]): "2021-01-15"}
        second = "already_earned" if once_per == "life" else "achieved"
        assert [state for state, _ in self.scopes(terms, MOVED, *SECOND, earned=earned)] == [
            "achieved",
            second,
        ]

    @pytest.mark.parametrize(
        ("second_move", "scope"),
        [("2022-01-14", "life"), ("2022-01-15", "spell:2022-01-15")],
    )
    def test_a_second_move_is_its_own_scope_after_so_many_months(self, second_move, scope):
        terms = timeline(
            version(
                sustainment={
                    "qualifying_destinations": ["tenancy"],
                    "second_move_after_months": 12,
                }
            )
        )
        again = (SECOND[0], f"moved_on {second_move} tenancy")
        assert self.scopes(terms, MOVED, *again)[1] == ("achieved", scope)
        earned = {("MOVE", "life"): "2021-01-15"}
        state = "already_earned" if scope == "life" else "achieved"
        assert self.scopes(terms, MOVED, *again, earned=earned)[1] == (state, scope)
        assert self.scopes(terms, MOVED, *again, metric="S06")[1][1] == "life"

    def test_a_third_move_is_not_earned_once_a_second_was(self):
        terms = timeline(
            version(
                sustainment={
                    "qualifying_destinations": ["tenancy"],
                    "second_move_after_months": 12,
                }
            )
        )
        lines = (MOVED, *SECOND, "returned_to_care 2022-05-01", "moved_on 2023-02-01 tenancy")
        earned = {("MOVE", "life"): "2021-01-15", ("MOVE", "spell:2022-01-15"): "2022-01-15"}
        assert [state for state, _ in self.scopes(terms, *lines, earned=earned)] == [
            "achieved",
            "achieved",
            "already_earned",
        ]

    def test_what_an_older_version_paid_by_spell_counts_for_life(self):
        earned = {("S06", "spell:2021-01-15"): "2021-07-15"}
        lines = (MOVED, "returned_to_care 2021-09-01", "moved_on 2022-01-15 tenancy")
        found = self.scopes(timeline(), *lines, metric="S06", earned=earned)
        assert found[1] == ("already_earned", "life")

    def test_an_engagement_earned_by_spell_is_named_by_its_own_date(self):
        terms = timeline(version(metrics=[event_metric("ENG", "engaged", once_per="spell")]))
        assert self.scopes(terms, "engaged 2020-02-01", metric="ENG") == [
            ("achieved", "spell:2020-02-01")
        ]

    def test_a_pending_milestone_is_closed_once_its_metric_is_earned(self):
        earned = {("S06", "life"): "2021-07-15"}
        lines = (MOVED, "returned_to_care 2021-09-01", "moved_on 2022-01-15 tenancy")
        found = states(timeline(), *lines, as_of="2022-02-01", earned=earned, metric="S06")
        assert found == [("achieved", "2021-07-15"), ("already_earned", "2022-07-15")]


class TestOneOccurrence:
    """What was paid is known by what it rests on, under every scope."""

    PAID = Earning(day("2021-07-15"), day("2021-01-15"), frozenset({"e1"}))

    @staticmethod
    def states(paid: Earning, *lines: str, metric="S06", scope="2021/22", as_of=LATER):
        terms = timeline(
            version(
                metrics=[
                    event_metric("MOVE", "moved_on", once_per="spell"),
                    sustained_metric("S06", 6, once_per="spell"),
                ]
            )
        )
        found = assess(journey(*lines), terms, day(as_of), {(metric, scope): paid})
        return [
            (one.state.value, one.on.isoformat())
            for one in found
            if one.metric == metric and one.on is not None
        ]

    def test_another_scope_of_the_same_occurrence_is_earned(self):
        assert self.states(self.PAID, MOVED) == [("already_earned", "2021-07-15")]

    @pytest.mark.parametrize("corrected", ["2021-01-14", "2021-01-16", "2022-06-30"])
    def test_a_corrected_start_is_the_same_occurrence_however_far_it_moves(self, corrected):
        lines = (MOVED, f"moved_on {corrected} tenancy supersedes=e1")
        assert [state for state, _ in self.states(self.PAID, *lines)] == ["already_earned"]

    @pytest.mark.parametrize(
        ("ended", "again", "second"),
        [
            pytest.param("2021-07-14", "2021-07-14", "already_earned", id="a day shared"),
            pytest.param("2021-07-15", "2021-07-15", "achieved", id="from the day of achievement"),
            pytest.param("2021-07-16", "2021-07-16", "achieved", id="the day after"),
        ],
    )
    def test_no_day_of_a_home_is_paid_twice(self, ended, again, second):
        lines = (MOVED, f"returned_to_care {ended}", f"moved_on {again} tenancy")
        assert self.states(self.PAID, *lines)[-1][0] == second

    def test_what_rests_on_nothing_any_more_stands_for_what_replaced_it(self):
        lines = (MOVED, "retracted 2021-01-15 supersedes=e1", "moved_on 2022-01-15 tenancy")
        assert self.states(self.PAID, *lines) == [("already_earned", "2022-07-15")]
        before_it_began = Earning(day("2024-07-15"), day("2024-01-15"), frozenset({"e1"}))
        found = self.states(before_it_began, *lines, as_of="2023-12-31")
        assert found == [("achieved", "2022-07-15")]

    def test_a_move_recorded_anew_on_its_day_is_what_was_paid_and_a_second_one_is_not(self):
        lines = (
            MOVED,
            "retracted 2021-01-15 supersedes=e1",
            MOVED,
            "returned_to_care 2021-09-01",
            "moved_on 2022-01-15 tenancy",
        )
        paid = Earning(day("2021-01-15"), day("2021-01-15"), frozenset({"e1"}))
        assert self.states(paid, *lines, metric="MOVE") == [
            ("already_earned", "2021-01-15"),
            ("achieved", "2022-01-15"),
        ]

    def test_a_tenancy_retracted_leaves_the_move_what_it_was(self):
        lines = (
            "moved_on 2021-01-10 tenancy",
            "tenancy_started 2021-01-15 tenancy",
            "retracted 2021-01-15 supersedes=e2",
        )
        paid = Earning(day("2021-01-15"), day("2021-01-15"), frozenset({"e1", "e2"}))
        assert self.states(paid, *lines, metric="MOVE") == [("already_earned", "2021-01-10")]

    @pytest.mark.parametrize(
        ("lines", "origins"),
        [
            (["moved_on 2021-01-15 tenancy"], ["e1"]),
            (["moved_on 2021-01-10 tenancy", "tenancy_started 2021-01-15 tenancy"], ["e1", "e2"]),
            (
                [MOVED, "hospital_admitted 2021-03-01", "hospital_discharged 2021-08-01"],
                ["e3"],
            ),
            (
                [
                    MOVED,
                    "tenancy_ended 2021-02-01 reason=evicted",
                    "tenancy_started 2021-04-01 tenancy",
                    "tenancy_started 2021-04-02 tenancy supersedes=e3",
                    "tenancy_started 2021-04-03 tenancy supersedes=e4",
                ],
                ["e3"],
            ),
        ],
        ids=["move", "move and home", "back from hospital", "another home, corrected twice"],
    )
    def test_an_occurrence_is_known_by_the_events_that_begin_it(self, lines, origins):
        found = assessed(timeline(), *lines)
        assert [one.origins for one in found if one.metric == "S06"][-1] == tuple(origins)

"""Scopes: once in a life, in a spell, in a financial year; second moves."""

import pytest

from app.domain.terms.timeline import Timeline
from tests.assessments import MOVED, assessed, states
from tests.factories import event_metric, timeline, version

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

"""Which version of the terms judges a date, and referrals that were refused."""

import pytest

from tests.assessments import MOVED, assessed, brief, states
from tests.factories import event_metric, sustained_metric, timeline, version


class TestVersions:
    def test_a_metric_dropped_by_a_variation_is_not_available_after_it(self):
        terms = timeline(
            version(1, metrics=[sustained_metric("S06", 6), sustained_metric("S12", 12)]),
            version(2, effective_from="2021-10-01", metrics=[sustained_metric("S06", 6)]),
        )
        assert states(terms, MOVED) == [
            ("S06", "achieved", "2021-07-15"),
            ("S12", "not_available", "2022-01-15"),
        ]

    def test_a_retrospective_variation_reaches_back(self):
        old = version(1, metrics=[sustained_metric("S06", 6)])
        new = version(
            2,
            effective_from="2022-04-01",
            variation={
                "reason": "Eighteen months count from the start of the year",
                "retrospective": True,
                "applies_to_achievements_from": "2022-01-01",
            },
            metrics=[sustained_metric("S06", 6), sustained_metric("S12", 12)],
        )
        assert states(timeline(old, new), MOVED, metric="S12") == [("achieved", "2022-01-15")]
        later = "moved_on 2020-12-31 tenancy"
        assert states(timeline(old, new), later, metric="S12") == [("not_available", "2021-12-31")]

    def test_a_span_that_a_variation_changes_can_fall_between_two_versions(self):
        terms = timeline(
            version(1, metrics=[sustained_metric("KEEP", 12)]),
            version(2, effective_from="2021-10-01", metrics=[sustained_metric("KEEP", 6)]),
        )
        found = assessed(terms, MOVED)
        assert [brief(one) for one in found] == [("KEEP", "not_available", "2021-07-15")]
        assert "in force on 2021-07-15, counts KEEP otherwise" in found[0].working[-1].because
        assert states(terms, "moved_on 2021-05-01 tenancy") == [("KEEP", "achieved", "2021-11-01")]

    def test_each_version_has_its_own_breaks(self):
        strict = {"qualifying_destinations": ["tenancy"], "care_stay_nights_max": 5}
        lenient = {"qualifying_destinations": ["tenancy"]}
        metrics = [sustained_metric("S06", 6), sustained_metric("S12", 12)]
        terms = timeline(
            version(1, metrics=metrics, sustainment=strict),
            version(2, effective_from="2021-10-01", metrics=metrics, sustainment=lenient),
        )
        stay = ("care_stay_started 2021-03-01", "care_stay_ended 2021-03-11")
        assert states(terms, MOVED, *stay) == [
            ("S06", "lost", "2021-03-01"),
            ("S12", "achieved", "2022-01-15"),
        ]

    def test_before_the_contract_nothing_is_available(self):
        found = assessed(timeline(), "moved_on 2019-11-27 tenancy")
        assert brief(found[0]) == ("MOVE", "not_available", "2019-11-27")
        assert found[0].working[-1].because == (
            "On 2019-11-27 no version of the terms was in force."
        )
        assert states(timeline(), "moved_on 2019-11-28 tenancy", metric="MOVE") == [
            ("achieved", "2019-11-28")
        ]
        assert states(timeline(), as_of="2019-11-01", metric="MOVE") == [("not_started", None)]

    def test_a_metric_of_the_past_is_not_waited_for(self):
        terms = timeline(
            version(1, metrics=[event_metric("ENG", "engaged"), event_metric("MOVE", "moved_on")]),
            version(2, effective_from="2021-10-01", metrics=[event_metric("MOVE", "moved_on")]),
        )
        assert states(terms, as_of="2021-09-30") == [
            ("MOVE", "not_started", None),
            ("ENG", "not_started", None),
        ]
        assert states(terms, as_of="2021-10-01") == [("MOVE", "not_started", None)]

    @pytest.mark.parametrize(
        ("anchor", "expected"),
        [
            ("2021-09-30", "not_available"),
            ("2021-10-01", "achieved"),
            ("2022-03-31", "achieved"),
            ("2022-04-01", "not_available"),
        ],
    )
    def test_a_metric_is_available_between_its_own_dates(self, anchor, expected):
        move = event_metric(
            "MOVE", "moved_on", available_from="2021-10-01", available_to="2022-03-31"
        )
        terms = timeline(version(metrics=[move]))
        assert states(terms, f"moved_on {anchor} tenancy") == [("MOVE", expected, anchor)]

    @pytest.mark.parametrize(
        ("dates", "because"),
        [
            ({"available_from": "2022-01-01"}, "from 2022-01-01 to the end"),
            ({"available_to": "2021-01-01"}, "from the start to 2021-01-01"),
        ],
    )
    def test_the_working_names_the_dates(self, dates, because):
        terms = timeline(version(metrics=[event_metric("MOVE", "moved_on", **dates)]))
        assert because in assessed(terms, MOVED)[0].working[-1].because


class TestRefusedReferrals:
    def test_nothing_counts_in_a_referral_found_ineligible(self):
        lines = ("engaged 2020-02-01", MOVED, "found_ineligible 2021-03-01")
        found = assessed(timeline(), *lines)
        assert [brief(one) for one in found][:2] == [
            ("MOVE", "lost", "2021-03-01"),
            ("S06", "lost", "2021-03-01"),
        ]
        assert found[0].working[-1].refs == ("event:e3", "terms:1#/cohort/eligibility")
        assert states(timeline(), *lines, as_of="2021-02-28", metric="MOVE") == [
            ("achieved", "2021-01-15")
        ]

    def test_a_new_referral_starts_afresh(self):
        lines = ("declined 2020-02-01", "re_referred 2020-06-01", MOVED)
        assert states(timeline(), *lines, metric="MOVE") == [("achieved", "2021-01-15")]
        assert states(timeline(), "re_referred 2020-06-01", MOVED, metric="MOVE") == [
            ("achieved", "2021-01-15")
        ]

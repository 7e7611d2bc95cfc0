"""When a metric is met, pending, undetermined or lost under one version of the terms."""

import pytest

from tests.assessments import MOVED, assessed, states, sustained
from tests.factories import day, event_metric, timeline, version


@pytest.mark.parametrize(
    ("anchor", "length", "rule", "due"),
    [
        ("2020-08-31", 6, "calendar_months", "2021-02-28"),
        ("2020-08-31", 12, "calendar_months", "2021-08-31"),
        ("2021-08-31", 1, "calendar_months", "2021-09-30"),
        ("2023-08-31", 6, "calendar_months", "2024-02-29"),
        ("2020-02-29", 12, "calendar_months", "2021-02-28"),
        ("2020-02-29", 48, "calendar_months", "2024-02-29"),
        ("2021-01-15", 182, "days", "2021-07-16"),
        ("2021-01-15", 26, "weeks", "2021-07-16"),
    ],
)
def test_a_milestone_is_due_on_its_day_and_not_before(anchor, length, rule, due):
    terms = sustained(length, month_rule=rule)
    before = day(due).fromordinal(day(due).toordinal() - 1).isoformat()
    after = day(due).fromordinal(day(due).toordinal() + 1).isoformat()
    line = f"moved_on {anchor} tenancy"
    assert states(terms, line, as_of=before) == [("KEEP", "pending", due)]
    assert states(terms, line, as_of=due) == [("KEEP", "achieved", due)]
    assert states(terms, line, as_of=after) == [("KEEP", "achieved", due)]


@pytest.mark.parametrize(
    ("ended_on", "expected"),
    [
        ("2021-07-14", ("lost", "2021-07-14")),
        ("2021-07-15", ("lost", "2021-07-15")),
        ("2021-07-16", ("achieved", "2021-07-15")),
    ],
)
def test_the_home_must_be_kept_to_the_end_of_the_day(ended_on, expected):
    line = f"tenancy_ended {ended_on} reason=left_area"
    assert states(sustained(6), "moved_on 2021-01-15 tenancy", line, metric="KEEP") == [expected]


@pytest.mark.parametrize(
    ("lines", "as_of", "expected"),
    [
        pytest.param(
            ["care_stay_started 2021-07-01"], "2021-07-15", "undetermined", id="in a care stay"
        ),
        pytest.param(
            ["care_stay_started 2021-07-01"], "2021-07-28", "undetermined", id="28 nights"
        ),
        pytest.param(["care_stay_started 2021-07-01"], "2021-07-29", "lost", id="29 nights"),
        pytest.param(
            ["care_stay_started 2021-07-01", "care_stay_ended 2021-07-29"],
            "2021-07-30",
            "achieved",
            id="28 nights, home again",
        ),
        pytest.param(
            ["care_stay_started 2021-07-01", "care_stay_ended 2021-07-30"],
            "2021-07-31",
            "lost",
            id="29 nights, home again",
        ),
        pytest.param(
            ["care_stay_started 2021-07-16"], "2021-07-20", "achieved", id="away the day after"
        ),
        pytest.param(
            ["tenancy_ended 2021-07-10 reason=evicted"], "2021-07-20", "undetermined", id="no home"
        ),
        pytest.param(
            ["tenancy_ended 2021-07-10 reason=evicted", "tenancy_started 2021-08-07 tenancy"],
            "2021-08-07",
            "achieved",
            id="rehoused after 28 days",
        ),
    ],
)
def test_a_milestone_inside_an_absence_waits_for_its_end(lines, as_of, expected):
    assert states(sustained(6), MOVED, *lines, as_of=as_of, metric="KEEP")[0][0] == expected


def test_29_days_without_a_home_start_a_new_clock():
    lines = ["tenancy_ended 2021-07-10 reason=evicted", "tenancy_started 2021-08-08 tenancy"]
    assert states(sustained(6), MOVED, *lines, metric="KEEP") == [
        ("lost", "2021-07-10"),
        ("achieved", "2022-02-08"),
    ]


@pytest.mark.parametrize(
    ("back_on", "accepted", "expected"),
    [
        ("2021-09-30", False, [("achieved", "2021-07-15")]),
        ("2021-10-01", False, [("lost", "2021-07-01"), ("achieved", "2022-04-01")]),
        ("2022-06-30", True, [("achieved", "2021-07-15")]),
        ("2022-07-01", True, [("lost", "2021-07-01"), ("achieved", "2023-01-01")]),
    ],
    ids=["91 days", "92 days", "364 days accepted", "365 days accepted"],
)
def test_hospital_stays(back_on, accepted, expected):
    lines = [MOVED, "hospital_admitted 2021-07-01", f"hospital_discharged {back_on}"]
    if accepted:
        lines.append(f"absence_accepted {back_on} reason=hospital")
    assert states(sustained(6), *lines, metric="KEEP") == expected


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("died 2021-03-10", "death"),
        ("tenancy_ended 2021-03-10 reason=other_planned", "planned_exit"),
    ],
)
def test_an_exit_counts_as_success_only_where_the_terms_say_so(line, rule):
    success = {rule: "count_as_success"}
    assert states(sustained(6), MOVED, line, metric="KEEP") == [("lost", "2021-03-10")]
    assert states(sustained(6, **success), MOVED, line, metric="KEEP") == [
        ("achieved", "2021-03-10")
    ]


def test_success_on_exit_waits_for_an_open_absence():
    lines = [
        MOVED,
        "hospital_admitted 2021-03-01",
        "tenancy_ended 2021-03-10 reason=other_planned",
    ]
    terms = sustained(6, planned_exit="count_as_success")
    assert states(terms, *lines, as_of="2021-03-20") == [("KEEP", "undetermined", "2021-03-10")]
    lines.append("hospital_discharged 2021-03-21")
    assert states(terms, *lines, as_of="2021-03-22") == [("KEEP", "achieved", "2021-03-10")]


class TestCumulativeDays:
    TERMS = sustained(15, month_rule="days", continuity="cumulative_days", move_gap_days_max=0)
    BROKEN = (
        "moved_on 2021-01-01 tenancy",
        "tenancy_ended 2021-01-11 reason=evicted",
    )

    def test_no_home_no_count(self):
        assert states(self.TERMS, "engaged 2021-01-01") == [("KEEP", "not_started", None)]

    def test_an_unbroken_spell_is_met_like_a_continuous_one(self):
        assert states(self.TERMS, self.BROKEN[0]) == [("KEEP", "achieved", "2021-01-16")]

    def test_ten_nights_and_five_more_are_fifteen(self):
        lines = (*self.BROKEN, "tenancy_started 2021-03-01 tenancy")
        assert states(self.TERMS, *lines, as_of="2021-03-05") == [("KEEP", "pending", "2021-03-06")]
        assert states(self.TERMS, *lines, as_of="2021-03-06") == [
            ("KEEP", "achieved", "2021-03-06")
        ]
        found = assessed(self.TERMS, *lines)[0]
        assert (found.anchor_on, found.spell) == (day("2021-01-01"), 2)

    def test_too_few_days_are_lost_unless_another_home_follows(self):
        assert states(self.TERMS, *self.BROKEN) == [("KEEP", "lost", "2021-01-11")]

    def test_months_are_the_days_they_have_from_the_first_anchor(self):
        terms = sustained(12, continuity="cumulative_days")
        assert states(terms, "moved_on 2020-08-31 tenancy") == [("KEEP", "achieved", "2021-08-31")]


class TestEventMetrics:
    TERMS = timeline(
        version(
            metrics=[
                event_metric("ENG", "engaged"),
                event_metric("BEGUN", "training_begun"),
                event_metric("DONE", "training_completed"),
                event_metric("MOVE", "moved_on"),
            ]
        )
    )

    def test_each_is_met_on_the_day_of_its_event(self):
        lines = (
            "engaged 2020-03-01",
            "moved_on 2020-04-01 tenancy",
            "training_begun 2020-05-03",
            "training_completed 2020-05-03",
        )
        assert states(self.TERMS, *lines) == [
            ("ENG", "achieved", "2020-03-01"),
            ("BEGUN", "achieved", "2020-05-03"),
            ("DONE", "achieved", "2020-05-03"),
            ("MOVE", "achieved", "2020-04-01"),
        ]
        found = assessed(self.TERMS, *lines)
        assert (found[0].spell, found[0].anchor_on) == (None, None)
        assert found[0].working[0].refs == ("event:e1", "terms:1#/metrics/0")
        assert (found[3].spell, found[3].anchor_on) == (1, day("2020-04-01"))

    def test_events_after_the_day_of_assessment_are_not_known(self):
        assert states(self.TERMS, "engaged 2020-03-01", as_of="2020-02-29", metric="ENG") == [
            ("not_started", None)
        ]

    def test_a_move_to_the_day_of_return_is_not_a_move(self):
        lines = ("moved_on 2020-04-01 tenancy", "returned_to_care 2020-04-01")
        assert states(self.TERMS, *lines, metric="MOVE") == [("not_started", None)]

    def test_a_move_straight_into_an_absence_is_undetermined(self):
        lines = ("moved_on 2020-04-01 tenancy", "hospital_admitted 2020-04-01")
        assert states(self.TERMS, *lines, as_of="2020-04-20", metric="MOVE") == [
            ("undetermined", "2020-04-01")
        ]

    def test_a_second_home_without_care_between_is_no_second_move(self):
        lines = (
            "moved_on 2020-04-01 tenancy",
            "tenancy_ended 2020-06-01 reason=evicted",
            "tenancy_started 2020-08-01 tenancy",
        )
        assert states(self.TERMS, *lines, metric="MOVE") == [("achieved", "2020-04-01")]

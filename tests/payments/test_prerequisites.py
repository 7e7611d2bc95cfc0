"""Metrics that require another metric."""

import pytest

from tests.assessments import MOVED, states
from tests.factories import event_metric, sustained_metric, timeline, version

TRAINING = timeline(
    version(
        metrics=[
            event_metric("BEGUN", "training_begun"),
            event_metric("DONE", "training_completed", requires=["BEGUN"]),
        ]
    )
)


@pytest.mark.parametrize(
    ("begun_on", "expected"),
    [
        ("2020-05-02", "achieved"),
        ("2020-05-03", "achieved"),
        ("2020-05-04", "lost"),
    ],
)
def test_a_prerequisite_must_be_met_by_the_same_day(begun_on, expected):
    lines = (f"training_begun {begun_on}", "training_completed 2020-05-03")
    assert states(TRAINING, *lines, metric="DONE") == [(expected, "2020-05-03")]


def test_an_earned_prerequisite_counts_though_its_event_is_gone():
    earned = {("BEGUN", "life"): "2020-05-01"}
    lines = ("training_completed 2020-05-03",)
    assert states(TRAINING, *lines, metric="DONE") == [("lost", "2020-05-03")]
    assert states(TRAINING, *lines, metric="DONE", earned=earned) == [("achieved", "2020-05-03")]


CHAIN = timeline(
    version(
        metrics=[
            event_metric("ENG", "engaged"),
            sustained_metric("S06", 6, requires=["ENG"]),
            event_metric("DONE", "training_completed", requires=["S06"]),
        ]
    )
)


def test_prerequisites_chain():
    assert states(CHAIN, MOVED, "training_completed 2021-08-01") == [
        ("ENG", "not_started", None),
        ("S06", "lost", "2021-07-15"),
        ("DONE", "lost", "2021-08-01"),
    ]


def test_what_requires_an_undetermined_milestone_is_undetermined():
    lines = (
        "engaged 2021-01-01",
        MOVED,
        "hospital_admitted 2021-07-01",
        "training_completed 2021-07-20",
    )
    assert states(CHAIN, *lines, as_of="2021-07-20", metric="DONE") == [
        ("undetermined", "2021-07-20")
    ]
    home = (*lines, "hospital_discharged 2021-07-25")
    assert states(CHAIN, *home, metric="DONE") == [("achieved", "2021-07-20")]

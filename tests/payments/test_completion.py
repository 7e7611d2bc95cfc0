"""Completed: the longest sustained metric of the latest terms, on the day it was achieved."""

import pytest

from app.payments.assess import assess
from app.payments.completion import completed_on
from tests.factories import day, event_metric, sustained_metric, timeline, version
from tests.journeys import journey

MOVED = "moved_on 2020-08-31 tenancy"
BOTH = timeline(version(metrics=[sustained_metric("S06", 6), sustained_metric("S24", 24)]))
NONE = timeline(version(metrics=[event_metric("MOVE", "moved_on")]))


@pytest.mark.parametrize(
    ("terms", "as_of", "expected"),
    [
        (BOTH, "2022-08-30", None),
        (BOTH, "2022-08-31", "2022-08-31"),
        (BOTH, "2022-09-01", "2022-08-31"),
        (NONE, "2022-09-01", None),
    ],
)
def test_completed_on(terms, as_of, expected):
    milestones = assess(journey(MOVED), terms, day(as_of))
    assert completed_on(milestones, terms) == (day(expected) if expected else None)

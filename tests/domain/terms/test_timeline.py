"""Which version of the terms governs a date."""

import pytest

from app.domain.terms.timeline import Timeline
from tests.factories import day, timeline, version

FIRST = version(1)
SECOND = version(2, effective_from="2022-04-01", variation={"reason": "Metrics added"})
RETROSPECTIVE = version(
    3,
    effective_from="2023-04-01",
    variation={
        "reason": "Prices corrected",
        "retrospective": True,
        "applies_to_achievements_from": "2023-01-01",
    },
)


@pytest.mark.parametrize(
    ("on", "number"),
    [
        ("2019-11-27", None),
        ("2019-11-28", 1),
        ("2022-03-31", 1),
        ("2022-04-01", 2),
        ("2022-12-31", 2),
        ("2023-01-01", 3),
        ("2024-01-01", 3),
    ],
)
def test_the_latest_version_that_applies_governs(on, number):
    found = timeline(SECOND, RETROSPECTIVE, FIRST).governing(day(on))
    assert (found and found.number) == number


def test_a_variation_applies_from_its_effective_date_unless_it_is_retrospective():
    assert FIRST.applies_from == day("2019-11-28")
    assert SECOND.applies_from == day("2022-04-01")
    assert RETROSPECTIVE.applies_from == day("2023-01-01")


def test_versions_are_kept_in_order_of_number():
    found = Timeline.of([RETROSPECTIVE, FIRST, SECOND])
    assert [one.number for one in found.versions] == [1, 2, 3]
    assert found.latest is RETROSPECTIVE
    assert found.numbered(2) is SECOND


def test_nothing_governs_before_any_version_is_in_force():
    assert Timeline.of([]).governing(day("2022-04-01")) is None

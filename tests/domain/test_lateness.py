"""On time, late or shut out: the day before, the last day, and the day after."""

import pytest

from app.domain.verification import lateness
from tests.factories import day


@pytest.mark.parametrize(
    ("on", "due", "longstop", "expected"),
    [
        ("2023-03-30", "2023-03-31", "2023-06-30", "on_time"),
        ("2023-03-31", "2023-03-31", "2023-06-30", "on_time"),
        ("2023-04-01", "2023-03-31", "2023-06-30", "late"),
        ("2023-06-30", "2023-03-31", "2023-06-30", "late"),
        ("2023-07-01", "2023-03-31", "2023-06-30", "closed"),
        ("2023-07-01", None, "2023-06-30", "closed"),
        ("2023-06-30", None, "2023-06-30", "on_time"),
        ("2023-07-01", "2023-03-31", None, "late"),
        ("2033-07-01", None, None, "on_time"),
        ("2023-02-01", "2023-03-31", "2023-01-31", "closed"),
    ],
)
def test_lateness(on, due, longstop, expected):
    given = [day(text) if text else None for text in (due, longstop)]
    assert lateness(day(on), *given) == expected

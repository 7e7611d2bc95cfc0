"""A process looks for failures to sign in that wait once a minute, however many requests come."""

from datetime import UTC, datetime, timedelta

from app.api.counted_failures import CountedFailures
from app.service.failed_sign_ins import TOGETHER

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_process_looks_once_a_minute():
    counted = CountedFailures()
    assert counted.is_time(NOON)
    assert not counted.is_time(NOON + TOGETHER - SECOND)
    assert counted.is_time(NOON + TOGETHER)
    assert not counted.is_time(NOON + SECOND)
    assert counted.is_time(NOON)

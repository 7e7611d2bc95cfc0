"""Failures to sign in reach the access log at once, and a flood of them once a minute."""

from datetime import UTC, datetime, timedelta

from app.api.failed_sign_ins import TOGETHER, FailedSignIns, Failure

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_first_of_a_kind_is_entered_at_once_and_the_others_are_counted():
    failures = FailedSignIns()
    assert failures.failed("signIn", "sign-in-refused", NOON) == Failure(
        "signIn", "sign-in-refused", 1
    )
    for after in (0, 20, 59):
        assert failures.failed("signIn", "sign-in-refused", NOON + after * SECOND) is None
    assert failures.failed("(credential)", "key-refused", NOON + SECOND) is not None
    assert list(failures.due(NOON + TOGETHER - SECOND)) == []
    assert list(failures.due(NOON + TOGETHER)) == [Failure("signIn", "sign-in-refused", 3)]
    assert list(failures.due(NOON + TOGETHER)) == []


def test_a_minute_after_an_entry_the_next_is_entered_at_once_again():
    failures = FailedSignIns()
    failures.failed("signIn", "sign-in-refused", NOON)
    assert failures.failed("signIn", "sign-in-refused", NOON + TOGETHER - SECOND) is None
    assert list(failures.due(NOON + TOGETHER))  # entered, so that the minute begins anew
    assert failures.failed("signIn", "sign-in-refused", NOON + TOGETHER + SECOND) is None
    assert failures.failed("(credential)", "key-refused", NOON) is not None
    assert failures.failed("(credential)", "key-refused", NOON + TOGETHER) is not None


def test_none_is_lost_when_the_process_stops():
    failures = FailedSignIns()
    for _ in range(5):
        failures.failed("signIn", "sign-in-refused", NOON)
    assert [one.times for one in failures.due(NOON, stopping=True)] == [4]
    assert list(failures.due(NOON, stopping=True)) == []

"""What refusals carry beside their code and message."""

from app.domain.errors import TooManyAttempts


def test_too_many_attempts_say_how_long_to_wait():
    refusal = TooManyAttempts("too-many-requests", "Wait 3 s.", 3)
    assert (refusal.code, refusal.message) == ("too-many-requests", "Wait 3 s.")
    assert refusal.retry_after_seconds == 3

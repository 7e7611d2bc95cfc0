"""What refusals carry beside their code and message."""

from app.domain.errors import TooManyAttempts, contract_unknown


def test_too_many_attempts_say_how_long_to_wait():
    refusal = TooManyAttempts("too-many-requests", "Wait 3 s.", 3)
    assert (refusal.code, refusal.message) == ("too-many-requests", "Wait 3 s.")
    assert refusal.retry_after_seconds == 3


def test_a_contract_that_is_not_there_and_one_out_of_sight_are_answered_alike():
    refusal = contract_unknown("ex")
    assert refusal.code == "contract-unknown"
    assert refusal.message == (
        "There is no contract ex. Check the id, or create the contract first."
    )

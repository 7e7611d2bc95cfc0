"""Which differences of the ties only wait for something, and which contradict themselves."""

from app.payments.ties import Cause, Tie


def is_waiting(tie: Tie, cause: Cause) -> bool:
    """Whether a difference will go away when what is due is done, with nothing to correct.

    An approved claim waits for its invoice while it has no document at all, and for another round
    of documents where corrections that are on none are all the difference. A payment waits for
    its bank line while accepted lines show less of it than was posted. Everything else, such as an
    invoice of another amount than its claim, or more shown by the bank than was posted, is a
    contradiction: on one contract 6,500.00 not invoiced yet waits, 6,500.00 invoiced as 6,000.00
    does not.
    """
    if tie.name == "invoiced":
        if not any(ref.startswith("invoice:") for ref in cause.refs):
            return True
        corrected = [
            amount.minor
            for record, amount in tie.left.figures()
            if record.key == cause.key and record.ref.startswith("correction:")
        ]
        return sum(corrected) == cause.difference.minor
    if tie.name == "paid":
        return cause.key.startswith("payment:") and 0 <= cause.left.minor < cause.right.minor
    return False


def contradictions(tie: Tie) -> tuple[Cause, ...]:
    """The causes of a tie's difference that no waiting explains."""
    return tuple(cause for cause in tie.causes if not is_waiting(tie, cause))

"""When this process last looked for failures to sign in that wait to be entered."""

from datetime import datetime

from app.service.failed_sign_ins import TOGETHER


class CountedFailures:
    """Says once a minute that it is time to look, so that a look at people costs one insert and no
    question more. Used from the event loop of one process only.
    """

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def is_time(self, now: datetime) -> bool:
        """Whether the last look was a minute ago, or is to come since the clock was set back."""
        if self._looked_at is not None and abs(now - self._looked_at) < TOGETHER:
            return False
        self._looked_at = now
        return True

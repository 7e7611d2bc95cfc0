"""When somebody who signs in with a password has to wait, whether or not the account exists.

Names without an account are counted as those with one, and both get the same answer: waiting tells
nobody whether there is an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `failures` within `window`; then wait until the oldest of them is past it."""

    failures: int
    window: timedelta

    def blocked_until(self, failed_at: Sequence[datetime], now: datetime) -> datetime | None:
        """The instant from which another try counts; None when one may be made now.

        5 within 15 minutes: failures at 9:00, 9:01, 9:02, 9:03 and 9:04 block until 9:15.
        """
        recent = sorted(at for at in failed_at if at + self.window > now)
        if len(recent) < self.failures:
            return None
        return recent[-self.failures] + self.window


BY_NAME = (Limit(5, timedelta(minutes=15)), Limit(20, timedelta(hours=24)))
"""Failures of one name since it last signed in: a pause, and the lock (24 hours at most)."""

BY_ADDRESS = (Limit(50, timedelta(minutes=15)),)
"""Failures from one network address, whatever the names. An office shares one, hence the number."""


def blocked_until(
    limits: Sequence[Limit], failed_at: Sequence[datetime], now: datetime
) -> datetime | None:
    """The latest instant that any of the limits asks to wait for, or None."""
    waits = [limit.blocked_until(failed_at, now) for limit in limits]
    return max((wait for wait in waits if wait is not None), default=None)

"""When a credential stops counting: sessions, API keys, invitations. The instant of the end is out.

    live:  now < end        over:  now >= end

A key that ends at 12:00:00 is good at 11:59:59.999999 and refused at 12:00:00.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta


def session_end(
    started_at: datetime, last_used_at: datetime, idle: timedelta, absolute: timedelta
) -> datetime:
    """The instant at which a session is over unless it is used before.

    The earlier of `idle` after its last use and `absolute` after its start: begun 09:00 and last
    used 20:50, with 30 minutes and 12 hours, it is over at 21:00.
    """
    return min(last_used_at + idle, started_at + absolute)


def is_live(now: datetime, *ends: datetime | None) -> bool:
    """Whether something still counts: every end is still to come. None is no end."""
    return all(end is None or now < end for end in ends)


def overlap_end(now: datetime, overlap: timedelta, ends: Iterable[datetime | None]) -> datetime:
    """The end of a key that is being replaced: after the overlap, but never later than it had.

    Rotated at noon with 24 hours of overlap: noon tomorrow; if it was to expire at 18:00 today,
    18:00 today.
    """
    return min([now + overlap, *(end for end in ends if end is not None)])

"""Failures to sign in on their way to the access log: each kind at once, then counted.

Anybody can fail to sign in, as often as the request limits let them. So that nobody can fill the
log, each kind of failure (where, and the code) is entered at once, and those of the same kind that
follow within a minute are counted and entered together. There are fewer than a hundred kinds, so
an attack costs the log at most that many entries a minute and process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

TOGETHER = timedelta(minutes=1)
"""For how long failures of a kind are counted before they are entered."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Failures of one kind to enter: where, with which code, and how many."""

    operation: str
    code: str
    times: int


@dataclass(slots=True)
class _Kind:
    entered_at: datetime
    counted: int


class FailedSignIns:
    """Failures since the last entry of their kind. In memory of one process, like the limits, and
    used from its event loop only.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def failed(self, operation: str, code: str, now: datetime) -> Failure | None:
        """Count one failure; what to enter now, if that is the first of its kind in a minute.

        Failures at 12:00:00, 12:00:20 and 12:00:59: the first is entered, two are counted.
        """
        kind = self._kinds.get((operation, code))
        if kind is None or (kind.counted == 0 and now - kind.entered_at >= TOGETHER):
            self._kinds[operation, code] = _Kind(now, 0)
            return Failure(operation, code, 1)
        kind.counted += 1
        return None

    def due(self, now: datetime, *, stopping: bool = False) -> Iterator[Failure]:
        """What was counted and has waited for a minute; all of it when the process is stopping."""
        for (operation, code), kind in self._kinds.items():
            if kind.counted and (stopping or now - kind.entered_at >= TOGETHER):
                times, kind.counted, kind.entered_at = kind.counted, 0, now
                yield Failure(operation, code, times)

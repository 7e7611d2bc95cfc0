"""How many requests one address and one principal may make.

Token buckets in this process's memory: exact for one process, and with n processes behind one
address up to n times the limit. They hold no more than `KEYS_MAX` keys: a flood from more addresses
makes the longest unused ones be forgotten, which lets those begin anew. A proxy's own limits are
the place against floods of that size. Used from the event loop only, so there is no lock.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.errors import TooManyAttempts

KEYS_MAX = 50_000
"""Buckets kept at once, about 10 MB."""

REFUSED_COST = 20
"""As how many requests of its address a credential that does not count is counted."""

_MINUTE = 60.0


class Buckets:
    """One bucket for each key: full with a minute's requests, and filling evenly."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        """`per_minute` 0 means no limit. `clock` gives seconds that only go on."""
        self._seconds_each = _MINUTE / per_minute if per_minute else 0.0
        self._clock = clock
        # For each key, when its bucket will be full again; the longest unused key stands first.
        self._full_at: dict[str, float] = {}

    def take(self, key: str) -> int:
        """Take one request. 0 if there was one; otherwise the whole seconds until there is one."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + self._seconds_each
        if full_at - now > _MINUTE:
            return math.ceil(full_at - now - _MINUTE)
        self._keep(key, full_at)
        return 0

    def charge(self, key: str, requests: int) -> None:
        """Take requests that were not asked for; the bucket is empty at worst."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + requests * self._seconds_each
        self._keep(key, min(full_at, now + _MINUTE))

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._full_at)

    def _keep(self, key: str, full_at: float) -> None:
        if not self._seconds_each:
            return
        self._full_at.pop(key, None)
        self._full_at[key] = full_at
        if len(self._full_at) > KEYS_MAX:
            del self._full_at[next(iter(self._full_at))]


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The limits of a running service."""

    addresses: Buckets
    principals: Buckets

    def admit_address(self, address: str) -> None:
        """Count a request of an address. Raises TooManyAttempts `too-many-requests`."""
        _refuse(self.addresses.take(address))

    def admit_principal(self, principal_id: str) -> None:
        """Count a request of a principal, whichever of its credentials it used. Raises the same."""
        _refuse(self.principals.take(principal_id))

    def credential_refused(self, address: str) -> None:
        """Count a credential that did not count, so that guessing is slower than asking."""
        self.addresses.charge(address, REFUSED_COST)


def _refuse(seconds: int) -> None:
    if seconds:
        message = f"More requests than the limit. Wait {seconds} s, as Retry-After says."
        raise TooManyAttempts("too-many-requests", message, seconds)

"""What signing in needs from outside: database, real clock, identity providers, sealing key."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from app.domain.access import Principal
from app.identity.issuer import Issuer
from app.identity.sealing import Sealer
from app.storage.engine import Engine, UnitOfWork, run_transaction

T = TypeVar("T")


class Readable(Protocol):
    """What lists of principals, grants and keys are read through: the door itself, or a snapshot in
    which all pages of a file are read.
    """

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A read-only transaction."""


@dataclass(frozen=True, slots=True)
class Reception:
    """The service's door, made once by the composition root.

    `clock` is the real one also in demo mode, where requests may move the clock of the records: no
    request may bring an expired credential back to life. `issuers` are by the provider's name.
    `public_url` is how browsers reach the service; without it nobody can be sent to an issuer.
    """

    engine: Engine
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    issuers: Mapping[str, Issuer]
    sealer: Sealer
    session_idle: timedelta
    session_absolute: timedelta
    public_url: str | None

    @property
    def today(self) -> date:
        """The day in UTC, which is what grants' days are compared with."""
        return self.clock().date()

    def write(self, work: Callable[[UnitOfWork], T], *, dry_run: bool = False) -> T:
        """Do `work` in one transaction."""
        return run_transaction(self.engine, work, dry_run=dry_run)

    def reading(self) -> UnitOfWork:
        """A read-only transaction."""
        return UnitOfWork(self.engine, read_only=True)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A principal and how it signed in. `session_hash` is set for a session."""

    principal: Principal
    session_hash: str | None = None

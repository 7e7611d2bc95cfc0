"""Failures to sign in on their way to the access log: each kind at once, then counted.

Anybody can fail to sign in, as often as the request limits let them. So that nobody can fill the
log, each kind of failure (where, and the code) is entered at once, and those of the same kind that
follow within a minute are counted and entered together. There are fewer than a hundred kinds, so an
attack costs the log at most that many entries a minute. The counts are in the database, and each is
there before its failure is answered: a process that crashes loses none.
"""

import json
from datetime import datetime, timedelta

from app.service.accesses import SERVICE_CHAIN
from app.service.reception import Reception
from app.storage import access_log, failed_sign_ins
from app.storage.access_log import Access
from app.storage.engine import UnitOfWork
from app.storage.failed_sign_ins import Failure

TOGETHER = timedelta(minutes=1)
"""For how long failures of a kind are counted before they are entered."""

NOT_SIGNED_IN = "(not signed in)"
"""Who failed to sign in: whatever name was tried may be that of somebody else."""


def note_failure(reception: Reception, operation: str, code: str) -> None:
    """Count one failure, or enter it if it is the first of its kind in a minute.

    Failures at 12:00:00, 12:00:20 and 12:00:59: the first is entered, two are counted.
    """
    now = reception.clock()

    def work(uow: UnitOfWork) -> None:
        if failed_sign_ins.count(uow.connection, operation, code, now, TOGETHER):
            access_log.add(uow.connection, _entry(Failure(operation, code, 1), now))

    reception.write(work)


def enter_counted(reception: Reception, *, stopping: bool = False) -> None:
    """Enter what was counted and has waited for a minute, by any process; all of it if stopping."""
    now = reception.clock()

    def work(uow: UnitOfWork) -> None:
        together = None if stopping else TOGETHER
        for failure in failed_sign_ins.take(uow.connection, now, together):
            access_log.add(uow.connection, _entry(failure, now))

    reception.write(work)


def _entry(failure: Failure, now: datetime) -> Access:
    """An entry without contract: it would be one that somebody unknown has named."""
    return Access(
        chain=SERVICE_CHAIN,
        at=now,
        who=NOT_SIGNED_IN,
        party=None,
        operation=failure.operation,
        contract_id=None,
        participants=(),
        outcome="refused",
        code=failure.code,
        detail=json.dumps({"times": failure.times}),
    )

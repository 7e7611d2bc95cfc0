"""Failures to sign in that are counted until they are entered in the access log, by their kind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from app.storage.access_tables import failed_sign_ins as kinds


@dataclass(frozen=True, slots=True)
class Failure:
    """Failures of one kind to enter: where, with which code, and how many."""

    operation: str
    code: str
    times: int


def count(
    connection: Connection, operation: str, code: str, now: datetime, together: timedelta
) -> bool:
    """Count one failure in one statement; whether it is to be entered now instead.

    That is so of the first of its kind, and of the next once none has waited for as long as they
    are counted together. One that is only counted is not waited for until it is on the disk: a
    flood does not pay for that, and a server that crashes forgets less than a second.
    """
    alone = and_(kinds.c.counted == 0, _is_over(now, together))
    counted = case((alone, 0), else_=kinds.c.counted + 1)
    durably = func.current_setting("synchronous_commit")
    statement = (
        insert(kinds)
        .values(operation=operation, code=code, entered_at=now, counted=0)
        .on_conflict_do_update(
            index_elements=[kinds.c.operation, kinds.c.code],
            set_={"counted": counted, "entered_at": case((alone, now), else_=kinds.c.entered_at)},
        )
        .returning(
            kinds.c.counted,
            func.set_config(
                "synchronous_commit", case((kinds.c.counted == 0, durably), else_="off"), true()
            ),
        )
    )
    return bool(connection.execute(statement).one().counted == 0)


def take(connection: Connection, now: datetime, together: timedelta | None) -> list[Failure]:
    """What has waited for long enough, for None whatever waits; from now on none of it does.

    What another process is taking, or counting at this moment, is left to the next time.
    """
    over = true() if together is None else _is_over(now, together)
    waiting = (
        select(kinds.c.operation, kinds.c.code, kinds.c.counted.label("times"))
        .where(kinds.c.counted > 0, over)
        .with_for_update(skip_locked=True)
        .cte("waiting")
    )
    statement = (
        update(kinds)
        .where(kinds.c.operation == waiting.c.operation, kinds.c.code == waiting.c.code)
        .values(counted=0, entered_at=now)
        .returning(waiting.c.operation, waiting.c.code, waiting.c.times)
    )
    return [Failure(*row) for row in sorted(connection.execute(statement))]


def _is_over(now: datetime, together: timedelta) -> ColumnElement[bool]:
    """Whether the last entry of a kind is so long ago; or to come, since clocks are set back."""
    return or_(kinds.c.entered_at <= now - together, kinds.c.entered_at >= now + together)

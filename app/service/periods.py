"""Closing quarters and financial years, and reopening what was closed softly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.calendar import local_date
from app.domain.errors import InputInvalid
from app.domain.period import Period
from app.domain.period_close import (
    CloseLevel,
    PeriodDecision,
    PeriodKind,
    PeriodState,
    check_close,
    check_reopen,
    period_starting,
    periods_to,
    state_of,
)
from app.domain.pseudonym import identity_fault
from app.domain.terms.parties import Role
from app.domain.terms.timeline import Timeline
from app.service.claim_rows import Row
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.frozen_statements import freeze
from app.storage import contracts, journal, periods
from app.storage.engine import Connection
from app.storage.periods import StoredDecision


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A period, how it stands, and every decision on it in order."""

    kind: PeriodKind
    period: Period
    state: PeriodState
    decisions: tuple[StoredDecision, ...]

    @property
    def version(self) -> int:
        """The journal record of the last decision; 0 before the first."""
        return self.decisions[-1].version if self.decisions else 0


def close_period(
    context: Context,
    command: Command,
    *,
    kind: PeriodKind,
    start: date,
    level: CloseLevel,
    note: str | None = None,
) -> Done[PeriodView]:
    """Close a period softly, or hard: for good, with a frozen statement for every book.

    The commissioner closes, from the day after the period's end in the contract's time zone. What
    is hard-closed takes no posting any more; later items go to the open period.
    """

    def decide(work: Work) -> Change[PeriodView]:
        work.require_role(Role.COMMISSIONER, doing="close periods")
        view, first_day, known = _deciding(work, kind, start, note)
        check_close(kind, view.period, level, known, first_day, work.today)
        number = len(known) + 1
        rows = {"period_closes": [_row(work, number, view, level, note)]}
        if level is CloseLevel.HARD:
            rows["frozen_statements"] = freeze(work, number, kind, view.period)
        return Change("period_closed", work.today, rows, _after(work, view, number, level))

    return run(context, command, decide)


def reopen_period(
    context: Context, command: Command, *, kind: PeriodKind, start: date, note: str
) -> Done[PeriodView]:
    """Reopen a soft-closed period, with the reason. A hard close is never taken back."""

    def decide(work: Work) -> Change[PeriodView]:
        work.require_role(Role.COMMISSIONER, doing="reopen periods")
        view, _, known = _deciding(work, kind, start, note)
        check_reopen(kind, view.period, known)
        number, level = len(known) + 1, CloseLevel.REOPENED
        rows = {"period_closes": [_row(work, number, view, level, note)]}
        return Change("period_reopened", work.today, rows, _after(work, view, number, level))

    return run(context, command, decide)


def get_period(context: Context, contract_id: str, kind: PeriodKind, start: date) -> PeriodView:
    """One period with its decisions; NotFound `period-unknown` where none starts on the day."""
    with context.reading(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        timeline = contracts.timeline(connection, contract_id)
        first_day = _first_day(connection, contract_id, timeline, local_day(context, timeline))
        period = period_starting(kind, start, first_day)
        return _view(kind, period, periods.decisions(connection, contract_id))


def list_periods(
    context: Context,
    contract_id: str,
    kind: PeriodKind,
    after: str = "",
    limit: int = 50,
) -> list[PeriodView]:
    """The contract's quarters, or its years, from its first to today's, in order.

    `after` is the first day of the last one seen, as YYYY-MM-DD.
    """
    with context.reading(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        timeline = contracts.timeline(connection, contract_id)
        if not timeline.versions:
            return []
        today = local_day(context, timeline)
        first_day = _first_day(connection, contract_id, timeline, today)
        decided = periods.decisions(connection, contract_id)
    listed = [one for one in periods_to(kind, first_day, today) if one.start.isoformat() > after]
    return [_view(kind, one, decided) for one in listed[:limit]]


def local_day(context: Context, timeline: Timeline) -> date:
    """The contract's present day, in its own time zone; that of UTC before any terms."""
    now = context.clock()
    if not timeline.versions:
        return now.date()
    return local_date(now, timeline.in_effect(now.date()).terms.timezone)


def _deciding(
    work: Work, kind: PeriodKind, start: date, note: str | None
) -> tuple[PeriodView, date, list[PeriodDecision]]:
    """What close and reopening have in common: the period as read, and what was decided before."""
    if note and (fault := identity_fault(note, "/note")):
        raise InputInvalid([fault])
    first_day = _first_day(work.connection, work.contract_id, work.timeline, work.today)
    decided = periods.decisions(work.connection, work.contract_id)
    view = _view(kind, period_starting(kind, start, first_day), decided)
    work.require_version(view.version)
    return view, first_day, [one.decision for one in decided]


def _first_day(connection: Connection, contract_id: str, timeline: Timeline, today: date) -> date:
    """The contract's first day: its first terms take effect, or something was posted before."""
    posted = periods.first_entry_day(connection, contract_id)
    starts = [one.terms.effective_from for one in timeline.versions[:1]]
    return min([today, *starts, *([posted] if posted else [])])


def _view(kind: PeriodKind, period: Period, decided: Sequence[StoredDecision]) -> PeriodView:
    own = [one for one in decided if (one.decision.kind, one.decision.period) == (kind, period)]
    state = state_of(kind, period, [one.decision for one in own])
    return PeriodView(kind, period, state, tuple(own))


def _after(work: Work, view: PeriodView, number: int, level: CloseLevel) -> PeriodView:
    """The period as it stands once the decision is recorded."""
    decision = PeriodDecision(number, view.kind, view.period, level)
    made = StoredDecision(decision, work.today, work.actor, None, work.head.sequence + 1, work.now)
    return _view(view.kind, view.period, [*view.decisions, made])


def _row(work: Work, number: int, view: PeriodView, level: CloseLevel, note: str | None) -> Row:
    return {
        "close_number": number,
        "kind": view.kind.value,
        "period_start": view.period.start,
        "period_end": view.period.end,
        "level": level.value,
        "decided_on": work.today,
        "note_digest": work.note(note),
    } | work.signed()

"""Rows of a file that could not be read: listed, left out with a reason, and taken back in."""

from dataclasses import replace

from app.domain.errors import NotPermitted, RuleRefused
from app.domain.reconciliation import IgnoreReason, LineKey, LineState
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.line_decisions import left_out_row, require_note
from app.storage import import_faults, journal
from app.storage.import_faults import StoredFault


def ignore_fault(
    context: Context,
    command: Command,
    key: LineKey,
    *,
    reason: IgnoreReason,
    note: str | None = None,
) -> Done[StoredFault]:
    """Leave out what could not be read, with a reason: a total row, or a row imported elsewhere.

    The party whose file it is acts. Until then it counts as unknown on the reconciliation page.
    Raises NotFound `fault-unknown`, NotPermitted, RuleRefused `line-decided`.
    """

    def decide(work: Work) -> Change[StoredFault]:
        require_note(reason, note)
        stored = _own(work, key)
        if stored.state is LineState.IGNORED:
            raise RuleRefused("line-decided", "It is left out already.")
        rows = {"fault_decisions": [left_out_row(work, key, reason, note)]}
        changed = replace(
            stored,
            state=LineState.IGNORED,
            ignored_because=reason,
            sequence=work.head.sequence + 1,
        )
        return Change("fault_ignored", work.today, rows, changed)

    return run(context, command, decide)


def take_fault_back(
    context: Context, command: Command, key: LineKey, *, note: str | None = None
) -> Done[StoredFault]:
    """Take what was left out back in: it counts as unknown again."""

    def decide(work: Work) -> Change[StoredFault]:
        stored = _own(work, key)
        if stored.state is not LineState.IGNORED:
            raise RuleRefused("line-not-ignored", "It is not left out.")
        rows = {"fault_decisions": [left_out_row(work, key, None, note)]}
        changed = replace(
            stored, state=LineState.OPEN, ignored_because=None, sequence=work.head.sequence + 1
        )
        return Change("fault_taken_back", work.today, rows, changed)

    return run(context, command, decide)


def list_faults(
    context: Context,
    contract_id: str,
    state: LineState | None = None,
    after: LineKey = LineKey(0, 0),  # noqa: B008 - a frozen value
    limit: int = 50,
) -> list[StoredFault]:
    """What could not be read, in the order of the files."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return import_faults.page(
            uow.connection, contract_id, state=state, after=after, limit=limit
        )


def _own(work: Work, key: LineKey) -> StoredFault:
    stored = import_faults.one(work.connection, work.contract_id, key)
    if stored.party != work.actor.party:
        raise NotPermitted("party-not-permitted", "Only the party whose file it is decides that.")
    return stored

"""Leaving an imported line out with a reason, and taking it back in."""

from dataclasses import replace
from typing import Any

from app.domain.bank import Classification
from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.pseudonym import identity_fault
from app.domain.reconciliation import IgnoreReason, LineKey, LineState, MatchState
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.storage import import_lines
from app.storage.import_lines import StoredLine

_Rows = dict[str, list[dict[str, Any]]]


def ignore_line(
    context: Context,
    command: Command,
    key: LineKey,
    *,
    reason: IgnoreReason,
    note: str | None = None,
) -> Done[StoredLine]:
    """Leave a line out with a reason: it is no payment of this contract. It stays in the record.

    The party whose file it is acts. A line of an accepted match is not ignored; a proposal for it
    gives way.
    """

    def decide(work: Work) -> Change[StoredLine]:
        require_note(reason, note)
        stored = _own_line(work, key)
        if stored.state not in {LineState.OPEN, LineState.PROPOSED}:
            raise RuleRefused(
                "line-decided", f"The line is {stored.state.value}; it cannot be ignored."
            )
        rows: _Rows = {"line_decisions": [left_out_row(work, key, reason, note)]}
        if stored.match_id is not None:
            given_up = decision_row(work, stored.match_id, 1, MatchState.SUPERSEDED, None)
            rows["match_decisions"] = [given_up]
        ignored = replace(
            stored,
            classification=Classification.IGNORED,
            state=LineState.IGNORED,
            match_id=None,
            ignored_because=reason,
            reasons=(),
            sequence=work.head.sequence + 1,
        )
        return Change("line_ignored", work.today, rows, ignored)

    return run(context, command, decide)


def take_line_back(
    context: Context, command: Command, key: LineKey, *, note: str | None = None
) -> Done[StoredLine]:
    """Take an ignored line back in: it is open again."""

    def decide(work: Work) -> Change[StoredLine]:
        stored = _own_line(work, key)
        if stored.state is not LineState.IGNORED:
            raise RuleRefused(
                "line-not-ignored", f"The line is {stored.state.value}; it is not left out."
            )
        row = left_out_row(work, key, None, note)
        again = replace(
            stored,
            classification=Classification.UNKNOWN,
            state=LineState.OPEN,
            ignored_because=None,
            sequence=work.head.sequence + 1,
        )
        return Change("line_taken_back", work.today, {"line_decisions": [row]}, again)

    return run(context, command, decide)


def decision_row(
    work: Work, match_id: str, step: int, state: MatchState, note: str | None
) -> dict[str, Any]:
    """A decision on a match, with its note kept apart."""
    return {
        "match_id": match_id,
        "step": step,
        "decision": state.value,
        "decided_on": work.today,
        "note_digest": _noted(work, note),
    } | work.signed()


def require_note(reason: IgnoreReason, note: str | None) -> None:
    """Refuse the reason `other` without words; InputInvalid `missing-field`."""
    if reason is IgnoreReason.OTHER and not note:
        raise InputInvalid([Fault("missing-field", "/note", "Say why, in a note.")])


def left_out_row(
    work: Work, key: LineKey, reason: IgnoreReason | None, note: str | None
) -> dict[str, Any]:
    """That a place of a file is left out for a reason, or, without one, taken back in."""
    return {
        "import_number": key.import_number,
        "position": key.position,
        "decision": "taken_back" if reason is None else "ignored",
        "reason_code": None if reason is None else reason.value,
        "note_digest": _noted(work, note),
    } | work.signed()


def _own_line(work: Work, key: LineKey) -> StoredLine:
    stored = import_lines.one(work.connection, work.contract_id, key)
    if stored.party != work.actor.party:
        raise NotPermitted("party-not-permitted", "Only the party whose file it is decides that.")
    return stored


def _noted(work: Work, note: str | None) -> str | None:
    if note and (fault := identity_fault(note, "/note")):
        raise InputInvalid([fault])
    return work.note(note)

"""What people decide on a match: accept it, refuse it, or undo it once accepted."""

from dataclasses import dataclass

from app.domain.errors import RuleRefused
from app.domain.reconciliation import MatchState, PaymentEffect
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.line_decisions import decision_row
from app.service.match_acceptance import Acceptance, others_of, require_party
from app.service.match_postings import Books
from app.storage import import_lines, matches
from app.storage.matches import LinePayment, StoredMatch


@dataclass(frozen=True, slots=True)
class Decided:
    """A match after a decision, and the payments that the decision recorded or confirmed."""

    match_id: str
    state: MatchState
    payments: tuple[LinePayment, ...]


def accept_match(
    context: Context, command: Command, match_id: str, *, note: str | None = None
) -> Done[Decided]:
    """Accept a match: the payments it stands for are recorded and posted, or confirmed.

    Each line set against documents becomes a payment on the day it was booked, allocated as the
    match says; what is left over stays on account. A line that shows a payment already recorded
    confirms it. A line that gives a payment back becomes a return. A party of the match accepts:
    whose account it is, or who paid or was paid. What is no longer open refuses the whole match.
    """

    def decide(work: Work) -> Change[Decided]:
        match = _undecided(work, match_id)
        lines = import_lines.several(work.connection, work.contract_id, match.lines)
        acceptance = Acceptance(work, match.party, match.source, match.allocations)
        decided = decision_row(work, match_id, 1, MatchState.ACCEPTED, note)
        done = acceptance.accept(match, lines, decided)
        answer = Decided(match_id, MatchState.ACCEPTED, done.paid)
        return Change("match_accepted", done.day, done.rows, answer)

    return run(context, command, decide)


def refuse_match(
    context: Context, command: Command, match_id: str, *, note: str | None = None
) -> Done[Decided]:
    """Refuse a match: its lines are open again, and the same match is not proposed again."""

    def decide(work: Work) -> Change[Decided]:
        match = _undecided(work, match_id)
        require_party(work, {match.party, *others_of(work, match)})
        rows = {"match_decisions": [decision_row(work, match_id, 1, MatchState.REFUSED, note)]}
        answer = Decided(match_id, MatchState.REFUSED, ())
        return Change("match_refused", work.today, rows, answer)

    return run(context, command, decide)


def undo_match(
    context: Context, command: Command, match_id: str, *, note: str | None = None
) -> Done[Decided]:
    """Undo an accepted match: what it recorded is reversed by linked entries, nothing is edited.

    The lines are open again. A payment that another account's line confirms, or of which money has
    come back, is not undone before that is.
    """

    def decide(work: Work) -> Change[Decided]:
        match = matches.get(work.connection, work.contract_id, match_id)
        work.require_version(match.version)
        if match.state is not MatchState.ACCEPTED:
            raise RuleRefused(
                "match-not-accepted",
                f"The match is {match.state.value}; only an accepted match can be undone.",
            )
        require_party(work, {match.party, *others_of(work, match)})
        made = [one for one in match.payments if one.effect is PaymentEffect.RECORDED]
        ids = [one.payment_id for one in made]
        in_use = matches.accepted_of(work.connection, work.contract_id, ids)
        if any(other != match_id for _, other in in_use):
            raise RuleRefused(
                "payment-confirmed",
                "A line of another file confirms a payment that this match recorded. Undo that "
                "match first.",
            )
        books = Books(work)
        paid = tuple(
            LinePayment(one.line, books.undo(one.payment_id), one.effect, one.amount)
            for one in made
        )
        decided = [decision_row(work, match_id, 2, MatchState.UNDONE, note)]
        rows = books.take_rows() | {"match_decisions": decided}
        answer = Decided(match_id, MatchState.UNDONE, paid)
        return Change("match_undone", work.today, rows, answer)

    return run(context, command, decide)


def _undecided(work: Work, match_id: str) -> StoredMatch:
    match = matches.get(work.connection, work.contract_id, match_id)
    work.require_version(match.version)
    if match.state is not MatchState.PROPOSED:
        raise RuleRefused(
            "match-decided", f"The match is {match.state.value}; it has been decided on already."
        )
    return match

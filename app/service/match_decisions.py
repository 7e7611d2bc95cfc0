"""What people decide on a match: accept it, refuse it, or undo it once accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.bank import Direction
from app.domain.errors import NotPermitted, RuleRefused
from app.domain.money import Money, total
from app.domain.payment import PaymentAllocation
from app.domain.reconciliation import (
    LineState,
    MatchState,
    PaymentEffect,
)
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.line_decisions import decision_row
from app.service.match_postings import Books
from app.storage import import_lines, matches, payments
from app.storage.import_lines import StoredLine
from app.storage.matches import LineAllocation, LinePayment, StoredMatch
from app.storage.open_items import (
    CAME_BACK,
    EXCESS,
    ON_ACCOUNT,
    PAYMENT,
    RETURN,
    undone_payments,
)

_LINE = "line:"

_Rows = dict[str, list[dict[str, Any]]]


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
        for one in lines:
            if one.state is not LineState.PROPOSED or one.match_id != match_id:
                raise _outdated()
        accepting = _Accepting(work, match)
        paid = [item for one in lines for item in accepting.take(one)]
        _require_party(work, accepting.parties)
        day = max(one.line.booked_on for one in lines)
        rows = accepting.books.rows() | {
            "match_decisions": [decision_row(work, match_id, 1, MatchState.ACCEPTED, note)],
            "line_payments": [_payment_row(match_id, item) for item in paid],
        }
        answer = Decided(match_id, MatchState.ACCEPTED, tuple(paid))
        return Change("match_accepted", day, rows, answer)

    return run(context, command, decide)


def refuse_match(
    context: Context, command: Command, match_id: str, *, note: str | None = None
) -> Done[Decided]:
    """Refuse a match: its lines are open again, and the same match is not proposed again."""

    def decide(work: Work) -> Change[Decided]:
        match = _undecided(work, match_id)
        _require_party(work, {match.party, *_others(work, match)})
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
        _require_party(work, {match.party, *_others(work, match)})
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
        rows = books.rows() | {"match_decisions": decided}
        answer = Decided(match_id, MatchState.UNDONE, paid)
        return Change("match_undone", work.today, rows, answer)

    return run(context, command, decide)


class _Accepting:
    """Turns a match's allocations into payments, returns and confirmations, line by line."""

    def __init__(self, work: Work, match: StoredMatch) -> None:
        self.books = Books(work)
        self.parties = {match.party}
        self._work = work
        self._match = match
        self._shown = matches.confirmed(
            work.connection, work.contract_id, match.party, match.source
        )
        self._undone = undone_payments(work.connection, work.contract_id)

    def take(self, stored: StoredLine) -> list[LinePayment]:
        """What one line pays, confirms and gives back."""
        mine = [one for one in self._match.allocations if one.line == stored.key]
        currency = stored.line.amount.currency
        left = stored.line.amount - total((one.amount for one in mine), currency)
        paid: list[LinePayment] = []
        documents: list[LineAllocation] = []
        others: set[str] = set()
        for one in mine:
            kind, _, payment_id = one.item_id.partition(":")  # or the party, on account
            if f"{kind}:" in {PAYMENT, CAME_BACK}:
                others.add(self._confirm(stored, payment_id, one.amount))
                paid.append(
                    LinePayment(stored.key, payment_id, PaymentEffect.CONFIRMED, one.amount)
                )
            elif f"{kind}:" in {RETURN, EXCESS, _LINE}:
                if left:
                    raise RuleRefused(
                        "return-exceeds-payment",
                        "The line gives back more than the payment; match it by hand.",
                    )
                paid.append(self._give_back(stored, one))
            elif f"{kind}:" == ON_ACCOUNT:
                others.add(payment_id)
                left = left + one.amount
            else:
                documents.append(one)
        if documents or left:
            paid.append(self._pay(stored, documents, left, others))
        return paid

    def _pay(
        self,
        stored: StoredLine,
        documents: Sequence[LineAllocation],
        left: Money,
        others: set[str],
    ) -> LinePayment:
        mine = self._match.party
        for one in documents:
            found = self.books.document(one.item_id)
            others |= {found.debtor, found.creditor} - {mine}
            if mine not in {found.debtor, found.creditor}:
                raise RuleRefused(
                    "document-of-others", "A document of the match is not of this account's party."
                )
        if len(others) != 1:
            raise RuleRefused(
                "several-counterparties",
                "The line would be of several other parties; match it to those of one.",
            )
        (other,) = others
        self.parties.add(other)
        is_out = stored.line.direction is Direction.OUT
        payer, payee = (mine, other) if is_out else (other, mine)
        pays_back = self.books.pays_back(payer, payee)
        allocations = [
            PaymentAllocation(one.item_id, -one.amount if pays_back else one.amount)
            for one in documents
        ]
        amount = left + total((one.amount for one in documents), left.currency)
        payment_id = self.books.pay(
            payer, payee, amount, stored.line.booked_on, stored.line.references, allocations
        )
        return LinePayment(stored.key, payment_id, PaymentEffect.RECORDED, amount)

    def _confirm(self, stored: StoredLine, payment_id: str, amount: Money) -> str:
        """Check that a payment waits for this line; answers who is on its other side."""
        payment = payments.one(self._work.connection, self._work.contract_id, payment_id).payment
        mine = self._match.party
        is_out = stored.line.direction is Direction.OUT
        if mine != (payment.payer if is_out else payment.payee):
            raise RuleRefused(
                "payment-of-others", "The payment is not one of this account in this direction."
            )
        waiting = payment.amount.minor - self._shown.get(payment_id, 0)
        if payment_id in self._undone or amount.minor > waiting:
            raise _outdated()
        self._shown[payment_id] = self._shown.get(payment_id, 0) + amount.minor
        other = payment.payee if is_out else payment.payer
        self.parties.add(other)
        return other

    def _give_back(self, stored: StoredLine, one: LineAllocation) -> LinePayment:
        kind, _, name = one.item_id.partition(":")
        payment_id: str | None = name
        work, mine = self._work, self._match.party
        if f"{kind}:" == _LINE:
            payment_id = matches.payment_of_line(
                work.connection, work.contract_id, mine, self._match.source, name
            )
        if payment_id is None:
            raise RuleRefused(
                "match-of-payment-first",
                "The line gives back what another line of the account paid. Accept the match of "
                "that line first.",
            )
        original = payments.one(work.connection, work.contract_id, payment_id).payment
        is_out = stored.line.direction is Direction.OUT
        if payment_id in self._undone or mine != (original.payee if is_out else original.payer):
            raise _outdated()
        self.parties |= {original.payer, original.payee}
        returned = self.books.give_back(
            payment_id, one.amount, stored.line.booked_on, stored.line.references
        )
        return LinePayment(stored.key, returned, PaymentEffect.RECORDED, one.amount)


def _undecided(work: Work, match_id: str) -> StoredMatch:
    match = matches.get(work.connection, work.contract_id, match_id)
    work.require_version(match.version)
    if match.state is not MatchState.PROPOSED:
        raise RuleRefused(
            "match-decided", f"The match is {match.state.value}; it has been decided on already."
        )
    return match


def _others(work: Work, match: StoredMatch) -> set[str]:
    """Who is on the other side of the documents and payments of a match."""
    books, found = Books(work), set[str]()
    for one in match.allocations:
        kind, _, name = one.item_id.partition(":")
        if f"{kind}:" in {PAYMENT, CAME_BACK, RETURN, EXCESS}:
            payment = payments.one(work.connection, work.contract_id, name).payment
            found |= {payment.payer, payment.payee}
        elif f"{kind}:" == ON_ACCOUNT:
            found.add(name)
        elif f"{kind}:" != _LINE:
            shown = books.document(one.item_id)
            found |= {shown.debtor, shown.creditor}
    return found


def _require_party(work: Work, parties: set[str]) -> None:
    if work.actor.party not in parties:
        raise NotPermitted(
            "party-not-permitted",
            "Only the party whose account it is, or the one on the other side, decides on a match.",
        )


def _outdated() -> RuleRefused:
    return RuleRefused(
        "match-outdated",
        "What the match rests on has changed since it was proposed. Propose matches again.",
    )


def _payment_row(match_id: str, paid: LinePayment) -> dict[str, Any]:
    return {
        "match_id": match_id,
        "import_number": paid.line.import_number,
        "position": paid.line.position,
        "payment_id": paid.payment_id,
        "effect": paid.effect.value,
        "amount_minor": paid.amount.minor,
        "currency": paid.amount.currency,
    }

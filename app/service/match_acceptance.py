"""What accepting matches of one account does: payments recorded, confirmed and given back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.bank import Direction
from app.domain.errors import NotPermitted, RuleRefused
from app.domain.money import Money, total
from app.domain.payment import PaymentAllocation
from app.domain.reconciliation import LineKey, LineState, PaymentEffect
from app.service.command import Work
from app.service.match_postings import Books
from app.storage import imports, matches
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

LINE = "line:"
"""A line of the same account, for money that gives back what that line paid."""

_KNOWN_PAYMENTS = {PAYMENT, CAME_BACK, RETURN, EXCESS}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting one match amounts to: its payments, its day, and the rows that record it."""

    match_id: str
    paid: tuple[LinePayment, ...]
    day: date
    rows: dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class _Match:
    """A match at work: what it sets against what, and who is on either side of it."""

    allocations: Sequence[LineAllocation]
    parties: set[str]


@dataclass(slots=True)
class _Lines:
    """Payments behind lines of the account, by the lines' identity: the largest of each."""

    of: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, identity: str, paid: LinePayment) -> None:
        """Keep a payment if the line has no larger one."""
        if identity not in self.of or paid.amount.minor > self.of[identity][0]:
            self.of[identity] = (paid.amount.minor, paid.payment_id)


class Acceptance:
    """Turns matches of one account's lines into payments, one match after the other.

    Each sees what those before it did. All that they rest on is read at once, however many they
    are.
    """

    def __init__(
        self, work: Work, party: str, source: str, allocations: Iterable[LineAllocation]
    ) -> None:
        self._work, self._party = work, party
        connection, contract_id = work.connection, work.contract_id
        sources = imports.sources_of_its_banks(connection, contract_id, party, source)
        self._shown = matches.confirmed(connection, contract_id, party, sources)
        self._undone = undone_payments(connection, contract_id)
        named = {LINE: set[str](), ON_ACCOUNT: set[str]()}
        documents, known = set[str](), set[str]()
        for one in allocations:
            kind, _, name = one.item_id.partition(":")
            if f"{kind}:" in _KNOWN_PAYMENTS:
                known.add(name)
            else:
                named.get(f"{kind}:", documents).add(name if f"{kind}:" in named else one.item_id)
        self._paid_by = matches.payments_of_lines(
            connection, contract_id, party, sources, named[LINE]
        )
        self._of_lines = _Lines()
        self._books = Books(work)
        self._books.look_up(documents, known | set(self._paid_by.values()))

    def accept(
        self, match: StoredMatch, lines: Sequence[StoredLine], decision: Mapping[str, Any]
    ) -> Accepted:
        """What accepting a match records, if the acting party is a party of it.

        Raises RuleRefused `match-outdated` where a line is no longer the match's, and all that is
        refused of its payments; NotPermitted `party-not-permitted`.
        """
        if any(
            one.state is not LineState.PROPOSED or one.match_id != match.match_id for one in lines
        ):
            raise outdated()
        paid = self.take(match.allocations, lines)
        rows = self._books.take_rows() | {
            "match_decisions": [dict(decision)],
            "line_payments": [_payment_row(match.match_id, item) for item in paid],
        }
        day = max(one.line.booked_on for one in lines)
        return Accepted(match.match_id, tuple(paid), day, rows)

    def take(
        self, allocations: Sequence[LineAllocation], lines: Sequence[StoredLine]
    ) -> list[LinePayment]:
        """What the lines of a match pay, confirm and give back; refuses what does not go."""
        match = _Match(allocations, {self._party})
        paid = [item for one in lines for item in self._line(match, one)]
        require_party(self._work, match.parties)
        return paid

    def _line(self, match: _Match, stored: StoredLine) -> list[LinePayment]:
        mine = [one for one in match.allocations if one.line == stored.key]
        currency = stored.line.amount.currency
        left = stored.line.amount - total((one.amount for one in mine), currency)
        paid: list[LinePayment] = []
        documents: list[LineAllocation] = []
        others: set[str] = set()
        for one in mine:
            kind, _, name = one.item_id.partition(":")  # of a payment, or the party, on account
            if f"{kind}:" in {PAYMENT, CAME_BACK}:
                others.add(self._confirm(match, stored, name, one.amount))
                paid.append(LinePayment(stored.key, name, PaymentEffect.CONFIRMED, one.amount))
            elif f"{kind}:" in {RETURN, EXCESS, LINE}:
                if left:
                    raise RuleRefused(
                        "return-exceeds-payment",
                        "The line gives back more than the payment; match it by hand.",
                    )
                paid.append(self._give_back(match, stored, one))
            elif f"{kind}:" == ON_ACCOUNT:
                others.add(name)
                left = left + one.amount
            else:
                documents.append(one)
        if documents or left:
            paid.append(self._pay(match, stored, documents, left, others))
        for item in paid:
            self._of_lines.note(stored.line.identity, item)
        return paid

    def _pay(
        self,
        match: _Match,
        stored: StoredLine,
        documents: Sequence[LineAllocation],
        left: Money,
        others: set[str],
    ) -> LinePayment:
        mine = self._party
        for one in documents:
            found = self._books.document(one.item_id)
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
        match.parties.add(other)
        is_out = stored.line.direction is Direction.OUT
        payer, payee = (mine, other) if is_out else (other, mine)
        pays_back = self._books.pays_back(payer, payee)
        allocations = [
            PaymentAllocation(one.item_id, -one.amount if pays_back else one.amount)
            for one in documents
        ]
        amount = left + total((one.amount for one in documents), left.currency)
        payment_id = self._books.pay(
            payer, payee, amount, stored.line.booked_on, stored.line.references, allocations
        )
        return LinePayment(stored.key, payment_id, PaymentEffect.RECORDED, amount)

    def _confirm(self, match: _Match, stored: StoredLine, payment_id: str, amount: Money) -> str:
        """Check that a payment waits for this line; answers who is on its other side."""
        payment = self._books.payment(payment_id)
        mine = self._party
        is_out = stored.line.direction is Direction.OUT
        if mine != (payment.payer if is_out else payment.payee):
            raise RuleRefused(
                "payment-of-others", "The payment is not one of this account in this direction."
            )
        waiting = payment.amount.minor - self._shown.get(payment_id, 0)
        if payment_id in self._undone or amount.minor > waiting:
            raise outdated()
        self._shown[payment_id] = self._shown.get(payment_id, 0) + amount.minor
        other = payment.payee if is_out else payment.payer
        match.parties.add(other)
        return other

    def _give_back(self, match: _Match, stored: StoredLine, one: LineAllocation) -> LinePayment:
        kind, _, name = one.item_id.partition(":")
        payment_id: str | None = name
        if f"{kind}:" == LINE:
            _, payment_id = self._of_lines.of.get(name, (0, self._paid_by.get(name)))
        if payment_id is None:
            raise RuleRefused(
                "match-of-payment-first",
                "The line gives back what another line of the account paid. Accept the match of "
                "that line first.",
            )
        original = self._books.payment(payment_id)
        is_out = stored.line.direction is Direction.OUT
        if payment_id in self._undone or self._party != (
            original.payee if is_out else original.payer
        ):
            raise outdated()
        match.parties |= {original.payer, original.payee}
        returned = self._books.give_back(
            payment_id, one.amount, stored.line.booked_on, stored.line.references
        )
        return LinePayment(stored.key, returned, PaymentEffect.RECORDED, one.amount)


def gives_back_a_line(match: StoredMatch) -> bool:
    """Whether a match rests on the payment of another line, so that it is accepted after that."""
    return any(one.item_id.startswith(LINE) for one in match.allocations)


def keys_of(found: Iterable[StoredMatch]) -> list[LineKey]:
    """The lines of some matches, in order."""
    return [key for match in found for key in match.lines]


def others_of(work: Work, match: StoredMatch) -> set[str]:
    """Who is on the other side of the documents and payments of a match."""
    books, found = Books(work), set[str]()
    for one in match.allocations:
        kind, _, name = one.item_id.partition(":")
        if f"{kind}:" in _KNOWN_PAYMENTS:
            payment = books.payment(name)
            found |= {payment.payer, payment.payee}
        elif f"{kind}:" == ON_ACCOUNT:
            found.add(name)
        elif f"{kind}:" != LINE:
            shown = books.document(one.item_id)
            found |= {shown.debtor, shown.creditor}
    return found


def require_party(work: Work, parties: set[str]) -> None:
    """Refuse anybody who is on neither side of a match; NotPermitted `party-not-permitted`."""
    if work.actor.party not in parties:
        raise NotPermitted(
            "party-not-permitted",
            "Only the party whose account it is, or the one on the other side, decides on a match.",
        )


def outdated() -> RuleRefused:
    """The refusal of a match that no longer fits what is recorded."""
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

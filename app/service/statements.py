"""Statements: one party's book over a period, on both time axes, beside its counterparties'."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.domain.claim import Claim
from app.domain.errors import NotFound
from app.domain.ledger import Account
from app.domain.money import Money
from app.domain.period import Period
from app.domain.sight import Sight
from app.domain.statement import (
    AccountMovement,
    MirrorLine,
    Statement,
    StatementClaim,
    StatementLine,
)
from app.payments.balances import Balance
from app.payments.claims import claim_totals
from app.payments.suppression import shown_counts
from app.service.context import Context
from app.storage import claims, contracts, journal, ledger, periods
from app.storage.engine import Connection
from app.storage.ledger import StoredEntry


def statement(
    context: Context,
    contract_id: str,
    party: str,
    period: Period,
    known_at: datetime | None = None,
) -> Statement:
    """A party's statement for a period (effective dates), as known at an instant (default: now).

    Opening + debits - credits = closing on every account; NotFound `book-unknown` if the party
    has no book. A reader who may see nobody is told no count of outcomes below 5.
    """
    with context.reading(contract_id) as uow:
        sight, connection = uow.scope.sight, uow.connection
        journal.head(connection, contract_id)
        chart = ledger.chart(connection, contract_id)
        own = [account for account in chart if account.book == party]
        if not own:
            books = ", ".join(sorted({account.book for account in chart})) or "none yet"
            raise NotFound("book-unknown", f"The ledger has no book {party}; it has {books}.")
        reading = _Reading(connection, contract_id, party, period, before=known_at)
        with uow.reckoning():
            found = reading.statement(own, known_at or context.clock())
    return found if sight is Sight.PERSON else _without_small_counts(found)


def statement_through(
    connection: Connection,
    contract_id: str,
    party: str,
    period: Period,
    sequence: int,
    known_at: datetime,
) -> Statement:
    """A party's statement as known through a journal record; the answer says `known_at`.

    A record's sequence is exact where several records share an instant, so a frozen statement is
    made, and made again, from it.
    """
    chart = periods.chart_through(connection, contract_id, sequence)
    own = [account for account in chart if account.book == party]
    reading = _Reading(connection, contract_id, party, period, through=sequence)
    return reading.statement(own, known_at)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a statement asks of the ledger: recorded before an instant, or through a record."""

    connection: Connection
    contract_id: str
    party: str
    period: Period
    before: datetime | None = None
    through: int | None = None

    def statement(self, own: list[Account], known_at: datetime) -> Statement:
        """The statement over a book's accounts."""
        timeline = contracts.timeline(self.connection, self.contract_id)
        currency = timeline.latest.terms.currency  # one for the contract's whole life
        period = self.period
        opening = self._balances(period.start - timedelta(days=1))
        closing = self._balances(period.end)
        within = (self.connection, self.contract_id, self.party, period.start, period.end)
        entries = ledger.entries_between(*within, self.before, self.through)
        later = ledger.entries_posted_later(*within, self.before, self.through)
        return Statement(
            self.contract_id,
            self.party,
            period,
            known_at,
            currency,
            tuple(_movement(account, opening, closing, currency) for account in own),
            _lines(entries, self.party),
            _mirrors(own, closing, currency),
            self._claims(currency),
            _lines(later, self.party),
        )

    def _balances(self, to_date: date) -> dict[str, Balance]:
        return ledger.balances(
            self.connection,
            self.contract_id,
            known_at=self.before,
            to_date=to_date,
            through=self.through,
        )

    def _claims(self, currency: str) -> tuple[StatementClaim, ...]:
        connection, contract_id = self.connection, self.contract_id
        numbers = periods.claims_posted(
            connection, contract_id, self.period, self.before, self.through
        )
        found = [claims.get(connection, contract_id, number) for number in numbers]
        lines = claims.lines(connection, contract_id, numbers)
        return tuple(
            _claim(
                Claim(
                    stored.claim_number,
                    stored.period,
                    stored.supplementary,
                    stored.terms_version,
                    tuple(lines[stored.claim_number]),
                ),
                stored.decided_on,
                currency,
            )
            for stored in found
            if stored.decided_on is not None
        )


def _movement(
    account: Account,
    opening: Mapping[str, Balance],
    closing: Mapping[str, Balance],
    currency: str,
) -> AccountMovement:
    nothing = Balance(account.name, Money(0, currency), Money(0, currency))
    start = opening.get(account.name, nothing)
    end = closing.get(account.name, nothing)
    return AccountMovement(
        account.name, start.net, end.debits - start.debits, end.credits - start.credits, end.net
    )


def _lines(entries: list[StoredEntry], party: str) -> tuple[StatementLine, ...]:
    own = [
        (stored, posting)
        for stored in entries
        for posting in stored.entry.postings
        if posting.debit.split("/", 1)[0] == party
    ]
    return tuple(
        StatementLine(
            number,
            stored.entry.entry_number,
            stored.entry.effective_date,
            stored.recorded_at,
            stored.entry.kind.value,
            stored.entry.source,
            posting.debit,
            posting.credit,
            posting.amount,
            stored.late,
        )
        for number, (stored, posting) in enumerate(own, 1)
    )


def _mirrors(
    own: list[Account], closing: Mapping[str, Balance], currency: str
) -> tuple[MirrorLine, ...]:
    nothing = Money(0, currency)

    def net(name: str) -> Money:
        return closing[name].net if name in closing else nothing

    return tuple(
        MirrorLine(account.name, net(account.name), account.mirror, net(account.mirror))
        for account in own
        if account.mirror is not None
    )


def _without_small_counts(found: Statement) -> Statement:
    return replace(
        found,
        claims=tuple(
            replace(
                claim,
                by_metric=tuple(
                    (metric, shown, amount)
                    for (metric, _, amount), shown in zip(
                        claim.by_metric,
                        shown_counts([count or 0 for _, count, _ in claim.by_metric]),
                        strict=True,
                    )
                ),
            )
            for claim in found.claims
        ),
    )


def _claim(claim: Claim, approved_on: date, currency: str) -> StatementClaim:
    totals = claim_totals(claim.lines, currency)
    return StatementClaim(
        claim.claim_number,
        claim.period,
        approved_on,
        totals.gross,
        totals.capped,
        totals.payable,
        tuple((share.payer, share.amount) for share in totals.by_payer),
        tuple((item.metric, item.count, item.payable) for item in totals.by_metric),
    )

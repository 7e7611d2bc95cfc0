"""Statements: one party's book over a period, on both time axes, beside its counterparties'."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from app.domain.claim import Claim
from app.domain.errors import NotFound
from app.domain.ledger import Account
from app.domain.money import Money
from app.domain.period import Period
from app.domain.statement import (
    AccountMovement,
    MirrorLine,
    Statement,
    StatementClaim,
    StatementLine,
)
from app.payments.balances import Balance
from app.payments.claims import claim_totals
from app.service.context import Context
from app.storage import claims, contracts, journal, ledger
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
    has no book.
    """
    with context.reading() as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        chart = ledger.chart(connection, contract_id)
        own = [account for account in chart if account.book == party]
        if not own:
            books = ", ".join(sorted({account.book for account in chart})) or "none yet"
            raise NotFound("book-unknown", f"The ledger has no book {party}; it has {books}.")
        timeline = contracts.timeline(connection, contract_id)
        currency = timeline.latest.terms.currency
        before = period.start - timedelta(days=1)
        opening = ledger.balances(connection, contract_id, known_at=known_at, to_date=before)
        closing = ledger.balances(connection, contract_id, known_at=known_at, to_date=period.end)
        entries = ledger.entries_between(
            connection, contract_id, party, period.start, period.end, known_at
        )
        approved = _claims(connection, contract_id, period, known_at, currency)
    return Statement(
        contract_id,
        party,
        period,
        known_at or context.clock(),
        currency,
        tuple(_movement(account, opening, closing, currency) for account in own),
        _lines(entries, party),
        _mirrors(own, closing, currency),
        approved,
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
    return tuple(
        StatementLine(
            stored.entry.entry_number,
            stored.entry.effective_date,
            stored.recorded_at,
            stored.entry.kind.value,
            stored.entry.source,
            posting.debit,
            posting.credit,
            posting.amount,
        )
        for stored in entries
        for posting in stored.entry.postings
        if posting.debit.split("/", 1)[0] == party
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


def _claims(
    connection: Connection,
    contract_id: str,
    period: Period,
    known_at: datetime | None,
    currency: str,
) -> tuple[StatementClaim, ...]:
    found = claims.approved_between(connection, contract_id, period.start, period.end, known_at)
    lines = claims.lines(connection, contract_id, [stored.claim_number for stored in found])
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

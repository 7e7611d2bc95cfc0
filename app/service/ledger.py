"""The ledger: payments recorded, entries read, balances on two time axes."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.errors import NotFound
from app.domain.ledger import Account
from app.domain.money import Money
from app.payments.balances import (
    Balance,
    MirrorDifference,
    TrialBalance,
    mirror_differences,
    trial_balances,
)
from app.service.context import Context
from app.storage import contracts, journal, ledger
from app.storage.ledger import StoredEntry


@dataclass(frozen=True, slots=True)
class Balances:
    """Balances of a contract's accounts, as known at an instant and effective to a day.

    Every account of the chart is listed, also those nobody has posted to yet.
    """

    known_at: datetime
    effective_to: date | None
    currency: str
    accounts: tuple[tuple[Account, Balance], ...]
    trial_balances: tuple[TrialBalance, ...]
    mirror_differences: tuple[MirrorDifference, ...]


def list_entries(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[StoredEntry]:
    """Ledger entries in order of their numbers."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return ledger.entry_page(uow.connection, contract_id, after, limit)


def get_entry(
    context: Context, contract_id: str, entry_number: int
) -> tuple[StoredEntry, tuple[int, ...]]:
    """One entry, and the numbers of the entries that reverse it, whole or in part."""
    with context.reading(contract_id) as uow:
        found = ledger.entry(uow.connection, contract_id, entry_number)
        reversals = ledger.reversals_of(uow.connection, contract_id, entry_number)
        return found, tuple(one.entry_number for one in reversals)


def balances(
    context: Context,
    contract_id: str,
    known_at: datetime | None = None,
    effective_to: date | None = None,
) -> Balances:
    """Every account's balance, each book's trial balance, and mirrors that differ (none)."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        timeline = contracts.timeline(uow.connection, contract_id)
        currency = timeline.latest.terms.currency if timeline.versions else "GBP"
        chart = ledger.chart(uow.connection, contract_id)
        folded = ledger.balances(
            uow.connection, contract_id, known_at=known_at, to_date=effective_to
        )
    nothing = Money(0, currency)
    listed = tuple(
        (account, folded.get(account.name) or Balance(account.name, nothing, nothing))
        for account in chart
    )
    return Balances(
        known_at or context.clock(),
        effective_to,
        currency,
        listed,
        trial_balances({account.name: balance for account, balance in listed}, currency),
        mirror_differences(folded, chart, currency),
    )


def trial_balance(
    context: Context,
    contract_id: str,
    book: str,
    known_at: datetime | None = None,
    effective_to: date | None = None,
) -> TrialBalance:
    """One party's trial balance; NotFound `book-unknown` if the party has no book."""
    found = balances(context, contract_id, known_at, effective_to)
    for one in found.trial_balances:
        if one.book == book:
            return one
    raise NotFound(
        "book-unknown",
        f"The ledger has no book {book}; it has "
        f"{', '.join(one.book for one in found.trial_balances) or 'none yet'}.",
    )

"""Accounts, entries and postings; balances on two time axes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Select,
    any_,
    bindparam,
    exists,
    func,
    literal,
    select,
    union_all,
)

from app.domain.errors import NotFound
from app.domain.ledger import Account, AccountType, Entry, EntryKind, Posting
from app.domain.money import Money
from app.domain.period_close import LatePosting, PeriodState
from app.payments.balances import Balance
from app.storage import periods
from app.storage.prepared import Built, Prepared
from app.storage.tables import accounts, entries, late_postings, postings

_CHART = Prepared(
    select(accounts)
    .where(accounts.c.contract_id == bindparam("contract"))
    .order_by(accounts.c.name)
)
_LAST_NUMBER = Prepared(
    select(func.max(entries.c.entry_number).label("number")).where(
        entries.c.contract_id == bindparam("contract")
    )
)
_OF_ENTRIES = Prepared(
    select(postings)
    .where(
        postings.c.contract_id == bindparam("contract"),
        postings.c.entry_number == any_(bindparam("entries", type_=ARRAY(BigInteger))),
    )
    .order_by(postings.c.entry_number, postings.c.posting_number)
)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with the journal record that made it and when it was recorded.

    `late` where it was posted after the close of the period to which it belongs.
    """

    entry: Entry
    sequence: int
    recorded_at: datetime
    late: LatePosting | None = None


def chart(connection: Connection, contract_id: str) -> tuple[Account, ...]:
    """Every account of the contract, by name."""
    rows = _CHART.all(connection, contract=contract_id)
    return tuple(Account(row.name, AccountType(row.type), row.mirror) for row in rows)


def next_entry_number(connection: Connection, contract_id: str) -> int:
    """The number that the contract's next entry gets; numbers have no gaps."""
    (last,) = _LAST_NUMBER.all(connection, contract=contract_id)
    return (last.number or 0) + 1


def entry(connection: Connection, contract_id: str, entry_number: int) -> StoredEntry:
    """One entry; NotFound `entry-unknown` otherwise."""
    found = _load(
        connection,
        contract_id,
        select(entries).where(
            entries.c.contract_id == contract_id, entries.c.entry_number == entry_number
        ),
    )
    if not found:
        raise NotFound("entry-unknown", f"The ledger has no entry {entry_number}.")
    return found[0]


def entry_page(
    connection: Connection, contract_id: str, after: int = 0, limit: int | None = None
) -> list[StoredEntry]:
    """Entries in order of their numbers."""
    return _load(
        connection,
        contract_id,
        select(entries)
        .where(entries.c.contract_id == contract_id, entries.c.entry_number > after)
        .order_by(entries.c.entry_number)
        .limit(limit),
    )


def entries_between(
    connection: Connection,
    contract_id: str,
    book: str,
    from_date: date,
    to_date: date,
    known_at: datetime | None = None,
    through: int | None = None,
) -> list[StoredEntry]:
    """Entries that touch a book, effective within dates, by date.

    As known at an instant, or through a journal record.
    """
    query = _touching(contract_id, book, known_at, through).where(
        entries.c.effective_date.between(from_date, to_date)
    )
    return _load(connection, contract_id, query)


def entries_posted_later(
    connection: Connection,
    contract_id: str,
    book: str,
    from_date: date,
    to_date: date,
    known_at: datetime | None = None,
    through: int | None = None,
) -> list[StoredEntry]:
    """Entries that belong within dates and were posted after them, as a hard close asks, by date.

    As known at an instant, or through a journal record.
    """
    belongs = exists().where(
        late_postings.c.contract_id == contract_id,
        late_postings.c.entry_number == entries.c.entry_number,
        late_postings.c.level == PeriodState.HARD.value,
        late_postings.c.belongs_on.between(from_date, to_date),
    )
    query = _touching(contract_id, book, known_at, through).where(
        entries.c.effective_date > to_date, belongs
    )
    return _load(connection, contract_id, query)


def reversals_of(connection: Connection, contract_id: str, entry_number: int) -> list[Entry]:
    """The entries that reverse an entry, whole or in part, in order of their numbers."""
    found = _load(
        connection,
        contract_id,
        select(entries)
        .where(entries.c.contract_id == contract_id, entries.c.reverses == entry_number)
        .order_by(entries.c.entry_number),
    )
    return [stored.entry for stored in found]


def balances(
    connection: Connection,
    contract_id: str,
    *,
    known_at: datetime | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    prefix: str = "",
    through: int | None = None,
) -> dict[str, Balance]:
    """Debits and credits by account: as known at an instant, effective within dates.

    `prefix` limits to one book ("scc/") or one account; `through` to what was known at a journal
    record. Accounts without postings are absent.
    """
    rows = _balances.run(
        connection,
        {
            "contract_id": contract_id,
            "known_at": known_at,
            "from_date": from_date,
            "to_date": to_date,
            "prefix": prefix or None,
            "through": through,
        },
    )
    return {
        row.account: Balance(
            row.account,
            Money(int(row.debit_minor), row.currency),
            Money(int(row.credit_minor), row.currency),
        )
        for row in rows
    }


@Built
def _balances(
    contract_id: str,
    known_at: datetime | None,
    from_date: date | None,
    to_date: date | None,
    prefix: str | None,
    through: int | None,
) -> Select[Any]:
    limits = [postings.c.contract_id == contract_id]
    if known_at is not None:
        limits.append(postings.c.recorded_at < known_at)
    if through is not None:
        limits.append(postings.c.sequence <= through)
    if from_date is not None:
        limits.append(postings.c.effective_date >= from_date)
    if to_date is not None:
        limits.append(postings.c.effective_date <= to_date)
    sides = union_all(_side("debit", limits, prefix), _side("credit", limits, prefix)).subquery()
    return (
        select(
            sides.c.account,
            sides.c.currency,
            func.sum(sides.c.debit_minor).label("debit_minor"),
            func.sum(sides.c.credit_minor).label("credit_minor"),
        )
        .group_by(sides.c.account, sides.c.currency)
        .order_by(sides.c.account)
    )


def _side(side: str, limits: Sequence[Any], prefix: str | None) -> Select[Any]:
    account = postings.c[side]
    amount, nothing = func.sum(postings.c.amount_minor), literal(0)
    query = (
        select(
            account.label("account"),
            postings.c.currency,
            (amount if side == "debit" else nothing).label("debit_minor"),
            (amount if side == "credit" else nothing).label("credit_minor"),
        )
        .where(*limits)
        .group_by(account, postings.c.currency)
    )
    return query if prefix is None else query.where(func.starts_with(account, prefix))


def _touching(
    contract_id: str, book: str, known_at: datetime | None, through: int | None
) -> Select[Any]:
    """Entries that touch a book, as known at an instant or through a record, by date."""
    touches = exists().where(
        postings.c.contract_id == contract_id,
        postings.c.entry_number == entries.c.entry_number,
        postings.c.debit.startswith(f"{book}/", autoescape=True),
    )
    query = select(entries).where(entries.c.contract_id == contract_id, touches)
    if known_at is not None:
        query = query.where(entries.c.recorded_at < known_at)
    if through is not None:
        query = query.where(entries.c.sequence <= through)
    return query.order_by(entries.c.effective_date, entries.c.entry_number)


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredEntry]:
    rows = connection.execute(query).all()
    found = _with_postings(connection, contract_id, rows) if rows else []
    numbers = [stored.entry.entry_number for stored in found]
    late = periods.late_of(connection, contract_id, numbers) if numbers else {}
    return [replace(stored, late=late.get(stored.entry.entry_number)) for stored in found]


def _with_postings(
    connection: Connection, contract_id: str, rows: Sequence[Any]
) -> list[StoredEntry]:
    by_entry = _postings(connection, contract_id, [row.entry_number for row in rows])
    return [
        StoredEntry(
            Entry(
                row.entry_number,
                EntryKind(row.kind),
                row.source,
                row.effective_date,
                by_entry[row.entry_number],
                row.reverses,
            ),
            row.sequence,
            row.recorded_at,
        )
        for row in rows
    ]


def _postings(
    connection: Connection, contract_id: str, entry_numbers: Sequence[int]
) -> dict[int, tuple[Posting, ...]]:
    found: dict[int, list[Posting]] = {number: [] for number in entry_numbers}
    for row in _OF_ENTRIES.all(connection, contract=contract_id, entries=list(entry_numbers)):
        found[row.entry_number].append(_posting(row))
    return {number: tuple(listed) for number, listed in found.items()}


def _posting(row: Any) -> Posting:
    return Posting(row.debit, row.credit, Money(row.amount_minor, row.currency))

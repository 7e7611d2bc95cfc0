"""The ledger as files for accountants: amounts stand in a debit or in a credit column.

Each posting is two rows, so the two columns add up to the same in every book and in all.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from app.domain.errors import Fault, InputInvalid
from app.domain.ledger import Account
from app.domain.money import Money, total
from app.domain.period import Period
from app.domain.period_close import LatePosting
from app.domain.statement import Statement, StatementLine
from app.payments.balances import Balance
from app.service import days, ledger, statements
from app.service.context import Context
from app.service.listings.listing import (
    CURRENCY,
    Filter,
    Given,
    Listing,
    Row,
    amount,
    day,
    flag,
    in_pages,
    instant,
    number,
    text,
    whole,
)
from app.storage.ledger import StoredEntry

_ENTRIES = in_pages(ledger.list_entries, lambda one: one.entry.entry_number, 0)


def sides(debit: str, credit: str, of: Money) -> Iterator[tuple[str, Money | None, Money | None]]:
    """A posting's two rows: its account, with the amount as a debit or as a credit.

    6,701.50 owed for outcomes is 6,701.50 in the debit column of the expenditure's row and 6,701.50
    in the credit column of the payable's.
    """
    yield debit, of, None
    yield credit, None, of


def _belongs_on(late: LatePosting | None) -> date | None:
    """The day on which an entry belongs that was posted late; None for one posted in time."""
    return late.belongs_on if late else None


def _entry(stored: StoredEntry) -> Iterator[Row]:
    one = stored.entry
    currency = one.postings[0].amount.currency
    posted = total((posting.amount for posting in one.postings), currency)
    yield (
        one.entry_number,
        one.kind.value,
        one.source,
        one.effective_date,
        _belongs_on(stored.late),
        one.reverses,
        len(one.postings),
        posted,
        posted,
        currency,
        stored.sequence,
        stored.recorded_at,
    )


def _postings(stored: StoredEntry) -> Iterator[Row]:
    one = stored.entry
    for place, posting in enumerate(one.postings, 1):
        for account, debit, credit in sides(posting.debit, posting.credit, posting.amount):
            yield (
                one.entry_number,
                place,
                one.effective_date,
                _belongs_on(stored.late),
                one.kind.value,
                one.source,
                account.split("/", 1)[0],
                account,
                debit,
                credit,
                posting.amount.currency,
                stored.sequence,
                stored.recorded_at,
            )


def _balances(
    context: Context, contract_id: str, given: Given
) -> Iterable[tuple[Account, Balance]]:
    instant = days.known_at(context, contract_id, given.get(Filter.KNOWN_ON))
    found = ledger.balances(context, contract_id, instant, given.get(Filter.EFFECTIVE_TO))
    return found.accounts


def _balance(found: tuple[Account, Balance]) -> Iterator[Row]:
    account, balance = found
    net = balance.net
    nothing = Money(0, net.currency)
    yield (
        account.book,
        account.name,
        account.type.value,
        balance.debits,
        balance.credits,
        net if net.minor > 0 else nothing,
        -net if net.minor < 0 else nothing,
        net.currency,
        account.mirror,
    )


def _statement_lines(
    context: Context, contract_id: str, given: Given
) -> Iterator[tuple[Statement, StatementLine]]:
    start, end = given[Filter.FROM], given[Filter.TO]
    if end < start:
        message = "The period ends before it starts."
        raise InputInvalid([Fault("dates-out-of-order", "/to", message)])
    instant = days.known_at(context, contract_id, given.get(Filter.KNOWN_ON))
    period = Period(start, end)
    found = statements.statement(context, contract_id, given[Filter.PARTY], period, instant)
    for line in found.lines:
        yield found, line


def _statement_line(found: tuple[Statement, StatementLine]) -> Iterator[Row]:
    statement, line = found
    for account, debit, credit in sides(line.debit, line.credit, line.amount):
        yield (
            line.line_number,
            line.entry_number,
            line.effective_date,
            _belongs_on(line.late),
            statement.is_prior(line),
            line.kind,
            line.source,
            account,
            debit,
            credit,
            line.amount.currency,
            line.recorded_at,
        )


ENTRIES = Listing(
    "entries",
    "Ledger entries, with what each debits and credits over all books.",
    {"listEntries": ledger.list_entries},
    _ENTRIES,
    (
        number("entry_number"),
        text("kind"),
        text("source"),
        day("effective_date"),
        day("belongs_on"),
        number("reverses"),
        number("postings"),
        amount("debit"),
        amount("credit"),
        CURRENCY,
        number("sequence"),
        instant("recorded_at"),
    ),
    _entry,
)

POSTINGS = Listing(
    "postings",
    "Postings for accountants: two rows each, one in the debit column and one in the credit.",
    {"listEntries": ledger.list_entries},
    _ENTRIES,
    (
        number("entry_number"),
        number("posting_number"),
        day("effective_date"),
        day("belongs_on"),
        text("kind"),
        text("source"),
        text("book"),
        text("account"),
        amount("debit"),
        amount("credit"),
        CURRENCY,
        number("sequence"),
        instant("recorded_at"),
    ),
    _postings,
)

BALANCES = Listing(
    "balances",
    "Every account: its debits, its credits, and the balance in the column of its side.",
    {"getBalances": ledger.balances, "getTrialBalance": ledger.trial_balance},
    whole(_balances),
    (
        text("book"),
        text("account"),
        text("type"),
        amount("debits"),
        amount("credits"),
        amount("debit_balance"),
        amount("credit_balance"),
        CURRENCY,
        text("mirror"),
    ),
    _balance,
    filters=(Filter.KNOWN_ON, Filter.EFFECTIVE_TO),
)

STATEMENT_LINES = Listing(
    "statement-lines",
    "The movements of one party's statement: two rows for each posting, debit and credit. "
    "`prior_period`: it belongs in a closed period before this one.",
    {"getStatement": statements.statement},
    whole(_statement_lines),
    (
        number("line_number"),
        number("entry_number"),
        day("effective_date"),
        day("belongs_on"),
        flag("prior_period"),
        text("kind"),
        text("source"),
        text("account"),
        amount("debit"),
        amount("credit"),
        CURRENCY,
        instant("recorded_at"),
    ),
    _statement_line,
    filters=(Filter.PARTY, Filter.FROM, Filter.TO, Filter.KNOWN_ON),
    required=frozenset({Filter.PARTY, Filter.FROM, Filter.TO}),
)

LISTINGS = (ENTRIES, POSTINGS, BALANCES, STATEMENT_LINES)

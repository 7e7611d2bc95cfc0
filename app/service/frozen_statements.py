"""Frozen statements: made by a hard close, served as they were, and made again to check them."""

from app.domain.errors import NotFound
from app.domain.period import Period
from app.domain.period_close import PeriodKind
from app.payments.statement_document import document_hash, frozen_document
from app.service.claim_rows import Row
from app.service.command import Work
from app.service.context import Context
from app.service.statements import statement_through
from app.storage import journal, ledger, periods
from app.storage.engine import Connection
from app.storage.periods import FrozenStatement


def freeze(work: Work, close_number: int, kind: PeriodKind, period: Period) -> list[Row]:
    """The rows of one statement for every book, as known when the close is decided.

    Statements are numbered from 1 without gaps in each book, quarters and years together.
    """
    last = periods.last_numbers(work.connection, work.contract_id)
    books = {account.book for account in ledger.chart(work.connection, work.contract_id)}
    head = work.head
    rows: list[Row] = []
    for book in sorted(books):
        number = last.get(book, 0) + 1
        statement = statement_through(
            work.connection, work.contract_id, book, period, head.sequence, work.now
        )
        document = frozen_document(statement, number, kind, head.sequence, head.hash)
        rows.append(
            {
                "book": book,
                "statement_number": number,
                "close_number": close_number,
                "known_through": head.sequence,
                "known_through_hash": head.hash,
                "sha256": document_hash(document),
                "document": document,
            }
        )
    return rows


def get_frozen(context: Context, contract_id: str, party: str, number: int) -> FrozenStatement:
    """One frozen statement; NotFound `statement-unknown` otherwise."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return periods.frozen(uow.connection, contract_id, party, number)


def list_frozen(
    context: Context, contract_id: str, party: str, after: int = 0, limit: int = 50
) -> list[FrozenStatement]:
    """A party's frozen statements in order of their numbers; NotFound `book-unknown`."""
    with context.reading(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        books = sorted({account.book for account in ledger.chart(connection, contract_id)})
        if party not in books:
            listed = ", ".join(books) or "none yet"
            raise NotFound("book-unknown", f"The ledger has no book {party}; it has {listed}.")
        return periods.frozen_page(connection, contract_id, party, after, limit)


def faults(connection: Connection, contract_id: str, book: str, number: int) -> list[str]:
    """What is wrong with a frozen statement: its hash, or its bytes against the ledger.

    The document is made again from what was known through its journal record, and must come out
    the same to the byte.
    """
    stored = periods.frozen(connection, contract_id, book, number)
    found: list[str] = []
    if document_hash(stored.document) != stored.sha256:
        found.append("the document does not have its SHA-256")
    again = frozen_document(
        statement_through(
            connection, contract_id, book, stored.period, stored.known_through, stored.recorded_at
        ),
        number,
        stored.kind,
        stored.known_through,
        stored.known_through_hash,
    )
    if again != stored.document:
        found.append(
            f"the ledger as known through journal record {stored.known_through} gives another "
            "document"
        )
    return found

"""A contract's days as instants."""

from datetime import date, datetime

from app.domain.calendar import end_of_day
from app.domain.terms.document import Terms
from app.service.context import Context
from app.storage import contracts, journal
from app.storage.engine import Connection


def known_at(context: Context, contract_id: str, known_on: date | None) -> datetime | None:
    """The end of a day in the contract's time zone; None (now) when no day is asked for.

    The zone is that of the terms in effect on that day: a draft that nobody has accepted moves no
    day. Source: terms /timezone. 31 Dec 2021 in London ends at midnight UTC; 30 Jun 2021 at 23:00.
    Raises NotFound `contract-unknown`.
    """
    if known_on is None:
        return None
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        terms = _terms_on(uow.connection, contract_id, known_on)
    return end_of_day(known_on, terms.timezone)


def _terms_on(connection: Connection, contract_id: str, day: date) -> Terms:
    """The terms in effect on a day; the first draft while none is in force."""
    timeline = contracts.timeline(connection, contract_id)
    if timeline.versions:
        return timeline.in_effect(day).terms
    return contracts.version(connection, contract_id, 1).terms

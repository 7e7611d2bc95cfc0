"""Grants entered as an operator does, and confirmed by a colleague where that is awaited."""

from datetime import UTC, datetime

from app.domain.access import Grant
from app.storage import grants, standing
from app.storage.grants import StoredGrant

LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
APRIL = datetime(2020, 4, 1, tzinfo=UTC)


def let_in(connection, grant: Grant, person: str, by: str = "b") -> None:
    """Enter a grant as an operator does, confirmed by a colleague where that is awaited."""
    given = LONG_AGO if grant.delegated_from is None else APRIL
    reason = None if grant.delegated_from is None else "Leave"
    grants.add(connection, StoredGrant(grant, person, by, given, reason=reason))
    if standing.get(connection, grant.contract_id, grant.grant_id).to_confirm:
        standing.confirm(connection, grant.grant_id, "a-colleague", given)

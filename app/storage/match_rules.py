"""The windows and limits that matching uses for an account; the latest version of each counts."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.domain.matching import MatchRules
from app.storage.bank_tables import match_rules

SETTINGS = (
    "days_before_issue",
    "days_after_due",
    "return_days",
    "group_candidates",
    "group_size",
)


@dataclass(frozen=True, slots=True)
class StoredRules:
    """A version of the rules of one account."""

    party: str
    source: str
    version: int
    rules: MatchRules
    sequence: int


def latest(connection: Connection, contract_id: str, party: str, source: str) -> StoredRules | None:
    """The rules saved last for an account; None where the usual ones count."""
    query = (
        _query(contract_id)
        .where(match_rules.c.party == party, match_rules.c.source == source)
        .order_by(match_rules.c.version.desc())
    )
    row = connection.execute(query.limit(1)).first()
    return None if row is None else _stored(row)


def latest_of_all(connection: Connection, contract_id: str) -> list[StoredRules]:
    """The rules saved last for every account, by party and source."""
    query = (
        _query(contract_id)
        .ext(distinct_on(match_rules.c.party, match_rules.c.source))
        .order_by(match_rules.c.party, match_rules.c.source, match_rules.c.version.desc())
    )
    return [_stored(row) for row in connection.execute(query)]


def _query(contract_id: str) -> Select[Any]:
    return select(match_rules).where(match_rules.c.contract_id == contract_id)


def _stored(row: Row[Any]) -> StoredRules:
    rules = MatchRules(**{name: getattr(row, name) for name in SETTINGS})
    return StoredRules(row.party, row.source, row.version, rules, row.sequence)

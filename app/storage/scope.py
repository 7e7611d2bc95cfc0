"""What a transaction may see. The database's policies obey it (migrations, 0001_visibility.sql).

The scope stands in three settings that end with the transaction. Unset, no row is seen. A question
about people, asked where none may be seen, would be answered "none", and a sum over none "0.00":
so it is refused here before it is sent.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, Table, event
from sqlalchemy.sql import visitors

from app.domain.sight import Sight, person_level_refused
from app.storage.roles import SERVICE_ROLE

PERSON_LEVEL = frozenset(
    {
        "approved_lines",
        "claim_lines",
        "clawbacks",
        "entitlements",
        "erasures",
        "evidence_items",
        "journal",
        "journey_events",
        "notes",
        "participant_privacy",
        "participants",
        "submission_evidence",
        "submissions",
        "verifications",
        "waivers",
    }
)
"""Tables whose rows hold a pseudonym, lead to one, or are free text that somebody wrote."""

NOT_OF_A_CONTRACT = {"alembic_version": "the number of the last migration; no data"}
"""Tables without `contract_id`, each with the reason why it needs no policy."""

SCHEMAS_WITHOUT_POLICIES = {
    "access": "who may use the service is asked before it is known which contract and which party; "
    "it holds principals, grants, keys and sessions, and no row of a contract"
}
"""Schemas whose tables have no policy, each with the reason."""

SET_SCOPE = (
    "SELECT set_config('outcomes.contract', %(contract)s::text, true) AS contract, "
    "set_config('outcomes.party', %(party)s::text, true) AS party, "
    "set_config('outcomes.sight', %(sight)s::text, true) AS sight, "
    "set_config('role', %(role)s::text, true) AS role"
)
_PLACE = "outcomes.scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """One contract, seen by one party, or with `service` by the service itself.

    The service writes, and reckons with every row of the contract; it does so as a role of its
    own, since the database shows a party no more than the terms let it see, whatever is set.
    `party` is then who gives a command, or empty.
    """

    contract_id: str
    party: str
    sight: Sight
    service: bool = False

    def settings(self) -> dict[str, str]:
        """The values of SET_SCOPE."""
        return {
            "contract": self.contract_id,
            "party": self.party,
            "sight": self.sight.value,
            "role": SERVICE_ROLE if self.service else "none",
        }


NOTHING = Scope("", "", Sight.AGGREGATE)
"""The scope of a transaction that has not been given one."""


def note_scope(connection: Connection, scope: Scope) -> None:
    """Remember what a connection may see, for `refuse_persons`."""
    connection.info[_PLACE] = scope


def guard(connection: Connection) -> None:
    """Have every statement of Core checked by `refuse_persons` too, not only prepared ones."""
    event.listen(connection, "before_execute", _before_execute)


def person_tables(statement: Executable) -> frozenset[str]:
    """The person-level tables that a statement names, in subqueries too."""
    return frozenset(
        part.name
        for part in visitors.iterate(statement)  # type: ignore[arg-type]
        if isinstance(part, Table) and part.name in PERSON_LEVEL
    )


def refuse_persons(connection: Connection, asked: frozenset[str]) -> None:
    """Refuse a statement about people where none may be seen: `person-level-not-permitted`."""
    scope = connection.info.get(_PLACE, NOTHING)
    # Without a contract nothing is found anyway, and the caller is told that there is none.
    if asked and scope.contract_id and scope.sight is Sight.AGGREGATE:
        raise person_level_refused()


def _before_execute(connection: Connection, statement: Executable, *_: Any) -> None:
    refuse_persons(connection, person_tables(statement))

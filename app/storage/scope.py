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

OF_A_BOOK = frozenset(
    {
        "column_mappings",
        "fault_decisions",
        "import_faults",
        "import_lines",
        "import_totals",
        "imports",
        "journal",
        "line_decisions",
        "line_findings",
        "line_payments",
        "match_allocations",
        "match_decisions",
        "match_lines",
        "match_rules",
        "matches",
    }
)
"""Tables whose rows, or some, are what a bank says to one party: seen by that party alone."""

PERSON_LEVEL_APART = frozenset({"access_log"})
"""The same outside the record: an entry names the participants whose data was given."""

_SIGNING_IN = "read to find out who asks, before a contract or a party is known; names neither"
WITHOUT_POLICIES = {
    "access.account_factors": _SIGNING_IN,
    "access.account_passwords": _SIGNING_IN,
    "access.account_setups": _SIGNING_IN,
    "access.api_key_ends": _SIGNING_IN,
    "access.api_keys": _SIGNING_IN,
    "access.factor_uses": _SIGNING_IN,
    "access.failed_sign_ins": "how often which operation refused a sign-in; names nobody",
    "access.grant_confirmations": _SIGNING_IN,
    "access.grant_ends": _SIGNING_IN,
    "access.grants": "says which contracts and parties a principal may ask about at all, so it is "
    "read before any scope can be set; it holds no row of a contract but its identifier",
    "access.identities": _SIGNING_IN,
    "access.local_accounts": _SIGNING_IN,
    "access.pending_sign_ins": _SIGNING_IN,
    "access.principal_ends": _SIGNING_IN,
    "access.principals": _SIGNING_IN,
    "access.recovery_codes": _SIGNING_IN,
    "access.service_heads": "numbers and hashes of the service's own chain, which name nobody",
    "access.sessions": _SIGNING_IN,
    "access.sign_in_attempts": _SIGNING_IN,
}
"""Tables outside `public` that have no policy, each with the reason."""

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
        if isinstance(part, Table) and part.name in PERSON_LEVEL | PERSON_LEVEL_APART
    )


def refuse_persons(connection: Connection, asked: frozenset[str]) -> None:
    """Refuse a statement about people where none may be seen: `person-level-not-permitted`."""
    scope = connection.info.get(_PLACE, NOTHING)
    # Without a contract nothing is found anyway, and the caller is told that there is none.
    if asked and scope.contract_id and scope.sight is Sight.AGGREGATE:
        raise person_level_refused()


def _before_execute(connection: Connection, statement: Executable, *_: Any) -> None:
    refuse_persons(connection, person_tables(statement))

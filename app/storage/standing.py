"""Who may act for whom on a contract: its grants, with the holders' kinds and organisations."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.domain.access import AccessRole, PrincipalKind
from app.domain.errors import NotFound
from app.storage.access_log_tables import access_log
from app.storage.access_tables import (
    grant_confirmations,
    grant_ends,
    grants,
    principal_ends,
    principals,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A role that a principal has, will have or had for a party of a contract.

    `organisation` is the principal's own, which the party may compare with itself. `ended_at` is
    when the grant was ended, or the principal shut out. While `to_confirm` and not confirmed, it
    does not count.
    """

    grant_id: str
    principal_id: str
    kind: PrincipalKind
    organisation: str
    party: str
    role: AccessRole
    from_date: date
    to_date: date | None
    granted_by: str
    granted_at: datetime
    ended_at: datetime | None
    to_confirm: bool
    confirmed_by: str | None
    confirmed_at: datetime | None

    @property
    def confirmation(self) -> str:
        """`first` where it awaits none: nobody was there to, or its holder delegated it; otherwise
        `awaited` or `given`.
        """
        if not self.to_confirm:
            return "first"
        return "awaited" if self.confirmed_by is None else "given"


def page(connection: Connection, contract_id: str, after: str, limit: int) -> list[Standing]:
    """Standings on a contract in order of their grants' ids, ended ones too."""
    query = _SELECT.where(grants.c.contract_id == contract_id, grants.c.grant_id > after)
    rows = connection.execute(query.order_by(grants.c.grant_id).limit(limit))
    return [_standing(row) for row in rows]


def get(connection: Connection, contract_id: str, grant_id: str) -> Standing:
    """One standing on a contract. Raises NotFound `grant-unknown`."""
    query = _SELECT.where(grants.c.contract_id == contract_id, grants.c.grant_id == grant_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("grant-unknown", "There is no grant with that id.")
    return _standing(row)


def confirm(connection: Connection, grant_id: str, by: str, now: datetime) -> bool:
    """Record that a grant was confirmed; whether nobody had done so before."""
    row = {"grant_id": grant_id, "confirmed_by": by, "confirmed_at": now}
    made = connection.execute(
        insert(grant_confirmations)
        .values(row)
        .on_conflict_do_nothing()
        .returning(grant_confirmations.c.grant_id)
    )
    return made.first() is not None


def not_entered(connection: Connection, contract_id: str) -> list[str]:
    """Grants on a contract that no entry of its access log tells of, in order of their ids."""
    entered = select(cast(access_log.c.detail, JSONB)["grant_id"].astext).where(
        access_log.c.chain == contract_id, access_log.c.operation == "grantRole"
    )
    query = select(grants.c.grant_id).where(
        grants.c.contract_id == contract_id, grants.c.grant_id.not_in(entered)
    )
    return list(connection.execute(query.order_by(grants.c.grant_id)).scalars())


_SELECT = (
    select(
        grants.c.grant_id,
        grants.c.principal_id,
        principals.c.kind,
        principals.c.organisation,
        grants.c.party,
        grants.c.role,
        grants.c.from_date,
        grants.c.to_date,
        grants.c.granted_by,
        grants.c.granted_at,
        func.least(grant_ends.c.ended_at, principal_ends.c.ended_at).label("ended_at"),
        grants.c.to_confirm,
        grant_confirmations.c.confirmed_by,
        grant_confirmations.c.confirmed_at,
    )
    .join(principals, principals.c.principal_id == grants.c.principal_id)
    .outerjoin(grant_ends, grant_ends.c.grant_id == grants.c.grant_id)
    .outerjoin(principal_ends, principal_ends.c.principal_id == grants.c.principal_id)
    .outerjoin(grant_confirmations, grant_confirmations.c.grant_id == grants.c.grant_id)
)


def _standing(row: Any) -> Standing:
    named = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for it
    kind, role = PrincipalKind(named.pop("kind")), AccessRole(named.pop("role"))
    return Standing(kind=kind, role=role, **named)

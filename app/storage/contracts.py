"""Terms versions and their acceptances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, select

from app.domain.errors import NotFound
from app.domain.terms.document import Terms
from app.domain.terms.timeline import TermsVersion, Timeline
from app.storage import journal
from app.storage.journal import Head
from app.storage.prepared import Built, Prepared, together
from app.storage.tables import acceptances, terms_versions

_AGREED = Prepared(
    select(
        terms_versions.c.version,
        terms_versions.c.hash,
        func.array_agg(acceptances.c.party).label("parties"),
        func.array_agg(acceptances.c.sequence).label("sequences"),
    )
    .outerjoin(
        acceptances,
        and_(
            acceptances.c.contract_id == terms_versions.c.contract_id,
            acceptances.c.version == terms_versions.c.version,
        ),
    )
    .where(terms_versions.c.contract_id == bindparam("contract"))
    .group_by(terms_versions.c.version, terms_versions.c.hash)
)
_KNOWN: dict[str, Terms] = {}
_KNOWN_MAX = 512


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One party's acceptance of one version's hash."""

    party: str
    person: str
    accepted_on: date


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of the terms with the acceptances it has so far."""

    number: int
    hash: str
    document: str
    effective_from: date
    sequence: int
    recorded_at: datetime
    acceptances: tuple[Acceptance, ...]

    @property
    def terms(self) -> Terms:
        """The parsed document."""
        return _parsed(self.hash, self.document)

    @property
    def outstanding(self) -> tuple[str, ...]:
        """Signatories who have not accepted yet, in document order."""
        accepted = {acceptance.party for acceptance in self.acceptances}
        return tuple(party for party in self.terms.signatories if party not in accepted)

    @property
    def in_force(self) -> bool:
        """Whether every signatory has accepted."""
        return not self.outstanding


@dataclass(frozen=True, slots=True)
class Agreed:
    """A version in force, and the record in which the last signatory accepted it."""

    version: TermsVersion
    sequence: int


def versions(
    connection: Connection, contract_id: str, known_at: datetime | None = None
) -> Sequence[StoredVersion]:
    """Every version of a contract's terms in order, as known at an instant (default: now)."""
    accepted: dict[int, list[Acceptance]] = {}
    asked = {"contract_id": contract_id, "known_at": known_at}
    with together(connection):
        signed, drafted = _signed.run(connection, asked), _drafted.run(connection, asked)
    for row in signed:
        accepted.setdefault(row.version, []).append(
            Acceptance(row.party, row.person, row.accepted_on)
        )
    return [
        StoredVersion(
            row.version,
            row.hash,
            row.document,
            row.effective_from,
            row.sequence,
            row.recorded_at,
            tuple(accepted.get(row.version, ())),
        )
        for row in drafted
    ]


@Built
def _signed(contract_id: str, known_at: datetime | None) -> Select[Any]:
    query = select(acceptances).where(acceptances.c.contract_id == contract_id)
    if known_at is not None:
        query = query.where(acceptances.c.recorded_at < known_at)
    return query.order_by(acceptances.c.sequence)


@Built
def _drafted(contract_id: str, known_at: datetime | None) -> Select[Any]:
    query = select(terms_versions).where(terms_versions.c.contract_id == contract_id)
    if known_at is not None:
        query = query.where(terms_versions.c.recorded_at < known_at)
    return query.order_by(terms_versions.c.version)


def version(connection: Connection, contract_id: str, number: int) -> StoredVersion:
    """One version by its number."""
    for stored in versions(connection, contract_id):
        if stored.number == number:
            return stored
    raise NotFound("terms-version-unknown", f"The contract has no terms version {number}.")


def timeline(
    connection: Connection, contract_id: str, known_at: datetime | None = None
) -> Timeline:
    """The versions in force, as known at an instant (default: now). May be empty."""
    if known_at is not None:
        return Timeline.of(
            TermsVersion(stored.number, stored.hash, stored.terms)
            for stored in versions(connection, contract_id, known_at)
            if stored.in_force
        )
    return _timeline(agreed(connection, contract_id))


def agreed(connection: Connection, contract_id: str) -> list[Agreed]:
    """The versions in force, each with the record since when it is."""
    return _agreed(connection, contract_id, _AGREED.all(connection, contract=contract_id))


def timeline_at(found: Iterable[Agreed], sequence: int) -> Timeline:
    """The versions that were in force by a record. May be empty."""
    return _timeline(one for one in found if one.sequence <= sequence)


def _timeline(found: Iterable[Agreed]) -> Timeline:
    return Timeline.of(one.version for one in found)


def lock(connection: Connection, contract_id: str) -> tuple[Head, Timeline]:
    """Lock a contract for a command, and read the terms in force behind the lock, in one trip."""
    with together(connection):
        locking = journal.lock(connection, contract_id)
        accepted = _AGREED.run(connection, {"contract": contract_id})
    head = journal.locked(locking, contract_id)
    return head, _timeline(_agreed(connection, contract_id, accepted.fetchall()))


def _agreed(connection: Connection, contract_id: str, rows: Sequence[Any]) -> list[Agreed]:
    found = []
    for row in rows:
        terms = _known_terms(connection, contract_id, row.version, row.hash)
        accepted = dict(zip(row.parties, row.sequences, strict=True))
        if set(terms.signatories) <= set(accepted):
            since = max(accepted[party] for party in terms.signatories)
            found.append(Agreed(TermsVersion(row.version, row.hash, terms), since))
    return found


def _known_terms(connection: Connection, contract_id: str, number: int, terms_hash: str) -> Terms:
    """The terms of a hash, read only if this process has not read them before."""
    terms = _KNOWN.get(terms_hash)
    if terms is None:
        terms = version(connection, contract_id, number).terms
        if len(_KNOWN) >= _KNOWN_MAX:
            _KNOWN.clear()
        _KNOWN[terms_hash] = terms
    return terms


@lru_cache(maxsize=512)
def _parsed(terms_hash: str, document: str) -> Terms:  # noqa: ARG001 - the hash is the cache's key
    return Terms.model_validate_json(document)

"""Agreeing the terms: drafts, acceptances by hash, and the moment a version comes into force."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.calendar import local_date
from app.domain.errors import Fault, InputInvalid, NotPermitted, OutcomesError, RuleRefused
from app.domain.terms.check import parse_terms, variation_faults, warnings
from app.domain.terms.document import Terms, canonical, terms_hash
from app.domain.terms.parties import Role
from app.payments.posting import chart
from app.service.command import Change, Command, Done, Work, require_role, run, run_first
from app.service.context import Context
from app.storage import contracts, grants, journal, ledger
from app.storage.contracts import Acceptance, StoredVersion
from app.storage.engine import Connection
from app.storage.rows import Rows

PARTIES_TO_TERMS = (Role.COMMISSIONER, Role.SPV, Role.INVESTOR, Role.SERVICE_PROVIDER)
"""Roles whose holders may draft terms."""


@dataclass(frozen=True, slots=True)
class ContractSummary:
    """A contract: its title and parties under the latest terms, and which version is in force."""

    contract_id: str
    title: str
    in_force: int | None
    versions: tuple[StoredVersion, ...]
    head_sequence: int
    head_hash: str


@dataclass(frozen=True, slots=True)
class TermsCheck:
    """What a check of a document found. `hash` is None when it has faults."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    hash: str | None


def check_terms(document: dict[str, Any]) -> TermsCheck:
    """Every fault and warning of a terms document, without storing anything."""
    try:
        terms = parse_terms(document)
    except OutcomesError as error:
        return TermsCheck(error.faults, (), None)
    return TermsCheck((), warnings(terms), terms_hash(document))


def create_contract(
    context: Context, command: Command, document: dict[str, Any]
) -> Done[StoredVersion]:
    """Create a contract whose first terms version is a draft, for its parties to accept."""

    def decide(work: Work) -> Change[StoredVersion]:
        terms = parse_terms(document)
        if terms.variation is not None:
            raise InputInvalid(
                [
                    Fault(
                        "variation-of-nothing",
                        "/variation",
                        "The first version of a contract varies nothing; leave variation out.",
                    )
                ]
            )
        today = local_date(work.now, terms.timezone)
        require_role(terms, work.actor, PARTIES_TO_TERMS, "draft terms", today)
        return _drafted(work, 1, terms, document)

    return run_first(context, command, decide)


def draft_terms(
    context: Context, command: Command, document: dict[str, Any]
) -> Done[StoredVersion]:
    """Add the next terms version, a variation, as a draft."""

    def decide(work: Work) -> Change[StoredVersion]:
        terms = parse_terms(document)
        previous = work.timeline.latest.terms
        require_role(previous, work.actor, PARTIES_TO_TERMS, "draft terms", work.today)
        if faults := variation_faults(previous, terms):
            raise InputInvalid(faults)
        drafted = contracts.versions(work.connection, work.contract_id)
        if terms_hash(document) in {version.hash for version in drafted}:
            raise RuleRefused(
                "terms-unchanged", "The contract has a version with exactly this document already."
            )
        return _drafted(work, drafted[-1].number + 1, terms, document)

    return run(context, command, decide)


def accept_terms(
    context: Context,
    command: Command,
    version: int,
    hash_accepted: str,
    accepted_on: date | None = None,
) -> Done[StoredVersion]:
    """Accept a version by naming its hash. In force once every signatory has accepted.

    The acceptance that brings a version into force also opens its ledger accounts.
    """

    def decide(work: Work) -> Change[StoredVersion]:
        stored = contracts.version(work.connection, work.contract_id, version)
        day = _may_accept(work, stored, hash_accepted, accepted_on)
        acceptance = Acceptance(work.actor.party, work.actor.person, day)
        row = {"version": version, "hash": hash_accepted, "accepted_on": day} | work.signed()
        rows: dict[str, Any] = {"acceptances": [row]}
        accepted = StoredVersion(
            stored.number,
            stored.hash,
            stored.document,
            stored.effective_from,
            stored.sequence,
            stored.recorded_at,
            (*stored.acceptances, acceptance),
        )
        if accepted.in_force:
            rows["accounts"] = _new_accounts(work, stored.terms)
        return Change("terms_accepted", day, rows, accepted)

    return run(context, command, decide)


def list_contracts(context: Context, after: str = "", limit: int = 50) -> list[ContractSummary]:
    """Contracts in order of their ids: those that the reader may list (`Context.among`), or those
    whose terms name it.
    """
    with context.reading_of_none() as uow:
        if context.among is None:
            ids = journal.contract_ids(uow.connection, after, limit, of_party=context.reader)
        else:
            ids = grants.contracts_among(uow.connection, context.among, after, limit)
        found = []
        for contract_id in ids:
            # A role on a contract shows its terms, for whichever of its parties it was granted.
            (context.look if context.among is None else context.serve)(uow, contract_id)
            found.append(_summary(uow.connection, contract_id))
        return found


def get_contract(context: Context, contract_id: str) -> ContractSummary:
    """One contract; NotFound `contract-unknown` otherwise."""
    with context.reading(contract_id) as uow:
        return _summary(uow.connection, contract_id)


def get_terms(context: Context, contract_id: str, number: int) -> StoredVersion:
    """One version of the terms."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return contracts.version(uow.connection, contract_id, number)


def _drafted(
    work: Work, number: int, terms: Terms, document: dict[str, Any]
) -> Change[StoredVersion]:
    drafted = StoredVersion(
        number,
        terms_hash(document),
        canonical(document).decode(),
        terms.effective_from,
        0,
        work.now,
        (),
    )
    rows: Rows = {
        "terms_versions": [
            {
                "version": number,
                "hash": drafted.hash,
                "document": drafted.document,
                "effective_from": terms.effective_from,
            }
            | work.signed()
        ]
    }
    return Change("terms_drafted", local_date(work.now, terms.timezone), rows, drafted)


def _may_accept(
    work: Work, stored: StoredVersion, hash_accepted: str, accepted_on: date | None
) -> date:
    signatories = stored.terms.signatories
    if work.actor.party not in signatories:
        raise NotPermitted(
            "party-not-signatory",
            f"Only the signatories accept terms; they are {', '.join(signatories)}.",
        )
    if hash_accepted != stored.hash:
        raise RuleRefused(
            "terms-hash-mismatch",
            f"The hash is not that of version {stored.number}. Read the version again, check what "
            "it says, and accept the hash it shows.",
            pointer="/hash",
        )
    if work.actor.party not in stored.outstanding:
        raise RuleRefused(
            "terms-already-accepted", f"The party has accepted version {stored.number} already."
        )
    later = [
        version.number
        for version in contracts.versions(work.connection, work.contract_id)
        if version.in_force and version.number > stored.number
    ]
    if later:
        raise RuleRefused(
            "terms-superseded",
            f"Version {later[0]} is in force, so version {stored.number} cannot be accepted now.",
        )
    _require_still_a_variation(work, stored)
    today = local_date(work.now, stored.terms.timezone)
    if accepted_on is not None and accepted_on > today:
        raise RuleRefused(
            "date-in-future", "The date of acceptance is in the future.", pointer="/accepted_on"
        )
    return accepted_on or today


def _require_still_a_variation(work: Work, stored: StoredVersion) -> None:
    """Refuse a draft that no longer varies the version in force: another one came between."""
    in_force = contracts.timeline(work.connection, work.contract_id).versions
    if in_force and (faults := variation_faults(in_force[-1].terms, stored.terms)):
        raise RuleRefused(
            "terms-superseded",
            f"Version {in_force[-1].number} came into force after version {stored.number} was "
            "drafted, and this draft does not follow it; see `faults`. Draft a new version.",
            faults=faults,
        )


def _new_accounts(work: Work, terms: Terms) -> list[dict[str, Any]]:
    open_already = {account.name for account in ledger.chart(work.connection, work.contract_id)}
    return [
        {"name": account.name, "type": account.type.value, "mirror": account.mirror}
        for account in chart(terms)
        if account.name not in open_already
    ]


def _summary(connection: Connection, contract_id: str) -> ContractSummary:
    head = journal.head(connection, contract_id)
    versions = contracts.versions(connection, contract_id)
    in_force = [version.number for version in versions if version.in_force]
    return ContractSummary(
        contract_id,
        versions[-1].terms.title,
        in_force[-1] if in_force else None,
        tuple(versions),
        head.sequence,
        head.hash,
    )

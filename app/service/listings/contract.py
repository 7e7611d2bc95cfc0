"""Contracts, the versions of their terms, and the journal as files."""

import json
from collections.abc import Iterator

from app.service import contracts, journal, standing
from app.service.contracts import ContractSummary
from app.service.listings.listing import (
    Listing,
    Row,
    day,
    flag,
    in_pages,
    instant,
    joined,
    number,
    text,
    whole,
)
from app.storage.contracts import StoredVersion
from app.storage.standing import Standing
from app.storage.views import RecordTold


def _contract(summary: ContractSummary) -> Iterator[Row]:
    yield (
        summary.contract_id,
        summary.title,
        summary.in_force,
        len(summary.versions),
        summary.head_sequence,
        summary.head_hash,
    )


def _version(version: StoredVersion) -> Iterator[Row]:
    yield (
        version.number,
        version.hash,
        version.effective_from,
        version.in_force,
        joined(f"{one.party} {one.accepted_on.isoformat()}" for one in version.acceptances),
        joined(version.outstanding),
        version.recorded_at,
    )


def _record(record: RecordTold) -> Iterator[Row]:
    """What was recorded; the number of its rows only where they may be seen."""
    payload = {} if record.payload is None else json.loads(record.payload)
    yield (
        record.sequence,
        record.kind,
        record.effective_date,
        record.recorded_at,
        record.actor.party,
        record.actor.person,
        joined(f"{name} {len(rows)}" for name, rows in payload.items()),
        record.previous_hash,
        record.hash,
    )


def _standing(one: Standing) -> Iterator[Row]:
    yield (
        one.grant_id,
        one.principal_id,
        one.kind.value,
        one.organisation,
        one.party,
        one.role.value,
        one.from_date,
        one.to_date,
        one.granted_by,
        one.granted_at,
        one.ended_at,
        one.confirmation,
        one.confirmed_by,
    )


CONTRACTS = Listing(
    "contracts",
    "Contracts with the version of the terms in force.",
    {"listContracts": contracts.list_contracts},
    in_pages(
        lambda context, _, after, limit: contracts.list_contracts(context, after, limit),
        lambda summary: summary.contract_id,
        "",
    ),
    (
        text("contract_id"),
        text("title"),
        number("version_in_force"),
        number("versions"),
        number("head_sequence"),
        text("head_hash"),
    ),
    _contract,
    of_contract=False,
)

TERMS = Listing(
    "terms-versions",
    "Versions of the terms, and who has accepted each.",
    {"listTerms": contracts.get_contract},
    whole(
        lambda context, contract_id, _: contracts.get_contract(context, contract_id).versions,
    ),
    (
        number("version"),
        text("hash"),
        day("effective_from"),
        flag("in_force"),
        text("accepted_by"),
        text("outstanding"),
        instant("recorded_at"),
    ),
    _version,
)

JOURNAL = Listing(
    "journal",
    "Records of the journal: who did what when, with how many rows of which tables, and the hashes "
    "that chain them. The rows themselves are JSON, at the journal's own address.",
    {"listJournal": journal.list_records},
    in_pages(journal.list_records, lambda record: record.sequence, 0, items_per_page=20),
    (
        number("sequence"),
        text("kind"),
        day("effective_date"),
        instant("recorded_at"),
        text("party"),
        text("person"),
        text("rows"),
        text("previous_hash"),
        text("hash"),
    ),
    _record,
)

STANDING = Listing(
    "standing",
    "Who may act for whom: everybody whom an operator let in, ended grants too.",
    {"listStanding": standing.list_standing},
    in_pages(standing.list_standing, lambda one: one.grant_id, ""),
    (
        text("grant_id"),
        text("principal_id"),
        text("kind"),
        text("organisation"),
        text("party"),
        text("role"),
        day("from_date"),
        day("to_date"),
        text("granted_by"),
        instant("granted_at"),
        instant("ended_at"),
        text("confirmation"),
        text("confirmed_by"),
    ),
    _standing,
)

LISTINGS = (CONTRACTS, TERMS, JOURNAL, STANDING)

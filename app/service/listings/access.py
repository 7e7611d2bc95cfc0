"""Principals, their grants and their API keys as files, for operators; no secret is in them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from app.service import access, api_keys, delegations
from app.service.access import Known
from app.service.context import Context
from app.service.listings.listing import (
    Filter,
    Listing,
    Row,
    day,
    in_pages,
    instant,
    joined,
    text,
    whole,
)
from app.storage.api_keys import StoredKey
from app.storage.engine import UnitOfWork
from app.storage.grants import StoredGrant


@dataclass(frozen=True, slots=True)
class _Door:
    """The door, read in the transaction of a file, so that all its pages are of one snapshot."""

    context: Context

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """The transaction of the file, of no contract."""
        return self.context.reading_of_none()


def _principal(known: Known) -> Iterator[Row]:
    one = known.principal
    yield (
        one.principal_id,
        one.kind.value,
        one.name,
        one.organisation,
        joined(f"{each.kind} {each.value} of {each.issuer}" for each in known.identities),
        known.sign_in_name,
        one.created_by,
        one.created_at,
        one.ended_at,
    )


def _grant(stored: StoredGrant) -> Iterator[Row]:
    one = stored.grant
    yield (
        one.grant_id,
        stored.principal_id,
        one.role.value,
        one.contract_id,
        one.party,
        one.from_date,
        one.to_date,
        None
        if one.approval_limit is None
        else f"{one.approval_limit} {one.approval_limit.currency}",
        one.delegated_from,
        stored.granted_by,
        stored.granted_at,
        stored.ended_at,
    )


def _key(key: StoredKey) -> Iterator[Row]:
    yield (
        key.key_id,
        key.principal_id,
        key.name,
        joined(key.scopes),
        key.replaces,
        key.created_by,
        key.created_at,
        api_keys.ends_at(key),
    )


PRINCIPALS = Listing(
    "principals",
    "People, machines and groups, those who were shut out too. For operators.",
    {"listPrincipals": access.list_principals},
    in_pages(
        lambda context, _, after, limit: access.list_principals(_Door(context), after, limit),
        lambda known: known.principal.principal_id,
        "",
    ),
    (
        text("principal_id"),
        text("kind"),
        text("name"),
        text("organisation"),
        text("identities"),
        text("sign_in_name"),
        text("created_by"),
        instant("created_at"),
        instant("ended_at"),
    ),
    _principal,
    of_contract=False,
)

GRANTS = Listing(
    "grants",
    "Roles granted to principals, delegations among them, ended ones too. For operators.",
    {"listGrants": access.list_grants, "listDelegations": delegations.list_delegations},
    in_pages(
        lambda context, _, after, limit, **narrowed: access.list_grants(
            _Door(context), after, limit, **narrowed
        ),
        lambda stored: stored.grant.grant_id,
        "",
    ),
    (
        text("grant_id"),
        text("principal_id"),
        text("role"),
        text("contract_id"),
        text("party"),
        day("from_date"),
        day("to_date"),
        text("approval_limit"),
        text("delegated_from"),
        text("granted_by"),
        instant("granted_at"),
        instant("ended_at"),
    ),
    _grant,
    filters=(Filter.PRINCIPAL, Filter.CONTRACT),
    of_contract=False,
)

API_KEYS = Listing(
    "api-keys",
    "A machine's API keys without their secrets, those that are over too. For operators.",
    {"listApiKeys": api_keys.list_keys},
    whole(
        lambda context, _, given: api_keys.list_keys(_Door(context), given[Filter.PRINCIPAL]),
    ),
    (
        text("key_id"),
        text("principal_id"),
        text("name"),
        text("scopes"),
        text("replaces"),
        text("created_by"),
        instant("created_at"),
        instant("ends_at"),
    ),
    _key,
    filters=(Filter.PRINCIPAL,),
    required=frozenset({Filter.PRINCIPAL}),
    of_contract=False,
)

LISTINGS = (PRINCIPALS, GRANTS, API_KEYS)

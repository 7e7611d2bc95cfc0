"""Signed heads, the keys they are checked with, and the access log as files."""

from collections.abc import Iterator
from datetime import UTC, datetime

from app.domain.journal import instant_text
from app.domain.signed_head import PublicKey, SignedHead
from app.interchange.columns import ColumnKind
from app.service import accesses, heads, service_heads
from app.service.accesses import Action, Place
from app.service.listings.listing import (
    Filter,
    Listing,
    Row,
    day,
    in_pages,
    joined,
    number,
    person,
    text,
    whole,
)
from app.storage.access_log import SeenBy, StoredAccess

ANYBODY = "*"
"""Where an entry of the access log may show any participant of the contract."""

_BEFORE_ALL = Place(datetime(1970, 1, 1, tzinfo=UTC), "", 0)


def _head(head: SignedHead) -> Iterator[Row]:
    yield (
        head.day,
        head.sequence,
        head.hash,
        head.count,
        instant_text(head.signed_at),
        head.key_id,
        head.signature,
    )


def _service_head(head: SignedHead) -> Iterator[Row]:
    yield (
        head.day,
        head.access_sequence,
        head.access_hash,
        instant_text(head.signed_at),
        head.key_id,
        head.signature,
    )


def _key(key: PublicKey) -> Iterator[Row]:
    yield (
        key.key_id,
        key.public_key,
        instant_text(key.created_at),
        key.previous_key_id,
        key.endorsement,
    )


def _access(stored: StoredAccess) -> Iterator[Row]:
    one = stored.access
    yield (
        one.chain,
        stored.sequence,
        instant_text(one.at),
        one.who,
        one.party,
        one.operation,
        ANYBODY if one.participants is None else joined(one.participants),
        one.outcome,
        one.code,
        one.detail,
        stored.previous_hash,
        stored.hash,
    )


def _seen_by(seen: SeenBy) -> Iterator[Row]:
    yield (
        seen.who,
        seen.party,
        joined(seen.operations),
        seen.times,
        seen.by_name,
        instant_text(seen.first_at),
        instant_text(seen.last_at),
    )


def _action(action: Action) -> Iterator[Row]:
    yield (
        instant_text(action.at),
        action.did,
        action.what,
        action.number,
        action.party,
        action.code,
    )


HEADS = Listing(
    "heads",
    "Signed heads of the journal, by day.",
    {"listHeads": heads.list_heads},
    in_pages(heads.list_heads, lambda head: head.day, heads.FIRST_DAY),
    (
        day("day"),
        number("sequence"),
        text("hash"),
        number("count"),
        text("signed_at"),
        text("key_id"),
        text("signature"),
    ),
    _head,
)

SERVICE_HEADS = Listing(
    "service-heads",
    "Signed heads of the access log's chain that is of no contract. For operators and auditors.",
    {"listServiceHeads": service_heads.list_service_heads},
    in_pages(
        lambda context, _, after, limit: service_heads.list_service_heads(context, after, limit),
        lambda head: head.day,
        heads.FIRST_DAY,
    ),
    (
        day("day"),
        number("access_sequence"),
        text("access_hash"),
        text("signed_at"),
        text("key_id"),
        text("signature"),
    ),
    _service_head,
    of_contract=False,
)

SIGNING_KEYS = Listing(
    "signing-keys",
    "Public keys of the signed heads, oldest first. Trust those that you were given.",
    {"listSigningKeys": heads.list_keys},
    whole(lambda context, contract_id, _: heads.list_keys(context, contract_id)),
    (
        text("key_id"),
        text("public_key"),
        text("created_at"),
        text("previous_key_id"),
        text("endorsement"),
    ),
    _key,
)

ACCESS_LOG = Listing(
    "access-log",
    "Who looked at people's data, took files away, or was refused; `*` for participants: any of "
    "the contract's. For auditors.",
    {"listAccesses": accesses.list_accesses},
    in_pages(accesses.list_accesses, lambda one: (one.access.chain, one.sequence), ("", 0)),
    (
        text("chain"),
        number("sequence"),
        text("at"),
        text("who"),
        text("party"),
        text("operation"),
        person("participants"),
        text("outcome"),
        text("code"),
        text("detail"),
        text("previous_hash"),
        text("hash"),
    ),
    _access,
    filters=(Filter.WHO, Filter.PARTICIPANT, Filter.OUTCOME),
    choices={Filter.OUTCOME: ("allowed", "refused", "recorded")},
)

SEEN_BY = Listing(
    "seen-by",
    "Who was given one participant's data, how often, first and last. For auditors.",
    {"listSeenBy": accesses.list_seen_by},
    whole(
        lambda context, contract_id, given: accesses.list_seen_by(
            context, contract_id, given[Filter.PARTICIPANT]
        ),
    ),
    (
        text("who"),
        text("party"),
        person("operations"),
        person("times", ColumnKind.INTEGER),
        person("by_name", ColumnKind.INTEGER),
        person("first_at"),
        person("last_at"),
    ),
    _seen_by,
    filters=(Filter.PARTICIPANT,),
    required=frozenset({Filter.PARTICIPANT}),
)

ACTIONS = Listing(
    "actions",
    "What one person or machine recorded, read and was refused, in order of time. For auditors.",
    {"listActions": accesses.list_actions},
    in_pages(
        accesses.list_actions,
        lambda action: Place(action.at, action.did, action.number),
        _BEFORE_ALL,
    ),
    (text("at"), text("did"), text("what"), number("number"), text("party"), text("code")),
    _action,
    filters=(Filter.WHO,),
    required=frozenset({Filter.WHO}),
)

LISTINGS = (HEADS, SERVICE_HEADS, SIGNING_KEYS, ACCESS_LOG, SEEN_BY, ACTIONS)

"""Signing the end of each contract's journal once a day, and handing the heads to the parties."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from app.domain.errors import IntegrityBroken, NotFound, RuleRefused
from app.domain.journal import Record, link_faults
from app.domain.signed_head import (
    Delivery,
    PublicKey,
    SignedHead,
    delivery_body,
    delivery_content,
    delivery_id,
)
from app.service.accesses import end_of_log
from app.service.context import Context
from app.storage import contracts, heads, journal, signing_keys
from app.storage.engine import Connection, UnitOfWork, run_transaction

FIRST_DAY = date.min
"""Before every head: where a list starts."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A contract's head of the day; `new` if this call signed it, false if it was there."""

    head: SignedHead
    new: bool


def sign_head(context: Context, contract_id: str) -> Signed:
    """Sign the ends of a contract's journal and access log as its head of today (UTC), once a day.

    Both are read from the last signed head to their ends before anything is signed, so that no
    signature is ever put under a journal that contradicts an earlier one. Run again on the same
    day, also by two at once, it answers the head that stands and signs nothing.

    Raises NotFound `contract-unknown`; Unavailable `signing-key-missing`, `signing-key-unusable`;
    IntegrityBroken `journal-contradicts-head`, `journal-chain-broken`,
    `access-log-contradicts-head`; RuleRefused
    `head-of-a-later-day` where the clock is behind the last head. Nothing is signed then.
    """
    now = context.clock()
    day = now.astimezone(UTC).date()
    with context.reckoning(contract_id) as uow:
        end = journal.head(uow.connection, contract_id)
        if standing := heads.of_day(uow.connection, contract_id, day):
            return Signed(standing, new=False)
        keys = signing_keys.load(context.signing_key_file)
        _require_intact(uow.connection, contract_id, end, day)
        last = heads.latest(uow.connection, contract_id)
        looks = end_of_log(uow.connection, contract_id, last, context.signing_key_file)
        count = heads.record_count(uow.connection, contract_id, end.sequence)
    bare = SignedHead(
        contract_id, day, end.sequence, end.hash, count, *looks, now, keys.current.key_id
    )
    head = replace(bare, signature=keys.sign(bare.statement()))

    def keep(uow: UnitOfWork) -> SignedHead | None:
        context.serve(uow, contract_id)
        for key in keys.keys:
            heads.keep_key(uow.connection, contract_id, key)
        heads.keep(uow.connection, head, keys.current)
        return heads.of_day(uow.connection, contract_id, day)

    stands = run_transaction(context.engine, keep)
    if stands is None:
        raise AssertionError("the head was kept, or one was there")
    return Signed(stands, new=stands == head)


def contract_ids(context: Context) -> Iterator[str]:
    """The id of every contract, read in pages; for a reader, of those whose terms name it."""
    after = ""
    while True:
        with context.reading_of_none() as uow:
            found = journal.contract_ids(uow.connection, after, 100, of_party=context.reader)
        if not found:
            return
        yield from found
        after = found[-1]


def list_heads(
    context: Context, contract_id: str, after: date = FIRST_DAY, limit: int = 50
) -> list[SignedHead]:
    """Signed heads after a day, in order. NotFound `contract-unknown`."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return heads.page(uow.connection, contract_id, after, limit)


def get_head(context: Context, contract_id: str, day: date | None = None) -> SignedHead:
    """The head of a day; the newest when no day is named.

    Raises NotFound `contract-unknown`, `head-unknown`.
    """
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        found = (
            heads.latest(uow.connection, contract_id)
            if day is None
            else heads.of_day(uow.connection, contract_id, day)
        )
    if found is None:
        when = "no signed head yet" if day is None else "no signed head of that day"
        raise NotFound(
            "head-unknown",
            f"The contract has {when}. `outcomes heads sign` signs one each day; list those there "
            "are.",
        )
    return found


def list_keys(context: Context, contract_id: str) -> list[PublicKey]:
    """The public keys of the contract's heads, oldest first. NotFound `contract-unknown`."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return heads.keys(uow.connection, contract_id)


def parties(context: Context, contract_id: str) -> tuple[str, ...]:
    """The ids of the parties in the newest version of the terms, in force or not."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        newest = contracts.versions(uow.connection, contract_id)[-1]
    return tuple(party.id for party in newest.terms.parties)


def deliver(context: Context, contract_id: str, party: str, day: date | None = None) -> Delivery:
    """A head as a Standard Webhooks request to one party, signed by the current key (v1a).

    The time in it is that of the call, because receivers refuse what was signed long ago. Raises
    NotFound `contract-unknown`, `head-unknown`, `party-unknown`; Unavailable `signing-key-missing`.
    """
    if party not in parties(context, contract_id):
        raise NotFound("party-unknown", "The contract's terms name no such party.")
    head = get_head(context, contract_id, day)
    keys = signing_keys.load(context.signing_key_file)
    webhook_id, body = delivery_id(head, party), delivery_body(head, party)
    seconds = _seconds(context.clock())
    signature = keys.sign_bytes(delivery_content(webhook_id, seconds, body))
    return Delivery(webhook_id, seconds, f"v1a,{signature}", body)


def _require_intact(connection: Connection, contract_id: str, end: journal.Head, day: date) -> None:
    """Refuse unless the journal still holds the last signed head and is chained on to its end."""
    last = heads.latest(connection, contract_id)
    previous: Record | None = None
    start = 0
    if last is not None:
        refuse_later(last, day)
        held = journal.page(connection, contract_id, last.sequence - 1, 1)
        if not held or (held[0].sequence, held[0].hash) != (last.sequence, last.hash):
            raise IntegrityBroken(
                "journal-contradicts-head",
                f"The journal no longer holds record {last.sequence} as it was signed on "
                f"{last.day.isoformat()}; nothing was signed. Run `outcomes verify`.",
            )
        previous, start = held[0], last.sequence
    while found := journal.page(connection, contract_id, start, journal.PAGE):
        for record in found:
            for fault in link_faults(previous, record):
                _refuse_chain(f"journal record {record.sequence}: {fault}")
            previous = record
        start = found[-1].sequence
    if previous is None or (previous.sequence, previous.hash) != (end.sequence, end.hash):
        _refuse_chain("the contract's head is not the last record of its journal")


def refuse_later(last: SignedHead | None, day: date) -> None:
    """Refuse to sign where the last head is of a day to come: RuleRefused `head-of-a-later-day`."""
    if last is not None and last.day > day:
        raise RuleRefused(
            "head-of-a-later-day",
            f"There is a head of {last.day.isoformat()} already, a later day than today; nothing "
            "was signed. Check the clock of this machine.",
        )


def _refuse_chain(fault: str) -> None:
    raise IntegrityBroken(
        "journal-chain-broken", f"Nothing was signed: {fault}. Run `outcomes verify`."
    )


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())

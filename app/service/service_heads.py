"""Signing the end of the service's own chain of the access log once a day.

The chain holds what concerns no contract: what operators do among themselves, failures to sign in,
refusals of strangers. A contract's own chain is in the contract's head (app/service/heads.py).
"""

from dataclasses import replace
from datetime import UTC, date

from app.domain.errors import NotFound
from app.domain.signed_head import SignedHead
from app.service.accesses import SERVICE_CHAIN, check_chain, end_of_log, head_faults
from app.service.checks import Check
from app.service.context import Context
from app.service.heads import FIRST_DAY, Signed, refuse_later
from app.storage import access_log, service_heads, signing_keys
from app.storage.engine import Connection, UnitOfWork, run_transaction
from app.storage.signing_keys import is_signed


def sign_service_head(context: Context) -> Signed:
    """Sign the end of the service's own chain as its head of today (UTC), once a day.

    The chain is read from the last head to its end first, and nothing is signed that contradicts
    it. Run again on the same day, it answers the head that stands. Example: on 2024-03-01 the chain
    ends with entry 57; access_sequence 57, and sequence and count 0, since there is no journal.

    Raises Unavailable `signing-key-missing`, `signing-key-unusable`; IntegrityBroken
    `access-log-contradicts-head`; RuleRefused `head-of-a-later-day`. Nothing is signed then.
    """
    now = context.clock()
    day = now.astimezone(UTC).date()
    with context.reading_of_none() as uow:
        if standing := service_heads.of_day(uow.connection, day):
            return Signed(standing, new=False)
        keys = signing_keys.load(context.signing_key_file)
        last = service_heads.latest(uow.connection)
        refuse_later(last, day)
        context.serve(uow, SERVICE_CHAIN)
        end = end_of_log(uow.connection, SERVICE_CHAIN, last, context.signing_key_file)
    bare = SignedHead.of_service(day, end, now, keys.current.key_id)
    head = replace(bare, signature=keys.sign(bare.statement()))

    def keep(uow: UnitOfWork) -> SignedHead | None:
        service_heads.keep(uow.connection, head, keys.current)
        return service_heads.of_day(uow.connection, day)

    stands = run_transaction(context.engine, keep)
    if stands is None:
        raise AssertionError("the head was kept, or one was there")
    return Signed(stands, new=stands == head)


def list_service_heads(
    context: Context, after: date = FIRST_DAY, limit: int = 50
) -> list[SignedHead]:
    """Signed heads of the service's own chain after a day, in order."""
    with context.reading_of_none() as uow:
        return service_heads.page(uow.connection, after, limit)


def get_service_head(context: Context, day: date | None = None) -> SignedHead:
    """The head of a day; the newest when no day is named. NotFound `head-unknown`."""
    with context.reading_of_none() as uow:
        found = (
            service_heads.latest(uow.connection)
            if day is None
            else service_heads.of_day(uow.connection, day)
        )
    if found is None:
        when = "no signed head yet" if day is None else "no signed head of that day"
        raise NotFound(
            "head-unknown",
            f"The service's own access log has {when}. `outcomes heads sign`, for no one contract, "
            "signs one each day; list those there are.",
        )
    return found


def check_service_chain(connection: Connection) -> tuple[Check, Check, str]:
    """The checks of the service's own chain and of its heads, and the chain's last hash."""
    chain = Check("access_log", "entries of no contract's access log")
    checked = check_chain(access_log.of_chain(connection, SERVICE_CHAIN))
    chain.count = checked.count
    for fault in checked.faults:
        chain.add(fault)
    signed = Check("heads", "signed heads of that log")
    for head, key in service_heads.every(connection):
        signed.count += 1
        named = f"head of {head.day.isoformat()}"
        if not is_signed(key, head.statement(), head.signature):
            signed.add(f"{named}: the signature is not that of its key")
        for fault in head_faults(connection, head, None):
            signed.add(f"{named}: {fault}")
    return chain, signed, checked.hash

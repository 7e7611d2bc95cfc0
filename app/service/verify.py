"""Verifying a contract: the chain, the refold of every table, the ledger, and what they rest on.

Anyone may run it; it writes nothing. Each check says how much it looked at and what it found.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from app.domain.errors import NotFound, OutcomesError
from app.domain.journal import GENESIS, Record, link_faults
from app.domain.sight import Sight
from app.domain.terms.document import terms_hash
from app.payments.balances import Balance, mirror_differences, trial_balances
from app.payments.tie_states import contradictions
from app.service import verify_kept
from app.service.accesses import (
    SERVICE_CHAIN,
    LogOfHead,
    check_chain,
    log_of_head,
    standing_faults,
)
from app.service.approval_faults import approval_faults
from app.service.checks import Check, Verified
from app.service.context import Context
from app.service.reconciliation import ties_of
from app.service.service_heads import check_service_chain
from app.storage import (
    access_log,
    contracts,
    heads,
    integrity,
    journal,
    ledger,
)
from app.storage.engine import Connection, UnitOfWork
from app.storage.integrity import UNREADABLE
from app.storage.journal import Head
from app.storage.refold import Refold
from app.storage.signing_keys import is_signed

Progress = Callable[[str, int], None]
"""Called now and then with the contract's id and how many records have been read."""


def _no_progress(contract_id: str, count: int) -> None:
    """Say nothing."""


def verify(context: Context, contract_id: str, progress: Progress = _no_progress) -> Verified:
    """Verify one contract on one snapshot.

    chain: sequences without gaps, each record's hash and its link to the one before, the head.
    projections: every row of every table equals what the journal says, and none is left over.
    ledger: entries balance in each book; balances refolded from the journal equal the stored
    postings'; mirror accounts are equal. claims: gross = payable + cuts, payable = shares, no
    source approved twice, and two persons' approval of claims, corrections and claims to funds
    above the terms' limit. terms: documents have the hashes that were accepted. notes: texts match
    their digests and belong to a record. files: evidence and imported files held here are present
    and unchanged. periods: frozen statements have their hash, the ledger as known at their record
    gives the same bytes, and nothing was posted into a hard-closed period since. ties: outcomes,
    claims, documents, ledger and bank lines do not contradict each other (app/payments/ties.py).
    heads: the journal has each signed head's record, the access log its entry, and each signature
    is that of its key. access_log: numbers, links and hashes of who looked at what; entries made
    since the last head only a copy kept elsewhere can show to be missing.

    Any party may ask; one that may not see every participant is told how many differences there
    are, and not which rows they are in.

    Outside its sight: stored replies (idempotency_keys), which prove nothing; the texts of notes
    that were erased; and a database in which chain, head and tables were all rewritten to agree,
    which only the head's sequence and hash, kept elsewhere, can show. NotFound
    `contract-unknown` if no table has the contract.
    """
    with context.reading(contract_id) as uow, _whole(uow) as sight:
        found = verify_within(context, uow.connection, contract_id, progress)
    if sight is Sight.PERSON:
        return found
    for check in found.checks:
        check.differences.clear()
    return replace(found, differences_withheld=True)


def verify_within(
    context: Context,
    connection: Connection,
    contract_id: str,
    progress: Progress = _no_progress,
    *,
    with_files: bool = True,
) -> Verified:
    """As `verify`, in a transaction that is open: of what it wrote, before it commits.

    `with_files=False` leaves the files out, which an import stores last.
    """
    head = _head(connection, contract_id)
    chain = Check("chain", "journal records")
    projections = Check("projections", "rows of every table")
    fold = _refolded(connection, contract_id, chain, projections, progress)
    _check_head(chain, contract_id, head, fold)
    looks: list[tuple[str, str, Callable[[Check], None]]] = [
        (
            "ledger",
            "accounts, and entries that balance",
            lambda check: _ledger(check, connection, contract_id, fold),
        ),
        ("claims", "claim lines", lambda check: _claims(check, connection, contract_id)),
        ("terms", "terms versions", lambda check: _terms(check, connection, contract_id)),
        (
            "notes",
            "note texts",
            lambda check: verify_kept.notes(check, context, connection, contract_id),
        ),
        (
            "files",
            "evidence and imported files held here",
            lambda check: verify_kept.files(check, context, connection, contract_id),
        ),
        (
            "periods",
            "frozen statements of closed periods",
            lambda check: verify_kept.closed_periods(check, connection, contract_id),
        ),
        (
            "ties",
            "ties between outcomes, claims, documents, ledger and bank",
            lambda check: _ties(check, connection, contract_id),
        ),
        ("heads", "signed heads", lambda check: _heads(check, context, connection, contract_id)),
        (
            "access_log",
            "entries of the access log",
            lambda check: _accesses(check, connection, contract_id),
        ),
    ]
    checks = [
        _checked(Check(name, looked_at), look)
        for name, looked_at, look in looks
        if with_files or name != "files"
    ]
    return Verified(
        contract_id,
        head.sequence if head else 0,
        head.hash if head else GENESIS,
        (chain, projections, *checks),
    )


@contextmanager
def _whole(uow: UnitOfWork) -> Iterator[Sight]:
    """See the whole record; the reader's own sight, by which differences are told or counted."""
    sight = uow.scope.sight
    with uow.reckoning():
        yield sight


def verify_all(context: Context, progress: Progress = _no_progress) -> Iterator[Verified]:
    """Verify every contract, one after the other; then ids that rows carry and no contract has."""
    after = ""
    while True:
        with context.reading_of_none() as uow:
            ids = journal.contract_ids(uow.connection, after, 100, of_party=context.reader)
        if not ids:
            break
        for contract_id in ids:
            yield verify(context, contract_id, progress)
        after = ids[-1]
    with context.reading_of_none() as uow:
        ids = integrity.ids_without_contract(uow.connection)
    for contract_id in ids:
        yield verify(context, contract_id, progress)
    yield from verify_service(context)


def verify_service(context: Context) -> Iterator[Verified]:
    """The chain of the access log that belongs to no contract, if there is anything of it."""
    with context.reading_of_none() as uow:
        context.serve(uow, SERVICE_CHAIN)
        chain, signed, end = check_service_chain(uow.connection)
    if chain.count or signed.count:
        yield Verified("(service)", chain.count, end, (chain, signed))


def _accesses(check: Check, connection: Connection, contract_id: str) -> None:
    checked = check_chain(access_log.of_chain(connection, contract_id))
    check.count = checked.count
    for fault in (*checked.faults, *standing_faults(connection, contract_id)):
        check.add(fault)


def _head(connection: Connection, contract_id: str) -> Head | None:
    """The contract's head; None where its row is gone, or unreadable, and others are left."""
    try:
        return journal.head(connection, contract_id)
    except (NotFound, *UNREADABLE):
        if integrity.has_rows(connection, contract_id):
            return None
        raise


def _checked(check: Check, look: Callable[[Check], None]) -> Check:
    """The check after its look. What it cannot read is a difference, not the end of verifying."""
    try:
        look(check)
    except (*UNREADABLE, OutcomesError) as error:
        check.add(f"holds a value that cannot be read ({type(error).__name__})")
    return check


class _Fold:
    """Debits and credits by account, added up from the journal alone; and its last record."""

    def __init__(self) -> None:
        self.totals: dict[str, list[int]] = {}
        self.last: Record | None = None

    def add(self, payload: dict[str, Any]) -> None:
        for posting in payload.get("postings", ()):
            self.totals.setdefault(posting["debit"], [0, 0])[0] += posting["amount_minor"]
            self.totals.setdefault(posting["credit"], [0, 0])[1] += posting["amount_minor"]


def _refolded(
    connection: Connection,
    contract_id: str,
    chain: Check,
    projections: Check,
    progress: Progress,
) -> _Fold:
    """Read the journal once: check its chain, compare every table, add up its postings."""
    refold, fold = Refold(connection, contract_id), _Fold()
    records = journal.records(connection, contract_id)
    while record := _next_record(records, chain):
        chain.count += 1
        for fault in link_faults(fold.last, record):
            chain.add(f"journal record {record.sequence}: {fault}")
        try:
            payload = journal.parsed(record)
            for difference in refold.compare(record, payload):
                projections.add(f"{difference.table} ({difference.key}): {difference.what}")
            fold.add(payload)
        except UNREADABLE:  # only an altered payload: every written one names tables and columns
            chain.add(f"journal record {record.sequence}: the payload cannot be refolded")
        fold.last = record
        if chain.count % 1000 == 0:
            progress(contract_id, chain.count)
    for difference in refold.rest():
        projections.add(f"{difference.table} ({difference.key}): {difference.what}")
    projections.count = refold.rows_compared
    return fold


def _next_record(records: Iterator[Record], chain: Check) -> Record | None:
    try:
        return next(records, None)
    except UNREADABLE as error:
        chain.add(
            f"journal after record {chain.count}: a value cannot be read ({type(error).__name__})"
        )
        return None


def _check_head(chain: Check, contract_id: str, head: Head | None, fold: _Fold) -> None:
    if head is None:
        chain.add(f"contracts ({contract_id}): the contract's row is missing, or unreadable")
        return
    last = (fold.last.sequence, fold.last.hash) if fold.last else (0, GENESIS)
    if (head.sequence, head.hash) != last:
        chain.add(
            f"contracts ({contract_id}): the head says record {head.sequence}, the journal ends "
            f"with record {last[0]}, or their hashes differ"
        )
    if fold.last and head.recorded_at != fold.last.recorded_at:
        chain.add(f"contracts ({contract_id}): head_recorded_at is not that of the last record")


def _ledger(check: Check, connection: Connection, contract_id: str, fold: _Fold) -> None:
    stored = ledger.balances(connection, contract_id)
    chart = ledger.chart(connection, contract_id)
    check.count = len(chart)
    for account in sorted(stored.keys() | fold.totals.keys()):
        balance = stored.get(account)
        refolded = tuple(fold.totals.get(account, (0, 0)))
        if balance is None or (balance.debits.minor, balance.credits.minor) != refolded:
            check.add(f"account {account}: stored postings differ from those in the journal")
    for currency in sorted({balance.debits.currency for balance in stored.values()}):
        _balanced(check, stored, currency)
        for difference in mirror_differences(stored, chart, currency):
            check.add(
                f"mirror {difference.account} and {difference.mirror} differ by "
                f"{difference.difference.readable()}"
            )
    for number in integrity.unbalanced_entries(connection, contract_id):
        check.add(f"entry {number} does not balance, or has no postings")
    for number in integrity.over_reversed_entries(connection, contract_id):
        check.add(f"entry {number} is reversed beyond what it posted")


def _balanced(check: Check, stored: dict[str, Balance], currency: str) -> None:
    for book in trial_balances(stored, currency):
        if book.debit_total != book.credit_total:
            check.add(
                f"book {book.book}: debits {book.debit_total.readable()}, credits "
                f"{book.credit_total.readable()}"
            )


def _claims(check: Check, connection: Connection, contract_id: str) -> None:
    check.count = integrity.claim_line_count(connection, contract_id)
    for claim, line, what in integrity.claim_line_faults(connection, contract_id):
        check.add(f"claim {claim} line {line}: {what}")
    for kind, source in integrity.sources_approved_twice(connection, contract_id):
        check.add(f"{kind} {source} stands on several lines of approved claims")
    for name, fault in approval_faults(connection, contract_id):
        check.add(f"{name}: {fault}")


def _terms(check: Check, connection: Connection, contract_id: str) -> None:
    for version in contracts.versions(connection, contract_id):
        check.count += 1
        if terms_hash(json.loads(version.document)) != version.hash:
            check.add(f"terms version {version.number}: the document does not have its hash")


def _ties(check: Check, connection: Connection, contract_id: str) -> None:
    """What is not invoiced yet, or not seen by the bank yet, is no fault."""
    for tie in ties_of(connection, contract_id, contracts.timeline(connection, contract_id)):
        check.count += 1
        for cause in contradictions(tie):
            check.add(f"tie {tie.name}: {cause.because} ({', '.join(cause.refs)})")


def _heads(check: Check, context: Context, connection: Connection, contract_id: str) -> None:
    keys = {key.key_id: key for key in heads.keys(connection, contract_id)}
    elsewhere = 0
    for head, journal_hash in heads.every(connection, contract_id):
        check.count += 1
        named = f"head of {head.day.isoformat()}"
        if (head.hash, head.count) != (journal_hash, head.sequence):
            check.add(f"{named}: the journal has no record {head.sequence} with its hash")
        key = keys.get(head.key_id)
        if key is None or not is_signed(key, head.statement(), head.signature):
            check.add(f"{named}: the signature is not that of its key")
        where = log_of_head(connection, head, context.signing_key_file)
        elsewhere += where is LogOfHead.ELSEWHERE
        if where is LogOfHead.NOWHERE:
            check.add(f"{named}: the access log has no entry {head.access_sequence} with its hash")
    if elsewhere:
        word = "" if context.signing_key_file else ", by that log's own word: no key file is named"
        check.looked_at += f" ({elsewhere} of the access log of another ledger{word})"

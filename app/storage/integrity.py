"""Set-based questions of `outcomes verify`: what in the stored rows contradicts itself."""

from collections.abc import Iterator

import psycopg
from sqlalchemy import (
    Connection,
    String,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    union,
    union_all,
)
from sqlalchemy.exc import DBAPIError

from app.domain.errors import IntegrityBroken, Unavailable
from app.storage import notes as note_store
from app.storage.tables import (
    PROJECTIONS,
    claim_decisions,
    claim_line_cuts,
    claim_line_shares,
    claim_lines,
    contracts,
    entries,
    erased_notes,
    evidence_items,
    metadata,
    notes,
    postings,
)
from app.storage.vault import Vault

BATCH = 500
"""Rows held in memory at a time for each table."""

STREAMING = {"stream_results": True, "yield_per": BATCH}
"""Given to a statement, not to the connection: that would make every later one stream as well."""

UNREADABLE = (
    ValueError,
    LookupError,
    StopIteration,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    DBAPIError,
    psycopg.Error,
)
"""What reading a row meets that no release of this service can have written."""


def ids_without_contract(connection: Connection) -> list[str]:
    """Contract ids that rows of any table carry and no row of `contracts` has: none, normally.

    Asked of a function of the database that looks past the policies and answers nothing else.
    """
    query = select(func.contract_ids_without_contract(type_=Text))
    return list(connection.execute(query).scalars())


def has_rows(connection: Connection, contract_id: str) -> bool:
    """Whether any table but `contracts` holds a row of the contract."""
    return any(
        connection.execute(
            select(literal(1)).where(table.c.contract_id == contract_id).limit(1)
        ).first()
        for table in metadata.sorted_tables
        if table is not contracts
    )


def unbalanced_entries(connection: Connection, contract_id: str) -> list[int]:
    """Entries without postings, or whose debits and credits differ in a book and currency."""
    sides = union_all(
        *(
            select(
                postings.c.entry_number,
                func.split_part(postings.c[side], "/", 1).label("book"),
                postings.c.currency,
                (sign * postings.c.amount_minor).label("amount_minor"),
            ).where(postings.c.contract_id == contract_id)
            for side, sign in (("debit", 1), ("credit", -1))
        )
    ).subquery()
    uneven = (
        select(sides.c.entry_number)
        .group_by(sides.c.entry_number, sides.c.book, sides.c.currency)
        .having(func.sum(sides.c.amount_minor) != 0)
    )
    empty = (
        select(entries.c.entry_number)
        .outerjoin(
            postings,
            and_(
                postings.c.contract_id == entries.c.contract_id,
                postings.c.entry_number == entries.c.entry_number,
            ),
        )
        .where(entries.c.contract_id == contract_id, postings.c.entry_number.is_(None))
    )
    return sorted(set(connection.execute(union_all(uneven, empty)).scalars()))


def over_reversed_entries(connection: Connection, contract_id: str) -> list[int]:
    """Entries of which their reversals take back more than some posting moved: none, normally."""
    reversing = entries.alias("reversing")
    moved, taken = (
        select(number.label("entry_number"), debit, credit, postings.c.currency, amount)
        .select_from(source)
        .where(postings.c.contract_id == contract_id)
        .group_by(number, debit, credit, postings.c.currency)
        .subquery()
        for number, debit, credit, source, amount in (
            (
                postings.c.entry_number,
                postings.c.debit.label("debit"),
                postings.c.credit.label("credit"),
                postings,
                func.sum(postings.c.amount_minor).label("amount_minor"),
            ),
            (
                reversing.c.reverses,
                postings.c.credit.label("debit"),
                postings.c.debit.label("credit"),
                postings.join(
                    reversing,
                    and_(
                        reversing.c.contract_id == postings.c.contract_id,
                        reversing.c.entry_number == postings.c.entry_number,
                        reversing.c.reverses.is_not(None),
                    ),
                ),
                func.sum(postings.c.amount_minor).label("amount_minor"),
            ),
        )
    )
    rows = connection.execute(
        select(taken.c.entry_number)
        .distinct()
        .outerjoin(
            moved,
            and_(
                moved.c.entry_number == taken.c.entry_number,
                moved.c.debit == taken.c.debit,
                moved.c.credit == taken.c.credit,
                moved.c.currency == taken.c.currency,
            ),
        )
        .where(taken.c.amount_minor > func.coalesce(moved.c.amount_minor, 0))
        .order_by(taken.c.entry_number)
    )
    return [row.entry_number for row in rows]


def claim_line_count(connection: Connection, contract_id: str) -> int:
    """How many claim lines the contract has."""
    return connection.execute(
        select(func.count()).where(claim_lines.c.contract_id == contract_id)
    ).scalar_one()


def claim_line_faults(connection: Connection, contract_id: str) -> list[tuple[int, int, str]]:
    """Lines whose gross is not payable plus cuts, or whose payable is not the sum of shares."""
    cut, borne = (
        select(
            table.c.claim_number,
            table.c.line_number,
            func.sum(table.c.amount_minor).label("amount_minor"),
        )
        .where(table.c.contract_id == contract_id)
        .group_by(table.c.claim_number, table.c.line_number)
        .subquery()
        for table in (claim_line_cuts, claim_line_shares)
    )
    cuts = func.coalesce(cut.c.amount_minor, 0)
    shares = func.coalesce(borne.c.amount_minor, 0)
    payable = claim_lines.c.payable_minor
    what = case(
        (claim_lines.c.gross_minor != payable + cuts, literal("gross is not payable plus cuts")),
        else_=literal("payable is not the sum of the shares"),
    )
    rows = connection.execute(
        select(claim_lines.c.claim_number, claim_lines.c.line_number, cast(what, String))
        .outerjoin(
            cut,
            and_(
                cut.c.claim_number == claim_lines.c.claim_number,
                cut.c.line_number == claim_lines.c.line_number,
            ),
        )
        .outerjoin(
            borne,
            and_(
                borne.c.claim_number == claim_lines.c.claim_number,
                borne.c.line_number == claim_lines.c.line_number,
            ),
        )
        .where(
            claim_lines.c.contract_id == contract_id,
            (claim_lines.c.gross_minor != payable + cuts) | (payable != shares),
        )
        .order_by(claim_lines.c.claim_number, claim_lines.c.line_number)
    )
    return [(claim, line, fault) for claim, line, fault in rows]


def sources_approved_twice(connection: Connection, contract_id: str) -> list[tuple[str, str]]:
    """Kind and source of what stands on more than one line of approved claims: none, normally."""
    rows = connection.execute(
        select(claim_lines.c.kind, claim_lines.c.source_id)
        .join(
            claim_decisions,
            and_(
                claim_decisions.c.contract_id == claim_lines.c.contract_id,
                claim_decisions.c.claim_number == claim_lines.c.claim_number,
            ),
        )
        .where(claim_lines.c.contract_id == contract_id, claim_decisions.c.decision == "approved")
        .group_by(claim_lines.c.kind, claim_lines.c.source_id)
        .having(func.count() > 1)
        .order_by(claim_lines.c.kind, claim_lines.c.source_id)
    )
    return [(kind, source_id) for kind, source_id in rows]


def notes_held(
    connection: Connection, vault: Vault, contract_id: str
) -> Iterator[tuple[str, bool]]:
    """Each note's digest, and whether its text can be opened and still has it with its salt."""
    query = select(notes).where(notes.c.contract_id == contract_id)
    for row in connection.execute(query, execution_options=STREAMING):
        try:
            text = vault.open_text(contract_id, row.sealed_text)
        except (IntegrityBroken, Unavailable):
            yield row.digest, False
        else:
            yield row.digest, note_store.digest_of(row.salt, text) == row.digest


def unreferenced_notes(connection: Connection, contract_id: str) -> list[str]:
    """Digests of notes that no recorded row names: nobody wrote them through the service."""
    named = _named_notes(contract_id)
    return list(
        connection.execute(
            select(notes.c.digest)
            .outerjoin(named, named.c.digest == notes.c.digest)
            .where(notes.c.contract_id == contract_id, named.c.digest.is_(None))
            .order_by(notes.c.digest)
        ).scalars()
    )


def missing_notes(connection: Connection, contract_id: str) -> list[str]:
    """Digests that recorded rows name, without a note and without an erasure that took it."""
    named = _named_notes(contract_id)
    query = select(named.c.digest).where(
        named.c.digest.is_not(None),
        named.c.digest.not_in(select(notes.c.digest).where(notes.c.contract_id == contract_id)),
        named.c.digest.not_in(
            select(erased_notes.c.digest).where(erased_notes.c.contract_id == contract_id)
        ),
    )
    return sorted(connection.execute(query).scalars())


def notes_back_again(connection: Connection, contract_id: str) -> list[str]:
    """Digests of notes that were erased and are here again, as after an old backup."""
    query = select(notes.c.digest).join(
        erased_notes,
        and_(
            erased_notes.c.contract_id == notes.c.contract_id,
            erased_notes.c.digest == notes.c.digest,
        ),
    )
    return sorted(connection.execute(query.where(notes.c.contract_id == contract_id)).scalars())


def _named_notes(contract_id: str) -> Subquery:
    return union(
        *(
            select(table.c.note_digest.label("digest")).where(table.c.contract_id == contract_id)
            for table in PROJECTIONS
            if "note_digest" in table.c
        )
    ).subquery()


def files_held(connection: Connection, contract_id: str) -> list[str]:
    """SHA-256 of every evidence file that this service holds for the contract."""
    return list(
        connection.execute(
            select(evidence_items.c.sha256)
            .distinct()
            .where(
                evidence_items.c.contract_id == contract_id,
                evidence_items.c.held_by == "service",
            )
            .order_by(evidence_items.c.sha256)
        ).scalars()
    )

"""Verifying what is kept beside the journal: texts, files, and frozen statements."""

from app.service import frozen_statements
from app.service.checks import Check
from app.service.context import Context
from app.storage import erasures, imports, integrity, periods
from app.storage.engine import Connection

_BACK_AGAIN = "erased, and here again; run `outcomes erasures apply`"


def notes(check: Check, context: Context, connection: Connection, contract_id: str) -> None:
    """Texts match the digests in the journal, and each belongs to a record."""
    vault = context.files.vault
    for digest, matches in integrity.notes_held(connection, vault, contract_id):
        check.count += 1
        if not matches:
            check.add(f"note {digest}: the text does not match its digest")
    for digest in integrity.unreferenced_notes(connection, contract_id):
        check.add(f"note {digest}: no record names it")
    for digest in integrity.missing_notes(connection, contract_id):
        check.add(f"note {digest}: missing, and no erasure is recorded")
    for digest in integrity.notes_back_again(connection, contract_id):
        check.add(f"note {digest}: {_BACK_AGAIN}")


def files(check: Check, context: Context, connection: Connection, contract_id: str) -> None:
    """Files held here are present and unchanged, and erased ones are gone: those too that no
    evidence item ever named.
    """
    held = context.files
    erased = erasures.erased(connection, contract_id, erasures.EVIDENCE)
    for sha256 in sorted({*integrity.files_held(connection, contract_id), *erased}):
        check.count += 1
        if sha256 in erased:
            if held.find(contract_id, sha256) is not None:
                check.add(f"evidence file {sha256}: {_BACK_AGAIN}")
        elif not held.is_intact(contract_id, sha256):
            check.add(f"evidence file {sha256}: missing or changed")
    erased = erasures.erased(connection, contract_id, erasures.IMPORT)
    for sha256 in imports.files_held(connection, contract_id):
        check.count += 1
        if sha256 in erased:
            if held.bank.is_here(contract_id, sha256):
                check.add(f"imported file {sha256}: {_BACK_AGAIN}")
        elif not held.bank.is_intact(contract_id, sha256):
            check.add(f"imported file {sha256}: missing or changed")


def closed_periods(check: Check, connection: Connection, contract_id: str) -> None:
    """Frozen statements are made again to the byte; nothing went into a hard-closed period."""
    for book, number in periods.frozen_places(connection, contract_id):
        check.count += 1
        for fault in frozen_statements.faults(connection, contract_id, book, number):
            check.add(f"frozen statement {number} of {book}: {fault}")
    for entry, sequence in periods.posted_into_closed(connection, contract_id):
        check.add(f"entry {entry} is dated in a period that journal record {sequence} hard-closed")

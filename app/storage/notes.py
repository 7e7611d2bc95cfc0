"""Free text, kept beside the journal: the journal holds a salted digest, so text can be erased.

The text is sealed under the contract's data key. The digest is of the text itself, so that it
proves the same whatever key seals it.
"""

import hashlib
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, delete, insert, select

from app.storage.tables import notes
from app.storage.vault import Vault


def digest_of(salt: str, text: str) -> str:
    """SHA-256 of salt and text, in hexadecimal: what rows and the journal hold for a note."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def keep(connection: Connection, vault: Vault, contract_id: str, salt: str, text: str) -> str:
    """Store a note and return its digest."""
    digest = digest_of(salt, text)
    sealed = vault.seal_text(contract_id, text)
    connection.execute(
        insert(notes).values(contract_id=contract_id, digest=digest, salt=salt, sealed_text=sealed)
    )
    return digest


def read(connection: Connection, vault: Vault, contract_id: str, digest: str | None) -> str | None:
    """The text behind a digest; None if there was none or it has been erased."""
    if digest is None:
        return None
    sealed = connection.execute(
        select(notes.c.sealed_text).where(
            notes.c.contract_id == contract_id, notes.c.digest == digest
        )
    ).scalar_one_or_none()
    return None if sealed is None else vault.open_text(contract_id, sealed)


def every(connection: Connection, vault: Vault, contract_id: str) -> Iterator[tuple[str, str, str]]:
    """Digest, salt and text of every note of a contract: what a whole-contract export carries."""
    rows = connection.execute(
        select(notes).where(notes.c.contract_id == contract_id).order_by(notes.c.digest)
    )
    for row in rows:
        yield row.digest, row.salt, vault.open_text(contract_id, row.sealed_text)


def erase(connection: Connection, contract_id: str, digests: Collection[str]) -> int:
    """Delete notes; how many there were.

    The database refuses the transaction if it leaves one without a row in `erased_notes`.
    """
    found = connection.execute(
        delete(notes)
        .where(notes.c.contract_id == contract_id, notes.c.digest.in_(digests))
        .returning(notes.c.digest)
    )
    return len(found.all())

"""Free text, kept beside the journal: the journal holds a salted digest, so text can be erased."""

import hashlib

from sqlalchemy import Connection, insert, select

from app.storage.tables import notes


def digest_of(salt: str, text: str) -> str:
    """SHA-256 of salt and text, in hexadecimal: what rows and the journal hold for a note."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def keep(connection: Connection, contract_id: str, salt: str, text: str) -> str:
    """Store a note and return its digest."""
    digest = digest_of(salt, text)
    connection.execute(
        insert(notes).values(contract_id=contract_id, digest=digest, salt=salt, text=text)
    )
    return digest


def read(connection: Connection, contract_id: str, digest: str | None) -> str | None:
    """The text behind a digest; None if there was none or it has been erased."""
    if digest is None:
        return None
    return connection.execute(
        select(notes.c.text).where(notes.c.contract_id == contract_id, notes.c.digest == digest)
    ).scalar_one_or_none()

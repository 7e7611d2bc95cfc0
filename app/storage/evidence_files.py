"""Evidence files: streamed in, checked, stored under the hash of their content, never executed.

    <root>/<contract>/<first two of the hash>/<hash>.<ending of the sniffed type>

The name says everything that must be known of a file, so there is nothing beside it to disagree
with. No name that a user gave is ever part of a path.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import Fault, InputInvalid, NotFound, TooLarge, UnsupportedFile
from app.storage.bank_files import BankFiles
from app.storage.evidence_types import ENDINGS, sniffed_type

_CONTRACT = re.compile(r"[a-z0-9][a-z0-9-]{1,62}[a-z0-9]", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_INCOMING = ".incoming"
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored file: the hash that names it, its size in bytes, its type."""

    sha256: str
    size_bytes: int
    media_type: str


class Incoming:
    """A file on its way in. `write` its bytes, then `finish`; without that nothing is kept."""

    def __init__(self, folder: Path, temporary: Path, handle: int, max_bytes: int) -> None:
        self._folder = folder
        self._temporary = temporary
        self._file = os.fdopen(handle, "w+b")
        self._max_bytes = max_bytes
        self._size = 0
        self._hash = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; TooLarge `file-too-large` beyond the limit."""
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise TooLarge(
                "file-too-large",
                f"An evidence file may have {self._max_bytes} bytes at most. Send a smaller "
                "scan, or record only its SHA-256 and keep the file.",
            )
        self._hash.update(chunk)
        self._file.write(chunk)

    def finish(
        self,
        declared_media_type: str,
        *,
        expected_sha256: str | None = None,
        dry_run: bool = False,
    ) -> StoredFile:
        """Check the whole file and keep it; a file that is here already is kept once.

        With `dry_run` it is checked and not kept.
        Raises UnsupportedFile when its content is not of an accepted type, or not of the declared
        one, and InputInvalid `sha256-mismatch` when its hash is not the expected one.
        """
        sha256 = self._hash.hexdigest()
        if expected_sha256 is not None and sha256 != expected_sha256:
            message = "The bytes received do not have this SHA-256; the file may have been cut off."
            raise InputInvalid([Fault("sha256-mismatch", "/sha256", message)])
        if self._size == 0:
            raise UnsupportedFile("file-empty", "The file is empty.")
        self._file.flush()
        media_type = sniffed_type(self._file, declared_media_type)
        if kept := _find(self._folder, sha256):
            return kept
        stored = StoredFile(sha256, self._size, media_type)
        if dry_run:
            return stored
        os.fsync(self._file.fileno())
        place = self._folder / sha256[:2]
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._temporary.replace(place / f"{sha256}.{ENDINGS[media_type]}")
        _sync(place)
        return stored

    def discard(self) -> None:
        """Close the file and remove what was not kept."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)


class EvidenceFiles:
    """The evidence files of every contract, in one directory that only the service can read."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        """`max_bytes` is the largest file accepted."""
        self._root = root
        self._max_bytes = max_bytes
        self.bank = BankFiles(root, self._folder)

    @contextmanager
    def receive(self, contract_id: str) -> Iterator[Incoming]:
        """Open a new file of a contract for writing; left-overs are removed however it ends."""
        folder = self._folder(contract_id)
        waiting = self._root / _INCOMING
        waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=waiting)  # mode 0600
        incoming = Incoming(folder, Path(name), handle, self._max_bytes)
        try:
            yield incoming
        finally:
            incoming.discard()

    def find(self, contract_id: str, sha256: str) -> StoredFile | None:
        """A file of the contract by its hash, or None."""
        return _find(self._folder(contract_id), sha256)

    def open(self, contract_id: str, sha256: str) -> BinaryIO:
        """Open a file for reading; NotFound `evidence-file-missing` if it is not here."""
        folder = self._folder(contract_id)
        if (kept := _find(folder, sha256)) is None:
            raise NotFound(
                "evidence-file-missing",
                "The file is not in this service's store; ask the operator to restore it.",
            )
        return (folder / sha256[:2] / f"{sha256}.{ENDINGS[kept.media_type]}").open("rb")

    def is_intact(self, contract_id: str, sha256: str) -> bool:
        """Whether the file is here and its bytes still have the hash that names it."""
        digest = hashlib.sha256()
        try:
            with self.open(contract_id, sha256) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except NotFound:
            return False
        return digest.hexdigest() == sha256

    def _folder(self, contract_id: str) -> Path:
        if _CONTRACT.fullmatch(contract_id) is None:
            message = "A contract's id has 3 to 64 lower-case letters, digits and hyphens."
            raise InputInvalid([Fault("wrong-form", "/contract_id", message)])
        return self._root / contract_id


def _find(folder: Path, sha256: str) -> StoredFile | None:
    if _SHA256.fullmatch(sha256) is None:
        return None
    for media_type, ending in ENDINGS.items():
        with suppress(FileNotFoundError):
            size = (folder / sha256[:2] / f"{sha256}.{ending}").stat().st_size
            return StoredFile(sha256, size, media_type)
    return None


def _sync(folder: Path) -> None:
    """Make the new name last through a power cut, as the content does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

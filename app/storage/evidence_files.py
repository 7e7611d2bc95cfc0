"""Evidence files: streamed in, checked, sealed under the hash of their content, never executed.

    <root>/<contract>/<first two of the hash>/<hash>.<ending of the sniffed type>

The name says everything that must be known of a file, so there is nothing beside it to disagree
with. No name that a user gave is ever part of a path. What lies on the disk, half-received files
included, is encrypted (app/storage/sealed_file.py); the hash is that of the content.
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

from app.domain.errors import (
    Fault,
    InputInvalid,
    IntegrityBroken,
    NotFound,
    TooLarge,
    Unavailable,
    UnsupportedFile,
)
from app.storage.bank_files import BankFiles
from app.storage.evidence_types import ENDINGS, sniffed_type
from app.storage.sealed_file import content_bytes, damaged
from app.storage.vault import Vault

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
    """A file on its way in. `write` its bytes, `check` the whole, `keep` it; else nothing stays."""

    def __init__(
        self, vault: Vault, contract_id: str, folder: Path, temporary: Path, handle: int, most: int
    ) -> None:
        self._vault = vault
        self._contract_id = contract_id
        self._folder = folder
        self._temporary = temporary
        self._file = os.fdopen(handle, "w+b")
        self._sealed = vault.writer(contract_id, self._file)
        self._max_bytes = most
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
        self._sealed.write(chunk)

    def content(self) -> BinaryIO:
        """The whole content, to be read; nothing can be written from then on."""
        self._sealed.finish()
        return self._vault.peek(self._contract_id, self._file)

    def check(self, declared_media_type: str, expected_sha256: str | None = None) -> StoredFile:
        """What the whole file is, if it may be kept.

        Raises UnsupportedFile when its content is not of an accepted type, or not of the declared
        one, and InputInvalid `sha256-mismatch` when its hash is not the expected one.
        """
        sha256 = self._hash.hexdigest()
        if expected_sha256 is not None and sha256 != expected_sha256:
            message = "The bytes received do not have this SHA-256; the file may have been cut off."
            raise InputInvalid([Fault("sha256-mismatch", "/sha256", message)])
        if self._size == 0:
            raise UnsupportedFile("file-empty", "The file is empty.")
        with self.content() as content:
            media_type = sniffed_type(content, declared_media_type)
        return find_file(self._folder, sha256) or StoredFile(sha256, self._size, media_type)

    def keep(self, stored: StoredFile) -> None:
        """Keep the file as it was checked. It takes the place of one that may be damaged."""
        self._sealed.finish()
        os.fsync(self._file.fileno())
        place = self._folder / stored.sha256[:2]
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._temporary.replace(place / _name(stored))
        _sync(place)

    def finish(
        self,
        declared_media_type: str,
        *,
        expected_sha256: str | None = None,
        dry_run: bool = False,
    ) -> StoredFile:
        """`check` and `keep` in one; with `dry_run` the file is checked and not kept."""
        stored = self.check(declared_media_type, expected_sha256)
        if not dry_run:
            self.keep(stored)
        return stored

    def discard(self) -> None:
        """Close the file and remove what was not kept."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)


class EvidenceFiles:
    """The evidence files of every contract, in one directory that only the service can read."""

    def __init__(self, root: Path, max_bytes: int, vault: Vault | None = None) -> None:
        """`max_bytes` is the largest file accepted; without a vault nothing outlives the store."""
        self._root = root
        self._max_bytes = max_bytes
        self.vault = vault or Vault(root)
        self.bank = BankFiles(root, self._folder, vault=self.vault)

    @contextmanager
    def receive(self, contract_id: str) -> Iterator[Incoming]:
        """Open a new file of a contract for writing; left-overs are removed however it ends."""
        folder = self._folder(contract_id)
        waiting = self._root / _INCOMING
        waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=waiting)  # mode 0600
        incoming = Incoming(self.vault, contract_id, folder, Path(name), handle, self._max_bytes)
        try:
            yield incoming
        finally:
            incoming.discard()

    def find(self, contract_id: str, sha256: str) -> StoredFile | None:
        """A file of the contract by its hash, or None."""
        return find_file(self._folder(contract_id), sha256)

    def open(self, contract_id: str, sha256: str) -> BinaryIO:
        """Open a file for reading, once the whole of it has been found unchanged.

        NotFound `evidence-file-missing` if it is not here; IntegrityBroken `evidence-file-damaged`
        if its content is not what its name says. Reading it twice is the price of never handing
        out the good half of a bad file: 20 MB take some 50 ms.
        """
        file = self._opened(contract_id, sha256)
        try:
            found = _digest(file)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        if found != sha256:
            file.close()
            raise damaged()
        return file

    def is_intact(self, contract_id: str, sha256: str) -> bool:
        """Whether the file is here and its content still has the hash that names it."""
        try:
            self.open(contract_id, sha256).close()
        except (NotFound, IntegrityBroken, Unavailable):
            return False
        return True

    def names(self, contract_id: str) -> Iterator[str]:
        """SHA-256 of every evidence file of a contract that lies on the disk, in no order."""
        endings = {f".{ending}" for ending in ENDINGS.values()}
        for path in self._folder(contract_id).glob("??/*"):
            if path.suffix in endings and _SHA256.fullmatch(path.stem):
                yield path.stem

    def erase(self, contract_id: str, sha256: str) -> bool:
        """Remove a file from the disk for good; whether it was there."""
        folder = self._folder(contract_id)
        if (kept := find_file(folder, sha256)) is None:
            return False
        place = folder / sha256[:2]
        (place / _name(kept)).unlink(missing_ok=True)
        _sync(place)
        return True

    def _opened(self, contract_id: str, sha256: str) -> BinaryIO:
        folder = self._folder(contract_id)
        if (kept := find_file(folder, sha256)) is None:
            raise NotFound(
                "evidence-file-missing",
                "The file is not in this service's store; ask the operator to restore it.",
            )
        file = (folder / sha256[:2] / _name(kept)).open("rb")
        try:
            return self.vault.reader(contract_id, file)
        except BaseException:
            file.close()
            raise

    def _folder(self, contract_id: str) -> Path:
        if _CONTRACT.fullmatch(contract_id) is None:
            message = "A contract's id has 3 to 64 lower-case letters, digits and hyphens."
            raise InputInvalid([Fault("wrong-form", "/contract_id", message)])
        return self._root / contract_id


def find_file(folder: Path, sha256: str) -> StoredFile | None:
    """The file with that hash in a contract's folder, or None."""
    if _SHA256.fullmatch(sha256) is None:
        return None
    for media_type, ending in ENDINGS.items():
        with suppress(FileNotFoundError):
            size = (folder / sha256[:2] / f"{sha256}.{ending}").stat().st_size
            return StoredFile(sha256, content_bytes(size), media_type)
    return None


def _name(stored: StoredFile) -> str:
    return f"{stored.sha256}.{ENDINGS[stored.media_type]}"


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    """Make the new name last through a power cut, as the content does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

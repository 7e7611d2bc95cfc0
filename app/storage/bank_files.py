"""Bank and accounts-payable files as they came, kept under the hash of their content.

    <evidence files>/<contract>/<first two of the hash>/<hash>.import

They lie beside the evidence files and are treated like them: encrypted, never executed, never
changed. No name that a user gave is part of a path. What was read of a file is in the record; the
file itself proves it.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import (
    Fault,
    InputInvalid,
    IntegrityBroken,
    NotFound,
    TooLarge,
    Unavailable,
)
from app.storage.vault import Vault

BYTES_MAX = 256 * 1024 * 1024
_ENDING = "import"
_CHUNK_BYTES = 256 * 1024


class IncomingFile:
    """A file on its way in: `write` its bytes, then read it; without `keep` nothing stays."""

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
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has been written so far."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; TooLarge `file-too-large` beyond the limit."""
        self.size_bytes += len(chunk)
        if self.size_bytes > self._max_bytes:
            message = f"The file is larger than {self._max_bytes} bytes; split it by period."
            raise TooLarge("file-too-large", message)
        self._hash.update(chunk)
        self._sealed.write(chunk)

    def require_sha256(self, expected: str) -> None:
        """Refuse a file that is not the one announced: it may have been cut off on its way."""
        if self.sha256 != expected:
            message = "The bytes received do not have this SHA-256; the file may have been cut off."
            raise InputInvalid([Fault("sha256-mismatch", "/sha256", message)])

    def from_start(self) -> BinaryIO:
        """The whole file, to be read from its start; nothing can be written from then on."""
        self._sealed.finish()
        return self._vault.peek(self._contract_id, self._file)

    def keep(self) -> None:
        """Keep the file under its hash; one that is here already is kept once."""
        place = self._folder / self.sha256[:2]
        kept = place / f"{self.sha256}.{_ENDING}"
        if kept.exists():
            return
        self._sealed.finish()
        os.fsync(self._file.fileno())
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A second name for the same bytes: the file stays open for reading until it is discarded.
        kept.hardlink_to(self._temporary)
        _sync(place)

    def discard(self) -> None:
        """Close the file and remove its temporary name."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)


class BankFiles:
    """The imported files of every contract, in the directory of the evidence files."""

    def __init__(
        self,
        root: Path,
        folder_of: Callable[[str], Path],
        max_bytes: int = BYTES_MAX,
        vault: Vault | None = None,
    ) -> None:
        """`folder_of` gives a contract's folder; `max_bytes` is the largest file accepted."""
        self._root = root
        self._vault = vault or Vault(root)
        self._folder_of = folder_of
        self._max_bytes = max_bytes

    @contextmanager
    def receive(self, contract_id: str) -> Iterator[IncomingFile]:
        """Open a new file for writing; left-overs are removed however it ends."""
        folder = self._folder_of(contract_id)
        waiting = self._root / ".incoming"
        waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=waiting)  # mode 0600
        incoming = IncomingFile(
            self._vault, contract_id, folder, Path(name), handle, self._max_bytes
        )
        try:
            yield incoming
        finally:
            incoming.discard()

    def open(self, contract_id: str, sha256: str) -> BinaryIO:
        """Open a kept file; NotFound `import-file-missing` if it is not here."""
        try:
            file = self._path(contract_id, sha256).open("rb")
        except FileNotFoundError:
            raise NotFound(
                "import-file-missing",
                "The file is not in this service's store; ask the operator to restore it.",
            ) from None
        try:
            return self._vault.reader(contract_id, file)
        except BaseException:
            file.close()
            raise

    def is_intact(self, contract_id: str, sha256: str) -> bool:
        """Whether the file is here and its content still has the hash that names it."""
        try:
            with self.open(contract_id, sha256) as file:
                digest = hashlib.sha256()
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                return digest.hexdigest() == sha256
        except (NotFound, IntegrityBroken, Unavailable):
            return False

    def is_here(self, contract_id: str, sha256: str) -> bool:
        """Whether the file is on the disk, intact or not."""
        return self._path(contract_id, sha256).exists()

    def erase(self, contract_id: str, sha256: str) -> bool:
        """Remove a file from the disk for good; whether it was there."""
        path = self._path(contract_id, sha256)
        if not path.exists():
            return False
        path.unlink(missing_ok=True)
        _sync(path.parent)
        return True

    def _path(self, contract_id: str, sha256: str) -> Path:
        return self._folder_of(contract_id) / sha256[:2] / f"{sha256}.{_ENDING}"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""A temporary file for what nobody else may read: sealed under a key that ends with the process.

It has no name on the disk and memory holds one chunk of it, however long it is.
"""

import secrets
from tempfile import TemporaryFile
from typing import BinaryIO, Self

from app.storage.master_keys import KEY_BYTES
from app.storage.sealed_file import KEY_ID_BYTES, SealedWriter, peeking

_ABOUT = "spool"


class SealedSpool:
    """Written once, then read as often as needed. Closing it loses the content and the key."""

    def __init__(self) -> None:
        """An empty one."""
        self._key = secrets.token_bytes(KEY_BYTES)
        self._file = TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._sealed = SealedWriter(self._file, bytes(KEY_ID_BYTES), self._key, _ABOUT)

    def write(self, content: bytes) -> None:
        """Take the next bytes."""
        self._sealed.write(content)

    def content(self) -> BinaryIO:
        """The whole, from its start; nothing can be written from then on."""
        self._sealed.finish()
        return peeking(self._file, lambda _: self._key, _ABOUT)

    def close(self) -> None:
        """Remove it."""
        self._file.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self.close()

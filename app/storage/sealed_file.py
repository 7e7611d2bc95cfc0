r"""Files encrypted at rest: AES-256-GCM in chunks, readable from any place, each checked.

    "OLSF1\n"  id of the data key (16)  salt (32)  chunk  chunk ... last chunk

Each file has a key of its own, derived by HKDF-SHA256 from its data key and its salt, so that
counting up is enough for nonces. The nonce of a chunk is its number and whether it is the last: a
chunk that is changed, moved, taken from another file or contract, or missing at the end does not
open. A chunk is 65,536 bytes of content and a tag of 16; of an empty file there is one, empty.
"""

import errno
import io
import os
import secrets
from collections.abc import Callable
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import IntegrityBroken

CHUNK_BYTES = 64 * 1024
_MAGIC = b"OLSF1\n"
KEY_ID_BYTES = 16
_SALT_BYTES = 32
_TAG_BYTES = 16
_HEADER_BYTES = len(_MAGIC) + KEY_ID_BYTES + _SALT_BYTES
_SEALED_BYTES = CHUNK_BYTES + _TAG_BYTES


class SealedWriter:
    """Encrypts what is written, a chunk at a time; nothing is whole before `finish`."""

    def __init__(self, file: BinaryIO, key_id: bytes, data_key: bytes, contract_id: str) -> None:
        salt = secrets.token_bytes(_SALT_BYTES)
        header = _MAGIC + key_id + salt
        self._chunks = _Chunks(header, data_key, contract_id)
        self._file = file
        self._waiting = bytearray()
        self._number = 0
        self._finished = False
        file.write(header)

    def write(self, content: bytes) -> None:
        """Take the next bytes."""
        self._waiting += content
        while len(self._waiting) > CHUNK_BYTES:  # the last chunk waits for `finish`
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        """Write the last chunk; calling it again changes nothing."""
        if not self._finished:
            self._finished = True
            self._seal(bytes(self._waiting), is_last=True)
            self._waiting.clear()
            self._file.flush()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        self._file.write(self._chunks.sealed(self._number, content, is_last=is_last))
        self._number += 1


class SealedReader(io.RawIOBase):
    """The content of a sealed file, from any place in it. Closing it closes the file.

    Raises IntegrityBroken `evidence-file-damaged` for a chunk that does not open.
    """

    def __init__(
        self, file: BinaryIO, key_of: Callable[[bytes], bytes], contract_id: str, *, owns: bool
    ) -> None:
        """`key_of` gives the data key of an id; `owns`: closing this closes the file too."""
        self._file = file
        self._owns = owns
        file.seek(0)
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
            raise damaged()
        key_id = header[len(_MAGIC) :][:KEY_ID_BYTES]
        self._chunks = _Chunks(header, key_of(key_id), contract_id)
        sealed_bytes = file.seek(0, os.SEEK_END) - _HEADER_BYTES
        self._count = -(-sealed_bytes // _SEALED_BYTES)
        self._size = sealed_bytes - self._count * _TAG_BYTES
        if self._count < 1 or self._size < (self._count - 1) * CHUNK_BYTES:
            raise damaged()
        self._place = 0
        self._held: tuple[int, bytes] = (-1, b"")

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self._size

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from any place."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the content."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            # As a file of the system does: zipfile seeks 22 bytes back from the end of any file.
            raise OSError(errno.EINVAL, "a place before the start")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Read up to the end of the chunk that the place is in."""
        if self._place >= self._size:
            if self._size == 0:
                self._chunk(0)  # that it is empty is checked too
            return 0
        number, start = divmod(self._place, CHUNK_BYTES)
        content = self._chunk(number)[start : start + len(buffer)]
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)

    def close(self) -> None:
        """Close it."""
        if self._owns and not self.closed:
            self._file.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(_HEADER_BYTES + number * _SEALED_BYTES)
            sealed = self._file.read(_SEALED_BYTES)
            is_last = number == self._count - 1
            self._held = (number, self._chunks.opened(number, sealed, is_last=is_last))
        return self._held[1]


class _Chunks:
    """Seals and opens the chunks of one file."""

    def __init__(self, header: bytes, data_key: bytes, contract_id: str) -> None:
        salt = header[-_SALT_BYTES:]
        info = b"outcomes sealed file"
        self._cipher = AESGCM(HKDF(hashes.SHA256(), 32, salt, info).derive(data_key))
        self._about = header + contract_id.encode()

    def sealed(self, number: int, content: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(_nonce(number, is_last=is_last), content, self._about)

    def opened(self, number: int, sealed: bytes, *, is_last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, is_last=is_last), sealed, self._about)
        except InvalidTag:
            raise damaged() from None


def reading(file: BinaryIO, key_of: Callable[[bytes], bytes], contract_id: str) -> BinaryIO:
    """The content of a sealed file, to be read as any file; closing it closes the file."""
    raw = SealedReader(file, key_of, contract_id, owns=True)
    return io.BufferedReader(raw, CHUNK_BYTES)


def peeking(file: BinaryIO, key_of: Callable[[bytes], bytes], contract_id: str) -> BinaryIO:
    """The same, of a file that stays open when the reader is closed."""
    raw = SealedReader(file, key_of, contract_id, owns=False)
    return io.BufferedReader(raw, CHUNK_BYTES)


def content_bytes(sealed_bytes: int) -> int:
    """Bytes of content in a sealed file of that many bytes: 70 of them hold none, 71 hold one."""
    body = sealed_bytes - _HEADER_BYTES
    return max(0, body - -(-body // _SEALED_BYTES) * _TAG_BYTES)


def damaged() -> IntegrityBroken:
    """The refusal to hand out a file that is not what was stored."""
    return IntegrityBroken(
        "evidence-file-damaged",
        "The stored file is not the one that was received; the operator must restore it.",
    )


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])

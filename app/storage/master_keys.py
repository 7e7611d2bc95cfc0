"""The master keys: outside the database, and the only thing that opens the contracts' data keys.

A key is 32 random bytes, written as 64 hexadecimal digits. Several are separated by spaces or line
breaks: the first one wraps, the others still unwrap what was wrapped before a rotation.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import Unavailable

KEY_BYTES = 32
_NONCE_BYTES = 12
_WRITTEN = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class MasterKeys:
    """The master keys of a process. Its text form shows no key."""

    def __init__(
        self, keys: Sequence[bytes] = (), read: Callable[[], list[bytes]] | None = None
    ) -> None:
        """`read` gives the keys when they are needed, and anew for one just made elsewhere."""
        self._held = _checked(keys) if keys or read is None else []
        self._read = read

    @classmethod
    def in_memory(cls) -> "MasterKeys":
        """One new key that ends with the process, and with it whatever was sealed under it."""
        return cls([secrets.token_bytes(KEY_BYTES)])

    @classmethod
    def from_text(cls, text: str) -> "MasterKeys":
        """Keys from a variable of the environment."""
        return cls(parsed(text))

    @classmethod
    def from_file(cls, path: Path, may_make: Callable[[], bool] = lambda: False) -> "MasterKeys":
        """Keys from a file that only its owner can read, made when needed if `may_make` says so."""

        def read() -> list[bytes]:
            if not path.exists() and may_make():
                with suppress(FileExistsError):  # another process was first
                    make_file(path)
            return _read(path)

        return cls(read=read)

    def check(self) -> None:
        """Raises ValueError, with what is wrong and never a key, if the keys cannot be used."""
        _ = self._keys

    @property
    def _keys(self) -> list[bytes]:
        if not self._held and self._read is not None:
            self._held = _checked(self._read())
        return self._held

    @property
    def current_id(self) -> str:
        """The id of the key that wraps."""
        return _id_of(self._keys[0])

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, the current one first."""
        return tuple(_id_of(key) for key in self._keys)

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """A data key under the current master key, bound to what it is about."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._keys[0]).encrypt(nonce, key, about)

    def unwrap(self, wrapped: bytes, master_id: str, about: bytes) -> bytes:
        """A data key. Unavailable `evidence-key-unavailable` if its master key is not here."""
        if master_id not in self.ids and self._read is not None:
            self._held = _checked(self._read())
        key = next((key for key in self._keys if _id_of(key) == master_id), None)
        if key is None:
            raise key_unavailable("is wrapped under a master key that this service does not have")
        try:
            return AESGCM(key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], about)
        except InvalidTag:
            raise key_unavailable("has been changed") from None

    def signature(self, message: bytes) -> bytes:
        """HMAC-SHA256 of a message under a key derived from the current master key."""
        return _signature(self._keys[0], message)

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether one of the keys made the signature, compared in constant time."""
        made = [hmac.compare_digest(_signature(key, message), signature) for key in self._keys]
        return any(made)


def key_unavailable(what: str) -> Unavailable:
    """The refusal to go on without a key; `what` ends the sentence "The contract's key ..."."""
    return Unavailable(
        "evidence-key-unavailable",
        f"The contract's key {what}; the operator must restore it (OUTCOMES_MASTER_KEY_FILE).",
    )


def parsed(text: str) -> list[bytes]:
    """The keys in a text. Raises ValueError, which never repeats the text."""
    words = text.split()
    if not words or any(_WRITTEN.fullmatch(word) is None for word in words):
        raise ValueError("a master key is 64 hexadecimal digits, 32 random bytes")
    return [bytes.fromhex(word) for word in words]


def make_file(path: Path) -> None:
    """Write a new key to a file that is not there yet. Raises FileExistsError if it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = _temporary(path, [secrets.token_bytes(KEY_BYTES)])
    try:
        path.hardlink_to(made)
    finally:
        made.unlink()


def add_to_file(path: Path) -> None:
    """Put a new key first in the file; those before it go on opening what they wrapped."""
    _write(path, [secrets.token_bytes(KEY_BYTES), *_read(path)])


def keep_first_in_file(path: Path) -> int:
    """Remove every key but the current one; how many were removed."""
    keys = _read(path)
    _write(path, keys[:1])
    return len(keys) - 1


def _read(path: Path) -> list[bytes]:
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise ValueError(f"{path} can be read by others; make it chmod 600")
        return parsed(path.read_text(encoding="ascii"))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error


def _write(path: Path, keys: Sequence[bytes]) -> None:
    _temporary(path, keys).replace(path)


def _temporary(path: Path, keys: Sequence[bytes]) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.writelines(f"{key.hex()}\n" for key in keys)
        file.flush()
        os.fsync(handle)
    return Path(name)


def _checked(keys: Sequence[bytes]) -> list[bytes]:
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("a master key is 32 random bytes")
    return list(keys)


def _id_of(key: bytes) -> str:
    return hashlib.sha256(b"outcomes master key\n" + key).hexdigest()[:16]


def _signature(key: bytes, message: bytes) -> bytes:
    derived = HKDF(hashes.SHA256(), KEY_BYTES, None, b"outcomes download links").derive(key)
    return hmac.digest(derived, message, "sha256")

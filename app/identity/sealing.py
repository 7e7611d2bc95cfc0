"""Small secrets that must be read again (TOTP secrets): sealed with a key outside the database.

The key file has one Fernet key a line. The first seals; all of them open, so that a new key is put
first and the old one is dropped once nothing is sealed with it.
"""

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.domain.errors import IntegrityBroken


class SealingKeyError(RuntimeError):
    """The file with the sealing key cannot be used. The message never holds a key."""


class Sealer:
    """Seals and opens texts, and makes marks of names that cannot be read back."""

    def __init__(self, keys: list[str]) -> None:
        """`keys` are Fernet keys, the newest first."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._mark_key = hashlib.sha256(b"mark\n" + keys[0].encode()).digest()

    def seal(self, plain: str) -> str:
        """A text that only holders of the key can read."""
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again. Raises IntegrityBroken `seal-broken` when no key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise IntegrityBroken(
                "seal-broken",
                "A stored secret cannot be opened: the sign-in key is not the one it was sealed "
                "with. The operator puts the former key back into the key file.",
            ) from error

    def mark(self, text: str) -> str:
        """A mark by which equal texts are recognised and from which none can be read."""
        return hmac.new(self._mark_key, text.encode(), hashlib.sha256).hexdigest()


def sealer_of(path: Path, *, may_make: bool) -> Sealer:
    """The sealer with the keys in a file; where there is none and `may_make`, one is made.

    Raises SealingKeyError.
    """
    try:
        if may_make and not path.exists():
            _make(path)
        keys = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
        return Sealer([key for key in keys if key])
    except (OSError, ValueError, IndexError) as error:
        raise SealingKeyError(
            f"{path}: has no usable sign-in key ({type(error).__name__}). Make one with "
            "`outcomes access new-key-file`."
        ) from error


def new_key_file(path: Path) -> None:
    """Make a key file that only its owner can read. Raises FileExistsError."""
    _make(path)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")

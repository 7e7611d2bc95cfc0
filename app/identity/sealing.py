"""Small secrets that must be read again (TOTP secrets): sealed with a key outside the database.

The key file has one Fernet key a line. The first seals; all of them open, so that a new key is put
first and the old one is dropped once nothing is sealed with it.
"""

import hashlib
import hmac
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.domain.errors import IntegrityBroken


class SealingKeyError(RuntimeError):
    """The file with the sealing key cannot be used. The message never holds a key."""


class Sealer:
    """Seals and opens texts, and makes marks of names that cannot be read back."""

    def __init__(self, path: Path, *, may_make: bool) -> None:
        """`path` is the key file; where there is none and `may_make`, one is made when needed."""
        self._path = path
        self._may_make = may_make

    @cached_property
    def _keys(self) -> list[str]:
        """The keys, the newest first, read at the first need."""
        try:
            if self._may_make and not self._path.exists():
                with suppress(FileExistsError):  # another process was first
                    new_key_file(self._path)
            lines = self._path.read_text(encoding="ascii").split()
            _ = [Fernet(line) for line in lines]
        except (OSError, ValueError) as error:
            raise _unusable(self._path, type(error).__name__) from error
        if not lines:
            raise _unusable(self._path, "it is empty")
        return lines

    def check(self) -> None:
        """Raise SealingKeyError now rather than at the first need."""
        _ = self._keys

    @cached_property
    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self._keys])

    @cached_property
    def _mark_key(self) -> bytes:
        return hashlib.sha256(b"mark\n" + self._keys[0].encode()).digest()

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


def new_key_file(path: Path) -> None:
    """Make a key file that only its owner can read. Raises FileExistsError.

    It appears whole or not at all, so that nobody reads half a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent) as made:  # readable by its owner only
        made.write(Fernet.generate_key() + b"\n")
        made.flush()
        path.hardlink_to(made.name)


def _unusable(path: Path, why: str) -> SealingKeyError:
    return SealingKeyError(
        f"{path}: has no usable sign-in key ({why}). Make one with `outcomes access new-key-file`."
    )

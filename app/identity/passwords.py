"""Passwords of local accounts: Argon2id by argon2-cffi, with the parameters of RFC 9106.

The rules for choosing one follow NIST SP 800-63B: length counts, kinds of characters do not.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.errors import Fault, InputInvalid

LENGTH_MIN, LENGTH_MAX = 12, 200
_DIFFERENT_MIN = 5
_AT_ONCE = 4

_HASHER = PasswordHasher()
# Each verification takes 64 MiB: more at once would let strangers use up the machine's memory.
_TURNS = threading.BoundedSemaphore(_AT_ONCE)
# What is verified where there is no account, so that the answer takes as long.
_NOBODY = _HASHER.hash("no account has this password")


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _TURNS:
        return _HASHER.hash(password)


def verify_password(password: str, kept: str | None) -> bool:
    """Whether a password is the one kept; with None it takes as long, and it is not."""
    if len(password) > LENGTH_MAX:
        return False
    try:
        with _TURNS:
            _HASHER.verify(kept or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def check_choice(password: str, sign_in_name: str) -> None:
    """Refuse a password that is easy to guess: 12 to 200 characters, 5 different ones at least,
    without the account's name. Raises InputInvalid `password-too-weak`.
    """
    lower = password.casefold()
    if (
        not LENGTH_MIN <= len(password) <= LENGTH_MAX
        or len(set(lower)) < _DIFFERENT_MIN
        or sign_in_name.casefold() in lower
        or "outcomes" in lower
    ):
        message = (
            f"Choose {LENGTH_MIN} to {LENGTH_MAX} characters, {_DIFFERENT_MIN} different ones at "
            "least, without the account's name or the service's; several words are best."
        )
        raise InputInvalid([Fault("password-too-weak", "/password", message)])

"""Passwords of local accounts: Argon2id by argon2-cffi, with the parameters of RFC 9106.

The rules for choosing one follow NIST SP 800-63B: length counts, kinds of characters do not, and
what is common is refused. How common a password is zxcvbn says, on this machine (decision 0021).
"""

import re
import threading
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.errors import Fault, InputInvalid

LENGTH_MIN, LENGTH_MAX = 12, 200
_DIFFERENT_MIN = 5
_AT_ONCE = 4
_GUESSES_MIN = 10**8
_ESTIMATED_MAX = 72
_BESIDE_NAMES_MIN = 8
_WORD_MIN = 3

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


def check_choice(password: str, sign_in_name: str, names: Iterable[str] = ()) -> None:
    """Refuse a password that is easy to guess. `names` are the owner's and the organisation's.

    It has 12 to 200 characters, 5 different ones at least, and neither the account's name nor the
    service's in it (`password-too-weak`); 8 letters or digits besides the words of the names
    (`password-of-names`: Example Council has no example-council-2024, where 4 are left); and it
    takes 100 million guesses at least to whoever tries common passwords, words, dates, rows of
    keys and repetitions first (`password-too-common`: password1234 takes 11,384). Raises
    InputInvalid; no message repeats the password.
    """
    lower = password.casefold()
    if (
        not LENGTH_MIN <= len(password) <= LENGTH_MAX
        or len(set(lower)) < _DIFFERENT_MIN
        or sign_in_name.casefold() in lower
        or "outcomes" in lower
    ):
        raise _refused(
            "password-too-weak",
            f"Choose {LENGTH_MIN} to {LENGTH_MAX} characters, {_DIFFERENT_MIN} different ones at "
            "least, without the account's name or the service's; several words are best.",
        )
    words = _words([sign_in_name, *names])
    if len(_without(lower, words)) < _BESIDE_NAMES_MIN:
        raise _refused(
            "password-of-names",
            "The password is made of your name or your organisation's. Choose several words that "
            "have nothing to do with either.",
        )
    if _guesses(password, words) < _GUESSES_MIN:
        raise _refused(
            "password-too-common",
            "The password is among those that are tried first: a common one, or one made of "
            "common words, dates, rows of keys or repetitions. Choose four or more words that do "
            "not belong together, or let a password manager make one.",
        )


def _words(names: Iterable[str]) -> list[str]:
    """The words of some names, the longest first."""
    found = {word for name in names for word in re.split(r"[\W_]+", name.casefold())}
    return sorted((word for word in found if len(word) >= _WORD_MIN), key=len, reverse=True)


def _without(lower: str, words: Iterable[str]) -> str:
    """The letters and digits of a password that are no part of the words."""
    left = re.sub(r"[\W_]+", "", lower)
    for word in words:
        left = left.replace(word, "")
    return left


def _guesses(password: str, words: list[str]) -> int:
    """How many guesses a password takes, by its first 72 characters: the estimate is quadratic."""
    # Its lists take memory, and time to load, that only who chooses a password need spend.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    found = zxcvbn(password[:_ESTIMATED_MAX], user_inputs=words, max_length=_ESTIMATED_MAX)
    return int(found["guesses"])


def _refused(code: str, message: str) -> InputInvalid:
    return InputInvalid([Fault(code, "/password", message)])

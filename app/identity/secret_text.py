"""Secrets that we make ourselves: API keys, sessions, invitations. Only their hashes are kept.

They have 256 random bits, so a plain SHA-256 cannot be searched; slow hashes are for passwords.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

KEY_PREFIX = "olk"
"""What every API key starts with, so that scanners for leaked secrets can know them."""

_SECRET_BYTES = 32
_KEY_CHARACTERS_MAX = 128


def new_secret() -> str:
    """A fresh secret of 43 URL-safe characters."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(), expected.encode())


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key in two parts: the id that may be shown, and the secret that is shown once."""

    key_id: str
    secret: str

    def __str__(self) -> str:
        """The key as its holder sends it: olk.<id>.<secret>."""
        return f"{KEY_PREFIX}.{self.key_id}.{self.secret}"


def new_api_key() -> ApiKey:
    """A fresh key; its id has 64 random bits."""
    return ApiKey(secrets.token_hex(8), new_secret())


def parse_api_key(text: str) -> ApiKey | None:
    """The parts of an API key; None if the text is none (but, for example, a token)."""
    parts = text.split(".")
    if len(parts) != 3 or parts[0] != KEY_PREFIX or len(text) > _KEY_CHARACTERS_MAX:
        return None
    return ApiKey(parts[1], parts[2])


def csrf_token(session_secret: str) -> str:
    """The token that a writing request of a session must repeat in a header.

    It follows from the session's secret, which scripts cannot read, and does not reveal it.
    """
    return hmac.new(session_secret.encode(), b"csrf", hashlib.sha256).hexdigest()

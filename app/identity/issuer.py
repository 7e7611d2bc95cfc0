"""What an issuer publishes about itself: discovery (OpenID Connect Discovery 1.0) and its keys.

Keys are kept for `keys_seconds`. A key id that is not among them makes us ask again, so that a
rotation is noticed at once; not more often than every MISS_SECONDS, so that made-up key ids cannot
make us flood the issuer. Keys that can no longer be confirmed are not used, and an issuer that does
not answer is left alone for a few seconds, so that waiting for it does not hold up everybody else.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from app.domain.errors import Unavailable
from app.identity.providers import Provider, is_safe_address

MISS_SECONDS = 60
"""The least time between two looks for a key that is not there."""

_TIMEOUT_SECONDS = 5.0
_PAUSE_SECONDS = 5.0
_BYTES_MAX = 512 * 1024


@dataclass(frozen=True, slots=True)
class Metadata:
    """The parts of an issuer's discovery document that we use."""

    jwks_uri: str
    authorization_endpoint: str
    token_endpoint: str
    names_itself: bool


class Issuer:
    """One identity provider's published side. Safe to share between threads."""

    def __init__(self, provider: Provider, monotonic: Callable[[], float]) -> None:
        """`monotonic` gives seconds that only grow; tests move them."""
        self.provider = provider
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._metadata: Metadata | None = None
        self._keys: dict[str, Key] = {}
        self._fetched_at: float | None = None
        self._failed_at: float | None = None

    def metadata(self) -> Metadata:
        """The discovery document, read once. Raises Unavailable `issuer-unavailable`."""
        with self._lock:
            return self._known_metadata()

    def key(self, key_id: str) -> Key | None:
        """The issuer's public key of that id, or None. Raises Unavailable `issuer-unavailable`."""
        known = self._keys.get(key_id)
        if known is not None and self._age() < self.provider.keys_seconds:
            return known
        with self._lock:
            age = self._age()
            if age >= self.provider.keys_seconds:
                self._metadata = None
                self._fetch_keys()
            elif key_id not in self._keys and age >= MISS_SECONDS:
                self._fetch_keys()
            return self._keys.get(key_id)

    def _age(self) -> float:
        """Seconds since the keys were read."""
        return inf if self._fetched_at is None else self._monotonic() - self._fetched_at

    def _known_metadata(self) -> Metadata:
        if self._metadata is None:
            address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
            document = self._fetch(address)
            if document.get("issuer") != self.provider.issuer:
                raise self._unavailable()
            self._metadata = Metadata(
                self._address(document, "jwks_uri"),
                self._address(document, "authorization_endpoint"),
                self._address(document, "token_endpoint"),
                document.get("authorization_response_iss_parameter_supported") is True,
            )
        return self._metadata

    def _fetch_keys(self) -> None:
        listed = self._fetch(self._known_metadata().jwks_uri).get("keys")
        if not isinstance(listed, list):
            raise self._unavailable()
        usable = [(one["kid"], _key(one)) for one in listed if _signs(one)]
        self._keys = {key_id: key for key_id, key in usable if key is not None}
        self._fetched_at = self._monotonic()

    def _fetch(self, address: str) -> dict[str, Any]:
        if self._failed_at is not None and self._monotonic() - self._failed_at < _PAUSE_SECONDS:
            raise self._unavailable()
        try:
            answer = httpx.get(address, timeout=_TIMEOUT_SECONDS, follow_redirects=False)
            answer.raise_for_status()
            document = answer.json() if len(answer.content) <= _BYTES_MAX else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            self._failed_at = self._monotonic()
            raise self._unavailable() from error
        if not isinstance(document, dict):
            raise self._unavailable()
        return document

    def _address(self, document: dict[str, Any], name: str) -> str:
        address = document.get(name)
        if not isinstance(address, str) or not is_safe_address(address):
            raise self._unavailable()
        return address

    def _unavailable(self) -> Unavailable:
        return Unavailable(
            "issuer-unavailable",
            f"The identity provider {self.provider.name} does not answer as it should, so its "
            "tokens cannot be checked now. Try again in a moment.",
        )


def _signs(key: Any) -> bool:
    """Whether a published key is a public one that is meant for signatures and has an id."""
    return (
        isinstance(key, dict)
        and isinstance(key.get("kid"), str)
        and key.get("kty") in {"RSA", "EC", "OKP"}
        and key.get("use", "sig") == "sig"
    )


def _key(published: dict[str, Any]) -> Key | None:
    """A published key; None for one of a kind that we cannot read, which then signs nothing."""
    try:
        return KeySet.import_key_set({"keys": [published]}).keys[0]
    except (JoseError, ValueError, TypeError, KeyError):
        return None

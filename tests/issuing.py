"""A real issuer in this process: keys, discovery and JWKS over HTTP on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
AUDIENCE = "https://outcomes.example"
TENANT = "7d2c0000-0000-4000-8000-000000000001"


class Issuing:
    """An issuer that a test bends: its keys, its documents, and how often each was asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, Key] = {}
        self.published: dict[str, Key] = {}
        self.discovery: dict[str, Any] = {}
        self.answers = 200
        self.asked: list[str] = []
        self.extra_keys: list[Any] = []
        self.add_key("key-1")

    def add_key(self, key_id: str, *, kind: str = "RSA", published: bool = True) -> None:
        """A new key; one that is not published yet signs before its time."""
        made = key_of(key_id, kind)
        self.keys[key_id] = made
        if published:
            self.published[key_id] = made

    def rotate(self, old: str, new: str) -> None:
        """Publish a new key instead of an old one."""
        self.add_key(new)
        del self.published[old]

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good access token of a machine; None takes one out."""
        found = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "case-system",
            "client_id": "case-system",
            "iat": seconds(NOW),
            "exp": seconds(NOW + timedelta(minutes=10)),
            "jti": "1",
        } | changes
        return {name: value for name, value in found.items() if value is not None}

    def token(
        self,
        *,
        key_id: str = "key-1",
        key: Key | None = None,
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A signed access token."""
        made = {"alg": "RS256", "typ": "at+jwt", "kid": key_id} | (header or {})
        made = {name: value for name, value in made.items() if value is not None}
        algorithms = ["RS256", "ES256", "HS256", "none", "PS256"]
        return jwt.encode(
            made, self.claims(**changes), key or self.keys[key_id], algorithms=algorithms
        )

    def entra(self, **changes: Any) -> str:
        """A token as Entra ID (version 2.0) issues it to an app for itself."""
        shape = {
            "client_id": None,
            "sub": "pairwise-of-this-app",
            "azp": "case-system",
            "oid": "object-1",
            "tid": TENANT,
            "ver": "2.0",
            "idtyp": "app",
        }
        return self.token(header={"typ": "JWT"}, **(shape | changes))

    def answer(self, path: str) -> tuple[int, Any]:
        """What the issuer answers at a path."""
        self.asked.append(path)
        if self.answers != 200:
            return self.answers, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
            } | self.discovery
        if path == "/jwks":
            public = [key.as_dict(private=False) for key in self.published.values()]
            return 200, {"keys": [*public, *self.extra_keys]}
        return 404, {}


@cache
def key_of(key_id: str, kind: str = "RSA") -> Key:
    """The key of a name; made once, as that takes long."""
    options = {"kid": key_id, "use": "sig"}
    if kind == "RSA":
        return RSAKey.generate_key(2048, options)
    return ECKey.generate_key("P-256", options)


def seconds(instant: datetime) -> int:
    """An instant as tokens write it."""
    return int(instant.timestamp())


@contextmanager
def issuing() -> Iterator[Issuing]:
    """An issuer on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, document = issuer.answer(self.path)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuing(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

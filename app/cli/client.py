"""The running service, spoken to over HTTP, so that scripts and people meet the same rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import httpx
from uuid_utils import uuid7

from app.cli.failure import CannotRun, Refused
from app.domain.parties import Actor

PAGE_ITEMS = 200
_SECONDS = 60.0
_PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer to a write; `etag` is what a decision on the record sends back."""

    body: Any
    etag: str | None
    replayed: bool = False
    dry_run: bool = False


class Service:
    """A connection to one service. Use it in a `with` block."""

    def __init__(self, url: str, credential: str | None = None) -> None:
        """`credential` is an API key or access token; the service then knows who acts."""
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=_SECONDS)
        self._signs_in = credential is not None
        if credential is not None:
            self._http.headers["Authorization"] = f"Bearer {credential}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def set_clock(self, instant: str) -> None:
        """Let the service believe it is another time; it obeys in demo mode only."""
        self._http.headers["Sandbox-Clock"] = instant

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at an address; query parameters that are None are left out."""
        return self._send("GET", path, params=_given(query)).json()

    def get_as(self, path: str, actor: Actor) -> Any:
        """The JSON at an address that asks who reads."""
        return self._send("GET", path, headers=self._acting(actor)).json()

    def get_bytes_as(self, path: str, actor: Actor) -> bytes:
        """The bytes of a file at an address that asks who reads."""
        return self._send("GET", path, headers=self._acting(actor)).content

    def get_text(self, path: str) -> str:
        """The plain text at an address that has one."""
        return self._send("GET", path, headers={"Accept": "text/plain"}).text

    def get_bytes(self, path: str) -> bytes:
        """The bytes of a file at an address."""
        return self._send("GET", path).content

    def stream(self, path: str, **query: Any) -> Iterator[bytes]:
        """The bytes of a large file at an address, part by part; it may take its time to begin."""
        timeout = httpx.Timeout(_SECONDS, read=None)
        try:
            with self._http.stream("GET", path, params=_given(query), timeout=timeout) as response:
                if not response.is_success:
                    response.read()
                yield from self._checked(response).iter_bytes()
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise self._unreached(error) from error

    def read(self, path: str) -> Answer:
        """The JSON at an address with its ETag."""
        return _answer(self._send("GET", path))

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Every item of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, limit=PAGE_ITEMS, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def write(
        self,
        path: str,
        body: Any,
        actor: Actor,
        *,
        key: str | None = None,
        if_match: str | None = None,
        dry_run: bool = False,
    ) -> Answer:
        """POST one change, with a fresh Idempotency-Key unless the caller has one."""
        headers = self._acting(actor) | {"Idempotency-Key": key or str(uuid7())}
        if if_match is not None:
            headers["If-Match"] = if_match
        query = {"dry_run": "true"} if dry_run else {}
        return _answer(self._send("POST", path, json=body, headers=headers, params=query))

    def upload(self, path: str, content: bytes, media_type: str, actor: Actor) -> Answer:
        """PUT a file under its hash."""
        headers = self._acting(actor) | {"Content-Type": media_type}
        return _answer(self._send("PUT", path, content=content, headers=headers))

    def upload_parts(
        self,
        path: str,
        parts: Iterator[bytes],
        actor: Actor,
        *,
        dry_run: bool = False,
        **query: Any,
    ) -> Answer:
        """PUT a large file under its hash, part by part; the service may take its time over it."""
        if dry_run:
            query["dry_run"] = "true"
        headers = self._acting(actor) | {"Content-Type": "application/octet-stream"}
        timeout = httpx.Timeout(_SECONDS, read=None)
        return _answer(
            self._send(
                "PUT", path, content=parts, headers=headers, params=_given(query), timeout=timeout
            )
        )

    def _acting(self, actor: Actor) -> dict[str, str]:
        """Which party acts; and who, where no credential says it."""
        party = {"Acting-Party": actor.party}
        return party if self._signs_in else party | {"Acting-Person": actor.person}

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **more)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise self._unreached(error) from error
        return self._checked(response)

    def _unreached(self, error: Exception) -> CannotRun:
        return CannotRun(
            f"No service answers at {self.url} ({type(error).__name__}).",
            "  Start one with `outcomes serve`, or name another with --url or OUTCOMES_URL.",
        )

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        if response.headers.get("content-type", "").startswith(_PROBLEM):
            raise Refused(response.json())
        raise CannotRun(
            f"{self.url} answered {response.status_code}, not as this service does; "
            "is OUTCOMES_URL right?"
        )


def _answer(response: httpx.Response) -> Answer:
    headers = response.headers
    return Answer(
        response.json(),
        headers.get("etag"),
        headers.get("idempotency-replayed") == "true",
        headers.get("dry-run") == "true",
    )


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}

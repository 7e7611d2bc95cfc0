"""The running service, spoken to over HTTP, so that scripts and people meet the same rules."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    def download(self, path: str, write: Callable[[bytes], object], **query: Any) -> int:
        """Hand on the bytes of a file of any size, part by part as they come; how many there were.

        Raises CannotRun for a file that breaks off.
        """
        size = 0
        timeout = httpx.Timeout(_SECONDS, read=None)
        with (
            self._reached(),
            self._http.stream("GET", path, params=_given(query), timeout=timeout) as response,
        ):
            if not response.is_success:
                response.read()
                self._checked(response)
            for part in response.iter_bytes():
                write(part)
                size += len(part)
        return size

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
        takes_long: bool = False,
        late_reason: str | None = None,
    ) -> Answer:
        """POST one change, with a fresh Idempotency-Key unless the caller has one.

        `takes_long`: the service may take its time over the answer. `late_reason`: why it is posted
        although its period is soft-closed.
        """
        headers = self._acting(actor) | {"Idempotency-Key": key or str(uuid7())}
        if if_match is not None:
            headers["If-Match"] = if_match
        if late_reason is not None:
            headers["Late-Posting-Reason"] = late_reason
        query = {"dry_run": "true"} if dry_run else {}
        timeout = httpx.Timeout(_SECONDS, read=None if takes_long else _SECONDS)
        return _answer(
            self._send("POST", path, json=body, headers=headers, params=query, timeout=timeout)
        )

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
        with self._reached():
            response = self._http.request(method, path, **more)
        return self._checked(response)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.RemoteProtocolError as error:
            raise CannotRun(f"{self.url} broke off its answer.", "  Try again.") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise CannotRun(
                f"No service answers at {self.url} ({type(error).__name__}).",
                "  Start one with `outcomes serve`, or name another with --url or OUTCOMES_URL.",
            ) from error

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

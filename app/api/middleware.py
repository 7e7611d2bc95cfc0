"""Around every request: an id, one line in the log, who is let in, the sandbox's clock, and the
last safety net.

The log names the route's template, never the path, the query or a body: those can hold pseudonyms.
"""

import logging
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.edge import edge_of
from app.api.errors import RequestInvalid, internal_problem, problem_of
from app.api.sign_in import permitted, signed_in
from app.api.watch import Watched
from app.domain.errors import OutcomesError

LOG = logging.getLogger("outcomes.requests")

_SANDBOX_NOW: ContextVar[datetime | None] = ContextVar("sandbox_now", default=None)
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def sandbox_or(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """A clock that gives the instant a sandbox request asked for, otherwise that of `clock`."""

    def now() -> datetime:
        return _SANDBOX_NOW.get() or clock()

    return now


class RequestFrame:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, new_id: Callable[[], str]) -> None:
        self.app = app
        self.new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request an id and a clock, answer it, and log one line."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = self.new_id()
        started, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"request-id", scope["request_id"].encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-store"),
                ]
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except Exception as error:
            _log_failure(scope, error)
            if status:
                raise  # half an answer was sent: only closing the connection can say so
            answer = internal_problem().answer(scope["request_id"])
            await answer(scope, receive, watched)
        finally:
            _log_request(scope, status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, send = Request(scope), Watched(scope, send)
        try:
            scope["signed_in"] = await signed_in(request)
            await permitted(request)
            moved = _sandbox_instant(request)
        except OutcomesError as error:
            await problem_of(error).answer(scope["request_id"])(scope, receive, send)
            return
        token = _SANDBOX_NOW.set(moved)
        try:
            await self.app(scope, receive, send)
        finally:
            _SANDBOX_NOW.reset(token)


def _sandbox_instant(request: Request) -> datetime | None:
    asked = request.headers.get("sandbox-clock")
    if asked is None:
        return None
    if not edge_of(request.scope["app"]).sandbox:
        message = "Only a service in demo mode lets a request move its clock; leave this out."
        raise RequestInvalid("header", "Sandbox-Clock", "sandbox-only", message)
    try:
        instant = datetime.fromisoformat(asked)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not _FIRST <= instant < _LAST:
        message = "Write an instant of RFC 3339 with its offset, such as 2021-08-02T09:30:00Z."
        raise RequestInvalid("header", "Sandbox-Clock", "wrong-form", message)
    return instant.astimezone(UTC)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    LOG.info(
        "%s %s %d %.1fms %s",
        scope["method"],
        _template(scope),
        status,
        seconds * 1000,
        scope["request_id"],
    )


def _log_failure(scope: Scope, error: Exception) -> None:
    """Where it failed and with which kind of error, without the message: it may hold data."""
    LOG.error(
        "%s %s failed with %s %s\n%s",
        scope["method"],
        _template(scope),
        type(error).__name__,
        scope["request_id"],
        "".join(traceback.format_tb(error.__traceback__)),
    )


def _template(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", "(no route)")

"""Around every request: an id, one line in the log, where it comes from, who is let in and how
often, the sandbox's clock, the headers of every answer, and the last safety net.

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

from app.api.client_address import bucket_of, place
from app.api.edge import Edge, edge_of
from app.api.errors import RequestInvalid, internal_problem, problem_of
from app.api.patience import ReaderGone, patient_receive, patient_send
from app.api.security_headers import secured
from app.api.sign_in import permitted, signed_in
from app.api.watch import Watched
from app.domain.errors import NotSignedIn, OutcomesError
from app.service.reception import SignedIn

LOG = logging.getLogger("outcomes.requests")
REFUSALS = logging.getLogger("outcomes.refusals")

_SANDBOX_NOW: ContextVar[datetime | None] = ContextVar("sandbox_now", default=None)
_REFUSED = frozenset({401, 403, 429})
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
        edge = edge_of(scope["app"])
        place(scope, edge.proxies)
        over_tls = edge.always_over_tls or scope["scheme"] == "https"
        started, status = time.perf_counter(), 0

        def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = (b"request-id", scope["request_id"].encode())
                message["headers"] = secured([*message["headers"], own], over_tls=over_tls)

        watched = patient_send(send, sent)
        receive = patient_receive(receive, edge.body_seconds)
        try:
            await self._answer(edge, scope, receive, watched)
        except ReaderGone:
            raise
        except Exception as error:
            _log_failure(scope, error)
            if status:
                raise  # half an answer was sent: only closing the connection can say so
            answer = internal_problem().answer(scope["request_id"])
            await answer(scope, receive, watched)
        finally:
            _log_request(scope, status, time.perf_counter() - started)

    async def _answer(self, edge: Edge, scope: Scope, receive: Receive, send: Send) -> None:
        request, send = Request(scope), Watched(scope, send)
        try:
            scope["signed_in"] = await _admitted(edge, request)
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


async def _admitted(edge: Edge, request: Request) -> SignedIn | None:
    """Who is asking, if neither they nor their address have asked too often.

    The address is counted before a credential is looked at, since looking costs the most.
    """
    address = bucket_of(request.scope)
    edge.limits.admit_address(address)
    try:
        found = await signed_in(request)
    except NotSignedIn:
        edge.limits.credential_refused(address)
        raise
    if found is not None:
        edge.limits.admit_principal(found.principal.id)
    return found


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
    if status in _REFUSED:
        # The address is a person's, so it is kept only where somebody may have to follow it up.
        REFUSALS.warning("%s %d from %s", scope["request_id"], status, bucket_of(scope))


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

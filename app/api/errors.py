"""Errors as HTTP answers: the only table of statuses, and one shape for everything (RFC 9457).

    {"type": "/problems/stale-version", "title": "...", "status": 412, "detail": "...",
     "code": "stale-version", "instance": "urn:uuid:...",
     "faults": [{"code": "stale-version", "in": "body", "pointer": "", "message": "..."}]}

`type` leads to a page of this service that says what the code means and what to do. No answer
repeats a value that the caller sent.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.api.problems import PROBLEMS
from app.api.request_faults import PlacedFault, placed_faults
from app.domain.errors import (
    InputInvalid,
    IntegrityBroken,
    NotFound,
    NotPermitted,
    NotSignedIn,
    OutcomesError,
    PreconditionMissing,
    RuleRefused,
    StaleVersion,
    TooLarge,
    TooManyAttempts,
    TooSlow,
    Unavailable,
    UnsupportedFile,
)

LOG = logging.getLogger("outcomes.errors")

PROBLEM_JSON = "application/problem+json"

STATUS: Mapping[type[OutcomesError], int] = {
    InputInvalid: 422,
    NotSignedIn: 401,
    TooManyAttempts: 429,
    TooSlow: 408,
    NotFound: 404,
    NotPermitted: 403,
    RuleRefused: 409,
    StaleVersion: 412,
    PreconditionMissing: 428,
    TooLarge: 413,
    UnsupportedFile: 415,
    Unavailable: 503,
    IntegrityBroken: 500,
}
"""The status of each kind of error."""

STATUS_BY_CODE: Mapping[str, int] = {
    "idempotency-key-missing": 400,
    "idempotency-key-reused": 422,
}
"""Codes whose status a standard fixes: draft-ietf-httpapi-idempotency-key-header-07."""

_HTTP_CODES = {
    404: ("route-unknown", "There is nothing at this address; see /docs for what there is."),
    405: ("method-not-allowed", "This address does not take this method; see the Allow header."),
}


class RequestInvalid(InputInvalid):
    """A fault in a query parameter, a path or a header, found before any rule was asked."""

    def __init__(self, place: str, name: str, code: str, message: str) -> None:
        """`place` is query, path or header; `name` the parameter's."""
        fault = PlacedFault(code, f"/{name}", message, place)
        super().__init__([fault])


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document, before it is written out."""

    status: int
    code: str
    detail: str
    faults: Sequence[PlacedFault]
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, request_id: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
        """The problem as an HTTP answer."""
        sent = {**self.headers, **(headers or {})}
        return JSONResponse(
            self.body(request_id), self.status, headers=sent, media_type=PROBLEM_JSON
        )

    def body(self, request_id: str) -> dict[str, Any]:
        """The problem's JSON members."""
        return {
            "type": f"/problems/{self.code}",
            "title": PROBLEMS[self.code].title if self.code in PROBLEMS else self.code,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "instance": f"urn:uuid:{request_id}",
            "faults": [
                {
                    "code": fault.code,
                    "in": fault.place,
                    "pointer": fault.pointer,
                    "message": fault.message,
                }
                for fault in self.faults
            ],
        }


def problem_of(error: OutcomesError) -> Problem:
    """The problem document of an error of the service."""
    status = STATUS_BY_CODE.get(error.code)
    if status is None:
        status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    faults = [
        fault
        if isinstance(fault, PlacedFault)
        else PlacedFault(fault.code, fault.pointer, fault.message)
        for fault in error.faults
    ]
    return Problem(status, error.code, error.message, faults, _headers(error))


def _headers(error: OutcomesError) -> Mapping[str, str]:
    """What RFC 6750, RFC 6585 and RFC 9110 (15.5.9) have a client read."""
    if isinstance(error, TooSlow):
        return {"connection": "close"}
    if isinstance(error, TooManyAttempts):
        return {"retry-after": str(error.retry_after_seconds)}
    if isinstance(error, NotSignedIn):
        known = "" if error.code == "not-signed-in" else ', error="invalid_token"'
        return {"www-authenticate": f'Bearer realm="outcomes"{known}'}
    return {}


def internal_problem() -> Problem:
    """What an error that nobody foresaw looks like from outside: a reference, and no internals."""
    detail = "The service failed. Nothing was recorded. Tell the operator the `instance`."
    return Problem(500, "internal-error", detail, [PlacedFault("internal-error", "", detail)])


async def answer_outcomes_error(request: Request, error: Exception) -> JSONResponse:
    """Exception handler for every error of the service's own tree."""
    if not isinstance(error, OutcomesError):
        raise error
    if isinstance(error, Unavailable):
        cause = type(error.__cause__).__name__
        LOG.warning("request %s: %s (%s)", request_id_of(request), error.code, cause)
    return problem_of(error).answer(request_id_of(request))


async def answer_validation_error(request: Request, error: Exception) -> JSONResponse:
    """Exception handler for requests that do not fit their schema."""
    if not isinstance(error, RequestValidationError):
        raise error
    return problem_of(InputInvalid(placed_faults(error.errors()))).answer(request_id_of(request))


async def answer_http_error(request: Request, error: Exception) -> JSONResponse:
    """Exception handler for addresses and methods that do not exist."""
    if not isinstance(error, HTTPException):
        raise error
    fallback = ("bad-request", "The request cannot be read as HTTP of this interface.")
    code, detail = _HTTP_CODES.get(error.status_code, fallback)
    problem = Problem(error.status_code, code, detail, [PlacedFault(code, "", detail)])
    return problem.answer(request_id_of(request), error.headers)


def request_id_of(request: Request) -> str:
    """The id that the log and the answer share."""
    request_id: str = request.scope["request_id"]
    return request_id


def nested(faults: Iterable[Any], prefix: str) -> InputInvalid:
    """The same faults, for a document that stands inside a larger body."""
    return InputInvalid(
        [PlacedFault(fault.code, prefix + fault.pointer, fault.message) for fault in faults]
    )

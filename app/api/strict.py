"""Reading a request strictly: size, content type, JSON without surprises, known parameters only.

Leniency here would be paid for in money: a misspelt `dry_run` that is ignored writes; of two equal
field names, which one counts?
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import RequestInvalid
from app.api.request_faults import PlacedFault
from app.domain.errors import InputInvalid, TooLarge, UnsupportedFile

BODY_BYTES_MAX = 1024 * 1024
"""The largest JSON body, terms documents included."""

VALUES_MAX = 30_000
"""Fields and list items in one body: more than 200 editions of 100 prices each need."""

NESTING_MAX = 40
"""Lists and objects inside one another; a terms document may have 32, and stands in a body."""

NAME_LENGTH_MAX = 128
"""Characters of a field's name. Names are repeated in pointers, so a long one would multiply."""

_PARSED_AT_ONCE_BYTES = 16 * 1024
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_TOO_MANY = f"A body may have {VALUES_MAX} fields and list items at most; send several."
_TOO_DEEP = f"Lists and objects may stand inside one another {NESTING_MAX} times at most."


class StrictRequest(Request):
    """A request whose JSON body has been read and parsed by this module."""

    parsed: Any = None

    async def json(self) -> Any:
        """The parsed body."""
        return self.parsed


class StrictRoute(APIRoute):
    """A route that refuses what is not exactly a request of this interface."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the framework's handler, which then validates against the schema."""
        handle = super().get_route_handler()
        known = frozenset(
            field.alias
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, Query)
        )
        takes_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            check_query(request, known)
            checked = StrictRequest(request.scope, request.receive)
            body = await read_body(checked)
            if takes_body and body:
                check_content_type(checked)
                if len(body) > _PARSED_AT_ONCE_BYTES:
                    checked.parsed = await run_in_threadpool(parse_json, body)
                else:  # most bodies: cheaper to parse than to hand to another thread
                    checked.parsed = parse_json(body)
            elif body:
                message = "This address takes no body."
                raise InputInvalid([PlacedFault("body-not-expected", "", message)])
            request.scope["fingerprint"] = fingerprint(checked, body)
            return await handle(checked)

        return strict


def check_query(request: Request, known: frozenset[str]) -> None:
    """Refuse query parameters that the route does not have, or that come twice."""
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            allowed = ", ".join(sorted(known)) or "none"
            message = f"There is no such query parameter here; there are: {allowed}."
            raise RequestInvalid("query", name[:80], "unknown-field", message)
        if name in seen:
            raise RequestInvalid("query", name, "given-twice", "Give this parameter once.")
        seen.add(name)


async def read_body(request: Request) -> bytes:
    """The whole body, of BODY_BYTES_MAX at most; no more than that is ever held."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise TooLarge(
                "body-too-large", f"A JSON body may have {BODY_BYTES_MAX} bytes at most."
            )
        chunks.append(chunk)
    body = b"".join(chunks)
    request._body = body  # noqa: SLF001 - where Starlette keeps a body it has read
    return body


def check_content_type(request: Request) -> None:
    """Only JSON in UTF-8."""
    declared = request.headers.get("content-type", "")
    media_type, _, parameters = declared.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != "application/json" or charset not in {"", "charset=utf-8"}:
        raise UnsupportedFile(
            "content-type-not-json", "Send JSON in UTF-8, with Content-Type: application/json."
        )


def parse_json(body: bytes) -> Any:
    """JSON as RFC 8259 means it, in time that grows with the body's length and no faster.

    Refuses repeated and overlong names, NaN, other encodings, nesting beyond NESTING_MAX and more
    than VALUES_MAX values.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable("json-not-utf8", "The body is not UTF-8.") from error
    # Before any object is made for them: 350,000 empty lists fit into 1 MiB.
    if body.count(b",") >= VALUES_MAX and _TEXT.sub(b"", body).count(b",") >= VALUES_MAX:
        raise _unreadable("too-many-values", _TOO_MANY)
    try:
        parsed = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _unreadable("json-malformed", f"The body is not JSON from {where} on.") from error
    except RecursionError as error:
        raise _unreadable("nested-too-deeply", _TOO_DEEP) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise _unreadable("number-too-large", "No field takes a number this large.") from error
    _check_extent(parsed)
    return parsed


def fingerprint(request: Request, body: bytes) -> str:
    """SHA-256 of method, path, query and body: what makes two requests the same request."""
    head = f"{request.method}\n{request.url.path}\n{request.url.query}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if len(name) > NAME_LENGTH_MAX:
            message = f"A field's name may have {NAME_LENGTH_MAX} characters at most."
            raise _unreadable("wrong-length", message)
        if name in found:
            message = "An object has this field twice; give it once."
            raise InputInvalid([PlacedFault("given-twice", f"/{name[:80]}", message)])
        found[name] = value
    return found


def _check_extent(parsed: Any) -> None:
    """Refuse what is too deep or has too many values, level by level and without recursion."""
    level, depth, values = [parsed], 0, 0
    while level := [one for one in level if isinstance(one, list | dict)]:
        depth += 1
        values += sum(map(len, level))
        if depth > NESTING_MAX:
            raise _unreadable("nested-too-deeply", _TOO_DEEP)
        if values > VALUES_MAX:
            raise _unreadable("too-many-values", _TOO_MANY)
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]


def _constant(_: str) -> Any:
    raise _unreadable("json-malformed", "NaN and Infinity are not JSON.")


def _unreadable(code: str, message: str) -> InputInvalid:
    return InputInvalid([PlacedFault(code, "", message)])

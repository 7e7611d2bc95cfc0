"""The HTTP application: every resource, the error handlers, and the frame around each request."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api import (
    access,
    access_credentials,
    accesses,
    claims,
    contracts,
    corrections,
    delegations,
    disputes,
    evidence,
    exports,
    fund_claims,
    heads,
    health,
    imports,
    invoices,
    ledger,
    matches,
    outcomes,
    participants,
    payment_clock,
    payments,
    periods,
    privacy,
    reconciliation,
    reference,
    service_heads,
    session,
    standing,
    transparency,
    trust,
)
from app.api.edge import Edge
from app.api.errors import answer_http_error, answer_outcomes_error, answer_validation_error
from app.api.middleware import RequestFrame
from app.api.openapi import described
from app.api.permit import Operations
from app.api.roles_page import roles_page
from app.domain.errors import OutcomesError

ROUTERS = (
    contracts.router,
    participants.router,
    privacy.router,
    evidence.files,
    evidence.router,
    outcomes.router,
    claims.router,
    invoices.router,
    corrections.router,
    disputes.router,
    fund_claims.router,
    payments.router,
    payment_clock.router,
    imports.files,
    imports.router,
    matches.router,
    reconciliation.router,
    ledger.router,
    periods.router,
    exports.of_service,
    exports.of_contract,
    transparency.router,
    trust.router,
    heads.router,
    service_heads.router,
    accesses.router,
    standing.router,
    access.router,
    access_credentials.router,
    delegations.router,
    session.router,
    session.browsers,
    health.router,
)


def build(edge: Edge) -> FastAPI:
    """The application around an edge."""
    app = _routed()
    app.state.edge = edge
    app.state.openapi = openapi_document()
    app.state.operations = Operations(operations_of(app.state.openapi))
    app.add_exception_handler(OutcomesError, answer_outcomes_error)
    app.add_exception_handler(RequestValidationError, answer_validation_error)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_middleware(RequestFrame, new_id=edge.context.new_id)
    return app


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, made once: it depends on the code alone. To be read, not changed."""
    return described(_routed())


def openapi_text() -> str:
    """The text of openapi/openapi.json: what `make openapi` writes, and a test compares."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False) + "\n"


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Method, path and operation id of every route, in the order in which they are tried."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation["operationId"]
    for path, name in reference.OPERATIONS.items():
        yield "GET", path, name


async def _ruled(request: Request) -> None:
    """Nothing answers that the policy table was not asked about."""
    if request.scope.get("asked") is None:
        raise AssertionError("this route was reached without its rule")


def build_operations() -> list[tuple[str, str, str]]:
    """Method, path and operation id of every route of the application."""
    return list(operations_of(openapi_document()))


def roles_text() -> str:
    """The text of docs/reference/roles.md: what `make roles` writes, and a test compares."""
    return roles_page(build_operations())


def _routed() -> FastAPI:
    """Every resource. The framework's own documentation pages are off, because they load scripts
    from elsewhere; ours is at /docs.
    """
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        debug=False,
        dependencies=[Depends(_ruled)],
    )
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(reference.router)
    return app

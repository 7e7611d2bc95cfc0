"""What the composition root hands to the HTTP edge, once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette

from app.api.client_address import Network
from app.api.counted_failures import CountedFailures
from app.api.request_limits import RequestLimits
from app.service.context import Context
from app.service.reception import Reception


@dataclass(frozen=True, slots=True)
class Edge:
    """The service's surroundings and the edge's own settings.

    `trusts_acting_headers`: whether Acting-Party and Acting-Person are believed of a request
    without a credential; if not, such a request is answered nothing. `sandbox`: whether a request
    may move its clock with Sandbox-Clock. `check_ready` raises when the database cannot be used.
    `proxies`: the networks whose forwarded headers are believed. `always_over_tls`: whether every
    browser reaches the service over TLS. `body_seconds`: how long a body may take to arrive.
    """

    context: Context
    reception: Reception
    trusts_acting_headers: bool
    sandbox: bool
    check_ready: Callable[[], None]
    limits: RequestLimits
    proxies: tuple[Network, ...]
    always_over_tls: bool
    body_seconds: float
    counted_failures: CountedFailures = field(default_factory=CountedFailures)


def edge_of(app: Starlette) -> Edge:
    """The edge of a running application."""
    edge: Edge = app.state.edge
    return edge

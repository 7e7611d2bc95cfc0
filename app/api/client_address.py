"""Where a request comes from, when proxies stand in front of the service.

`X-Forwarded-For` is written by anybody. It is believed only from the proxies that the operator has
named, and read from the right, where the nearest proxy writes: the first address from there that is
not one of them is the client's. What stands further left is the client's own claim.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"
"""The address of what came through a Unix socket, or of what a proxy would not name."""

_IPV6_SUBSCRIBER_BITS = 64


def place(scope: Scope, proxies: Sequence[Network]) -> None:
    """Put the client's address and the scheme it used into a request's scope.

    A request that comes from none of the `proxies` keeps the address of its connection, whatever
    its headers say. Example: with 10.0.0.0/8 named, a connection from 10.0.0.7 with
    `X-Forwarded-For: 198.51.100.1, 203.0.113.9, 10.0.0.5` comes from 203.0.113.9.
    """
    peer = scope.get("client")
    if not proxies or not peer or not _among(_parsed(peer[0]), proxies):
        return
    headers = Headers(scope=scope)
    hops = [hop for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]
    for hop in reversed(hops):
        address = _parsed(hop)
        if not _among(address, proxies):
            scope["client"] = (UNKNOWN if address is None else str(address), 0)
            break
    schemes = headers.getlist("x-forwarded-proto")
    if schemes:  # the last one is the nearest proxy's
        said = schemes[-1].split(",")[-1].strip().lower()
        scope["scheme"] = "https" if said == "https" else "http"


def bucket_of(scope: Scope) -> str:
    """What requests are counted by: an IPv4 address, or the /64 that an IPv6 subscriber has."""
    peer = scope.get("client")
    address = None if not peer else _parsed(peer[0])
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_SUBSCRIBER_BITS), strict=False))
    return str(address)


def _among(address: Address | None, proxies: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in proxies)


def _parsed(text: str) -> Address | None:
    """An address as proxies write it: bare, `192.0.2.1:50312` or `[2001:db8::1]:50312`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address

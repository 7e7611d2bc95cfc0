"""What every answer tells a browser not to do, errors included.

The interface answers JSON and files, so the policy allows nothing at all; a page that needs more
states a policy of its own, which then counts instead (`/docs` allows its one style by its hash).
"""

Header = tuple[bytes, bytes]

POLICY = (
    "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy of whatever has none of its own."""

ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),  # for browsers that do not know frame-ancestors
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
)
STRICT_TRANSPORT: Header = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
"""Two years. Only where the answer goes over TLS: RFC 6797 has browsers ignore it elsewhere."""

_POLICY_HEADER = b"content-security-policy"
BARE: tuple[Header, ...] = (*ALWAYS, (_POLICY_HEADER, POLICY.encode()))
"""For answers that the server gives before there is a request: to what is not HTTP."""


def secured(headers: list[Header], *, over_tls: bool) -> list[Header]:
    """The headers of an answer with all of ours, and none of them twice."""
    ours = {name for name, _ in ALWAYS}
    found = [one for one in headers if one[0].lower() not in ours]
    found += ALWAYS
    if all(name.lower() != _POLICY_HEADER for name, _ in found):
        found.append((_POLICY_HEADER, POLICY.encode()))
    if over_tls:
        found.append(STRICT_TRANSPORT)
    return found

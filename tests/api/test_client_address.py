"""Where a request comes from: forwarded headers count only from the proxies that are named."""

from ipaddress import ip_network

import pytest

from app.api.client_address import bucket_of, place

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/16"))


def request(peer, *headers: tuple[str, str]) -> dict:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return {"type": "http", "scheme": "http", "client": peer, "headers": raw}


def forwarded(text: str) -> tuple[str, str]:
    return ("x-forwarded-for", text)


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("10.0.0.7", [], "10.0.0.7"),
        ("10.0.0.7", [forwarded("203.0.113.9")], "203.0.113.9"),
        ("fd00::7", [forwarded("203.0.113.9")], "203.0.113.9"),
        # What the client wrote itself stands on the left, and is not believed.
        ("10.0.0.7", [forwarded("198.51.100.1, 203.0.113.9")], "203.0.113.9"),
        ("10.0.0.7", [forwarded("198.51.100.1, 203.0.113.9, 10.0.0.5")], "203.0.113.9"),
        ("10.0.0.7", [forwarded("10.0.0.5, 203.0.113.9")], "203.0.113.9"),
        ("10.0.0.7", [forwarded("198.51.100.1"), forwarded("203.0.113.9")], "203.0.113.9"),
        # Some proxies write a port, and IPv6 comes with brackets, zones and mapped addresses.
        ("10.0.0.7", [forwarded("203.0.113.9:50312")], "203.0.113.9"),
        ("10.0.0.7", [forwarded("[2001:db8::1]:50312")], "2001:db8::1"),
        ("10.0.0.7", [forwarded("2001:db8::1")], "2001:db8::1"),
        ("10.0.0.7", [forwarded("::ffff:203.0.113.9")], "203.0.113.9"),
        ("10.0.0.7", [forwarded("unknown")], "unknown"),
        ("10.0.0.7", [forwarded("203.0.113.9, junk")], "unknown"),
        ("10.0.0.7", [forwarded("10.0.0.5")], "10.0.0.7"),
        ("::ffff:10.0.0.7", [forwarded("203.0.113.9")], "203.0.113.9"),
        # From anybody else the header is only a claim.
        ("203.0.113.50", [forwarded("198.51.100.1")], "203.0.113.50"),
        ("11.0.0.7", [forwarded("198.51.100.1")], "11.0.0.7"),
    ],
)
def test_the_address(peer, headers, address):
    scope = request((peer, 5000), *headers)
    place(scope, PROXIES)
    assert scope["client"][0] == address


def test_without_named_proxies_nothing_is_believed():
    scope = request(("10.0.0.7", 5000), forwarded("203.0.113.9"), ("x-forwarded-proto", "https"))
    place(scope, ())
    assert (scope["client"][0], scope["scheme"]) == ("10.0.0.7", "http")


def test_a_unix_socket_has_no_address():
    scope = request(None, forwarded("203.0.113.9"))
    place(scope, PROXIES)
    assert scope["client"] is None
    assert bucket_of(scope) == "unknown"


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("10.0.0.7", ["https"], "https"),
        ("10.0.0.7", ["HTTPS "], "https"),
        ("10.0.0.7", ["https, http"], "http"),
        ("10.0.0.7", ["http", "https"], "https"),
        ("10.0.0.7", ["wss"], "http"),
        ("203.0.113.50", ["https"], "http"),
    ],
)
def test_the_scheme(peer, said, scheme):
    scope = request((peer, 5000), *(("x-forwarded-proto", one) for one in said))
    place(scope, PROXIES)
    assert scope["scheme"] == scheme


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_what_requests_are_counted_by(address, bucket):
    assert bucket_of(request((address, 1))) == bucket

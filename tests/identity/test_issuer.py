"""Keys are kept, asked for again when one is missing, and unused when nobody confirms them."""

import pytest

from app.domain.errors import Unavailable
from app.identity.issuer import MISS_SECONDS, Issuer


def jwks_asked(idp) -> int:
    return idp.asked.count("/jwks")


def test_keys_are_kept_for_as_long_as_is_set(idp, issuer, ticks):
    assert issuer.key("key-1") is not None
    ticks.now += 3599
    assert issuer.key("key-1") is not None
    assert jwks_asked(idp) == 1
    ticks.now += 1
    assert issuer.key("key-1") is not None
    assert jwks_asked(idp) == 2


def test_a_rotation_is_noticed_when_the_new_key_is_first_used(idp, issuer, ticks):
    assert issuer.key("key-1") is not None
    ticks.now += MISS_SECONDS
    idp.rotate("key-1", "key-2")
    assert issuer.key("key-2") is not None
    assert issuer.key("key-1") is None
    assert jwks_asked(idp) == 2


def test_made_up_key_ids_do_not_flood_the_issuer(idp, issuer, ticks):
    for number in range(50):
        assert issuer.key(f"made-up-{number}") is None
    assert jwks_asked(idp) == 1
    ticks.now += MISS_SECONDS - 1
    assert issuer.key("made-up") is None
    assert jwks_asked(idp) == 1
    ticks.now += 1
    assert issuer.key("made-up") is None
    assert jwks_asked(idp) == 2


def test_a_withdrawn_key_stops_counting_once_the_keys_are_read_again(idp, issuer, ticks):
    assert issuer.key("key-1") is not None
    idp.rotate("key-1", "key-2")
    ticks.now += 3600
    assert issuer.key("key-1") is None


def test_keys_that_nobody_confirms_are_not_used(idp, issuer, ticks):
    assert issuer.key("key-1") is not None
    idp.answers = 500
    ticks.now += 3599
    assert issuer.key("key-1") is not None
    ticks.now += 1
    with pytest.raises(Unavailable) as found:
        issuer.key("key-1")
    assert found.value.code == "issuer-unavailable"


def test_an_issuer_that_fails_is_left_alone_for_some_seconds(idp, issuer, ticks):
    idp.answers = 500
    for _ in range(20):
        with pytest.raises(Unavailable):
            issuer.key("key-1")
    assert len(idp.asked) == 1
    idp.answers = 200
    ticks.now += 5
    assert issuer.key("key-1") is not None


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://another.example"},
        {"issuer": None},
        {"jwks_uri": "http://another.example/jwks"},
        {"jwks_uri": None},
        {"token_endpoint": "http://another.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "https://user:secret@another.example/jwks"},
    ],
)
def test_a_discovery_document_that_leads_elsewhere_is_not_believed(idp, issuer, discovery):
    idp.discovery = discovery
    with pytest.raises(Unavailable):
        issuer.key("key-1")


def test_a_host_that_is_not_there(provider, ticks):
    nobody = Issuer(provider.model_copy(update={"issuer": "http://127.0.0.1:9"}), ticks)
    with pytest.raises(Unavailable):
        nobody.metadata()


def test_keys_for_other_uses_and_unreadable_ones_are_passed_over(idp, issuer):
    idp.extra_keys = [
        {"kty": "oct", "kid": "shared", "k": "AA"},
        {"kty": "RSA", "kid": "enc", "use": "enc", "n": "AQ", "e": "AQAB"},
        {"kty": "EC", "kid": "curve", "crv": "unheard-of", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": "AQ", "e": "AQAB"},
        "nonsense",
        None,
    ]
    assert issuer.key("key-1") is not None
    for other in ("shared", "enc", "curve"):
        assert issuer.key(other) is None


def test_a_list_of_keys_that_is_none(idp, issuer):
    idp.published = {}
    idp.extra_keys = []
    assert issuer.key("key-1") is None

"""Tokens of a real issuer: each way in which one does not count, with its answer."""

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey, RSAKey

from app.domain.errors import NotSignedIn
from app.identity.issuer import Issuer
from app.identity.providers import Profile
from app.identity.tokens import Bearer, check_access_token, check_id_token, issuer_named
from tests.issuing import AUDIENCE, NOW, TENANT, key_of, seconds
from tests.tries import tries

SECOND = timedelta(seconds=1)
LEEWAY = timedelta(seconds=30)


def refused(token: str, issuer: Issuer, now=NOW) -> str:
    with pytest.raises(NotSignedIn) as found:
        check_access_token(token, issuer, now)
    return found.value.code


def part(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_good_token_of_a_machine(idp, issuer):
    bearer = check_access_token(idp.token(), issuer, NOW)
    assert bearer == Bearer(idp.url, None, "case-system", (), ())


def test_a_good_token_of_a_person_with_groups_and_roles(idp, issuer):
    token = idp.token(sub="person-1", groups=["b", "a", "a", 7, ""], roles=["Verifier"])
    bearer = check_access_token(token, issuer, NOW)
    assert bearer == Bearer(idp.url, "person-1", "case-system", ("a", "b"), ("Verifier",))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": seconds(NOW - timedelta(hours=1))}, "token-expired"),
        ({"nbf": seconds(NOW + timedelta(hours=1))}, "token-not-yet-valid"),
        ({"iat": seconds(NOW + timedelta(hours=1))}, "token-not-yet-valid"),
        ({"aud": "https://another.example"}, "token-audience"),
        ({"aud": ["https://another.example"]}, "token-audience"),
        ({"aud": None}, "token-audience"),
        ({"iss": "https://another.example"}, "token-issuer"),
        ({"iss": None}, "token-invalid"),
        ({"sub": None}, "token-invalid"),
        ({"sub": ""}, "token-invalid"),
        ({"sub": "x" * 256}, "token-invalid"),
        ({"sub": 7}, "token-invalid"),
        ({"client_id": None}, "token-invalid"),
        ({"exp": None}, "token-invalid"),
        ({"exp": "tomorrow"}, "token-invalid"),
        ({"exp": True}, "token-invalid"),
        ({"exp": 1e300}, "token-invalid"),
        ({"iat": None}, "token-invalid"),
        ({"nbf": -1}, "token-invalid"),
        ({"exp": seconds(NOW + timedelta(days=2))}, "token-invalid"),
    ],
)
def test_a_token_with_other_claims_is_refused(idp, issuer, changes, code):
    assert refused(idp.token(**changes), issuer) == code


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": None}, {"typ": "dpop+jwt"}, {"alg": "PS384"}],
)
def test_another_type_or_algorithm_is_refused(idp, issuer, header):
    if header.get("alg") == "PS384":
        _, claims, signature = idp.token().split(".")
        token = ".".join(
            [part({"alg": "PS384", "typ": "at+jwt", "kid": "key-1"}), claims, signature]
        )
    else:
        token = idp.token(header=header)
    assert refused(token, issuer) == "token-invalid"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_types_of_an_access_token(idp, issuer, typ):
    assert check_access_token(idp.token(header={"typ": typ}), issuer, NOW)


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "", None])
def test_an_unsigned_token_is_refused(idp, issuer, alg):
    header = {"alg": alg, "typ": "at+jwt", "kid": "key-1"}
    for signature in ("", idp.token().split(".")[2]):
        assert (
            refused(f"{part(header)}.{part(idp.claims())}.{signature}", issuer) == "token-invalid"
        )


def test_the_public_key_is_no_shared_secret(idp, issuer):
    """Algorithm confusion: HS256 with the published key as its secret."""
    for secret in (
        idp.keys["key-1"].as_pem(private=False),
        json.dumps(idp.keys["key-1"].as_dict(private=False)).encode(),
    ):
        key = OctKey.import_key(base64.urlsafe_b64encode(secret).rstrip(b"=").decode())
        forged = idp.token(
            key=OctKey.import_key({"kty": "oct", "k": key.as_dict()["k"]}), header={"alg": "HS256"}
        )
        assert refused(forged, issuer) == "token-invalid"


def test_a_key_of_another_kind_than_the_algorithm_is_refused(idp, issuer):
    idp.add_key("ec", kind="EC")
    assert check_access_token(idp.token(key_id="ec", header={"alg": "ES256"}), issuer, NOW)
    head = {"alg": "RS256", "typ": "at+jwt", "kid": "ec"}
    token = idp.token()
    assert refused(".".join([part(head), *token.split(".")[1:]]), issuer) == "token-invalid"


def test_anothers_key_under_our_key_id_is_refused(idp, issuer):
    stranger = RSAKey.import_key(key_of("stranger").as_dict(private=True) | {"kid": "key-1"})
    assert refused(idp.token(key=stranger), issuer) == "token-invalid"


def test_keys_that_a_token_brings_along_are_not_used(idp, issuer):
    stranger = key_of("stranger")
    header = {"kid": "mine", "jwk": stranger.as_dict(private=False)}
    assert refused(idp.token(key=stranger, header=header), issuer) == "token-invalid"  # too long
    header = {"kid": "mine", "jku": f"{idp.url}/jwks"}
    assert refused(idp.token(key=stranger, header=header), issuer) == "token-key-unknown"


def test_an_unknown_or_missing_key_id_is_refused(idp, issuer):
    key = idp.keys["key-1"]
    assert refused(idp.token(key=key, header={"kid": "other"}), issuer) == "token-key-unknown"
    header = part({"alg": "RS256", "typ": "at+jwt"})
    token = ".".join([header, *idp.token().split(".")[1:]])
    assert refused(token, issuer) == "token-key-unknown"


def test_a_critical_extension_that_we_do_not_know_is_refused(idp, issuer):
    _, claims, signature = idp.token().split(".")
    header = {"alg": "RS256", "typ": "at+jwt", "kid": "key-1", "crit": ["x"], "x": 1}
    assert refused(f"{part(header)}.{claims}.{signature}", issuer) == "token-invalid"


def test_a_changed_claim_breaks_the_signature(idp, issuer):
    head, _, signature = idp.token().split(".")
    forged = part(idp.claims(sub="operator", client_id="operator"))
    assert refused(f"{head}.{forged}.{signature}", issuer) == "token-invalid"


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "a.b", "a.b.c.d.e", "é.é.é", "x" * 20_000, "{}.{}.{}"]
)
def test_what_is_no_token_is_refused(issuer, token):
    assert refused(token, issuer) == "token-invalid"
    with pytest.raises(NotSignedIn):
        issuer_named(token)


@pytest.mark.parametrize("claims", ["[]", "7", "not json", '{"iss": 7}', "[" * 5000])
def test_claims_that_are_no_claims_name_no_issuer(claims):
    with pytest.raises(NotSignedIn) as found:
        issuer_named(f"{part({'alg': 'RS256'})}.{part(claims)}.AA")
    assert found.value.code == "token-invalid"


@settings(max_examples=tries(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=st.integers(1, 86_400), early=st.integers(0, 600))
def test_the_bounds_of_clock_skew(idp, issuer, life, early):
    """Good until the second before its end with leeway; from leeway before its start."""
    issued, expires = NOW, NOW + timedelta(seconds=life)
    starts = issued + timedelta(seconds=min(early, life - 1))
    token = idp.token(iat=seconds(issued), nbf=seconds(starts), exp=seconds(expires))
    assert check_access_token(token, issuer, expires + LEEWAY - SECOND)
    assert refused(token, issuer, expires + LEEWAY) == "token-expired"
    assert refused(token, issuer, expires + LEEWAY + SECOND) == "token-expired"
    assert refused(token, issuer, starts - LEEWAY - SECOND) == "token-not-yet-valid"
    assert check_access_token(token, issuer, starts - LEEWAY)
    assert check_access_token(token, issuer, starts - LEEWAY + SECOND)


def test_a_scope_may_be_required_of_tokens_of_people(idp, provider, ticks):
    issuer = Issuer(provider.model_copy(update={"required_scope": "outcomes"}), ticks)
    good = idp.token(sub="person-1", scope="profile outcomes")
    assert check_access_token(good, issuer, NOW).subject == "person-1"
    assert refused(idp.token(sub="person-1", scope="outcomes.read"), issuer) == "token-audience"
    assert refused(idp.token(sub="person-1"), issuer) == "token-audience"
    assert check_access_token(idp.token(), issuer, NOW).subject is None


@pytest.fixture
def entra(provider, ticks) -> Issuer:
    return Issuer(provider.model_copy(update={"profile": Profile.ENTRA, "tenant": TENANT}), ticks)


def test_an_app_of_entra_id_with_its_app_roles(idp, entra):
    token = idp.entra(roles=["Ledger.Submit"])
    bearer = check_access_token(token, entra, NOW)
    assert bearer == Bearer(idp.url, None, "case-system", (), ("Ledger.Submit",))


def test_a_person_of_entra_id_with_their_groups(idp, entra):
    token = idp.entra(idtyp="user", scp="access_as_user", groups=["9d"], roles=["Verifier"])
    bearer = check_access_token(token, entra, NOW)
    assert bearer == Bearer(idp.url, "object-1", "case-system", ("9d",), ("Verifier",))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tid": "another-tenant"}, "token-issuer"),
        ({"tid": None}, "token-issuer"),
        ({"oid": None}, "token-invalid"),
        ({"azp": None}, "token-invalid"),
        ({"ver": "1.0"}, "token-invalid"),
        ({"ver": None}, "token-invalid"),
        ({"nonce": "n"}, "token-invalid"),
        ({"at_hash": "h"}, "token-invalid"),
    ],
)
def test_other_tokens_of_entra_id_are_refused(idp, entra, changes, code):
    """The last two are ID tokens, which have the type and may have the audience of others."""
    assert refused(idp.entra(**changes), entra) == code


def test_the_type_of_rfc_9068_is_not_entras(idp, entra, issuer):
    assert refused(idp.token(), entra) == "token-invalid"
    assert refused(idp.entra(), issuer) == "token-invalid"


@pytest.fixture
def people(provider, ticks) -> Issuer:
    return Issuer(provider.model_copy(update={"client_id": "ledger"}), ticks)


def id_token(idp, **changes) -> str:
    shape = {"aud": "ledger", "sub": "person-1", "client_id": None, "nonce": "n-1"}
    return idp.token(header={"typ": changes.pop("typ", "JWT")}, **(shape | changes))


def test_a_good_id_token(idp, people):
    for typ in ("JWT", None):
        bearer = check_id_token(id_token(idp, typ=typ), people, "n-1", NOW)
        assert (bearer.subject, bearer.client_id) == ("person-1", "ledger")
    assert check_id_token(id_token(idp, aud=["ledger", "x"], azp="ledger"), people, "n-1", NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"typ": "at+jwt"}, "token-invalid"),
        ({"aud": AUDIENCE}, "token-audience"),
        ({"aud": ["ledger", "x"], "azp": "x"}, "token-audience"),
        ({"nonce": "n-2"}, "token-invalid"),
        ({"nonce": None}, "token-invalid"),
        ({"sub": None}, "token-invalid"),
        ({"exp": seconds(NOW - timedelta(hours=1))}, "token-expired"),
        ({"iss": "https://another.example"}, "token-issuer"),
    ],
)
def test_another_id_token_is_refused(idp, people, changes, code):
    with pytest.raises(NotSignedIn) as found:
        check_id_token(id_token(idp, **changes), people, "n-1", NOW)
    assert found.value.code == code


def test_an_id_token_of_entra_id_names_the_person_by_object_and_tenant(idp, entra, ticks):
    people = Issuer(entra.provider.model_copy(update={"client_id": "ledger"}), ticks)
    good = id_token(idp, oid="object-1", tid=TENANT)
    assert check_id_token(good, people, "n-1", NOW).subject == "object-1"
    with pytest.raises(NotSignedIn):
        check_id_token(id_token(idp, oid="object-1", tid="other"), people, "n-1", NOW)

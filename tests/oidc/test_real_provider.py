"""A real OpenID provider: machines with client credentials, people with code and PKCE."""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import joserfc.jwk
import pytest
import yaml
from uuid_utils import uuid7

from app.main import create_app, make_reception
from app.service import access
from app.service.sessions import safe_return
from app.settings import Settings
from app.storage.principals import Identity
from tests.access.conftest import COOKIE, Desk, bearer, code_of, secret_of, session
from tests.api.conftest import serving

HERE = Path(__file__).parent
AUDIENCE = "https://outcomes.example"
PUBLIC = "http://127.0.0.1:8000"
CALLBACK = f"{PUBLIC}/sign-in/real/callback"
MACHINE = "case-system"


@dataclass
class RealProvider:
    """The provider's process and address."""

    process: subprocess.Popen
    url: str

    def rotate(self) -> None:
        self.process.stdin.write("rotate\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "rotated\n"

    def token(self, resource: str = AUDIENCE, client: str = MACHINE) -> str:
        """An access token that the provider issues to a machine."""
        form = {"grant_type": "client_credentials", "resource": resource, "scope": "outcomes"}
        answer = httpx.post(
            f"{self.url}/token", data=form, auth=(client, "a secret of the test only")
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]


@pytest.fixture(scope="module")
def real() -> Iterator[RealProvider]:
    # Where Node.js is no part of the machine these are left out; .ci/run does not let them be.
    missing = pytest.fail if os.environ.get("REQUIRE_OIDC") else pytest.skip
    node = shutil.which("node")
    if node is None:
        missing("needs Node.js: `node` is not on the PATH")
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        missing("needs oidc-provider: run `make oidc`")
    command = [node, "server.mjs", CALLBACK]
    with subprocess.Popen(
        command,
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), "the provider did not start"
        yield RealProvider(process, url)
        process.stdin.close()
        process.wait(10)


@pytest.fixture(scope="module")
def settings(real, database_urls, tmp_path_factory) -> Settings:
    here = tmp_path_factory.mktemp("oidc")
    (here / "secret").write_text("another/secret of+the test")
    provider = {
        "name": "real",
        "issuer": real.url,
        "audience": AUDIENCE,
        "client_id": "ledger",
        "client_secret_file": str(here / "secret"),
    }
    (here / "providers.yaml").write_text(yaml.safe_dump({"providers": [provider]}))
    return Settings(
        database_url=database_urls.app,
        var_dir=here,
        identity_providers_file=here / "providers.yaml",
        public_url=PUBLIC,
    )


@pytest.fixture
def reception(settings, engine):
    return make_reception(settings, engine)


@pytest.fixture
def service(settings, engine) -> Iterator[httpx.Client]:
    """A fresh service, which has read no keys yet."""
    with serving(create_app(settings, engine)) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture(scope="module")
def machine(settings, engine, real) -> str:
    """The machine's principal."""
    desk = Desk(make_reception(settings, engine))
    principal_id = desk.register("client", Identity(real.url, "client", MACHINE))
    desk.grant(principal_id, "provider", "promoting", "provider")
    return principal_id


def claims_of(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def resigned(token: str, header: dict, **changes) -> str:
    """A real token with another head and other claims, and its old signature."""
    texts = [json.dumps(header), json.dumps(claims_of(token) | changes)]
    head, body = (base64.urlsafe_b64encode(one.encode()).decode().rstrip("=") for one in texts)
    return f"{head}.{body}.{token.split('.')[2]}"


def header_of(token: str) -> dict:
    part = token.split(".", maxsplit=1)[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def signed_with_a_public_key(real: RealProvider, token: str) -> Iterator[str]:
    """The token as HS256, with the provider's public key as the secret, in each of its forms."""
    keys = httpx.get(f"{real.url}/jwks").json()["keys"]
    found = next(one for one in keys if one["kid"] == header_of(token)["kid"])
    key = joserfc.jwk.RSAKey.import_key(found)
    head = encoded(json.dumps(header_of(token) | {"alg": "HS256"}).encode())
    signed = f"{head}.{token.split('.')[1]}"
    for secret in (
        key.as_pem(private=False),
        key.as_der(private=False),
        json.dumps(found).encode(),
        base64.urlsafe_b64decode(found["n"] + "=="),
    ):
        made = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        yield f"{signed}.{encoded(made)}"


def test_a_public_key_is_no_shared_secret(service, real, machine):
    token = real.token()
    for forged in signed_with_a_public_key(real, token):
        assert code_of(service.get("/v1/session", headers=bearer(forged))) == (401, "token-invalid")
    assert service.get("/v1/session", headers=bearer(token)).status_code == 200


def test_a_machine_with_client_credentials(service, real, machine):
    answer = service.get("/v1/session", headers=bearer(real.token()))
    assert answer.status_code == 200, answer.text
    assert answer.json()["principal_id"] == machine
    assert [one["contract_id"] for one in answer.json()["roles"]] == ["promoting"]


def test_its_tokens_are_of_rfc_9068(real):
    token = real.token()
    assert header_of(token)["typ"] == "at+jwt"
    assert claims_of(token)["client_id"] == claims_of(token)["sub"] == MACHINE


def test_a_token_for_another_service(service, real, machine):
    token = real.token("https://another.example")
    assert code_of(service.get("/v1/session", headers=bearer(token))) == (401, "token-audience")


def test_a_token_that_has_expired(settings, engine, real, machine):
    token = real.token()
    end = datetime.fromtimestamp(claims_of(token)["exp"], UTC)
    for offset, status in ((29, 200), (30, 401), (31, 401)):
        now = end + timedelta(seconds=offset)
        with serving(create_app(settings, engine, lambda now=now: now)) as url:
            answer = httpx.get(f"{url}/v1/session", headers=bearer(token))
        assert answer.status_code == status
    assert answer.json()["code"] == "token-expired"


def test_forged_tokens(service, real, machine):
    token = real.token()
    header = header_of(token)
    other_issuer = resigned(token, header, iss="https://another.example")
    for forged, code in (
        (other_issuer, "token-issuer"),
        (resigned(token, header, sub="operator", client_id="operator"), "token-invalid"),
        (resigned(token, header | {"alg": "none"}), "token-invalid"),
        (resigned(token, header | {"alg": "none"}).rsplit(".", 1)[0] + ".", "token-invalid"),
        (resigned(token, header | {"alg": "HS256"}), "token-invalid"),
        (resigned(token, header | {"kid": "made-up"}), "token-key-unknown"),
    ):
        assert code_of(service.get("/v1/session", headers=bearer(forged))) == (401, code)


def test_a_rotated_key(settings, engine, real, machine):
    """A new key is found at once; a withdrawn one counts no more for a service that reads anew."""
    old = real.token()
    real.rotate()
    new = real.token()
    assert header_of(new)["kid"] != header_of(old)["kid"]
    with serving(create_app(settings, engine)) as url:
        assert httpx.get(f"{url}/v1/session", headers=bearer(new)).status_code == 200
        answer = httpx.get(f"{url}/v1/session", headers=bearer(old))
    assert code_of(answer) == (401, "token-key-unknown")


def test_a_revoked_client(service, real, reception):
    """Its token counts at the issuer until it expires, and here no more."""
    principal_id = Desk(reception).register("client", Identity(real.url, "client", "old-system"))
    headers = bearer(real.token(client="old-system"))
    assert service.get("/v1/session", headers=headers).status_code == 200
    access.end_principal(reception, principal_id, "test")
    assert code_of(service.get("/v1/session", headers=headers)) == (401, "principal-ended")


def signed_in_at(service: httpx.Client, real: RealProvider, login: str) -> tuple[dict, str]:
    """A browser goes to the provider, signs in, consents, and is sent back: cookie and address."""
    begun = service.get("/sign-in/real", params={"return_to": "/v1/session"})
    assert begun.status_code == 303, begun.text
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert "code_verifier" not in asked
    cookie = {"Cookie": begun.headers["set-cookie"].split(";")[0]}
    with httpx.Client(base_url=real.url) as browser:
        place = begun.headers["location"]
        for _ in range(12):
            answer = browser.get(place)
            if answer.status_code == 200:
                form = re.search(r'action="([^"]+)"', answer.text)[1]
                prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)[1]
                sent = {"prompt": prompt, "login": login, "password": "any"}
                answer = browser.post(form, data=sent)
            place = answer.headers["location"]
            if place.startswith(CALLBACK):
                return cookie, place.removeprefix(PUBLIC)
    raise AssertionError("the provider never sent the browser back")


@pytest.fixture
def person(reception, real) -> tuple[str, str]:
    """Somebody registered: login at the provider, and principal."""
    login = f"person-{uuid7()}"
    return login, Desk(reception).register("person", Identity(real.url, "subject", login))


def test_a_person_with_code_and_pkce(service, real, person):
    login, principal_id = person
    cookie, callback = signed_in_at(service, real, login)
    answer = service.get(callback, headers=cookie)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/v1/session"
    cookies = answer.headers.get_list("set-cookie")
    assert cookies[0].startswith(f"{COOKIE}=")
    assert "Max-Age=0" in cookies[1]
    found = service.get("/v1/session", headers=session(secret_of(answer))).json()
    assert found["principal_id"] == principal_id
    assert found["csrf_token"]


def test_a_state_counts_once(service, real, person):
    cookie, callback = signed_in_at(service, real, person[0])
    assert service.get(callback, headers=cookie).status_code == 303
    assert code_of(service.get(callback, headers=cookie)) == (401, "sign-in-refused")


def test_a_code_in_another_browser_is_refused(service, real, person):
    """The state belongs to the browser that left with it, so nobody is signed in as another."""
    _, callback = signed_in_at(service, real, person[0])
    assert code_of(service.get(callback)) == (401, "sign-in-refused")
    _, callback = signed_in_at(service, real, person[0])
    other, _ = signed_in_at(service, real, person[0])
    assert code_of(service.get(callback, headers=other)) == (401, "sign-in-refused")


@pytest.mark.parametrize(
    ("name", "value"),
    [("code", "made-up"), ("state", "made-up"), ("iss", "https://another.example"), ("iss", None)],
)
def test_what_the_provider_did_not_send_is_refused(service, real, person, name, value):
    cookie, callback = signed_in_at(service, real, person[0])
    query = {key: found[0] for key, found in parse_qs(urlsplit(callback).query).items()}
    query = {key: one for key, one in (query | {name: value}).items() if one is not None}
    answer = service.get("/sign-in/real/callback", params=query, headers=cookie)
    assert code_of(answer) == (401, "sign-in-refused")


def test_a_person_whom_nobody_has_registered(service, real):
    cookie, callback = signed_in_at(service, real, f"stranger-{uuid7()}")
    assert code_of(service.get(callback, headers=cookie)) == (403, "not-registered")


@pytest.mark.parametrize("name", ["unknown", "Real"])
def test_a_provider_that_is_not_set_up(service, name):
    assert code_of(service.get(f"/sign-in/{name}")) == (404, "provider-unknown")


@pytest.mark.parametrize(
    "place", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", ""]
)
def test_nobody_is_led_elsewhere_after_signing_in(service, real, person, place):
    begun = service.get("/sign-in/real", params={"return_to": place})
    assert begun.status_code == 303
    assert safe_return(place) == "/"

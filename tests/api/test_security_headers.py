"""Every answer tells a browser what not to do: successes, refusals, failures, pages."""

import re
from base64 import b64encode
from hashlib import sha256

import httpx
import pytest

from app.api.security_headers import ALWAYS, POLICY, secured
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import serving
from tests.api.test_openapi import DOCUMENT

HSTS = "strict-transport-security"


def missing(answer: httpx.Response) -> list[str]:
    wanted = {name.decode(): value.decode() for name, value in ALWAYS}
    found = [name for name, value in wanted.items() if answer.headers.get_list(name) != [value]]
    policies = answer.headers.get_list("content-security-policy")
    if len(policies) != 1 or not policies[0].startswith(POLICY):
        found.append("content-security-policy")
    return found


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs", 200),
        ("GET", "/nothing-here", 404),
        ("POST", "/health", 405),
        ("TRACE", "/health", 405),
        ("OPTIONS", "/v1/contracts", 405),
        ("GET", "/v1/contracts/no-such-contract", 404),
        ("GET", "/v1/contracts?limit=zero", 422),
        ("POST", "/v1/contracts", 422),
        ("GET", "/sign-in/nobody", 404),
    ],
)
def test_every_answer_has_them(http, method, path, status):
    answer = http.request(method, path)
    assert answer.status_code == status
    assert missing(answer) == []
    assert HSTS not in answer.headers
    assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_every_route_has_them(http, path):
    address = re.sub(r"\{[^}]*\}", "none", path)
    assert missing(http.get(address)) == []


def test_an_unforeseen_failure_has_them_and_shows_nothing(app, http, monkeypatch):
    def broken() -> None:
        raise RuntimeError("s3cret of the inside")

    monkeypatch.setattr("app.api.health.HealthOut", lambda **_: broken())
    answer = http.get("/health")
    assert answer.status_code == 500
    assert missing(answer) == []
    assert answer.json()["code"] == "internal-error"
    assert "s3cret" not in answer.text
    assert "Traceback" not in answer.text
    assert app.debug is False


def test_nothing_is_shared_with_other_origins(http):
    answer = http.get("/health", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_the_reference_page_has_one_style_and_its_hash_is_allowed(http):
    answer = http.get("/docs")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert not re.search(r"\sstyle=|\son\w+=|<script|<link|<img", answer.text)


def test_headers_of_a_route_are_not_sent_twice():
    own = [(b"Cache-Control", b"max-age=5"), (b"Content-Security-Policy", b"default-src 'self'")]
    found = secured(own, over_tls=False)
    assert [value for name, value in found if name.lower() == b"cache-control"] == [b"no-store"]
    policies = [value for name, value in found if name.lower() == b"content-security-policy"]
    assert policies == [b"default-src 'self'"]


@pytest.fixture(scope="module")
def behind_a_proxy(database_urls, engine, tmp_path_factory):
    def made(**changes):
        settings = Settings(
            database_url=database_urls.app, var_dir=tmp_path_factory.mktemp("tls"), **changes
        )
        return serving(create_app(settings, engine))

    return made


def test_a_public_address_over_tls_is_told_to_browsers(behind_a_proxy):
    with behind_a_proxy(public_url="https://ledger.example") as address:
        answer = httpx.get(f"{address}/health")
        assert answer.headers[HSTS] == "max-age=63072000; includeSubDomains"
        refused = httpx.get(f"{address}/v1/contracts")
        assert (refused.status_code, HSTS in refused.headers) == (401, True)
        assert missing(refused) == []


def test_without_one_it_is_told_where_the_named_proxy_says_so(behind_a_proxy):
    said = {"X-Forwarded-Proto": "https"}
    with behind_a_proxy(trusted_proxies="127.0.0.1") as address:
        assert HSTS in httpx.get(f"{address}/health", headers=said).headers
        assert HSTS not in httpx.get(f"{address}/health").headers
    with behind_a_proxy() as address:
        assert HSTS not in httpx.get(f"{address}/health", headers=said).headers

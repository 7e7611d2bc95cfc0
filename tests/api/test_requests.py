"""The form of requests and answers: JSON, parameters, headers, the log, health."""

import logging
from time import sleep

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from app.storage.engine import make_engine
from tests import factories
from tests.api.client import acting, participant
from tests.api.conftest import serving
from tests.factories import COUNCIL

CHECK = "/v1/terms/check"
JSON = {"Content-Type": "application/json"}

BODIES = [
    (b'{"a": 1, "a": 2}', JSON, 422, "given-twice", "/a"),
    (b'{"a": NaN}', JSON, 422, "json-malformed", ""),
    (b'{"a": Infinity}', JSON, 422, "json-malformed", ""),
    (b'{"a": 1', JSON, 422, "json-malformed", ""),
    (b"\xff\xfe{}", JSON, 422, "json-not-utf8", ""),
    ('{"title": "é"}'.encode("latin-1"), JSON, 422, "json-not-utf8", ""),
    (b"[" * 100_000, JSON, 422, "nested-too-deeply", ""),
    (b'{"a": ' + b"9" * 5000 + b"}", JSON, 422, "number-too-large", ""),
    (b"", JSON, 422, "body-missing", ""),
    (b"[]", JSON, 422, "not-an-object", ""),
    (b"{}", {"Content-Type": "text/plain"}, 415, "content-type-not-json", ""),
    (b"{}", {"Content-Type": "application/json; charset=latin-1"}, 415, "content-type-not-json",
     ""),
    (b"{}", {}, 415, "content-type-not-json", ""),
    (b" " * (1024 * 1024 + 1), JSON, 413, "body-too-large", ""),
]  # fmt: skip


@pytest.mark.parametrize(("body", "headers", "status", "code", "pointer"), BODIES)
def test_a_body_that_is_not_plain_json_is_refused(http, body, headers, status, code, pointer):
    answer = http.post(CHECK, content=body, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["faults"][0]["code"]) == (status, code)
    assert problem["faults"][0]["pointer"] == pointer


def test_a_body_without_a_length_is_bounded_too(http):
    def endless():
        for _ in range(40):
            yield b" " * 64 * 1024

    answer = http.post(CHECK, content=endless(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_the_limit_itself_is_accepted(http):
    body = b"{}".ljust(1024 * 1024)
    assert http.post(CHECK, content=body, headers=JSON).status_code == 200


def test_half_a_surrogate_pair_is_refused(api, stored):
    api.agreed()
    before = stored()
    body = b'{"events": [{"kind": "engaged", "on": "2021-01-01", "note": "\\ud800"}]}'
    headers = acting("provider") | JSON
    answer = api.http.post(f"{api.base}/participants/PI-0001/events", content=body, headers=headers)
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "not-text")
    assert stored() == before


def test_values_are_never_repeated(api):
    api.agreed()
    secret = "Jo Public 9434765919"
    answer = api.post("/participants", participant() | {"referred_on": secret, "setting": secret})
    assert answer.status_code == 422
    assert secret not in answer.text


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("limit=0", "out-of-range", "/limit"),
        ("limit=201", "out-of-range", "/limit"),
        ("limit=ten", "not-a-whole-number", "/limit"),
        ("limit=1&limit=2", "given-twice", "/limit"),
        ("page=2", "unknown-field", "/page"),
        ("cursor=!!", "wrong-form", "/cursor"),
        ("cursor=WzFd", "wrong-form", "/cursor"),
        ("cursor=WyJcdTAwMDAiXQ", "wrong-form", "/cursor"),
        ("cursor=", "wrong-form", "/cursor"),
    ],
)
def test_query_parameters_are_known_and_in_range(http, query, code, pointer):
    answer = http.get(f"/v1/contracts?{query}")
    fault = answer.json()["faults"][0]
    assert answer.status_code == 422
    assert (fault["code"], fault["in"], fault["pointer"]) == (code, "query", pointer)


@pytest.mark.parametrize("query", ["dryrun=true", "dry_run=maybe", "dry_run=true&dry_run=false"])
def test_a_misspelt_dry_run_writes_nothing(api, stored, query):
    answer = api.post(
        f"/v1/contracts?{query}",
        {"contract_id": api.contract_id, "terms": factories.document()},
        party=COUNCIL,
    )
    assert answer.status_code == 422
    assert stored()["head"] is None


@pytest.mark.parametrize("known_on", ["yesterday", "2021-02-30", "20210201", "0001-01-01"])
def test_days_in_queries_are_days(api, known_on):
    api.agreed()
    answer = api.get(f"/balances?known_on={known_on}")
    assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (422, "/known_on")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing-here", 404, "route-unknown"),
        ("GET", "/v1/contracts/", 404, "route-unknown"),
        ("DELETE", "/v1/contracts", 405, "method-not-allowed"),
        ("PROPFIND", "/v1/contracts", 405, "method-not-allowed"),
    ],
)
def test_unknown_addresses_and_methods(http, method, path, status, code):
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert status != 405 or "POST" in answer.headers["allow"]


def test_a_body_where_none_belongs_is_refused(http):
    answer = http.request("GET", "/v1/contracts", content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "body-not-expected")


def test_writes_need_a_key(api, stored):
    headers = acting(COUNCIL)
    body = {"contract_id": api.contract_id, "terms": factories.document()}
    del headers["Idempotency-Key"]
    missing = api.http.post("/v1/contracts", json=body, headers=headers)
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency-key-missing")
    for key in ("", "a b", "k" * 256):
        answer = api.http.post(
            "/v1/contracts", json=body, headers=headers | {"Idempotency-Key": key}
        )
        assert answer.status_code in {400, 422}
    assert stored()["head"] is None


def test_every_answer_has_a_request_id_and_is_not_cached(http):
    answer = http.get("/health")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_ready_says_whether_the_database_is_there(http, settings):
    assert http.get("/ready").json() == {"status": "ok"}
    nowhere = make_engine("postgresql://nobody@127.0.0.1:1/none")
    with serving(create_app(settings, nowhere)) as address:
        answer = httpx.get(f"{address}/ready")
        assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
        assert httpx.get(f"{address}/health").status_code == 200
    nowhere.dispose()


def test_the_log_names_the_route_and_no_values(api, caplog):
    with caplog.at_level(logging.INFO, logger="outcomes"):
        answer = api.get("/participants/PI-0042?known_on=2021-01-01")
    for _ in range(200):  # the line is written once the answer has been sent
        lines = [one.getMessage() for one in caplog.records if one.name == "outcomes.requests"]
        if lines:
            break
        sleep(0.01)
    (line,) = lines
    route = "/v1/contracts/{contract_id}/participants/{participant_id}"
    assert line.startswith(f"GET {route} 404 ")
    assert line.endswith(answer.headers["request-id"])
    assert "PI-0042" not in caplog.text
    assert "2021-01-01" not in caplog.text


UNAVAILABLE = "database-unavailable"


class BrokenEngine:
    """Fails in a way that nobody foresaw."""

    def __getattr__(self, name: str) -> object:
        raise ZeroDivisionError(name)


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (lambda: make_engine("postgresql://nobody:secret@127.0.0.1:1/none"), 503, UNAVAILABLE),
        (BrokenEngine, 500, "internal-error"),
    ],
)
def test_a_failure_shows_a_reference_and_no_internals(settings, caplog, make, status, code):
    with serving(create_app(settings, make())) as address:
        answer = httpx.get(f"{address}/v1/contracts/some-contract")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert "psycopg" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert problem["instance"].removeprefix("urn:uuid:") in caplog.text
    assert "secret" not in caplog.text
    assert "some-contract" not in caplog.text


def test_acting_headers_are_believed_only_where_the_operator_says_so(settings, engine, contract_id):
    wary = settings.model_copy(update={"trust_acting_headers": False})
    body = {"contract_id": contract_id, "terms": factories.document()}
    with serving(create_app(wary, engine)) as address:
        answer = httpx.post(f"{address}/v1/contracts", json=body, headers=acting(COUNCIL))
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
        assert answer.headers["www-authenticate"] == 'Bearer realm="outcomes"'


GUARDED = [
    "/v1/contracts",
    "/v1/contracts/any",
    "/v1/contracts/any/journal",
    "/v1/contracts/any/evidence/any/file",
    "/v1/terms/schema",
    "/v1/added-later",
    "/",
    "/health/",
    "/problems",
]


@pytest.fixture(scope="module")
def wary(settings, engine):
    """A service where nobody can say who is asking."""
    without_limit = {"trust_acting_headers": False, "requests_per_minute_address": 0}
    refusing = settings.model_copy(update=without_limit)
    with serving(create_app(refusing, engine)) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("headers", [{}, acting(COUNCIL)], ids=["unsigned", "signed"])
def test_nothing_is_read_where_nobody_can_say_who_is_asking(wary, path, headers):
    answer = wary.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_every_operation_on_contracts_is_guarded(wary):
    for path, methods in wary.get("/openapi.json").json()["paths"].items():
        for method in methods:
            answer = wary.request(method, path, content=b"[" * 100)
            opened = (method, path) == ("post", "/v1/session") or "/v1/account/setup" in path
            guarded = path.startswith("/v1/") and not opened
            assert (answer.status_code == 401) == guarded, (method, path)


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/docs", "/openapi.json", "/problems/stale-version"]
)
def test_health_and_documentation_are_for_everybody(wary, path):
    assert wary.get(path).status_code == 200


def test_the_sandbox_clock_moves_one_request(api):
    api.agreed()
    later = {"Sandbox-Clock": "2024-02-29T12:00:00+00:00"}
    leap = api.post("/participants", participant(referred_on="2024-02-29"), headers=later)
    assert leap.status_code == 201, leap.text
    back = api.post("/participants", participant("PI-0002", referred_on="2024-03-01"))
    assert back.json()["code"] == "date-in-future"
    assert api.get("/journal").json()["items"][-1]["recorded_at"].startswith("2024-02-29T12:00")


@pytest.mark.parametrize(
    "instant", ["now", "2024-02-29", "2024-02-29T12:00:00", "1066-10-14T09:00Z"]
)
def test_the_sandbox_clock_takes_instants_only(http, instant):
    answer = http.get("/v1/contracts", headers={"Sandbox-Clock": instant})
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "wrong-form")


def test_outside_a_sandbox_the_clock_cannot_be_moved(settings: Settings, engine):
    real = settings.model_copy(update={"mode": "production"})
    with serving(create_app(real, engine)) as address:
        answer = httpx.get(
            f"{address}/v1/contracts", headers={"Sandbox-Clock": "2024-02-29T12:00:00Z"}
        )
    fault = answer.json()["faults"][0]
    assert (answer.status_code, fault["code"]) == (422, "sandbox-only")
    assert (fault["in"], fault["pointer"]) == ("header", "/Sandbox-Clock")


def test_terms_can_be_checked_without_recording(http):
    good = http.post(CHECK, json=factories.document()).json()
    assert (good["valid"], good["faults"]) == (True, [])
    assert len(good["hash"]) == 64
    bad = http.post(CHECK, json=factories.document(currency="pounds")).json()
    assert (bad["valid"], bad["hash"]) == (False, None)
    assert bad["faults"][0]["pointer"] == "/currency"
    schema = http.get("/v1/terms/schema")
    assert schema.headers["content-type"] == "application/schema+json"
    assert "rate_card" in schema.json()["properties"]

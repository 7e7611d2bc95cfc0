"""Machines: access tokens and API keys over HTTP, each refusal with its answer."""

from datetime import timedelta

import httpx
import pytest

from app.service import access, api_keys
from app.storage.principals import Identity
from tests.access.conftest import bearer, code_of
from tests.issuing import seconds

SECOND = timedelta(seconds=1)


@pytest.fixture
def token(idp, clock):
    """A token of a machine that is good now, with changes."""

    def made(client: str, **changes) -> dict[str, str]:
        now = clock.now
        claims = {"iat": seconds(now), "exp": seconds(now + timedelta(minutes=10))}
        names = {"sub": client, "client_id": client}
        return bearer(idp.token(**(names | claims | changes)))

    return made


@pytest.fixture
def machine(desk, idp, contract_id):
    """A registered machine with a role: its principal and its client id."""
    client = f"client-{contract_id}"
    principal_id = desk.register("client", Identity(idp.url, "client", client))
    desk.grant(principal_id, "provider", contract_id, "provider")
    return principal_id, client


def test_a_good_token(http, token, machine, contract_id):
    principal_id, client = machine
    found = http.get("/v1/session", headers=token(client)).json()
    assert found["principal_id"] == principal_id
    assert found["csrf_token"] is None
    assert [(one["role"], one["contract_id"], one["party"]) for one in found["roles"]] == [
        ("provider", contract_id, "provider")
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": 1, "iat": 0}, "token-expired"),
        ({"nbf": 2**35}, "token-not-yet-valid"),
        ({"aud": "https://another.example"}, "token-audience"),
        ({"iss": "https://another.example"}, "token-issuer"),
        ({"header": {"typ": "JWT"}}, "token-invalid"),
        ({"header": {"kid": "made-up"}, "key_id": "key-1"}, "token-key-unknown"),
    ],
)
def test_a_token_that_does_not_count(http, token, machine, changes, code):
    answer = http.get("/v1/contracts", headers=token(machine[1], **changes))
    assert code_of(answer) == (401, code)
    assert answer.headers["www-authenticate"] == 'Bearer realm="outcomes", error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic dTpw", "Bearer x", "Bearer a.b.c", "olk.a.b"]
)
def test_what_is_no_credential(http, header):
    answer = http.get("/v1/contracts", headers={"Authorization": header})
    assert code_of(answer) == (401, "token-invalid")


def test_two_credentials_are_none(http, token, machine):
    good = token(machine[1])["Authorization"]
    headers = [("Authorization", good), ("Authorization", good)]
    assert code_of(http.get("/v1/contracts", headers=headers)) == (401, "token-invalid")


def test_a_stranger_of_a_known_issuer_is_not_registered(http, token):
    assert code_of(http.get("/v1/contracts", headers=token("stranger"))) == (403, "not-registered")


def test_a_revoked_client_is_out_at_once_while_its_token_still_counts(
    http, token, machine, reception
):
    headers = token(machine[1])
    assert http.get("/v1/session", headers=headers).status_code == 200
    access.end_principal(reception, machine[0], "test")
    assert code_of(http.get("/v1/session", headers=headers)) == (401, "principal-ended")


def test_a_revoked_client_takes_people_with_it(http, token, machine, desk, idp, reception):
    person = desk.register("person", Identity(idp.url, "subject", f"person-{machine[1]}"))
    headers = token(machine[1], sub=f"person-{machine[1]}")
    assert http.get("/v1/session", headers=headers).json()["principal_id"] == person
    access.end_principal(reception, machine[0], "test")
    assert code_of(http.get("/v1/session", headers=headers)) == (401, "principal-ended")


def test_a_persons_subject_is_not_a_machines_client_id(http, token, machine):
    answer = http.get("/v1/session", headers=token("another-client", sub=machine[1]))
    assert code_of(answer) == (403, "not-registered")


def test_a_group_lets_its_members_in_and_each_has_an_id(http, token, desk, idp, contract_id):
    group = desk.register("group", Identity(idp.url, "group", contract_id))
    desk.grant(group, "auditor", contract_id, "audit")
    seen = set()
    for person in ("one", "two", "one"):
        headers = token("app", sub=f"{person}-{contract_id}", groups=[contract_id])
        found = http.get("/v1/session", headers=headers).json()
        assert [one["role"] for one in found["roles"]] == ["auditor"]
        seen.add(found["principal_id"])
    assert len(seen) == 2
    assert group not in seen
    left = http.get("/v1/session", headers=token("app", sub=f"one-{contract_id}")).json()
    assert left["roles"] == []


def test_an_app_role_is_a_group(http, token, desk, idp, contract_id, reception):
    role = desk.register("group", Identity(idp.url, "app_role", contract_id))
    desk.grant(role, "fund", contract_id, "fund")
    headers = token(f"app-{contract_id}", roles=[contract_id])
    assert http.get("/v1/session", headers=headers).json()["kind"] == "client"
    access.end_principal(reception, role, "test")
    assert http.get("/v1/session", headers=headers).json()["roles"] == []
    other = token(f"other-{contract_id}", roles=[contract_id])
    assert code_of(http.get("/v1/session", headers=other)) == (403, "not-registered")


def test_a_group_of_one_issuer_is_not_that_of_another(http, token, desk, idp, contract_id):
    group = desk.register("group", Identity(idp.url, "group", contract_id))
    desk.grant(group, "auditor", contract_id, "audit")
    headers = token("app", sub=f"x-{contract_id}", roles=[contract_id])
    assert code_of(http.get("/v1/session", headers=headers)) == (403, "not-registered")


def test_a_key_counts_until_the_second_of_its_end(http, desk, clock):
    principal_id = desk.register()
    desk.grant(principal_id, "operator")
    made = clock.now
    _, headers = desk.key(principal_id, "operator:read", days=1)
    for offset, status in ((-SECOND, 200), (timedelta(0), 401), (SECOND, 401)):
        clock.now = made + timedelta(days=1) + offset
        assert http.get("/v1/session", headers=headers).status_code == status


def test_a_key_that_is_wrong_or_unknown_is_refused_alike(http, desk):
    _, headers = desk.key(desk.register(), "operator:read")
    key = headers["Authorization"].removeprefix("Bearer ")
    for other in (key[:-1] + ("a" if key[-1] != "a" else "b"), "olk.0000000000000000." + key[-43:]):
        answer = http.get("/v1/session", headers=bearer(other))
        assert code_of(answer) == (401, "key-refused")
        assert answer.json()["detail"] == "There is no such API key."


def test_a_key_is_kept_as_a_hash_only(desk, engine):
    key_id, headers = desk.key(desk.register(), "operator:read")
    secret = headers["Authorization"].rsplit(".", 1)[1]
    with engine.connect() as connection:
        row = connection.exec_driver_sql(f"SELECT * FROM access.api_keys WHERE key_id='{key_id}'")
        assert secret not in str(row.one())


def test_rotation_lets_both_keys_count_for_the_overlap(http, desk, clock, reception):
    principal_id = desk.register()
    key_id, old = desk.key(principal_id, "operator:read")
    start = clock.now
    made = api_keys.rotate_key(reception, key_id, overlap_hours=24, days=90, by="test")
    new = bearer(made.text)
    for offset, expected in (
        (timedelta(0), (200, 200)),
        (timedelta(hours=24) - SECOND, (200, 200)),
        (timedelta(hours=24), (401, 200)),
        (timedelta(hours=24) + SECOND, (401, 200)),
    ):
        clock.now = start + offset
        found = tuple(http.get("/v1/session", headers=one).status_code for one in (old, new))
        assert found == expected


def test_a_key_ended_at_once(http, desk, reception):
    key_id, headers = desk.key(desk.register(), "operator:read")
    assert http.get("/v1/session", headers=headers).status_code == 200
    api_keys.end_key(reception, key_id, "test")
    assert code_of(http.get("/v1/session", headers=headers)) == (401, "key-expired")


@pytest.mark.parametrize(
    ("dates", "in_force"),
    [((-1, 1), True), ((0, 0), True), ((1, 2), False), ((-2, -1), False), ((0, None), True)],
)
def test_a_grant_counts_between_its_days_of_utc(http, desk, clock, contract_id, dates, in_force):
    first, last = (None if one is None else clock.now.date() + timedelta(one) for one in dates)
    principal_id = desk.register()
    desk.grant(principal_id, "fund", contract_id, "fund", from_date=first, to_date=last)
    _, headers = desk.key(principal_id, "fund:read")
    assert bool(http.get("/v1/session", headers=headers).json()["roles"]) is in_force


def test_an_ended_grant_counts_no_more(http, desk, contract_id, reception):
    principal_id = desk.register()
    grant_id = desk.grant(principal_id, "fund", contract_id, "fund")
    _, headers = desk.key(principal_id, "fund:read")
    assert code_of(http.get(f"/v1/contracts/{contract_id}", headers=headers))[0] == 404
    access.end_grant(reception, grant_id, "test")
    answer = http.get(f"/v1/contracts/{contract_id}", headers=headers)
    assert code_of(answer) == (403, "access-not-granted")


def test_an_issuer_that_is_away_is_no_reason_to_believe(http, token, machine, idp, moved):
    headers = token(machine[1], header={"kid": "not-read-yet"})
    idp.answers = 500
    try:
        answer = http.get("/v1/session", headers=headers)
        assert answer.status_code in {401, 503}
    finally:
        idp.answers = 200


def test_nothing_of_a_credential_is_logged(http, token, caplog):
    caplog.set_level("DEBUG")
    headers = token("stranger")
    http.get("/v1/contracts", headers=headers)
    http.get("/v1/contracts", headers=bearer("olk.abc.very-secret"))
    assert headers["Authorization"].split(".")[2] not in caplog.text
    assert "very-secret" not in caplog.text


def test_no_credential(http):
    answer = httpx.get(f"{http.base_url}/v1/contracts")
    assert code_of(answer) == (401, "not-signed-in")

"""What operators do over HTTP, and that nobody else does it."""

import pytest

from tests.access.conftest import Desk, bearer, code_of


@pytest.fixture
def ask(http, desk: Desk):
    """Requests of a fresh operator."""
    headers = desk.operator()

    def send(method: str, path: str, body=None, **more):
        return http.request(method, f"/v1/access{path}", json=body, headers=headers, **more)

    return send


NEW = {"kind": "client", "name": "Case system", "organisation": "Provider"}
PERSON = NEW | {"kind": "person"}
APPROVER = {"principal_id": "x", "role": "approver", "contract_id": "c-1", "party": "scc"}
POUND = {"amount": "1.00", "currency": "GBP"}
ROUTES = [
    ("POST", "/principals"),
    ("GET", "/principals"),
    ("GET", "/principals/x"),
    ("POST", "/principals/x/identities"),
    ("POST", "/principals/x/end"),
    ("POST", "/principals/x/keys"),
    ("GET", "/principals/x/keys"),
    ("POST", "/keys/x/rotation"),
    ("POST", "/keys/x/end"),
    ("POST", "/accounts"),
    ("POST", "/accounts/x/invitation"),
    ("POST", "/accounts/x/unlock"),
    ("POST", "/grants"),
    ("GET", "/grants"),
    ("POST", "/grants/x/end"),
]
BODIES = {
    "/principals": NEW,
    "/principals/x/identities": {"issuer": "i", "kind": "client", "value": "v"},
    "/principals/x/keys": {"name": "n", "scopes": ["provider:read"]},
    "/keys/x/rotation": {},
    "/accounts": {"principal_id": "x", "sign_in_name": "officer-2"},
    "/grants": {"principal_id": "x", "role": "operator"},
}


def test_every_route_is_listed_here(http):
    found = {
        (method.upper(), path.removeprefix("/v1/access"))
        for path, methods in http.get("/openapi.json").json()["paths"].items()
        if path.startswith("/v1/access")
        # test_delegations.py, test_service_heads.py
        and not path.startswith(("/v1/access/delegations", "/v1/access/heads"))
        for method in methods
    }
    named = ("principal_id", "key_id", "grant_id", "sign_in_name")
    for name in named:
        found = {(method, path.replace(f"{{{name}}}", "x")) for method, path in found}
    assert found == set(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_operators_may(http, desk, method, path, contract_id):
    principal_id = desk.register()
    desk.grant(principal_id, "auditor", contract_id, "audit")
    _, headers = desk.key(principal_id, "auditor:write", "operator:write")
    body = BODIES.get(path) if method == "POST" else None
    answer = http.request(method, f"/v1/access{path}", json=body, headers=headers)
    assert code_of(answer) == (403, "operator-only")
    nobody = http.request(method, f"/v1/access{path}", json=body)
    assert code_of(nobody) == (401, "not-signed-in")


def test_from_registration_to_a_key_that_works_and_back(ask, http, contract_id):
    made = ask("POST", "/principals", NEW)
    assert made.status_code == 201, made.text
    principal_id = made.json()["principal_id"]
    grant = {
        "principal_id": principal_id,
        "role": "provider",
        "contract_id": contract_id,
        "party": "provider",
        "from_date": "2020-01-01",
    }
    granted = ask("POST", "/grants", grant).json()
    key = ask(
        "POST", f"/principals/{principal_id}/keys", {"name": "k", "scopes": ["provider:write"]}
    )
    assert key.status_code == 201, key.text
    headers = bearer(key.json()["api_key"])
    roles = http.get("/v1/session", headers=headers).json()["roles"]
    assert roles == [
        {
            "grant_id": granted["grant_id"],
            "role": "provider",
            "contract_id": contract_id,
            "party": "provider",
            "writes": True,
            "to_date": None,
            "approval_limit": None,
            "delegated_by": None,
        }
    ]
    key_id = key.json()["key"]["key_id"]
    rotated = ask("POST", f"/keys/{key_id}/rotation", {"overlap_hours": 0}).json()
    assert rotated["key"]["replaces"] == key_id
    assert http.get("/v1/session", headers=headers).status_code == 401
    listed = ask("GET", f"/principals/{principal_id}/keys").json()["items"]
    assert {one["key_id"] for one in listed} == {key_id, rotated["key"]["key_id"]}
    assert "secret" not in str(listed)
    assert ask("POST", f"/keys/{rotated['key']['key_id']}/end").status_code == 200
    ended = ask("POST", f"/grants/{granted['grant_id']}/end").json()
    assert ended["ended_at"] is not None
    listed = ask("GET", f"/grants?contract_id={contract_id}").json()["items"]
    assert listed == [ended]
    out = ask("POST", f"/principals/{principal_id}/end").json()
    assert out["ended_at"] is not None
    assert ask("GET", f"/principals/{principal_id}").json() == out


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/principals", NEW | {"kind": "group"}, 422, "identity-kind"),
        ("/principals", NEW | {"kind": "robot"}, 422, "not-one-of"),
        ("/principals", NEW | {"name": ""}, 422, "wrong-length"),
        ("/grants", {"principal_id": "nobody", "role": "operator"}, 404, "principal-unknown"),
        ("/grants", {"principal_id": "x", "role": "king"}, 422, "not-one-of"),
        ("/grants", {"principal_id": "x", "role": "operator", "party": "scc"}, 422, "grant-place"),
        ("/grants", {"principal_id": "x", "role": "fund"}, 422, "grant-place"),
        ("/grants", APPROVER | {"role": "verifier", "approval_limit": POUND}, 422,
         "limit-not-approver"),
        ("/grants", APPROVER | {"approval_limit": POUND | {"amount": "0.00"}}, 422,
         "limit-not-positive"),
        ("/accounts", {"principal_id": "x", "sign_in_name": "a@b.example"}, 422, "wrong-form"),
        ("/accounts", {"principal_id": "x", "sign_in_name": "ok"}, 404, "principal-unknown"),
        ("/accounts/nobody/invitation", None, 404, "account-unknown"),
        ("/accounts/nobody/unlock", None, 404, "account-unknown"),
        ("/principals/x/end", None, 404, "principal-unknown"),
        ("/grants/x/end", None, 404, "grant-unknown"),
        ("/keys/x/end", None, 404, "key-unknown"),
        ("/keys/x/rotation", {}, 404, "key-unknown"),
        ("/keys/x/rotation", {"overlap_hours": 721}, 422, "out-of-range"),
        ("/principals/x/keys", {"name": "k", "scopes": [], "days": 0}, 422, "out-of-range"),
        ("/principals/x/keys", {"name": "k", "scopes": []}, 422, "scope-unknown"),
    ],
)  # fmt: skip
def test_what_is_refused(ask, path, body, status, code):
    answer = ask("POST", path, body)
    found = {one["code"] for one in answer.json()["faults"]} | {answer.json()["code"]}
    assert answer.status_code == status, answer.text
    assert code in found


def test_an_identity_is_one_principals_only(ask, idp, contract_id):
    identity = {"issuer": idp.url, "kind": "client", "value": contract_id}
    first = ask("POST", "/principals", NEW | {"identity": identity}).json()
    assert first["identities"] == [identity]
    again = ask("POST", "/principals", NEW | {"identity": identity})
    assert code_of(again) == (409, "identity-taken")
    other = ask("POST", "/principals", NEW).json()["principal_id"]
    added = ask("POST", f"/principals/{other}/identities", identity)
    assert code_of(added) == (409, "identity-taken")
    more = identity | {"value": f"2-{contract_id}"}
    assert ask("POST", f"/principals/{other}/identities", more).json()["identities"] == [more]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issuer": "https://unknown.example"}, "issuer-unknown"),
        ({"kind": "subject"}, "identity-kind"),
        ({"kind": "group"}, "identity-kind"),
        ({"kind": "email"}, "not-one-of"),
        ({"value": ""}, "wrong-length"),
    ],
)
def test_an_identity_that_cannot_be(ask, idp, changes, code):
    identity = {"issuer": idp.url, "kind": "client", "value": "v"} | changes
    answer = ask("POST", "/principals", NEW | {"identity": identity})
    assert answer.json()["faults"][0]["code"] == code


def test_nobody_grants_to_themselves(ask, http, desk, contract_id):
    principal_id = desk.register()
    desk.grant(principal_id, "operator")
    _, headers = desk.key(principal_id, "operator:write")
    body = {
        "principal_id": principal_id,
        "role": "approver",
        "contract_id": contract_id,
        "party": "scc",
    }
    answer = http.post("/v1/access/grants", json=body, headers=headers)
    assert code_of(answer) == (403, "grant-to-self")
    assert ask("POST", "/grants", body).status_code == 201


def test_a_dry_run_records_nothing(ask):
    made = ask("POST", "/principals?dry_run=true", NEW)
    assert (made.status_code, made.headers["dry-run"]) == (200, "true")
    principal_id = made.json()["principal_id"]
    assert code_of(ask("GET", f"/principals/{principal_id}")) == (404, "principal-unknown")


def test_who_is_shut_out_gets_nothing_new(ask, http):
    principal_id = ask("POST", "/principals", NEW).json()["principal_id"]
    ask("POST", f"/principals/{principal_id}/end")
    for path, body in (
        (f"/principals/{principal_id}/end", None),
        (f"/principals/{principal_id}/keys", {"name": "k", "scopes": ["provider:read"]}),
        ("/grants", {"principal_id": principal_id, "role": "operator"}),
    ):
        assert code_of(ask("POST", path, body)) == (409, "principal-ended")


def test_keys_are_for_machines_and_accounts_for_people(ask, contract_id):
    person = ask("POST", "/principals", PERSON).json()["principal_id"]
    machine = ask("POST", "/principals", NEW).json()["principal_id"]
    key = ask("POST", f"/principals/{person}/keys", {"name": "k", "scopes": ["provider:read"]})
    assert code_of(key) == (409, "not-a-client")
    name = f"officer-{contract_id}"
    account = {"principal_id": machine, "sign_in_name": name}
    assert code_of(ask("POST", "/accounts", account)) == (409, "not-a-person")
    opened = ask("POST", "/accounts", account | {"principal_id": person})
    assert opened.status_code == 201
    assert ask("GET", f"/principals/{person}").json()["sign_in_name"] == name
    again = ask("POST", "/accounts", account | {"principal_id": person})
    assert code_of(again) == (409, "sign-in-name-taken")
    assert ask("POST", f"/accounts/{name}/unlock").json() == {"sign_in_name": name}
    invited = ask("POST", f"/accounts/{name}/invitation").json()
    assert invited["setup_token"] != opened.json()["setup_token"]


def test_a_key_has_one_successor(ask, desk):
    key_id, _ = desk.key(desk.register(), "provider:read")
    assert ask("POST", f"/keys/{key_id}/rotation", {}).status_code == 201
    assert code_of(ask("POST", f"/keys/{key_id}/rotation", {})) == (409, "key-replaced")
    assert ask("POST", f"/keys/{key_id}/end").status_code == 200
    assert code_of(ask("POST", f"/keys/{key_id}/end")) == (409, "key-over")
    assert code_of(ask("POST", f"/keys/{key_id}/rotation", {})) == (409, "key-over")


def test_lists_come_page_by_page(ask, desk):
    made = [desk.register() for _ in range(3)]
    page = ask("GET", "/principals?limit=2").json()
    seen = [one["principal_id"] for one in page["items"]]
    while page["next_cursor"] is not None:
        page = ask("GET", f"/principals?limit=200&cursor={page['next_cursor']}").json()
        seen += [one["principal_id"] for one in page["items"]]
    assert set(made) <= set(seen)
    assert seen == sorted(set(seen))


def test_trusted_headers_make_no_operator(settings, engine):
    import httpx

    from app.main import create_app
    from tests.api.conftest import serving

    local = settings.model_copy(update={"trust_acting_headers": True})
    with serving(create_app(local, engine)) as address:
        answer = httpx.get(f"{address}/v1/access/principals")
    assert code_of(answer) == (403, "operator-only")

"""Cover on leave over HTTP: who gives what to whom, when it counts, who ends it, who sees it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.domain.money import Money
from app.service import access
from app.service.access import BY_COMMAND_LINE
from tests.access.conftest import code_of

DAY = timedelta(1)
PATH = "/v1/access/delegations"


@pytest.fixture
def officer(desk, person, contract_id):
    """Holds the approver's role of the council on a contract."""
    found = person()
    found.grant = desk.let_in(found.id, "approver", contract_id, "scc")
    return found


@pytest.fixture
def give(http, desk, officer):
    """The officer delegates the role, from today for a fortnight unless told otherwise."""

    def asked(to, by=None, *, dry_run=False, **changes):
        body = {
            "grant_id": officer.grant,
            "principal_id": to if isinstance(to, str) else to.id,
            "from_date": str(desk.reception.today),
            "to_date": str(desk.reception.today + 13 * DAY),
            "reason": "Annual leave",
        } | changes
        headers = (by or officer).headers
        headers = headers() if callable(headers) else headers
        path = f"{PATH}?dry_run=true" if dry_run else PATH
        return http.post(path, json=body, headers=headers)

    return asked


def roles(http, who) -> list[tuple[str, str, str, str]]:
    found = http.get("/v1/session", headers=who.headers()).json()["roles"]
    return [(one["role"], one["contract_id"], one["party"], one["delegated_by"]) for one in found]


def test_a_colleague_has_the_role_until_it_is_taken_back(http, give, officer, person, contract_id):
    colleague = person()
    made = give(colleague)
    assert made.status_code == 201, made.text
    delegation = made.json()
    assert delegation["delegated_by"] == delegation["granted_by"] == officer.id
    assert delegation["delegated_from"] == officer.grant
    assert delegation["reason"] == "Annual leave"
    assert roles(http, colleague) == [("approver", contract_id, "scc", officer.id)]
    assert roles(http, officer) == [("approver", contract_id, "scc", None)]
    for who in (officer, colleague):
        assert http.get(PATH, headers=who.headers()).json()["items"] == [delegation]
    path = f"{PATH}/{delegation['grant_id']}/end"
    assert code_of(http.post(path, headers=colleague.headers())) == (404, "delegation-unknown")
    dry = http.post(f"{path}?dry_run=true", headers=officer.headers())
    assert (dry.status_code, dry.headers["dry-run"]) == (200, "true")
    assert len(roles(http, colleague)) == 1
    ended = http.post(path, headers=officer.headers()).json()
    assert ended["ended_at"] is not None
    assert roles(http, colleague) == []
    assert code_of(http.post(path, headers=officer.headers())) == (409, "grant-ended")
    assert http.get(PATH, headers=colleague.headers()).json()["items"] == [ended]


def test_a_delegate_acts_in_the_one_place_only(http, give, person, contract_id):
    colleague = person()
    give(colleague)
    headers = colleague.headers() | {"Idempotency-Key": "k", "If-Match": '"1"'}
    # There is no such contract, so whoever is let in is told of a fault of the request or of that.
    here, there = (f"/v1/contracts/{one}" for one in (contract_id, f"x-{contract_id}"))
    allowed = http.post(f"{here}/claims/1/approval", json={}, headers=headers)
    assert allowed.status_code not in (401, 403), allowed.text
    for path, sent, code in (
        (f"{here}/participants", {}, "role-not-permitted"),
        (f"{here}/claims/1/approval", {"Acting-Party": "provider"}, "party-not-yours"),
        (f"{there}/claims/1/approval", {}, "access-not-granted"),
    ):
        assert code_of(http.post(path, json={}, headers=headers | sent)) == (403, code)
    assert http.get("/v1/access/grants", headers=headers).status_code == 403


@pytest.mark.parametrize(("first", "last", "counts"), [
    (1, 2, False), (0, 2, True), (-2, 0, True), (-2, -1, False),
])  # fmt: skip
def test_it_counts_on_its_days(http, give, person, desk, clock, first, last, counts):
    """Days are counted from the day on which it is asked for, which may lie two days back."""
    today = desk.reception.today
    colleague = person()
    asked = {"from_date": str(today + max(first, 0) * DAY), "to_date": str(today + last * DAY)}
    if first < 0:
        asked = {"from_date": str(today), "to_date": str(today + (last - first) * DAY)}
    assert give(colleague, **asked).status_code == 201
    if first < 0:
        clock.now -= first * DAY
    assert bool(roles(http, colleague)) is counts


@pytest.mark.parametrize("end", ["grant", "delegator", "delegate"])
def test_it_counts_no_more_once_what_it_rests_on_is_over(http, desk, give, officer, person, end):
    colleague = person()
    given = give(colleague).json()["grant_id"]
    assert len(roles(http, colleague)) == 1
    if end == "grant":
        access.end_grant(desk.reception, officer.grant, BY_COMMAND_LINE)
    else:
        who = officer if end == "delegator" else colleague
        access.end_principal(desk.reception, who.id, BY_COMMAND_LINE)
    if end == "delegate":
        answer = http.get("/v1/session", headers=colleague.headers())
        assert code_of(answer) == (401, "principal-ended")
        return
    assert roles(http, colleague) == []
    [shown] = http.get(PATH, headers=colleague.headers()).json()["items"]
    assert shown["grant_id"] == given
    assert shown["ended_at"] is not None


def test_what_was_delegated_is_not_passed_on(give, person):
    first, second = person(), person()
    given = give(first).json()["grant_id"]
    assert code_of(give(second, by=first, grant_id=given)) == (403, "grant-not-delegable")


def test_only_ones_own_grant_is_delegated(http, desk, give, person, officer):
    stranger = person()
    assert code_of(give(stranger, by=stranger)) == (404, "grant-unknown")
    assert code_of(give(stranger, grant_id="nothing")) == (404, "grant-unknown")
    operator = SimpleNamespace(headers=desk.operator())
    assert code_of(give(stranger, by=operator)) == (404, "grant-unknown")
    access.end_grant(desk.reception, officer.grant, BY_COMMAND_LINE)
    assert code_of(give(stranger)) == (409, "grant-ended")


def test_to_whom(desk, give, officer, person):
    shut_out = person()
    access.end_principal(desk.reception, shut_out.id, BY_COMMAND_LINE)
    for to, expected in (
        (officer, (403, "delegation-to-self")),
        (desk.register("client", organisation="Council"), (403, "people-only")),
        (person("Provider"), (403, "delegate-elsewhere")),
        ("nobody", (404, "principal-unknown")),
        (shut_out, (409, "principal-ended")),
    ):
        assert code_of(give(to)) == expected


def test_no_machine_delegates(desk, give, person, contract_id):
    machine = desk.register()
    grant = desk.let_in(machine, "provider", contract_id, "provider")
    for scope in ("provider:read", "provider:write"):
        by = SimpleNamespace(headers=desk.key(machine, scope)[1])
        answer = give(person("Test"), by=by, grant_id=grant)
        assert code_of(answer) == (403, "people-only")


def test_an_operators_role_is_not_delegated(http, desk, give, person):
    operator = person()
    grant = desk.grant(operator.id, "operator")
    answer = give(person(), by=operator, grant_id=grant)
    assert code_of(answer) == (403, "grant-not-delegable")


def test_a_providers_role_is_delegated_too(http, desk, give, person, contract_id):
    worker, colleague = person("Provider"), person("Provider")
    grant = desk.let_in(worker.id, "provider", contract_id, "provider")
    assert give(colleague, by=worker, grant_id=grant).status_code == 201
    assert roles(http, colleague) == [("provider", contract_id, "provider", worker.id)]


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (-1, 3, "delegation-in-past"),
        (3, 2, "dates-out-of-order"),
        (0, 92, "delegation-too-long"),
    ],
)
def test_days_that_are_refused(desk, give, person, first, last, code):
    today = desk.reception.today
    asked = {"from_date": str(today + first * DAY), "to_date": str(today + last * DAY)}
    answer = give(person(), **asked)
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["faults"]] == [code]


def test_only_within_the_grants_own_days(desk, give, person, contract_id):
    officer, today = person(), desk.reception.today
    grant = desk.let_in(officer.id, "verifier", contract_id, "scc", to_date=today + 5 * DAY)
    for last, status in ((5, 201), (6, 422)):
        answer = give(person(), by=officer, grant_id=grant, to_date=str(today + last * DAY))
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("reason", ["Ask jo@example.org", "", "x" * 201])
def test_the_reason_identifies_nobody(give, person, reason):
    answer = give(person(), reason=reason)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "/reason"


def test_a_lower_limit_and_never_a_higher_one(http, desk, give, person, contract_id):
    officer, colleague = person(), person()
    limit = Money.parse("100.00")
    grant = desk.let_in(officer.id, "approver", contract_id, "scc", approval_limit=limit)

    def asked(amount: str | None):
        more = {} if amount is None else {"approval_limit": {"amount": amount, "currency": "GBP"}}
        return give(colleague, by=officer, grant_id=grant, **more)

    assert asked(None).json()["approval_limit"] == {"amount": "100.00", "currency": "GBP"}
    assert asked("50.00").json()["approval_limit"] == {"amount": "50.00", "currency": "GBP"}
    refused = asked("100.01").json()
    assert [one["code"] for one in refused["faults"]] == ["limit-above-delegators"]
    shown = http.get("/v1/session", headers=colleague.headers()).json()["roles"]
    assert [one["approval_limit"]["amount"] for one in shown] == ["100.00", "50.00"]


def test_operators_see_every_delegation_and_end_any(http, desk, give, officer, person):
    given = give(person()).json()["grant_id"]
    assert give(person(), dry_run=True).status_code == 200
    operator = desk.register()
    desk.grant(operator, "operator")
    reading = desk.key(operator, "operator:read")[1]
    seen, cursor = [], ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        page = http.get(PATH, params={"limit": 2, **more}, headers=reading).json()
        seen += [one["grant_id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert given in seen
    assert seen == sorted(set(seen))
    assert http.get(PATH, headers=person().headers()).json()["items"] == []
    path = f"{PATH}/{given}/end"
    assert code_of(http.post(path, headers=reading)) == (403, "reading-only")
    assert code_of(http.post(path, headers=person().headers())) == (404, "delegation-unknown")
    ordinary = f"{PATH}/{officer.grant}/end"
    assert code_of(http.post(ordinary, headers=officer.headers())) == (404, "delegation-unknown")
    assert code_of(http.post(f"{PATH}/none/end", headers=reading)) == (404, "delegation-unknown")
    ended = http.post(path, headers=desk.key(operator, "operator:write")[1])
    assert ended.status_code == 200, ended.text


def test_nobody_delegates_without_a_credential_of_their_own(http, settings, engine):
    import httpx

    from app.main import create_app
    from tests.api.conftest import serving

    assert code_of(http.post(PATH, json={})) == (401, "not-signed-in")
    local = settings.model_copy(update={"trust_acting_headers": True})
    with serving(create_app(local, engine)) as address:
        headers = {"Acting-Party": "scc", "Acting-Person": "officer-1"}
        found = httpx.get(f"{address}{PATH}", headers=headers)
        assert found.json()["items"] == []
        ended = httpx.post(f"{address}{PATH}/x/end", headers=headers)
    assert code_of(ended) == (404, "delegation-unknown")


def test_refusals_are_entered_in_the_access_log(give, person, database_urls):
    import psycopg

    stranger = person("Elsewhere")
    give(stranger)
    with psycopg.connect(database_urls.owner) as connection:
        last = connection.execute(
            "SELECT operation, code FROM access.access_log WHERE chain = '' "
            "ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
    assert last == ("delegateRole", "delegate-elsewhere")

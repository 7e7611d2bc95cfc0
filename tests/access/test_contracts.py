"""A principal acts for the parties of its grants, on their contracts, and sees no others."""

from datetime import timedelta

import pytest

from tests import factories
from tests.access.conftest import code_of, sent
from tests.api.client import participant
from tests.factories import COUNCIL, PROVIDER, SPV


def test_the_journal_names_the_principal_and_its_party(http, team, agreed):
    path = f"/v1/contracts/{agreed}/participants"
    assert http.post(path, json=participant(), headers=sent(team[PROVIDER])).status_code == 201
    records = http.get(f"/v1/contracts/{agreed}/journal", headers=team[SPV][1]).json()["items"]
    acted = records[-1]
    assert (acted["party"], acted["person"]) == (PROVIDER, team[PROVIDER][0])


def test_nobody_acts_for_another_party(http, team, agreed):
    path = f"/v1/contracts/{agreed}/participants"
    headers = sent(team[SPV], **{"Acting-Party": PROVIDER})
    answer = http.post(path, json=participant(), headers=headers)
    assert code_of(answer) == (403, "party-not-yours")


def test_nobody_acts_as_another_person(http, team, agreed):
    path = f"/v1/contracts/{agreed}/participants"
    headers = sent(team[PROVIDER], **{"Acting-Person": team[SPV][0]})
    assert code_of(http.post(path, json=participant(), headers=headers)) == (
        403,
        "person-not-yours",
    )
    own = sent(team[PROVIDER], **{"Acting-Person": team[PROVIDER][0]})
    assert http.post(path, json=participant(), headers=own).status_code == 201


def test_acting_headers_alone_are_nothing(http, agreed):
    headers = {"Acting-Party": PROVIDER, "Acting-Person": "worker-1", "Idempotency-Key": "k"}
    path = f"/v1/contracts/{agreed}/participants"
    assert code_of(http.post(path, json=participant(), headers=headers)) == (401, "not-signed-in")


def test_a_role_on_another_contract_shows_nothing_of_this_one(http, desk, agreed):
    stranger = desk.register()
    desk.grant(stranger, "auditor", f"other-{agreed}"[:40], COUNCIL)
    _, headers = desk.key(stranger, "auditor:write")
    for contract_id in (agreed, "no-such-contract"):
        for path in ("", "/journal", "/participants", "/claims/1", "/nothing"):
            answer = http.get(f"/v1/contracts/{contract_id}{path}", headers=headers)
            assert code_of(answer) == (403, "access-not-granted")
    assert http.get("/v1/contracts", headers=headers).json()["items"] == []


def test_the_list_holds_ones_own_contracts_only(http, team, agreed):
    items = http.get("/v1/contracts", headers=team[SPV][1]).json()["items"]
    assert [one["contract_id"] for one in items] == [agreed]


def test_a_contract_is_created_only_where_a_role_waits_for_it(http, team, contract_id):
    body = {"contract_id": f"x-{contract_id}", "terms": factories.document()}
    answer = http.post("/v1/contracts", json=body, headers=sent(team[COUNCIL]))
    assert code_of(answer) == (403, "access-not-granted")


def test_an_operator_sees_and_does_nothing_on_contracts(http, desk, agreed):
    headers = desk.operator()
    assert code_of(http.get(f"/v1/contracts/{agreed}", headers=headers)) == (
        403,
        "access-not-granted",
    )
    assert http.get("/v1/contracts", headers=headers).json()["items"] == []


def test_a_key_for_reading_only_reads(http, desk, agreed):
    principal_id = desk.register()
    desk.grant(principal_id, "provider", agreed, PROVIDER)
    _, headers = desk.key(principal_id, "provider:read")
    path = f"/v1/contracts/{agreed}/participants"
    assert http.get(path, headers=headers).status_code == 200
    answer = http.post(path, json=participant(), headers=headers | {"Idempotency-Key": "k"})
    assert code_of(answer) == (403, "reading-only")


def test_a_scope_of_another_role_is_no_role(http, desk, agreed):
    principal_id = desk.register()
    desk.grant(principal_id, "provider", agreed, PROVIDER)
    _, headers = desk.key(principal_id, "auditor:write")
    answer = http.get(f"/v1/contracts/{agreed}", headers=headers)
    assert code_of(answer) == (403, "access-not-granted")


def test_with_two_parties_the_acting_one_is_named(http, desk, agreed):
    principal_id = desk.register()
    for party in (PROVIDER, SPV):
        desk.grant(principal_id, "provider", agreed, party)
    _, headers = desk.key(principal_id, "provider:write")
    path = f"/v1/contracts/{agreed}/participants"
    keyed = headers | {"Idempotency-Key": "k"}
    unnamed = http.post(path, json=participant(), headers=keyed)
    assert unnamed.status_code == 422
    assert unnamed.json()["faults"][0]["pointer"] == "/Acting-Party"
    named = http.post(path, json=participant(), headers=keyed | {"Acting-Party": PROVIDER})
    assert named.status_code == 201, named.text


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_a_forwarded_request_is_not_of_this_machine(settings, engine, header):
    import httpx

    from app.main import create_app
    from tests.api.conftest import serving

    local = settings.model_copy(update={"trust_acting_headers": True})
    with serving(create_app(local, engine)) as address:
        assert httpx.get(f"{address}/v1/contracts").status_code == 200
        answer = httpx.get(f"{address}/v1/contracts", headers={header: "192.0.2.1"})
    assert code_of(answer) == (401, "not-signed-in")


def test_each_reads_as_its_own_party(http, team, agreed):
    path = f"/v1/contracts/{agreed}/participants"
    assert http.get(path, headers=team[PROVIDER][1]).status_code == 200
    assert http.get(path, headers=team[COUNCIL][1]).status_code == 200
    assert code_of(http.get(path, headers=team[SPV][1])) == (403, "role-not-permitted")
    line = f"/v1/contracts/{agreed}/explain/claims/1/lines/1"
    blind = (403, "person-level-not-permitted")
    assert code_of(http.get(line, headers=team[SPV][1])) == blind
    for party in (PROVIDER, COUNCIL, "stranger"):
        claimed = team[SPV][1] | {"Acting-Party": party}
        assert code_of(http.get(path, headers=claimed)) == (403, "party-not-yours")
        assert code_of(http.get("/v1/contracts", headers=claimed)) == (403, "party-not-yours")


def test_with_two_parties_the_reading_one_is_named(http, desk, agreed):
    principal_id = desk.register()
    for party in (PROVIDER, SPV):
        desk.grant(principal_id, "provider", agreed, party)
    _, headers = desk.key(principal_id, "provider:read")
    path = f"/v1/contracts/{agreed}/participants"
    assert http.get(path, headers=headers).json()["faults"][0]["pointer"] == "/Acting-Party"
    assert http.get(path, headers=headers | {"Acting-Party": PROVIDER}).status_code == 200
    assert http.get(path, headers=headers | {"Acting-Party": SPV}).status_code == 403
    listed = http.get("/v1/contracts", headers=headers).json()["items"]
    assert [one["contract_id"] for one in listed] == [agreed]


def test_a_file_of_contracts_holds_ones_own_only(http, desk, team, agreed):
    path = "/v1/exports/contracts.csv"
    assert agreed in http.get(path, headers=team[SPV][1]).text
    stranger = desk.register()
    desk.grant(stranger, "auditor", f"other-{agreed}"[:40], COUNCIL)
    _, headers = desk.key(stranger, "auditor:read")
    answer = http.get(path, headers=headers)
    assert answer.status_code == 200
    assert agreed not in answer.text


@pytest.mark.parametrize(("starts", "ends", "counts"), [
    (-1, 1, True), (0, 0, True), (0, 1, True), (-1, 0, True), (1, 2, False), (-2, -1, False),
])  # fmt: skip
def test_a_grant_counts_from_its_first_day_to_its_last(http, desk, agreed, starts, ends, counts):
    today = desk.reception.today
    principal_id = desk.register()
    dates = {"from_date": today + timedelta(starts), "to_date": today + timedelta(ends)}
    desk.grant(principal_id, "auditor", agreed, COUNCIL, **dates)
    headers = desk.key(principal_id, "auditor:read")[1]
    answer = http.get(f"/v1/contracts/{agreed}/participants", headers=headers)
    assert answer.status_code == (200 if counts else 403), answer.text


def test_roles_on_two_contracts_do_not_mix(http, desk, team, agreed):
    """Provider there and fund here, both contracts real: neither role reaches into the other."""
    there = f"other-{agreed}"[:40]
    for party, role in ((COUNCIL, "approver"), (PROVIDER, "provider")):
        desk.grant(team[party][0], role, there, party)
    body = {"contract_id": there, "terms": factories.document()}
    made = http.post("/v1/contracts", json=body, headers=sent(team[COUNCIL]))
    assert made.status_code == 201, made.text
    desk.grant(team[SPV][0], "investor_finance", there, SPV)
    for party in (COUNCIL, SPV, PROVIDER):
        path = f"/v1/contracts/{there}/terms/1/acceptances"
        accepted = http.post(path, json={"hash": made.json()["hash"]}, headers=sent(team[party]))
        assert accepted.status_code == 200, accepted.text
    for contract_id, name in ((agreed, "PI-0071"), (there, "PI-0082")):
        one = participant(participant_id=name)
        path = f"/v1/contracts/{contract_id}/participants"
        assert http.post(path, json=one, headers=sent(team[PROVIDER])).status_code == 201
    principal_id = desk.register()
    desk.grant(principal_id, "fund", agreed, "fund")
    desk.grant(principal_id, "provider", there, PROVIDER)
    headers = desk.key(principal_id, "provider:write", "fund:write")[1]

    def told(path: str):
        return http.get(f"/v1/contracts/{path}", headers=headers)

    assert [one["participant_id"] for one in told(f"{there}/participants").json()["items"]] == [
        "PI-0082"
    ]
    assert code_of(told(f"{agreed}/participants")) == (403, "role-not-permitted")
    for name in ("PI-0071", "PI-0082"):
        assert code_of(told(f"{agreed}/participants/{name}")) == (403, "role-not-permitted")
    assert code_of(told(f"{there}/participants/PI-0071")) == (404, "participant-unknown")
    here_records, there_records = (
        told(f"{one}/journal").json()["items"] for one in (agreed, there)
    )
    assert {one["payload"] for one in here_records} == {None}
    payloads = "".join(one["payload"] for one in there_records)
    assert "PI-0082" in payloads
    assert "PI-0071" not in payloads
    assert not {one["hash"] for one in here_records} & {one["hash"] for one in there_records}
    keyed = headers | {"Idempotency-Key": "k"}
    answer = http.post(f"/v1/contracts/{agreed}/participants", json=participant(), headers=keyed)
    assert code_of(answer) == (403, "role-not-permitted")
    answer = http.post(f"/v1/contracts/{there}/fund-claims/1/query", json={}, headers=keyed)
    assert code_of(answer) == (403, "role-not-permitted")
    for party, contract_id in ((PROVIDER, agreed), ("fund", there)):
        acting = headers | {"Acting-Party": party}
        answer = http.get(f"/v1/contracts/{contract_id}/journal", headers=acting)
        assert code_of(answer) == (403, "party-not-yours")

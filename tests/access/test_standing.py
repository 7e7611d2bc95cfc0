"""Whom an operator lets in is told to the contract's parties, in a list and in the chain."""

# ruff: noqa: F811 - fixtures imported from a neighbour
import json

import pytest
from sqlalchemy import text

from app.domain.errors import RuleRefused
from app.service import access, accounts, api_keys
from app.service.access import BY_COMMAND_LINE
from app.service.accesses import check_chain, standing_faults
from app.storage import access_log
from app.storage.engine import make_engine
from app.storage.principals import Identity
from tests.access.conftest import code_of
from tests.access.test_access_log import auditor, entries  # noqa: F401 - fixtures
from tests.access.test_contracts import agreed, team  # noqa: F401 - fixtures
from tests.factories import COUNCIL, PROVIDER, SPV


def recorded(http, auditor, contract_id):
    """Operation, party and detail of each change of who may act, in order."""
    found = entries(http, auditor, contract_id, outcome="recorded", limit=100)
    return [(one["operation"], one["party"], json.loads(one["detail"])) for one in found]


def test_every_party_sees_whom_an_operator_lets_in(http, desk, team, agreed):
    operator = desk.operator()
    puppet = {"kind": "client", "name": "Case system", "organisation": "Nobody knows"}
    made = http.post("/v1/access/principals", json=puppet, headers=operator).json()
    grant = {
        "principal_id": made["principal_id"],
        "role": "provider",
        "contract_id": agreed,
        "party": PROVIDER,
    }
    granted = http.post("/v1/access/grants", json=grant, headers=operator).json()
    for party in (COUNCIL, SPV, PROVIDER):
        listed = http.get(f"/v1/contracts/{agreed}/grants", headers=team[party][1])
        assert listed.status_code == 200, listed.text
        [one] = [o for o in listed.json()["items"] if o["principal_id"] == made["principal_id"]]
        assert (one["organisation"], one["party"], one["role"], one["kind"]) == (
            "Nobody knows",
            PROVIDER,
            "provider",
            "client",
        )
        assert one["ended_at"] is None
        assert "Case system" not in listed.text
    ended = http.post(f"/v1/access/grants/{granted['grant_id']}/end", headers=operator)
    assert ended.status_code == 200
    pages = http.get(f"/v1/contracts/{agreed}/grants?limit=2", headers=team[SPV][1]).json()
    rest = f"/v1/contracts/{agreed}/grants?limit=2&cursor={pages['next_cursor']}"
    found = pages["items"] + http.get(rest, headers=team[SPV][1]).json()["items"]
    assert [one["ended_at"] is not None for one in found] == [False, False, False, True]
    answer = http.get(f"/v1/contracts/{agreed}/grants", headers=operator)
    assert code_of(answer) == (403, "access-not-granted")


def test_grants_and_keys_are_in_the_chain_of_the_contract(
    http, desk, reception, engine, agreed, auditor
):
    before = len(recorded(http, auditor, agreed))
    principal_id = desk.register()
    desk.key(principal_id, "provider:read")  # without a role on the contract it says nothing
    grant_id = desk.grant(principal_id, "provider", agreed, PROVIDER)
    key_id, _ = desk.key(principal_id, "provider:read")
    new = api_keys.rotate_key(reception, key_id, overlap_hours=1, days=9, by="operator-1")
    api_keys.end_key(reception, new.key.key_id, "operator-1")
    access.end_grant(reception, grant_id, "operator-1")
    desk.key(principal_id, "provider:read")  # and none any more
    found = recorded(http, auditor, agreed)[before:]
    assert [(operation, party) for operation, party, _ in found] == [
        ("grantRole", PROVIDER),
        ("makeApiKey", None),
        ("makeApiKey", None),
        ("endApiKey", None),
        ("endApiKey", None),
        ("endGrant", PROVIDER),
    ]
    details = [detail for _, _, detail in found]
    assert all(one["principal_id"] == principal_id for one in details)
    assert (details[0]["grant_id"], details[0]["role"]) == (grant_id, "provider")
    assert (details[1]["key_id"], details[1]["scopes"]) == (key_id, ["provider:read"])
    assert details[2]["replaces"] == details[3]["key_id"] == key_id
    assert "secret" not in json.dumps(details)
    rows = entries(http, auditor, agreed, outcome="recorded", who="operator-1")
    assert {one["chain"] for one in rows} == {agreed}
    with engine.connect() as connection:
        assert check_chain(access_log.of_chain(connection, agreed)).faults == ()


def test_other_ways_to_the_same_principal_are_in_the_chain(
    http, desk, reception, idp, agreed, auditor
):
    before = len(recorded(http, auditor, agreed))
    person, _ = desk.account(f"p-{agreed}"[:40])
    desk.grant(person, "provider", agreed, PROVIDER)
    identity = Identity(idp.url, "subject", f"subject-of-{agreed}")
    access.add_identity(reception, person, identity, BY_COMMAND_LINE)
    accounts.invite_again(reception, f"p-{agreed}"[:40], BY_COMMAND_LINE)
    access.end_principal(reception, person, BY_COMMAND_LINE)
    found = recorded(http, auditor, agreed)[before:]
    assert [operation for operation, _, _ in found] == [
        "grantRole",
        "addIdentity",
        "inviteAgain",
        "endPrincipal",
    ]
    assert "subject-of" not in json.dumps(found)
    listed = http.get(f"/v1/contracts/{agreed}/grants", headers=auditor[1]).json()["items"]
    [one] = [one for one in listed if one["principal_id"] == person]
    assert one["ended_at"] is not None


def test_a_dry_run_of_a_grant_is_in_no_chain(http, desk, reception, agreed, auditor):
    before = recorded(http, auditor, agreed)
    ended = desk.register()
    access.end_principal(reception, ended, BY_COMMAND_LINE)
    with pytest.raises(RuleRefused, match="shut out"):
        desk.grant(ended, "provider", agreed, PROVIDER)
    operator = desk.operator()
    body = {
        "principal_id": desk.register(),
        "role": "provider",
        "contract_id": agreed,
        "party": PROVIDER,
    }
    answer = http.post("/v1/access/grants?dry_run=true", json=body, headers=operator)
    assert answer.status_code == 200
    assert recorded(http, auditor, agreed) == before


def test_a_grant_that_an_owner_put_in_unseen_is_found(desk, database_urls, agreed, team):
    owner = make_engine(database_urls.owner.replace("//outcomes_owner@", "//postgres@"))
    with owner.connect() as connection:
        assert standing_faults(connection, agreed) == []
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(
            text(
                "INSERT INTO access.grants SELECT (jsonb_populate_record(one, jsonb_build_object("
                "'grant_id', 'unseen'))).* FROM access.grants one WHERE contract_id = :c LIMIT 1"
            ),
            {"c": agreed},
        )
        faults = standing_faults(connection, agreed)
        connection.rollback()
    owner.dispose()
    assert faults == ["grant unseen is in no entry of the access log"]

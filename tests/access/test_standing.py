"""Whom an operator lets in is told to the contract's parties, in a list and in the chain."""

# ruff: noqa: F811 - fixtures imported from a neighbour
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from uuid_utils import uuid7

from app.domain.errors import RuleRefused
from app.service import access, accounts, api_keys, delegations
from app.service.access import BY_COMMAND_LINE
from app.service.accesses import check_chain, standing_faults
from app.service.delegations import NewDelegation
from app.storage import standing
from app.storage.engine import make_engine
from app.storage.principals import Identity
from tests.access.conftest import bearer, code_of
from tests.access.test_access_log import auditor, chained, entries  # noqa: F401 - fixtures
from tests.factories import COUNCIL, PROVIDER, SPV
from tests.issuing import seconds


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
    assert check_chain(iter(chained(engine, agreed))).faults == ()


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


@pytest.fixture
def somebody(desk, idp, clock):
    """Persons with an identity: their ids, and the headers of a request."""

    def register():
        subject, now = f"subject-{uuid7()}", clock.now
        claims = {"iat": seconds(now), "exp": seconds(now + timedelta(minutes=10))}
        principal_id = desk.register("person", Identity(idp.url, "subject", subject))
        token = idp.token(sub=subject, client_id="app", **claims)
        return principal_id, bearer(token)

    return register


@pytest.fixture
def people(desk, agreed, somebody):
    """The same with a role for a party: id, grant and headers."""

    def let_in(party=PROVIDER, role="provider", **dates):
        principal_id, headers = somebody()
        return principal_id, desk.grant(principal_id, role, agreed, party, **dates), headers

    return let_in


def confirmed(http, contract_id, grant_id, headers, asked=""):
    path = f"/v1/contracts/{contract_id}/grants/{grant_id}/confirmation{asked}"
    return http.post(path, headers=headers)


def looked(http, contract_id, headers):
    return http.get(f"/v1/contracts/{contract_id}/participants", headers=headers).status_code


def test_whoever_comes_after_the_first_person_awaits_one_of_the_party(
    http, desk, people, agreed, team, auditor
):
    first_id, first, first_headers = people()
    assert looked(http, agreed, first_headers) == 200
    second_id, second, second_headers = people()
    machine = desk.register()
    puppet = desk.grant(machine, "provider", agreed, PROVIDER)
    puppet_headers = desk.key(machine, "provider:write")[1]
    for headers in (second_headers, puppet_headers):
        assert looked(http, agreed, headers) == 403
    listed = http.get(f"/v1/contracts/{agreed}/grants", headers=team[SPV][1]).json()["items"]
    told = {one["grant_id"]: one["confirmation"] for one in listed}
    assert (told[first], told[second], told[puppet]) == ("first", "awaited", "awaited")
    dry = confirmed(http, agreed, puppet, first_headers, "?dry_run=true")
    assert (dry.status_code, dry.json()["confirmation"]) == (200, "given")
    assert looked(http, agreed, puppet_headers) == 403
    answer = confirmed(http, agreed, second, first_headers)
    assert (answer.status_code, answer.json()["confirmed_by"]) == (200, first_id)
    assert looked(http, agreed, second_headers) == 200
    assert confirmed(http, agreed, puppet, second_headers).json()["confirmed_by"] == second_id
    assert looked(http, agreed, puppet_headers) == 200
    found = recorded(http, auditor, agreed)
    grants = {d["grant_id"]: d["to_confirm"] for name, _, d in found if name == "grantRole"}
    assert (grants[first], grants[second], grants[puppet]) == (False, True, True)
    given = [(d["grant_id"], party) for name, party, d in found if name == "confirmGrant"]
    assert given == [(second, PROVIDER), (puppet, PROVIDER)]


def test_who_does_not_confirm(http, desk, people, agreed, team):
    _, first, first_headers = people()
    _, second, second_headers = people()
    _, ended, _ = people()
    access.end_grant(desk.reception, ended, BY_COMMAND_LINE)
    refusals = [
        (second, second_headers, (403, "access-not-granted")),
        (second, team[PROVIDER][1], (403, "confirmation-of-a-person")),
        (second, team[COUNCIL][1], (403, "party-not-yours")),
        (first, first_headers, (403, "confirmation-own")),
        ("unknown", first_headers, (404, "grant-unknown")),
        (ended, first_headers, (409, "grant-ended")),
    ]
    for grant_id, headers, refusal in refusals:
        assert code_of(confirmed(http, agreed, grant_id, headers)) == refusal
    assert confirmed(http, agreed, second, first_headers).status_code == 200
    for grant_id in (second, first):
        headers = first_headers if grant_id == second else second_headers
        again = confirmed(http, agreed, grant_id, headers)
        assert code_of(again) == (409, "grant-confirmed")


def test_what_an_operator_delegates_awaits_confirmation_too(http, desk, people, somebody, agreed):
    away_id, grant_id, away = people()
    today = desk.reception.today

    def delegated(by, **own):
        colleague, headers = somebody()
        asked = NewDelegation(grant_id, colleague, today, today + timedelta(13), "Leave")
        return delegations.delegate(desk.reception, asked, by, **own).grant.grant_id, headers

    puppet, puppet_headers = delegated(BY_COMMAND_LINE, own_only=False)
    given, given_headers = delegated(away_id, own_only=True)
    listed = http.get(f"/v1/contracts/{agreed}/grants", headers=away).json()["items"]
    told = {one["grant_id"]: one["confirmation"] for one in listed}
    assert (told[puppet], told[given]) == ("awaited", "first")
    assert looked(http, agreed, given_headers) == 200  # given by its holder: a person of the party
    assert looked(http, agreed, puppet_headers) == 403
    refusal = code_of(confirmed(http, agreed, puppet, puppet_headers))
    assert refusal == (403, "access-not-granted")
    assert confirmed(http, agreed, puppet, away).json()["confirmed_by"] == away_id
    assert looked(http, agreed, puppet_headers) == 200


@pytest.mark.parametrize("kind", ["group", "app_role"])
def test_no_member_confirms_what_their_group_is_given(http, desk, idp, people, agreed, clock, kind):
    name = f"{kind}-{agreed}"
    group = desk.register("group", Identity(idp.url, kind, name))
    desk.grant(group, "provider", agreed, PROVIDER)
    claims = {"iat": seconds(clock.now), "exp": seconds(clock.now + timedelta(minutes=10))}
    named = {"groups" if kind == "group" else "roles": [name]}
    member = bearer(idp.token(sub=f"member-{name}", client_id="app", **named, **claims))
    _, grant_id, colleague = people()
    assert confirmed(http, agreed, grant_id, member).status_code == 200
    further = desk.grant(group, "auditor", agreed, PROVIDER)
    assert code_of(confirmed(http, agreed, further, member)) == (403, "confirmation-own")
    assert confirmed(http, agreed, further, colleague).json()["confirmation"] == "given"


def test_who_is_there_to_confirm(people, engine, desk, agreed):
    def awaits(grant_id):
        with engine.connect() as connection:
            return standing.get(connection, agreed, grant_id).to_confirm

    first_id, first, _ = people()
    assert not awaits(first)
    more = desk.grant(first_id, "auditor", agreed, PROVIDER)
    assert not awaits(more)  # nobody but themselves, and nobody new
    _, other, _ = people(SPV, "investor_finance")
    assert not awaits(other)  # each party has its own first
    access.end_grant(desk.reception, more, BY_COMMAND_LINE)
    access.end_grant(desk.reception, first, BY_COMMAND_LINE)
    next_first_id, next_first, _ = people()
    assert not awaits(next_first)  # whose people are gone has nobody to confirm
    access.end_principal(desk.reception, next_first_id, BY_COMMAND_LINE)
    _, last, _ = people()
    assert not awaits(last)


def test_the_database_refuses_a_confirmation_of_ones_own(engine, people, agreed):
    people()
    holder, grant_id, _ = people()
    for by in (holder, BY_COMMAND_LINE):
        with engine.begin() as connection, pytest.raises(IntegrityError, match="another than"):
            standing.confirm(connection, grant_id, by, datetime.now(UTC))

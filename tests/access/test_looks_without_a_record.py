"""What shows people, or tries to, without a journal record: dry runs, replays, wrong guesses."""

# ruff: noqa: F811 - fixtures imported from a neighbour
import json
from datetime import timedelta

from app.api.application import build_operations, openapi_text
from app.api.policy import RULES
from app.api.watch import ANY_CREDENTIAL
from app.service.accesses import SERVICE_CHAIN
from app.service.failed_sign_ins import NOT_SIGNED_IN
from tests.access.conftest import bearer, code_of, sent
from tests.access.test_access_log import auditor, chained, entries, person  # noqa: F401 - fixtures
from tests.api.client import participant
from tests.factories import PROVIDER

ACCEPTED = {"events": [{"kind": "accepted", "on": "2020-10-05"}]}


def test_a_dry_run_that_shows_a_participant_is_a_look(http, team, agreed, person, auditor):
    path = f"/v1/contracts/{agreed}/participants/{person}/events?dry_run=true"
    for _ in range(2):
        answer = http.post(path, json=ACCEPTED, headers=sent(team[PROVIDER]))
        assert answer.status_code == 200, answer.text
    found = entries(http, auditor, agreed, who=team[PROVIDER][0])
    assert [(one["operation"], one["outcome"], one["participants"]) for one in found] == [
        ("recordEvents", "allowed", [person])
    ] * 2


def test_a_write_is_in_the_journal_and_its_repetition_in_the_log(
    http, team, agreed, person, auditor
):
    path = f"/v1/contracts/{agreed}/participants"
    headers = sent(team[PROVIDER])
    for replayed in (None, "true"):
        answer = http.post(path, json=participant("PI-0003"), headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.headers.get("idempotency-replayed") == replayed
    found = entries(http, auditor, agreed, who=team[PROVIDER][0])
    assert [(one["operation"], one["participants"]) for one in found] == [
        ("registerParticipant", ["PI-0003"])
    ]


def test_asking_for_somebody_who_is_not_ones_own_is_a_refusal(http, team, agreed, auditor):
    base = f"/v1/contracts/{agreed}/participants/PI-0404"
    answer = http.get(base, headers=team[PROVIDER][1])
    assert code_of(answer) == (404, "participant-unknown")
    for asked in ("", "?dry_run=true"):
        answer = http.post(f"{base}/events{asked}", json=ACCEPTED, headers=sent(team[PROVIDER]))
        assert code_of(answer) == (404, "participant-unknown")
    found = entries(http, auditor, agreed, outcome="refused", who=team[PROVIDER][0])
    assert [(one["operation"], one["code"], one["participants"]) for one in found] == [
        (operation, "participant-unknown", ["PI-0404"])
        for operation in ("getParticipant", "recordEvents", "recordEvents")
    ]


def test_a_contract_that_is_not_there_has_no_chain(http, desk, contract_id, engine):
    principal_id = desk.register()
    desk.grant(principal_id, "provider", contract_id, PROVIDER)
    headers = desk.key(principal_id, "provider:read")[1]
    answer = http.get(f"/v1/contracts/{contract_id}/participants", headers=headers)
    assert code_of(answer) == (404, "contract-unknown")
    found = [one.access for one in chained(engine, SERVICE_CHAIN)]
    assert [one.code for one in found if one.who == principal_id] == ["contract-unknown"]


def failures(engine, since):
    """Failures to sign in of the service's chain since an instant: operation, code, how many."""
    rows = [row.access for row in chained(engine, SERVICE_CHAIN)]
    return [
        (one.operation, one.code, json.loads(one.detail)["times"])
        for one in rows
        if one.who == NOT_SIGNED_IN and one.at >= since
    ]


def test_failures_to_sign_in_are_entered_without_a_name_and_a_flood_is_counted(
    http, clock, engine, contract_id
):
    clock.now += timedelta(minutes=2)
    assert code_of(http.get("/v1/session"))[0] == 401  # what others have counted is entered now
    clock.now += timedelta(minutes=2)
    since = clock.now
    secret = "olk.0000000000000000." + "x" * 43
    for _ in range(4):
        path = f"/v1/contracts/{contract_id}/participants"
        assert http.get(path, headers=bearer(secret)).status_code == 401
    attempt = {"sign_in_name": "somebody-else", "password": "not the password", "code": "123456"}
    assert code_of(http.post("/v1/session", json=attempt))[0] == 401
    found = failures(engine, since)
    assert (ANY_CREDENTIAL, "key-refused", 1) in found
    assert ("signIn", "sign-in-refused", 1) in found
    clock.now += timedelta(minutes=1)
    assert code_of(http.get("/v1/session"))[0] == 401
    found = failures(engine, since)
    assert found.count((ANY_CREDENTIAL, "key-refused", 3)) == 1
    mine = [one for one in found if one[:2] == (ANY_CREDENTIAL, "key-refused")]
    assert sum(times for _, _, times in mine) == 4
    rows = [one.access for one in chained(engine, SERVICE_CHAIN)]
    told = repr([one for one in rows if one.who == NOT_SIGNED_IN])
    assert "somebody-else" not in told
    assert "xxxx" not in told
    assert contract_id not in told


def names_of(schema, document, seen=None):
    """Every member that an answer of a schema can have, at any depth."""
    seen = set() if seen is None else seen
    if isinstance(schema, list):
        for one in schema:
            yield from names_of(one, document, seen)
    if not isinstance(schema, dict):
        return
    yield from schema.get("properties", ())
    for name, value in schema.items():
        if name != "$ref":
            yield from names_of(value, document, seen)
        elif value not in seen:
            seen.add(value)
            part = document["components"]["schemas"][value.rpartition("/")[2]]
            yield from names_of(part, document, seen)


def test_every_answer_that_can_name_participants_is_personal():
    document = json.loads(openapi_text())
    naming = {
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        and "participant_id" in set(names_of(answer.get("content"), document))
    }
    assert len(naming) > 20
    assert {one for _, _, one in build_operations() if RULES[one].personal} >= naming

"""Every look at people's data is entered before it is answered, and so is every refusal."""

import hashlib

import psycopg
import pytest
from psycopg.errors import RestrictViolation

from app.domain.sight import Sight
from app.service.accesses import check_chain
from app.storage import access_log
from app.storage.engine import UnitOfWork
from app.storage.scope import Scope
from tests.access.conftest import code_of, sent
from tests.api.client import evidence_item, participant
from tests.factories import COUNCIL, PROVIDER, SPV


@pytest.fixture
def auditor(desk, contract_id):
    principal_id = desk.register()
    desk.grant(principal_id, "auditor", contract_id, COUNCIL)
    return principal_id, desk.key(principal_id, "auditor:read")[1]


@pytest.fixture
def person(http, team, agreed):
    body = participant()
    path = f"/v1/contracts/{agreed}/participants"
    assert http.post(path, json=body, headers=sent(team[PROVIDER])).status_code == 201
    return body["participant_id"]


def entries(http, auditor, contract_id, **wanted):
    answer = http.get(f"/v1/contracts/{contract_id}/access-log", headers=auditor[1], params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_look_at_a_participant_is_entered(http, team, agreed, person, auditor):
    base = f"/v1/contracts/{agreed}"
    for path in (f"/participants/{person}", "/participants", f"/evidence?participant_id={person}"):
        assert http.get(base + path, headers=team[PROVIDER][1]).status_code == 200
    assert http.get(f"{base}/terms", headers=team[PROVIDER][1]).status_code == 200
    found = entries(http, auditor, agreed, who=team[PROVIDER][0])
    assert [one["operation"] for one in found] == [
        "getParticipant",
        "listParticipants",
        "listEvidence",
    ]
    assert all(one["participants"] == [person] for one in found)
    seen = http.get(f"{base}/access-log/participants/{person}", headers=auditor[1]).json()["items"]
    told = {(one["who"], one["party"], one["times"], one["by_name"]) for one in seen}
    assert told == {(team[PROVIDER][0], PROVIDER, 3, 3), (auditor[0], COUNCIL, 1, 0)}


def test_a_refusal_is_entered_with_whom_it_asked_for(http, team, agreed, person, auditor):
    base = f"/v1/contracts/{agreed}"
    answer = http.get(f"{base}/participants/{person}", headers=team[SPV][1])
    assert code_of(answer) == (403, "role-not-permitted")
    [entry] = entries(http, auditor, agreed, outcome="refused", who=team[SPV][0])
    assert (entry["operation"], entry["code"]) == ("getParticipant", "role-not-permitted")
    assert (entry["chain"], entry["party"]) == (agreed, SPV)
    assert entry["participants"] == [person]


def test_a_link_to_a_file_is_entered_and_so_is_one_that_was_guessed_at(
    http, team, agreed, person, auditor
):
    base, content = f"/v1/contracts/{agreed}", b"%PDF-1.4\n%%EOF\n"
    digest = hashlib.sha256(content).hexdigest()
    uploaded = sent(team[PROVIDER]) | {"Content-Type": "application/pdf"}
    path = f"{base}/evidence-files/{digest}"
    assert http.put(path, content=content, headers=uploaded).status_code == 200
    item = evidence_item(participant_id=person, sha256=digest, held_by="service")
    made = http.post(f"{base}/evidence", json={"items": [item]}, headers=sent(team[PROVIDER]))
    evidence_id = made.json()["items"][0]["evidence_id"]
    for one, status in ((evidence_id, 200), ("guessed", 404)):
        answer = http.get(f"{base}/evidence/{one}/download-link", headers=team[PROVIDER][1])
        assert answer.status_code == status, answer.text
    found = entries(http, auditor, agreed, who=team[PROVIDER][0])
    assert {one["operation"] for one in found} == {"makeDownloadLink"}
    assert [(one["outcome"], one["code"], one["participants"]) for one in found] == [
        ("allowed", None, [person]),
        ("refused", "evidence-unknown", []),
    ]


def test_a_stranger_is_entered_in_the_chain_of_the_service(http, desk, agreed, auditor):
    stranger = desk.register()
    desk.grant(stranger, "auditor", f"x-{agreed}", COUNCIL)
    headers = desk.key(stranger, "auditor:read")[1]
    assert http.get(f"/v1/contracts/{agreed}/participants", headers=headers).status_code == 403
    [entry] = entries(http, auditor, agreed, who=stranger)
    assert (entry["chain"], entry["code"]) == ("", "access-not-granted")


def test_what_somebody_did_is_in_order_and_paged(http, team, agreed, person, auditor):
    base = f"/v1/contracts/{agreed}"
    http.get(f"{base}/participants/{person}", headers=team[PROVIDER][1])
    http.get(f"{base}/access-log", headers=team[PROVIDER][1])
    found, cursor = [], None
    for _ in range(9):
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        path = f"{base}/access-log/people/{team[PROVIDER][0]}"
        answer = http.get(path, headers=auditor[1], params=params).json()
        found += [(one["did"], one["what"]) for one in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert set(found) >= {("recorded", "participant_registered"), ("read", "getParticipant")}
    assert found[-1] == ("refused", "listAccesses")


def test_only_auditors_read_it(http, team, agreed):
    for party in (COUNCIL, SPV, PROVIDER):
        answer = http.get(f"/v1/contracts/{agreed}/access-log", headers=team[party][1])
        assert code_of(answer) == (403, "role-not-permitted")


def test_the_database_refuses_changes_even_to_its_owner(http, team, agreed, person, database_urls):
    http.get(f"/v1/contracts/{agreed}/participants", headers=team[PROVIDER][1])
    with psycopg.connect(database_urls.owner) as connection:
        for statement in (
            "UPDATE access.access_log SET who = 'x'",
            "DELETE FROM access.access_log",
            "TRUNCATE access.access_log",
        ):
            with pytest.raises(RestrictViolation), connection.transaction():
                connection.execute(statement)


def chained(engine, contract_id: str) -> list[access_log.StoredAccess]:
    """Every entry of a contract's chain, as the service verifies it."""
    with UnitOfWork(engine, read_only=True) as uow:
        uow.look(Scope(contract_id, "", Sight.PERSON, service=True))
        return list(access_log.of_chain(uow.connection, contract_id))


def test_the_service_cannot_number_or_chain_a_row_itself(engine, contract_id):
    with engine.begin() as connection:
        for _ in range(2):
            connection.exec_driver_sql(
                "INSERT INTO access.access_log (chain, sequence, at, who, operation, outcome, "
                "previous_hash, hash) VALUES (%s, 77, now(), 'w', 'op', 'allowed', 'p', 'h')",
                (contract_id,),
            )
    rows = chained(engine, contract_id)
    assert [row.sequence for row in rows] == [1, 2]
    assert check_chain(iter(rows)).faults == ()

"""Files for operators and auditors: the items of the lists, no secret, and nobody else's."""

# ruff: noqa: F811 - fixtures imported from a neighbour
import csv
import io

import openpyxl
import pytest

from tests.access.conftest import bearer, code_of
from tests.access.test_access_log import auditor, person  # noqa: F401 - fixtures
from tests.access.test_contracts import agreed, team  # noqa: F401 - fixtures
from tests.factories import COUNCIL, PROVIDER


def rows(http, path, headers, **params):
    answer = http.get(path, headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


@pytest.fixture
def machine(desk, contract_id):
    """A machine with a role and a key: its id, the key's id, what it sends."""
    principal_id = desk.register()
    desk.grant(principal_id, "verifier", contract_id, COUNCIL)
    return principal_id, *desk.key(principal_id, "verifier:read", "verifier:write")


def test_grants_of_a_contract(http, desk, machine, contract_id):
    operator = desk.operator()
    listed = http.get(f"/v1/access/grants?contract_id={contract_id}", headers=operator).json()
    (item,) = listed["items"]
    (row,) = rows(http, "/v1/exports/grants.csv", operator, contract_id=contract_id)
    assert row == {name: value or "" for name, value in item.items()}
    assert rows(http, "/v1/exports/grants.csv", operator, principal_id=machine[0]) == [row]


def test_principals_of_several_pages(http, desk, machine):
    operator = desk.operator()
    listed, cursor = [], None
    while cursor != "":
        params = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = http.get("/v1/access/principals", headers=operator, params=params).json()
        listed += [item["principal_id"] for item in page["items"]]
        cursor = page["next_cursor"] or ""
    found = rows(http, "/v1/exports/principals.csv", operator)
    assert [row["principal_id"] for row in found] == listed
    assert machine[0] in listed


def test_keys_without_their_secrets(http, desk, machine):
    operator, (principal_id, key_id, headers) = desk.operator(), machine
    listed = http.get(f"/v1/access/principals/{principal_id}/keys", headers=operator).json()
    answer = http.get(f"/v1/exports/api-keys.csv?principal_id={principal_id}", headers=operator)
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    (item,) = listed["items"]
    assert row == {name: value or "" for name, value in item.items()} | {
        "scopes": "verifier:read; verifier:write"
    }
    secret = headers["Authorization"].rsplit(".", 1)[-1]
    assert row["key_id"] == key_id
    assert secret not in answer.text
    assert "hash" not in answer.text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("api-keys.csv", (422, "invalid-input")),
        ("api-keys.csv?principal_id=nobody", (404, "principal-unknown")),
        ("principals.xlsx?contract_id=some-1", (422, "invalid-input")),
        ("grants.csv?contract_id=NO", (422, "invalid-input")),
    ],
)
def test_what_operators_ask_wrongly(http, desk, path, expected):
    assert code_of(http.get(f"/v1/exports/{path}", headers=desk.operator())) == expected


def test_the_access_log_for_an_auditor(http, team, agreed, person, auditor):
    base = f"/v1/contracts/{agreed}"
    who = team[PROVIDER][0]
    http.get(f"{base}/participants/{person}", headers=team[PROVIDER][1])
    http.get(f"{base}/access-log", headers=team[PROVIDER][1])
    found = rows(http, f"{base}/exports/access-log.csv", auditor[1], who=who)
    listed = http.get(f"{base}/access-log?who={who}", headers=auditor[1]).json()["items"]
    assert [row["hash"] for row in found] == [item["hash"] for item in listed]
    assert (found[0]["operation"], found[0]["participants"]) == ("getParticipant", person)
    assert (found[1]["outcome"], found[1]["code"]) == ("refused", "role-not-permitted")
    book = http.get(f"{base}/exports/access-log.xlsx?who={who}", headers=auditor[1])
    (sheet,) = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets
    head, *body = sheet.iter_rows(values_only=True)
    assert [row[head.index("hash")] for row in body] == [row["hash"] for row in found]
    wanted = {"outcome": "refused", "participant_id": person}
    assert rows(http, f"{base}/exports/access-log.csv", auditor[1], who=who, **wanted) == []
    files = rows(http, f"{base}/exports/access-log.csv", auditor[1], who=auditor[0])
    exported = [row["participants"] for row in files if row["operation"] == "exportList"]
    told = "the whole log twice, and that of the person asked for"
    assert exported == ["*", "*", person], told


def test_who_has_seen_somebody_and_what_somebody_did(http, team, agreed, person, auditor):
    base = f"/v1/contracts/{agreed}"
    http.get(f"{base}/participants/{person}", headers=team[PROVIDER][1])
    (seen,) = rows(http, f"{base}/exports/seen-by.csv", auditor[1], participant_id=person)
    assert (seen["who"], seen["operations"], seen["by_name"]) == (
        team[PROVIDER][0],
        "getParticipant",
        "1",
    )
    path = f"{base}/access-log/people/{team[PROVIDER][0]}"
    listed = http.get(path, headers=auditor[1]).json()["items"]
    did = rows(http, f"{base}/exports/actions.csv", auditor[1], who=team[PROVIDER][0])
    assert [(row["at"], row["did"], row["what"]) for row in did] == [
        (item["at"], item["did"], item["what"]) for item in listed
    ]
    assert {row["did"] for row in did} == {"read", "recorded"}
    for name in ("access-log", "seen-by", "actions"):
        answer = http.get(f"{base}/exports/{name}.csv", headers=team[PROVIDER][1])
        assert code_of(answer) == (403, "role-not-permitted")


def test_a_key_that_does_not_count_gets_no_file(http):
    answer = http.get("/v1/exports/principals.csv", headers=bearer("olk.none.none"))
    assert code_of(answer)[0] == 401

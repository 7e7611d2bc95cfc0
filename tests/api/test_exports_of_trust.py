"""Heads, keys, lawful bases and erasures as files; and no operator's list without a credential."""

# ruff: noqa: F811 - fixtures imported from a neighbour
import csv
import hashlib
import io

import pytest

from tests.api.client import Api, acting, evidence_item, participant
from tests.api.test_heads import key_file, signed, signing  # noqa: F401 - fixtures
from tests.factories import COUNCIL

LETTER = b"a letter from the landlord"


def rows(api: Api, name: str, **params: str) -> list[dict[str, str]]:
    answer = api.get(f"/exports/{name}.csv", params=params)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def as_cells(item: dict) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in item.items()}


def test_heads_and_their_keys(api, signed):
    told = [
        {name: value for name, value in as_cells(item).items() if name in ("day", "signature")}
        for item in api.get("/heads").json()["items"]
    ]
    found = rows(api, "heads")
    assert [
        {"day": row["day"], "signature": row["signature"].removeprefix("'")} for row in found
    ] == told
    assert len(found) == 2
    (key,) = api.get("/signing-keys").json()["items"]
    (row,) = rows(api, "signing-keys")
    row["public_key"] = row["public_key"].removeprefix("'")  # one that begins with + is disarmed
    assert row == {name: value for name, value in as_cells(key).items() if name != "format"}


@pytest.fixture
def people(api: Api) -> Api:
    """Two participants; of the second a basis, recorded twice, and an evidence file, erased."""
    api.agreed()
    for name in ("PI-0001", "PI-0002"):
        assert api.post("/participants", participant(participant_id=name)).is_success
    for version in ("2019-10", "2020-04"):
        basis = {
            "lawful_basis": "public_task",
            "special_condition": "health_or_social_care",
            "notice_version": version,
            "notice_given_on": "2021-01-05",
        }
        assert api.post("/participants/PI-0002/privacy", basis, party=COUNCIL).is_success
    digest = hashlib.sha256(LETTER).hexdigest()
    put = api.http.put(
        f"{api.base}/evidence-files/{digest}",
        content=LETTER,
        headers=acting("provider") | {"Content-Type": "text/plain"},
    )
    assert put.is_success, put.text
    item = evidence_item("PI-0002", sha256=digest, held_by="service")
    assert api.post("/evidence", {"items": [item]}).is_success
    erased = api.post("/participants/PI-0002/erasure", {"ground": "requested"}, party=COUNCIL)
    assert erased.is_success, erased.text
    return api


def test_bases_and_who_has_none(people):
    listed = people.get("/participants/PI-0002/privacy").json()["items"]
    found = rows(people, "privacy")
    assert [row["notice_version"] for row in found] == ["2019-10", "2020-04"]
    assert [{**row, "recorded_at": ""} for row in found] == [
        {**as_cells(item), "recorded_at": ""} for item in listed
    ]
    assert rows(people, "privacy", participant_id="PI-0002") == found
    assert rows(people, "privacy", participant_id="PI-0001") == []
    assert rows(people, "privacy-gaps") == [{"participant_id": "PI-0001"}]
    assert people.get("/privacy-gaps").json()["items"] == ["PI-0001"]


def test_erasures_and_what_they_took(people):
    (item,) = people.get("/erasures").json()["items"]
    (row,) = rows(people, "erasures")
    assert (row["participant_id"], row["ground"]) == ("PI-0002", "requested")
    assert [row[name] for name in ("evidence_files", "imported_files", "notes")] == [
        str(len(item[name])) for name in ("evidence_files", "imported_files", "notes")
    ]
    taken = rows(people, "erased-items")
    assert [one["digest"] for one in taken if one["kind"] == "evidence_file"] == [
        hashlib.sha256(LETTER).hexdigest()
    ]
    assert [one["digest"] for one in taken if one["kind"] == "note"] == item["notes"]
    assert {one["participant_id"] for one in taken} == {"PI-0002"}


@pytest.mark.parametrize("name", ["principals", "grants", "api-keys"])
@pytest.mark.parametrize("headers", [{}, {"Acting-Party": COUNCIL, "Acting-Person": "council-1"}])
def test_acting_headers_make_nobody_an_operator(http, name, headers):
    for form in ("csv", "xlsx"):
        answer = http.get(f"/v1/exports/{name}.{form}?principal_id=some-1", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "operator-only")


def test_acting_for_a_party_only_its_own_lists_are_files(people):
    for name, path in (("access-log", "/access-log"), ("actions", "/access-log/people/worker-1")):
        for address in (f"/exports/{name}.csv", path):
            answer = people.get(address, headers={"Acting-Party": COUNCIL})
            assert (answer.status_code, answer.json()["code"]) == (403, "party-not-permitted")

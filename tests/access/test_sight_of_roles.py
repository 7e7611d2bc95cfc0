"""A party's sight is cut to the role in which somebody reads for it; what is shown is entered."""

# ruff: noqa: F811 - fixtures imported from a neighbour
import pytest
from sqlalchemy import text

from tests import factories
from tests.access.conftest import code_of
from tests.access.test_contracts import agreed, sent, team  # noqa: F401 - fixtures
from tests.api.client import participant
from tests.factories import COUNCIL, FUND, INVESTOR, PROVIDER, SPV

BOTH = "both"
"""A party that is the SPV and a provider."""


@pytest.fixture
def person(http, team, agreed) -> str:
    body = participant()
    path = f"/v1/contracts/{agreed}/participants"
    assert http.post(path, json=body, headers=sent(team[PROVIDER])).status_code == 201
    return body["participant_id"]


def member(desk, contract_id: str, party: str, *roles: str) -> tuple[str, dict[str, str]]:
    principal_id = desk.register()
    for role in roles:
        desk.grant(principal_id, role, contract_id, party)
    return principal_id, desk.key(principal_id, *(f"{role}:write" for role in roles))[1]


def entered(owner_engine, who: str) -> list[tuple]:
    query = text("SELECT operation, outcome, participants FROM access.access_log WHERE who = :who")
    with owner_engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"who": who})]


@pytest.mark.parametrize("party", [COUNCIL, PROVIDER, SPV])
@pytest.mark.parametrize("role", ["investor_finance", "fund"])
def test_an_investors_role_shows_nobody_for_whatever_party(
    http, desk, owner_engine, agreed, person, party, role
):
    who, headers = member(desk, agreed, party, role)
    base = f"/v1/contracts/{agreed}"
    records = http.get(f"{base}/journal", headers=headers)
    assert {one["payload"] for one in records.json()["items"]} == {None}
    for path in ("/verification", "/exports/journal.csv", "/claims", "/reconciliation"):
        assert person not in http.get(base + path, headers=headers).text
    refused = http.get(f"{base}/participants/{person}", headers=headers)
    assert code_of(refused) == (403, "role-not-permitted")
    told = entered(owner_engine, who)
    assert ("getParticipant", "refused", [person]) in told
    # A file taken away is entered too; nothing says that it might show somebody.
    assert not [one for one in told if one[2] is None]
    assert not [one for one in told if one[0] == "listJournal"]


@pytest.mark.parametrize(
    ("roles", "sees"),
    [
        (["investor_finance"], False),
        (["provider"], True),
        (["investor_finance", "provider"], True),
    ],
)
def test_a_party_that_is_spv_and_provider_sees_by_the_role_and_is_entered(
    http, desk, owner_engine, contract_id, roles, sees
):
    parties = [
        one for one in factories.document()["parties"] if one["id"] in {COUNCIL, FUND, INVESTOR}
    ]
    parties.append(factories.party(BOTH, "spv", "service_provider"))
    terms = factories.document(parties=parties, signatories=[COUNCIL, BOTH, INVESTOR])
    council = member(desk, contract_id, COUNCIL, "approver")
    body = {"contract_id": contract_id, "terms": terms}
    made = http.post("/v1/contracts", json=body, headers=sent(council))
    assert made.status_code == 201, made.text
    who, headers = member(desk, contract_id, BOTH, *roles)
    answer = http.get(f"/v1/contracts/{contract_id}/journal", headers=headers)
    payloads = [one["payload"] for one in answer.json()["items"]]
    assert (None not in payloads) is sees
    assert entered(owner_engine, who) == ([("listJournal", "allowed", None)] if sees else [])


def test_a_kept_reply_is_not_replayed_to_a_role_that_sees_less(http, desk, agreed):
    """The same party, key and body: one reply may show people, the other not."""
    body = factories.document(
        effective_from="2020-01-01", variation={"reason": "Agreed by the parties"}
    )
    path = f"/v1/contracts/{agreed}/terms"
    keyed = {"Idempotency-Key": "once"}
    approver = member(desk, agreed, COUNCIL, "approver")[1]
    first = http.post(path, json=body, headers=approver | keyed)
    assert first.status_code == 201, first.text
    assert http.post(path, json=body, headers=approver | keyed).status_code == 201
    investor = member(desk, agreed, COUNCIL, "investor_finance")[1]
    again = http.post(path, json=body, headers=investor | keyed)
    assert code_of(again) == (422, "idempotency-key-reused")

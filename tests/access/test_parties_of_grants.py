"""A role is granted for a party that the contract's terms name; before there are terms, for any."""

import psycopg
import pytest
from psycopg.errors import CheckViolation

from tests import factories
from tests.access.conftest import sent
from tests.factories import COUNCIL, PROVIDER, SPV

NOBODY = "nobody-there"


def granted(http, desk, contract_id, party, **more):
    body = {"principal_id": desk.register(), "role": "auditor", "contract_id": contract_id}
    headers = desk.operator()
    return http.post("/v1/access/grants", json=body | {"party": party} | more, headers=headers)


def test_a_party_that_no_terms_name_is_refused_with_those_they_name(http, desk, agreed):
    refused = granted(http, desk, agreed, NOBODY)
    assert refused.status_code == 422
    [fault] = refused.json()["faults"]
    assert (fault["code"], fault["pointer"]) == ("party-not-in-terms", "/party")
    for party in (COUNCIL, SPV, PROVIDER):
        assert party in fault["message"]
    assert NOBODY not in refused.text
    assert granted(http, desk, agreed, PROVIDER).status_code == 201


def test_before_there_are_terms_any_party_is_taken(http, desk, contract_id):
    assert granted(http, desk, contract_id, NOBODY).status_code == 201


def test_a_party_that_only_a_draft_names_is_taken(http, desk, team, agreed):
    parties = [*factories.document()["parties"], factories.party("newcomer", "intermediary")]
    joins = {"reason": "A party joins"}
    draft = factories.document(parties=parties, effective_from="2024-01-01", variation=joins)
    path = f"/v1/contracts/{agreed}/terms"
    drafted = http.post(path, json=draft, headers=sent(team[COUNCIL]))
    assert drafted.status_code == 201, drafted.text
    assert granted(http, desk, agreed, "newcomer").status_code == 201


def test_the_database_refuses_it_too(desk, database_urls, agreed):
    principal_id = desk.register()
    insert = (
        "INSERT INTO access.grants (grant_id, principal_id, contract_id, party, role, from_date, "
        "granted_by, granted_at) VALUES (%s, %s, %s, %s, 'auditor', '2024-01-01', 'b', now())"
    )
    with psycopg.connect(database_urls.app) as connection:
        connection.execute(insert, (f"g1-{agreed}", principal_id, agreed, COUNCIL))
        with pytest.raises(CheckViolation, match="do not name its party"):
            connection.execute(insert, (f"g2-{agreed}", principal_id, agreed, NOBODY))
        connection.rollback()

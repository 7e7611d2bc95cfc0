"""Acting under a delegation over HTTP: who is on record, and for whom."""

from datetime import timedelta
from hashlib import sha256

import psycopg
import pytest

from app.api.permit import Asked, mandate_of
from app.api.policy import RULES
from app.domain.access import AccessRole, Grant, Principal, PrincipalKind
from app.service import delegations
from app.service.delegations import NewDelegation
from tests.access.conftest import sent
from tests.api.client import participant
from tests.factories import PROVIDER, SPV
from tests.issuing import NOW


@pytest.fixture
def covered(desk, person, agreed):
    """A role of somebody away, and their colleague who has it for a fortnight."""

    def made(role: str, party: str):
        away, colleague = person(), person()
        grant = desk.let_in(away.id, role, agreed, party)
        today = desk.reception.today
        asked = NewDelegation(grant, colleague.id, today, today + timedelta(13), "Leave")
        given = delegations.delegate(desk.reception, asked, away.id, own_only=True)
        return away, colleague, given.grant.grant_id

    return made


@pytest.fixture
def acted_for(database_urls, agreed):
    """For whom the last record of the contract was made, under which grants, and by whom."""

    def asked() -> tuple[str, list[tuple[str, str]]]:
        with psycopg.connect(database_urls.owner) as connection:
            sequence, by = connection.execute(
                "SELECT sequence, person FROM journal WHERE contract_id = %s "
                "ORDER BY sequence DESC LIMIT 1",
                [agreed],
            ).fetchone()
            rows = connection.execute(
                "SELECT on_behalf_of, grant_id FROM delegated_acts "
                "WHERE contract_id = %s AND sequence = %s",
                [agreed, sequence],
            ).fetchall()
        return by, rows

    return asked


def test_the_record_names_the_delegate_and_for_whom(http, desk, covered, acted_for, agreed):
    away, colleague, grant_id = covered("provider", PROVIDER)
    path = f"/v1/contracts/{agreed}/participants"
    headers = sent((colleague.id, colleague.headers()))
    assert http.post(path, json=participant("P-1"), headers=headers).status_code == 201
    assert acted_for() == (colleague.id, [(away.id, grant_id)])
    desk.let_in(colleague.id, "provider", agreed, PROVIDER)
    headers = sent((colleague.id, colleague.headers()))
    assert http.post(path, json=participant("P-2"), headers=headers).status_code == 201
    assert acted_for() == (colleague.id, [])


def test_a_file_imported_by_a_delegate_says_so_too(http, covered, acted_for, agreed):
    away, colleague, grant_id = covered("investor_finance", SPV)
    headers = sent((colleague.id, colleague.headers()))
    columns = {"date": "Day", "amount": "Amount", "references": ["Text"]}
    mapping = {"name": "bank", "mapping": columns}
    base = f"/v1/contracts/{agreed}"
    saved = http.post(f"{base}/column-mappings", json=mapping, headers=headers)
    assert saved.status_code in (200, 201), saved.text
    assert acted_for() == (colleague.id, [(away.id, grant_id)])
    content = b"Day,Amount,Text\n2023-11-01,5.00,prepaid\n"
    answer = http.put(
        f"{base}/imports/{sha256(content).hexdigest()}",
        content=content,
        params={"kind": "csv", "source": "main", "mapping": "bank"},
        headers=colleague.headers() | {"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code in (200, 201), answer.text
    assert acted_for() == (colleague.id, [(away.id, grant_id)])


def test_a_mandate_is_what_the_rule_the_place_and_the_key_leave():
    def grant(role: str, contract: str = "c-1", party: str = "scc", **more) -> Grant:
        return Grant(f"{role}", contract, party, AccessRole(role), NOW.date(), **more)

    held = (
        grant("approver"),
        grant("approver", writes=False),
        grant("approver", contract="c-2"),
        grant("approver", party="spv"),
        grant("verifier"),
    )
    asked = Asked("approveClaim", RULES["approveClaim"])
    principal = Principal("p", PrincipalKind.PERSON, "Council", held)
    assert mandate_of(asked, principal, "c-1", "scc") == held[:1]
    assert mandate_of(asked, principal, "c-3", "scc") == ()

"""Grants by day, scopes of keys, and what a principal may act for."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.access import AccessRole, Grant, Principal, PrincipalKind, narrowed, parse_scopes
from app.domain.errors import InputInvalid

APRIL = (date(2024, 4, 1), date(2024, 4, 30))


def grant(role=AccessRole.PROVIDER, contract="ex", party="provider", dates=APRIL, **more) -> Grant:
    return Grant("g", contract, party, role, *dates, **more)


@pytest.mark.parametrize(
    ("dates", "day", "in_force"),
    [
        (APRIL, date(2024, 3, 31), False),
        (APRIL, date(2024, 4, 1), True),
        (APRIL, date(2024, 4, 30), True),
        (APRIL, date(2024, 5, 1), False),
        ((date(2024, 2, 29), date(2024, 2, 29)), date(2024, 2, 28), False),
        ((date(2024, 2, 29), date(2024, 2, 29)), date(2024, 2, 29), True),
        ((date(2024, 2, 29), date(2024, 2, 29)), date(2024, 3, 1), False),
        ((date(2024, 4, 1), None), date(2199, 12, 31), True),
        ((date(2024, 4, 1), None), date(2024, 3, 31), False),
    ],
)
def test_a_grant_counts_from_its_first_to_its_last_day(dates, day, in_force):
    assert grant(dates=dates).in_force(day) is in_force


def test_a_principal_acts_for_the_parties_of_its_grants_on_that_contract_only():
    principal = Principal(
        "p",
        PrincipalKind.PERSON,
        "Council",
        (
            grant(AccessRole.VERIFIER, party="scc"),
            grant(AccessRole.APPROVER, party="scc"),
            grant(AccessRole.AUDITOR, party="audit"),
            grant(AccessRole.PROVIDER, contract="other", party="provider"),
        ),
    )
    assert principal.parties_on("ex") == ("audit", "scc")
    assert principal.parties_on("other") == ("provider",)
    assert principal.parties_on("third") == ()
    assert principal.contracts == {"ex", "other"}
    assert len(principal.on("ex")) == 3
    assert not principal.is_operator


def test_an_operator_has_no_contract():
    operator = grant(AccessRole.OPERATOR, contract=None, party=None)
    principal = Principal("p", PrincipalKind.PERSON, "Host", (operator,))
    assert principal.is_operator
    assert principal.operates
    assert not replace(principal, grants=(replace(operator, writes=False),)).operates
    assert not replace(principal, grants=(grant(),)).operates
    assert principal.contracts == frozenset()
    assert principal.on("ex") == ()


def test_scopes_read_as_they_are_written():
    texts = ["provider:write", "auditor:read"]
    assert [str(scope) for scope in parse_scopes(texts)] == texts


@pytest.mark.parametrize(
    ("texts", "pointers"),
    [
        ([], ["/scopes"]),
        (["provider"], ["/scopes/0"]),
        (["fund:read", "Fund:read", "fund:delete", ""], ["/scopes/1", "/scopes/2", "/scopes/3"]),
    ],
)
def test_other_scopes_are_refused(texts, pointers):
    with pytest.raises(InputInvalid) as refused:
        parse_scopes(texts)
    assert [fault.pointer for fault in refused.value.faults] == pointers
    assert {fault.code for fault in refused.value.faults} == {"scope-unknown"}


@pytest.mark.parametrize(
    ("scopes", "left"),
    [
        (["provider:read"], [("provider", False)]),
        (["provider:write"], [("provider", True)]),
        (["provider:read", "provider:write"], [("provider", True)]),
        (["provider:write", "provider:read"], [("provider", True)]),
        (["provider:read", "auditor:write"], [("provider", False), ("auditor", False)]),
        (["fund:write"], []),
    ],
)
def test_a_key_narrows_what_its_holder_may_do_and_widens_nothing(scopes, left):
    held = (grant(), grant(AccessRole.AUDITOR, writes=False))
    found = narrowed(held, parse_scopes(scopes))
    assert [(one.role.value, one.writes) for one in found] == left

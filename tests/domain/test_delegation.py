"""Delegations: days, limits, what is not passed on, and for whom a delegate acts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access import AccessRole, Grant
from app.domain.delegation import (
    DAYS_MAX,
    delegated,
    delegators,
    limit_faults,
    require_delegable,
    within_limit,
)
from app.domain.errors import InputInvalid, NotPermitted
from app.domain.money import Money

TODAY = date(2024, 2, 28)
LEAVE = (date(2024, 3, 1), date(2024, 3, 14))


def held(**changes) -> Grant:
    values = {
        "grant_id": "g",
        "contract_id": "ex",
        "party": "scc",
        "role": AccessRole.APPROVER,
        "from_date": date(2024, 1, 1),
    }
    return Grant(**(values | changes))


def pounds(text: str | None) -> Money | None:
    return None if text is None else Money.parse(text)


def give(parent=None, days=LEAVE, limit=None, today=TODAY) -> Grant:
    return delegated(parent or held(), "d", "officer-1", days, limit, today)


def codes(*arguments, **named) -> list[tuple[str, str]]:
    with pytest.raises(InputInvalid) as refused:
        give(*arguments, **named)
    return [(fault.code, fault.pointer) for fault in refused.value.faults]


def test_a_delegation_is_the_same_role_in_the_same_place():
    found = give()
    assert (found.contract_id, found.party, found.role) == ("ex", "scc", AccessRole.APPROVER)
    assert (found.delegated_from, found.delegated_by) == ("g", "officer-1")
    assert [found.in_force(day) for day in (
        date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 14), date(2024, 3, 15),
    )] == [False, True, True, False]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((TODAY, TODAY), []),
        ((date(2024, 2, 29), date(2024, 2, 29)), []),
        ((TODAY, TODAY + timedelta(DAYS_MAX - 1)), []),
        ((TODAY, TODAY + timedelta(DAYS_MAX)), [("delegation-too-long", "/to_date")]),
        ((TODAY - timedelta(1), TODAY), [("delegation-in-past", "/from_date")]),
        ((LEAVE[1], LEAVE[0]), [("dates-out-of-order", "/to_date")]),
    ],
)
def test_which_days(days, expected):
    if expected:
        assert codes(days=days) == expected
    else:
        assert (give(days=days).from_date, give(days=days).to_date) == days


@pytest.mark.parametrize(
    ("first", "last", "pointers"),
    [
        (0, 0, []),
        (-1, 0, ["/from_date"]),
        (0, 1, ["/to_date"]),
        (-1, 1, ["/from_date", "/to_date"]),
        (1, 2, ["/from_date", "/to_date"]),
    ],
)
def test_only_days_on_which_the_grant_itself_counts(first, last, pointers):
    parent = held(from_date=LEAVE[0], to_date=LEAVE[0])
    days = (LEAVE[0] + timedelta(first), LEAVE[0] + timedelta(last))
    if pointers:
        assert codes(parent, days) == [("delegation-outside-grant", one) for one in pointers]
    else:
        assert give(parent, days).delegated_from == "g"


@pytest.mark.parametrize(
    ("parents", "own", "found"),
    [
        (None, None, None),
        (None, "5.00", "5.00"),
        ("10.00", None, "10.00"),
        ("10.00", "10.00", "10.00"),
        ("10.00", "9.99", "9.99"),
    ],
)
def test_a_delegate_has_the_delegators_limit_or_a_lower_one(parents, own, found):
    given_away = give(held(approval_limit=pounds(parents)), limit=pounds(own))
    assert given_away.approval_limit == pounds(found)


def test_a_delegate_never_has_a_higher_limit():
    parent = held(approval_limit=Money.parse("10.00"))
    refused = [("limit-above-delegators", "/approval_limit")]
    assert codes(parent, limit=Money.parse("10.01")) == refused
    assert codes(parent, limit=Money.parse("1.00", "EUR")) == refused


@pytest.mark.parametrize(
    ("role", "limit", "code"),
    [
        (AccessRole.APPROVER, "0.01", None),
        (AccessRole.APPROVER, None, None),
        (AccessRole.VERIFIER, None, None),
        (AccessRole.APPROVER, "0.00", "limit-not-positive"),
        (AccessRole.APPROVER, "-0.01", "limit-not-positive"),
        (AccessRole.VERIFIER, "1.00", "limit-not-approver"),
    ],
)
def test_who_may_have_which_limit(role, limit, code):
    assert [fault.code for fault in limit_faults(role, pounds(limit))] == ([code] if code else [])
    if code:
        assert codes(held(role=role), limit=pounds(limit))[0][0] == code


@pytest.mark.parametrize(
    "changes",
    [
        {"delegated_from": "other", "delegated_by": "officer-3"},
        {"role": AccessRole.OPERATOR, "contract_id": None, "party": None},
    ],
)
def test_what_is_not_passed_on(changes):
    with pytest.raises(NotPermitted) as refused:
        require_delegable(held(**changes))
    assert refused.value.code == "grant-not-delegable"


OWN, OF_GROUP = held(), held(through_group=True)
OF_A = held(delegated_from="a", delegated_by="A")
OF_C = held(delegated_from="c", delegated_by="C")


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ((), set()),
        ((OWN,), set()),
        ((OF_GROUP,), set()),
        ((OF_A,), {"A"}),
        ((OF_A, OF_C), {"A", "C"}),
        ((OF_A, OWN), set()),
        ((OF_GROUP, OF_A), set()),
    ],
)
def test_for_whom_a_delegate_acts(grants, expected):
    assert delegators(grants) == expected


def limited(amount: str, **changes) -> Grant:
    return held(approval_limit=Money.parse(amount), **changes)


@pytest.mark.parametrize(
    ("grants", "total", "places"),
    [
        ((limited("10000.00"),), "9999.99", [0]),
        ((limited("10000.00"),), "10000.00", [0]),
        ((limited("10000.00"),), "10000.01", []),
        ((limited("10000.00"),), "-5.00", [0]),
        ((OWN,), "999999999.99", [0]),
        ((limited("1.00"), limited("2.00")), "2.00", [1]),
        ((limited("1.00"), OWN), "2.00", [1]),
        # A personal limit holds whatever a group allows; without one the group's own limit does.
        ((limited("1.00"), OF_GROUP), "1.01", []),
        ((limited("1.00"), OF_GROUP), "1.00", [0]),
        ((OF_GROUP,), "1.01", [0]),
        ((limited("1.00", through_group=True),), "1.01", []),
        # What was delegated counts beside what they have, and takes nothing away.
        ((limited("1.00"), OF_A), "1.01", [1]),
        ((OF_GROUP, limited("1.00", delegated_from="a", delegated_by="A")), "1.01", [0]),
    ],
)
def test_who_may_approve_up_to_what(grants, total, places):
    assert within_limit(grants, Money.parse(total)) == tuple(grants[place] for place in places)


def test_a_limit_in_another_currency_allows_nothing():
    assert within_limit([limited("10.00")], Money.parse("1.00", "EUR")) == ()


@given(
    starts=st.integers(0, 60),
    length=st.none() | st.integers(0, 120),
    first=st.integers(-5, 130),
    days=st.integers(-3, 100),
    limits=st.tuples(*[st.none() | st.integers(1, 50)] * 2),
)
def test_a_delegate_never_may_more_than_the_delegator(starts, length, first, days, limits):
    """Whatever is asked for: refused, or within the grant on every day and for every total."""
    start = TODAY + timedelta(starts)
    of_parent, own = (None if one is None else Money(one) for one in limits)
    parent = held(
        from_date=start,
        to_date=None if length is None else start + timedelta(length),
        approval_limit=of_parent,
    )
    asked = (TODAY + timedelta(first), TODAY + timedelta(first + days))
    try:
        found = give(parent, asked, own)
    except InputInvalid:
        return
    for offset in range(-6, 240):
        day = TODAY + timedelta(offset)
        assert not found.in_force(day) or parent.in_force(day)
    for total in (Money(1), Money(25), Money(51)):
        assert not within_limit([found], total) or within_limit([parent], total)

"""Delegations in plain SQL: what the database refuses, and that a delegate never has more."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors
from psycopg.sql import SQL, Identifier, Placeholder
from uuid_utils import uuid7

from app.domain.access import AccessRole
from app.domain.delegation import within_limit
from app.domain.money import Money
from app.storage import grants
from app.storage.engine import Engine, UnitOfWork
from tests.tries import tries

TODAY = date(2024, 2, 28)
NOW = datetime(2024, 2, 28, 12, tzinfo=UTC)
DAY = timedelta(1)
NO_LIMIT = {"limit_minor": None, "limit_currency": None}


class People:
    """Principals and grants, entered as the service enters them; rolled back."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def insert(self, table: str, **values) -> None:
        names = SQL(", ").join(map(Identifier, values))
        places = SQL(", ").join(map(Placeholder, values))
        self.connection.execute(
            SQL("INSERT INTO access.{} ({}) VALUES ({})").format(Identifier(table), names, places),
            values,
        )

    def register(self, kind: str = "person", organisation: str = "Council") -> str:
        made = str(uuid7())
        self.insert(
            "principals", principal_id=made, kind=kind, name="n", organisation=organisation,
            created_by="b", created_at=NOW,
        )  # fmt: skip
        return made

    def grant(self, principal_id: str, **changes) -> str:
        made = str(uuid7())
        values = {
            "grant_id": made, "principal_id": principal_id, "contract_id": "c-1", "party": "scc",
            "role": "approver", "from_date": TODAY, "granted_by": "b", "granted_at": NOW,
        } | changes  # fmt: skip
        self.insert("grants", **values)
        return made

    def delegate(self, parent: str, to: str, **changes) -> str:
        given_away = {"delegated_from": parent, "reason": "Leave", "to_date": TODAY + 13 * DAY}
        return self.grant(to, **(given_away | changes))

    def end(self, what: str, key: str) -> None:
        name = "grant_id" if what == "grant_ends" else "principal_id"
        self.insert(what, **{name: key, "ended_by": "b", "ended_at": NOW})


@pytest.fixture
def people(database_urls):
    with psycopg.connect(database_urls.app) as connection:
        yield People(connection)
        connection.rollback()


def test_a_delegation_that_is_within_its_grant_is_taken(people):
    parent = people.grant(people.register(), to_date=TODAY + 91 * DAY)
    to = people.register()
    people.delegate(parent, to)
    people.delegate(parent, to, to_date=TODAY + 91 * DAY)
    people.delegate(parent, to, from_date=TODAY + DAY, to_date=TODAY + DAY)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"delegated_from": "nothing"}, errors.ForeignKeyViolation),
        ({"contract_id": "c-2"}, errors.ForeignKeyViolation),
        ({"party": "spv"}, errors.ForeignKeyViolation),
        ({"role": "operator", "contract_id": None, "party": None}, errors.CheckViolation),
        ({"from_date": TODAY - DAY}, errors.CheckViolation),
        ({"to_date": TODAY + 31 * DAY}, errors.CheckViolation),
        ({"to_date": TODAY - DAY}, errors.CheckViolation),
        ({"to_date": None}, errors.CheckViolation),
        ({"reason": None}, errors.CheckViolation),
        ({"granted_at": NOW + DAY}, errors.CheckViolation),
        ({"limit_minor": 1001, "limit_currency": "GBP"}, errors.CheckViolation),
        ({"limit_minor": 1000, "limit_currency": "EUR"}, errors.CheckViolation),
        (NO_LIMIT, errors.CheckViolation),
        ({"limit_minor": 1000, "limit_currency": None}, errors.CheckViolation),
        ({"limit_minor": 0}, errors.CheckViolation),
    ],
)
def test_what_is_not_within_its_grant_is_refused(people, changes, error):
    limit = {"limit_minor": 1000, "limit_currency": "GBP"}
    dates = {"from_date": TODAY, "to_date": TODAY + 30 * DAY}
    parent = people.grant(people.register(), **limit, **dates)
    to = people.register()
    people.delegate(parent, to, **limit)
    with pytest.raises(error):
        people.delegate(parent, to, **(limit | changes))


def test_no_other_role_than_the_grants(people):
    parent = people.grant(people.register(), role="provider")
    with pytest.raises(errors.ForeignKeyViolation):
        people.delegate(parent, people.register(), role="verifier")


@pytest.mark.parametrize(("days", "taken"), [(91, True), (92, False)])
def test_no_longer_than_a_quarter(people, days, taken):
    parent, to = people.grant(people.register()), people.register()
    if taken:
        people.delegate(parent, to, to_date=TODAY + days * DAY)
        return
    with pytest.raises(errors.CheckViolation, match="ck_grants_delegation"):
        people.delegate(parent, to, to_date=TODAY + days * DAY)


def test_no_chain(people):
    first = people.delegate(people.grant(people.register()), people.register())
    with pytest.raises(errors.CheckViolation, match="not passed on"):
        people.delegate(first, people.register())


@pytest.mark.parametrize(
    ("giver", "taker"),
    [
        (("person", "Council"), ("person", "Provider")),
        (("person", "Council"), ("client", "Council")),
        (("person", "Council"), ("group", "Council")),
        (("client", "Council"), ("person", "Council")),
        (("group", "Council"), ("person", "Council")),
    ],
)
def test_only_between_people_of_one_organisation(people, giver, taker):
    parent = people.grant(people.register(*giver))
    with pytest.raises(errors.CheckViolation, match="own organisation"):
        people.delegate(parent, people.register(*taker))


def test_not_to_oneself(people):
    giver = people.register()
    with pytest.raises(errors.CheckViolation, match="themselves"):
        people.delegate(people.grant(giver), giver)


@pytest.mark.parametrize("ended", ["parent", "giver", "taker"])
def test_not_of_what_is_over(people, ended):
    giver, taker = people.register(), people.register()
    parent = people.grant(giver)
    if ended == "parent":
        people.end("grant_ends", parent)
    else:
        people.end("principal_ends", giver if ended == "giver" else taker)
    with pytest.raises(errors.CheckViolation, match="at its end"):
        people.delegate(parent, taker)


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "verifier", "limit_minor": 1, "limit_currency": "GBP"},
        {"limit_minor": -1, "limit_currency": "GBP"},
        {"limit_minor": 0, "limit_currency": "GBP"},
        {"limit_minor": 1},
        {"limit_currency": "GBP"},
        {"reason": "Leave"},
    ],
)
def test_a_limit_is_an_approvers_and_a_reason_a_delegations(people, changes):
    with pytest.raises(errors.CheckViolation):
        people.grant(people.register(), **changes)


days = st.integers(0, 5)


@settings(max_examples=tries(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parents=st.lists(
        st.tuples(days, st.none() | days, st.sampled_from(["approver", "provider"]), st.booleans()),
        min_size=1,
        max_size=3,
    ),
    given_away=st.lists(
        st.tuples(st.integers(0, 2), days, days, st.none() | st.integers(1, 9), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    limit=st.none() | st.integers(1, 9),
    shut_out=st.booleans(),
)
def test_a_delegates_rights_are_among_the_delegators(
    engine: Engine, database_urls, parents, given_away, limit, shut_out
):
    """Whatever the database takes, on every day: the same places, and no claim is too large only
    for the delegator.
    """
    with psycopg.connect(database_urls.owner) as connection:
        people = People(connection)
        giver, taker, made = people.register(), people.register(), []
        for first, last, role, ended in parents:
            capped = {"limit_minor": limit, "limit_currency": limit and "GBP"}
            until = None if last is None else TODAY + max(first, last) * DAY
            grant = people.grant(
                giver, role=role, from_date=TODAY + first * DAY, to_date=until,
                **(capped if role == "approver" else {}),
            )  # fmt: skip
            made.append((grant, role, ended))
        for place, first, last, own, ended in given_away:
            parent, role, _ = made[place % len(made)]
            capped = {"limit_minor": own, "limit_currency": own and "GBP"}
            asked = {"from_date": TODAY + first * DAY, "to_date": TODAY + last * DAY}
            try:
                with connection.transaction():
                    one = people.delegate(
                        parent, taker, role=role, **asked, **(capped if role == "approver" else {})
                    )
            except errors.CheckViolation:
                continue
            if ended:
                people.end("grant_ends", one)
        for grant, _, ended in made:
            if ended:
                people.end("grant_ends", grant)
        if shut_out:
            people.end("principal_ends", giver)
        connection.commit()
    with UnitOfWork(engine, read_only=True) as uow:
        for offset in range(-1, 7):
            day = TODAY + offset * DAY
            theirs = grants.in_force(uow.connection, [giver], day)
            his = grants.in_force(uow.connection, [taker], day)
            assert not (his and shut_out)
            assert {(one.contract_id, one.party, one.role) for one in his} <= {
                (one.contract_id, one.party, one.role) for one in theirs
            }
            assert {one.delegated_from for one in his} <= {one.grant_id for one in theirs}
            for total in map(Money, range(1, 11)):
                may, delegator_may = (
                    within_limit([one for one in held if one.role is AccessRole.APPROVER], total)
                    for held in (his, theirs)
                )
                assert not may or delegator_may

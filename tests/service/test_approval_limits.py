"""Nobody approves more than their limit: corrections, claims to a fund, claims of one period."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from uuid_utils import uuid7

from app.domain.access import AccessRole, Grant, PrincipalKind
from app.domain.errors import NotPermitted
from app.domain.money import Money
from app.domain.parties import Actor
from app.service.claims import get_claim
from app.service.corrections import approve_correction
from app.storage import principals
from app.storage.engine import run_transaction
from app.storage.principals import StoredPrincipal
from tests.correcting import Correcting
from tests.factories import COUNCIL, SPV
from tests.letting_in import LONG_AGO, let_in
from tests.service.world import refused


@pytest.fixture
def approved(world):
    """Claim 1 of 6,500.00, of which the fund bears 1,625.00, approved on 3 April 2020."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    return world.on("2020-05-04")


@pytest.fixture
def officer(world):
    """Enters an officer of the council with a grant, as the service would have."""

    def enter(role: AccessRole, limit: str | None) -> Actor:
        person = str(uuid7())
        amount = None if limit is None else Money.parse(limit)
        made = Grant(
            str(uuid7()), world.contract_id, COUNCIL, role, date(2019, 1, 1), approval_limit=amount
        )

        def work(uow) -> None:
            principals.add(
                uow.connection,
                StoredPrincipal(person, PrincipalKind.PERSON, "n", "Council", "b", LONG_AGO),
            )
            let_in(uow.connection, made, person)

        run_transaction(world.context.engine, work)
        by = Actor(COUNCIL, person)
        world.mandates[by] = (made,)
        return by

    return enter


def propose(world, amount: str, kind: str = "reversal") -> str:
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    return desk.propose(1, amount=amount, kind=kind).correction.correction_id


def approve(world, correction_id: str, by: Actor):
    return approve_correction(world.context, world.by(by), correction_id).answer


def hold(world, act, by: Actor, *, may: bool) -> None:
    """What may be done is; what may not, neither service nor database lets through."""
    if may:
        assert act() is not None
        return
    before = world.state()
    refusal = refused("above-your-limit", act)
    assert isinstance(refusal, NotPermitted)
    unlimited = tuple(replace(one, approval_limit=None) for one in world.mandates[by])
    world.mandates[by] = unlimited  # as if the service had not known
    with pytest.raises(IntegrityError, match="above the limit of its approver"):
        act()
    assert world.state() == before


@pytest.mark.parametrize(
    ("kind", "limit", "may"),
    [
        ("reversal", "999.99", False),
        ("reversal", "1000.00", True),
        ("reversal", None, True),
        ("goodwill", "7499.99", False),  # with the claim that one person approved
        ("goodwill", "7500.00", True),
    ],
)
def test_corrections(approved, officer, limit, may, kind):
    by, one = officer(AccessRole.APPROVER, limit), propose(approved, "1000", kind)
    hold(approved, lambda: approve(approved, one, by), by, may=may)


@pytest.mark.parametrize(("second", "may"), [("399.99", True), ("400.00", True), ("400.01", False)])
def test_corrections_of_one_claim_are_added_up(approved, officer, second, may):
    by = officer(AccessRole.APPROVER, "1000.00")
    approve(approved, propose(approved, "600.00"), officer(AccessRole.APPROVER, None))
    one = propose(approved, second)
    hold(approved, lambda: approve(approved, one, by), by, may=may)


@pytest.mark.parametrize(("limit", "may"), [("1624.99", False), ("1625.00", True), (None, True)])
def test_claims_to_a_fund(approved, officer, limit, may):
    by = officer(AccessRole.COMMISSIONER_FINANCE, limit)
    number = approved.fund_claim("2020-05-05")
    hold(approved, lambda: approved.submit_fund_claim(number, "2020-05-06", by=by), by, may=may)


def test_an_approvers_limit_does_not_hold_for_what_finance_does(approved, officer):
    by = officer(AccessRole.APPROVER, "1.00")
    finance = officer(AccessRole.COMMISSIONER_FINANCE, "1625.00")
    approved.mandates[by] = approved.mandates[finance]  # both roles are theirs
    number = approved.fund_claim("2020-05-05")
    assert approved.submit_fund_claim(number, "2020-05-06", by=by).state == "submitted"


def test_who_could_is_named_by_the_role_that_it_takes(approved, officer):
    by = officer(AccessRole.COMMISSIONER_FINANCE, "5.00")
    could, other = (
        officer(role, None) for role in (AccessRole.COMMISSIONER_FINANCE, AccessRole.APPROVER)
    )
    number = approved.fund_claim("2020-05-05")
    refusal = refused("above-your-limit", approved.submit_fund_claim, number, "2020-05-06", by=by)
    assert "GBP 1,625.00" in refusal.message
    assert could.person in refusal.message
    assert other.person not in refusal.message


@pytest.mark.parametrize(("limit", "may"), [("12999.99", False), ("13000.00", True)])
def test_claims_of_one_period_are_added_up(approved, officer, limit, may):
    approved.moved("P2", "2020-03-01", referred="2020-01-02")
    late = approved.submit("MOVE", "2020-04-06", "P2", dated="2020-03-30")
    approved.decide(late, "2020-04-06", dated="2020-03-31")
    approved.claim("2020 Q1", "2020-05-05")
    by = officer(AccessRole.APPROVER, limit)
    hold(approved, lambda: approved.approve(2, "2020-05-06", by=by), by, may=may)


@pytest.mark.parametrize(("limit", "may"), [("6499.99", False), ("6500.00", True)])
def test_money_taken_back_counts_without_its_sign(approved, officer, limit, may):
    [line] = get_claim(approved.context, approved.contract_id, 1).claim.lines
    approved.claw_back(line.source_id, "2020-05-05")
    approved.claim("2020 Q2", "2020-07-03")
    by = officer(AccessRole.APPROVER, limit)
    hold(approved, lambda: approved.approve(2, "2020-07-06", by=by), by, may=may)


def test_the_first_of_two_is_held_to_a_limit_too(world, officer):
    world.agree(claims={"second_approval_above": "1000.00"}).moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    first, second = (officer(AccessRole.APPROVER, None) for _ in range(2))
    for by in (first, second):
        world.approve(1, "2020-04-03", by=by)
    one = propose(world, "1000.01")
    little = officer(AccessRole.APPROVER, "1000.00")
    hold(world, lambda: approve(world, one, little), little, may=False)
    number = world.fund_claim("2020-05-05")
    finance = officer(AccessRole.COMMISSIONER_FINANCE, "1624.99")
    submit = world.submit_fund_claim
    hold(world, lambda: submit(number, "2020-05-05", by=finance), finance, may=False)

"""Claims to a fund above the limit of the terms: two persons of the commissioner submit them.

The fund bears a quarter of each move of 6,500.00, which is 1,625.00.
"""

import pytest
from sqlalchemy.exc import IntegrityError

from app.domain.access import AccessRole, Grant
from app.domain.parties import Actor
from app.payments.approvals import ToApprove
from app.service.claims import get_claim
from app.service.fund_claims import get_fund_claim, list_fund_claims, query_fund_claim
from app.service.journal import list_records
from app.service.verify import verify
from tests.factories import COUNCIL, FUND, day, funding
from tests.service.world import APPROVER, FUNDER, MANAGER, refused

SECOND = Actor(COUNCIL, "council-officer-3")


def approved(world, above: str | None, moves: int = 1, **changes):
    """So many moves of one quarter, approved as one claim on 3 April 2020."""
    world.agree(claims={"second_approval_above": above}, **changes)
    for place in range(moves):
        world.moved(f"P{place}")
        world.earn("MOVE", "2020-01-20", f"P{place}")
    approve(world, "2020 Q1", "2020-04-03")
    return world


def approve(world, period: str, on: str) -> None:
    view = world.claim(period, on)
    world.approve(view.claim.claim_number, on)
    if view.second_approval_needed:
        world.approve(view.claim.claim_number, on, by=SECOND)


def prepared(world, above: str | None = "1624.99", **changes):
    """Claim 1 to the fund, of 1,625.00, prepared on 1 May 2020."""
    approved(world, above, **changes).fund_claim("2020-05-01")
    return world


def stored(world, number: int = 1):
    return get_fund_claim(world.context, world.contract_id, number).stored


def query(world, number: int, on: str):
    world.on(on)
    return query_fund_claim(world.context, world.by(FUNDER), number, note="Why?").answer


@pytest.mark.parametrize(
    ("above", "state"),
    [
        ("1624.99", "first_approved"),
        ("1625.00", "submitted"),
        ("1625.01", "submitted"),
        ("0.00", "first_approved"),
        (None, "submitted"),
    ],
)
def test_a_penny_above_the_limit_takes_two(world, above, state):
    prepared(world, above)
    assert stored(world).approval.takes_two is (state == "first_approved")
    answered = world.submit_fund_claim(1, "2020-05-04")
    found = stored(world)
    assert (answered.state, found.state) == (state, state)
    assert (answered.approval, str(found.state_since)) == (found.approval, "2020-05-04")


def test_the_second_submits_it_and_both_are_on_record(world):
    prepared(world)
    world.submit_fund_claim(1, "2020-05-04")
    version = stored(world).version
    refused("second-approver-is-first", world.submit_fund_claim, 1, "2020-05-05")
    assert world.submit_fund_claim(1, "2020-05-05", by=SECOND).state == "submitted"
    assert stored(world).version > version
    assert stored(world).approval.first.by == APPROVER
    records = list_records(world.context, world.contract_id, limit=100)
    assert [(one.kind, one.actor) for one in records[-3:]] == [
        ("fund_claim_prepared", APPROVER),
        ("fund_claim_first_approved", APPROVER),
        ("fund_claim_submitted", SECOND),
    ]
    refused("fund-claim-state", world.submit_fund_claim, 1, "2020-05-06", by=SECOND)
    paid = ("fund-claim:1", "1625.00")
    world.pay(FUND, COUNCIL, "1625.00", paid, on="2020-05-07")
    assert stored(world).state == "paid"
    assert verify(world.context, world.contract_id).intact


@pytest.mark.parametrize("by", [MANAGER, FUNDER])
def test_another_party_gives_neither(world, by):
    prepared(world)
    for _ in ("first", "second"):
        before = world.state()
        refused("party-not-permitted", world.submit_fund_claim, 1, "2020-05-05", by=by)
        assert world.state() == before
        world.submit_fund_claim(
            1, "2020-05-05", by=SECOND if stored(world).approval.first else APPROVER
        )
    assert stored(world).state == "submitted"


def test_who_acts_for_the_first_does_not_give_the_second(world, monkeypatch):
    prepared(world)
    world.submit_fund_claim(1, "2020-05-04")
    delegated = Grant(
        "g", world.contract_id, COUNCIL, AccessRole.COMMISSIONER_FINANCE, day("2020-01-01"),
        delegated_from="own", delegated_by=APPROVER.person,
    )  # fmt: skip
    world.mandates[SECOND] = (delegated,)
    second = {"on": "2020-05-05", "by": SECOND}
    refused("second-approver-is-first", world.submit_fund_claim, 1, **second)
    monkeypatch.setattr("app.service.command.Work.is_behind", lambda *_: False)
    with pytest.raises(IntegrityError, match="the approval of two persons"):
        world.submit_fund_claim(1, **second)
    assert stored(world).state == "first_approved"


def test_the_second_is_given_on_what_was_read_and_not_before_the_first(world):
    prepared(world)
    version = stored(world).version
    before = world.state()
    world.submit_fund_claim(1, "2020-05-05", expected_version=version, dry_run=True)
    assert world.state() == before
    world.submit_fund_claim(1, "2020-05-05", expected_version=version)
    again = {"by": SECOND, "expected_version": version}
    refused("stale-version", world.submit_fund_claim, 1, "2020-05-06", **again)
    early = {"by": SECOND, "dated": "2020-05-04"}
    refused("date-out-of-order", world.submit_fund_claim, 1, "2020-05-06", **early)
    world.submit_fund_claim(1, "2020-05-06", by=SECOND, dated="2020-05-05")
    assert str(stored(world).state_since) == "2020-05-05"


def test_the_fund_queries_what_two_submitted_and_one_submits_it_again(world):
    prepared(world)
    world.submit_fund_claim(1, "2020-05-04")
    refused("fund-claim-state", query, world, 1, "2020-05-04")
    world.submit_fund_claim(1, "2020-05-05", by=SECOND)
    query(world, 1, "2020-05-06")
    assert world.submit_fund_claim(1, "2020-05-07").state == "submitted"
    assert verify(world.context, world.contract_id).intact


@pytest.mark.parametrize(
    ("above", "state"), [("3249.99", "first_approved"), ("3250.00", "submitted")]
)
def test_claims_to_a_fund_for_one_period_are_added_up(world, above, state):
    """1,625.00 for days to 1 May and as much, approved later, for days from 1 January again."""
    prepared(world, above)
    world.submit_fund_claim(1, "2020-05-01")
    world.moved("P9", "2020-04-15")
    world.earn("MOVE", "2020-04-20", "P9")
    approve(world, "2020 Q2", "2020-07-03")
    world.fund_claim("2020-07-06", "2020-01-01")
    assert str(stored(world, 2).approval.amount) == "3250.00"
    assert world.submit_fund_claim(2, "2020-07-07").state == state
    if state == "first_approved":
        world.submit_fund_claim(2, "2020-07-07", by=SECOND)
    # What was submitted before it is not what was submitted after: the first stays as it was.
    assert [
        str(one.approval.amount) for one in list_fund_claims(world.context, world.contract_id)
    ] == ["1625.00", "3250.00"]
    query(world, 1, "2020-07-08")
    assert world.submit_fund_claim(1, "2020-07-09").state == "submitted"
    assert verify(world.context, world.contract_id).intact


@pytest.mark.parametrize(
    ("calendar", "start", "end", "state"),
    [
        ("quarter", "2020-04-06", "2020-04-30", "first_approved"),
        ("quarter", "2020-04-06", "2020-07-31", "first_approved"),
        ("quarter", "2020-07-01", "2020-09-30", "first_approved"),
        ("month", "2020-04-06", "2020-04-30", "first_approved"),
        ("month", "2020-05-01", "2020-05-31", "first_approved"),
        ("any", "2020-04-06", "2020-04-30", "submitted"),
        ("any", "2020-07-01", "2020-09-30", "submitted"),
    ],
)
def test_days_are_not_chosen_to_keep_claims_apart(world, monkeypatch, calendar, start, end, state):
    """Approved on 3 and 8 April; the days of one claim to the fund start after another's end."""
    world.agree(
        claims={"second_approval_above": "6500.00", "calendar": calendar},
        funding=funding(shares=[{"payer": FUND, "share": "1"}]),
    )
    for name, on in (("P1", "2019-12-28"), ("P2", "2020-02-28")):
        world.moved(name, on)
        world.earn("MOVE", on, name)
    world.approved_claim("2019 Q4", "2020-04-03")
    world.approved_claim("2020 Q1", "2020-04-08")
    for first, last in (("2020-01-01", "2020-04-05"), (start, end)):
        number = world.fund_claim(max(last, "2020-04-09"), first, last)
        told = stored(world, number).approval
        submitted = world.submit_fund_claim(number, max(last, "2020-04-09"))
        assert submitted.approval.amount == told.amount
    assert (submitted.claim.fund_claim_number, submitted.state) == (2, state)
    assert str(told.amount) == ("6500.00" if state == "submitted" else "13000.00")
    if state == "first_approved":
        monkeypatch.setattr(ToApprove, "takes_two", False)
        monkeypatch.setattr("app.service.fund_claims.require_another", lambda *_: None)
        with pytest.raises(IntegrityError, match="the approval of two persons"):
            world.submit_fund_claim(2, str(submitted.state_since))
    assert verify(world.context, world.contract_id).intact


def test_what_is_only_prepared_or_for_other_days_is_not_added(world):
    prepared(world, "2000.00")
    world.moved("P9", "2020-04-15")
    world.earn("MOVE", "2020-04-20", "P9")
    approve(world, "2020 Q2", "2020-07-03")
    world.fund_claim("2020-07-06", "2020-01-01")
    assert world.submit_fund_claim(2, "2020-07-06").state == "submitted"  # 1 is only prepared
    world.moved("P8", "2020-07-15")
    world.earn("MOVE", "2020-07-20", "P8")
    approve(world, "2020 Q3", "2020-10-05")
    world.fund_claim("2020-10-06", "2020-10-01")
    assert world.submit_fund_claim(3, "2020-10-06").state == "submitted"
    assert world.submit_fund_claim(1, "2020-10-07").state == "first_approved"  # with 2 now


@pytest.mark.parametrize(("end", "above"), [("2020-04-30", "5000.00"), ("2020-05-01", "10.00")])
def test_the_limit_is_that_of_the_terms_at_the_end_of_its_period(world, end, above):
    approved(world, "5000.00")
    world.vary("2020-04-20", "2020-05-01", claims={"second_approval_above": "10.00"})
    world.fund_claim("2020-05-04", end=end)
    assert str(stored(world).approval.above) == above
    assert stored(world).claim.period.end == day(end)


def test_what_the_fund_is_given_back_counts_without_its_sign(world):
    approved(world, "1624.99")
    world.fund_claim("2020-05-01")
    for by in (APPROVER, SECOND):
        world.submit_fund_claim(1, "2020-05-01", by=by)
    world.claw_back(*earned(world), "2020-05-04")
    approve(world, "2020 Q2", "2020-07-03")
    world.fund_claim("2020-07-06", "2020-05-02")
    assert (str(stored(world, 2).asked), str(stored(world, 2).approval.amount)) == (
        "-1625.00", "1625.00",
    )  # fmt: skip
    assert world.submit_fund_claim(2, "2020-07-06").state == "first_approved"


def earned(world) -> list[str]:
    """The entitlements of claim 1."""
    lines = get_claim(world.context, world.contract_id, 1).claim.lines
    return [line.source_id for line in lines]

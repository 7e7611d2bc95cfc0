"""The fund's share: what is asked of it, its states, and how its award stands."""

from datetime import UTC, datetime

import pytest

from app.domain.period import Period
from app.service.fund_claims import get_fund_claim, list_fund_claims, query_fund_claim
from app.service.set_offs import set_off
from app.service.verify import verify
from tests.factories import COUNCIL, FUND, day, funding
from tests.service.world import APPROVER, FUNDER, MANAGER, allocated, optional_day, refused
from tests.settling import Settling

SPAN = ("2020-01-01", "2020-04-30")


@pytest.fixture
def approved(world):
    """A move of 6,500.00 approved on 3 April 2020; the fund bears 1,625.00."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    return world


def query(world, number: int, on: str, by=FUNDER, dated: str = "", note: str = "Why?", **options):
    world.on(on)
    command = world.by(by, **options)
    return query_fund_claim(
        world.context, command, number, note=note, on=optional_day(dated)
    ).answer


def state(world, number: int = 1) -> str:
    return get_fund_claim(world.context, world.contract_id, number).stored.state.value


def test_the_golden_contracts_fund_is_asked_in_two_claims(context, clock, contract_id, golden):
    """19,000.00 awarded; the cap bites on P3 S12, the end date on P2 S18; P3 S12 comes back."""
    golden.run()
    clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    settling = Settling(context, contract_id, "lcf")
    first = settling.reclaim(Period(day("2019-10-01"), day("2023-12-31")))
    second = settling.reclaim(Period(day("2023-10-01"), day("2024-02-29")))
    assert (first, second) == (1, 2)
    before, after = (get_fund_claim(context, contract_id, number) for number in (1, 2))
    assert (str(before.position.claimed), str(before.position.headroom)) == ("19000.00", "0.00")
    assert (str(after.stored.asked), str(after.position.claimed), str(after.position.headroom)) == (
        "-1241.26",
        "17758.74",
        "1241.26",
    )
    assert [(one.metric, one.count, str(one.amount)) for one in after.by_metric] == [
        ("S12", -1, "-1241.26")
    ]
    shortfalls = [(one.reason.value, one.bearer.value, str(one.amount)) for one in after.shortfalls]
    assert shortfalls == [
        ("cap", "commissioner", "820.74"),
        ("end_date", "commissioner", "813.00"),
        ("cap", "commissioner", "-820.74"),
    ]
    assert shortfalls[:2] == [
        (one.reason.value, one.bearer.value, str(one.amount)) for one in before.shortfalls
    ]
    assert {one.state.value for one in list_fund_claims(context, contract_id)} == {"paid"}
    assert settling.reclaim(Period(day("2019-10-01"), day("2024-02-29"))) is None
    assert verify(context, contract_id).intact


@pytest.mark.parametrize(
    ("end", "on", "code"),
    [
        ("2020-04-02", "2020-04-30", "nothing-to-claim"),
        ("2020-04-03", "2020-04-30", None),
        ("2020-04-30", "2020-04-29", "period-not-over"),
        ("2020-04-30", "2020-04-30", None),
    ],
)
def test_which_approvals_a_period_holds_and_when_it_may_be_prepared(approved, end, on, code):
    if code:
        refused(code, approved.fund_claim, on, SPAN[0], end)
    else:
        assert approved.fund_claim(on, SPAN[0], end) == 1


def test_who_prepares_for_which_fund(approved):
    refused("fund-unknown", approved.fund_claim, "2020-05-01", *SPAN, fund=COUNCIL)
    refused("fund-unknown", approved.fund_claim, "2020-05-01", *SPAN, fund="spv")
    approved.fund_claim("2020-05-01", *SPAN)
    refused("nothing-to-claim", approved.fund_claim, "2020-05-01", *SPAN)
    refused("party-not-permitted", approved.submit_fund_claim, 1, "2020-05-04", by=MANAGER)
    refused("fund-claim-unknown", approved.submit_fund_claim, 2, "2020-05-04")


def test_a_fund_that_pays_direct_is_not_asked(world):
    world.agree(funding=funding(flow="fund_pays_direct")).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    refused("nothing-to-claim", world.fund_claim, "2020-05-01", *SPAN)


def test_from_prepared_by_way_of_a_query_to_paid_and_back(approved):
    approved.fund_claim("2020-05-01", *SPAN)
    assert state(approved) == "prepared"
    refused("fund-claim-state", query, approved, 1, "2020-05-04")
    approved.submit_fund_claim(1, "2020-05-04")
    refused("fund-claim-state", approved.submit_fund_claim, 1, "2020-05-04")
    refused("party-not-permitted", query, approved, 1, "2020-05-05", by=MANAGER)
    refused("looks-like-email", query, approved, 1, "2020-05-05", note="ask a@b.org")
    refused("date-out-of-order", query, approved, 1, "2020-05-05", dated="2020-05-03")
    refused("date-in-future", query, approved, 1, "2020-05-05", dated="2020-05-06")
    query(approved, 1, "2020-05-05")
    assert state(approved) == "queried"
    approved.submit_fund_claim(1, "2020-05-06")
    paid = approved.pay(FUND, COUNCIL, "1625.00", ("fund-claim:1", "1625.00"), on="2020-05-07")
    assert state(approved) == "paid"
    refused("fund-claim-state", query, approved, 1, "2020-05-08")
    approved.give_back(
        paid.payment.payment_id,
        "625.00",
        ("fund-claim:1", "-625.00"),
        on="2020-05-11",
        by=APPROVER,
    )
    assert state(approved) == "submitted"
    assert verify(approved.context, approved.contract_id).intact


def test_a_claim_is_paid_only_once_it_is_submitted(approved):
    asked = ("fund-claim:1", "1625.00")
    approved.fund_claim("2020-05-01", *SPAN)
    held = approved.pay(FUND, COUNCIL, "1625.00", on="2020-05-04").payment.payment_id
    before = approved.state()
    refused("fund-claim-not-submitted", approved.pay, FUND, COUNCIL, "9.00", asked, on="2020-05-04")
    refused("fund-claim-not-submitted", approved.allocate, held, asked, on="2020-05-04", by=FUNDER)
    assert (approved.state(), state(approved)) == (before, "prepared")
    approved.submit_fund_claim(1, "2020-05-04")
    query(approved, 1, "2020-05-05")
    approved.allocate(held, asked, on="2020-05-06", by=FUNDER)
    assert verify(approved.context, approved.contract_id).intact


def test_moves_name_the_version_that_was_read(approved):
    approved.fund_claim("2020-05-01", *SPAN)
    version = get_fund_claim(approved.context, approved.contract_id, 1).stored.version
    stale = {"expected_version": version - 1}
    refused("stale-version", approved.submit_fund_claim, 1, "2020-05-04", **stale)
    approved.submit_fund_claim(1, "2020-05-04", expected_version=version)
    refused("stale-version", query, approved, 1, "2020-05-05", expected_version=version)


def test_a_claim_that_gives_back_is_paid_by_the_commissioner(world):
    world.agree().moved()
    move = world.earn("MOVE", "2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.claw_back(move.entitlement_id, "2020-05-01")
    world.approved_claim("2020 Q2", "2020-07-03")
    number = world.fund_claim("2020-07-06")
    document = f"fund-claim:{number}"
    early = allocated(((document, "-1625.00"), ("fund-claim:1", "1625.00")))
    refused(
        "fund-claim-not-submitted",
        set_off,
        world.context,
        world.by(APPROVER),
        allocations=early,
    )
    world.submit_fund_claim(number, "2020-07-06")
    wrong = (document, "1625.00")
    refused("more-than-open", world.pay, COUNCIL, FUND, "1625.00", wrong, on="2020-07-07")
    paid = world.pay(COUNCIL, FUND, "1625.00", (document, "-1625.00"), on="2020-07-07")
    assert (paid.payment.pays_back, str(paid.on_account)) == (True, "0.00")
    assert state(world, number) == "paid"

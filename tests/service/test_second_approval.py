"""Claims above the limit of their terms: two persons approve, and nothing moves before both have.

MOVE pays 6,500.00 in this contract, so a claim of one move stands at a limit of 6,500.00.
"""

from dataclasses import replace

import pytest

from app.domain.dispute import DisputeReason
from app.domain.errors import NotPermitted
from app.domain.parties import Actor
from app.service.claims import get_claim, list_claims, preview_claim
from app.service.disputes import raise_dispute
from app.service.explain import explain_claim_line
from app.service.journal import list_records
from app.service.ledger import list_entries
from app.service.verify import verify
from tests.factories import COUNCIL, PROVIDER, SPV, gbp, quarter
from tests.service.world import APPROVER, MANAGER, VERIFIER, refused

SECOND = Actor(COUNCIL, "council-officer-3")
CASHIER = Actor(COUNCIL, "council-cashier-1")


def at_limit(above: str | None) -> dict:
    return {"claims": {"second_approval_above": above}}


def claimed(world, above: str | None = "6499.99", **changes):
    """A contract with a limit, and its claim 1 of one move, 6,500.00, submitted on 3 Apr 2020."""
    world.agree(**(at_limit(above) | changes))
    world.moved()
    world.earn("MOVE", "2020-01-20")
    return world.claim("2020 Q1", "2020-04-03")


def stored(world, number: int = 1):
    return get_claim(world.context, world.contract_id, number).stored


def told(world) -> list[str]:
    """The explanation of the claim's only line."""
    return [one.because for one in explain_claim_line(world.context, world.contract_id, 1, 1).steps]


def posted(world) -> int:
    return len(list_entries(world.context, world.contract_id))


# --- How many ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "status"),
    [
        ("6499.99", "first_approved"),
        ("6500.00", "approved"),
        ("6500.01", "approved"),
        ("0.00", "first_approved"),
        (None, "approved"),
    ],
)
def test_a_claim_above_the_limit_takes_two_and_one_at_it_takes_one(world, above, status):
    view = claimed(world, above)
    assert view.second_approval_needed is (status == "first_approved")
    answered = world.approve(1, "2020-04-06")
    assert answered.stored.status == stored(world).status == status
    assert posted(world) == (0 if status == "first_approved" else 1)


@pytest.mark.parametrize(
    ("above", "status"),
    [("6499.99", "first_approved"), ("6500.00", "approved"), ("6500.01", "approved")],
)
def test_money_taken_back_counts_without_its_sign(world, above, status):
    world.agree()
    world.moved()
    move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.vary("2020-04-06", "2020-05-01", **at_limit(above))
    world.claw_back(move.entitlement_id, "2020-06-01")
    assert str(world.claim("2020 Q2", "2020-07-03").totals.payable) == "-6500.00"
    world.approve(2, "2020-07-06")
    assert stored(world, 2).status == status


def test_what_is_taken_back_is_set_against_what_is_paid(world):
    """-6,500.00 and +10,000.00 are 3,500.00, which is not above 5,000.00."""
    world.agree()
    world.moved()
    move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.vary("2020-04-06", "2020-05-01", **at_limit("5000.00"))
    world.claw_back(move.entitlement_id, "2020-06-01")
    world.earn("S06", "2020-07-20")
    assert str(world.claim("2020 Q3", "2020-10-05").totals.payable) == "3500.00"
    world.approve(2, "2020-10-06")
    assert stored(world, 2).status == "approved"


def test_what_caps_cut_does_not_count(world):
    assert not claimed(world, "6000.00", caps={"contract": "6000"}).second_approval_needed


@pytest.mark.parametrize(
    ("number", "period", "needed"), [(1, "2020 Q1", True), (2, "2020 Q2", False)]
)
def test_the_limit_is_that_of_the_terms_that_govern_the_claim(world, number, period, needed):
    """The limit is raised from 1 May 2020: the claim to 31 March has the old one."""
    world.agree(**at_limit("100.00"))
    world.moved("P1")
    world.earn("MOVE", "2020-01-20", "P1")
    world.vary("2020-04-20", "2020-05-01", **at_limit("7000.00"))
    world.moved("P2", "2020-05-15")
    world.earn("MOVE", "2020-05-22", "P2")
    world.claim("2020 Q1", "2020-07-03")
    world.claim("2020 Q2", "2020-07-03")
    view = get_claim(world.context, world.contract_id, number)
    assert view.claim.period == quarter(period)
    assert view.second_approval_needed is needed


# --- Claims of one period ---------------------------------------------------------------------


def supplemented(world, above: str):
    """Claim 1 of 6,500.00 for the first quarter, and claim 2 of as much for it, submitted late."""
    claimed(world, above)
    world.moved("P2", "2020-03-01", referred="2020-01-02")
    late = world.submit("MOVE", "2020-04-06", "P2", dated="2020-03-30")
    world.decide(late, "2020-04-06", dated="2020-03-31")
    return world.claim("2020 Q1", "2020-07-06")


@pytest.mark.parametrize(
    ("above", "status"),
    [("12999.99", "first_approved"), ("13000.00", "approved"), ("13000.01", "approved")],
)
def test_two_claims_of_one_period_do_not_pass_what_one_would_not(world, above, status):
    view = supplemented(world, above)
    assert (str(view.approval.amount), str(view.totals.payable)) == ("13000.00", "6500.00")
    assert not get_claim(world.context, world.contract_id, 1).second_approval_needed
    world.approve(1, "2020-07-07")
    world.approve(2, "2020-07-07")
    assert (stored(world, 1).status, stored(world, 2).status) == ("approved", status)
    if status == "first_approved":
        refused("second-approver-is-first", world.approve, 2, "2020-07-08")
        world.approve(2, "2020-07-08", by=SECOND)
    assert [one.approval.amount for one in list_claims(world.context, world.contract_id)] == [
        gbp("6500.00"),
        gbp("13000.00"),
    ]
    assert verify(world.context, world.contract_id).intact


def test_a_claim_that_was_returned_is_not_added(world):
    supplemented(world, "10000.00")
    world.send_back(1, "2020-07-07")
    world.approve(2, "2020-07-08")
    assert stored(world, 2).status == "approved"
    assert verify(world.context, world.contract_id).intact


def test_a_claim_for_another_period_is_not_added(world):
    world.agree(**at_limit("10000.00"))
    for name, on in (("P1", "2020-01-15"), ("P2", "2020-04-15")):
        world.moved(name, on)
        world.earn("MOVE", on, name)
    for number, period in enumerate(("2020 Q1", "2020 Q2"), start=1):
        assert str(world.claim(period, "2020-07-03").approval.amount) == "6500.00"
        world.approve(number, "2020-07-06")
        assert stored(world, number).status == "approved"


def test_every_party_is_told_what_the_claims_of_a_period_come_to(world):
    supplemented(world, "10000.00")
    for reader in (COUNCIL, SPV, PROVIDER, "fund"):
        view = get_claim(replace(world.context, reader=reader), world.contract_id, 2)
        assert (view.second_approval_needed, view.approval.amount) == (True, gbp("13000.00"))


# --- Between the two --------------------------------------------------------------------------


def test_the_first_approval_posts_nothing_and_says_who_gave_it(world):
    before = claimed(world).stored
    answered = world.approve(1, "2020-04-06", dated="2020-04-04")
    after = stored(world)
    assert answered.stored.first_approval == after.first_approval
    assert (after.first_approval.by, str(after.first_approval.approved_on)) == (
        APPROVER,
        "2020-04-04",
    )
    assert (after.decided_on, after.decided_by) == (None, None)
    assert after.version > before.version
    assert posted(world) == 0
    refused("claim-not-approved", world.issue, 1, "2020-04-07")
    assert told(world)[-1].startswith("Approved first on 2020-04-04 by council")


def test_the_second_approval_posts_the_claim_and_both_are_told(world):
    claimed(world)
    world.approve(1, "2020-04-06")
    assert world.approve(1, "2020-04-07", by=SECOND).stored.status == "approved"
    after = stored(world)
    assert (after.first_approval.by, after.decided_by) == (APPROVER, SECOND)
    assert str(after.decided_on) == "2020-04-07"
    assert posted(world) == 1
    refused("claim-already-decided", world.approve, 1, "2020-04-08", by=CASHIER)
    assert told(world)[-1].startswith("Approved on 2020-04-07 by council")
    assert verify(world.context, world.contract_id).intact


def test_a_preview_and_a_list_say_what_a_claim_will_take(world):
    claimed(world)
    world.moved("P2", "2020-04-10")
    world.earn("MOVE", "2020-04-20", "P2")
    world.on("2020-07-03")
    seen = preview_claim(world.context, world.contract_id, quarter("2020 Q2"))
    assert (seen.second_approval_needed, str(seen.second_approval_above)) == (True, "6499.99")
    assert [
        one.second_approval_needed for one in list_claims(world.context, world.contract_id)
    ] == [True]


def test_a_dry_run_of_either_approval_changes_nothing(world):
    claimed(world)
    before = world.state()
    assert world.approve(1, "2020-04-06", dry_run=True).stored.status == "first_approved"
    assert world.state() == before
    world.approve(1, "2020-04-06")
    before = world.state()
    assert world.approve(1, "2020-04-06", by=SECOND, dry_run=True).stored.status == "approved"
    assert world.state() == before


# --- Who --------------------------------------------------------------------------------------


def test_one_person_does_not_give_both(world):
    claimed(world)
    world.approve(1, "2020-04-06")
    before = world.state()
    error = refused("second-approver-is-first", world.approve, 1, "2020-04-07")
    assert isinstance(error, NotPermitted)
    assert world.state() == before


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (VERIFIER, "approver-is-verifier"),
        (Actor(COUNCIL, MANAGER.person), "approver-is-claimant"),
        (MANAGER, "party-not-permitted"),
        (Actor(PROVIDER, "somebody"), "party-not-permitted"),
    ],
)
def test_who_may_not_approve_gives_neither_the_first_nor_the_second(world, by, code):
    claimed(world)
    before = world.state()
    refused(code, world.approve, 1, "2020-04-06", by=by)
    assert world.state() == before
    world.approve(1, "2020-04-06")
    before = world.state()
    refused(code, world.approve, 1, "2020-04-06", by=by)
    assert world.state() == before


@pytest.mark.parametrize(("by", "may"), [(APPROVER, False), (SECOND, False), (CASHIER, True)])
def test_neither_approver_records_the_payment(world, by, may):
    claimed(world)
    world.approve(1, "2020-04-06")
    world.approve(1, "2020-04-06", by=SECOND)
    world.issue(1, "2020-04-07")
    paying = (COUNCIL, SPV, "6500.00", ("invoice:spv/1", "6500.00"))
    if may:
        assert world.pay(*paying, on="2020-04-08", by=by)
    else:
        refused("payer-is-approver", world.pay, *paying, on="2020-04-08", by=by)


# --- When, and on what ------------------------------------------------------------------------


def test_the_second_names_the_version_that_the_first_made(world):
    version = claimed(world).stored.version
    world.approve(1, "2020-04-06", expected_version=version)
    refused("stale-version", world.approve, 1, "2020-04-07", by=SECOND, expected_version=version)
    world.approve(1, "2020-04-07", by=SECOND, expected_version=stored(world).version)


@pytest.mark.parametrize(
    ("dated", "code"),
    [("2020-04-05", "date-before-first-approval"), ("2020-04-06", None), ("2020-04-07", None)],
)
@pytest.mark.parametrize("act", ["approve", "send_back"])
def test_no_decision_is_dated_before_the_first_approval(world, act, dated, code):
    claimed(world)
    world.approve(1, "2020-04-06")
    if code:
        refused(code, getattr(world, act), 1, "2020-04-08", by=SECOND, dated=dated)
    else:
        assert getattr(world, act)(1, "2020-04-08", by=SECOND, dated=dated)


def test_a_first_approval_is_not_dated_before_the_submission_or_ahead(world):
    claimed(world)
    refused("date-before-submission", world.approve, 1, "2020-04-06", dated="2020-04-02")
    refused("date-in-future", world.approve, 1, "2020-04-06", dated="2020-04-07")


@pytest.mark.parametrize("by", [APPROVER, SECOND, VERIFIER])
def test_a_claim_is_returned_after_its_first_approval_and_made_anew_from_none(world, by):
    claimed(world)
    world.approve(1, "2020-04-06")
    world.send_back(1, "2020-04-07", by=by)
    assert stored(world).status == "returned"
    assert stored(world).first_approval.by == APPROVER
    assert posted(world) == 0
    refused("claim-already-decided", world.approve, 1, "2020-04-08", by=SECOND)
    world.claim("2020 Q1", "2020-04-08")
    assert stored(world, 2).first_approval is None
    world.approve(2, "2020-04-09", by=SECOND)
    world.approve(2, "2020-04-09", by=APPROVER)
    assert stored(world, 2).status == "approved"
    assert verify(world.context, world.contract_id).intact


def test_a_claim_waiting_for_its_second_approval_holds_up_later_ones(world):
    claimed(world)
    world.moved("P2", "2020-04-10")
    world.earn("MOVE", "2020-04-20", "P2")
    world.claim("2020 Q2", "2020-07-03")
    world.approve(1, "2020-07-06")
    refused("earlier-claim-undecided", world.approve, 2, "2020-07-06")
    world.approve(1, "2020-07-07", by=SECOND)
    world.approve(2, "2020-07-07")
    assert stored(world, 2).status == "first_approved"


def test_what_changed_between_the_two_is_not_approved(world):
    """A variation that reaches back lowers the limit: other terms would govern the claim now."""
    claimed(world)
    world.approve(1, "2020-04-06")
    world.vary("2020-04-07", "2020-04-08", "2020-01-01", **at_limit("10.00"))
    before = world.state()
    refused("claim-outdated", world.approve, 1, "2020-04-09", by=SECOND)
    assert world.state() == before
    world.send_back(1, "2020-04-09", by=SECOND)
    world.claim("2020 Q1", "2020-04-10")
    assert str(get_claim(world.context, world.contract_id, 2).second_approval_above) == "10.00"


def test_the_journal_tells_both_approvals_apart(world):
    claimed(world)
    world.approve(1, "2020-04-06")
    world.approve(1, "2020-04-07", by=SECOND)
    kinds = [one.kind for one in list_records(world.context, world.contract_id, limit=100)]
    assert kinds[-2:] == ["claim_first_approved", "claim_approved"]


def test_a_dispute_that_keeps_a_claim_from_approval_keeps_it_from_the_first_too(world):
    claimed(world, disputes={"pay_undisputed": False})
    raise_dispute(
        world.context,
        world.by(APPROVER),
        subject="claim:1/line:1",
        amount=gbp("1.00"),
        reason=DisputeReason.PRICE,
    )
    refused("claim-in-dispute", world.approve, 1, "2020-04-06")
    assert stored(world).first_approval is None


@pytest.mark.parametrize("reader", [COUNCIL, SPV, PROVIDER, "fund"])
def test_every_party_is_told_how_many_it_takes_and_who_was_first(world, reader):
    claimed(world)
    world.approve(1, "2020-04-06")
    view = get_claim(replace(world.context, reader=reader), world.contract_id, 1)
    assert view.second_approval_needed
    assert view.stored.first_approval.by == APPROVER

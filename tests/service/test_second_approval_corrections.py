"""Corrections above the limit of their claim's terms: two persons approve before one is posted.

The line is a move of 6,500.00, of which the council bears 4,875.00 and the fund 1,625.00.
"""

import pytest
from sqlalchemy.exc import IntegrityError

from app.domain.access import AccessRole, Grant
from app.domain.claim import PayerShare
from app.domain.correction import CorrectionState
from app.domain.dispute import DisputeReason, OutcomeKind
from app.domain.errors import NotPermitted
from app.domain.parties import Actor
from app.payments.approvals import ToApprove
from app.service.corrections import get_correction, list_corrections
from app.service.disputes import decide_dispute, raise_dispute
from app.service.explain import explain_entry
from app.service.journal import list_records
from app.service.ledger import list_entries
from app.service.verify import verify
from tests.correcting import Correcting
from tests.factories import COUNCIL, FUND, PROVIDER, SPV, day, gbp
from tests.service.world import APPROVER, MANAGER, VERIFIER, WORKER, refused

SECOND = Actor(COUNCIL, "council-officer-3")


@pytest.fixture
def approved(world):
    """Limit 1,000.00, and claim 1 of 6,500.00 approved by two; it is 4 May 2020."""
    world.agree(claims={"second_approval_above": "1000.00"})
    world.moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    world.approve(1, "2020-04-03")
    world.approve(1, "2020-04-03", by=SECOND)
    return world.on("2020-05-04")


@pytest.fixture
def desk(approved) -> Correcting:
    made = Correcting(approved.context, approved.contract_id, SPV, COUNCIL)
    made.decider = APPROVER
    return made


def propose(desk, amount: str, kind: str = "reversal", **options) -> str:
    return desk.propose(1, amount=amount, kind=kind, **options).correction.correction_id


def stored(world, correction_id: str):
    return get_correction(world.context, world.contract_id, correction_id)


def posted(world) -> int:
    return len(list_entries(world.context, world.contract_id))


@pytest.mark.parametrize(
    ("kind", "amount", "state"),
    [
        ("reversal", "999.99", "approved"),
        ("reversal", "1000.00", "approved"),
        ("reversal", "1000.01", "first_approved"),
        ("goodwill", "1000.00", "approved"),
        ("goodwill", "1000.01", "first_approved"),
        ("goodwill", "-1000.00", "approved"),
        ("goodwill", "-1000.01", "first_approved"),
    ],
)
def test_a_penny_above_the_limit_takes_two_whichever_way_it_goes(
    approved, desk, kind, amount, state
):
    proposed = desk.propose(1, amount=amount, kind=kind)
    assert proposed.approval.takes_two is (state == "first_approved")
    made = desk.approve(proposed.correction.correction_id)
    found = stored(approved, proposed.correction.correction_id)
    assert (made.state, found.state, found.approval) == (state, state, made.approval)
    assert posted(approved) == (1 if state == "first_approved" else 2)


def test_the_second_posts_it_and_both_are_on_record(approved, desk):
    one = propose(desk, "1000.01")
    desk.approve(one, note="As agreed")
    found = stored(approved, one)
    assert (found.approval.first.by, found.decided_by, found.entry_number) == (APPROVER, None, None)
    same = refused("second-approver-is-first", desk.approve, one)
    assert isinstance(same, NotPermitted)
    assert desk.approve(one, by=SECOND).entry_number == 2
    after = stored(approved, one)
    assert (after.approval.first.by, after.decided_by, after.state) == (
        APPROVER, SECOND, "approved",
    )  # fmt: skip
    records = list_records(approved.context, approved.contract_id, limit=100)
    assert [(one.kind, one.actor) for one in records[-2:]] == [
        ("correction_first_approved", APPROVER),
        ("correction_approved", SECOND),
    ]
    explained = str(explain_entry(approved.context, approved.contract_id, 2))
    told = [explained[explained.index(start) :] for start in ("Approved first on", "Approved on")]
    assert told[0].startswith("Approved first on 2020-05-04 by council (council-officer-2)")
    assert told[1].startswith("Approved on 2020-05-04 by council (council-officer-3)")
    assert verify(approved.context, approved.contract_id).intact


def test_who_may_not_approve_gives_neither_the_first_nor_the_second(approved, desk):
    one = propose(desk, "1000.01", by=VERIFIER)
    for _ in ("first", "second"):
        before = approved.state()
        refused("approver-is-proposer", desk.approve, one, by=VERIFIER)
        for stranger in (MANAGER, WORKER, Actor(FUND, "fund-officer-1")):
            refused("party-not-permitted", desk.approve, one, by=stranger)
        assert approved.state() == before
        desk.approve(one, by=SECOND if stored(approved, one).approval.first else APPROVER)
    assert stored(approved, one).state == "approved"


def test_who_acts_for_the_first_does_not_give_the_second(approved, desk, monkeypatch):
    one = propose(desk, "1000.01")
    desk.approve(one)
    delegated = Grant(
        "g", approved.contract_id, COUNCIL, AccessRole.APPROVER, day("2020-01-01"),
        delegated_from="own", delegated_by=APPROVER.person,
    )  # fmt: skip
    desk.by = lambda actor, **_: approved.by(actor, mandate=(delegated,))
    refused("second-approver-is-first", desk.approve, one, by=SECOND)
    monkeypatch.setattr("app.service.command.Work.is_behind", lambda *_: False)
    with pytest.raises(IntegrityError, match="the approval of two persons"):
        desk.approve(one, by=SECOND)
    assert stored(approved, one).state == "first_approved"


@pytest.mark.parametrize("by", [APPROVER, SECOND])
def test_between_the_two_it_is_refused_by_either(approved, desk, by):
    one = propose(desk, "1000.01")
    desk.approve(one)
    assert [
        [found.correction.correction_id for found in listed(approved, state)]
        for state in ("proposed", "first_approved", "refused")
    ] == [[], [one], []]
    desk.refuse(one, by=by)
    assert (stored(approved, one).state, posted(approved)) == ("refused", 1)
    refused("correction-already-decided", desk.approve, one, by=SECOND)
    assert verify(approved.context, approved.contract_id).intact


def listed(world, state: str):
    return list_corrections(world.context, world.contract_id, state=CorrectionState(state))


def test_the_second_is_given_on_what_was_read_and_not_before_the_first(approved, desk):
    one = propose(desk, "1000.01")
    version = stored(approved, one).version
    approved.on("2020-05-06")
    desk.approve(one, version=version, decided_on=day("2020-05-05"))
    refused("stale-version", desk.approve, one, by=SECOND, version=version)
    for act in (desk.approve, desk.refuse):
        early = {"by": SECOND, "decided_on": day("2020-05-04")}
        refused("date-before-first-approval", act, one, **early)
    assert desk.approve(
        one, by=SECOND, version=stored(approved, one).version, decided_on=day("2020-05-05")
    )


def test_what_cannot_be_posted_is_not_approved_first_either(approved, desk):
    one, other = propose(desk, "5000"), propose(desk, "5000")
    desk.approve(one)
    desk.approve(other)
    desk.approve(one, by=SECOND)
    refused("reversal-exceeds-rest", desk.approve, other, by=SECOND)
    third = propose(desk, "1500")
    desk.approve(third)
    desk.approve(third, by=SECOND)
    refused("already-reversed", desk.propose, 1)


@pytest.mark.parametrize(
    ("second", "state"),
    [("399.99", "approved"), ("400.00", "approved"), ("400.01", "first_approved")],
)
@pytest.mark.parametrize("kind", ["reversal", "goodwill"])
def test_corrections_of_one_claim_are_added_up_without_their_signs(
    approved, desk, second, state, kind
):
    """600.00 up, approved by one; and what the second adds to it."""
    desk.refuse(propose(desk, "1000.00"))  # what was refused does not count
    propose(desk, "1000.00")  # nor what is proposed
    desk.approve(propose(desk, "600.00", "goodwill"))
    assert desk.approve(propose(desk, second, kind)).state == state
    assert verify(approved.context, approved.contract_id).intact


def test_a_change_of_split_counts_both_ways(desk):
    """600.00 off the fund's part and 600.00 onto the council's move 1,200.00."""
    off = desk.propose(1, kind="goodwill", shares={FUND: "-600.00"})
    onto = desk.propose(1, kind="goodwill", shares={COUNCIL: "600.00"})
    assert onto.correction.shares == (PayerShare(COUNCIL, gbp("600.00")),)
    assert desk.approve(off.correction.correction_id).state == "approved"
    assert desk.approve(onto.correction.correction_id).state == "first_approved"


def by_hand(world, monkeypatch, correction_id: str, on: str):
    """The second approval by who gave the first, as if the service had not known."""
    monkeypatch.setattr(ToApprove, "takes_two", False)
    monkeypatch.setattr("app.service.corrections.require_another", lambda *_: None)
    desk = Correcting(world.on(on).context, world.contract_id, SPV, COUNCIL)
    with pytest.raises(IntegrityError, match="the approval of two persons"):
        desk.approve(correction_id, by=APPROVER)


@pytest.mark.parametrize(
    ("limit", "amount", "kind", "state"),
    [
        ("6500.00", "0.01", "goodwill", "first_approved"),
        ("6500.00", "6500.00", "goodwill", "first_approved"),
        ("6500.01", "0.01", "goodwill", "approved"),
        ("6500.01", "0.02", "goodwill", "first_approved"),
        ("6500.00", "6500.00", "reversal", "approved"),
    ],
)
def test_a_claim_that_one_approved_and_what_is_added_to_it_pass_as_one(
    world, monkeypatch, limit, amount, kind, state
):
    world.agree(claims={"second_approval_above": limit}).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    desk = Correcting(world.on("2020-05-04").context, world.contract_id, SPV, COUNCIL)
    desk.decider = APPROVER
    one = propose(desk, amount, kind)
    assert desk.approve(one).state == stored(world, one).state == state
    if state == "first_approved":
        by_hand(world, monkeypatch, one, "2020-05-04")
    assert verify(world.context, world.contract_id).intact


@pytest.mark.parametrize(
    ("own", "varied", "amount", "decided", "state"),
    [
        (None, "1000.00", "1000.01", "2020-04-30", "approved"),
        (None, "1000.00", "1000.01", "2020-05-01", "first_approved"),
        (None, "1000.00", "1000.00", "2020-05-01", "approved"),
        ("7000.00", "1000.00", "1000.01", "2020-04-30", "approved"),
        ("7000.00", "1000.00", "1000.01", "2020-05-01", "first_approved"),
        ("6500.00", "9000.00", "6500.00", "2020-05-01", "approved"),
        ("6499.00", None, "6500.00", "2020-05-01", "first_approved"),
    ],
)
def test_the_lower_limit_of_the_claims_terms_and_of_the_days_holds(
    world, monkeypatch, own, varied, amount, decided, state
):
    """A reversal on a claim under terms that a variation changes from 1 May."""
    world.agree(claims={"second_approval_above": own}).moved()
    world.earn("MOVE", "2020-01-20")
    view = world.claim("2020 Q1", "2020-04-03")
    for by in (APPROVER, SECOND)[: 2 if view.second_approval_needed else 1]:
        world.approve(1, "2020-04-03", by=by)
    world.vary("2020-04-20", "2020-05-01", claims={"second_approval_above": varied})
    desk = Correcting(world.on("2020-04-21").context, world.contract_id, SPV, COUNCIL)
    desk.decider = APPROVER
    one = propose(desk, amount)
    world.on("2020-05-04")
    assert desk.approve(one, decided_on=day(decided)).state == state
    if state == "first_approved":
        by_hand(world, monkeypatch, one, "2020-05-05")
    world.vary("2020-05-06", "2020-05-07", "2020-01-01", claims={"second_approval_above": "0.01"})
    assert stored(world, one).state == state
    assert verify(world.context, world.contract_id).intact


def test_what_carries_out_a_dispute_takes_no_approval_and_does_not_count(approved, desk):
    """Who raised it and who recorded its outcome are two parties; 2,000.00 are taken back."""
    raised = raise_dispute(
        approved.context,
        approved.by(APPROVER),
        subject="claim:1/line:1",
        amount=gbp("2000.00"),
        reason=DisputeReason.PRICE,
        raised_on=day("2020-04-06"),
    ).answer
    decide_dispute(
        approved.context,
        approved.by(MANAGER),
        raised.stored.dispute.dispute_id,
        kind=OutcomeKind.UPHELD,
        decided_by="Contract managers",
    )
    (of_dispute,) = listed(approved, "approved")
    assert (str(of_dispute.amount), of_dispute.approval.takes_two) == ("-2000.00", False)
    assert desk.approve(propose(desk, "1000.00")).state == "approved"
    assert verify(approved.context, approved.contract_id).intact


def test_what_an_approval_withholds_takes_no_approval_of_its_own(world):
    """2,000.00 in dispute are taken back in the record of the second approval of the claim."""
    world.agree(claims={"second_approval_above": "1000.00"}).moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    raise_dispute(
        world.context,
        world.by(APPROVER),
        subject="claim:1/line:1",
        amount=gbp("2000.00"),
        reason=DisputeReason.PRICE,
    )
    for by in (APPROVER, SECOND):
        world.approve(1, "2020-04-06", by=by)
    (withheld,) = listed(world, "approved")
    assert (str(withheld.amount), withheld.approval.takes_two) == ("-2000.00", False)
    assert verify(world.context, world.contract_id).intact


def test_one_is_always_enough_where_the_terms_name_no_limit(world):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    made = Correcting(world.context, world.contract_id, PROVIDER, COUNCIL).make(1)
    assert (made.state, made.approval.above) == ("approved", None)

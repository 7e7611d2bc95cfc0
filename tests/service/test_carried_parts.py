"""A line that was carried forward is its outcome's: taken back, disputed and corrected with it."""

import pytest

from app.domain.dispute import DisputeReason, OutcomeKind
from app.domain.parties import Actor
from app.service.disputes import decide_dispute, raise_dispute
from app.service.verify import verify
from tests.correcting import Correcting
from tests.factories import COUNCIL, SPV, gbp
from tests.service.test_claims import CARRYING
from tests.service.world import APPROVER, MANAGER, refused


@pytest.fixture
def carried(world):
    """A move of 6,500.00: 5,875.00 in claim 1; 625.00, carried forward, in claim 2, undecided."""
    world.agree(**CARRYING).moved()
    world.move = world.earn("MOVE", "2020-01-20").entitlement_id
    world.paid_claim("2020 Q1", "2020-04-03")
    world.claim("2020 Q2", "2020-07-03")
    return world


def desk(world) -> Correcting:
    return Correcting(world.context, world.contract_id, SPV, COUNCIL)


def dispute_part(world) -> str:
    done = raise_dispute(
        world.context,
        world.by(APPROVER),
        subject="claim:2/line:1",
        amount=gbp("625.00"),
        reason=DisputeReason.EVIDENCE,
    )
    return done.answer.stored.dispute.dispute_id


def test_a_carried_part_is_not_corrected_once_its_outcome_is_taken_back(carried):
    carried.approve(2, "2020-07-06")
    proposed = desk(carried).propose(2, amount="100")
    carried.claw_back(carried.move, "2020-07-07")
    refused("already-clawed-back", desk(carried).approve, proposed.correction.correction_id)
    refused("already-clawed-back", desk(carried).propose, 2, amount="100")
    refused("already-clawed-back", dispute_part, carried)


def test_an_outcome_is_not_taken_back_once_its_carried_part_is_corrected(carried):
    carried.approve(2, "2020-07-06")
    desk(carried).make(2, amount="100")
    refused("reversed-in-part", carried.claw_back, carried.move, "2020-07-07")
    assert verify(carried.context, carried.contract_id).intact


@pytest.mark.parametrize("approved", [True, False])
def test_an_outcome_is_not_taken_back_while_its_carried_part_is_in_dispute(carried, approved):
    if approved:
        carried.approve(2, "2020-07-06")
    dispute = dispute_part(carried)
    refused("dispute-open", carried.claw_back, carried.move, "2020-07-07")
    decide_dispute(
        carried.context,
        carried.by(MANAGER),
        dispute,
        kind=OutcomeKind.REJECTED,
        decided_by="Board",
    )
    carried.claw_back(carried.move, "2020-07-07")


def test_an_outcome_is_not_taken_back_where_a_dispute_took_a_part_before_approval(carried):
    """Its approval will withhold 625.00: before it the claim is returned, after it corrected."""
    dispute = dispute_part(carried)
    decide_dispute(
        carried.context,
        carried.by(MANAGER),
        dispute,
        kind=OutcomeKind.UPHELD,
        decided_by="Board",
    )
    refused("in-undecided-claim", carried.claw_back, carried.move, "2020-07-07")
    carried.approve(2, "2020-07-08", by=Actor(COUNCIL, "council-officer-3"))
    refused("reversed-in-part", carried.claw_back, carried.move, "2020-07-08")
    assert verify(carried.context, carried.contract_id).intact

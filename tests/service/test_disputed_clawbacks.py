"""A clawback that is disputed before approval: what it would give back stays used."""

from app.domain.dispute import DisputeReason, OutcomeKind
from app.service.disputes import decide_dispute, raise_dispute
from app.service.verify import verify
from tests.factories import gbp
from tests.service.world import APPROVER, MANAGER, VERIFIER


def test_headroom_of_a_disputed_clawback_is_not_given_to_others(world):
    """The cap pays one move of 6,500.00. P1's is taken back, which is disputed, and upheld."""
    world.agree(caps={"contract": "6500"}).moved("P1")
    first = world.earn("MOVE", "2020-01-20", "P1")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.claw_back(first.entitlement_id, "2020-05-04")
    world.claim("2020 Q2", "2020-07-03")
    dispute = raise_dispute(
        world.context,
        world.by(VERIFIER),
        subject="claim:2/line:1",
        amount=gbp("6500.00"),
        reason=DisputeReason.EVIDENCE,
    ).answer.stored.dispute.dispute_id
    world.approve(2, "2020-07-06", by=APPROVER)
    world.moved("P2", "2020-07-13")
    world.earn("MOVE", "2020-07-20", "P2")
    third = world.claim("2020 Q3", "2020-10-02")
    assert [str(line.payable) for line in third.claim.lines] == ["0.00"]
    decide_dispute(
        world.context, world.by(MANAGER), dispute, kind=OutcomeKind.UPHELD, decided_by="Board"
    )
    assert verify(world.context, world.contract_id).intact

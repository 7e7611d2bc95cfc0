"""Whoever acts in whatever order: what is above the limit is approved by two who may."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from app.domain.claim import ClaimStatus
from app.domain.errors import OutcomesError
from app.domain.parties import Actor
from app.service.claims import list_claims
from app.service.ledger import list_entries
from app.service.verify import verify
from tests.factories import COUNCIL, SPV, day, funding
from tests.service.world import World
from tests.tries import tries

PERSONS = ("one", "two", "one", "two", "three", "verifier", "manager")
PARTIES = (COUNCIL, COUNCIL, COUNCIL, COUNCIL, SPV)
ACTORS = st.builds(Actor, st.sampled_from(PARTIES), st.sampled_from(PERSONS))
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("approve", "approve", "approve", "approve", "send_back", "claim")),
        st.integers(1, 3),
        ACTORS,
    ),
    min_size=4,
    max_size=14,
)
LIMITS = st.sampled_from(("0.00", "6499.99", "6500.00", "6500.01", "12999.99", "13000.00"))
REFUSALS = {
    "approver-is-claimant", "approver-is-verifier", "claim-already-decided", "claim-outdated",
    "claim-unknown", "earlier-claim-undecided", "nothing-to-claim", "party-not-permitted",
    "second-approver-is-first",
}  # fmt: skip


def story(context, clock, limit: str) -> World:
    """Two moves verified in the first quarter and one in the second; both quarters claimed."""
    world = World(context, clock, str(uuid7()))
    world.agree(claims={"second_approval_above": limit}, funding=funding(shares=[]))
    for name, on in (("P1", "2020-01-15"), ("P2", "2020-02-15"), ("P3", "2020-04-20")):
        world.moved(name, on)
        submission = world.submit("MOVE", on, name)
        world.decide(submission, on, by=Actor(COUNCIL, "verifier"))
    for name in ("2020 Q1", "2020 Q2"):
        world.claim(name, "2020-07-02", by=Actor(SPV, "manager"))
    return world


@given(ACTS, LIMITS)
@settings(
    max_examples=tries(10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_claim_above_the_limit_is_approved_by_fewer_than_two(context, clock, acts, limit):
    world = story(context, clock, limit)
    today = day("2020-07-02")
    for act, number, who in acts:
        today += timedelta(days=1)
        given_to = "2020 Q2" if act == "claim" else number
        try:
            getattr(world, act)(given_to, today.isoformat(), by=who)
        except OutcomesError as refusal:
            assert refusal.code in REFUSALS, refusal  # noqa: PT017
    found = list_claims(world.context, world.contract_id)
    for view in found:
        one = view.stored
        first = one.first_approval
        if one.status is ClaimStatus.APPROVED:
            approvers = [one.decided_by, *([first.by] if first else [])]
            assert len({actor.person for actor in approvers}) == (
                2 if view.second_approval_needed else 1
            )
            for actor in approvers:
                assert actor.party == COUNCIL
                assert actor.person not in {"verifier", one.by.person}
        assert first is None or view.second_approval_needed
    paid = {view.claim.claim_number for view in found if view.stored.status is ClaimStatus.APPROVED}
    posted = {
        int(stored.entry.source.split("/")[0].removeprefix("claim:"))
        for stored in list_entries(world.context, world.contract_id)
    }
    assert posted == paid
    assert verify(world.context, world.contract_id).intact

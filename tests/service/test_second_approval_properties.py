"""Whoever acts in whatever order: what is above the limit is approved by two who may."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from app.domain.approval import FirstApproval
from app.domain.claim import ClaimStatus
from app.domain.errors import OutcomesError
from app.domain.money import Money
from app.domain.parties import Actor
from app.service.claims import get_claim, list_claims
from app.service.ledger import list_entries
from app.service.verify import verify
from tests.correcting import Correcting
from tests.factories import COUNCIL, FUND, SPV, day, funding
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


def story(context, clock, limit: str, shares=()) -> World:
    """Two moves verified in the first quarter and one in the second; both quarters claimed."""
    world = World(context, clock, str(uuid7()))
    world.agree(claims={"second_approval_above": limit}, funding=funding(shares=list(shares)))
    for name, on in (("P1", "2020-01-15"), ("P2", "2020-02-15"), ("P3", "2020-04-20")):
        world.moved(name, on)
        submission = world.submit("MOVE", on, name)
        world.decide(submission, on, by=Actor(COUNCIL, "verifier"))
    for name in ("2020 Q1", "2020 Q2"):
        world.claim(name, "2020-07-02", by=Actor(SPV, "manager"))
    return world


@given(ACTS, LIMITS)
@settings(
    max_examples=tries(6),
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


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("raise", "take back", "ask")),
        st.integers(1, 2),
        st.sampled_from(("0.01", "999.99", "1000.00", "1000.01", "1500.00")),
        ACTORS,
        st.lists(ACTORS, min_size=2, max_size=4),
    ),
    min_size=4,
    max_size=6,
)
"""A correction of claim 1 or 2, or a claim to the fund; who proposes, who tries to approve it."""

LATER_LIMITS = st.sampled_from(("0.00", "999.99", "1000.00", "2000.00", "4875.00", "9000.00"))
LATER_REFUSALS = {
    "approver-is-proposer", "correction-already-decided", "fund-claim-state", "nothing-to-claim",
    "party-not-permitted", "reversal-exceeds-rest", "second-approver-is-first",
}  # fmt: skip


def let(act, *args, **options):
    """What an act answers; None where it is refused as it may be."""
    try:
        return act(*args, **options)
    except OutcomesError as refusal:
        assert refusal.code in LATER_REFUSALS, refusal  # noqa: PT017
        return None


def require_as_many(first: FirstApproval | None, last: Actor, own: int, beside: int, above: int):
    """Two persons of the commissioner for what is above the limit, by itself or with the rest."""
    approvers = [last, *([first.by] if first else [])]
    assert {actor.party for actor in approvers} == {COUNCIL}
    assert len({actor.person for actor in approvers}) == len(approvers)
    if max(abs(own), abs(own + beside)) > above:
        assert len(approvers) == 2


@given(STEPS, LATER_LIMITS)
@settings(
    max_examples=tries(5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_nothing_else_above_the_limit_passes_with_fewer_than_two(context, clock, steps, limit):
    """What was let through is added up here as it comes: by claim, and for the fund in all."""
    world = story(context, clock, limit, shares=[{"payer": FUND, "share": "0.25"}])
    for number in (1, 2):
        for person in ("four", "five"):
            if get_claim(context, world.contract_id, number).stored.decided_on is None:
                world.approve(number, "2020-07-02", by=Actor(COUNCIL, person))
    desk = Correcting(context, world.contract_id, SPV, COUNCIL)
    above, passed, today = Money.parse(limit).minor, {1: 0, 2: 0, FUND: 0}, day("2020-07-02")
    for what, number, amount, proposer, approvers in steps:
        today += timedelta(days=1)
        on = today.isoformat()
        world.on(on)
        if what == "ask":
            asked = let(world.fund_claim, on, "2020-01-01")
            for who in approvers if asked else ():
                made = let(world.submit_fund_claim, asked, on, by=who)
                if made and made.state == "submitted":
                    own = made.asked.minor
                    require_as_many(made.approval.first, who, own, passed[FUND], above)
                    passed[FUND] += own
            continue
        kind = "goodwill" if what == "raise" else "reversal"
        proposed = let(desk.propose, number, amount=amount, kind=kind, by=proposer)
        for who in approvers if proposed else ():
            made = let(desk.approve, proposed.correction.correction_id, by=who)
            if made and made.state == "approved":
                own = abs(made.amount.minor)
                assert who.person != proposer.person
                require_as_many(made.approval.first, who, own, passed[number], above)
                passed[number] += own
    assert verify(context, world.contract_id).intact

"""Whoever acts in whatever order: what is above the limit is approved by two who may."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from app.domain.claim import ClaimStatus
from app.domain.errors import OutcomesError
from app.domain.money import Money
from app.domain.parties import Actor
from app.service.claims import list_claims
from app.service.corrections import list_corrections
from app.service.fund_claims import list_fund_claims
from app.service.journal import list_records
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


AMOUNTS = st.sampled_from(("0.01", "999.99", "1000.00", "1000.01", "1500.00"))
LATER_ACTS = st.lists(
    st.tuples(
        st.sampled_from(("raise", "take back", "approve", "approve", "approve", "refuse", "ask",
                         "submit", "submit", "submit")),
        st.integers(0, 2),
        AMOUNTS,
        ACTORS,
    ),
    min_size=6,
    max_size=16,
)  # fmt: skip
LATER_LIMITS = st.sampled_from(("0.00", "999.99", "1000.00", "2000.00", "3000.00", "4875.00"))
LATER_REFUSALS = {
    "approver-is-proposer", "correction-already-decided", "correction-exceeds-line",
    "fund-claim-state", "fund-claim-unknown", "nothing-to-claim", "party-not-permitted",
    "reversal-exceeds-rest", "second-approver-is-first",
}  # fmt: skip


def acted(world, desk, act: str, place: int, amount: str, who: Actor, on: str) -> None:
    """One act on the corrections of claims 1 and 2, or on claims to the fund, on a day."""
    proposed = list_corrections(world.context, world.contract_id)
    if act in {"raise", "take back"}:
        kind = "goodwill" if act == "raise" else "reversal"
        desk.propose(place % 2 + 1, amount=amount, kind=kind, by=who)
    elif act == "ask":
        # Whatever has been approved by a day, for days from one of two: periods overlap or do not.
        world.fund_claim(on, ("2020-01-01", "2020-07-01", on)[place])
    elif act == "submit":
        world.submit_fund_claim(place + 1, on, by=who)
    elif proposed:
        one = proposed[place % len(proposed)].correction.correction_id
        (desk.approve if act == "approve" else desk.refuse)(one, by=who)


def counted(own: int, beside: list[int]) -> int:
    return max(abs(own), abs(own + sum(beside)))


@given(LATER_ACTS, LATER_LIMITS)
@settings(
    max_examples=tries(6),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_correction_or_claim_to_a_fund_above_the_limit_passes_with_fewer_than_two(
    context, clock, acts, limit
):
    world = story(context, clock, limit, shares=[{"payer": FUND, "share": "0.25"}])
    for number in (1, 2):
        for person in ("four", "five"):
            world.approve(number, "2020-07-02", by=Actor(COUNCIL, person))
    desk = Correcting(context, world.contract_id, SPV, COUNCIL)
    today = day("2020-07-02")
    for act, place, amount, who in acts:
        today += timedelta(days=1)
        world.on(today.isoformat())
        try:
            acted(world, desk, act, place, amount, who, today.isoformat())
        except OutcomesError as refusal:
            assert refusal.code in LATER_REFUSALS, refusal  # noqa: PT017
    records = list_records(context, world.contract_id, limit=200)
    by_record = {one.sequence: (one.kind, one.actor) for one in records}
    kinds = [kind for kind, _ in by_record.values()]
    above = Money.parse(limit).minor
    approved: dict[int, list[tuple[int, int]]] = {}
    for one in sorted(list_corrections(context, world.contract_id), key=lambda one: one.version):
        before = approved.setdefault(one.correction.claim_number, [])
        own = abs(one.amount.minor)
        takes_two = counted(own, [minor for minor, _ in before]) > above
        if one.state == "approved":
            assert by_record[one.version] == ("correction_approved", one.decided_by)
            require_two(one.approval.first, one.decided_by, takes_two=takes_two)
            before.append((own, one.version))
    submitted = [
        (one, actor) for one in list_fund_claims(context, world.contract_id)
        for sequence, (kind, actor) in by_record.items()
        if kind == "fund_claim_submitted" and sequence == one.version
    ]  # fmt: skip
    for one, actor in submitted:
        beside = [
            other.asked.minor for other, _ in submitted
            if other.version < one.version and other.claim.period.end >= one.claim.period.start
            and other.claim.period.start <= one.claim.period.end
        ]  # fmt: skip
        require_two(one.approval.first, actor, takes_two=counted(one.asked.minor, beside) > above)
    assert kinds.count("fund_claim_submitted") == len(submitted)
    assert verify(context, world.contract_id).intact


def require_two(first, last: Actor, *, takes_two: bool) -> None:
    """Two persons of the commissioner where it takes two, and one where it does not."""
    assert last.party == COUNCIL
    assert (first is not None) or not takes_two
    if first is not None:
        assert first.by.party == COUNCIL
        assert first.by.person != last.person

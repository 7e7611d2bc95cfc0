"""Disputes: who, until when, of how much; steps and their deadlines; what an outcome posts."""

from dataclasses import replace

import pytest

from app.domain.dispute import DisputeReason, OutcomeKind
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.period_close import CloseLevel, PeriodKind
from app.service import disputes
from app.service.claims import get_claim, preview_claim
from app.service.ledger import list_entries
from app.service.payment_clock import read_ageing
from app.service.periods import close_period
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from tests.factories import COUNCIL, SPV, day, gbp, quarter
from tests.service.world import (
    APPROVER,
    FUNDER,
    MANAGER,
    VERIFIER,
    WORKER,
    World,
    optional_day,
    refused,
)

STEPS = [
    {"name": "Contract managers", "working_days": 10},
    {"name": "Project board", "working_days": 20},
]
LINE = "claim:1/line:1"
CLERK = Actor(COUNCIL, "council-officer-3")
PARTNER = Actor(SPV, "spv-manager-2")


def contest(world: World, on: str, amount="6500.00", by=CLERK, line=LINE, dated="", **more) -> str:
    """A dispute of the claim's line; answers its id."""
    world.on(on)
    done = disputes.raise_dispute(
        world.context,
        world.by(by),
        subject=line,
        amount=Money.parse(amount, more.pop("currency", "GBP")),
        reason=DisputeReason.EVIDENCE,
        raised_on=optional_day(dated),
        **more,
    )
    return done.answer.stored.dispute.dispute_id


def hand_on(world: World, dispute: str, on: str, by=CLERK, dated="", **options):
    world.on(on)
    command = world.by(by, **options)
    return disputes.escalate_dispute(
        world.context, command, dispute, on=optional_day(dated), note="The board meets sooner."
    ).answer


def decide(world: World, dispute: str, on: str, kind="upheld", due="", by=PARTNER, **more):
    world.on(on)
    command = world.by(by, expected_version=more.pop("version", None))
    return disputes.decide_dispute(
        world.context,
        command,
        dispute,
        kind=OutcomeKind(kind),
        amount_due=gbp(due) if due else None,
        decided_on=optional_day(more.pop("dated", "")),
        **more,
    ).answer


def standing(world: World, dispute: str, on: str) -> tuple[str, str, bool] | None:
    world.on(on)
    step = disputes.get_dispute(world.context, world.contract_id, dispute).step
    return None if step is None else (step.decided_by, step.deadline.isoformat(), step.overdue)


def owed(world: World) -> list[str]:
    """What the last record's entries add to or take from what the SPV is owed."""
    found = list_entries(world.context, world.contract_id, 0, 200)
    last = found[-1].sequence
    return [
        f"{'' if part.debit.startswith('spv/receivable') else '-'}{part.amount}"
        for one in found
        if one.sequence == last
        for part in one.entry.postings
        if "spv/receivable" in part.debit + part.credit
    ]


@pytest.fixture
def submitted(world) -> World:
    """A move of 6,500.00 in a claim submitted on Wed 1 Apr 2020; the fund bears 1,625.00."""
    world.agree(disputes={"escalation": STEPS}).moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-01")
    return world


@pytest.fixture
def approved(submitted) -> World:
    """The claim approved on Fri 3 Apr 2020."""
    submitted.approve(1, "2020-04-03")
    return submitted


@pytest.mark.parametrize(
    ("dated", "code"),
    [
        ("2020-04-02", "dispute-before-decision"),
        ("2020-04-03", None),
        ("2020-05-04", None),
        # 20 working days: Good Friday, Easter Monday and week-ends do not count.
        ("2020-05-05", None),
        ("2020-05-06", "dispute-window-closed"),
    ],
)
def test_an_approved_line_is_disputed_from_its_approval(approved, dated, code):
    on = max(dated, "2020-04-04")
    if code:
        refused(code, contest, approved, on, dated=dated)
    else:
        contest(approved, on, dated=dated)


def test_a_dispute_recorded_after_the_window_is_too_late_whatever_its_date(approved):
    refused("dispute-window-closed", contest, approved, "2020-05-06", dated="2020-04-03")


@pytest.mark.parametrize(
    ("dated", "code"),
    [
        ("2020-03-31", "dispute-before-decision"),
        ("2020-04-01", None),
        ("2020-05-01", None),
        ("2020-05-02", "dispute-window-closed"),
    ],
)
def test_a_submitted_line_is_disputed_from_its_submission(submitted, dated, code):
    on = max(dated, "2020-04-02")
    if code:
        refused(code, contest, submitted, on, dated=dated)
    else:
        contest(submitted, on, dated=dated)


def test_who_disputes_what(submitted):
    for nobody in (WORKER, MANAGER):
        refused("party-not-permitted", contest, submitted, "2020-04-02", by=nobody)
    contest(submitted, "2020-04-02", by=FUNDER)
    submitted.approve(1, "2020-04-03")
    refused("party-not-permitted", contest, submitted, "2020-04-06", by=WORKER)
    refused("dispute-open", contest, submitted, "2020-04-06", by=MANAGER)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"line": "claim:2/line:1"}, "claim-unknown"),
        ({"line": "claim:1/line:2"}, "claim-line-unknown"),
        ({"line": "claim:1"}, "dispute-subject-unknown"),
        ({"line": "entry:1"}, "dispute-subject-unknown"),
        ({"line": "statement:spv/1/line:1"}, "statement-unknown"),
        ({"amount": "6500.01"}, "dispute-amount"),
        ({"amount": "0.00"}, "dispute-amount"),
        ({"currency": "EUR"}, "currency-not-of-contract"),
        ({"note": "ask a@b.org"}, "looks-like-email"),
        ({"dated": "2020-04-07"}, "date-in-future"),
    ],
)
def test_what_cannot_be_disputed(approved, more, code):
    before = approved.state()
    refused(code, contest, approved, "2020-04-06", **more)
    assert approved.state() == before


def test_steps_their_deadlines_and_handing_on(approved):
    dispute = contest(approved, "2020-04-06")
    # 10 working days from Mon 6 Apr 2020 with Easter in between: Wed 22 Apr.
    assert standing(approved, dispute, "2020-04-22") == ("Contract managers", "2020-04-22", False)
    # 20 more from the day after, with the bank holiday of Fri 8 May: Thu 21 May is the 19th.
    assert standing(approved, dispute, "2020-04-23") == ("Project board", "2020-05-22", False)
    assert standing(approved, dispute, "2020-05-22") == ("Project board", "2020-05-22", False)
    assert standing(approved, dispute, "2020-05-23") == ("Project board", "2020-05-22", True)
    refused("dispute-last-step", hand_on, approved, dispute, "2020-05-25")
    refused(
        "escalation-before-dispute", hand_on, approved, dispute, "2020-05-25", dated="2020-04-05"
    )
    refused("party-not-permitted", hand_on, approved, dispute, "2020-05-25", by=WORKER)
    refused("stale-version", hand_on, approved, dispute, "2020-05-25", expected_version=1)
    refused("date-in-future", hand_on, approved, dispute, "2020-05-25", dated="2020-05-26")
    moved = hand_on(approved, dispute, "2020-05-25", dated="2020-04-20").stored.dispute
    assert [(one.step, one.on.isoformat()) for one in moved.escalations] == [(2, "2020-04-20")]
    assert standing(approved, dispute, "2020-05-25") == ("Project board", "2020-05-19", True)
    assert standing(approved, dispute, "2020-04-19") == ("Contract managers", "2020-04-22", False)
    refused("date-out-of-order", decide, approved, dispute, "2020-05-25", dated="2020-04-19")
    ended = decide(approved, dispute, "2020-05-25", dated="2020-04-20")
    assert ended.stored.dispute.outcome.decided_by == "Project board"
    assert standing(approved, dispute, "2020-05-25") is None
    refused("dispute-not-open", hand_on, approved, dispute, "2020-05-26")
    refused("dispute-not-open", decide, approved, dispute, "2020-05-26")


def test_who_decides_and_how(approved):
    dispute = contest(approved, "2020-04-06", note="The tenancy is not evidenced.")
    for raiser in (CLERK, APPROVER, replace(PARTNER, person=CLERK.person)):
        refused("decider-is-raiser", decide, approved, dispute, "2020-04-08", by=raiser)
    refused("party-not-permitted", decide, approved, dispute, "2020-04-08", by=WORKER)
    refused("stale-version", decide, approved, dispute, "2020-04-08", version=1)
    refused("dispute-unknown", decide, approved, "nothing", "2020-04-08")
    refused("outcome-before-dispute", decide, approved, dispute, "2020-04-08", dated="2020-04-05")
    refused("date-in-future", decide, approved, dispute, "2020-04-08", dated="2020-04-09")
    refused("settlement-missing", decide, approved, dispute, "2020-04-08", "settled")
    refused("settlement-amount", decide, approved, dispute, "2020-04-08", "settled", "6500.00")
    refused("settlement-not-applicable", decide, approved, dispute, "2020-04-08", "upheld", "1.00")
    refused("looks-like-email", decide, approved, dispute, "2020-04-08", decided_by="a@b.org")
    ended = decide(
        approved, dispute, "2020-04-08", by=FUNDER, decided_by="An expert", note="See the minutes."
    )
    assert ended.stored.state.value == "upheld"
    assert ended.stored.dispute.outcome.decided_by == "An expert"
    assert verify(approved.context, approved.contract_id).intact


def test_terms_without_steps_ask_who_decided(world):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    dispute = contest(world, "2020-04-06")
    assert standing(world, dispute, "2020-04-06") is None
    refused("no-escalation-steps", hand_on, world, dispute, "2020-04-07")
    refused("decided-by-missing", decide, world, dispute, "2020-04-07")
    decide(world, dispute, "2020-04-07", decided_by="The chief executives")


@pytest.mark.parametrize(
    ("kind", "due", "at_approval", "at_outcome"),
    [
        ("upheld", "", ["6500.00", "-3000.00"], []),
        ("rejected", "", ["6500.00", "-3000.00"], ["3000.00"]),
        ("settled", "1000.00", ["6500.00", "-3000.00"], ["1000.00"]),
    ],
)
def test_withheld_at_approval_until_it_is_decided(submitted, kind, due, at_approval, at_outcome):
    dispute = contest(submitted, "2020-04-02", "3000.00")
    submitted.approve(1, "2020-04-03")
    assert owed(submitted) == at_approval
    refused("date-out-of-order", decide, submitted, dispute, "2020-04-08", dated="2020-04-02")
    decide(submitted, dispute, "2020-04-08", kind, due)
    assert owed(submitted) == (at_outcome or at_approval)
    assert verify(submitted.context, submitted.contract_id).intact


@pytest.mark.parametrize(
    ("kind", "due", "at_approval"),
    [
        ("upheld", "", ["6500.00", "-3000.00"]),
        ("rejected", "", ["6500.00"]),
        ("settled", "1000.00", ["6500.00", "-2000.00"]),
    ],
)
def test_decided_before_approval_posts_only_what_is_due(submitted, kind, due, at_approval):
    decide(submitted, contest(submitted, "2020-04-02", "3000.00"), "2020-04-03", kind, due)
    left = {"upheld": "3500.00", "rejected": "6500.00", "settled": "4500.00"}[kind]
    contest(submitted, "2020-04-03", left)
    submitted.approve(1, "2020-04-06")
    assert owed(submitted)[: len(at_approval)] == at_approval
    assert owed(submitted)[-1] == f"-{left}"


@pytest.mark.parametrize(
    ("kind", "due", "posted"),
    [("upheld", "", ["-3000.00"]), ("settled", "1000.00", ["-2000.00"])],
)
def test_taken_back_from_an_approved_line(approved, kind, due, posted):
    dispute = contest(approved, "2020-04-06", "3000.00")
    assert owed(approved) == ["6500.00"]
    decide(approved, dispute, "2020-04-08", kind, due)
    assert owed(approved) == posted
    stored = disputes.get_dispute(approved.context, approved.contract_id, dispute).stored
    assert [str(share.amount) for share in stored.shares] == ["2250.00", "750.00"]


def test_a_rejected_line_can_be_disputed_again_and_an_upheld_one_only_in_its_rest(approved):
    decide(approved, contest(approved, "2020-04-06"), "2020-04-07", "rejected")
    decide(approved, contest(approved, "2020-04-08", "6000.00"), "2020-04-09", "upheld")
    refused("dispute-amount", contest, approved, "2020-04-14", "500.01")
    contest(approved, "2020-04-14", "500.00", by=MANAGER)


def test_a_returned_claim_ends_its_disputes(submitted):
    dispute = contest(submitted, "2020-04-02")
    submitted.send_back(1, "2020-04-03")
    found = disputes.get_dispute(submitted.context, submitted.contract_id, dispute)
    assert (found.stored.state.value, found.step) == ("lapsed", None)
    refused("dispute-not-open", decide, submitted, dispute, "2020-04-06")
    refused("dispute-claim-returned", contest, submitted, "2020-04-06")
    submitted.claim("2020 Q1", "2020-04-07")
    contest(submitted, "2020-04-08", line="claim:2/line:1")
    for state, claim, count in (("lapsed", None, 1), ("open", 2, 1), ("open", 1, 0)):
        listed = disputes.list_disputes(
            submitted.context,
            submitted.contract_id,
            state=disputes.DisputeState(state),
            claim_number=claim,
        )
        assert len(listed) == count


def test_where_the_terms_pay_nothing_before_a_dispute_is_decided(world):
    world.agree(disputes={"escalation": STEPS, "pay_undisputed": False}).moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-01")
    dispute = contest(world, "2020-04-02", "1000.00")
    refused("claim-in-dispute", world.approve, 1, "2020-04-03")
    decide(world, dispute, "2020-04-03", "rejected")
    world.approve(1, "2020-04-03")
    (invoice,) = world.issue(1, "2020-04-03")
    contest(world, "2020-04-06", "1000.00")
    aged = read_ageing(world.context, world.contract_id)
    assert (str(aged.held), str(aged.unpaid), invoice.total) == ("6500.00", "6500.00", gbp("6500"))


def test_a_line_in_dispute_is_left_to_its_dispute(approved):
    entitlement = get_claim(approved.context, approved.contract_id, 1).claim.lines[0].source_id
    dispute = contest(approved, "2020-04-06", "1000.00")
    refused("dispute-open", approved.claw_back, entitlement, "2020-04-07")
    decide(approved, dispute, "2020-04-08", "rejected")
    approved.claw_back(entitlement, "2020-04-09")
    refused("already-clawed-back", contest, approved, "2020-04-14", "1000.00")


def test_a_line_that_takes_back_is_disputed_too(approved):
    entitlement = get_claim(approved.context, approved.contract_id, 1).claim.lines[0].source_id
    approved.claw_back(entitlement, "2020-06-29")
    approved.claim("2020 Q2", "2020-07-02")
    approved.approve(2, "2020-07-03", by=Actor(COUNCIL, "council-officer-4"))
    dispute = contest(approved, "2020-07-06", "1500.00", by=MANAGER, line="claim:2/line:1")
    decide(approved, dispute, "2020-07-08", "settled", "500.00", by=CLERK)
    assert owed(approved) == ["1000.00"]
    assert verify(approved.context, approved.contract_id).intact


def test_a_line_of_a_frozen_statement_stands_for_the_line_of_its_claim(approved):
    approved.on("2020-07-01")
    for start in ("2019-10-01", "2020-01-01", "2020-04-01"):
        close_period(
            approved.context,
            approved.by(VERIFIER),
            kind=PeriodKind.QUARTER,
            start=day(start),
            level=CloseLevel.HARD,
        )
    # 20 working days from the close of Wed 1 Jul, not from the approval of 3 Apr.
    refused("dispute-window-closed", contest, approved, "2020-07-02")
    dispute = contest(approved, "2020-07-29", line="statement:spv/3/line:1", amount="1.00")
    stored = disputes.get_dispute(approved.context, approved.contract_id, dispute).stored
    assert stored.line == LINE
    refused(
        "dispute-subject-unknown", contest, approved, "2020-07-29", line="statement:spv/3/line:99"
    )
    decide(approved, dispute, "2020-07-29", "upheld")
    refused("dispute-window-closed", contest, approved, "2020-07-30", line="statement:spv/3/line:1")
    assert verify(approved.context, approved.contract_id).intact


@pytest.mark.parametrize(
    ("kind", "next_claim"), [(None, "3500.00"), ("rejected", "3500.00"), ("upheld", "6500.00")]
)
def test_what_is_withheld_uses_its_caps_until_it_is_given_up(world, kind, next_claim):
    """A contract cap of 10,000.00: 6,500.00 withheld leaves 3,500.00, given up 10,000.00."""
    world.agree(disputes={"escalation": STEPS}, caps={"contract": "10000"}).moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-01")
    dispute = contest(world, "2020-04-02")
    world.approve(1, "2020-04-03")
    if kind:
        decide(world, dispute, "2020-04-08", kind)
    world.moved("P2", "2020-04-10", "2020-02-01")
    world.earn("MOVE", "2020-04-20", "P2")
    view = preview_claim(world.on("2020-07-01").context, world.contract_id, quarter("2020 Q2"))
    assert str(view.totals.payable) == next_claim


def test_the_dispute_is_in_the_first_tie_from_notice_to_outcome(submitted):
    def parts():
        tie = reconciliation(submitted.context, submitted.contract_id).ties[0]
        assert tie.holds
        return {part.name: str(part.total) for part in tie.right.parts}

    dispute = contest(submitted, "2020-04-02", "1000.00")
    assert (parts()["claimed"], parts()["disputed"]) == ("5500.00", "1000.00")
    submitted.approve(1, "2020-04-03")
    assert (parts()["claimed"], parts()["disputed"]) == ("5500.00", "1000.00")
    decide(submitted, dispute, "2020-04-06", "settled", "400.00")
    assert (parts()["claimed"], parts()["disputed"]) == ("5900.00", "600.00")

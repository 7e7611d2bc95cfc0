"""Deciding on evidence: who may, until when, what may stand in for it, what history keeps."""

import pytest

from app.domain.parties import Actor
from app.service.outcomes import get_submission, list_submissions
from tests.factories import COUNCIL, FUND, PROVIDER, SPV, event_metric, sustained_metric
from tests.service.world import APPROVER, BACKER, FUNDER, MANAGER, VERIFIER, WORKER, refused

LETTER = {"type": "letter", "covers": "on_or_after_achievement", "within_days": 28}
WITH_EVIDENCE = {
    "metrics": [
        event_metric("MOVE", "moved_on"),
        sustained_metric("S06", 6, evidence=LETTER),
        sustained_metric("S12", 12),
        sustained_metric("S24", 24),
    ]
}


@pytest.mark.parametrize("by", [WORKER, MANAGER, FUNDER, BACKER, Actor("stranger", "somebody")])
def test_only_the_commissioner_decides_and_waives(world, by):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-07-10")
    before = world.state()
    refused("party-not-permitted", world.decide, submission, "2020-07-21", by=by)
    refused("party-not-permitted", world.waive, submission, "2020-07-21", by=by)
    assert world.state() == before


def test_the_same_person_is_refused_under_another_party(world):
    """One person must not prove and decide, whatever party they name."""
    world.agree().moved()
    submission = world.submit("MOVE", "2020-01-20")
    same = Actor(COUNCIL, WORKER.person)
    refused("verifier-is-submitter", world.decide, submission, "2020-01-21", by=same)


def test_a_party_that_submits_and_commissions_cannot_decide_on_its_own(world):
    both = {"id": COUNCIL, "name": "Council", "roles": ["commissioner", "service_provider"]}
    others = [
        {"id": FUND, "name": "Fund", "roles": ["outcomes_fund"]},
        {"id": SPV, "name": "Company", "roles": ["spv"]},
        {"id": PROVIDER, "name": "Provider", "roles": ["service_provider"]},
    ]
    world.agree(parties=[both, *others])
    in_house = Actor(COUNCIL, "council-worker-1")
    world.person("P1", by=in_house)
    world.event("moved_on 2020-01-15 tenancy", by=in_house)
    submission = world.submit("MOVE", "2020-01-20", by=in_house)
    refused("verifier-is-submitter", world.decide, submission, "2020-01-21", by=APPROVER)


@pytest.mark.parametrize("decision", ["verified", "returned", "rejected"])
def test_a_decision_is_made_once(world, decision):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-01-20")
    reason = None if decision == "verified" else "unsigned"
    world.decide(submission, "2020-01-21", decision, reason=reason)
    before = world.state()
    refused("already-decided", world.decide, submission, "2020-01-22")
    refused("already-decided", world.waive, submission, "2020-01-22")
    assert world.state() == before


def test_a_decision_on_a_submission_that_changed_since_is_refused(world):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-07-01")
    read = get_submission(world.context, world.contract_id, submission).stored.version
    world.waive(submission, "2020-07-02")
    refused("stale-version", world.decide, submission, "2020-07-03", version=read)
    now = get_submission(world.context, world.contract_id, submission).stored.version
    assert world.decide(submission, "2020-07-03", version=now)


# Moved on 15 Jan 2020: due by 30 Jun 2020, the end of the next quarter; long-stop 15 Jul 2020.
LATENESS = [
    ("2020-06-29", None, None),
    ("2020-06-30", None, None),
    ("2020-07-01", None, "late-without-waiver"),
    ("2020-07-01", "2020-07-05", None),
    ("2020-07-15", "2020-07-16", None),
]


@pytest.mark.parametrize(("submitted", "waived", "code"), LATENESS)
def test_the_last_day_to_submit_and_its_waiver(world, submitted, waived, code):
    world.agree().moved()
    submission = world.submit("MOVE", submitted)
    if waived:
        world.waive(submission, waived)
    if code:
        refused(code, world.decide, submission, "2020-07-20")
        assert world.decide(submission, "2020-07-20", "rejected", reason="late") is None
    else:
        assert str(world.decide(submission, "2020-07-20").amount) == "6500.00"


@pytest.mark.parametrize(
    ("day", "code"), [("2020-07-14", None), ("2020-07-15", None), ("2020-07-16", "after-longstop")]
)
def test_the_long_stop(world, day, code):
    world.agree().moved()
    if code:
        refused(code, world.submit, "MOVE", day)
    else:
        world.submit("MOVE", day)


def test_a_waiver_after_the_decisions_date_does_not_count_for_it(world):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-07-01")
    world.waive(submission, "2020-07-10")
    refused("late-without-waiver", world.decide, submission, "2020-07-11", dated="2020-07-09")
    assert world.decide(submission, "2020-07-11", dated="2020-07-10")


def test_a_waiver_is_granted_once_for_what_was_late_and_after_it_was_submitted(world):
    world.agree().moved()
    world.moved("P2", "2020-01-15")
    in_time = world.submit("MOVE", "2020-06-30", "P1")
    late = world.submit("MOVE", "2020-07-01", "P2")
    refused("not-late", world.waive, in_time, "2020-07-02")
    early = {"granted_on": world.on("2020-07-02").clock().date().replace(month=6, day=30)}
    refused("date-before-submission", world.waive, late, "2020-07-02", **early)
    world.waive(late, "2020-07-02")
    refused("already-waived", world.waive, late, "2020-07-03")


LATE_POLICIES = [
    ({"late_policy": "reject"}, "2020-06-30", "6500.00"),
    ({"late_policy": "reduced_price", "late_price_share": "0.75"}, "2020-06-30", "6500.00"),
    ({"late_policy": "reduced_price", "late_price_share": "0.75"}, "2020-07-01", "4875.00"),
    ({"deadline": "none", "longstop_months": None}, "2021-07-01", "6500.00"),
    (
        {"deadline": "months_after_achievement", "deadline_months": 1, "longstop_months": 6},
        "2020-02-15",
        "6500.00",
    ),
]


@pytest.mark.parametrize(("rules", "submitted", "amount"), LATE_POLICIES)
def test_what_the_terms_pay_for_evidence_in_time_and_late(world, rules, submitted, amount):
    world.agree(submission=rules).moved()
    submission = world.submit("MOVE", submitted)
    assert str(world.decide(submission, "2021-07-02").amount) == amount


def test_terms_that_reject_late_items_take_none(world):
    world.agree(submission={"late_policy": "reject"}).moved()
    refused("submitted-late", world.submit, "MOVE", "2020-07-01")


def test_no_waiver_where_the_terms_know_none(world):
    world.agree(submission={"late_policy": "reduced_price", "late_price_share": "0.5"}).moved()
    submission = world.submit("MOVE", "2020-07-01")
    refused("waiver-not-in-terms", world.waive, submission, "2020-07-02")


@pytest.mark.parametrize(
    ("recorded", "accepted", "code"),
    [
        ("2020-06-30", False, None),
        ("2020-07-01", False, "backdated-submission"),
        ("2020-07-01", True, None),
    ],
)
def test_a_submission_dated_in_time_and_recorded_late_needs_acceptance_by_name(
    world, recorded, accepted, code
):
    world.agree().moved()
    submission = world.submit("MOVE", recorded, dated="2020-06-30")
    if code:
        refused(code, world.decide, submission, "2020-07-20", backdated=accepted)
    else:
        assert world.decide(submission, "2020-07-20", backdated=accepted)


# Six months from 15 Jan 2020 are kept on 15 Jul 2020: a letter is dated 15 Jul to 12 Aug.
LETTERS = [
    ("2020-07-14", False),
    ("2020-07-15", True),
    ("2020-08-12", True),
    ("2020-08-13", False),
]


@pytest.mark.parametrize(("dated", "meets"), LETTERS)
def test_evidence_that_does_not_meet_the_rule_is_not_verified(world, dated, meets):
    world.agree(**WITH_EVIDENCE).moved()
    world.on("2020-09-01")
    item = world.evidence("S06", dated)
    submission = world.submit("S06", "2020-09-01", ids=[item])
    if meets:
        assert world.decide(submission, "2020-09-02")
    else:
        error = refused("evidence-incomplete", world.decide, submission, "2020-09-02")
        assert [fault.code for fault in error.faults] == ["evidence-missing"]


@pytest.mark.parametrize(
    ("allowed", "note", "code"),
    [
        (True, "Council tax record for the same days", None),
        (True, None, "note-required"),
        (False, "Council tax record", "equivalent-evidence-not-in-terms"),
    ],
)
def test_equivalent_evidence_is_accepted_by_name_with_a_note(world, allowed, note, code):
    world.agree(**WITH_EVIDENCE, verification={"equivalent_evidence": allowed}).moved()
    submission = world.submit("S06", "2020-07-20")
    accepting = {"note": note, "equivalent_evidence": True}
    if code:
        refused(code, world.decide, submission, "2020-07-21", **accepting)
        return
    entitlement = world.decide(submission, "2020-07-21", **accepting)
    assert entitlement.working[0].rule == "evidence.equivalent"


def test_a_resubmission_keeps_every_round(world):
    world.agree(**WITH_EVIDENCE).moved()
    first = world.submit("S06", "2020-07-16")
    world.decide(first, "2020-07-17", "returned", reason="insufficient_source", note="No letter")
    second = world.submit("S06", "2020-07-20")
    world.decide(second, "2020-07-21", "rejected", reason="unsigned")
    world.on("2020-07-22")
    item = world.evidence("S06", "2020-07-22")
    third = world.submit("S06", "2020-07-23", ids=[item])
    entitlement = world.decide(third, "2020-07-24")
    rounds = [
        (stored.submission.round, stored.submission.occurrence, stored.state, stored.by.person)
        for stored in (
            view.stored
            for view in list_submissions(world.context, world.contract_id, participant_id="P1")
        )
    ]
    assert rounds == [
        (1, 1, "returned", WORKER.person),
        (2, 1, "rejected", WORKER.person),
        (3, 1, "verified", WORKER.person),
    ]
    assert entitlement.submission_id == third
    assert [
        len(list_submissions(world.context, world.contract_id, state=state))
        for state in ("submitted", "returned", "rejected", "verified")
    ] == [0, 1, 1, 1]


def test_what_was_learned_after_the_submission_stops_the_verification(world):
    world.agree().moved()
    submission = world.submit("S06", "2020-07-20")
    world.event("tenancy_ended 2020-07-14 reason=evicted", recorded_on="2020-07-21")
    refused("milestone-no-longer-achieved", world.decide, submission, "2020-07-22")
    world.decide(submission, "2020-07-22", "rejected", reason="before_milestone")


def test_what_ended_after_the_milestone_does_not_stop_it(world):
    world.agree().moved()
    submission = world.submit("S06", "2020-07-20")
    world.event("tenancy_ended 2020-07-16 reason=evicted", recorded_on="2020-07-21")
    assert world.decide(submission, "2020-07-22")


def test_a_decision_may_be_dated_back_but_not_before_the_submission_nor_ahead(world):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-01-20")
    refused("date-before-submission", world.decide, submission, "2020-02-01", dated="2020-01-19")
    refused("date-in-future", world.decide, submission, "2020-02-01", dated="2020-02-02")
    entitlement = world.decide(submission, "2020-02-01", dated="2020-01-20")
    assert entitlement.verified_on.isoformat() == "2020-01-20"


@pytest.mark.parametrize("act", ["decide", "waive"])
def test_a_note_that_names_a_person_is_refused(world, act):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-07-01")
    before = world.state()
    call = getattr(world, act)
    refused("invalid-input", call, submission, "2020-07-02", note="Ask jane@example.org")
    assert world.state() == before


def test_the_verifier_is_recorded(world):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-01-20")
    world.decide(submission, "2020-01-21")
    stored = get_submission(world.context, world.contract_id, submission).stored
    assert stored.verification.by == VERIFIER

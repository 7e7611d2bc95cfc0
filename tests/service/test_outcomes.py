"""Putting outcomes forward: by whom, once per scope, again after a clawback, on a second home."""

import pytest

from app.domain.parties import Actor
from app.service.evidence import NewEvidence, record_evidence
from app.service.outcomes import (
    get_entitlement,
    get_submission,
    list_entitlements,
    list_submissions,
    submit_outcome,
)
from tests.factories import (
    COUNCIL,
    FUND,
    PROVIDER,
    SPV,
    day,
    document,
    event_metric,
    sustained_metric,
)
from tests.service.world import BACKER, FUNDER, MANAGER, VERIFIER, WORKER, lines_of, refused

OTHER = Actor("other", "other-worker-1")
TWO_PROVIDERS = {
    "parties": [
        {"id": COUNCIL, "name": "Council", "roles": ["commissioner"]},
        {"id": FUND, "name": "Fund", "roles": ["outcomes_fund"]},
        {"id": SPV, "name": "Company", "roles": ["spv"]},
        {"id": PROVIDER, "name": "Provider", "roles": ["service_provider"]},
        {"id": "other", "name": "Other provider", "roles": ["service_provider"]},
        {"id": "broker", "name": "Broker", "roles": ["intermediary"]},
    ]
}


@pytest.mark.parametrize("by", [VERIFIER, MANAGER, FUNDER, BACKER, Actor("stranger", "x")])
def test_only_the_provider_registers_records_and_submits(world, by):
    world.agree().moved()
    before = world.state()
    refused("party-not-permitted", world.person, "P2", by=by)
    refused("party-not-permitted", world.event, "died 2020-02-01", by=by)
    refused("party-not-permitted", world.submit, "MOVE", "2020-02-01", by=by)
    assert world.state() == before


def test_a_provider_acts_only_for_its_own_participants(world):
    world.agree(**TWO_PROVIDERS).moved()
    before = world.state()
    refused("party-not-permitted", world.event, "died 2020-02-01", by=OTHER)
    refused("party-not-permitted", world.submit, "MOVE", "2020-02-01", by=OTHER)
    assert world.state() == before
    world.person("P2", by=OTHER)
    world.event("moved_on 2020-02-01 tenancy", "P2", by=OTHER)
    assert world.submit("MOVE", "2020-02-03", "P2", by=OTHER)


@pytest.mark.parametrize(
    ("party", "code"),
    [("other", "party-not-permitted"), ("council", "party-not-permitted"), ("broker", None)],
)
def test_who_may_record_evidence_about_a_participant(world, party, code):
    world.agree(**TWO_PROVIDERS).moved()
    days = dict.fromkeys(("dated_on", "covers_from", "covers_to"), day("2020-01-15"))
    item = NewEvidence(
        participant_id="P1",
        type="letter",
        issuer="landlord",
        supports=("MOVE",),
        sha256="a" * 64,
        held_by="provider",
        **days,
    )
    command = world.by(Actor(party, "somebody-1"))
    if code:
        refused(code, record_evidence, world.context, command, [item])
    else:
        recorded = record_evidence(world.context, command, [item]).answer
        assert recorded.items[0].participant_id == "P1"


def test_evidence_names_this_person_this_metric_and_each_item_once(world):
    world.agree().moved()
    world.moved("P2")
    theirs = world.evidence("MOVE", "2020-01-15", "P2")
    other = world.evidence("S06", "2020-01-15", "P1")
    own = world.evidence("MOVE", "2020-01-15", "P1")
    before = world.state()
    for ids, code, place in (
        ([own, theirs], "evidence-unknown", 1),
        (["no-such-item"], "evidence-unknown", 0),
        ([own, own], "duplicate", 1),
        ([other], "evidence-not-for-metric", 0),
    ):
        error = refused(code, world.submit, "MOVE", "2020-01-20", ids=ids)
        assert error.faults[0].pointer == f"/evidence_ids/{place}"
    assert world.state() == before


@pytest.mark.parametrize(
    ("on", "code"),
    [("2020-07-14", "milestone-not-achieved"), ("2020-07-15", None), ("2020-07-16", None)],
)
def test_a_milestone_is_submitted_from_its_day_on(world, on, code):
    world.agree().moved()
    if code:
        refused(code, world.submit, "S06", on)
    else:
        world.submit("S06", on)


def test_a_submission_is_not_dated_before_its_milestone_nor_ahead(world):
    world.agree().moved()
    refused("milestone-not-achieved", world.submit, "S06", "2020-08-01", dated="2020-07-14")
    refused("date-in-future", world.submit, "S06", "2020-08-01", dated="2020-08-02")
    stored = world.submit("S06", "2020-08-01", dated="2020-07-15")
    submission = get_submission(world.context, world.contract_id, stored).stored.submission
    assert submission.submitted_on.isoformat() == "2020-07-15"


def test_each_metric_is_earned_once_for_life(world):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.event("tenancy_ended 2020-08-01 reason=returned_to_care")
    world.event("returned_to_care 2020-08-01")
    world.event("re_referred 2020-09-01")
    world.event("moved_on 2020-10-01 tenancy")
    error = refused("milestone-not-achieved", world.submit, "MOVE", "2020-10-05")
    assert "once per life" in error.message


def test_a_second_home_earns_what_the_first_did_not(world):
    world.agree().moved()
    world.event("tenancy_ended 2020-05-01 reason=returned_to_care")
    world.event("returned_to_care 2020-05-01")
    world.event("re_referred 2020-06-01")
    world.event("moved_on 2020-07-01 tenancy")
    entitlement = world.earn("S06", "2021-01-05")
    assert entitlement.achieved_on.isoformat() == "2021-01-01"


def second_home(world):
    """Two homes of more than 6 months each: S06 on 15 Jul 2020 and on 1 Apr 2021."""
    world.moved()
    world.event("tenancy_ended 2020-08-01 reason=returned_to_care")
    world.event("returned_to_care 2020-08-01")
    world.event("re_referred 2020-09-01")
    world.event("moved_on 2020-10-01 tenancy")


def test_a_second_home_earns_what_the_first_reached_and_nobody_put_forward_in_time(world):
    """The long-stop of the first home's 6 months was 15 Jan 2021; the second home's still runs."""
    world.agree()
    second_home(world)
    entitlement = world.earn("S06", "2021-04-06")
    assert entitlement.achieved_on.isoformat() == "2021-04-01"


def test_the_first_home_counts_while_it_can_still_be_put_forward(world):
    world.agree(submission={"longstop_months": 24})
    second_home(world)
    stored = get_submission(
        world.context, world.contract_id, world.submit("S06", "2021-04-06")
    ).stored.submission
    assert stored.achieved_on.isoformat() == "2020-07-15"


def test_the_provider_may_name_which_of_two_homes_it_is(world):
    """The first home's evidence was rejected; its long-stop is still to come."""
    world.agree(submission={"longstop_months": 24, "deadline": "none"})
    second_home(world)
    world.decide(world.submit("S06", "2021-04-06"), "2021-04-07", "rejected", reason="undated")
    command = world.on("2021-04-08").by(WORKER)
    told = {"participant_id": "P1", "metric": "S06", "evidence_ids": []}
    wrong = told | {"achieved_on": day("2021-03-31")}
    refused("milestone-not-achieved", submit_outcome, world.context, command, **wrong)
    right = told | {"achieved_on": day("2021-04-01")}
    submission = submit_outcome(world.context, command, **right).answer.submission
    assert (submission.achieved_on, submission.round) == (day("2021-04-01"), 2)
    assert world.decide(submission.submission_id, "2021-04-09").achieved_on == day("2021-04-01")


def test_a_metric_paid_per_spell_is_earned_in_each(world):
    metrics = [event_metric("MOVE", "moved_on"), sustained_metric("S06", 6, once_per="spell")]
    prices = [{"code": "v1", "from_date": "2019-11-28", "prices": {"MOVE": "1", "S06": "2"}}]
    rules = {"longstop_months": 24, "deadline": "none"}
    world.agree(metrics=metrics, rate_card=prices, submission=rules)
    second_home(world)
    first = world.submit("S06", "2021-04-06")
    world.decide(first, "2021-04-07", "rejected", reason="undated")
    again = world.earn("S06", "2021-04-08")
    then = world.earn("S06", "2021-04-09")
    assert [again.scope, then.scope] == ["spell:2020-01-15", "spell:2020-10-01"]
    refused("milestone-not-achieved", world.submit, "S06", "2021-04-10")


def test_a_second_spell_need_not_wait_for_the_decision_on_the_first(world):
    metrics = [event_metric("MOVE", "moved_on"), sustained_metric("S06", 6, once_per="spell")]
    prices = [{"code": "v1", "from_date": "2019-11-28", "prices": {"MOVE": "1", "S06": "2"}}]
    rules = {"longstop_months": 24, "deadline": "none"}
    world.agree(metrics=metrics, rate_card=prices, submission=rules)
    second_home(world)
    first = world.submit("S06", "2021-04-06")
    told = {"participant_id": "P1", "metric": "S06", "evidence_ids": []}
    then = submit_outcome(
        world.context, world.by(WORKER), achieved_on=day("2021-04-01"), **told
    ).answer.submission
    assert world.decide(then.submission_id, "2021-04-07").scope == "spell:2020-10-01"
    assert world.decide(first, "2021-04-08").scope == "spell:2020-01-15"


def test_an_outcome_clawed_back_whole_can_be_earned_again(world):
    world.agree().moved()
    first = world.earn("MOVE", "2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.claw_back(first.entitlement_id, "2020-05-01")
    again = world.submit("MOVE", "2020-05-04")
    stored = get_submission(world.context, world.contract_id, again).stored.submission
    assert (stored.occurrence, stored.round) == (2, 1)
    second = world.decide(again, "2020-05-05")
    view = world.approved_claim("2020 Q2", "2020-07-03")
    assert lines_of(view) == [
        ("clawback", "P1", "MOVE", "-6500.00", "-6500.00"),
        ("outcome", "P1", "MOVE", "6500.00", "6500.00"),
    ]
    assert [
        one.entitlement_id for _, one in list_entitlements(world.context, world.contract_id)
    ] == [
        first.entitlement_id,
        second.entitlement_id,
    ]
    found = get_entitlement(world.context, world.contract_id, second.entitlement_id)
    assert (found.occurrence, found.amount) == (2, first.amount)


def test_a_metric_of_a_later_version_counts_from_its_first_day(world):
    world.agree()
    world.person("P1", "2020-01-10")
    world.vary(
        "2020-03-10",
        "2020-04-01",
        metrics=[
            event_metric("ENG", "engaged", available_from="2020-04-01"),
            event_metric("MOVE", "moved_on"),
            sustained_metric("S06", 6),
            sustained_metric("S12", 12),
            sustained_metric("S24", 24),
        ],
        rate_card=[
            {
                "code": "v1",
                "from_date": "2019-11-28",
                "prices": {"MOVE": "6500", "S06": "10000", "S12": "8000", "S24": "9000"},
            },
            {"code": "v2", "from_date": "2020-04-01", "prices": {"ENG": "1275.50"}},
        ],
    )
    error = refused("milestone-not-achieved", world.submit, "ENG", "2020-04-02")
    assert "not available" in error.message
    world.person("P2", "2020-04-06")
    assert str(world.earn("ENG", "2020-04-07", "P2").amount) == "1275.50"


def test_two_people_may_not_use_one_another_s_right_to_submit_again(world):
    world.agree().moved()
    world.submit("MOVE", "2020-01-20")
    before = world.state()
    refused("already-submitted", world.submit, "MOVE", "2020-01-21", by=WORKER)
    refused("already-submitted", world.submit, "MOVE", "2020-01-21", by=Actor(PROVIDER, "second"))
    assert world.state() == before


# Six months are kept on 15 Jul 2020, with a long-stop of 15 Jan 2021; the run-off ends before it.
@pytest.mark.parametrize(
    ("submitted", "code"),
    [("2020-08-28", None), ("2020-08-29", None), ("2020-08-30", "after-longstop")],
)
def test_nothing_is_put_forward_after_the_run_off(world, submitted, code):
    cohort = document()["cohort"] | {"run_off_months": 6}
    world.agree(service_ends="2020-02-29", cohort=cohort).moved()
    if code:
        refused(code, world.submit, "S06", submitted)
    else:
        assert world.submit("S06", submitted)


@pytest.mark.parametrize(
    ("referred", "code"),
    [("2020-02-28", None), ("2020-02-29", None), ("2020-03-01", "outside-referral-window")],
)
def test_nobody_is_referred_after_the_service_has_ended(world, referred, code):
    world.agree(service_ends="2020-02-29")
    if code:
        refused(code, world.person, "P1", referred)
    else:
        assert world.person("P1", referred)


def test_a_submission_tells_by_when_to_decide(world):
    world.agree().moved()
    world.on("2020-01-20")
    done = submit_outcome(
        world.context, world.by(WORKER), participant_id="P1", metric="MOVE", evidence_ids=[]
    )
    submission_id = done.answer.submission.submission_id
    assert done.answer.decide_by == day("2020-02-10")
    read = get_submission(world.context, world.contract_id, submission_id)
    assert read.decide_by == day("2020-02-10")
    world.decide(submission_id, "2020-01-21")
    (read,) = list_submissions(world.context, world.contract_id)
    assert (read.stored.state, read.decide_by) == ("verified", None)

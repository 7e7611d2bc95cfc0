"""The frame of every command: one transaction, one record; refused or tried, nothing is left."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from uuid_utils import uuid7

from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.domain.period import Period
from app.service import (
    claims,
    clawbacks,
    contracts,
    evidence,
    fund_claims,
    invoices,
    outcomes,
    participants,
    payments,
)
from app.service import verification as verifying
from app.service.command import Change, Command, run
from app.service.context import Context
from app.service.journal import list_records
from app.service.participants import NewEvent
from app.service.verify import verify
from app.storage.evidence_files import EvidenceFiles
from tests.factories import day, document, gbp, quarter
from tests.replay import Clock
from tests.service.world import (
    APPROVER,
    FUNDER,
    MANAGER,
    VERIFIER,
    WORKER,
    ClawbackGround,
    Decision,
    EventKind,
    NewEvidence,
    ReasonCode,
    World,
    noon,
    refused,
)

PRESENT = "2020-11-02"


class Stage:
    """A contract in the middle of its life, for acts that are refused or only tried."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.agree(caps={"person": "28000"})
        world.moved("P1", "2020-01-15")
        world.moved("P2", "2020-02-10")
        self.paid = world.earn("MOVE", "2020-01-20", "P1")
        world.paid_claim("2020 Q1", "2020-04-03")
        self.claimed = world.earn("MOVE", "2020-04-06", "P2")
        world.claim("2020 Q2", "2020-07-03")
        self.open = world.submit("S06", "2020-07-20", "P1")
        self.item = world.evidence("S06", "2020-07-20", "P1")
        world.draft("2020-10-01", "2021-01-01")
        world.on(PRESENT)

    def call(self, act, *args, by: Actor = WORKER, dry_run: bool = False, **kwargs):
        command = Command(self.world.contract_id, by, dry_run=dry_run)
        return act(self.world.context, command, *args, **kwargs).answer

    def evidence_of(self, **changes) -> list[NewEvidence]:
        values = {
            "participant_id": "P1",
            "type": "letter",
            "issuer": "landlord",
            "dated_on": day("2020-07-15"),
            "covers_from": day("2020-07-15"),
            "covers_to": day("2020-07-15"),
            "supports": ("S06",),
            "sha256": "0" * 64,
            "held_by": "provider",
        }
        return [NewEvidence(**(values | changes))]


@pytest.fixture(scope="module")
def stage(engine, tmp_path_factory) -> Stage:
    clock = Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    context = Context(engine, clock, lambda: str(uuid7()), files)
    return Stage(World(context, clock, str(uuid7())))


def draft(stage, **kwargs):
    variation = {"reason": "Agreed"}
    terms = document(effective_from="2021-04-01", variation=variation, title="Third")
    return stage.call(contracts.draft_terms, terms, by=VERIFIER, **kwargs)


def accept(stage, **kwargs):
    stored = contracts.get_terms(stage.world.context, stage.world.contract_id, 2)
    return stage.call(contracts.accept_terms, 2, stored.hash, by=VERIFIER, **kwargs)


def register(stage, **kwargs):
    told = {"referred_on": day("2020-10-05"), "setting": "care", "funded_by_commissioner": True}
    return stage.call(participants.register_participant, participant_id="P9", **told, **kwargs)


def record(stage, **kwargs):
    new = [NewEvent(EventKind.SUPPORT_WITHDRAWN, day("2020-10-05"), note="By letter")]
    return stage.call(participants.record_events, "P1", new, **kwargs)


def file(stage, **kwargs):
    return stage.call(evidence.record_evidence, stage.evidence_of(), **kwargs)


def submit(stage, **kwargs):
    told = {"participant_id": "P2", "metric": "S06", "evidence_ids": []}
    return stage.call(outcomes.submit_outcome, **told, **kwargs)


def decide(stage, **kwargs):
    verified = {"decision": Decision.VERIFIED, "note": "Seen"}
    return stage.call(verifying.decide_submission, stage.open, by=VERIFIER, **verified, **kwargs)


def claim(stage, **kwargs):
    stage_period = {"period": quarter("2020 Q3")}
    return stage.call(claims.submit_claim, by=MANAGER, **stage_period, **kwargs)


def approve(stage, **kwargs):
    return stage.call(claims.approve_claim, 2, by=APPROVER, **kwargs)


def send_back(stage, **kwargs):
    return stage.call(claims.return_claim, 2, by=APPROVER, reason_code="other", **kwargs)


def claw_back(stage, **kwargs):
    ground = {"ground": ClawbackGround.DUPLICATE}
    entitlement = stage.paid.entitlement_id
    return stage.call(clawbacks.claw_back, entitlement, by=VERIFIER, **ground, **kwargs)


TRIED = [draft, accept, register, record, file, submit, decide, approve, send_back, claw_back]


@pytest.mark.parametrize("act", TRIED, ids=lambda act: act.__name__)
def test_a_dry_run_answers_and_changes_nothing(stage, act):
    before = stage.world.state()
    answer = act(stage, dry_run=True)
    assert answer is not None
    assert stage.world.state() == before


def test_a_dry_run_of_creating_a_contract_leaves_none(world):
    command = Command(world.contract_id, VERIFIER, dry_run=True)
    done = contracts.create_contract(world.context, command, document())
    assert (done.answer.number, done.version) == (1, 1)
    refused("contract-unknown", contracts.get_contract, world.context, world.contract_id)
    assert set(world.state().values()) == {0, None}


@pytest.mark.parametrize("act", [register, claim, approve], ids=lambda act: act.__name__)
def test_a_dry_run_answers_what_the_act_then_answers(world, act):
    """Apart from ids and instants, which are new each time."""
    stage = Stage(world)
    stage.call(claims.return_claim, 2, by=APPROVER, reason_code="other") if act is claim else None
    tried, done = act(stage, dry_run=True), act(stage)
    if act is register:
        assert tried == done
    else:
        assert (tried.claim, tried.totals) == (done.claim, done.totals)
    assert verify(world.context, world.contract_id).intact


def test_a_dry_run_refuses_what_the_act_refuses(stage):
    before = stage.world.state()
    refused("participant-exists", register_again, stage, dry_run=True)
    assert stage.world.state() == before


def register_again(stage, **kwargs):
    told = {"referred_on": day("2020-10-05"), "setting": "care", "funded_by_commissioner": True}
    return stage.call(participants.register_participant, participant_id="P1", **told, **kwargs)


REFUSED = {
    "create: the id is taken": (
        "contract-exists",
        lambda s: s.call(contracts.create_contract, document(), by=VERIFIER),
    ),
    "draft: no variation": (
        "variation-missing",
        lambda s: s.call(contracts.draft_terms, document(effective_from="2021-04-01"), by=VERIFIER),
    ),
    "draft: the same document": (
        "terms-unchanged",
        lambda s: s.call(
            contracts.draft_terms,
            document(effective_from="2021-01-01", variation={"reason": "Agreed by the parties"}),
            by=VERIFIER,
        ),
    ),
    "accept: another hash": (
        "terms-hash-mismatch",
        lambda s: s.call(contracts.accept_terms, 2, "0" * 64, by=VERIFIER),
    ),
    "accept: no such version": (
        "terms-version-unknown",
        lambda s: s.call(contracts.accept_terms, 7, "0" * 64, by=VERIFIER),
    ),
    "register: a name": (
        "invalid-input",
        lambda s: s.call(
            participants.register_participant,
            participant_id="Jane Smith",
            referred_on=day("2020-10-05"),
            setting="care",
            funded_by_commissioner=True,
        ),
    ),
    "register: another setting": (
        "not-eligible",
        lambda s: s.call(
            participants.register_participant,
            participant_id="P9",
            referred_on=day("2020-10-05"),
            setting="own_home",
            funded_by_commissioner=True,
        ),
    ),
    "register: the future": (
        "date-in-future",
        lambda s: s.call(
            participants.register_participant,
            participant_id="P9",
            referred_on=day("2020-11-03"),
            setting="care",
            funded_by_commissioner=True,
        ),
    ),
    "events: one of two out of order": (
        "events-refused",
        lambda s: s.call(
            participants.record_events,
            "P1",
            [
                NewEvent(EventKind.SUPPORT_WITHDRAWN, day("2020-10-05")),
                NewEvent(EventKind.HOSPITAL_DISCHARGED, day("2020-10-06")),
            ],
        ),
    ),
    "events: a name in a note": (
        "invalid-input",
        lambda s: s.call(
            participants.record_events,
            "P1",
            [NewEvent(EventKind.SUPPORT_WITHDRAWN, day("2020-10-05"), note="a@b.example")],
        ),
    ),
    "events: nobody of that pseudonym": (
        "participant-unknown",
        lambda s: s.call(
            participants.record_events, "P8", [NewEvent(EventKind.DIED, day("2020-10-05"))]
        ),
    ),
    "evidence: about nobody": (
        "participant-unknown",
        lambda s: s.call(evidence.record_evidence, s.evidence_of(participant_id="P8")),
    ),
    "evidence: no such metric": (
        "metric-unknown",
        lambda s: s.call(evidence.record_evidence, s.evidence_of(supports=("S99",))),
    ),
    "evidence: days the wrong way round": (
        "dates-out-of-order",
        lambda s: s.call(evidence.record_evidence, s.evidence_of(covers_to=day("2020-07-14"))),
    ),
    "evidence: dated tomorrow": (
        "date-in-future",
        lambda s: s.call(evidence.record_evidence, s.evidence_of(dated_on=day("2020-11-03"))),
    ),
    "evidence: a file that is not here": (
        "evidence-file-missing",
        lambda s: s.call(evidence.record_evidence, s.evidence_of(held_by="service")),
    ),
    "submit: waits for a decision already": (
        "already-submitted",
        lambda s: s.call(
            outcomes.submit_outcome, participant_id="P1", metric="S06", evidence_ids=[]
        ),
    ),
    "submit: earned already": (
        "milestone-not-achieved",
        lambda s: s.call(
            outcomes.submit_outcome, participant_id="P1", metric="MOVE", evidence_ids=[]
        ),
    ),
    "submit: not reached": (
        "milestone-not-achieved",
        lambda s: s.call(
            outcomes.submit_outcome, participant_id="P2", metric="S12", evidence_ids=[]
        ),
    ),
    "submit: no such metric": (
        "metric-unknown",
        lambda s: s.call(
            outcomes.submit_outcome, participant_id="P2", metric="S99", evidence_ids=[]
        ),
    ),
    "submit: somebody else's evidence": (
        "evidence-unknown",
        lambda s: s.call(
            outcomes.submit_outcome, participant_id="P2", metric="S06", evidence_ids=[s.item]
        ),
    ),
    "decide: a reason for verifying": (
        "reason-mismatch",
        lambda s: s.call(
            verifying.decide_submission,
            s.open,
            by=VERIFIER,
            decision=Decision.VERIFIED,
            reason_code=ReasonCode.LATE,
        ),
    ),
    "decide: no reason for rejecting": (
        "reason-mismatch",
        lambda s: s.call(
            verifying.decide_submission, s.open, by=VERIFIER, decision=Decision.REJECTED
        ),
    ),
    "decide: before the submission": (
        "date-before-submission",
        lambda s: s.call(
            verifying.decide_submission,
            s.open,
            by=VERIFIER,
            decision=Decision.VERIFIED,
            decided_on=day("2020-07-19"),
        ),
    ),
    "waive: in time": (
        "not-late",
        lambda s: s.call(verifying.waive_lateness, s.open, by=VERIFIER),
    ),
    "claim: nothing waits": (
        "nothing-to-claim",
        lambda s: s.call(claims.submit_claim, by=MANAGER, period=quarter("2020 Q3")),
    ),
    "claim: not over": (
        "period-not-over",
        lambda s: s.call(claims.submit_claim, by=MANAGER, period=quarter("2020 Q4")),
    ),
    "claim: before the terms": (
        "period-before-contract",
        lambda s: s.call(
            claims.submit_claim, by=MANAGER, period=Period(day("2019-01-01"), day("2019-03-31"))
        ),
    ),
    "approve: approved before": (
        "claim-already-decided",
        lambda s: s.call(claims.approve_claim, 1, by=APPROVER),
    ),
    "approve: who verified an outcome of it": (
        "approver-is-verifier",
        lambda s: s.call(claims.approve_claim, 2, by=VERIFIER),
    ),
    "approve: before the submission": (
        "date-before-submission",
        lambda s: s.call(claims.approve_claim, 2, by=APPROVER, decided_on=day("2020-07-02")),
    ),
    "return: no such claim": (
        "claim-unknown",
        lambda s: s.call(claims.return_claim, 9, by=APPROVER, reason_code="other"),
    ),
    "claw back: in an undecided claim": (
        "in-undecided-claim",
        lambda s: s.call(
            clawbacks.claw_back,
            s.claimed.entitlement_id,
            by=VERIFIER,
            ground=ClawbackGround.DUPLICATE,
        ),
    ),
    "invoice: not approved": (
        "claim-not-approved",
        lambda s: s.call(invoices.issue_invoices, 2, by=MANAGER),
    ),
    "invoice: twice": (
        "already-invoiced",
        lambda s: s.call(invoices.issue_invoices, 1, by=MANAGER),
    ),
    "claim from the fund: nothing": (
        "nothing-to-claim",
        lambda s: s.call(
            fund_claims.prepare_fund_claim,
            by=APPROVER,
            fund="fund",
            period=quarter("2020 Q2"),
        ),
    ),
    "pay: more than is open": (
        "more-than-open",
        lambda s: s.call(
            payments.record_payment,
            payer="council",
            payee="spv",
            amount=gbp("1.00"),
            allocations=[PaymentAllocation("invoice:spv/1", gbp("1.00"))],
            by=MANAGER,
        ),
    ),
    "pay: who owes nothing": (
        "no-account-between",
        lambda s: s.call(
            payments.record_payment, payer="fund", payee="spv", amount=gbp("1.00"), by=FUNDER
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_command_leaves_everything_as_it_was(stage, name):
    code, act = REFUSED[name]
    before = stage.world.state()
    refused(code, act, stage)
    assert stage.world.state() == before


@pytest.mark.parametrize("act", ["approve", "send_back"])
def test_an_unknown_contract_is_refused(context, clock, act):
    nowhere = World(context, clock, "no-such-contract")
    refused("contract-unknown", getattr(nowhere, act), 1, PRESENT)


def test_a_stale_version_is_refused_and_the_present_one_is_not(world):
    world.agree()
    world.person("P1")
    view = participants.get_participant(world.context, world.contract_id, "P1")
    event = [NewEvent(EventKind.SUPPORT_WITHDRAWN, day("2019-12-02"))]
    world.on("2020-01-03")
    before = world.state()
    stale = Command(world.contract_id, WORKER, expected_version=view.version - 1)
    refused("stale-version", participants.record_events, world.context, stale, "P1", event)
    assert world.state() == before
    fresh = Command(world.contract_id, WORKER, expected_version=view.version)
    assert participants.record_events(world.context, fresh, "P1", event).version > view.version


def registered(world, name: str):
    return participants.register_participant(
        world.context,
        Command(world.contract_id, WORKER),
        participant_id=name,
        referred_on=day("2019-05-02"),
        setting="care",
        funded_by_commissioner=True,
    )


def test_recorded_times_follow_the_journal_even_when_the_clock_is_set_back(world):
    world.agree("2020-01-02")
    world.clock.set(noon("2019-06-01"))
    registered(world, "P1")
    records = list_records(world.context, world.contract_id)
    times = [record.recorded_at for record in records]
    assert times == sorted(times)
    assert times[-1] >= noon("2020-01-02")
    assert verify(world.context, world.contract_id).intact


def test_today_is_the_day_in_the_contracts_time_zone(world):
    """23:30 UTC on 30 June is 1 July in London, so that the quarter is over."""
    world.agree()
    world.moved("P1", "2020-04-06")
    world.earn("MOVE", "2020-04-08")
    command = Command(world.contract_id, MANAGER)
    for instant, is_over in (
        (datetime(2020, 6, 30, 22, 59, tzinfo=UTC), False),
        (datetime(2020, 6, 30, 23, 0, tzinfo=UTC), True),
    ):
        world.clock.set(instant)
        view = None
        if is_over:
            view = claims.submit_claim(world.context, command, period=quarter("2020 Q2")).answer
            assert view.totals.by_metric
        else:
            dated = {"period": quarter("2020 Q2"), "submitted_on": day("2020-07-01")}
            refused("date-in-future", claims.submit_claim, world.context, command, **dated)


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
@pytest.mark.parametrize(("failures", "succeeds"), [(1, True), (2, True), (3, False)])
def test_a_command_is_run_again_when_the_database_asks_for_it(world, sqlstate, failures, succeeds):
    """Serialization failure and deadlock: everything was undone, so nothing is recorded twice."""
    world.agree().on("2020-01-03")
    before = world.state()
    attempts = []

    def flaky(work):
        attempts.append(work.now)
        if len(attempts) <= failures:
            work.connection.execute(
                text(f"DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '{sqlstate}'; END $$")
            )
        return Change("tested", day("2020-01-03"), {}, len(attempts))

    command = Command(world.contract_id, WORKER)
    if succeeds:
        done = run(world.context, command, flaky)
        assert (done.answer, done.version) == (failures + 1, 5)
    else:
        with pytest.raises(DBAPIError):
            run(world.context, command, flaky)
        assert world.state() == before
    assert len(attempts) == min(failures + 1, 3)


def test_any_other_fault_of_the_database_is_not_tried_again(world):
    world.agree().on("2020-01-03")
    before, attempts = world.state(), []

    def broken(work):
        attempts.append(work.now)
        work.connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError):
        run(world.context, Command(world.contract_id, WORKER), broken)
    assert len(attempts) == 1
    assert world.state() == before


def test_what_was_decided_is_undone_when_the_process_fails_before_the_end(world):
    world.agree().on("2020-01-03")
    before = world.state()

    def interrupted(work):
        work.note("Something written before the end")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(world.context, Command(world.contract_id, WORKER), interrupted)
    assert world.state() == before


def test_each_command_is_one_journal_record(stage):
    records = list_records(stage.world.context, stage.world.contract_id, limit=1000)
    assert [record.sequence for record in records] == list(range(1, len(records) + 1))
    kinds = [record.kind for record in records]
    assert kinds[:4] == ["terms_drafted", "terms_accepted", "terms_accepted", "terms_accepted"]
    assert set(kinds[4:]) == {
        "participant_registered",
        "journey_events_recorded",
        "outcome_submitted",
        "outcome_verified",
        "claim_submitted",
        "claim_approved",
        "payment_recorded",
        "invoices_issued",
        "fund_claim_prepared",
        "fund_claim_submitted",
        "evidence_recorded",
        "terms_drafted",
    }
    gaps = [later.recorded_at - earlier.recorded_at for earlier, later in pairwise(records)]
    assert min(gaps) >= timedelta(0)

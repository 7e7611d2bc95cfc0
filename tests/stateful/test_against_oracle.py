"""The service driven at random, step by step, beside an oracle that works everything out anew."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from uuid_utils import uuid7

from app.domain.errors import OutcomesError
from app.domain.money import Money
from app.domain.participant import EventKind
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.domain.period import Period
from app.domain.verification import ClawbackGround, Decision, ReasonCode
from app.service import (
    claims,
    clawbacks,
    fund_claims,
    invoices,
    ledger,
    outcomes,
    participants,
    payments,
)
from app.service.context import Context
from app.service.participants import NewEvent
from app.service.verification import decide_submission
from app.service.verify import verify
from app.storage.evidence_files import EvidenceFiles
from tests.factories import event_metric, funding, sustained_metric
from tests.replay import Clock
from tests.service.world import APPROVER, MANAGER, VERIFIER, WORKER, World
from tests.stateful.oracle import (
    CONTRACT_CAP,
    COUNT_CAP,
    FUND_CAP,
    METRICS,
    PERSON_CAP,
    PRICES,
    ClaimMade,
    Oracle,
    Outcome,
    Person,
)
from tests.tries import tries

TERMS = {
    "metrics": [
        event_metric("MOVE", "moved_on"),
        sustained_metric("S06", 6),
        sustained_metric("S12", 12),
    ],
    "rate_card": [
        {
            "code": "v1",
            "from_date": "2019-11-28",
            "prices": {code: f"{minor // 100}.{minor % 100:02d}" for code, minor in PRICES.items()},
        }
    ],
    "caps": {
        "metric": [{"metrics": [code], "count_max": most} for code, most in COUNT_CAP.items()],
        "person": f"{PERSON_CAP // 100}.00",
        "contract": f"{CONTRACT_CAP // 100}.00",
        "payer": [{"payer": "fund", "amount": f"{FUND_CAP // 100}.00"}],
    },
    "funding": funding(shares=[{"payer": "fund", "share": "1/3"}]),
    "submission": {"deadline": "none", "longstop_months": None},
    "clawback": {"lookback_months": None},
    "claims": {"calendar": "any"},
}
PEOPLE = ("P1", "P2", "P3", "P4", "P5")
CONTEXT: dict[str, object] = {}


class Life(RuleBasedStateMachine):
    """A contract's life: every rule tries an act, and the oracle says what must come of it."""

    def __init__(self) -> None:
        super().__init__()
        clock = Clock()
        files = EvidenceFiles(CONTEXT["folder"], 1000)
        context = Context(CONTEXT["engine"], clock, lambda: str(uuid7()), files)
        self.world = World(context, clock, str(uuid7()))
        self.context, self.clock = context, clock
        self.today = date(2020, 4, 6)
        self.oracle = Oracle()

    # --- helpers ---

    def act(self, work, *args, by: Actor, may: bool, **kwargs):
        """Do it as somebody. It must succeed, or be refused and change nothing, as foreseen."""
        self.clock.set(datetime.combine(self.today, time(12), UTC))
        command = self.world.by(by)
        if may:
            return work(self.context, command, *args, **kwargs).answer
        before = self.world.state()
        with pytest.raises(OutcomesError):
            work(self.context, command, *args, **kwargs)
        assert self.world.state() == before
        return None

    # --- acts ---

    @initialize(days=st.lists(st.integers(0, 60), min_size=len(PEOPLE), max_size=len(PEOPLE)))
    def agree(self, days: list[int]) -> None:
        """Everybody has moved on within the last two months."""
        self.world.agree(**TERMS)
        for name, ago in zip(PEOPLE, days, strict=True):
            moved = self.today - timedelta(days=ago)
            told = {"referred_on": moved, "setting": "care", "funded_by_commissioner": True}
            work = participants.register_participant
            self.act(work, may=True, participant_id=name, by=WORKER, **told)
            self.act(work, may=False, participant_id=name, by=WORKER, **told)
            events = [NewEvent(EventKind.MOVED_ON, moved, destination="tenancy")]
            self.act(participants.record_events, name, events, by=WORKER, may=True)
            self.oracle.people[name] = Person(moved)

    @rule(days=st.sampled_from([20, 90, 183, 200]))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @precondition(lambda self: not all(self.oracle.people[name].ended for name in PEOPLE[:2]))
    @rule(name=st.sampled_from(PEOPLE[:2]), back=st.integers(0, 60))
    def lose_the_home(self, name: str, back: int) -> None:
        """Sometimes learned late, so that a submission in hand or a payment turns out wrong."""
        person = self.oracle.people[name]
        if person.ended:
            return
        on = max(person.moved + timedelta(days=1), self.today - timedelta(days=back))
        may = on <= self.today
        events = [NewEvent(EventKind.TENANCY_ENDED, on, reason="evicted")]
        self.act(participants.record_events, name, events, by=WORKER, may=may)
        if may:
            person.ended = on

    def ready(self) -> list[tuple[str, str]]:
        """What is there to be put forward."""
        pairs = product(PEOPLE, METRICS)
        return [pair for pair in pairs if self.oracle.may_submit(*pair, self.today)]

    @rule(anybody=st.sampled_from(PEOPLE), metric=st.sampled_from(METRICS), most=st.integers(1, 4))
    def submit(self, anybody: str, metric: str, most: int) -> None:
        """Anything at all, refused as likely as not; and some of what is there."""
        for name, code in [(anybody, metric), *self.ready()[:most]]:
            self.put_forward(name, code)

    @rule(most=st.integers(1, 6))
    def prove(self, most: int) -> None:
        """Put forward and verified on one day."""
        for name, code in self.ready()[:most]:
            self.put_forward(name, code)
            self.decide(name, code, "verified")

    def put_forward(self, name: str, metric: str) -> None:
        may = self.oracle.may_submit(name, metric, self.today)
        told = {"participant_id": name, "metric": metric, "evidence_ids": []}
        answer = self.act(outcomes.submit_outcome, may=may, by=WORKER, **told)
        if may:
            on = self.oracle.people[name].reached(metric, self.today)
            assert answer.submission.achieved_on == on
            self.oracle.open[name, metric] = (answer.submission.submission_id, on)

    @rule(decision=st.sampled_from(["verified"] * 4 + ["rejected"]))
    def decide_all(self, decision: str) -> None:
        for name, metric in sorted(self.oracle.open):
            self.decide(name, metric, decision)

    def decide(self, name: str, metric: str, decision: str) -> None:
        submission, on = self.oracle.open[name, metric]
        verify_it = decision == "verified"
        may = not verify_it or self.oracle.people[name].reached(metric, self.today) == on
        answer = self.act(
            decide_submission,
            submission,
            may=may,
            by=VERIFIER,
            decision=Decision(decision),
            reason_code=None if verify_it else ReasonCode.OTHER,
        )
        if not may:
            return
        del self.oracle.open[name, metric]
        if verify_it:
            made = answer.entitlement
            assert made.amount.minor == PRICES[metric]
            self.oracle.outcomes.append(Outcome(made.entitlement_id, name, metric, on, self.today))

    @precondition(lambda self: self.oracle.outcomes)
    @rule(back=st.sampled_from([0, 0, 0, 1, 30]))
    def claim(self, back: int) -> None:
        self.make_claim(back)

    @precondition(lambda self: self.oracle.outcomes)
    @rule(place=st.integers(0, 20), take_back=st.sampled_from([False, True]))
    def settle(self, place: int, take_back: bool) -> None:  # noqa: FBT001
        """A claim of everything, decided at once with those before it; money may be taken back."""
        if take_back:
            self.take_back(place)
        self.make_claim(0)
        for claim in self.oracle.undecided():
            self.settle_one(claim, approve=True)

    def make_claim(self, back: int) -> None:
        end = self.today - timedelta(days=back)
        number = len(self.oracle.claims) + 1
        lines = self.oracle.claim_lines(end, number)
        period = Period(max(date(2019, 12, 1), end - timedelta(days=89)), end)
        view = self.act(claims.submit_claim, may=bool(lines), by=MANAGER, period=period)
        if not lines:
            return
        assert view.claim.claim_number == number
        whole = claims.get_claim(self.context, self.world.contract_id, number)
        self.same_lines(whole.claim.lines, lines)
        self.oracle.claims.append(ClaimMade(number, end, lines))

    def same_lines(self, found, expected) -> None:
        assert [
            (
                line.kind.value,
                line.source_id,
                line.gross.minor,
                line.payable.minor,
                {share.payer: share.amount.minor for share in line.shares},
            )
            for line in found
        ] == [
            (
                line.kind,
                line.outcome.key,
                line.gross,
                line.payable,
                {
                    payer: amount
                    for payer, amount in (("council", line.council), ("fund", line.fund))
                    if amount
                },
            )
            for line in expected
        ]

    @precondition(lambda self: self.oracle.claims)
    @rule(
        place=st.sampled_from([0, 0, 0, 1, 2]), approve=st.sampled_from([True, True, True, False])
    )
    def decide_claim(self, place: int, approve: bool) -> None:  # noqa: FBT001
        """Mostly the first that waits; sometimes one out of turn, or decided long ago."""
        undecided = self.oracle.undecided()
        listed = undecided or self.oracle.claims
        self.settle_one(listed[place % len(listed)], approve=approve)

    def settle_one(self, claim: ClaimMade, *, approve: bool) -> None:
        undecided = self.oracle.undecided()
        may = claim in undecided
        if approve:
            may = may and undecided[0] is claim and self.oracle.still_the_same(claim)
            self.act(claims.approve_claim, claim.number, by=APPROVER, may=may)
        else:
            self.act(claims.return_claim, claim.number, by=APPROVER, may=may, reason_code="other")
        if may:
            claim.state = "approved" if approve else "returned"

    @precondition(lambda self: self.oracle.approved())
    @rule(place=st.integers(0, 5))
    def pay(self, place: int) -> None:
        """Every approved claim is invoiced, and the documents of one are paid."""
        approved = self.oracle.approved()
        for claim in approved:
            self.issue(claim)
        number = approved[place % len(approved)].number
        context, contract_id = self.context, self.world.contract_id
        for stored in invoices.invoices_of_claim(context, contract_id, number):
            one = stored.invoice
            self.pay_in_full(one.document_id, one.customer, one.issuer, stored.open_amount)

    def issue(self, claim: ClaimMade) -> None:
        """What a claim asks and what it takes back, in documents; once, if there is anything."""
        may = not claim.invoiced and any(line.payable for line in claim.lines)
        made = self.act(invoices.issue_invoices, claim.number, by=MANAGER, may=may)
        if may:
            claim.invoiced = True
            asked = sum(stored.open_amount.minor for stored in made)
            assert asked == sum(line.payable for line in claim.lines)

    @precondition(lambda self: self.oracle.approved())
    @rule()
    def reclaim(self) -> None:
        """The fund is asked for its part of all that it was not asked for before, and pays it."""
        waiting = [
            line
            for claim in self.oracle.approved()
            for line in claim.lines
            if line.fund and not line.reclaimed
        ]
        period = Period(date(2019, 12, 1), self.today)
        made = self.act(
            fund_claims.prepare_fund_claim,
            by=APPROVER,
            may=bool(waiting),
            fund="fund",
            period=period,
        )
        if not waiting:
            return
        for line in waiting:
            line.reclaimed = True
        assert made.asked.minor == sum(line.fund for line in waiting)
        number = made.claim.fund_claim_number
        self.act(fund_claims.submit_fund_claim, number, by=APPROVER, may=True)
        self.pay_in_full(made.claim.document_id, "fund", "council", made.open_amount)

    def pay_in_full(self, document: str, debtor: str, creditor: str, open_amount: Money) -> None:
        """All that is open of a document is paid, whichever way the money goes, and only once."""
        if not open_amount:
            return
        payer, payee = (debtor, creditor) if open_amount.minor > 0 else (creditor, debtor)
        amount = Money(abs(open_amount.minor))
        told = {
            "payer": payer,
            "payee": payee,
            "amount": amount,
            "allocations": [PaymentAllocation(document, open_amount)],
        }
        who = Actor(payer, f"{payer}-cashier-1")
        self.act(payments.record_payment, may=True, by=who, **told)
        self.oracle.paid.append((payer, payee, amount.minor))
        self.act(payments.record_payment, may=False, by=who, **told)

    @precondition(lambda self: self.oracle.outcomes)
    @rule(place=st.integers(0, 20))
    def claw_back(self, place: int) -> None:
        self.take_back(place)

    def take_back(self, place: int) -> None:
        one = self.oracle.outcomes[place % len(self.oracle.outcomes)]
        in_open_claim = any(
            line.kind == "outcome" and line.outcome is one
            for claim in self.oracle.undecided()
            for line in claim.lines
        )
        may = one.clawed_back is None and not in_open_claim
        ground = {"ground": ClawbackGround.MISTAKEN_EVIDENCE}
        self.act(clawbacks.claw_back, one.key, by=VERIFIER, may=may, **ground)
        if may:
            one.clawed_back = self.today

    # --- what must hold after every step ---

    @invariant()
    def the_ledger_holds_what_the_oracle_says(self) -> None:
        if not self.oracle.people:
            return
        found = ledger.balances(self.context, self.world.contract_id)
        held = {account.name: balance.net.minor for account, balance in found.accounts}
        expected = self.oracle.booked()
        assert {name: held[name] for name in expected} == expected
        assert all(amount == 0 for name, amount in held.items() if name not in expected)
        assert found.mirror_differences == ()
        for book in found.trial_balances:
            assert book.debit_total == book.credit_total

    @invariant()
    def no_cap_is_ever_passed(self) -> None:
        lines = self.oracle.standing_lines(len(self.oracle.claims) + 1)
        assert 0 <= sum(line.payable for line in lines) <= CONTRACT_CAP
        assert 0 <= sum(line.fund for line in lines) <= FUND_CAP
        for name in PEOPLE:
            of_person = sum(line.payable for line in lines if line.outcome.person == name)
            assert 0 <= of_person <= PERSON_CAP
        for metric, most in COUNT_CAP.items():
            counted = sum(line.counted for line in lines if line.outcome.metric == metric)
            assert 0 <= counted <= most

    @invariant()
    def stored_claims_are_those_of_the_oracle(self) -> None:
        if not self.oracle.claims:
            return
        views = claims.list_claims(self.context, self.world.contract_id, limit=1000)
        assert len(views) == len(self.oracle.claims)
        for view, claim in zip(views, self.oracle.claims, strict=True):
            self.same_lines(view.claim.lines, claim.lines)
            split = sum(share.amount.minor for share in view.totals.by_payer)
            assert split == view.totals.payable.minor
            status = "approved" if view.stored.status == "paid" else view.stored.status
            assert status == claim.state

    def teardown(self) -> None:
        if self.oracle.people:
            report = verify(self.context, self.world.contract_id)
            assert report.intact, [check.differences for check in report.checks]


@pytest.mark.slow
def test_the_service_agrees_with_a_naive_oracle(engine, tmp_path):
    CONTEXT.update(engine=engine, folder=tmp_path)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=tries(3),
            stateful_step_count=50,
            phases=[Phase.generate],  # to shrink a life of fifty acts takes longer than to read it
            suppress_health_check=list(HealthCheck),
        ),
    )

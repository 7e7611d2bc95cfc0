"""The money cycle driven at random: whatever is done or refused, every tie holds after each step.

Claims, documents, payments, returns, set-offs, bank files, matches, corrections, disputes,
clawbacks and closed periods in any order. An act may be refused, and then changes nothing; any
other failure is a fault.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count

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

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.correction import CorrectionKind, CorrectionReason
from app.domain.dispute import DisputeReason, OutcomeKind
from app.domain.errors import OutcomesError
from app.domain.money import Money
from app.domain.participant import EventKind
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.domain.period import Period
from app.domain.period_close import CloseLevel, PeriodKind
from app.domain.reconciliation import IgnoreReason, LineState, MatchState
from app.domain.verification import ClawbackGround
from app.payments.tie_states import contradictions
from app.service import (
    claims,
    clawbacks,
    corrections,
    disputes,
    fund_claims,
    imports,
    invoices,
    line_decisions,
    match_decisions,
    matching,
    participants,
    payments,
    periods,
)
from app.service.context import Context
from app.service.corrections import Asked
from app.service.frozen_statements import list_frozen
from app.service.participants import NewEvent
from app.service.reconciliation import reconciliation
from app.service.set_offs import set_off
from app.service.verify import verify
from app.storage import journal
from app.storage.evidence_files import EvidenceFiles
from app.storage.import_lines import Wanted
from tests.factories import COUNCIL, FUND, SPV, funding
from tests.golden_contract import INVOICING
from tests.replay import Clock
from tests.service.world import APPROVER, FUNDER, MANAGER, VERIFIER, WORKER, World
from tests.tries import tries
from tests.unscanned import UNSCANNED

PAYER = Actor(COUNCIL, "council-finance-1")
ROWS = ColumnMapping(
    date="Day", amount="Amount", references=("Text",), bank_reference="Id", counterparty="Who"
)
BOOKS = (COUNCIL, FUND, SPV)
OWNERS = {SPV: MANAGER, COUNCIL: PAYER, FUND: FUNDER}
CONTEXT: dict[str, object] = {}
PLACES = st.integers(0, 50)


class Cycle(RuleBasedStateMachine):
    """One contract; every rule tries an act on whatever there is."""

    def __init__(self) -> None:
        super().__init__()
        clock = Clock()
        files = EvidenceFiles(CONTEXT["folder"], 100_000)
        self.context = Context(
            CONTEXT["engine"], clock, lambda: str(uuid7()), files, uploads=UNSCANNED
        )
        self.world = World(self.context, clock, str(uuid7()))
        self.contract_id = self.world.contract_id
        self.clock = clock
        self.today = date(2020, 4, 6)
        self.people = count(1)
        self.numbers = count(1)
        self.earned: list[str] = []
        self.kept: dict[tuple[str, int], str] = {}
        self.steps = 0

    # --- helpers ---

    def act(self, work, *args, by: Actor, **kwargs):
        """Do it, or be refused and leave everything as it was; None then."""
        self.clock.set(datetime.combine(self.today, time(12), UTC))
        command = self.world.by(by, late_reason="Told late")
        before = self.head()
        try:
            return work(self.context, command, *args, **kwargs).answer
        except OutcomesError:
            assert self.head() == before
            return None

    def head(self) -> str:
        """The hash of the last record; every change adds one."""
        with self.context.reading(self.contract_id) as uow:
            return journal.head(uow.connection, self.contract_id).hash

    def read(self, work, *args, **kwargs):
        return work(self.context, self.contract_id, *args, **kwargs)

    def some(self, listed, place: int):
        """One of them, if there is any."""
        listed = list(listed)
        return listed[place % len(listed)] if listed else None

    def documents(self) -> list[tuple[str, str, str, Money]]:
        """What is open: name, debtor, creditor, amount (below zero: gives back)."""
        found = [
            (one.invoice.document_id, one.invoice.customer, one.invoice.issuer, one.open_amount)
            for one in self.read(invoices.list_invoices, limit=200)
        ]
        found += [
            (one.claim.document_id, one.claim.fund, COUNCIL, one.open_amount)
            for one in self.read(fund_claims.list_fund_claims, limit=200)
        ]
        return [one for one in found if one[3]]

    def claimed(self):
        return self.read(claims.list_claims, limit=200)

    # --- outcomes and claims ---

    @initialize(direct=st.booleans())
    def agree(self, direct: bool) -> None:  # noqa: FBT001
        flow = "fund_pays_direct" if direct else "commissioner_pays_then_reclaims"
        self.world.agree(
            funding=funding(flow=flow),
            invoicing=INVOICING,
            submission={"deadline": "none", "longstop_months": None},
            claims={"calendar": "any"},
        )
        self.clock.set(datetime.combine(self.today, time(12), UTC))
        for owner in OWNERS.values():
            self.act(imports.save_mapping, "rows", ROWS, by=owner)
        self.settle_a_claim(2)

    @rule(days=st.sampled_from([1, 20, 45, 95]))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(most=st.integers(1, 3))
    def earn(self, most: int) -> None:
        for _ in range(most):
            name = f"P{next(self.people)}"
            moved = self.today - timedelta(days=3)
            told = {"referred_on": moved, "setting": "care", "funded_by_commissioner": True}
            self.act(participants.register_participant, participant_id=name, by=WORKER, **told)
            event = NewEvent(EventKind.MOVED_ON, moved, destination="tenancy")
            self.act(participants.record_events, name, [event], by=WORKER)
            self.earned.append(self.world.earn("MOVE", self.today.isoformat(), name).entitlement_id)

    @rule()
    def claim(self) -> None:
        period = Period(self.today - timedelta(days=89), self.today)
        self.act(claims.submit_claim, by=MANAGER, period=period)

    @rule(approve=st.sampled_from([True, True, True, False]))
    def decide_claim(self, approve: bool) -> None:  # noqa: FBT001
        for view in self.claimed():
            number = view.claim.claim_number
            if view.stored.status == "submitted":
                if approve:
                    self.act(claims.approve_claim, number, by=APPROVER)
                else:
                    self.act(claims.return_claim, number, by=APPROVER, reason_code="other")
                return

    @rule(most=st.integers(1, 2))
    def settle_a_claim(self, most: int) -> None:
        """Earned, claimed, approved and invoiced on one day, as it should be."""
        self.earn(most)
        self.claim()
        self.decide_claim(approve=True)
        self.issue(0)

    @rule(place=PLACES)
    def claw_back(self, place: int) -> None:
        one = self.some(self.earned, place)
        if one:
            ground = ClawbackGround.MISTAKEN_EVIDENCE
            if self.act(clawbacks.claw_back, one, by=VERIFIER, ground=ground):
                self.claim()
                self.decide_claim(approve=True)
                self.issue(0)

    # --- documents and payments ---

    @rule(place=PLACES)
    def issue(self, place: int) -> None:
        """The last claim first, any other one as it comes."""
        view = self.some(reversed(self.claimed()), place)
        if view:
            self.act(invoices.issue_invoices, view.claim.claim_number, by=MANAGER)

    @rule()
    def reclaim(self) -> None:
        period = Period(date(2019, 12, 1), self.today)
        made = self.act(fund_claims.prepare_fund_claim, by=APPROVER, fund=FUND, period=period)
        if made:
            number = made.claim.fund_claim_number
            self.act(fund_claims.submit_fund_claim, number, by=APPROVER)

    @rule(place=PLACES, percent=st.sampled_from([40, 100, 100, 110]))
    def pay(self, place: int, percent: int) -> None:
        one = self.some(self.documents(), place)
        if one is None:
            return
        name, debtor, creditor, left = one
        payer, payee = (debtor, creditor) if left.minor > 0 else (creditor, debtor)
        paid = max(1, abs(left.minor) * percent // 100)
        taken = min(paid, abs(left.minor)) * (1 if left.minor > 0 else -1)
        self.act(
            payments.record_payment,
            by=Actor(payer, f"{payer}-cashier-1"),
            payer=payer,
            payee=payee,
            amount=Money(paid),
            allocations=[PaymentAllocation(name, Money(taken))],
        )

    @rule(place=PLACES, percent=st.sampled_from([10, 100]))
    def give_back(self, place: int, percent: int) -> None:
        """A payment fails in part or whole; its documents open again, the last one first."""
        stored = self.some(self.read(payments.list_payments, limit=200), place)
        if stored is None:
            return
        paid = stored.payment
        amount = max(1, paid.amount.minor * percent // 100)
        wanted = max(0, amount - stored.on_account.minor)
        opened: dict[str, int] = {}
        for item in paid.allocations:
            opened[item.document] = opened.get(item.document, 0) + item.amount.minor
        back = []
        for name, held in opened.items():
            part = min(wanted, abs(held))
            if part:
                back.append(PaymentAllocation(name, Money(-part if held > 0 else part)))
                wanted -= part
        self.act(
            payments.return_payment,
            paid.payment_id,
            by=Actor(paid.payee, f"{paid.payee}-cashier-1"),
            amount=Money(amount),
            allocations=back,
        )

    @rule(place=PLACES)
    def set_off(self, place: int) -> None:
        found = self.documents()
        pairs = [
            (asks, gives)
            for asks in found
            for gives in found
            if asks[1:3] == gives[1:3] and asks[3].minor > 0 > gives[3].minor
        ]
        pair = self.some(pairs, place)
        if pair:
            part = min(pair[0][3].minor, -pair[1][3].minor)
            amounts = [(pair[0][0], part), (pair[1][0], -part)]
            allocations = [PaymentAllocation(name, Money(minor)) for name, minor in amounts]
            self.act(
                set_off, by=MANAGER if pair[0][2] == SPV else APPROVER, allocations=allocations
            )

    # --- files and matches ---

    @rule(
        place=PLACES,
        percent=st.sampled_from([50, 100, 100, 100, 120]),
        named=st.integers(0, 3),
        side=st.sampled_from([0, 1]),
    )
    def file_of_a_document(self, place: int, percent: int, named: int, side: int) -> None:
        one = self.some(self.documents(), place)
        if one is None:
            return
        name, debtor, creditor, left = one
        party = (debtor, creditor)[side]
        minor = left.minor * percent // 100 * (1 if party == creditor else -1)
        self.take_in(party, minor, self.printed(name) if named else "")

    @rule(place=PLACES, side=st.sampled_from([0, 1]))
    def file_of_a_payment(self, place: int, side: int) -> None:
        """What one party recorded shows in a file of either."""
        stored = self.some(self.read(payments.list_payments, limit=200), place)
        if stored and stored.entry_number is not None:
            paid = stored.payment
            party = (paid.payer, paid.payee)[side]
            text = self.printed(paid.allocations[0].document) if paid.allocations else ""
            self.take_in(party, paid.amount.minor * (1 if side else -1), text)

    @rule(party=st.sampled_from(BOOKS), minor=st.sampled_from([-100, 700, 650_000]))
    def file_of_a_stranger(self, party: str, minor: int) -> None:
        self.take_in(party, minor, "Rent")

    def printed(self, name: str) -> str:
        kind, _, rest = name.partition(":")
        if kind == "fund-claim":
            return f"FUND-CLAIM-{rest}"
        issuer, _, number = rest.partition("/")
        return f"{issuer.upper()}-{int(number):06d}"

    def take_in(self, party: str, minor: int, text: str) -> None:
        """One file with one line of its own, and the line of the file before once more."""
        sign, pence = ("-" if minor < 0 else ""), abs(minor)
        number = next(self.numbers)
        row = f"{self.today},{sign}{pence // 100}.{pence % 100:02d},{text},B{number},Other"
        content = "\n".join(["Day,Amount,Text,Id,Who", *getattr(self, "last", [])[-1:], row])
        self.last = [*getattr(self, "last", []), row]
        owner = OWNERS[party]
        with self.context.files.bank.receive(self.contract_id) as incoming:
            incoming.write(content.encode())
            self.act(
                imports.import_file,
                incoming,
                by=owner,
                kind=SourceKind.CSV,
                source="bank",
                mapping="rows",
            )
        self.act(matching.propose_matches, by=owner)
        if number % 3:
            self.decide_match(number, "accept")

    @rule(place=PLACES, decision=st.sampled_from(["accept", "accept", "accept", "refuse"]))
    def decide_match(self, place: int, decision: str) -> None:
        found = self.read(matching.list_matches, MatchState.PROPOSED, limit=200)
        match = self.some(found, place)
        if match:
            decide = {
                "accept": match_decisions.accept_match,
                "refuse": match_decisions.refuse_match,
            }[decision]
            self.act(decide, match.match_id, by=OWNERS[match.party])

    @rule(place=PLACES)
    def undo_match(self, place: int) -> None:
        match = self.some(self.read(matching.list_matches, MatchState.ACCEPTED, limit=200), place)
        if match:
            self.act(match_decisions.undo_match, match.match_id, by=OWNERS[match.party])

    @rule(place=PLACES)
    def ignore_or_restore(self, place: int) -> None:
        line = self.some(self.read(imports.list_lines, Wanted(), limit=200), place)
        if line is None:
            return
        owner = OWNERS[line.party]
        if line.state is LineState.IGNORED:
            self.act(line_decisions.take_line_back, line.key, by=owner)
        else:
            reason = IgnoreReason.NOT_OF_CONTRACT
            self.act(line_decisions.ignore_line, line.key, by=owner, reason=reason)

    # --- corrections, disputes, closed periods ---

    def a_line(self, place: int) -> tuple[int, int] | None:
        lines = [
            (view.claim.claim_number, line.line_number)
            for view in self.claimed()
            for line in view.claim.lines
            if line.payable
        ]
        return self.some(reversed(lines), place % 4)

    @rule(
        place=PLACES,
        kind=st.sampled_from([CorrectionKind.REVERSAL, CorrectionKind.GOODWILL]),
        minor=st.sampled_from([None, 1, 10_000, -10_000]),
        decide=st.sampled_from(
            [corrections.approve_correction] * 2 + [corrections.refuse_correction]
        ),
    )
    def correct(self, place: int, kind: CorrectionKind, minor: int | None, decide) -> None:
        line = self.a_line(place)
        if line is None:
            return
        amount = None if minor is None else Money(minor)
        asked = Asked(kind, CorrectionReason.WRONG_AMOUNT, *line, amount)
        made = self.act(corrections.propose_correction, asked, by=MANAGER)
        if made:
            self.act(decide, made.correction.correction_id, by=APPROVER)
            self.act(invoices.issue_invoices, line[0], by=MANAGER)

    @rule(place=PLACES, minor=st.sampled_from([1, 10_000, 650_000]))
    def dispute(self, place: int, minor: int) -> None:
        """Before the approval as well as after it."""
        if place % 2:
            self.earn(1)
            self.claim()
        line = self.a_line(place)
        if line:
            subject = f"claim:{line[0]}/line:{line[1]}"
            told = {"amount": Money(minor), "reason": DisputeReason.EVIDENCE}
            self.act(disputes.raise_dispute, by=APPROVER, subject=subject, **told)

    @rule(place=PLACES, kind=st.sampled_from(OutcomeKind))
    def decide_dispute(self, place: int, kind: OutcomeKind) -> None:
        waiting = [
            view.stored.dispute
            for view in self.read(disputes.list_disputes, limit=200)
            if view.stored.dispute.outcome is None
        ]
        one = self.some(waiting, place)
        if one:
            due = Money(one.amount.minor // 2) if kind is OutcomeKind.SETTLED else None
            told = {"kind": kind, "amount_due": due, "decided_by": "The board"}
            self.act(disputes.decide_dispute, one.dispute_id, by=MANAGER, **told)

    @precondition(lambda self: self.today > date(2020, 7, 1))
    @rule(level=st.sampled_from([CloseLevel.SOFT, CloseLevel.SOFT, CloseLevel.HARD]))
    def close(self, level: CloseLevel) -> None:
        firm = {"hard"} if level is CloseLevel.HARD else {"hard", "soft"}
        for view in self.read(periods.list_periods, PeriodKind.QUARTER, limit=50):
            if view.state.value not in firm:
                told = {"kind": PeriodKind.QUARTER, "start": view.period.start, "level": level}
                self.act(periods.close_period, by=APPROVER, **told)
                break
        for key, document in self.frozen().items():
            self.kept.setdefault(key, document)

    def frozen(self) -> dict[tuple[str, int], str]:
        return {
            (book, one.statement_number): one.document
            for book in BOOKS
            for one in self.read(list_frozen, book)
        }

    # --- what must hold after every step ---

    @invariant()
    def every_tie_holds_or_only_waits(self) -> None:
        if not self.earned:
            return
        page = self.read(reconciliation)
        for tie in page.ties:
            assert not tie.unexplained, tie.name
            assert contradictions(tie) == (), tie.name
        lines = self.read(imports.list_lines, Wanted(), limit=1000)
        assert sum(one.count for one in page.lines) == len(lines)

    @invariant()
    def no_line_is_in_two_live_matches(self) -> None:
        live = (
            [
                key
                for state in (MatchState.PROPOSED, MatchState.ACCEPTED)
                for match in self.read(matching.list_matches, state, limit=1000)
                for key in match.lines
            ]
            if self.earned
            else []
        )
        assert len(live) == len(set(live))

    @invariant()
    def nothing_is_settled_beyond_what_it_asks(self) -> None:
        if not self.earned:
            return
        for one in self.read(invoices.list_invoices, limit=200):
            asks = -1 if one.invoice.kind.value == "credit_note" else 1
            assert 0 <= asks * one.open_amount.minor <= one.invoice.total.minor

    @invariant()
    def the_record_is_intact_now_and_then(self) -> None:
        self.steps += 1
        if self.steps % 4 == 0:  # nothing mends a record: what breaks is found later too
            self.the_record_is_intact_and_what_was_frozen_stays()

    def teardown(self) -> None:
        self.the_record_is_intact_and_what_was_frozen_stays()

    def the_record_is_intact_and_what_was_frozen_stays(self) -> None:
        if not self.earned:
            return
        report = self.read(verify)
        assert report.intact, [check.differences for check in report.checks if check.found]
        found = self.frozen()
        assert {key: found[key] for key in self.kept} == self.kept


@pytest.mark.slow
def test_the_money_cycle_in_any_order_keeps_every_tie(engine, tmp_path):
    CONTEXT.update(engine=engine, folder=tmp_path)
    run_state_machine_as_test(
        Cycle,
        settings=settings(
            max_examples=tries(2),
            stateful_step_count=25,
            phases=[Phase.generate],  # to shrink takes longer than to read what was done
            suppress_health_check=list(HealthCheck),
        ),
    )

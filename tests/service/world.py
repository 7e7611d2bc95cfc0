"""A small contract to act on: each act is one line, on the day it happens, by the usual person.

`World.agree()` makes a contract of `factories.document()`: MOVE 6,500, S06 10,000, S12 8,000, S24
9,000; the fund bears a quarter of each line, rounded down, the council the rest; no caps.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from app.domain.access import Grant
from app.domain.errors import OutcomesError, RuleRefused
from app.domain.money import Money
from app.domain.participant import EventKind
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.domain.period import Period
from app.domain.terms.document import terms_hash
from app.domain.verification import ClawbackGround, Decision, ReasonCode
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
from app.service.command import Command
from app.service.evidence import NewEvidence
from app.service.participants import NewEvent
from app.service.verification import Acceptances, decide_submission, waive_lateness
from app.storage.tables import contracts as contracts_table
from app.storage.tables import metadata
from tests.factories import COUNCIL, FUND, INVESTOR, PROVIDER, SPV, day, document, gbp, quarter
from tests.owner import as_owner

VERIFIER = Actor(COUNCIL, "council-officer-1")
APPROVER = Actor(COUNCIL, "council-officer-2")
WORKER = Actor(PROVIDER, "provider-worker-1")
MANAGER = Actor(SPV, "spv-manager-1")
FUNDER = Actor(FUND, "fund-officer-1")
BACKER = Actor(INVESTOR, "investor-partner-1")


def noon(on: date | str) -> datetime:
    """Noon UTC of a day."""
    return datetime.combine(day(on) if isinstance(on, str) else on, time(12), UTC)


def optional_day(text: str | None) -> date | None:
    return day(text) if text else None


def allocated(documents) -> list[PaymentAllocation]:
    return [PaymentAllocation(name, gbp(amount)) for name, amount in documents]


class World:
    """A contract, its clock and its usual people."""

    def __init__(self, context, clock, contract_id: str) -> None:
        self.context, self.clock, self.contract_id = context, clock, contract_id
        self.mandates: dict[Actor, tuple[Grant, ...]] = {}

    def by(self, actor: Actor, **options) -> Command:
        mandate = self.mandates.get(actor, ())
        return Command(self.contract_id, actor, **{"mandate": mandate, **options})

    def on(self, text: str) -> "World":
        self.clock.set(noon(text))
        return self

    def agree(self, on: str = "2019-11-01", **changes) -> "World":
        """The contract created and accepted by its three signatories."""
        self.on(on)
        terms = document(**changes)
        contracts.create_contract(self.context, self.by(VERIFIER), terms)
        self.accept(1, terms)
        return self

    def vary(self, on: str, effective_from: str, retrospective_from: str | None = None, **changes):
        """The next version drafted and accepted on a day; answers its number."""
        number = self.draft(on, effective_from, retrospective_from, **changes)
        stored = contracts.get_terms(self.context, self.contract_id, number)
        for actor in (VERIFIER, MANAGER, WORKER):
            contracts.accept_terms(self.context, self.by(actor), number, stored.hash)
        return number

    def draft(self, on: str, effective_from: str, retrospective_from: str | None = None, **changes):
        self.on(on)
        variation = {"reason": "Agreed by the parties"}
        if retrospective_from:
            variation |= {
                "retrospective": True,
                "applies_to_achievements_from": retrospective_from,
            }
        terms = document(effective_from=effective_from, variation=variation, **changes)
        return contracts.draft_terms(self.context, self.by(VERIFIER), terms).answer.number

    def accept(self, number: int, terms: dict) -> None:
        for actor in (VERIFIER, MANAGER, WORKER):
            contracts.accept_terms(self.context, self.by(actor), number, terms_hash(terms))

    def person(self, name: str = "P1", on: str = "2019-12-01", by: Actor = WORKER) -> str:
        """A person referred, accepted and engaged on one day."""
        self.on(on)
        participants.register_participant(
            self.context,
            self.by(by),
            participant_id=name,
            referred_on=day(on),
            setting="care",
            funded_by_commissioner=True,
            age_at_referral=40,
        )
        self.event(f"accepted {on}", name, by=by)
        self.event(f"engaged {on}", name, by=by)
        return name

    def event(self, line: str, name: str = "P1", by: Actor = WORKER, recorded_on: str = ""):
        """`kind day [destination] [field=value]`, recorded on its day unless told otherwise."""
        kind, on, *rest = line.split()
        fields = {}
        for word in rest:
            field, separator, value = word.partition("=")
            fields[field if separator else "destination"] = value if separator else word
        self.on(recorded_on or on)
        new = NewEvent(EventKind(kind), day(on), **fields)
        return participants.record_events(self.context, self.by(by), name, [new]).answer

    def moved(self, name: str = "P1", on: str = "2020-01-15", referred: str = "2019-12-01") -> str:
        """A person who moved on to a tenancy."""
        self.person(name, referred)
        self.event(f"moved_on {on} tenancy", name)
        return name

    def evidence(self, metric: str, on: str, name: str = "P1", **changes) -> str:
        """An item about one day, held by the provider; answers its id."""
        values = {
            "participant_id": name,
            "type": "letter",
            "issuer": "landlord",
            "dated_on": day(on),
            "covers_from": day(on),
            "covers_to": day(on),
            "supports": (metric,),
            "sha256": sha256(f"{name} {metric} {on}".encode()).hexdigest(),
            "held_by": "provider",
            **changes,
        }
        new = NewEvidence(**values)
        done = evidence.record_evidence(self.context, self.by(WORKER), [new])
        return done.answer.items[0].evidence_id

    def submit(
        self, metric: str, on: str, name: str = "P1", ids=(), by: Actor = WORKER, dated: str = ""
    ) -> str:
        """An outcome put forward; answers the submission's id."""
        self.on(on)
        done = outcomes.submit_outcome(
            self.context,
            self.by(by),
            participant_id=name,
            metric=metric,
            evidence_ids=list(ids),
            submitted_on=optional_day(dated),
        )
        return done.answer.submission.submission_id

    def waive(self, submission_id: str, on: str, by: Actor = VERIFIER, **options):
        self.on(on)
        return waive_lateness(self.context, self.by(by), submission_id, **options).answer

    def decide(
        self,
        submission_id: str,
        on: str,
        decision: str = "verified",
        by: Actor = VERIFIER,
        reason: str | None = None,
        note: str | None = None,
        dated: str = "",
        version: int | None = None,
        **accepting,
    ):
        """A decision; answers the entitlement, None where none was made."""
        self.on(on)
        done = decide_submission(
            self.context,
            self.by(by, expected_version=version),
            submission_id,
            decision=Decision(decision),
            reason_code=ReasonCode(reason) if reason else None,
            note=note,
            decided_on=optional_day(dated),
            accepting=Acceptances(**accepting),
        )
        return done.answer.entitlement

    def earn(self, metric: str, on: str, name: str = "P1"):
        """An outcome submitted and verified on one day; answers the entitlement."""
        return self.decide(self.submit(metric, on, name), on)

    def claim(self, name: str, on: str, by: Actor = MANAGER, dated: str = ""):
        """A claim for a quarter such as "2020 Q1"; answers the claim's view."""
        self.on(on)
        done = claims.submit_claim(
            self.context, self.by(by), period=quarter(name), submitted_on=optional_day(dated)
        )
        return self.whole(done.answer)

    def claim_period(self, start: str, end: str, on: str):
        self.on(on)
        period = Period(day(start), day(end))
        done = claims.submit_claim(self.context, self.by(MANAGER), period=period)
        return self.whole(done.answer)

    def whole(self, answered):
        """A claim with its lines, which are not told to the SPV that submits it."""
        view = claims.get_claim(self.context, self.contract_id, answered.claim.claim_number)
        return replace(view, withheld=answered.withheld)

    def approve(self, number: int, on: str, by: Actor = APPROVER, dated: str = "", **options):
        self.on(on)
        return claims.approve_claim(
            self.context,
            self.by(by, **options),
            number,
            decided_on=optional_day(dated),
        ).answer

    def send_back(self, number: int, on: str, by: Actor = APPROVER, dated: str = ""):
        self.on(on)
        return claims.return_claim(
            self.context,
            self.by(by),
            number,
            reason_code="other",
            note="Made anew",
            decided_on=optional_day(dated),
        ).answer

    def paid_claim(self, name: str, on: str):
        """A claim submitted, approved, invoiced, reclaimed and paid in full on one day."""
        view = self.claim(name, on)
        self.approve(view.claim.claim_number, on)
        self.pay_all(view.claim.claim_number, on)
        return view

    def approved_claim(self, name: str, on: str):
        view = self.claim(name, on)
        self.approve(view.claim.claim_number, on)
        return view

    def issue(self, number: int, on: str, by: Actor = MANAGER, dated: str = "", **options):
        """The documents of an approved claim."""
        self.on(on)
        done = invoices.issue_invoices(
            self.context, self.by(by, **options), number, issued_on=optional_day(dated)
        )
        return [stored.invoice for stored in done.answer]

    def fund_claim(self, on: str, start: str = "2019-10-01", end: str = "", fund: str = FUND):
        """A claim to the fund up to a day (of preparing, unless told otherwise); its number."""
        self.on(on)
        period = Period(day(start), day(end or on))
        done = fund_claims.prepare_fund_claim(
            self.context, self.by(APPROVER), fund=fund, period=period
        )
        return done.answer.claim.fund_claim_number

    def submit_fund_claim(self, number: int, on: str, by: Actor = APPROVER, dated="", **options):
        self.on(on)
        return fund_claims.submit_fund_claim(
            self.context, self.by(by, **options), number, on=optional_day(dated)
        ).answer

    def pay(
        self,
        payer: str,
        payee: str,
        amount: str,
        *documents: tuple[str, str],
        on: str,
        by: Actor | None = None,
        dated: str = "",
        currency: str = "GBP",
        reference: str | None = None,
    ):
        """A payment, set against (document, amount) each; answers the stored payment."""
        self.on(on)
        return payments.record_payment(
            self.context,
            self.by(by or Actor(payer, f"{payer}-cashier-1")),
            payer=payer,
            payee=payee,
            amount=Money.parse(amount, currency),
            paid_on=optional_day(dated),
            reference=reference,
            allocations=allocated(documents),
        ).answer

    def give_back(
        self,
        payment_id: str,
        amount: str,
        *documents: tuple[str, str],
        on: str,
        by: Actor = MANAGER,
        dated: str = "",
        **options,
    ):
        """A return of a payment, whole or in part, that opens documents again."""
        self.on(on)
        return payments.return_payment(
            self.context,
            self.by(by, **options),
            payment_id,
            amount=gbp(amount),
            returned_on=optional_day(dated),
            allocations=allocated(documents),
        ).answer

    def allocate(
        self, payment_id: str, *documents: tuple[str, str], on: str, by: Actor = MANAGER, **options
    ):
        self.on(on)
        return payments.allocate_payment(
            self.context,
            self.by(by, **options),
            payment_id,
            allocations=allocated(documents),
        ).answer

    def settle(self, document: str, debtor: str, creditor: str, open_amount: Money, on: str):
        """A payment of all that is open of one document, whichever way it goes."""
        if not open_amount:
            return
        payer, payee = (debtor, creditor) if open_amount.minor > 0 else (creditor, debtor)
        amount = str(open_amount).removeprefix("-")
        self.pay(payer, payee, amount, (document, str(open_amount)), on=on)

    def pay_all(self, number: int, on: str) -> None:
        """Everything that follows from an approved claim: its documents, the fund's share, paid."""
        stored = self.open_documents(number)
        if not stored:
            self.issue(number, on)
            stored = self.open_documents(number)
        for one in stored:
            invoice = one.invoice
            self.settle(invoice.document_id, invoice.customer, invoice.issuer, one.open_amount, on)
        try:
            claimed = self.fund_claim(on)
        except RuleRefused as refusal:
            assert refusal.code == "nothing-to-claim", refusal  # noqa: PT017
            return
        made = self.submit_fund_claim(claimed, on)
        self.settle(made.claim.document_id, FUND, COUNCIL, made.open_amount, on)

    def open_documents(self, number: int):
        """A claim's documents with what is open of each."""
        return invoices.invoices_of_claim(self.context, self.contract_id, number)

    def claw_back(
        self,
        entitlement_id: str,
        on: str,
        ground: str = "mistaken_evidence",
        by: Actor = VERIFIER,
        dated: str = "",
    ):
        self.on(on)
        return clawbacks.claw_back(
            self.context,
            self.by(by),
            entitlement_id,
            ground=ClawbackGround(ground),
            decided_on=optional_day(dated),
        ).answer

    def state(self) -> dict[str, object]:
        """How many rows every table holds for the contract, and its head: what a refusal keeps."""
        with as_owner(self.context.engine) as connection:
            return stored_state(connection, self.contract_id)


def stored_state(connection, contract_id: str) -> dict[str, object]:
    """Counts of the contract's rows in every table, and its row in `contracts`."""
    found: dict[str, object] = {
        table.name: connection.execute(
            select(func.count()).select_from(table).where(table.c.contract_id == contract_id)
        ).scalar_one()
        for table in metadata.sorted_tables
    }
    head = connection.execute(
        select(contracts_table).where(contracts_table.c.contract_id == contract_id)
    ).first()
    return found | {"head": tuple(head) if head else None}


def refused(code: str, act, *args, **kwargs) -> OutcomesError:
    """The refusal that an act meets: its code is the error's own or that of one of its faults."""
    with pytest.raises(OutcomesError) as refusal:
        act(*args, **kwargs)
    codes = {refusal.value.code, *(fault.code for fault in refusal.value.faults)}
    assert code in codes, refusal.value
    return refusal.value


def lines_of(view) -> list[tuple[str, str, str, str, str]]:
    """kind, person, metric, gross and payable of every line of a claim."""
    return [
        (
            line.kind.value,
            line.participant_id,
            line.metric,
            str(line.gross),
            str(line.payable),
        )
        for line in view.claim.lines
    ]

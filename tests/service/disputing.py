"""The golden contract up to a claim with P3's S12 and P2's S18 in it, and acts on its disputes."""

from datetime import date, timedelta

from app.domain.dispute import DisputeReason, OutcomeKind
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.domain.period import Period
from app.service.claims import approve_claim, get_claim
from app.service.command import Command
from app.service.disputes import decide_dispute, escalate_dispute, raise_dispute
from app.service.fund_claims import get_fund_claim
from app.service.invoices import get_invoice_clock, invoices_of_claim, issue_invoices
from app.service.reconciliation import reconciliation
from app.service.set_offs import set_off
from app.service.verify import verify
from tests.factories import gbp
from tests.replay import Replay
from tests.service.world import noon
from tests.settling import Settling

APPROVER = Actor("scc", "council-officer-2")
COMMISSIONER = Actor("scc", "council-officer-3")
FUND = Actor("lcf", "fund-officer-1")
PAYEE = Actor("spv", "spv-manager-2")
STEPS = [
    {"name": "Contract managers", "working_days": 10},
    {"name": "Project board", "working_days": 20},
]


LONG = {"disputes": {"escalation": STEPS, "window_working_days": 260}}
"""Terms under which the last claims can still be disputed when the story is over."""


def dispute_a_little(context, contract_id: str, claim: int) -> None:
    """A dispute of 10.00 of an approved claim's first line, handed on once, and rejected."""
    approved = get_claim(context, contract_id, claim).stored.decided_on
    raised, handed, decided = (approved + timedelta(days=days) for days in (1, 2, 3))
    made = raise_dispute(
        context,
        Command(contract_id, COMMISSIONER),
        subject=f"claim:{claim}/line:1",
        amount=gbp("10.00"),
        reason=DisputeReason.PRICE,
        raised_on=raised,
    ).answer
    dispute = made.stored.dispute.dispute_id
    escalate_dispute(context, Command(contract_id, FUND), dispute, on=handed)
    decide_dispute(
        context,
        Command(contract_id, PAYEE),
        dispute,
        kind=OutcomeKind.REJECTED,
        decided_on=decided,
    )


class Disputing:
    """The golden contract with steps of a dispute, its claim of 2023 Q3 submitted on 3 October.

    P3's S12 is 8,248.00, of which the council bears 7,006.74 and the fund 1,241.26; P2's S18 is cut
    to 3,252.00, all the council's. Nobody claws S12 back.
    """

    def __init__(self, context, clock, backend, **terms) -> None:
        self.context, self.clock, self.contract_id = context, clock, backend.contract_id
        self.replay = Replay(backend)
        self.replay.changes = {"disputes": {"escalation": STEPS} | terms}
        self.replay.story["clawbacks"] = []
        self.replay.run(date(2023, 10, 3))
        self.number = self.replay.claims["2023-Q3"]
        self.settling = Settling(context, self.contract_id, "lcf")

    def by(self, actor: Actor, **options) -> Command:
        return Command(self.contract_id, actor, **options)

    def on(self, text: str) -> None:
        self.clock.set(noon(text))

    def approve(self, on: str = "2023-10-06") -> None:
        """The claim approved, on Friday 6 October unless told otherwise."""
        self.on(on)
        approve_claim(self.context, self.by(APPROVER), self.number)

    @property
    def line(self) -> str:
        """P3's S12 in the claim."""
        return f"claim:{self.number}/line:1"

    def dispute(
        self, on: str, amount: str = "8248.00", by: Actor = COMMISSIONER, subject=""
    ) -> str:
        """A dispute of P3's S12; answers its id."""
        self.on(on)
        done = raise_dispute(
            self.context,
            self.by(by),
            subject=subject or self.line,
            amount=gbp(amount),
            reason=DisputeReason.EVIDENCE,
        )
        return done.answer.stored.dispute.dispute_id

    def decide(self, dispute_id: str, on: str, kind: str, due: str = "", by: Actor = PAYEE):
        """The outcome of a dispute, recorded on its day."""
        self.on(on)
        return decide_dispute(
            self.context,
            self.by(by),
            dispute_id,
            kind=OutcomeKind(kind),
            amount_due=gbp(due) if due else None,
        ).answer

    def settle_earlier(self) -> None:
        """Every earlier claim invoiced and paid, on the day that the clock says."""
        numbers = range(1, self.number)
        self.settling.issue(numbers)
        self.settling.pay_invoices(numbers)

    def issue(self, on: str) -> list[tuple[str, str]]:
        """The documents that the claim asks for now: kind and total of each."""
        self.on(on)
        done = issue_invoices(self.context, self.by(PAYEE), self.number)
        return [(one.invoice.kind.value, str(one.invoice.total)) for one in done.answer]

    def documents(self):
        """The claim's documents, as they stand."""
        return invoices_of_claim(self.context, self.contract_id, self.number)

    def pay(self, amount: str, on: str, document: int = 0) -> None:
        """The council pays a part of one of the claim's documents."""
        self.on(on)
        invoice = self.documents()[document].invoice
        self.settling.pay(invoice.document_id, "scc", "spv", gbp(amount))

    def set_off(self, on: str, *amounts: str) -> None:
        """The claim's first documents set off against each other."""
        self.on(on)
        documents = [one.invoice.document_id for one in self.documents()]
        set_off(
            self.context,
            self.by(PAYEE),
            allocations=[
                PaymentAllocation(document, gbp(amount))
                for document, amount in zip(documents, amounts, strict=True)
            ],
        )

    def invoice_clock(self, on: str, document: int = 0):
        """The payment clock of one of the claim's invoices on a day."""
        self.on(on)
        invoice = self.documents()[document].invoice
        return get_invoice_clock(self.context, self.contract_id, invoice.issuer, invoice.number)

    def reclaim(self, on: str) -> str:
        """What the fund is asked for all that was approved by a day, and pays."""
        self.on(on)
        number = self.settling.reclaim(Period(date(2019, 10, 1), noon(on).date()))
        stored = get_fund_claim(self.context, self.contract_id, number).stored
        return str(stored.asked)

    def ties(self) -> dict[str, object]:
        """The parts of the first tie, what is approved in all, and ties that do not hold: none.

        No bank file is imported here, so payments wait for lines; nothing else may.
        """
        found = reconciliation(self.context, self.contract_id).ties
        broken = {one.name: one.causes for one in found if not one.holds and one.name != "paid"}
        parts = {part.name: str(part.total) for part in found[0].right.parts}
        checks = verify(self.context, self.contract_id).checks
        faults = {one.name: one.differences for one in checks if one.differences}
        return parts | {"approved": str(found[1].left_amount)} | broken | faults

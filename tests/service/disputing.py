"""The golden contract up to a claim with P3's S12 and P2's S18 in it, and acts on its disputes."""

from datetime import date

from app.domain.dispute import DisputeReason, OutcomeKind
from app.domain.parties import Actor
from app.service.claims import approve_claim
from app.service.command import Command
from app.service.disputes import decide_dispute, escalate_dispute, get_dispute, raise_dispute
from app.service.ledger import balances
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from tests.factories import gbp
from tests.replay import Replay
from tests.service.world import noon, optional_day

APPROVER = Actor("scc", "council-officer-2")
COMMISSIONER = Actor("scc", "council-officer-3")
FUND = Actor("lcf", "fund-officer-1")
PAYEE = Actor("spv", "spv-manager-2")
STEPS = [
    {"name": "Contract managers", "working_days": 10},
    {"name": "Project board", "working_days": 20},
]


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

"""Whatever is corrected, claimed, clawed back and invoiced, in whatever order: the books hold."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from app.domain.correction import CorrectionState
from app.domain.errors import OutcomesError
from app.domain.money import Money
from app.payments.corrections import left_to_reverse
from app.service.claims import list_claims
from app.service.corrections import list_corrections
from app.service.ledger import list_entries
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from tests.correcting import Correcting
from tests.factories import COUNCIL, FUND, SPV, day, funding
from tests.service.world import World
from tests.tries import tries

CAPS = {
    "metric": [{"metrics": ["MOVE"], "count_max": 3}],
    "person": "7000",
    "contract": "19800",
    "payer": [{"payer": FUND, "amount": "4900", "shortfall": "unpaid"}],
}
KINDS = ("reversal", "reversal", "correction", "goodwill")
PARTS = st.one_of(
    st.none(),
    st.integers(-700_000, 700_000),
    st.dictionaries(st.sampled_from((COUNCIL, FUND)), st.integers(-200_000, 200_000), min_size=1),
)
CORRECT = st.tuples(
    st.just("correct"), st.integers(1, 3), st.integers(1, 3), st.sampled_from(KINDS), PARTS
)
OTHERS = st.tuples(
    st.sampled_from(("issue", "issue", "reclaim", "claw", "claim")), st.integers(1, 3)
)
ACTS = st.lists(st.one_of(CORRECT, CORRECT, OTHERS), min_size=4, max_size=14)
REFUSALS = {
    "adjustment-mixed", "adjustment-needs-shares", "adjustment-of-nothing", "already-clawed-back",
    "already-invoiced", "already-reversed", "claim-not-approved", "correction-exceeds-line",
    "correction-over-cap", "nothing-to-claim", "nothing-to-invoice", "nothing-to-reverse",
    "original-document-missing", "reversal-exceeds-rest", "reversal-of-nothing",
    "reversal-of-reversal", "reversed-in-part", "claim-unknown", "claim-line-unknown",
}  # fmt: skip


class Story:
    """Three people who moved; two of them in an approved claim. A fourth is waiting."""

    def __init__(self, context, clock, flow: str) -> None:
        self.world = world = World(context, clock, str(uuid7()))
        world.agree(caps=CAPS, funding=funding(flow=flow))
        self.entitlements = []
        for name in ("P1", "P2", "P3", "P4"):
            world.moved(name)
        for name in ("P1", "P2"):
            self.entitlements.append(world.earn("MOVE", "2020-01-20", name).entitlement_id)
        world.approved_claim("2020 Q1", "2020-04-03")
        for name in ("P3", "P4"):
            self.entitlements.append(world.earn("MOVE", "2020-04-20", name).entitlement_id)
        self.desk = Correcting(context, world.contract_id, SPV, COUNCIL)
        self.today = day("2020-07-02")
        self.quarters = ["2020 Q2", "2020 Q3", "2020 Q4", "2021 Q1"]

    def act(self, name: str, number: int, *more) -> None:
        self.today += timedelta(days=1)
        self.world.on(self.today.isoformat())
        try:
            getattr(self, f"_{name}")(number, *more)
        except OutcomesError as refusal:
            assert refusal.code in REFUSALS, refusal  # noqa: PT017

    def _correct(self, claim_number: int, line_number: int, kind: str, parts) -> None:
        amount = shares = None
        if isinstance(parts, int):
            amount = str(Money(parts))
        elif parts is not None:
            shares = {payer: str(Money(minor)) for payer, minor in parts.items()}
        self.desk.make(claim_number, line_number, amount, kind, shares=shares)

    def _issue(self, number: int) -> None:
        self.world.issue(number, self.today.isoformat())

    def _reclaim(self, _: int) -> None:
        self.world.fund_claim(self.today.isoformat())

    def _claw(self, number: int) -> None:
        self.world.claw_back(self.entitlements[number], self.today.isoformat())

    def _claim(self, _: int) -> None:
        if self.quarters:
            name = self.quarters.pop(0)
            self.today = max(self.today, day("2021-04-02"))
            self.world.approved_claim(name, self.today.isoformat())


def used(world: World) -> tuple[dict[str, int], dict[str, int], int]:
    """What lines and their corrections come to by payer and by person, and outcomes paid: naive."""
    by_payer: dict[str, int] = {}
    by_person: dict[str, int] = {}
    by_line: dict[tuple[int, int], int] = {}
    people, signs = {}, {}
    for view in list_claims(world.context, world.contract_id):
        for line in view.claim.lines:
            place = (view.claim.claim_number, line.line_number)
            people[place], signs[place] = line.participant_id, line.kind.value
            by_line[place] = line.payable.minor
            for share in line.shares:
                by_payer[share.payer] = by_payer.get(share.payer, 0) + share.amount.minor
    approved = CorrectionState.APPROVED
    for one in list_corrections(world.context, world.contract_id, limit=500, state=approved):
        by_line[one.correction.claim_number, one.correction.line_number] += one.amount.minor
        for share in one.correction.shares:
            by_payer[share.payer] = by_payer.get(share.payer, 0) + share.amount.minor
    for place, amount in by_line.items():
        by_person[people[place]] = by_person.get(people[place], 0) + amount
    paid = sum(1 for place, amount in by_line.items() if amount and signs[place] == "outcome")
    taken = sum(1 for place, amount in by_line.items() if amount and signs[place] == "clawback")
    return by_payer, by_person, paid - taken


@settings(
    max_examples=tries(6),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS, flow=st.sampled_from(("commissioner_pays_then_reclaims", "fund_pays_direct")))
def test_books_balance_caps_hold_and_nothing_is_reversed_beyond_itself(context, clock, acts, flow):
    story = Story(context, clock, flow)
    world = story.world
    for act in acts:
        story.act(*act)
        by_payer, by_person, count = used(world)
        assert sum(by_payer.values()) <= 19_800_00
        assert by_payer.get(FUND, 0) <= 4_900_00
        assert all(0 <= amount <= 7_000_00 for amount in by_person.values())
        assert count <= 3
    entries = [one.entry for one in list_entries(world.context, world.contract_id, limit=1000)]
    for entry in entries:
        if entry.reverses is None:
            assert all(part.amount.minor >= 0 for part in left_to_reverse(entry, entries))
    report = verify(world.context, world.contract_id)  # books, mirrors and ties included
    assert report.intact, report
    for number in range(1, len(list_claims(world.context, world.contract_id)) + 1):
        story.act("issue", number)
    ties = {one.name: one for one in reconciliation(world.context, world.contract_id).ties}
    assert all(ties[name].holds for name in ("entitlements", "invoiced", "posted", "fund"))
    assert ties["mirrors"].holds

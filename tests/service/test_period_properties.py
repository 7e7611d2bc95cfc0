"""Whatever is posted after a hard close, in whatever order: what was closed stays as it was."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from app.domain.calendar import quarter_start
from app.domain.errors import RuleRefused
from app.domain.period_close import CloseLevel, PeriodKind
from app.service.claims import approve_claim
from app.service.frozen_statements import list_frozen
from app.service.ledger import balances, list_entries
from app.service.payments import record_payment, return_payment
from app.service.periods import close_period, list_periods, reopen_period
from app.service.verify import verify
from tests.factories import COUNCIL, FUND, SPV, day, gbp
from tests.service.world import APPROVER, World
from tests.tries import tries

BOOKS = (COUNCIL, FUND, SPV)
REASONS = st.sampled_from((None, "The file came late"))
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("pay", "return", "approve", "soft", "hard", "hard", "reopen", "year")),
        st.integers(0, 60),  # days that pass before it
        st.integers(0, 250),  # days by which it is dated back
        REASONS,
    ),
    min_size=4,
    max_size=12,
)


REFUSALS = {
    "period-soft-closed",
    "period-not-over",
    "period-before-open",
    "period-closed-already",
    "period-not-closed",
    "period-hard-closed",
    "year-closed",
    "claim-already-decided",
    "more-than-paid",
    "date-out-of-order",
}


class Closing:
    """A contract with a claim to approve; acts on it, and remembers what every close froze."""

    def __init__(self, context, clock) -> None:
        self.world = World(context, clock, str(uuid7()))
        self.world.agree().moved()
        self.world.earn("MOVE", "2020-01-20")
        self.world.claim("2020 Q1", "2020-04-03")
        self.today = day("2020-10-05")
        self.paid = []
        self.kept: dict[tuple[str, int], str] = {}
        self.held: list[tuple[object, list[tuple[str, str]]]] = []
        for _ in range(3):  # October 2019 to June 2020
            self.act("hard", 0, 0, None)

    def act(self, name: str, passing: int, back: int, reason: str | None) -> None:
        self.today += timedelta(days=passing)
        self.world.on(self.today.isoformat())
        dated = max(self.today - timedelta(days=back), day("2020-04-03"))
        try:
            getattr(self, f"_{name}")(dated, self.world.by(APPROVER, late_reason=reason))
        except RuleRefused as refusal:
            assert refusal.code in REFUSALS, refusal  # noqa: PT017

    def _pay(self, dated, command) -> None:
        made = record_payment(
            self.world.context, command, payer=COUNCIL, payee=SPV, amount=gbp("7.00"), paid_on=dated
        )
        self.paid.append(made.answer.payment.payment_id)

    def _return(self, dated, command) -> None:
        if self.paid:
            return_payment(
                self.world.context, command, self.paid[-1], amount=gbp("3.00"), returned_on=dated
            )

    def _approve(self, dated, command) -> None:
        approve_claim(self.world.context, command, 1, decided_on=dated)

    def _soft(self, dated, command) -> None:
        self._close(command, CloseLevel.SOFT, PeriodKind.QUARTER, {"open"})

    def _hard(self, dated, command) -> None:
        self._close(command, CloseLevel.HARD, PeriodKind.QUARTER, {"open", "soft"})

    def _year(self, dated, command) -> None:
        self._close(command, CloseLevel.HARD, PeriodKind.FINANCIAL_YEAR, {"open", "soft"})

    def _reopen(self, dated, command) -> None:
        reopen_period(
            self.world.context,
            command,
            kind=PeriodKind.QUARTER,
            start=quarter_start(dated),
            note="Once more",
        )

    def _close(self, command, level, kind, states) -> None:
        """The first period that is not closed so firmly; what a hard close makes is kept."""
        context, contract_id = self.world.context, self.world.contract_id
        listed = list_periods(context, contract_id, kind)
        one = next(view for view in listed if view.state.value in states)
        close_period(context, command, kind=kind, start=one.period.start, level=level)
        if level is CloseLevel.HARD:
            self.kept |= {k: v for k, v in self.frozen().items() if k not in self.kept}
            self.held.append((one.period.end, self.balances(one.period.end)))

    def frozen(self) -> dict[tuple[str, int], str]:
        return {
            (book, one.statement_number): one.document
            for book in BOOKS
            for one in list_frozen(self.world.context, self.world.contract_id, book)
        }

    def balances(self, to) -> list[tuple[str, str]]:
        found = balances(self.world.context, self.world.contract_id, effective_to=to)
        return [(account.name, str(balance.net)) for account, balance in found.accounts]


@settings(
    max_examples=tries(5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_frozen_bytes_and_closed_balances_stay(context, clock, acts):
    closing = Closing(context, clock)
    for act in acts:
        closing.act(*act)
    closing.act("hard", 100, 0, None)
    closing.act("pay", 0, 1000, "The file came late")  # of 3 April 2020
    for act in acts:
        closing.act(*act)
    assert closing.frozen() == closing.kept
    for end, held in closing.held:
        assert closing.balances(end) == held
    world = closing.world
    late = [one for one in list_entries(world.context, world.contract_id, limit=200) if one.late]
    assert all(
        one.entry.effective_date > one.late.belongs_on or one.late.level.value == "soft"
        for one in late
    )
    assert "hard" in {one.late.level.value for one in late}
    found = verify(world.context, world.contract_id)
    assert [check.differences for check in found.checks if check.found] == []

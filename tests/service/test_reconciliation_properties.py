"""Whatever files hold, in whatever order they come: one end for each line, and all ties hold."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from app.domain.errors import RuleRefused
from app.domain.reconciliation import LineState, MatchState
from app.service import imports, match_decisions, matching
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from app.storage.import_lines import Wanted
from tests.service.test_match_decisions import Desk
from tests.service.world import MANAGER, World
from tests.tries import tries

AMOUNTS = ("13000.00", "10000.00", "23000.00", "4000.00", "9000.00", "13100.00", "-100.00", "7.00")
TEXTS = ("SPV-000001", "SPV-000002", "SPV-000001 SPV-000002", "", "unheard-of 77")
ROWS = st.lists(
    st.tuples(
        st.integers(1, 28), st.sampled_from((4, 5, 10, 11)), st.sampled_from(AMOUNTS),
        st.sampled_from(TEXTS),
    ),
    min_size=1,
    max_size=8,
    unique=True,
)  # fmt: skip


def desk_of(context, clock) -> Desk:
    return Desk(World(context, clock, str(uuid7())))


def written(rows) -> list[str]:
    return [
        f"2020-{month:02d}-{day:02d},{amount},{text},Council" for day, month, amount, text in rows
    ]


def ends(desk: Desk) -> dict[str, tuple[str, str]]:
    found = imports.list_lines(desk.world.context, desk.world.contract_id, Wanted(), limit=100)
    return {
        one.line.identity: (one.classification.value, one.state.value)
        for one in found
        if one.state is not LineState.DUPLICATE
    }


def accept_what_can_be(desk: Desk) -> None:
    """Decide on every proposal until none is left; what is refused by the rules is refused."""
    while matching.propose_matches(desk.world.context, desk.world.by(MANAGER)) and desk.matches():
        for match in sorted(desk.matches(), key=lambda one: one.rule == "return"):
            try:
                desk.act(match_decisions.accept_match, match.match_id)
            except RuleRefused:
                desk.act(match_decisions.refuse_match, match.match_id)


def undo_all(desk: Desk) -> None:
    """Undo every accepted match, returns before what they return."""
    accepted = desk.matches(MatchState.ACCEPTED)
    for match in sorted(accepted, key=lambda one: one.rule != "return"):
        desk.act(match_decisions.undo_match, match.match_id)


@settings(
    max_examples=tries(5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, cut=st.integers(0, 8), overlap=st.integers(0, 3))
def test_files_in_any_order_end_alike_and_everything_ties(context, clock, rows, cut, overlap):
    first, second = written(rows)[:cut], written(rows)[max(0, cut - overlap) :]
    desks = []
    for files in ((first, second), (second, first)):
        desk = desk_of(context, clock)
        for file in files:
            if file:
                desk.rows(*file)
        desks.append(desk)
    assert ends(desks[0]) == ends(desks[1])
    assert len(ends(desks[0])) == len(rows)
    desk = desks[0]
    accept_what_can_be(desk)
    lines = [key for match in desk.matches(MatchState.ACCEPTED) for key in match.lines]
    assert len(lines) == len(set(lines))
    page = reconciliation(context, desk.world.contract_id)
    assert all(tie.holds for tie in page.ties), [tie.causes for tie in page.ties]
    undo_all(desk)
    assert (desk.cash(), desk.open_of(1), desk.open_of(2)) == ("0.00", "13000.00", "10000.00")
    page = reconciliation(context, desk.world.contract_id)
    assert all(tie.holds for tie in page.ties)
    assert verify(context, desk.world.contract_id).intact

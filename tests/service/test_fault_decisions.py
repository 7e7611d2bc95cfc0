"""Rows that could not be read: unknown until a person leaves them out, and counted either way."""

import pytest

from app.domain.reconciliation import IgnoreReason, LineKey, LineState
from app.service import fault_decisions
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from tests.service.test_match_decisions import PAYER, Desk
from tests.service.world import MANAGER, refused

TORN, TOTAL = LineKey(1, 2), LineKey(1, 3)


@pytest.fixture
def desk(world) -> Desk:
    """A file of one line, a row with no such day, and a row of totals."""
    made = Desk(world)
    made.rows(
        "2020-04-30,13000.00,SPV-000001,Council",
        "2020-04-31,1.00,torn,Council",
        "Total,13001.00,,",
    )
    return made


def decide(act, desk: Desk, key: LineKey = TORN, by=MANAGER, **options):
    return act(desk.world.context, desk.world.by(by), key, **options).answer


def ignore(desk: Desk, key: LineKey = TORN, reason=IgnoreReason.READ_ELSEWHERE, **options):
    return decide(fault_decisions.ignore_fault, desk, key, reason=reason, **options)


def restore(desk: Desk, key: LineKey = TORN, **options):
    return decide(fault_decisions.take_fault_back, desk, key, **options)


def counted(desk: Desk) -> list[tuple[str, str, str, int]]:
    page = reconciliation(desk.world.context, desk.world.contract_id)
    return [(one.party, one.source, one.state.value, one.count) for one in page.faults]


def listed(desk: Desk, *given):
    world = desk.world
    return [
        (str(one.key), one.code, one.state.value)
        for one in fault_decisions.list_faults(world.context, world.contract_id, *given)
    ]


def test_every_fault_ends_as_unknown_or_ignored(desk):
    assert counted(desk) == [("spv", "bank", "open", 2)]
    made = ignore(desk, TOTAL, IgnoreReason.NOT_A_PAYMENT)
    assert (made.state, made.ignored_because) == (LineState.IGNORED, IgnoreReason.NOT_A_PAYMENT)
    assert counted(desk) == [("spv", "bank", "ignored", 1), ("spv", "bank", "open", 1)]
    assert listed(desk) == [("1/2", "bad-date", "open"), ("1/3", "bad-date", "ignored")]
    assert listed(desk, LineState.OPEN) == [("1/2", "bad-date", "open")]
    assert listed(desk, None, TORN) == [("1/3", "bad-date", "ignored")]
    back = restore(desk, TOTAL, note="It is a payment after all")
    assert (back.state, back.ignored_because) == (LineState.OPEN, None)
    assert ignore(desk, TOTAL).sequence > back.sequence
    assert verify(desk.world.context, desk.world.contract_id).intact


def test_what_is_refused(desk):
    before = desk.world.state()
    refused("party-not-permitted", ignore, desk, by=PAYER)
    refused("party-not-permitted", restore, desk, by=PAYER)
    refused("fault-unknown", ignore, desk, LineKey(1, 1))
    refused("fault-unknown", ignore, desk, LineKey(1, 4))
    refused("fault-unknown", ignore, desk, LineKey(2, 2))
    refused("missing-field", ignore, desk, reason=IgnoreReason.OTHER)
    refused("looks-like-email", ignore, desk, note="ask a@b.org")
    refused("line-not-ignored", restore, desk)
    assert desk.world.state() == before
    ignore(desk, reason=IgnoreReason.OTHER, note="The bank prints a blank row there")
    refused("line-decided", ignore, desk)

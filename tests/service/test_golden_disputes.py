"""The golden contract with P3's S12 in dispute: upheld and rejected, before approval and after.

Of the claim of 11,500.00 for 2023 Q3, S12 is 8,248.00 (the fund bears 1,241.26 of it). In the whole
contract 85,062.00 was earned, of which caps cut 2,527.00.
"""

import pytest

from app.service.ledger import list_entries
from tests.service.disputing import FUND, Disputing
from tests.service.world import refused

CAPPED = {"capped": "2527.00", "not yet claimed": "0.00"}


@pytest.fixture
def golden(context, clock, backend) -> Disputing:
    made = Disputing(context, clock, backend)
    made.settle_earlier()
    return made


def corrections(golden) -> list[tuple[str, str, int | None]]:
    """Kind, amount in the payee's book and what it reverses, of the last record's entries."""
    found = list_entries(golden.context, golden.contract_id, 0, 200)
    last = found[-1].sequence
    return [
        (
            one.entry.kind.value,
            str(next(part.amount for part in one.entry.postings if "spv/" in part.debit)),
            one.entry.reverses,
        )
        for one in found
        if one.sequence == last
    ]


def test_before_approval_the_disputed_line_is_withheld_and_the_rest_is_paid(golden):
    dispute = golden.dispute("2023-10-04")
    golden.approve("2023-10-06")
    line, rest, withheld = corrections(golden)
    assert line[:2] == ("claim_line_approved", "8248.00")
    assert rest[:2] == ("claim_line_approved", "3252.00")
    assert withheld[:2] == ("reversal", "8248.00")
    assert golden.issue("2023-10-06") == [("invoice", "3252.00")]
    held = {"claimed": "74287.00", "disputed": "8248.00", **CAPPED, "approved": "74287.00"}
    assert golden.ties() == held
    golden.pay("3252.00", "2023-10-20")
    assert golden.invoice_clock("2023-10-20").state.value == "settled"
    assert golden.reclaim("2023-10-21") == "17758.74"
    assert golden.ties() == held

    golden.decide(dispute, "2023-10-25", "upheld")
    assert golden.ties() == held
    refused("already-invoiced", golden.issue, "2023-10-25")
    refused("dispute-amount", golden.dispute, "2023-10-26", "0.01")


def test_before_approval_rejected_puts_the_whole_line_back(golden):
    dispute = golden.dispute("2023-10-04")
    golden.approve("2023-10-06")
    golden.issue("2023-10-06")
    golden.pay("3252.00", "2023-10-20")
    assert golden.reclaim("2023-10-21") == "17758.74"
    decided = golden.decide(dispute, "2023-10-25", "rejected")
    assert decided.stored.dispute.outcome.decided_by == "Project board"
    assert [one[:2] for one in corrections(golden)] == [("adjustment", "8248.00")]
    assert golden.issue("2023-10-25") == [("invoice", "8248.00")]
    whole = {"claimed": "82535.00", "disputed": "0.00", **CAPPED, "approved": "82535.00"}
    assert golden.ties() == whole
    assert str(golden.invoice_clock("2023-10-25", 1).due_on) == "2023-11-24"
    golden.pay("8248.00", "2023-11-24", 1)
    assert golden.reclaim("2023-11-25") == "1241.26"
    assert golden.ties() == whole
    refused("dispute-window-closed", golden.dispute, "2023-11-27")


def test_after_approval_upheld_takes_the_line_back(golden):
    golden.approve("2023-10-06")
    assert golden.issue("2023-10-06") == [("invoice", "11500.00")]
    assert golden.reclaim("2023-10-07") == "19000.00"
    before = {"claimed": "82535.00", "disputed": "0.00", **CAPPED, "approved": "82535.00"}
    assert golden.ties() == before
    dispute = golden.dispute("2023-10-09", by=FUND)
    held = {**before, "claimed": "74287.00", "disputed": "8248.00"}
    assert golden.ties() == held
    golden.pay("3252.00", "2023-10-20")
    clock = golden.invoice_clock("2023-10-20")
    assert (clock.state.value, str(clock.disputed), clock.due_on) == ("held", "8248.00", None)
    assert golden.ties() == held

    golden.decide(dispute, "2023-10-23", "upheld")
    (taken,) = corrections(golden)
    assert taken[:2] == ("reversal", "8248.00")
    assert taken[2] is not None
    assert golden.issue("2023-10-23") == [("credit_note", "8248.00")]
    after = {**held, "approved": "74287.00"}
    assert golden.ties() == after
    golden.set_off("2023-10-24", "8248.00", "-8248.00")
    assert [str(one.open_amount) for one in golden.documents()] == ["0.00", "0.00"]
    assert golden.reclaim("2023-10-24") == "-1241.26"
    assert golden.ties() == after


def test_after_approval_rejected_lets_the_clock_run_on(golden):
    golden.approve("2023-10-06")
    golden.issue("2023-10-06")
    dispute = golden.dispute("2023-10-09")
    golden.pay("3252.00", "2023-10-20")
    held = {"claimed": "74287.00", "disputed": "8248.00", **CAPPED, "approved": "82535.00"}
    assert golden.ties() == held
    golden.decide(dispute, "2023-10-23", "rejected")
    refused("already-invoiced", golden.issue, "2023-10-23")
    # Due on 5 Nov; the clock stood for the 14 days from 9 to 22 Oct.
    on_time, late = golden.invoice_clock("2023-11-19"), golden.invoice_clock("2023-11-20")
    assert (on_time.state.value, str(on_time.due_on), on_time.days_late) == (
        "not_due",
        "2023-11-19",
        0,
    )
    assert (late.state.value, late.days_late) == ("late", 1)
    golden.pay("8248.00", "2023-11-19")
    assert golden.invoice_clock("2023-11-20").state.value == "settled"
    assert golden.reclaim("2023-11-20") == "19000.00"
    assert golden.ties() == {**held, "claimed": "82535.00", "disputed": "0.00"}

"""The payment clock of invoices: credit notes, direct payers, VAT, and days asked about."""

import pytest

from app.domain.period import Period
from app.service.contracts import create_contract
from app.service.days import known_at
from app.service.invoices import get_invoice_clock, get_invoice_data
from app.service.payment_clock import read_ageing, read_compliance
from tests.factories import COUNCIL, FUND, SPV, day, document, funding, gbp
from tests.service.test_disputes import CLERK, contest, decide
from tests.service.world import VERIFIER, refused

STEPS = {"escalation": [{"name": "Board", "working_days": 10}]}


def begun(world, **changes):
    """A move of 6,500.00 approved and invoiced on Fri 3 Apr 2020: due on 3 May."""
    world.agree(disputes=STEPS, **changes).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.issue(1, "2020-04-03")
    return world


def clock(world, on: str, number: int = 1):
    world.on(on)
    return get_invoice_clock(world.context, world.contract_id, SPV, number)


def told(world, on: str, number: int = 1) -> tuple[str, int, str]:
    found = clock(world, on, number)
    return found.state.value, found.days_late, str(found.due_on)


@pytest.mark.parametrize(
    ("on", "state", "late", "bucket"),
    [
        ("2020-05-02", "not_due", 0, "not_due"),
        ("2020-05-03", "not_due", 0, "not_due"),
        ("2020-05-04", "late", 1, "1-30"),
        ("2020-06-02", "late", 30, "1-30"),
        ("2020-06-03", "late", 31, "31-60"),
        ("2020-07-03", "late", 61, "61+"),
    ],
)
def test_how_late_an_invoice_is(world, on, state, late, bucket):
    begun(world)
    assert told(world, on) == (state, late, "2020-05-03")
    aged = read_ageing(world.context, world.contract_id)
    assert [line.bucket.value for line in aged.lines if line.count] == [bucket]
    earlier = read_ageing(world.context, world.contract_id, day("2020-05-03"))
    assert [one.days_late for one in earlier.sums] == [0]


@pytest.mark.parametrize(
    ("decided", "on", "state", "late", "due"),
    [
        ("", "2020-07-01", "held", 0, None),
        ("2020-04-16", "2020-05-13", "not_due", 0, "2020-05-13"),
        ("2020-04-16", "2020-05-14", "late", 1, "2020-05-13"),
        ("2020-04-06", "2020-05-04", "late", 1, "2020-05-03"),
    ],
)
def test_a_dispute_of_the_whole_line_moves_the_due_day(world, decided, on, state, late, due):
    begun(world)
    dispute = contest(world, "2020-04-06")
    if decided:
        decide(world, dispute, decided, "rejected")
    assert told(world, on) == (state, late, str(due))
    shown = get_invoice_data(world.context, world.contract_id, SPV, 1)[0].invoice
    assert str(shown.due_on) == str(due)


def test_the_past_is_as_it_was_on_the_day_asked_about(world):
    begun(world)
    dispute = contest(world, "2020-04-06", "1000.00")
    decide(world, dispute, "2020-04-16", "upheld")
    for on, unpaid, held in (
        ("2020-04-05", "6500.00", "0.00"),
        ("2020-04-06", "6500.00", "1000.00"),
        ("2020-04-15", "6500.00", "1000.00"),
        ("2020-04-16", "5500.00", "0.00"),
    ):
        aged = read_ageing(world.context, world.contract_id, day(on), COUNCIL)
        assert (str(aged.unpaid), str(aged.held)) == (unpaid, held)

    world.issue(1, "2020-04-20")
    assert [still_unpaid(world, on) for on in ("2020-04-15", "2020-04-16", "2020-04-20")] == [
        "6500.00",
        "5500.00",
        "5500.00",
    ]
    assert still_unpaid(world, "2020-04-20", "2020-04-15") == "6500.00"
    assert still_unpaid(world, "2020-04-20", "2020-04-16") == "5500.00"
    assert still_unpaid(world, "2020-04-20", "2020-04-02") == "0.00"


def still_unpaid(world, on: str, known_on: str = "") -> str:
    instant = known_at(world.context, world.contract_id, day(known_on)) if known_on else None
    return str(read_ageing(world.context, world.contract_id, day(on), known_at=instant).unpaid)


def test_a_later_return_changes_no_earlier_day_and_nothing_known_before(world):
    """Paid on 5 May; the money came back on the 8th, which was recorded on the 12th."""
    begun(world)
    invoice = ("invoice:spv/1", "6500.00")
    paid = world.pay(COUNCIL, SPV, "6500.00", invoice, on="2020-05-06", dated="2020-05-05")
    assert [still_unpaid(world, on) for on in ("2020-05-04", "2020-05-05")] == ["6500.00", "0.00"]
    back = ("invoice:spv/1", "-6500.00")
    payment_id = paid.payment.payment_id
    world.give_back(payment_id, "6500.00", back, on="2020-05-12", dated="2020-05-08")
    told = {
        (on, known_on): still_unpaid(world, on, known_on)
        for on in ("2020-05-04", "2020-05-05", "2020-05-07", "2020-05-08", "2020-05-12")
        for known_on in ("2020-05-05", "2020-05-06", "2020-05-11", "2020-05-12", "")
    }
    settled = {key for key, amount in told.items() if amount == "0.00"}
    assert set(told.values()) == {"6500.00", "0.00"}
    assert settled == {
        *((on, known) for on in ("2020-05-05", "2020-05-07") for known in KNOWN_PAID),
        *((on, known) for on in ("2020-05-08", "2020-05-12") for known in KNOWN_PAID[:2]),
    }


KNOWN_PAID = ("2020-05-06", "2020-05-11", "2020-05-12", "")


def test_an_upheld_part_is_no_sum_to_pay_before_and_after_its_credit_note(world):
    begun(world)
    decide(world, contest(world, "2020-04-06", "1000.00"), "2020-04-16", "upheld")
    assert [str(one.amount) for one in clock(world, "2020-04-17").sums] == ["5500.00"]
    (note,) = world.issue(1, "2020-04-17")
    assert [str(one.amount) for one in clock(world, "2020-04-17").sums] == ["5500.00"]
    refused("invoice-unknown", clock, world, "2020-04-17", note.number)
    documents = ("invoice:spv/1", "6500.00"), ("invoice:spv/2", "-1000.00")
    world.pay(COUNCIL, SPV, "5500.00", *documents, on="2020-05-01")
    (paid,) = clock(world, "2020-05-04").sums
    assert (str(paid.amount), str(paid.paid_on)) == ("5500.00", "2020-05-01")
    figures = read_compliance(
        world.on("2020-10-01").context,
        world.contract_id,
        COUNCIL,
        Period(day("2020-04-01"), day("2020-09-30")),
    )
    assert (figures.paid_count, str(figures.paid), str(figures.paid_late)) == (1, "5500.00", "0.00")


def test_decided_before_the_invoice_is_issued_only_the_rest_is_on_it(world):
    world.agree(disputes=STEPS).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    decide(world, contest(world, "2020-04-06", "3000.00"), "2020-04-08", "settled", "1000.00")
    (invoice,) = world.issue(1, "2020-04-14")
    assert str(invoice.total) == "4500.00"
    found = clock(world, "2020-04-15")
    assert [str(one.amount) for one in found.sums] == ["3500.00", "1000.00"]
    assert {str(one.due_on) for one in found.sums} == {"2020-05-14"}


def test_where_the_fund_pays_direct_each_invoice_holds_its_own_part(world):
    begun(world, funding=funding(flow="fund_pays_direct"))
    contest(world, "2020-04-06", "1000.00")
    held = {
        clock(world, "2020-04-07", number).invoice.customer: str(
            clock(world, "2020-04-07", number).disputed
        )
        for number in (1, 2)
    }
    assert held == {COUNCIL: "750.00", FUND: "250.00"}
    aged = read_ageing(world.context, world.contract_id, payer=FUND)
    assert (str(aged.held), str(aged.unpaid)) == ("250.00", "1625.00")


def test_a_disputed_part_has_its_part_of_the_vat(world):
    vat = {"treatment": "standard", "rationale": "A proposal", "decided_on": "2019-10-01"}
    begun(world, invoicing={"vat": vat | {"rate": "0.20"}})
    contest(world, "2020-04-06", "1000.00", by=CLERK)
    found = clock(world, "2020-04-07")
    assert [str(one.amount) for one in found.sums] == ["6600.00", "1200.00"]
    assert found.disputed == gbp("1200.00")


@pytest.mark.parametrize(("on", "code"), [("2020-09-30", "period-not-over"), ("2020-10-01", None)])
def test_when_a_periods_figures_can_be_told(world, on, code):
    begun(world)
    span = Period(day("2020-04-01"), day("2020-09-30"))
    world.on(on)
    if code:
        refused(code, read_compliance, world.context, world.contract_id, COUNCIL, span)
        return
    found = read_compliance(world.context, world.contract_id, COUNCIL, span)
    assert (found.paid_count, found.due_count, found.share_unpaid_at_end) == (0, 1, 1)
    refused("payer-unknown", read_compliance, world.context, world.contract_id, FUND, span)


def test_before_terms_are_in_force_nothing_is_unpaid_and_nothing_was_due(world):
    world.on("2019-11-01")
    create_contract(world.context, world.by(VERIFIER), document())
    assert read_ageing(world.context, world.contract_id).sums == ()
    span = Period(day("2019-01-01"), day("2019-06-30"))
    refused("terms-not-in-force", read_compliance, world.context, world.contract_id, COUNCIL, span)

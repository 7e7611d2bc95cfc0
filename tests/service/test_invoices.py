"""Invoices and credit notes: who issues them, when, for what, and their numbers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from app.domain.invoice import DocumentKind
from app.domain.money import Money
from app.domain.period import Period
from app.interchange.invoice_pdf import invoice_pdf
from app.service.claims import list_claims
from app.service.invoices import get_invoice_data, issue_invoices, list_invoices
from app.service.ledger import balances, list_entries
from app.service.verify import verify
from tests.factories import day, funding
from tests.service.world import APPROVER, FUNDER, MANAGER, VERIFIER, WORKER, refused
from tests.settling import Settling


def told(invoice) -> tuple:
    """Reference, kind, customer, total and what it cites."""
    return (
        invoice.reference,
        invoice.kind.value,
        invoice.customer,
        str(invoice.total),
        invoice.cites,
    )


@pytest.fixture
def approved(world):
    """A move of 6,500.00, approved on 3 April 2020."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    return world


# --- The golden contract ----------------------------------------------------------------------


@pytest.fixture
def settled(context, clock, contract_id, golden) -> Settling:
    """EX with every approved claim invoiced on 1 March 2024."""
    golden.run()
    clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    settling = Settling(context, contract_id, "lcf")
    settling.issue(golden.claims.values())
    return settling


def test_the_golden_contract_is_invoiced_claim_by_claim(context, contract_id, golden, settled):
    documents = [one.invoice for one in list_invoices(context, contract_id)]
    claims = {view.claim.claim_number: view for view in list_claims(context, contract_id)}
    assert [one.number for one in documents] == list(range(1, len(claims) + 1))
    for one in documents:
        is_credit = one.kind is DocumentKind.CREDIT_NOTE
        payable = claims[one.claim_number].totals.payable
        assert one.total == (-payable if is_credit else payable)
        assert sum(line.net.minor for line in one.lines) == one.net.minor
    invoice, credit = documents[-2:]
    assert told(invoice) == ("SPV-000009", "invoice", "scc", "11500.00", ())
    assert told(credit) == ("SPV-000010", "credit_note", "scc", "8248.00", (9,))
    assert credit.due_on is None


def test_the_golden_contract_is_paid_to_nothing_open(context, contract_id, golden, settled):
    settled.pay_invoices(golden.claims.values())
    settled.reclaim(Period(day("2019-10-01"), day("2024-02-29")))
    assert not any(one.open_amount for one in list_invoices(context, contract_id))
    assert {view.stored.status.value for view in list_claims(context, contract_id)} == {"paid"}
    held = {one.name: str(net.net) for one, net in balances(context, contract_id).accounts}
    owing = {name: net for name, net in held.items() if "payable" in name or "receivable" in name}
    assert set(owing.values()) == {"0.00"}
    assert (held["scc/cash"], held["spv/cash"], held["lcf/cash"]) == (
        "-56528.26",
        "74287.00",
        "-17758.74",
    )
    report = verify(context, contract_id)
    assert report.intact, [check.differences for check in report.checks]


# --- Who and when -----------------------------------------------------------------------------


@pytest.mark.parametrize("by", [VERIFIER, APPROVER, WORKER, FUNDER])
def test_only_the_payee_issues(approved, by):
    before = approved.state()
    refused("party-not-permitted", approved.issue, 1, "2020-04-06", by=by)
    assert approved.state() == before


@pytest.mark.parametrize(
    ("dated", "code"),
    [
        ("2020-04-02", "date-before-approval"),
        ("2020-04-03", None),
        ("2020-04-06", None),
        ("2020-04-07", "date-in-future"),
    ],
)
def test_the_day_of_issue_and_the_day_it_is_due(approved, dated, code):
    if code:
        refused(code, approved.issue, 1, "2020-04-06", dated=dated)
        return
    (made,) = approved.issue(1, "2020-04-06", dated=dated)
    assert (made.due_on - made.issued_on).days == 30


def test_before_approval_after_a_return_and_twice(world):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    refused("claim-not-approved", world.issue, 1, "2020-04-06")
    world.send_back(1, "2020-04-07")
    refused("claim-not-approved", world.issue, 1, "2020-04-08")
    refused("claim-unknown", world.issue, 9, "2020-04-08")
    world.approved_claim("2020 Q1", "2020-04-09")
    world.issue(2, "2020-04-09")
    refused("already-invoiced", world.issue, 2, "2020-04-09")


def test_a_claim_that_pays_nothing_has_no_document(world):
    world.agree(caps={"person": "6500"}).moved()
    world.earn("MOVE", "2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.earn("S06", "2020-07-20")
    world.approved_claim("2020 Q3", "2020-10-02")
    refused("nothing-to-invoice", world.issue, 2, "2020-10-02")


def test_terms_without_invoicing_wait_for_a_variation(world):
    world.agree(invoicing=None).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    refused("invoicing-not-in-terms", world.issue, 1, "2020-04-06")
    world.vary("2020-04-07", "2020-05-01")
    refused("invoicing-not-in-terms", world.issue, 1, "2020-04-30")
    (made,) = world.issue(1, "2020-05-01")
    assert made.vat_rationale == "A proposal for tests."


# --- What is on them --------------------------------------------------------------------------


def test_each_payer_is_asked_for_its_part_where_the_fund_pays_direct(world):
    world.agree(funding=funding(flow="fund_pays_direct")).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    assert [told(one) for one in world.issue(1, "2020-04-06")] == [
        ("SPV-000001", "invoice", "council", "4875.00", ()),
        ("SPV-000002", "invoice", "fund", "1625.00", ()),
    ]


def test_what_is_taken_back_needs_the_invoice_it_is_taken_back_from(world):
    world.agree().moved()
    move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.claw_back(move.entitlement_id, "2020-05-01")
    world.approved_claim("2020 Q2", "2020-07-03")
    refused("original-document-missing", world.issue, 2, "2020-07-06")
    world.issue(1, "2020-07-07")
    (credit,) = world.issue(2, "2020-07-08")
    assert told(credit) == ("SPV-000002", "credit_note", "council", "6500.00", (1,))


def test_vat_is_posted_on_the_day_of_issue_and_taken_back_with_its_invoice(world):
    vat = {
        "treatment": "standard",
        "rate": "0.20",
        "rationale": "Advice",
        "decided_on": "2019-11-28",
    }
    world.agree(invoicing={"vat": vat}).moved()
    move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    (made,) = world.issue(1, "2020-04-06")
    assert (str(made.net), str(made.vat), str(made.total)) == ("6500.00", "1300.00", "7800.00")
    posted = list_entries(world.context, world.contract_id)[-1].entry
    assert (posted.source, posted.kind.value) == ("invoice:spv/1", "vat_invoiced")
    world.claw_back(move.entitlement_id, "2020-05-01")
    world.approved_claim("2020 Q2", "2020-07-03")
    world.issue(2, "2020-07-06")
    world.pay_all(1, "2020-07-07")
    world.pay_all(2, "2020-07-07")
    held = balances(world.context, world.contract_id)
    assert not any(balance.net for _, balance in held.accounts)
    assert verify(world.context, world.contract_id).intact


def test_the_print_is_the_same_to_the_byte_whatever_happens_later(approved):
    approved.issue(1, "2020-04-06")
    first = invoice_pdf(get_invoice_data(approved.context, approved.contract_id, "spv", 1)[1])
    approved.pay_all(1, "2020-04-07")
    approved.vary("2020-05-01", "2020-06-01", title="A new title")
    again = invoice_pdf(get_invoice_data(approved.context, approved.contract_id, "spv", 1)[1])
    assert first == again


@pytest.mark.slow
def test_numbers_have_no_gaps_when_twenty_claims_are_invoiced_at_once(world):
    world.agree(claims={"calendar": "any"})
    for number in range(1, 21):
        on = f"2020-02-{number:02d}"
        world.moved(f"P{number}")
        world.earn("MOVE", on, f"P{number}")
        view = world.claim_period("2020-01-01", on, on)
        world.approve(view.claim.claim_number, on)
    world.on("2020-03-02")

    def issue(number: int) -> int:
        done = issue_invoices(world.context, world.by(MANAGER), number)
        return done.answer[0].invoice.number

    with ThreadPoolExecutor(10) as pool:
        numbers = list(pool.map(issue, range(1, 21)))
    assert sorted(numbers) == list(range(1, 21))
    stored = list_invoices(world.context, world.contract_id, limit=100)
    assert {one.invoice.claim_number for one in stored} == set(range(1, 21))
    assert {one.open_amount for one in stored} == {Money(650000)}

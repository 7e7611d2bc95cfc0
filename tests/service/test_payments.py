"""Payments and the documents they settle: in part, together, too much, wrongly, and back."""

from datetime import UTC, datetime

import pytest

from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.service.claims import get_claim
from app.service.command import Command
from app.service.explain import explain_entry
from app.service.ledger import balances, get_entry
from app.service.payments import (
    allocate_payment,
    get_payment,
    get_remittance,
    list_payments,
    record_payment,
)
from app.service.verify import verify
from tests.factories import COUNCIL, FUND, SPV
from tests.service.world import FUNDER, MANAGER, VERIFIER, WORKER, refused
from tests.settling import Settling

FIRST, SECOND, CREDIT = "invoice:spv/1", "invoice:spv/2", "invoice:spv/3"
NOTHING = Money(0)


@pytest.fixture
def invoiced(world):
    """Two invoices to the council: SPV-000001 of 6,500.00 and SPV-000002 of 10,000.00."""
    world.agree().moved()
    world.move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.issue(1, "2020-04-06")
    world.earn("S06", "2020-07-20")
    world.approved_claim("2020 Q3", "2020-10-02")
    world.issue(2, "2020-10-05")
    return world


@pytest.fixture
def credited(invoiced):
    """And a credit note of 6,500.00, SPV-000003, for the move taken back."""
    invoiced.claw_back(invoiced.move.entitlement_id, "2020-11-02")
    invoiced.approved_claim("2020 Q4", "2021-01-04")
    invoiced.issue(3, "2021-01-05")
    return invoiced


def still_open(world) -> dict[str, str]:
    return {
        stored.invoice.document_id: str(stored.open_amount)
        for number in (1, 2, 3)[: 3 if world.state()["claims"] == 3 else 2]
        for stored in world.open_documents(number)
    }


def pay(world, amount: str, *documents, on: str = "2021-01-11", **options):
    return world.pay(COUNCIL, SPV, amount, *documents, on=on, **options)


def intact(world) -> bool:
    return verify(world.context, world.contract_id).intact


# --- What payments settle ---------------------------------------------------------------------


SETTLED = [
    ("500.00", [(FIRST, "500.00")], "0.00", {FIRST: "6000.00", SECOND: "10000.00"}),
    ("6500.00", [(FIRST, "6500.00")], "0.00", {FIRST: "0.00", SECOND: "10000.00"}),
    (
        "16500.00",
        [(SECOND, "10000.00"), (FIRST, "6500.00")],
        "0.00",
        {FIRST: "0.00", SECOND: "0.00"},
    ),
    ("7000.00", [(FIRST, "6500.00")], "500.00", {FIRST: "0.00", SECOND: "10000.00"}),
    ("20.00", [], "20.00", {FIRST: "6500.00", SECOND: "10000.00"}),
]


@pytest.mark.parametrize(("amount", "documents", "on_account", "left"), SETTLED)
def test_in_part_in_full_together_and_on_account(invoiced, amount, documents, on_account, left):
    made = pay(invoiced, amount, *documents)
    assert str(made.on_account) == on_account
    assert still_open(invoiced) == left
    stored = get_payment(invoiced.context, invoiced.contract_id, made.payment.payment_id)
    assert stored.payment == made.payment
    entry, _ = get_entry(invoiced.context, invoiced.contract_id, made.entry_number)
    assert {str(posting.amount) for posting in entry.entry.postings} == {amount}
    status = get_claim(invoiced.context, invoiced.contract_id, 1).stored.status.value
    assert status == ("paid" if left[FIRST] == "0.00" else "approved")
    assert intact(invoiced)


REFUSED = [
    ("more than is open", "7000.00", [(FIRST, "6500.01")], "more-than-open"),
    ("more than was paid", "6000.00", [(FIRST, "6500.00")], "more-than-paid"),
    ("together more than was paid", "9.00", [(FIRST, "5.00"), (SECOND, "5.00")], "more-than-paid"),
    ("below zero", "9.00", [(FIRST, "-1.00")], "more-than-open"),
    ("nothing", "9.00", [(FIRST, "0.00")], "amount-of-nothing"),
    ("one document twice", "9.00", [(FIRST, "4.00"), (FIRST, "5.00")], "duplicate"),
    ("no such invoice", "9.00", [("invoice:spv/9", "9.00")], "document-unknown"),
    ("no such claim", "9.00", [("fund-claim:9", "9.00")], "document-unknown"),
    ("another spelling", "9.00", [("invoice:spv/01", "9.00")], "document-unknown"),
    ("no document", "9.00", [("claim:1", "9.00")], "document-unknown"),
    ("nothing paid", "0.00", [], "amount-not-positive"),
]


@pytest.mark.parametrize(
    ("amount", "documents", "code"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_what_a_payment_cannot_settle(invoiced, amount, documents, code):
    before = invoiced.state()
    refused(code, pay, invoiced, amount, *documents)
    assert invoiced.state() == before


def test_who_records_and_between_whom(invoiced):
    refused("party-not-permitted", pay, invoiced, "9.00", by=WORKER)
    refused("party-not-permitted", pay, invoiced, "9.00", by=FUNDER)
    refused("date-in-future", pay, invoiced, "9.00", dated="2021-01-12")
    refused("looks-like-email", pay, invoiced, "9.00", reference="paid by a@b.org")
    refused("no-account-between", invoiced.pay, FUND, SPV, "9.00", on="2021-01-11")
    refused("no-account-between", invoiced.pay, SPV, SPV, "9.00", on="2021-01-11")
    of_others = (FIRST, "9.00")
    refused("document-of-others", invoiced.pay, FUND, COUNCIL, "9.00", of_others, on="2021-01-11")
    assert pay(invoiced, "9.00", by=MANAGER)
    assert pay(invoiced, "9.00", by=VERIFIER, reference="SPV-000001")


def test_another_currency_is_not_recorded(invoiced):
    refused("currency-not-of-contract", pay, invoiced, "9.00", currency="EUR")
    made = pay(invoiced, "9.00").payment.payment_id
    command = invoiced.by(MANAGER)
    euros = [PaymentAllocation(FIRST, Money(100, "EUR"))]
    context = invoiced.context
    refused("currency-not-of-contract", allocate_payment, context, command, made, allocations=euros)


# --- Credit notes -----------------------------------------------------------------------------


def test_a_credit_note_is_set_off_against_an_invoice(credited):
    """10,000.00 less 6,500.00: 3,500.00 is paid, and both are settled."""
    made = pay(credited, "3500.00", (SECOND, "10000.00"), (CREDIT, "-6500.00"))
    assert still_open(credited) == {FIRST: "6500.00", SECOND: "0.00", CREDIT: "0.00"}
    advice = get_remittance(credited.context, credited.contract_id, made.payment.payment_id)
    assert [(row.reference, str(row.paid_now), str(row.left)) for row in advice.rows] == [
        ("SPV-000002", "10000.00", "0.00"),
        ("SPV-000003", "-6500.00", "0.00"),
    ]
    assert str(advice.on_account) == "0.00"
    assert intact(credited)


def test_the_golden_set_off_of_3252(context, clock, contract_id, golden):
    """The last invoice of EX, 11,500.00, with the credit note of 8,248.00 for P3 S12."""
    golden.run()
    clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    settling = Settling(context, contract_id, "lcf")
    numbers = list(golden.claims.values())
    settling.issue(numbers)
    settling.pay_invoices(numbers[:-2])
    record_payment(
        context,
        Command(contract_id, Actor("scc", "cashier-1")),
        payer="scc",
        payee="spv",
        amount=Money.parse("3252.00"),
        allocations=[
            PaymentAllocation("invoice:spv/9", Money.parse("11500.00")),
            PaymentAllocation("invoice:spv/10", Money.parse("-8248.00")),
        ],
    )
    held = {one.name: net.net for one, net in balances(context, contract_id).accounts}
    assert held["scc/payable/spv"] == held["spv/receivable/scc"] == NOTHING
    assert verify(context, contract_id).intact


def test_a_credit_note_is_paid_out_by_the_payee(credited):
    pay(credited, "6500.00", (FIRST, "6500.00"))
    out = credited.pay(SPV, COUNCIL, "6600.00", (CREDIT, "-6500.00"), on="2021-01-12")
    assert (out.payment.pays_back, str(out.on_account)) == (True, "100.00")
    assert still_open(credited)[CREDIT] == "0.00"
    back = credited.give_back(out.payment.payment_id, "600.00", (CREDIT, "500.00"), on="2021-01-13")
    assert back.payment.pays_back is False
    assert still_open(credited)[CREDIT] == "-500.00"
    assert intact(credited)


CREDITS_REFUSED = [
    ("9.00", [(CREDIT, "-6500.00")], "credit-without-invoice"),
    ("9.00", [(CREDIT, "9.00")], "more-than-open"),
    ("9.00", [(SECOND, "10000.00"), (CREDIT, "-6500.00")], "more-than-paid"),
    ("9.00", [(SECOND, "9.00"), (CREDIT, "-6500.01")], "more-than-open"),
]


@pytest.mark.parametrize(("amount", "documents", "code"), CREDITS_REFUSED)
def test_how_a_credit_note_cannot_be_used(credited, amount, documents, code):
    refused(code, pay, credited, amount, *documents)


# --- Money on account -------------------------------------------------------------------------


def test_money_on_account_is_allocated_later_and_taken_back(credited):
    made = pay(credited, "7000.00", (FIRST, "6500.00"), on="2020-10-06").payment.payment_id
    more = credited.allocate(made, (SECOND, "400.00"), on="2021-01-12")
    assert str(more.on_account) == "100.00"
    assert still_open(credited)[SECOND] == "9600.00"
    stored = get_payment(credited.context, credited.contract_id, made)
    assert stored.payment == more.payment
    refused("more-than-paid", credited.allocate, made, (SECOND, "100.01"), on="2021-01-13")
    credited.allocate(made, (FIRST, "-500.00"), (SECOND, "600.00"), on="2021-01-13")
    assert still_open(credited) == {FIRST: "500.00", SECOND: "9000.00", CREDIT: "-6500.00"}
    refused("more-than-open", credited.allocate, made, (FIRST, "-6000.01"), on="2021-01-14")
    set_off = ((SECOND, "6500.00"), (CREDIT, "-6500.00"))
    credited.allocate(made, *set_off, on="2021-01-14")
    assert still_open(credited) == {FIRST: "500.00", SECOND: "2500.00", CREDIT: "0.00"}
    refused("missing-field", credited.allocate, made, on="2021-01-15")
    refused("payment-unknown", credited.allocate, "none", (FIRST, "1.00"), on="2021-01-15")
    assert intact(credited)


def test_remittance_tells_what_was_paid_before_and_what_is_left(invoiced):
    pay(invoiced, "1000.00", (FIRST, "1000.00"))
    made = pay(invoiced, "2000.00", (FIRST, "2000.00"), reference="BACS 2").payment.payment_id
    pay(invoiced, "3000.00", (FIRST, "3000.00"))
    advice = get_remittance(invoiced.context, invoiced.contract_id, made)
    (row,) = advice.rows
    found = (row.amount, row.paid_before, row.paid_now, row.left)
    assert [str(one) for one in found] == ["6500.00", "1000.00", "2000.00", "3500.00"]
    assert advice.reference == "BACS 2"


# --- Failed and returned ----------------------------------------------------------------------


RETURNED = [
    ("500.00", [], {FIRST: "0.00"}, "0.00"),
    ("200.00", [], {FIRST: "0.00"}, "300.00"),
    ("600.00", [(FIRST, "-100.00")], {FIRST: "100.00"}, "0.00"),
    ("7000.00", [(FIRST, "-6500.00")], {FIRST: "6500.00"}, "0.00"),
]


@pytest.mark.parametrize(("amount", "documents", "left", "on_account"), RETURNED)
def test_a_payment_comes_back_whole_or_in_part(invoiced, amount, documents, left, on_account):
    """7,000.00 for an invoice of 6,500.00: what was on account goes back first."""
    made = pay(invoiced, "7000.00", (FIRST, "6500.00")).payment.payment_id
    back = invoiced.give_back(made, amount, *documents, on="2021-01-13")
    assert (back.payment.kind.value, back.payment.returns) == ("return", made)
    assert (back.payment.payer, back.payment.payee) == (SPV, COUNCIL)
    assert {FIRST: still_open(invoiced)[FIRST]} == left
    stored = get_payment(invoiced.context, invoiced.contract_id, made)
    assert (str(stored.returned), str(stored.on_account)) == (amount, on_account)
    status = get_claim(invoiced.context, invoiced.contract_id, 1).stored.status.value
    assert status == ("paid" if left[FIRST] == "0.00" else "approved")
    held = {
        one.name: net.net for one, net in balances(invoiced.context, invoiced.contract_id).accounts
    }
    assert held["spv/cash"] == Money(700000) - stored.returned
    assert intact(invoiced)


RETURNS_REFUSED = [
    ("7000.01", [(FIRST, "-6500.00")], "more-than-paid"),
    ("600.00", [], "allocation-refused"),
    ("600.00", [(FIRST, "-99.99")], "allocation-refused"),
    ("600.00", [(FIRST, "-100.01")], "allocation-refused"),
    ("600.00", [(FIRST, "100.00")], "allocation-refused"),
    ("600.00", [(SECOND, "-100.00")], "allocation-refused"),
    ("400.00", [(FIRST, "-100.00")], "allocation-refused"),
    ("0.00", [], "amount-not-positive"),
]


@pytest.mark.parametrize(("amount", "documents", "code"), RETURNS_REFUSED)
def test_returns_that_do_not_add_up(invoiced, amount, documents, code):
    made = pay(invoiced, "7000.00", (FIRST, "6500.00")).payment.payment_id
    before = invoiced.state()
    refused(code, invoiced.give_back, made, amount, *documents, on="2021-01-13")
    assert invoiced.state() == before


def test_a_payment_with_a_credit_note_comes_back_whole(credited):
    set_off = ((SECOND, "10000.00"), (CREDIT, "-6500.00"))
    made = pay(credited, "3500.00", *set_off).payment.payment_id
    undone = ((SECOND, "-10000.00"), (CREDIT, "6500.00"))
    credited.give_back(made, "3500.00", *undone, on="2021-01-13")
    assert still_open(credited) == {FIRST: "6500.00", SECOND: "10000.00", CREDIT: "-6500.00"}
    advice = get_remittance(credited.context, credited.contract_id, made)
    assert (advice.rows, str(advice.returned), str(advice.on_account)) == ((), "3500.00", "0.00")


def test_a_return_is_final_and_never_before_its_payment(invoiced):
    made = pay(invoiced, "100.00").payment.payment_id
    refused(
        "date-out-of-order", invoiced.give_back, made, "9.00", on="2021-01-12", dated="2021-01-10"
    )
    refused("party-not-permitted", invoiced.give_back, made, "9.00", on="2021-01-12", by=FUNDER)
    back = invoiced.give_back(made, "100.00", on="2021-01-12").payment.payment_id
    refused("more-than-paid", invoiced.give_back, made, "0.01", on="2021-01-12")
    refused("return-of-return", invoiced.give_back, back, "9.00", on="2021-01-12")
    refused("allocation-of-return", invoiced.allocate, back, (FIRST, "9.00"), on="2021-01-12")
    refused("remittance-of-return", get_remittance, invoiced.context, invoiced.contract_id, back)
    refused("payment-unknown", get_payment, invoiced.context, invoiced.contract_id, "none")
    kinds = [
        one.payment.kind.value for one in list_payments(invoiced.context, invoiced.contract_id)
    ]
    assert kinds == ["payment", "return"]


def test_changes_name_the_version_that_was_read(invoiced):
    made = pay(invoiced, "100.00").payment.payment_id

    def version() -> int:
        return get_payment(invoiced.context, invoiced.contract_id, made).version

    read = version()
    invoiced.allocate(made, (FIRST, "10.00"), on="2021-01-12", expected_version=read)
    stale = {"expected_version": read}
    refused("stale-version", invoiced.allocate, made, (FIRST, "1.00"), on="2021-01-12", **stale)
    refused("stale-version", invoiced.give_back, made, "1.00", on="2021-01-12", **stale)
    invoiced.give_back(made, "1.00", on="2021-01-12", expected_version=version())
    assert version() > read


def test_a_payment_that_came_back_does_not_start_the_look_back(invoiced):
    """24 months from the payment that stayed, 11 January 2021; not from the one of 7 April 2020."""
    failed = pay(invoiced, "6500.00", (FIRST, "6500.00"), on="2020-04-07").payment.payment_id
    invoiced.give_back(failed, "6500.00", (FIRST, "-6500.00"), on="2020-04-08")
    pay(invoiced, "6500.00", (FIRST, "6500.00"))
    refused("after-lookback", invoiced.claw_back, invoiced.move.entitlement_id, "2023-01-12")
    assert invoiced.claw_back(invoiced.move.entitlement_id, "2023-01-11")


def test_a_return_is_explained_by_the_payment_and_what_that_still_settles(invoiced):
    made = pay(invoiced, "7000.00", (FIRST, "6000.00"), (SECOND, "1000.00")).payment.payment_id
    back = invoiced.give_back(made, "1000.00", (SECOND, "-1000.00"), on="2021-01-13")
    trace = explain_entry(invoiced.context, invoiced.contract_id, back.entry_number)
    (returned,) = [one for one in trace.children if one.kind == "payment"]
    (paid,) = returned.children
    assert (paid.id, f"returning payment {made}" in returned.title) == (made, True)
    assert [(one.id, str(one.amount)) for one in paid.children] == [(FIRST, "6000.00")]

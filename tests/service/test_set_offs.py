"""Documents settled against each other: what comes to nothing is paid without money."""

import pytest

from app.domain.parties import Actor
from app.domain.payment import PaymentKind
from app.service.claims import get_claim
from app.service.explain import explain_entry
from app.service.payments import (
    allocate_payment,
    get_payment,
    get_remittance,
    list_payments,
    return_payment,
)
from app.service.reconciliation import reconciliation
from app.service.set_offs import set_off
from app.service.verify import verify
from tests.factories import COUNCIL, gbp
from tests.service.test_payments import CREDIT, FIRST, SECOND, still_open
from tests.service.world import FUNDER, MANAGER, allocated, refused

__all__ = ["CREDIT"]
CASHIER = Actor(COUNCIL, "council-cashier-1")


@pytest.fixture
def credited(world):
    """SPV-000001 of 6,500.00, SPV-000002 of 10,000.00, and a credit note of 6,500.00."""
    world.agree().moved()
    move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.issue(1, "2020-04-06")
    world.earn("S06", "2020-07-20")
    world.approved_claim("2020 Q3", "2020-10-02")
    world.issue(2, "2020-10-05")
    world.claw_back(move.entitlement_id, "2020-11-02")
    world.approved_claim("2020 Q4", "2021-01-04")
    world.issue(3, "2021-01-05")
    return world.on("2021-02-01")


def settle(world, *documents, by=MANAGER, **options):
    return set_off(world.context, world.by(by), allocations=allocated(documents), **options).answer


BOTH = ((FIRST, "6500.00"), (CREDIT, "-6500.00"))


def status(world, number: int) -> str:
    return get_claim(world.context, world.contract_id, number).stored.status.value


def test_an_invoice_and_its_credit_note_settle_each_other(credited):
    made = settle(credited, *BOTH)
    paid = made.payment
    assert (paid.kind, paid.payer, paid.payee) == (PaymentKind.SET_OFF, "council", "spv")
    assert (str(paid.amount), made.entry_number, str(made.on_account)) == ("0.00", None, "0.00")
    assert still_open(credited) == {FIRST: "0.00", SECOND: "10000.00", CREDIT: "0.00"}
    assert [status(credited, number) for number in (1, 2, 3)] == ["paid", "approved", "paid"]
    assert get_payment(credited.context, credited.contract_id, paid.payment_id).payment == paid
    page = reconciliation(credited.context, credited.contract_id)
    assert {tie.name: tie.holds for tie in page.ties}["paid"]
    assert verify(credited.context, credited.contract_id).intact


def test_it_has_an_advice_and_is_undone_by_the_opposite(credited):
    made = settle(credited, *BOTH)
    payment_id = made.payment.payment_id
    advice = get_remittance(credited.context, credited.contract_id, payment_id)
    assert [(one.reference, str(one.paid_now), str(one.left)) for one in advice.rows] == [
        ("SPV-000001", "6500.00", "0.00"),
        ("SPV-000003", "-6500.00", "0.00"),
    ]
    opposite = allocated(((FIRST, "-6500.00"), (CREDIT, "6500.00")))
    refused(
        "more-than-paid",
        allocate_payment,
        credited.context,
        credited.by(CASHIER),
        payment_id,
        allocations=opposite[1:],
    )
    allocate_payment(credited.context, credited.by(CASHIER), payment_id, allocations=opposite)
    assert still_open(credited) == {FIRST: "6500.00", SECOND: "10000.00", CREDIT: "-6500.00"}
    assert status(credited, 1) == "approved"
    assert settle(credited, *BOTH)
    assert verify(credited.context, credited.contract_id).intact


def test_a_part_may_be_set_off_and_the_rest_paid(credited):
    settle(credited, (SECOND, "6500.00"), (CREDIT, "-6500.00"), by=CASHIER)
    assert still_open(credited) == {FIRST: "6500.00", SECOND: "3500.00", CREDIT: "0.00"}
    credited.pay(
        "council", "spv", "10000.00", (FIRST, "6500.00"), (SECOND, "3500.00"), on="2021-02-02"
    )
    kinds = [
        one.payment.kind.value for one in list_payments(credited.context, credited.contract_id)
    ]
    assert kinds == ["set_off", "payment"]
    traced = explain_entry(credited.context, credited.contract_id, 1)
    assert traced.title


REFUSED = [
    ("leaves a rest", ((FIRST, "6500.00"), (CREDIT, "-6499.99")), "set-off-uneven"),
    ("more than is open", ((FIRST, "6500.01"), (CREDIT, "-6500.01")), "more-than-open"),
    ("both ask", ((FIRST, "6500.00"), (SECOND, "-6500.00")), "more-than-open"),
    ("one document", ((FIRST, "6500.00"),), "missing-field"),
    ("nothing", ((FIRST, "0.00"), (CREDIT, "0.00")), "amount-of-nothing"),
    ("twice", ((FIRST, "1.00"), (FIRST, "-1.00")), "duplicate"),
    ("unknown", ((FIRST, "1.00"), ("invoice:spv/9", "-1.00")), "document-unknown"),
]


@pytest.mark.parametrize(
    ("documents", "code"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_what_cannot_be_set_off(credited, documents, code):
    before = credited.state()
    refused(code, settle, credited, *documents)
    assert credited.state() == before


def test_only_the_two_parties_and_no_return(credited):
    refused("party-not-permitted", settle, credited, *BOTH, by=FUNDER)
    made = settle(credited, *BOTH)
    refused(
        "more-than-paid",
        return_payment,
        credited.context,
        credited.by(MANAGER),
        made.payment.payment_id,
        amount=gbp("1.00"),
    )

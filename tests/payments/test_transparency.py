"""Which payments of the council are published, and what each row says."""

from dataclasses import replace

import pytest

from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.payments.transparency import spend_rows
from tests.documents import invoice
from tests.factories import COUNCIL, FUND, SPV, day, gbp, quarter

NAMES = {COUNCIL: "Council", FUND: "Fund", SPV: "Homes SPV Ltd"}
DOCUMENTS = {
    item.document_id: item
    for item in (
        invoice(1, "6500.00"),
        invoice(2, "10000.00", vat="2000.00", claim=2),
        invoice(10, "1000.00", vat="200.00", claim=3, credit=True),
    )
}


def payment(amount, *allocations, on="2022-09-30", **changes):
    """A payment of the council to the SPV; allocations are document and amount in turn."""
    values = {
        "payment_id": "p1",
        "kind": PaymentKind.PAYMENT,
        "payer": COUNCIL,
        "payee": SPV,
        "amount": gbp(amount),
        "paid_on": day(on),
        "reference": None,
        "returns": None,
        "allocations": tuple(
            PaymentAllocation(document, gbp(part)) for document, part in allocations
        ),
        **changes,
    }
    return Payment(**values)


def rows(*payments, **changes):
    settings = {
        "council": COUNCIL,
        "names": NAMES,
        "documents": DOCUMENTS,
        "department": "Adult Health and Social Care",
        "merchant_category": "Outcome payments",
    }
    return spend_rows(payments, quarter("2022 Q3"), **(settings | changes))


def test_a_row_has_the_columns_of_the_code():
    (row,) = rows(payment("6500.00", ("invoice:spv/1", "6500.00")))
    assert (row.paid_on, row.department, row.beneficiary) == (
        day("2022-09-30"),
        "Adult Health and Social Care",
        "Homes SPV Ltd",
    )
    assert row.purpose == "Payment for outcomes, SPV-000001; claim 1"
    assert (str(row.amount), str(row.irrecoverable_vat)) == ("6500.00", "0.00")
    assert (row.merchant_category, row.payment_id) == ("Outcome payments", "p1")


@pytest.mark.parametrize(
    ("amount", "published"), [("499.99", 0), ("500.00", 0), ("500.01", 1), ("6500.00", 1)]
)
def test_only_what_is_over_five_hundred_pounds_is_published(amount, published):
    assert len(rows(payment(amount))) == published


@pytest.mark.parametrize(
    ("on", "published"),
    [("2022-06-30", 0), ("2022-07-01", 1), ("2022-09-30", 1), ("2022-10-01", 0)],
)
def test_only_what_was_paid_in_the_period_is_published(on, published):
    assert len(rows(payment("600", on=on))) == published


@pytest.mark.parametrize(
    ("amount", "allocations", "net", "irrecoverable"),
    [
        ("12000.00", [("invoice:spv/2", "12000.00")], "10000.00", "2000.00"),
        ("6000.00", [("invoice:spv/2", "6000.00")], "5000.00", "1000.00"),
        ("6000.01", [("invoice:spv/2", "6000.01")], "5000.01", "1000.00"),
        ("6000.03", [("invoice:spv/2", "6000.03")], "5000.02", "1000.01"),
        ("10800.00", [("invoice:spv/2", "12000.00"), ("invoice:spv/10", "-1200.00")],
         "9000.00", "1800.00"),
        ("7000.00", [("invoice:spv/1", "6500.00")], "7000.00", "0.00"),
    ],
)  # fmt: skip
def test_vat_is_shown_only_where_the_council_cannot_get_it_back(
    amount, allocations, net, irrecoverable
):
    (row,) = rows(payment(amount, *allocations))
    assert (str(row.amount), str(row.irrecoverable_vat)) == (net, "0.00")
    (row,) = rows(payment(amount, *allocations), vat_recoverable=False)
    assert (str(row.amount), str(row.irrecoverable_vat)) == (net, irrecoverable)


@pytest.mark.parametrize(
    ("gross", "recoverable", "published"),
    [("600.00", True, 0), ("600.00", False, 1), ("600.02", True, 1), ("500.00", False, 0)],
)
def test_the_limit_is_on_what_the_item_costs_the_council(gross, recoverable, published):
    made = payment(gross, ("invoice:spv/2", gross))
    assert len(rows(made, vat_recoverable=recoverable)) == published


def test_payments_of_others_are_left_out():
    grant = payment("1625.00", ("fund-claim:1", "1625.00"), payer=FUND, payee=COUNCIL)
    assert rows(grant, replace(grant, payment_id="p2", payee=SPV)) == ()


def test_a_credit_note_that_is_paid_out_is_less_expenditure_and_its_return_more():
    out = payment(
        "1200.00", ("invoice:spv/10", "-1200.00"), payer=SPV, payee=COUNCIL, pays_back=True
    )
    (row,) = rows(out, vat_recoverable=False)
    assert (row.beneficiary, str(row.amount), str(row.irrecoverable_vat)) == (
        "Homes SPV Ltd",
        "-1000.00",
        "-200.00",
    )
    failed = payment(
        "1200.00",
        ("invoice:spv/10", "1200.00"),
        kind=PaymentKind.RETURN,
        payment_id="p2",
        returns="p1",
    )
    assert [str(one.amount) for one in rows(out, failed)] == ["-1000.00", "1000.00"]


def test_grant_given_back_to_the_fund_is_the_councils_payment():
    back = payment("875.00", ("fund-claim:1", "-875.00"), payee=FUND, pays_back=True)
    (row,) = rows(back)
    assert (row.beneficiary, str(row.amount)) == ("Fund", "875.00")


def test_a_set_off_is_no_payment():
    both = [("invoice:spv/2", "1200.00"), ("invoice:spv/10", "-1200.00")]
    made = payment("0.00", *both, kind=PaymentKind.SET_OFF)
    assert rows(made, vat_recoverable=False) == ()
    large = replace(made, amount=gbp("9000.00"))
    assert rows(large) == ()


@pytest.mark.parametrize(
    ("allocations", "purpose"),
    [
        ([], "Payment for outcomes, on account"),
        ([("invoice:spv/2", "1"), ("invoice:spv/1", "1")],
         "Payment for outcomes, SPV-000001, SPV-000002; claim 1, 2"),
        ([("fund-claim:10", "-900.00")], "Payment for outcomes, fund-claim:10"),
        ([("invoice:spv/1", "1"), ("invoice:spv/1", "1")],
         "Payment for outcomes, SPV-000001; claim 1"),
    ],
)  # fmt: skip
def test_the_purpose_names_the_documents(allocations, purpose):
    (row,) = rows(payment("900.00", *allocations))
    assert row.purpose == purpose


@pytest.mark.parametrize(("payer", "payee"), [(SPV, COUNCIL), (COUNCIL, SPV)])
def test_a_return_is_a_negative_item_of_its_own_day(payer, payee):
    made = payment("12000.00", ("invoice:spv/2", "12000.00"), on="2022-06-30")
    back = payment(
        "12000.00",
        ("invoice:spv/2", "-12000.00"),
        on="2022-07-04",
        kind=PaymentKind.RETURN,
        payment_id="p2",
        returns="p1",
        payer=payer,
        payee=payee,
    )
    (row,) = rows(back, made, vat_recoverable=False)
    assert (row.paid_on, row.beneficiary) == (day("2022-07-04"), "Homes SPV Ltd")
    assert (str(row.amount), str(row.irrecoverable_vat)) == ("-10000.00", "-2000.00")
    assert row.purpose == "Return of a payment for outcomes, SPV-000002; claim 2"
    small = replace(back, amount=gbp("500.00"), allocations=())
    assert rows(made, small) == ()


def test_rows_stand_in_the_order_of_days_whatever_the_order_of_payments():
    made = [
        payment("600", payment_id=name, on=on)
        for name, on in (("b", "2022-09-01"), ("c", "2022-08-01"), ("a", "2022-09-01"))
    ]
    assert [row.payment_id for row in rows(*made)] == ["c", "a", "b"]
    assert rows(*made) == rows(*reversed(made))

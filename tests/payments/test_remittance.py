"""Remittance advice: rows per document, credit notes, fund claims, and what is on account."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fund_claim import FundClaim, FundClaimLine
from app.domain.money import Money, total
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.payments.remittance import remittance_advice
from tests.documents import invoice
from tests.factories import COUNCIL, FUND, SPV, day, gbp, quarter

NOTHING = gbp("0.00")
FUND_CLAIM = FundClaim(
    3,
    FUND,
    quarter("2022 Q3"),
    day("2022-10-20"),
    (
        FundClaimLine(1, 1, "MOVE", 1, gbp("1675.37")),
        FundClaimLine(1, 2, "S24", -1, gbp("-875.00")),
    ),
)
DOCUMENTS = {
    "invoice:spv/9": invoice(9, "11500.00", on="2023-10-14"),
    "invoice:spv/10": invoice(10, "8248.00", credit=True, on="2024-01-14"),
    "invoice:spv/8": invoice(8, "10000.00", vat="2000.00", on="2023-07-14"),
    "fund-claim:3": FUND_CLAIM,
}


def payment(amount, *allocations):
    return Payment(
        "p1",
        PaymentKind.PAYMENT,
        COUNCIL,
        SPV,
        gbp(amount),
        day("2024-02-01"),
        "BACS 77",
        None,
        tuple(PaymentAllocation(document, gbp(part)) for document, part in allocations),
    )


def plain(advice):
    return [
        (row.reference, *map(str, (row.amount, row.paid_before, row.paid_now, row.left)))
        for row in advice.rows
    ]


def test_an_invoice_less_a_credit_note_with_the_rest_on_account():
    made = payment("7000.00", ("invoice:spv/10", "-8248.00"), ("invoice:spv/9", "11500.00"))
    advice = remittance_advice(made, DOCUMENTS, {}, NOTHING)
    assert plain(advice) == [
        ("SPV-000009", "11500.00", "0.00", "11500.00", "0.00"),
        ("SPV-000010", "-8248.00", "0.00", "-8248.00", "0.00"),
    ]
    assert (advice.payment_id, advice.payer, advice.payee) == ("p1", COUNCIL, SPV)
    assert (advice.paid_on, advice.reference) == (day("2024-02-01"), "BACS 77")
    assert (str(advice.amount), str(advice.on_account)) == ("7000.00", "3748.00")
    assert [row.document for row in advice.rows] == ["invoice:spv/9", "invoice:spv/10"]


@pytest.mark.parametrize(
    ("before", "now", "left"),
    [("0", "12000", "0.00"), ("0", "5000", "7000.00"), ("5000", "7000", "0.00"),
     ("5000", "7001", "-1.00")],
)  # fmt: skip
def test_parts_and_what_they_leave_of_the_total_with_vat(before, now, left):
    made = payment(now, ("invoice:spv/8", now))
    advice = remittance_advice(made, DOCUMENTS, {"invoice:spv/8": gbp(before)}, NOTHING)
    assert [str(row.left) for row in advice.rows] == [left]
    assert str(advice.rows[0].amount) == "12000.00"


def test_a_claim_to_the_fund_is_settled_net_of_what_was_taken_back():
    advice = remittance_advice(
        payment("800.37", ("fund-claim:3", "800.37")), DOCUMENTS, {}, NOTHING
    )
    assert plain(advice) == [("fund-claim:3", "800.37", "0.00", "800.37", "0.00")]
    assert advice.rows[0].issued_on == day("2022-10-20")


def test_several_allocations_to_one_document_make_one_row():
    made = payment("300", ("invoice:spv/9", "100"), ("invoice:spv/9", "200"))
    assert plain(remittance_advice(made, DOCUMENTS, {}, NOTHING))[0][3] == "300.00"


def test_a_payment_without_allocations_is_on_account():
    advice = remittance_advice(payment("300"), DOCUMENTS, {}, NOTHING)
    assert (advice.rows, str(advice.on_account)) == ((), "300.00")


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(DOCUMENTS)), st.integers(-(10**9), 10**9)), max_size=8
    ),
    st.integers(0, 10**10),
)
def test_rows_and_what_is_on_account_add_up_to_the_payment(parts, amount):
    made = payment(str(Money(amount)), *((name, str(Money(minor))) for name, minor in parts))
    advice = remittance_advice(made, DOCUMENTS, {}, NOTHING)
    assert total((row.paid_now for row in advice.rows), "GBP") + advice.on_account == made.amount
    for row in advice.rows:
        assert row.amount == row.paid_before + row.paid_now + row.left


def test_a_credit_note_paid_out_and_money_that_came_back():
    out = replace(
        payment("8500.00", ("invoice:spv/10", "-8248.00")), payer=SPV, payee=COUNCIL, pays_back=True
    )
    advice = remittance_advice(out, DOCUMENTS, {}, gbp("200.00"))
    assert plain(advice) == [("SPV-000010", "-8248.00", "0.00", "-8248.00", "0.00")]
    assert (str(advice.returned), str(advice.on_account)) == ("200.00", "52.00")


def test_what_was_wholly_undone_makes_no_row():
    made = payment("300", ("invoice:spv/9", "300.00"), ("invoice:spv/9", "-300.00"))
    advice = remittance_advice(made, DOCUMENTS, {}, gbp("300.00"))
    assert (advice.rows, str(advice.on_account)) == ((), "0.00")

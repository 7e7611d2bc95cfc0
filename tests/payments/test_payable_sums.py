"""An invoice as sums of the payment clock: what stands, what runs on, what is paid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.domain.payment_clock import Stop
from app.payments.payable_sums import HeldPart, InvoiceFacts, PaidPart, payable_sums
from tests.factories import day, gbp

RECEIVED = day("2023-10-10")


def held(amount, notice="2023-10-20", resolved=None, not_due="0.00"):
    stop = Stop(day(notice), None if resolved is None else day(resolved))
    return HeldPart(gbp(amount), stop, gbp(not_due))


def facts(*parts, paid=(), off="0.00", whole=False):
    payments = tuple(PaidPart(day(on), gbp(amount)) for on, amount in paid)
    return InvoiceFacts(RECEIVED, 30, gbp("11500"), parts, payments, gbp(off), whole)


def told(invoice):
    return [
        (str(one.amount), str(one.paid_on or "-"), str(one.due_on or "-"))
        for one in payable_sums(invoice)
    ]


@pytest.mark.parametrize(
    ("invoice", "sums"),
    [
        (facts(), [("11500.00", "-", "2023-11-09")]),
        (facts(paid=[("2023-11-01", "11500")]), [("11500.00", "2023-11-01", "2023-11-09")]),
        (
            facts(paid=[("2023-11-02", "500"), ("2023-11-01", "1000")]),
            [
                ("1000.00", "2023-11-01", "2023-11-09"),
                ("500.00", "2023-11-02", "2023-11-09"),
                ("10000.00", "-", "2023-11-09"),
            ],
        ),
        # The disputed part stands, the rest is due as before.
        (facts(held("8248")), [("3252.00", "-", "2023-11-09"), ("8248.00", "-", "-")]),
        (
            facts(held("8248"), paid=[("2023-11-01", "3252")]),
            [("3252.00", "2023-11-01", "2023-11-09"), ("8248.00", "-", "-")],
        ),
        (
            facts(held("8248", resolved="2023-10-30")),
            [("3252.00", "-", "2023-11-09"), ("8248.00", "-", "2023-11-19")],
        ),
        # Paid beyond the rest: that pays the part whose notice came first.
        (
            facts(held("3000", "2023-10-21"), held("5248"), paid=[("2023-11-01", "4252")]),
            [
                ("3252.00", "2023-11-01", "2023-11-09"),
                ("1000.00", "2023-11-01", "-"),
                ("4248.00", "-", "-"),
                ("3000.00", "-", "-"),
            ],
        ),
        # Upheld: what is not due is no sum to pay. Settled: what is due runs on.
        (
            facts(held("8248", resolved="2023-10-30", not_due="8248"), off="8248"),
            [("3252.00", "-", "2023-11-09")],
        ),
        (
            facts(held("8248", resolved="2023-10-30", not_due="3248"), off="3248"),
            [("3252.00", "-", "2023-11-09"), ("5000.00", "-", "2023-11-19")],
        ),
        # What comes off was found not to be due, though another dispute came later.
        (
            facts(
                held("3000", resolved="2023-10-30", not_due="3000"),
                held("5248", "2023-10-21"),
                off="3000",
            ),
            [("3252.00", "-", "2023-11-09"), ("5248.00", "-", "-")],
        ),
        # Credited without a dispute: off what is unpaid, never off what was paid.
        (facts(off="1500"), [("10000.00", "-", "2023-11-09")]),
        (
            facts(paid=[("2023-11-01", "11500")], off="8248"),
            [("11500.00", "2023-11-01", "2023-11-09")],
        ),
        # The terms let nothing be paid while a part is disputed.
        (facts(held("8248"), whole=True), [("11500.00", "-", "-")]),
        (
            facts(held("8248", resolved="2023-10-30", not_due="8248"), off="8248", whole=True),
            [("3252.00", "-", "2023-11-19")],
        ),
    ],
)
def test_the_sums_of_an_invoice(invoice, sums):
    assert told(invoice) == sums


@given(
    st.lists(st.integers(0, 600_000), max_size=3),
    st.lists(st.integers(1, 400_000), max_size=2),
    st.integers(0, 1_500_000),
    st.booleans(),
)
def test_sums_add_up_to_what_is_asked_less_what_came_off(disputed, payments, off, whole):
    parts = tuple(HeldPart(Money(one), Stop(RECEIVED, None), Money(one // 2)) for one in disputed)
    paid = tuple(PaidPart(RECEIVED, Money(one)) for one in payments)
    invoice = InvoiceFacts(RECEIVED, 30, Money(1_150_000), parts, paid, Money(off), whole)
    sums = payable_sums(invoice)
    settled = sum(payments)
    assert all(one.amount.minor > 0 for one in sums)
    assert sum(one.amount.minor for one in sums if one.paid_on) == settled
    unpaid = sum(one.amount.minor for one in sums if one.paid_on is None)
    assert unpaid == max(0, 1_150_000 - settled - off)

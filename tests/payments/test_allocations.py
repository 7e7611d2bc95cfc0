"""What a payment may be set against: here the claims to a fund; documents are in the services'."""

import pytest

from app.domain.errors import RuleRefused
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.payments.allocations import Document, check_allocations, check_set_off
from tests.factories import COUNCIL, FUND, day, gbp

ASKED = PaymentAllocation("fund-claim:1", gbp("1625.00"))
NOTHING = gbp("0.00")


def paid(amount: str, *allocations: PaymentAllocation) -> Payment:
    kind = PaymentKind.PAYMENT if gbp(amount) else PaymentKind.SET_OFF
    on = day("2020-05-04")
    return Payment("p", kind, FUND, COUNCIL, gbp(amount), on, None, None, allocations)


def claim(number: int, open_amount: str, *, is_asked_for: bool) -> Document:
    name = f"fund-claim:{number}"
    return Document(name, FUND, COUNCIL, gbp(open_amount), is_asked_for=is_asked_for)


@pytest.mark.parametrize("is_submitted", [True, False])
def test_a_claim_to_a_fund_is_paid_once_it_is_submitted(is_submitted):
    documents = {"fund-claim:1": claim(1, "1625.00", is_asked_for=is_submitted)}
    if is_submitted:
        check_allocations(paid("1625.00"), NOTHING, documents, [ASKED])
        return
    with pytest.raises(RuleRefused) as caught:
        check_allocations(paid("1625.00"), NOTHING, documents, [ASKED])
    assert [one.code for one in caught.value.faults] == ["fund-claim-not-submitted"]
    assert caught.value.pointer == "/allocations/0/document"


def test_no_claim_that_is_only_prepared_is_set_off():
    documents = {
        "fund-claim:1": claim(1, "1625.00", is_asked_for=True),
        "fund-claim:2": claim(2, "-1625.00", is_asked_for=False),
    }
    both = (ASKED, PaymentAllocation("fund-claim:2", gbp("-1625.00")))
    with pytest.raises(RuleRefused) as caught:
        check_set_off(paid("0.00", *both), documents)
    assert [one.code for one in caught.value.faults] == ["fund-claim-not-submitted"]

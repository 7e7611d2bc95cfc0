"""The quarter's file of payments over 500 pounds, from what is recorded."""

import pytest

from app.domain.errors import NotFound, RuleRefused
from app.domain.period import Period
from app.interchange.csv_out import csv_chunks
from app.service.transparency import SPEND_COLUMNS, quarterly_spend
from tests.factories import COUNCIL, FUND, SPV, day

Q3 = Period(day("2021-07-01"), day("2021-09-30"))


def spend(world, period=Q3, **changes):
    words = {"department": "Adult Care", "merchant_category": "Outcome payments"}
    return quarterly_spend(world.context, world.contract_id, period, **(words | changes))


def paid(found) -> list[tuple[str, str]]:
    return [(row.paid_on.isoformat(), str(row.amount)) for row in found.rows]


@pytest.fixture
def agreed(world):
    return world.agree()


@pytest.mark.parametrize(
    ("on", "listed"),
    [("2021-06-30", 0), ("2021-07-01", 1), ("2021-09-30", 1), ("2021-10-01", 0)],
)
def test_the_quarters_own_days_count(agreed, on, listed):
    agreed.pay(COUNCIL, SPV, "600.00", on=on)
    assert len(spend(agreed.on("2021-10-15")).rows) == listed


@pytest.mark.parametrize(("amount", "listed"), [("499.99", 0), ("500.00", 0), ("500.01", 1)])
def test_more_than_five_hundred_pounds_is_listed(agreed, amount, listed):
    agreed.pay(COUNCIL, SPV, amount, on="2021-08-10")
    assert len(spend(agreed.on("2021-10-01")).rows) == listed


def test_the_file_waits_for_the_end_of_the_quarter(agreed):
    with pytest.raises(RuleRefused) as refusal:
        spend(agreed.on("2021-09-30"))
    assert refusal.value.code == "period-not-over"
    assert spend(agreed.on("2021-10-01")).publish_by == day("2021-10-31")


def test_only_the_councils_own_money_is_listed(agreed):
    agreed.pay(COUNCIL, SPV, "900.00", on="2021-08-10")
    agreed.pay(FUND, COUNCIL, "800.00", on="2021-08-11")
    found = spend(agreed.on("2021-10-01"))
    assert (found.council, paid(found)) == (COUNCIL, [("2021-08-10", "900.00")])
    assert found.rows[0].purpose == "Payment for outcomes, on account"


def test_columns_are_those_of_the_code_and_nothing_more(agreed):
    agreed.pay(COUNCIL, SPV, "900.00", on="2021-08-10")
    found = spend(agreed.on("2021-10-01"))
    head, row, end = b"".join(csv_chunks(SPEND_COLUMNS, found.cells())).decode().split("\r\n")
    assert head == (
        "Date the expenditure was incurred,"
        "Local authority department which incurred the expenditure,"
        "Beneficiary,Summary of the purpose of the expenditure,Amount,"
        "Value Added Tax (VAT) that cannot be recovered,Merchant category"
    )
    assert row.startswith("2021-08-10,Adult Care,")
    assert row.endswith(",900.00,0.00,Outcome payments")
    assert end == ""


def test_a_payment_and_its_return_stand_in_their_own_quarters(agreed):
    made = agreed.pay(COUNCIL, SPV, "900.00", on="2021-06-30").payment.payment_id
    agreed.give_back(made, "700.00", on="2021-07-01")
    spring = Period(day("2021-04-01"), day("2021-06-30"))
    assert paid(spend(agreed.on("2021-10-01"), spring)) == [("2021-06-30", "900.00")]
    assert paid(spend(agreed)) == [("2021-07-01", "-700.00")]


@pytest.fixture
def taxed(world):
    """SPV-000001: 6,500.00 and 1,300.00 VAT, paid whole in June 2021 and all back in July."""
    vat = {
        "treatment": "standard",
        "rate": "0.20",
        "rationale": "Advice",
        "decided_on": "2019-11-28",
    }
    world.agree(invoicing={"vat": vat}).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    (document,) = world.issue(1, "2020-04-06")
    name, gross = document.document_id, str(document.total)
    made = world.pay(COUNCIL, SPV, gross, (name, gross), on="2021-06-30").payment.payment_id
    world.give_back(made, gross, (name, f"-{gross}"), on="2021-07-01")
    return world.on("2021-10-01")


@pytest.mark.parametrize(
    ("recoverable", "spent"), [(True, ("6500.00", "0.00")), (False, ("6500.00", "1300.00"))]
)
def test_vat_is_that_of_the_documents_as_they_were_paid(taxed, recoverable, spent):
    spring = Period(day("2021-04-01"), day("2021-06-30"))
    for period, sign in ((spring, ""), (Q3, "-")):
        (row,) = spend(taxed, period, vat_recoverable=recoverable).rows
        told = (str(row.amount), str(row.irrecoverable_vat))
        assert told == tuple(f"{sign}{one}" if one != "0.00" else one for one in spent)
    assert row.purpose == "Return of a payment for outcomes, SPV-000001; claim 1"


def test_a_contract_without_terms_or_unknown_is_refused(world):
    with pytest.raises(NotFound):
        spend(world.on("2021-10-01"))

"""Remittance advice as data, rows and print: one advice, told the same everywhere."""

import pytest

from app.domain.money import Money, total
from app.interchange.remittance_out import REMITTANCE_COLUMNS, remittance_data, remittance_rows
from app.interchange.remittance_pdf import remittance_pdf
from app.payments.remittance import remittance_advice
from tests.factories import COUNCIL, SPV, gbp
from tests.payments.test_remittance import DOCUMENTS, payment

NAMES = {COUNCIL: "Sheffield Council", SPV: "Homes SPV Ltd"}


def advice(*allocations, amount="7000.00", returned="0.00"):
    return remittance_advice(payment(amount, *allocations), DOCUMENTS, {}, gbp(returned))


NETTED = advice(("invoice:spv/9", "11500.00"), ("invoice:spv/10", "-8248.00"))


def data(of=NETTED, title="Promoting Independence", names=NAMES):
    return remittance_data(of, names, "promoting-independence", title)


def test_data_has_names_text_amounts_and_iso_dates():
    found = data()
    assert (found["payer"], found["payee"]) == (
        {"id": COUNCIL, "name": "Sheffield Council"},
        {"id": SPV, "name": "Homes SPV Ltd"},
    )
    assert (found["paid_on"], found["amount"], found["on_account"]) == (
        "2024-02-01",
        "7000.00",
        "3748.00",
    )
    assert found["rows"][1] == {
        "document": "invoice:spv/10",
        "reference": "SPV-000010",
        "issued_on": "2024-01-14",
        "amount": "-8248.00",
        "paid_before": "0.00",
        "paid_now": "-8248.00",
        "left": "0.00",
    }


@pytest.mark.parametrize(
    ("of", "labels"),
    [
        (NETTED, ["SPV-000009", "SPV-000010", "on account"]),
        (advice(amount="300.00"), ["on account"]),
        (advice(amount="300.00", returned="300.00"), ["returned"]),
        (advice(("invoice:spv/9", "300.00"), amount="300.00"), ["SPV-000009"]),
    ],
)
def test_rows_add_up_to_the_payment(of, labels):
    rows = list(remittance_rows(of))
    place = [column.name for column in REMITTANCE_COLUMNS].index
    assert [row[place("reference")] for row in rows] == labels
    paid = [row[place("paid_now")] for row in rows]
    assert total((one for one in paid if isinstance(one, Money)), "GBP") == of.amount
    assert {row[place("currency")] for row in rows} == {"GBP"}


def test_the_same_data_prints_the_same_bytes():
    printed = remittance_pdf(data())
    assert printed == remittance_pdf(data())
    assert printed.startswith(b"%PDF-")
    assert b"D:20240201000000Z" in printed
    assert printed != remittance_pdf(data(title="Another"))


@pytest.mark.parametrize(
    "of",
    [
        advice(amount="300.00"),
        advice(amount="300.00", returned="300.00"),
        advice(*[("invoice:spv/9", "1.00")] * 3, amount="3.00"),
    ],
)
def test_every_kind_of_advice_can_be_printed(of):
    assert remittance_pdf(data(of)).startswith(b"%PDF-")


def test_texts_of_any_length_can_be_printed():
    names = {COUNCIL: "Council & <b>friends</b> " * 40, SPV: "Homes " * 100}
    assert remittance_pdf(data(title="Title " * 80, names=names)).startswith(b"%PDF-")


def test_an_advice_of_many_documents_runs_over_pages():
    rows = data()["rows"] * 60
    printed = remittance_pdf(data() | {"rows": rows})
    assert b"/Count 1\n" not in printed
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") > 1

"""Files for others over HTTP: a quarter's payments over 500 pounds, and remittance advice."""

import csv
import io

import openpyxl
import pytest

from tests.api.client import Story
from tests.factories import COUNCIL, SPV

WORDS = {"department": "Adult Care", "merchant_category": "Outcome payments"}


@pytest.fixture
def paid(api) -> str:
    """The id of a payment of 4,875.00 by the council on 12 May 2021."""
    story = Story(api.agreed()).moved()
    story.approved()
    return story.paid(story.invoiced(), COUNCIL, SPV)["payment_id"]


def test_a_quarter_as_json_csv_and_workbook(api, paid):
    found = api.get("/transparency/2021-Q2", params=WORDS).json()
    assert (found["council"], found["publish_by"]) == (COUNCIL, "2021-07-31")
    assert found["period"] == {"start": "2021-04-01", "end": "2021-06-30"}
    (row,) = found["rows"]
    assert (row["payment_id"], row["beneficiary"]) == (paid, "Spv")
    assert row["purpose"] == "Payment for outcomes, SPV-000001; claim 1"
    answer = api.get("/transparency/2021-Q2.csv", params=WORDS)
    assert answer.headers["content-type"].startswith("text/csv")
    name = f"{api.contract_id}-spend-2021-Q2.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    (told,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert list(told.values()) == [
        "2021-05-12",
        "Adult Care",
        "Spv",
        row["purpose"],
        row["amount"]["amount"],
        "0.00",
        "Outcome payments",
    ]
    book = api.get("/transparency/2021-Q2.xlsx", params=WORDS)
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert [str(cell) for cell in rows[0]] == list(told)
    assert rows[1][2:4] == ("Spv", row["purpose"])
    assert api.get("/transparency/2021-Q1", params=WORDS).json()["rows"] == []


def test_a_department_that_looks_like_a_formula_is_disarmed(api, paid):
    words = WORDS | {"department": "=1+1"}
    (row,) = csv.reader(api.get("/transparency/2021-Q2.csv", params=words).text.splitlines()[1:])
    assert row[1] == "'=1+1"


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("2021-Q2", {}, 422, "missing-field"),
        ("2021-Q2.csv", {"department": "x"}, 422, "missing-field"),
        ("2021-Q5", WORDS, 422, "wrong-form"),
        ("2021-Q5.csv", WORDS, 422, "wrong-form"),
        ("2021-Q2.pdf", WORDS, 422, "not-one-of"),
        ("2021-Q2", WORDS | {"vat_recoverable": "yes"}, 422, "not-true-or-false"),
        ("2021-Q2", WORDS | {"department": ""}, 422, "wrong-length"),
        ("2023-Q4", WORDS, 409, "period-not-over"),
    ],
)
def test_what_cannot_be_answered_is_refused(api, paid, path, params, status, code):
    answer = api.get(f"/transparency/{path}", params=params)
    assert answer.status_code == status
    assert code in {answer.json()["code"], *(one["code"] for one in answer.json()["faults"])}


def test_a_contract_without_terms_in_force_has_no_file(api):
    api.create()
    answer = api.get("/transparency/2021-Q2", params=WORDS)
    assert (answer.status_code, answer.json()["code"]) == (409, "terms-not-in-force")


def test_remittance_advice_as_csv_and_in_print(api, paid):
    advice = api.get(f"/payments/{paid}/remittance").json()
    answer = api.get(f"/payments/{paid}/remittance/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    (told,) = advice["rows"]
    for name in ("amount", "paid_before", "paid_now", "left"):
        assert row[name] == told[name]["amount"]
    assert (row["reference"], row["payment_id"]) == ("SPV-000001", paid)
    printed = api.get(f"/payments/{paid}/remittance/pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    assert api.get(f"/payments/{paid}/remittance/pdf").content == printed.content
    for form in ("csv", "pdf"):
        unknown = api.get(f"/payments/nobody/remittance/{form}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "payment-unknown")

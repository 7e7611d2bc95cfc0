"""The structured data of an invoice and a credit note, field by field."""

import re
from pathlib import Path

import pytest

from app.domain.invoice import InvoiceLine
from app.interchange.invoice_json import invoice_data, percent
from tests.documents import invoice
from tests.factories import COUNCIL, SPV, day, gbp, party, terms

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "invoices.md"
IDENTIFIED = party(COUNCIL, "commissioner") | {
    "identifiers": [{"scheme": "GB-LAE", "id": "SHF"}]
}  # fmt: skip
TERMS = terms(
    notice="Invented.", parties=[IDENTIFIED, party(SPV, "spv"), party("bank", "investor")]
)


def line(number, code, name, count, net):
    return {
        "line_id": number,
        "item_code": code,
        "item_name": name,
        "outcome_count": count,
        "quantity": "1",
        "unit_code": "LS",
        "net_price": net,
        "line_net_amount": net,
    }


def test_every_field_of_an_invoice():
    lines = (
        InvoiceLine(1, "MOVE", "Moved on", 2, gbp("6701.50")),
        InvoiceLine(2, "S24", "Home kept for 24 months", 1, gbp("3500.00")),
    )
    document = invoice(
        6,
        "10201.50",
        vat="2040.30",
        claim=6,
        lines=lines,
        purchase_order="PO-1",
        vat_rationale="As advised.",
    )
    assert invoice_data(document, TERMS, "ex") == {
        "specification": "urn:outcomes-ledger:invoice:1",
        "document_id": "invoice:spv/6",
        "kind": "invoice",
        "invoice_number": "SPV-000006",
        "invoice_type_code": "380",
        "issue_date": "2022-10-14",
        "payment_due_date": "2022-11-13",
        "payment_terms": "30 days from the date of issue",
        "currency": "GBP",
        "contract_reference": "ex",
        "contract_title": "Test contract",
        "contract_notice": "Invented.",
        "claim_number": 6,
        "purchase_order_reference": "PO-1",
        "invoicing_period": {"start_date": "2022-07-01", "end_date": "2022-09-30"},
        "preceding_invoice_references": [],
        "seller": {"party_id": "spv", "name": "Spv", "identifiers": []},
        "buyer": {
            "party_id": "council",
            "name": "Council",
            "identifiers": [{"scheme": "GB-LAE", "id": "SHF"}],
        },
        "lines": [
            line("1", "MOVE", "Moved on", 2, "6701.50"),
            line("2", "S24", "Home kept for 24 months", 1, "3500.00"),
        ],
        "vat": {
            "treatment": "standard",
            "category_code": "S",
            "rate_percent": "20",
            "rationale": "As advised.",
            "taxable_amount": "10201.50",
            "tax_amount": "2040.30",
        },
        "totals": {
            "line_net_total": "10201.50",
            "total_without_vat": "10201.50",
            "vat_total": "2040.30",
            "total_with_vat": "12241.80",
            "amount_due": "12241.80",
        },
    }


def test_a_credit_note_has_its_type_its_citations_and_no_due_date():
    data = invoice_data(invoice(10, "8248.00", credit=True, cites=(8, 9)), TERMS, "ex")
    assert (data["kind"], data["invoice_type_code"]) == ("credit_note", "381")
    assert data["preceding_invoice_references"] == ["SPV-000008", "SPV-000009"]
    assert (data["payment_due_date"], data["payment_terms"]) == (None, None)
    assert data["totals"]["amount_due"] == "8248.00"
    assert data["purchase_order_reference"] is None


@pytest.mark.parametrize(("treatment", "code"), [("outside_scope", "O"), ("exempt", "E")])
def test_without_vat_there_is_a_category_and_no_rate(treatment, code):
    data = invoice_data(invoice(1, "1.00", vat_treatment=treatment), TERMS, "ex")
    assert (data["vat"]["category_code"], data["vat"]["rate_percent"]) == (code, None)


@pytest.mark.parametrize(
    ("due_on", "words"),
    [("2022-10-14", "0 days"), ("2022-10-15", "1 day"), ("2022-12-13", "60 days")],
)
def test_the_payment_terms_in_words(due_on, words):
    data = invoice_data(invoice(1, "1.00", due_on=day(due_on)), TERMS, "ex")
    assert data["payment_terms"] == f"{words} from the date of issue"


@pytest.mark.parametrize(
    ("rate", "expected"),
    [("0.20", "20"), ("1/5", "20"), ("0.175", "17.5"), ("0.0005", "0.05"), ("1", "100"),
     ("1/3", "100/3"), ("1/8", "12.5")],
)  # fmt: skip
def test_a_rate_as_a_percentage(rate, expected):
    assert percent(rate) == expected


def paths(value, prefix=""):
    """Every field of the data that holds no other field, as the reference writes it."""
    if isinstance(value, dict):
        return {found for name, part in value.items() for found in paths(part, f"{prefix}.{name}")}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return paths(value[0], f"{prefix}[]")
    return {prefix.removeprefix(".")}


def test_the_reference_names_every_field():
    page = REFERENCE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_.\[\]]+)`", page))
    found = paths(invoice_data(invoice(1, "6500.00"), TERMS, "ex"))
    unnamed = {
        path
        for path in found
        if not {path, f"{path}[]", f".{path.rpartition('.')[2]}", path.rpartition("[].")[0] + "[]"}
        & named
    }
    assert unnamed == set()

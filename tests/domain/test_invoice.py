"""How documents are named, there and back."""

import pytest

from app.domain.invoice import invoice_id, invoice_key


@pytest.mark.parametrize(("issuer", "number"), [("spv", 1), ("a-b-2", 999_999_999)])
def test_an_invoice_is_known_by_its_name(issuer, number):
    assert invoice_key(invoice_id(issuer, number)) == (issuer, number)


@pytest.mark.parametrize(
    "other",
    [
        "fund-claim:3",
        "invoice:spv/012",
        "invoice:spv/0",
        "invoice:spv/1000000000",
        "invoice:SPV/1",
        "invoice:spv/1 ",
        "invoice:spv",
        "invoice:/1",
        "",
    ],
)
def test_no_other_spelling_names_one(other):
    assert invoice_key(other) is None

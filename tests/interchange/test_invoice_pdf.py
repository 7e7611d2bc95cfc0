"""The printed form: the same bytes again, what stands in it, and texts of every length."""

import hashlib
import subprocess
import sys

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from app.domain.invoice import InvoiceLine
from app.domain.terms.document import Terms
from app.interchange import invoice_pdf as module
from app.interchange.invoice_json import invoice_data
from app.interchange.invoice_pdf import invoice_pdf
from app.interchange.pdf_style import TEXT, day_text, printable
from tests.documents import invoice
from tests.factories import document, gbp

TERMS = Terms.model_validate(document(notice="Invented, for tests."))
INVOICE = invoice(6, "10201.50", vat="2040.30", claim=6, purchase_order="PO-1")
DUE = "Payment is due by 13 November 2022, 30 days from the date of issue. Please quote SPV-000006."
CREDIT = invoice(10, "8248.00", credit=True, cites=(9,))


def data_of(item, terms=TERMS):
    return invoice_data(item, terms, "ex")


@pytest.fixture
def printed(monkeypatch):
    """A document's texts in the order of print, read where they are set."""
    texts = []
    plain = module.text

    def recorded(value, *of):
        texts.append(value)
        return plain(value, *of)

    monkeypatch.setattr(module, "text", recorded)

    def run(item, terms=TERMS):
        texts.clear()
        invoice_pdf(data_of(item, terms))
        return list(texts)

    return run


def test_a_document_printed_again_has_the_same_bytes():
    for item in (INVOICE, CREDIT):
        first = invoice_pdf(data_of(item))
        assert first.startswith(b"%PDF-")
        assert invoice_pdf(data_of(item)) == first
    assert invoice_pdf(data_of(INVOICE)) != invoice_pdf(data_of(CREDIT))


def test_another_process_with_other_hash_seeds_prints_the_same_bytes():
    program = (
        "import hashlib, tests.interchange.test_invoice_pdf as t;"
        "print(hashlib.sha256(t.invoice_pdf(t.data_of(t.INVOICE))).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert digests == {hashlib.sha256(invoice_pdf(data_of(INVOICE))).hexdigest()}


def test_the_file_carries_its_day_of_issue_title_and_fonts_uncompressed():
    made = invoice_pdf(data_of(INVOICE))
    assert b"/CreationDate (D:20221014000000Z)" in made
    assert b"(Invoice SPV-000006)" in made
    assert b"/MediaBox [ 0 0 595.2756 841.8898 ]" in made
    assert made.count(b"/FontFile2") == 2
    assert b"FlateDecode" not in made


def test_an_invoice_says_who_what_how_much_and_when(printed):
    texts = printed(INVOICE)
    assert texts[:2] == ["Spv", "Invoice"]
    for expected in (
        "Invoice to",
        "Council",
        "SPV-000006",
        "14 October 2022",
        "13 November 2022",
        "PO-1",
        "1 July 2022",
        "30 September 2022",
        "Net amount (GBP)",
        "10,201.50",
        "VAT at 20%",
        "2,040.30",
        "Total to pay",
        "GBP 12,241.80",
        DUE,
        "A proposal for tests.",
        "Invented, for tests.",
    ):
        assert expected in texts


def test_a_credit_note_cites_its_invoices_and_is_not_due(printed):
    plain = Terms.model_validate(document())
    texts = printed(CREDIT, plain)
    for expected in (
        "Credit note",
        "Credit to",
        "SPV-000009",
        "VAT (outside the scope)",
        "Total credited",
        "GBP 8,248.00",
        "This note takes back amounts of SPV-000009. Please quote SPV-000010.",
    ):
        assert expected in texts
    assert not {"Payment due", "Purchase order", "Notice"} & set(texts)
    many = printed(invoice(10, "8248.00", credit=True, cites=(1, 2, 3, 4, 5)), plain)
    assert "SPV-000001, SPV-000002, SPV-000003 and 2 more" in many


def test_an_exempt_document_says_so(printed):
    assert "VAT (exempt)" in printed(invoice(1, "1.00", vat_treatment="exempt"))


def test_texts_of_any_length_are_printed_whole_over_as_many_pages_as_needed(printed):
    """The longest texts that the terms allow, and a line for each of a hundred metrics."""
    long = document(title="T" * 2000, notice="N " * 1000)
    for party in long["parties"]:
        party["name"] = "Homes & <b>Co</b> " * 110
        party["identifiers"] = [{"scheme": "GB-COH", "id": "A" * 40}] * 20
    lines = tuple(
        InvoiceLine(number, "M" + "X" * 31, "word " * 399, 10**7, gbp("999999999999999.99"))
        for number in range(1, 101)
    )
    terms = Terms.model_validate(long)
    item = invoice(1, "6500.00", credit=True, lines=lines, cites=tuple(range(1, 300)))
    texts = printed(item, terms)
    assert long["title"] in texts
    assert terms.parties[0].name in texts
    assert texts.count("word " * 399) == 100
    assert ", ".join(["GB-COH " + "A" * 40] * 20) in texts
    made = invoice_pdf(data_of(item, terms))
    assert made.count(b"/Type /Page\n") > 10
    assert made == invoice_pdf(data_of(item, terms))


@pytest.mark.parametrize("size", [240, 241])
def test_a_text_is_shortened_only_when_it_is_too_long_for_a_cell(printed, size):
    texts = printed(INVOICE, Terms.model_validate(document(title="T" * size)))
    assert ("T" * size in texts, texts.count("T" * 240 + "... (in full at the end)")) == (
        True,
        0 if size == 240 else 1,
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Homes & <b>Co</b> é £ €", "Homes & <b>Co</b> é £ €"),
        ("e\u0301", "é"),
        ("Tŷ Ŵyn", "Ty Wyn"),
        ("ﬁ", "ﬁ"),
        ("a\nb\tc\u00a0d", "a b c d"),
        ("家", "?"),
    ],
)
def test_every_text_is_printed_in_letters_that_the_fonts_have(written, shown):
    assert printable(written) == shown
    assert stringWidth(shown, TEXT, 9) > 0


@pytest.mark.parametrize(
    ("iso", "shown"), [("2024-02-29", "29 February 2024"), ("2020-12-01", "1 December 2020")]
)
def test_days_are_written_for_people(iso, shown):
    assert day_text(iso) == shown

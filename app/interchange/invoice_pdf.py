"""An invoice or credit note as A4 PDF, made from its structured data and nothing else."""

from typing import Any

from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from app.domain.money import Money
from app.interchange.invoice_json import Data
from app.interchange.pdf_page import WIDTH, pdf_bytes
from app.interchange.pdf_style import (
    ACCENT,
    HEAD,
    ISSUER,
    LABEL,
    PLAIN,
    RIGHT,
    RIGHT_HEAD,
    RIGHT_TOTAL,
    RULE,
    SHADE,
    SMALL,
    STRONG,
    TITLE,
    TOTAL,
    day_text,
    text,
)

_LONG, _FEW = 240, 3
"""Longer texts and further identifiers are printed at the end."""
_KINDS = {"invoice": "Invoice", "credit_note": "Credit note"}
_TREATMENTS = {
    "outside_scope": "VAT (outside the scope)",
    "exempt": "VAT (exempt)",
    "standard": "VAT at {rate}%",
}


def invoice_pdf(data: Data) -> bytes:
    """The printed form of `invoice_data`. The same data gives the same bytes, on any day.

    No clock, random id or compression goes into the file, and its fonts stand in it. Amounts are
    those of the data: nothing is added up here.
    """
    return pdf_bytes(
        _story(data),
        title=f"{_KINDS[data['kind']]} {data['invoice_number']}",
        author=data["seller"]["name"],
        subject=data["contract_title"],
        footer=f"{data['invoice_number']}  ·  contract {data['contract_reference']}",
        made_on=data["issue_date"],
    )


def _story(data: Data) -> list[Flowable]:
    return [
        _heading(data),
        Spacer(0, 14),
        _parties_and_facts(data),
        Spacer(0, 16),
        _lines(data),
        Spacer(0, 6),
        KeepTogether([_totals(data)]),
        Spacer(0, 16),
        *_notes(data),
        *_in_full(data),
    ]


def _heading(data: Data) -> Table:
    seller = data["seller"]
    left = [text(_short(seller["name"]), ISSUER), *_identifiers(seller)]
    return Table(
        [[left, text(_KINDS[data["kind"]], TITLE)]],
        colWidths=[WIDTH * 0.62, WIDTH * 0.38],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 1.5, ACCENT),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
        ],
    )


def _identifiers(party: Data) -> list[Flowable]:
    return [text(f"{one['scheme']} {one['id']}", SMALL) for one in party["identifiers"][:_FEW]]


def _short(value: str) -> str:
    """What fits in a cell: a table's row cannot run over a page. `_in_full` prints the rest."""
    return value if len(value) <= _LONG else f"{value[:_LONG]}... (in full at the end)"


def _in_full(data: Data) -> list[Flowable]:
    """Every text and list of identifiers that was shortened above, whole."""
    parties = (("Seller", data["seller"]), ("Buyer", data["buyer"]))
    long = [(label, party["name"]) for label, party in parties]
    long.append(("Contract", data["contract_title"]))
    long += [(line["item_code"], line["item_name"]) for line in data["lines"]]
    found = [(label, value) for label, value in long if len(value) > _LONG]
    for label, party in parties:
        named = [f"{one['scheme']} {one['id']}" for one in party["identifiers"]]
        if len(named) > _FEW:
            found.append((f"{label}: all identifiers", ", ".join(named)))
    return [
        part
        for label, value in found
        for part in (Spacer(0, 8), text(label, LABEL), text(value, SMALL))
    ]


def _parties_and_facts(data: Data) -> Table:
    buyer = data["buyer"]
    address = [
        text("Invoice to" if data["kind"] == "invoice" else "Credit to", LABEL),
        text(_short(buyer["name"]), STRONG),
        *_identifiers(buyer),
        Spacer(0, 8),
        text("Under the contract", LABEL),
        text(_short(data["contract_title"])),
    ]
    facts = Table(
        [[text(label, LABEL), text(value, of)] for label, value, of in _facts(data)],
        colWidths=[WIDTH * 0.17, WIDTH * 0.27],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ],
    )
    return Table(
        [[address, facts]],
        colWidths=[WIDTH * 0.56, WIDTH * 0.44],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, 0), 0),
            ("RIGHTPADDING", (0, 0), (0, 0), 18),
            ("LEFTPADDING", (1, 0), (1, 0), 0),
            ("RIGHTPADDING", (1, 0), (1, 0), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _facts(data: Data) -> list[tuple[str, str, Any]]:
    period = data["invoicing_period"]
    facts = [
        ("Number", data["invoice_number"], STRONG),
        ("Date of issue", day_text(data["issue_date"]), PLAIN),
    ]
    if data["payment_due_date"] is not None:
        facts.append(("Payment due", day_text(data["payment_due_date"]), STRONG))
    if data["preceding_invoice_references"]:
        facts.append(("Credits", _cited(data), STRONG))
    if data["purchase_order_reference"] is not None:
        facts.append(("Purchase order", data["purchase_order_reference"], PLAIN))
    facts += [
        ("Contract", data["contract_reference"], PLAIN),
        ("Claim", str(data["claim_number"]), PLAIN),
        ("Period from", day_text(period["start_date"]), PLAIN),
        ("Period to", day_text(period["end_date"]), PLAIN),
    ]
    return facts


def _cited(data: Data) -> str:
    """The invoices credited; the note below the totals names them all."""
    numbers = data["preceding_invoice_references"]
    more = f" and {len(numbers) - _FEW} more" if len(numbers) > _FEW else ""
    return ", ".join(numbers[:_FEW]) + more


def _lines(data: Data) -> Table:
    head = [
        text("Code", HEAD),
        text("Outcome", HEAD),
        text("Count", RIGHT_HEAD),
        text(f"Net amount ({data['currency']})", RIGHT_HEAD),
    ]
    rows = [
        [
            text(line["item_code"], STRONG),
            text(_short(line["item_name"])),
            text(str(line["outcome_count"]), RIGHT),
            text(_number(data, line["line_net_amount"]), RIGHT),
        ]
        for line in data["lines"]
    ]
    return Table(
        [head, *rows],
        colWidths=[WIDTH * part for part in (0.18, 0.44, 0.12, 0.26)],
        repeatRows=1,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ("LEFTPADDING", (0, 0), (-1, -1), 6),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ],
    )


def _totals(data: Data) -> Table:
    totals, vat = data["totals"], data["vat"]
    label = _TREATMENTS[vat["treatment"]].format(rate=vat["rate_percent"])
    last = "Total to pay" if data["kind"] == "invoice" else "Total credited"
    rows = [
        [text("Net", PLAIN), text(_number(data, totals["total_without_vat"]), RIGHT)],
        [text(label, PLAIN), text(_number(data, totals["vat_total"]), RIGHT)],
        [text(last, TOTAL), text(_amount(data, totals["amount_due"]), RIGHT_TOTAL)],
    ]
    return Table(
        rows,
        colWidths=[WIDTH * 0.30, WIDTH * 0.30],
        hAlign="RIGHT",
        style=[
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LINEABOVE", (0, 2), (-1, 2), 1, ACCENT),
            ("BACKGROUND", (0, 2), (-1, 2), SHADE),
            ("TOPPADDING", (0, 2), (-1, 2), 7),
            ("BOTTOMPADDING", (0, 2), (-1, 2), 7),
        ],
    )


def _notes(data: Data) -> list[Flowable]:
    number = data["invoice_number"]
    notes: list[Flowable] = []
    if data["payment_due_date"] is not None:
        due = day_text(data["payment_due_date"])
        words = f"Payment is due by {due}, {data['payment_terms']}. Please quote {number}."
        notes += [text("Payment", LABEL), text(words), Spacer(0, 8)]
    else:
        cited = ", ".join(data["preceding_invoice_references"])
        notes += [
            text("Credit", LABEL),
            text(f"This note takes back amounts of {cited}. Please quote {number}."),
            Spacer(0, 8),
        ]
    notes += [text("VAT", LABEL), text(data["vat"]["rationale"], SMALL), Spacer(0, 8)]
    if data["contract_notice"] is not None:
        notes += [text("Notice", LABEL), text(data["contract_notice"], SMALL)]
    return notes


def _money(data: Data, amount: str) -> Money:
    return Money.parse(amount, data["currency"])


def _amount(data: Data, amount: str) -> str:
    return _money(data, amount).readable()


def _number(data: Data, amount: str) -> str:
    """The amount without its currency, which the heading of the column names: 6,500.00."""
    return _amount(data, amount).partition(" ")[2]

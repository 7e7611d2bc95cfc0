"""Remittance advice as A4 PDF, made from its structured data and nothing else."""

from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from app.domain.money import Money
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
from app.interchange.remittance_out import Data

_LONG = 200
_TITLE = "Remittance advice"
_LEFT_EDGE = ("LEFTPADDING", (0, 0), (0, -1), 0)
_RIGHT_EDGE = ("RIGHTPADDING", (-1, 0), (-1, -1), 0)
_TOP = ("VALIGN", (0, 0), (-1, -1), "TOP")


def remittance_pdf(data: Data) -> bytes:
    """The printed form of `remittance_data`. The same data gives the same bytes, on any day.

    Amounts are those of the data: nothing is added up here.
    """
    return pdf_bytes(
        [
            _heading(data),
            Spacer(0, 14),
            _parties_and_facts(data),
            Spacer(0, 16),
            _documents(data),
            Spacer(0, 6),
            KeepTogether([_totals(data)]),
        ],
        title=f"{_TITLE} {data['payment_id']}",
        author=data["payer"]["name"],
        subject=data["contract_title"],
        footer=f"payment {data['payment_id']}  ·  contract {data['contract_reference']}",
        made_on=data["paid_on"],
    )


def _heading(data: Data) -> Table:
    return Table(
        [[text(_short(data["payer"]["name"]), ISSUER), text(_TITLE, TITLE)]],
        colWidths=[WIDTH * 0.5, WIDTH * 0.5],
        style=[
            _TOP,
            _LEFT_EDGE,
            _RIGHT_EDGE,
            ("LINEBELOW", (0, 0), (-1, -1), 1.5, ACCENT),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 14),
        ],
    )


def _parties_and_facts(data: Data) -> Table:
    paid_to = [
        text("Paid to", LABEL),
        text(_short(data["payee"]["name"]), STRONG),
        Spacer(0, 8),
        text("Under the contract", LABEL),
        text(_short(data["contract_title"])),
    ]
    facts = [
        [text("Paid on", LABEL), text(day_text(data["paid_on"]), STRONG)],
        [text("Amount", LABEL), text(_amount(data, data["amount"]), STRONG)],
        [text("Reference", LABEL), text(data["reference"] or "-")],
        [text("Payment", LABEL), text(data["payment_id"], SMALL)],
        [text("Contract", LABEL), text(data["contract_reference"])],
    ]
    shown = Table(facts, colWidths=[WIDTH * 0.14, WIDTH * 0.32], style=[_TOP, _LEFT_EDGE])
    return Table(
        [[paid_to, shown]],
        colWidths=[WIDTH * 0.54, WIDTH * 0.46],
        style=[_TOP, _LEFT_EDGE, _RIGHT_EDGE],
    )


def _documents(data: Data) -> Flowable:
    if not data["rows"]:
        return text("The payment is set against no document yet.")
    names = ("Document", "Issued on", "Amount", "Paid before", "Paid now", "Left to pay")
    head = [text(name, RIGHT_HEAD if place > 1 else HEAD) for place, name in enumerate(names)]
    rows = [
        [
            text(row["reference"], STRONG),
            text(day_text(row["issued_on"])),
            *(
                text(_number(data, row[name]), RIGHT)
                for name in ("amount", "paid_before", "paid_now", "left")
            ),
        ]
        for row in data["rows"]
    ]
    return Table(
        [head, *rows],
        colWidths=[WIDTH * part for part in (0.2, 0.2, 0.15, 0.15, 0.15, 0.15)],
        repeatRows=1,
        style=[
            _TOP,
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ],
    )


def _totals(data: Data) -> Table:
    rows = [
        [text(label, PLAIN), text(_number(data, data[name]), RIGHT)]
        for label, name in (("Came back", "returned"), ("On account", "on_account"))
        if _money(data, data[name])
    ]
    rows.append([text("Paid", TOTAL), text(_amount(data, data["amount"]), RIGHT_TOTAL)])
    return Table(
        rows,
        colWidths=[WIDTH * 0.25, WIDTH * 0.3],
        hAlign="RIGHT",
        style=[
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LINEABOVE", (0, -1), (-1, -1), 1, ACCENT),
            ("BACKGROUND", (0, -1), (-1, -1), SHADE),
            ("TOPPADDING", (0, -1), (-1, -1), 7),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 7),
        ],
    )


def _short(value: str) -> str:
    """What fits in a cell: a table's row cannot run over a page. The data has it whole."""
    return value if len(value) <= _LONG else f"{value[:_LONG]}..."


def _money(data: Data, amount: str) -> Money:
    return Money.parse(amount, data["currency"])


def _amount(data: Data, amount: str) -> str:
    return _money(data, amount).readable()


def _number(data: Data, amount: str) -> str:
    """The amount without its currency, which the facts and the total name: 6,500.00."""
    return _amount(data, amount).partition(" ")[2]

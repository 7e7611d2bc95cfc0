"""Small makers of invoices and credit notes for tests."""

from datetime import timedelta
from typing import Any

from app.domain.invoice import DocumentKind, Invoice, InvoiceLine
from tests.factories import COUNCIL, SPV, day, gbp, quarter


def invoice(
    number: int,
    net: str,
    *,
    vat: str = "0.00",
    claim: int = 1,
    credit: bool = False,
    on: str = "2022-10-14",
    **changes: Any,
) -> Invoice:
    """One document of the SPV to the council, of one line; with VAT it is of standard treatment."""
    issued_on = day(on)
    taxed = bool(gbp(vat))
    values: dict[str, Any] = {
        "issuer": SPV,
        "number": number,
        "kind": DocumentKind.CREDIT_NOTE if credit else DocumentKind.INVOICE,
        "claim_number": claim,
        "customer": COUNCIL,
        "period": quarter("2022 Q3"),
        "issued_on": issued_on,
        "due_on": None if credit else issued_on + timedelta(days=30),
        "purchase_order": None,
        "lines": (InvoiceLine(1, "MOVE", "Moved on", 1, gbp(net)),),
        "net": gbp(net),
        "vat_treatment": "standard" if taxed else "outside_scope",
        "vat_rationale": "A proposal for tests.",
        "vat_rate": "0.20" if taxed else None,
        "vat": gbp(vat),
        "total": gbp(net) + gbp(vat),
        "cites": (1,) if credit else (),
        **changes,
    }
    return Invoice(**values)

"""An invoice or credit note as structured data, with the meanings of EN 16931.

Field names are words; docs/reference/invoices.md gives the business term (BT-1 and so on) of each.
The printed form is made from this data and nothing else.
"""

from fractions import Fraction
from typing import Any

from app.domain.invoice import DocumentKind, Invoice, InvoiceLine, document_reference
from app.domain.money import Money
from app.domain.terms.base import share_fraction
from app.domain.terms.document import Terms
from app.domain.terms.payment import VatTreatment

SPECIFICATION = "urn:outcomes-ledger:invoice:1"

TYPE_CODES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381"}
"""UNTDID 1001: commercial invoice, credit note."""

CATEGORY_CODES = {
    VatTreatment.OUTSIDE_SCOPE: "O",
    VatTreatment.EXEMPT: "E",
    VatTreatment.STANDARD: "S",
}
"""UNTDID 5305: not subject to VAT, exempt, standard rate."""

Data = dict[str, Any]


def invoice_data(invoice: Invoice, terms: Terms, contract_id: str) -> Data:
    """The document in JSON's types: amounts and rates are decimal text, dates are ISO 8601.

    `terms` are those of the claim: they give names and identifiers. Amounts of a credit note are
    positive, as its type code says that they are taken back. A line is one lump sum for a metric,
    because outcomes of one metric may be paid differently (caps, editions); `outcome_count` says
    how many. Nothing in it names or counts a person.
    """
    return {
        "specification": SPECIFICATION,
        "document_id": invoice.document_id,
        "kind": invoice.kind.value,
        "invoice_number": invoice.reference,
        "invoice_type_code": TYPE_CODES[invoice.kind],
        "issue_date": invoice.issued_on.isoformat(),
        "payment_due_date": invoice.due_on.isoformat() if invoice.due_on else None,
        "payment_terms": _payment_terms(invoice),
        "currency": invoice.net.currency,
        "contract_reference": contract_id,
        "contract_title": terms.title,
        "contract_notice": terms.notice,
        "claim_number": invoice.claim_number,
        "purchase_order_reference": invoice.purchase_order,
        "invoicing_period": {
            "start_date": invoice.period.start.isoformat(),
            "end_date": invoice.period.end.isoformat(),
        },
        "preceding_invoice_references": [
            document_reference(invoice.issuer, number) for number in invoice.cites
        ],
        "seller": _party(invoice.issuer, terms),
        "buyer": _party(invoice.customer, terms),
        "lines": [_line(line) for line in invoice.lines],
        "vat": {
            "treatment": invoice.vat_treatment,
            "category_code": CATEGORY_CODES[VatTreatment(invoice.vat_treatment)],
            "rate_percent": percent(invoice.vat_rate) if invoice.vat_rate else None,
            "rationale": invoice.vat_rationale,
            "taxable_amount": str(invoice.net),
            "tax_amount": str(invoice.vat),
        },
        "totals": {
            "line_net_total": str(_sum(invoice)),
            "total_without_vat": str(invoice.net),
            "vat_total": str(invoice.vat),
            "total_with_vat": str(invoice.total),
            "amount_due": str(invoice.total),
        },
    }


def percent(rate: str) -> str:
    """A rate as a percentage: "0.20" is 20, "0.175" is 17.5, "1/3" has no decimal and is 100/3."""
    whole = share_fraction(rate) * 100
    for places in range(19):
        scaled = whole * 10**places
        if scaled.denominator == 1:
            digits = str(scaled.numerator).rjust(places + 1, "0")
            return f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return str(Fraction(whole))


def _payment_terms(invoice: Invoice) -> str | None:
    if invoice.due_on is None:
        return None
    days = (invoice.due_on - invoice.issued_on).days
    return f"{days} day{'' if days == 1 else 's'} from the date of issue"


def _party(party_id: str, terms: Terms) -> Data:
    party = next(party for party in terms.parties if party.id == party_id)
    return {
        "party_id": party.id,
        "name": party.name,
        "identifiers": [{"scheme": one.scheme, "id": one.id} for one in party.identifiers],
    }


def _line(line: InvoiceLine) -> Data:
    return {
        "line_id": str(line.line_number),
        "item_code": line.metric,
        "item_name": line.description,
        "outcome_count": line.count,
        "quantity": "1",
        "unit_code": "LS",
        "net_price": str(line.net),
        "line_net_amount": str(line.net),
    }


def _sum(invoice: Invoice) -> Money:
    return Money(sum(line.net.minor for line in invoice.lines), invoice.net.currency)

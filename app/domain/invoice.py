"""Invoices and credit notes: what the payee asks of a customer for an approved claim."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money
from app.domain.period import Period

_INVOICE_ID = re.compile(r"invoice:([a-z0-9-]+)/([1-9][0-9]{0,8})", re.ASCII)


class DocumentKind(StrEnum):
    """An invoice asks; a credit note takes back, and cites the invoices it takes back from."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One metric's part of a document: a count of outcomes and their net amount, no person."""

    line_number: int
    metric: str
    description: str
    count: int
    net: Money


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note. Amounts of a credit note are positive: they are taken back.

    `number` is without gaps for each issuer, invoices and credit notes together. `due_on` is
    `issued_on` plus the terms' days; None on a credit note. `vat_rationale` says why the treatment
    (outside_scope, exempt, standard) applies; it is never assumed.
    """

    issuer: str
    number: int
    kind: DocumentKind
    claim_number: int
    customer: str
    period: Period
    issued_on: date
    due_on: date | None
    purchase_order: str | None
    lines: tuple[InvoiceLine, ...]
    net: Money
    vat_treatment: str
    vat_rationale: str
    vat_rate: str | None
    vat: Money
    total: Money
    cites: tuple[int, ...]

    @property
    def reference(self) -> str:
        """What the payer quotes: SPV-000012."""
        return document_reference(self.issuer, self.number)

    @property
    def document_id(self) -> str:
        """How payments name it: invoice:spv/12."""
        return invoice_id(self.issuer, self.number)


def document_reference(issuer: str, number: int) -> str:
    """The printed number of a document: issuer in capitals and six digits, SPV-000012."""
    return f"{issuer.upper()}-{number:06d}"


def invoice_id(issuer: str, number: int) -> str:
    """The id of an invoice or credit note among the documents of a contract: invoice:spv/12."""
    return f"invoice:{issuer}/{number}"


def invoice_key(document: str) -> tuple[str, int] | None:
    """Issuer and number of what `invoice_id` names; None for any other document: spv, 12.

    Only that spelling counts (no 012), because allocations are added up by it.
    """
    named = _INVOICE_ID.fullmatch(document)
    return (named[1], int(named[2])) if named else None

"""Invoices and credit notes: issued for approved claims, as data and in print."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, shown
from app.api.documented import CONTRACT, WRITES, Responses, answers
from app.api.fields import ContractPath, NumberPath, PartyPath
from app.api.posting import POSTS, PostingWriteDep
from app.api.schemas_invoices import (
    InvoiceOut,
    InvoicePage,
    InvoicesIssued,
    InvoicesOfClaim,
    InvoiceWhole,
    NewInvoices,
)
from app.api.schemas_payment_clock import ClockOut
from app.api.strict import StrictRoute
from app.interchange.invoice_json import Data
from app.interchange.invoice_pdf import invoice_pdf
from app.service import invoices

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Invoices"], route_class=StrictRoute)

PDF = "application/pdf"
_BYTES = {PDF: {"schema": {"type": "string", "format": "binary"}}}


def _whole() -> Responses:
    documented = answers(200, InvoiceWhole, "The document.", CONTRACT, "invoice-unknown")
    documented[200]["content"] = _BYTES
    return documented


def _printed() -> Responses:
    documented = answers(200, InvoiceWhole, "The print.", CONTRACT, "invoice-unknown")
    return documented | {200: {"description": "The print, A4.", "content": _BYTES}}


@router.post(
    "/claims/{claim_number}/invoices",
    operation_id="issueInvoices",
    summary="Issue the invoices of a claim",
    status_code=201,
    responses=answers(
        201, InvoicesIssued, "The documents, numbered without gaps.",
        WRITES, "party-not-permitted", "claim-unknown", "claim-not-approved", "already-invoiced",
        "nothing-to-invoice", "invoicing-not-in-terms", "original-document-missing",
        "date-before-approval", *POSTS, "date-in-future",
    ),
)  # fmt: skip
def issue_invoices(
    write: PostingWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    claim_number: NumberPath,
    body: NewInvoices,
) -> Response:
    """Issue what an approved claim asks for: invoices, and credit notes for what it takes back.

    The payee acts; again after later corrections, for what they changed, each once. The payment
    clock runs from the day of issue.
    """
    return write.answer(
        contract_id,
        lambda command: invoices.issue_invoices(
            context, command, claim_number, issued_on=body.issued_on
        ),
        InvoicesIssued.of,
        lambda _: f"/v1/contracts/{contract_id}/claims/{claim_number}/invoices",
    )


@router.get(
    "/claims/{claim_number}/invoices",
    operation_id="listInvoicesOfClaim",
    summary="List the invoices of a claim",
    responses=answers(200, InvoicesOfClaim, "The claim's documents.", CONTRACT, "claim-unknown"),
)
def list_invoices_of_claim(
    context: ContextDep, contract_id: ContractPath, claim_number: NumberPath
) -> Response:
    """List a claim's documents with what is still open of each; none before they are issued."""
    found = invoices.invoices_of_claim(context, contract_id, claim_number)
    return shown(InvoicesOfClaim(items=[InvoiceOut.of(one) for one in found]))


@router.get(
    "/invoices",
    operation_id="listInvoices",
    summary="List invoices",
    responses=answers(200, InvoicePage, "Documents by issuer and number.", CONTRACT),
)
def list_invoices(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List invoices and credit notes by issuer and number, with what is still open of each."""
    found = invoices.list_invoices(context, contract_id, page.after(("", 0)), page.limit + 1)
    return page.answer(
        found,
        lambda stored: (stored.invoice.issuer, stored.invoice.number),
        lambda items, following: InvoicePage(
            items=[InvoiceOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/invoices/{issuer}/{number}",
    operation_id="getInvoice",
    summary="Show an invoice",
    responses=_whole(),
)
def get_invoice(
    request: Request,
    context: ContextDep,
    contract_id: ContractPath,
    issuer: PartyPath,
    number: NumberPath,
) -> Response:
    """Show a document with its structured data. As a print with Accept: application/pdf."""
    stored, data = invoices.get_invoice_data(context, contract_id, issuer, number)
    if PDF in request.headers.get("accept", ""):
        return _print(data)
    return shown(InvoiceWhole.both(stored, data))


@router.get(
    "/invoices/{issuer}/{number}/clock",
    operation_id="getInvoiceClock",
    summary="The payment clock of an invoice",
    responses=answers(200, ClockOut, "The clock today.", CONTRACT, "invoice-unknown"),
)
def get_invoice_clock(
    context: ContextDep, contract_id: ContractPath, issuer: PartyPath, number: NumberPath
) -> Response:
    """Show when each part of an invoice is due, what a dispute holds, and how late it is today.

    A dispute stops the clock of the part it is about; the rest is due as before.
    """
    return shown(ClockOut.of(invoices.get_invoice_clock(context, contract_id, issuer, number)))


@router.get(
    "/invoices/{issuer}/{number}/pdf",
    operation_id="printInvoice",
    summary="Print an invoice",
    responses=_printed(),
)
def print_invoice(
    context: ContextDep, contract_id: ContractPath, issuer: PartyPath, number: NumberPath
) -> Response:
    """Print a document as A4 PDF from its structured data: the same bytes every time."""
    _, data = invoices.get_invoice_data(context, contract_id, issuer, number)
    return _print(data)


def _print(data: Data) -> Response:
    name = f'attachment; filename="{data["invoice_number"]}.pdf"'
    headers = {"content-disposition": name, "x-content-type-options": "nosniff"}
    return Response(invoice_pdf(data), headers=headers, media_type=PDF)

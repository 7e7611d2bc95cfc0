"""Invoices and credit notes of approved claims: issued by the payee, numbered without gaps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.domain.calendar import local_date
from app.domain.claim import Claim, ClaimStatus, LineKind
from app.domain.errors import NotFound, NotPermitted, RuleRefused
from app.domain.invoice import Invoice
from app.domain.ledger import Entry
from app.domain.money import Money
from app.domain.terms.document import Terms
from app.interchange.invoice_json import Data, invoice_data
from app.payments.invoiced_corrections import InvoicedCorrection, invoiced_corrections
from app.payments.invoicing import documents_for_claim
from app.payments.posting import vat_entry
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.invoice_clocks import InvoiceClock, clocks
from app.service.posting_days import posted_rows
from app.storage import claims, contracts, corrections, invoices, journal, ledger
from app.storage.corrections import StoredCorrection
from app.storage.engine import Connection
from app.storage.invoices import StoredInvoice


def issue_invoices(
    context: Context, command: Command, claim_number: int, *, issued_on: date | None = None
) -> Done[tuple[StoredInvoice, ...]]:
    """Issue what an approved claim asks for and no document asked yet.

    The payee acts. First invoices, and credit notes for clawbacks, of the lines as their approved
    corrections leave them; again after later corrections, each once. The payment clock runs from
    the day of issue. Who is asked is said by the terms of the claim; how (VAT, purchase orders:
    terms /invoicing) by those that govern the day of issue, so that a variation may add what was
    missing.
    """

    def decide(work: Work) -> Change[tuple[StoredInvoice, ...]]:
        connection, contract_id = work.connection, work.contract_id
        day = _may_issue(work, claim_number, issued_on)
        claim = claims.whole(connection, contract_id, claim_number)
        terms = _invoicing_terms(work, claim.terms_version, day)
        approved = corrections.approved_of(connection, contract_id, [claim_number])
        issued = [
            one.invoice for one in invoices.of_claims(connection, contract_id, [claim_number])
        ]
        originals = _originals(work, claim)
        documents = documents_for_claim(
            claim,
            terms,
            issuer_number_next=invoices.next_number(connection, contract_id, terms.payee),
            issued_on=day,
            originals=originals,
            corrections=[one.correction for one in approved],
            issued=issued,
        )
        if not documents:
            raise _nothing_new(claim_number, issued)
        _require_after_corrections(approved, day)
        placed = invoiced_corrections(
            claim,
            terms,
            [one.correction for one in approved if not one.is_invoiced],
            originals=originals,
            made=documents,
            issued=issued,
        )
        number = invoices.last_round(connection, contract_id, claim_number) + 1
        rows = (
            _rows(work, documents, number) | _correction_rows(placed) | _vat_rows(work, documents)
        )
        nothing = Money(0, terms.currency)
        stored = tuple(StoredInvoice(one, nothing, 0, work.now) for one in documents)
        return Change("invoices_issued", day, rows, stored)

    return run(context, command, decide)


def get_invoice_clock(context: Context, contract_id: str, issuer: str, number: int) -> InvoiceClock:
    """The payment clock of one invoice today: its sums, paid and unpaid, disputed or not.

    Raises NotFound `invoice-unknown`, also for a credit note: nothing of it is due.
    """
    with context.reckoning(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        stored = invoices.get(connection, contract_id, issuer, number)
        found = _clocks(context, connection, contract_id, [stored])
    if stored.invoice.document_id not in found:
        raise NotFound("invoice-unknown", f"{stored.invoice.reference} is a credit note.")
    return found[stored.invoice.document_id]


def get_invoice_data(
    context: Context, contract_id: str, issuer: str, number: int
) -> tuple[StoredInvoice, Data]:
    """One document, and its structured data under the terms of its claim: what the print shows.

    The data and the print say for ever what was issued; a dispute moves only the document's own
    due day.
    """
    with context.reckoning(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        stored = invoices.get(connection, contract_id, issuer, number)
        claim = claims.get(connection, contract_id, stored.invoice.claim_number)
        timeline = contracts.timeline(connection, contract_id)
        terms = timeline.numbered(claim.terms_version).terms
        data = invoice_data(stored.invoice, terms, contract_id)
        return _with_due_days(context, connection, contract_id, [stored])[0], data


def invoices_of_claim(context: Context, contract_id: str, claim_number: int) -> list[StoredInvoice]:
    """The documents of one claim, none before they are issued; NotFound `claim-unknown`."""
    with context.reckoning(contract_id) as uow:
        claims.get(uow.connection, contract_id, claim_number)
        found = invoices.of_claims(uow.connection, contract_id, [claim_number])
        return _with_due_days(context, uow.connection, contract_id, found)


def list_invoices(
    context: Context, contract_id: str, after: tuple[str, int] = ("", 0), limit: int = 50
) -> list[StoredInvoice]:
    """Documents by issuer and number, each due on the day that disputes have moved it to."""
    with context.reckoning(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        found = invoices.page(uow.connection, contract_id, after, limit)
        return _with_due_days(context, uow.connection, contract_id, found)


def _clocks(
    context: Context, connection: Connection, contract_id: str, stored: Sequence[StoredInvoice]
) -> dict[str, InvoiceClock]:
    if not stored:
        return {}
    timeline = contracts.timeline(connection, contract_id)
    now = context.clock()
    today = local_date(now, timeline.in_effect(now.date()).terms.timezone)
    return clocks(connection, contract_id, timeline, stored, today)


def _with_due_days(
    context: Context, connection: Connection, contract_id: str, stored: Sequence[StoredInvoice]
) -> list[StoredInvoice]:
    """Documents as they stand today: due when their unpaid sums are, or not while these are held.

    What credit notes have taken off whole stays due as it was.
    """
    found = _clocks(context, connection, contract_id, stored)
    due_on = {name: clock.due_on for name, clock in found.items() if clock.sums}
    return [
        replace(one, invoice=replace(one.invoice, due_on=due_on[one.invoice.document_id]))
        if one.invoice.document_id in due_on
        else one
        for one in stored
    ]


def _may_issue(work: Work, claim_number: int, issued_on: date | None) -> date:
    payee = work.terms.payee
    if work.actor.party != payee:
        raise NotPermitted(
            "party-not-permitted", f"Only {payee}, whom the payers pay, may issue invoices."
        )
    stored = claims.get(work.connection, work.contract_id, claim_number)
    if stored.status not in {ClaimStatus.APPROVED, ClaimStatus.PAID} or stored.decided_on is None:
        raise RuleRefused(
            "claim-not-approved",
            f"Claim {claim_number} is {stored.status.value}; only an approved claim is invoiced.",
        )
    day = work.day(issued_on, "/issued_on")
    if day < stored.decided_on:
        raise RuleRefused(
            "date-before-approval",
            "An invoice cannot be dated before the claim's approval.",
            pointer="/issued_on",
        )
    return day


def _nothing_new(claim_number: int, issued: Sequence[Invoice]) -> RuleRefused:
    if issued:
        return RuleRefused(
            "already-invoiced",
            f"The documents of claim {claim_number} have been issued already, and nothing was "
            "corrected since.",
        )
    return RuleRefused(
        "nothing-to-invoice", f"Claim {claim_number} asks for nothing and takes back none."
    )


def _require_after_corrections(approved: Sequence[StoredCorrection], day: date) -> None:
    last = max((one.decided_on for one in approved if one.decided_on), default=day)
    if day < last:
        raise RuleRefused(
            "date-before-approval",
            f"A line of the claim was corrected on {last.isoformat()}; date its documents on that "
            "day or later.",
            pointer="/issued_on",
        )


def _originals(work: Work, claim: Claim) -> dict[int, list[Invoice]]:
    """By clawback line number: the documents of the claim whose line is taken back."""
    taken_back = {
        line.line_number: line.source_id
        for line in claim.lines
        if line.kind is LineKind.CLAWBACK and line.payable
    }
    found = invoices.originals_of(work.connection, work.contract_id, list(taken_back.values()))
    return {number: found.get(source, []) for number, source in taken_back.items()}


def _invoicing_terms(work: Work, version: int, day: date) -> Terms:
    """The terms of the claim, with the section `invoicing` that governs the day of issue."""
    terms = work.timeline.numbered(version).terms
    governing = work.timeline.governing(day)
    if governing is None or governing.terms.invoicing is None:
        return terms
    return terms.model_copy(update={"invoicing": governing.terms.invoicing})


def _vat_rows(work: Work, documents: tuple[Invoice, ...]) -> dict[str, list[dict[str, Any]]]:
    """The ledger entries of VAT, for documents that bear any."""
    number = ledger.next_entry_number(work.connection, work.contract_id)
    entries: list[Entry] = []
    for invoice in documents:
        entry = vat_entry(invoice, number + len(entries))
        if entry is not None:
            entries.append(entry)
    return posted_rows(work, entries)


def _correction_rows(placed: Sequence[InvoicedCorrection]) -> dict[str, list[dict[str, Any]]]:
    return {
        "correction_documents": [
            {
                "correction_id": one.correction_id,
                "customer": one.customer,
                "issuer": one.document.issuer if one.document else None,
                "number": one.document.number if one.document else None,
            }
            for one in placed
        ]
    }


def _rows(
    work: Work, documents: tuple[Invoice, ...], number: int
) -> dict[str, list[dict[str, Any]]]:
    return {
        "invoices": [_row(invoice) | {"round": number} | work.signed() for invoice in documents],
        "invoice_lines": [
            {
                "issuer": invoice.issuer,
                "number": invoice.number,
                "line_number": line.line_number,
                "metric": line.metric,
                "description": line.description,
                "counted": line.count,
                "net_minor": line.net.minor,
            }
            for invoice in documents
            for line in invoice.lines
        ],
    }


def _row(invoice: Invoice) -> dict[str, Any]:
    return {
        "issuer": invoice.issuer,
        "number": invoice.number,
        "kind": invoice.kind.value,
        "claim_number": invoice.claim_number,
        "customer": invoice.customer,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "purchase_order": invoice.purchase_order,
        "currency": invoice.net.currency,
        "net_minor": invoice.net.minor,
        "vat_treatment": invoice.vat_treatment,
        "vat_rationale": invoice.vat_rationale,
        "vat_rate": invoice.vat_rate,
        "vat_minor": invoice.vat.minor,
        "total_minor": invoice.total.minor,
        "cites": list(invoice.cites),
    }

"""Why a figure is what it is, the journal behind it, and the check of the whole record."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from app.api.deps import ContextDep, PageDep, shown
from app.api.documented import CONTRACT, PERSONAL, Responses, answers
from app.api.fields import ContractPath, NumberPath, RecordPath
from app.api.schemas_trust import RecordOut, RecordPage, TraceOut, VerifiedOut
from app.api.strict import StrictRoute
from app.payments.explain import Trace, render_text
from app.service import explain, journal, verify

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Trust"], route_class=StrictRoute)


def _answers(*codes: str) -> Responses:
    documented = answers(200, TraceOut, "The explanation.", PERSONAL, codes)
    documented[200]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    return documented


@router.get(
    "/explain/entitlements/{entitlement_id}",
    operation_id="explainEntitlement",
    summary="Explain an entitlement",
    responses=_answers("entitlement-unknown"),
)
def explain_entitlement(
    request: Request, context: ContextDep, contract_id: ContractPath, entitlement_id: RecordPath
) -> Response:
    """Explain an entitlement: price, decision, evidence, events, terms. Text with Accept:
    text/plain.
    """
    return _told(request, explain.explain_entitlement(context, contract_id, entitlement_id))


@router.get(
    "/explain/claims/{claim_number}/lines/{line_number}",
    operation_id="explainClaimLine",
    summary="Explain a claim line",
    responses=_answers("claim-unknown", "claim-line-unknown"),
)
def explain_claim_line(
    request: Request,
    context: ContextDep,
    contract_id: ContractPath,
    claim_number: NumberPath,
    line_number: NumberPath,
) -> Response:
    """Explain a claim line: caps, split, and the entitlement behind it. Text with Accept:
    text/plain.
    """
    found = explain.explain_claim_line(context, contract_id, claim_number, line_number)
    return _told(request, found)


@router.get(
    "/explain/entries/{entry_number}",
    operation_id="explainEntry",
    summary="Explain a ledger entry",
    responses=_answers("entry-unknown"),
)
def explain_entry(
    request: Request, context: ContextDep, contract_id: ContractPath, entry_number: NumberPath
) -> Response:
    """Explain a ledger entry: from the money back to the rules. Text with Accept: text/plain."""
    return _told(request, explain.explain_entry(context, contract_id, entry_number))


@router.get(
    "/explain/entries/{entry_number}/postings/{posting_number}",
    operation_id="explainPosting",
    summary="Explain a posting",
    responses=_answers("entry-unknown", "posting-unknown"),
)
def explain_posting(
    request: Request,
    context: ContextDep,
    contract_id: ContractPath,
    entry_number: NumberPath,
    posting_number: NumberPath,
) -> Response:
    """Explain one posting of an entry. Text with Accept: text/plain."""
    return _told(request, explain.explain_entry(context, contract_id, entry_number, posting_number))


@router.get(
    "/journal",
    operation_id="listJournal",
    summary="Read the journal",
    responses=answers(200, RecordPage, "Records in the order of the chain.", CONTRACT),
)
def list_journal(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """Read the contract's journal: every change, hash-chained; the audit log and change feed."""
    found = journal.list_records(context, contract_id, page.after(0), page.limit + 1)
    return page.answer(
        found,
        lambda record: record.sequence,
        lambda items, following: RecordPage(
            items=[RecordOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/verification",
    operation_id="verifyContract",
    summary="Verify the whole record",
    responses=answers(
        200,
        VerifiedOut,
        "What was checked, and every difference.",
        CONTRACT,
        "signing-key-unusable",
    ),
)
def verify_contract(context: ContextDep, contract_id: ContractPath) -> Response:
    """Check the chain of hashes, fold the journal again and compare every table, every balance,
    mirror, claim line, document and file. It writes nothing.
    """
    return shown(VerifiedOut.of(verify.verify(context, contract_id)))


def _told(request: Request, trace: Trace) -> Response:
    """As JSON, or as text where the caller would rather have that."""
    if _prefers_text(request.headers.get("accept", "")):
        return PlainTextResponse(render_text(trace))
    return shown(TraceOut.of(trace))


def _prefers_text(accept: str) -> bool:
    wanted = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return "text/plain" in wanted and "application/json" not in wanted

"""The reconciliation page of a contract."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import ContextDep, shown
from app.api.documented import CONTRACT, answers
from app.api.fields import ContractPath
from app.api.schemas_reconciliation import ReconciliationOut
from app.api.strict import StrictRoute
from app.service import reconciliation

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["Reconciliation"], route_class=StrictRoute
)


@router.get(
    "/reconciliation",
    operation_id="getReconciliation",
    summary="Whether everything ties together",
    responses=answers(200, ReconciliationOut, "The ties, and every line's end.", CONTRACT),
)
def get_reconciliation(context: ContextDep, contract_id: ContractPath) -> Response:
    """Compare outcomes, claims, documents, the ledger and the bank, and list what differs and why.

    Entitlements = claimed + capped + disputed + not yet claimed; approved claims = invoices less
    credit notes = payable postings; payments matched = cash postings; claimed from the fund = its
    splits; mirror accounts equal across books.
    """
    return shown(ReconciliationOut.of(reconciliation.reconciliation(context, contract_id)))

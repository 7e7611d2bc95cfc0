"""The payment clock: what is unpaid by age, and payments compliance figures."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import AsOf, ContextDep, KnownOn, shown
from app.api.documented import CONTRACT, answers
from app.api.errors import RequestInvalid
from app.api.fields import PARTY_PATTERN, ContractPath, Day
from app.api.schemas_payment_clock import AgeingOut, ComplianceOut
from app.api.strict import StrictRoute
from app.domain.period import Period
from app.service import days, payment_clock

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["Payment clock"], route_class=StrictRoute
)

_PAYER = "A party that is invoiced under the terms."
PayerFilter = Annotated[
    str | None, Query(description=_PAYER, pattern=PARTY_PATTERN, examples=["council"])
]
Payer = Annotated[str, Query(description=_PAYER, pattern=PARTY_PATTERN, examples=["council"])]
FirstDay = Annotated[
    Day, Query(alias="from", description="The first day.", examples=["2023-10-01"])
]
LastDay = Annotated[Day, Query(alias="to", description="The last day.", examples=["2024-03-31"])]


@router.get(
    "/ageing",
    operation_id="getAgeing",
    summary="What is unpaid, by age",
    responses=answers(200, AgeingOut, "Unpaid sums by age.", CONTRACT, "payer-unknown"),
)
def get_ageing(
    context: ContextDep,
    contract_id: ContractPath,
    as_of: AsOf = None,
    payer: PayerFilter = None,
    known_on: KnownOn = None,
) -> Response:
    """Show the unpaid sums of invoices at the end of a day, by counted days past their terms.

    The clock of a disputed part stands from the notice of the dispute to its outcome. What has a
    later day changes nothing; what was recorded later does, unless `known_on` says as known when.
    """
    instant = days.known_at(context, contract_id, known_on)
    found = payment_clock.read_ageing(context, contract_id, as_of, payer, instant)
    return shown(AgeingOut.of(found))


@router.get(
    "/payments-compliance",
    operation_id="getPaymentsCompliance",
    summary="Payments compliance figures",
    responses=answers(
        200, ComplianceOut, "The figures.", CONTRACT, "payer-unknown", "period-not-over",
        "terms-not-in-force",
    ),
)  # fmt: skip
def get_payments_compliance(
    context: ContextDep,
    contract_id: ContractPath,
    payer: Payer,
    first_day: FirstDay,
    last_day: LastDay,
) -> Response:
    """Show the figures that a payer's payments compliance notice asks for, for this contract.

    Source: Procurement Act 2023, s.69, and Procurement Regulations 2024, reg. 38.
    """
    if last_day < first_day:
        message = "The last day is before the first."
        raise RequestInvalid("query", "to", "dates-out-of-order", message)
    found = payment_clock.read_compliance(context, contract_id, payer, Period(first_day, last_day))
    return shown(ComplianceOut.of(payer, found))

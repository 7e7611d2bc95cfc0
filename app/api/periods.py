"""Periods of the contract's calendar: their closes, and the statements that a hard close froze."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, VersionedWriteDep, shown
from app.api.documented import CONTRACT, VERSIONED, WRITES, answers
from app.api.fields import ContractPath, Day, NumberPath, PartyPath
from app.api.schemas_periods import (
    FrozenDocument,
    FrozenOut,
    FrozenPage,
    NewClose,
    NewReopening,
    PeriodPage,
    PeriodStateOut,
)
from app.api.strict import StrictRoute
from app.domain.period_close import CloseLevel, PeriodKind
from app.service import frozen_statements, periods

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Periods"], route_class=StrictRoute)

KindPath = Annotated[PeriodKind, Path(description="Quarter or financial year.")]
StartPath = Annotated[Day, Path(description="The period's first day.", examples=["2021-04-01"])]
_DECIDING = (
    WRITES,
    VERSIONED,
    "period-unknown",
    "party-not-permitted",
    "terms-not-in-force",
)


@router.get(
    "/periods",
    operation_id="listPeriods",
    summary="List periods",
    responses=answers(200, PeriodPage, "From the contract's first to today's.", CONTRACT),
)
def list_periods(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    kind: Annotated[
        PeriodKind, Query(description="Quarters or financial years.", examples=["quarter"])
    ] = PeriodKind.QUARTER,
) -> Response:
    """List the contract's quarters, or its financial years, and how each stands."""
    found = periods.list_periods(context, contract_id, kind, page.after(""), page.limit + 1)
    return page.answer(
        found,
        lambda one: one.period.start.isoformat(),
        lambda items, following: PeriodPage(
            items=[PeriodStateOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/periods/{kind}/{start}",
    operation_id="getPeriod",
    summary="Show a period",
    responses=answers(200, PeriodStateOut, "The period.", CONTRACT, "period-unknown"),
)
def get_period(
    context: ContextDep, contract_id: ContractPath, kind: KindPath, start: StartPath
) -> Response:
    """Show a period and every decision on it; its ETag is for If-Match of the next one."""
    shape = PeriodStateOut.of(periods.get_period(context, contract_id, kind, start))
    return shown(shape, shape.version)


@router.post(
    "/periods/{kind}/{start}/close",
    operation_id="closePeriod",
    summary="Close a period",
    responses=answers(
        200, PeriodStateOut, "The period, closed.",
        *_DECIDING, "period-not-over", "period-closed-already", "period-before-open",
    ),
)  # fmt: skip
def close_period(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    kind: KindPath,
    start: StartPath,
    body: NewClose,
) -> Response:
    """Close a period as it was read (If-Match), from the day after its end. The commissioner acts.

    Softly: what is posted into it needs a reason, and it can be reopened. Hard: nothing is posted
    into it any more, later items are prior-period adjustments, and a numbered statement is frozen
    for every party's book. Quarters close in order, and a year after its quarters.
    """
    return write.answer(
        contract_id,
        lambda command: periods.close_period(
            context, command, kind=kind, start=start, level=CloseLevel(body.level), note=body.note
        ),
        PeriodStateOut.of,
    )


@router.post(
    "/periods/{kind}/{start}/reopening",
    operation_id="reopenPeriod",
    summary="Reopen a period",
    responses=answers(
        200, PeriodStateOut, "The period, open again.",
        *_DECIDING, "period-hard-closed", "period-not-closed", "year-closed",
    ),
)  # fmt: skip
def reopen_period(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    kind: KindPath,
    start: StartPath,
    body: NewReopening,
) -> Response:
    """Reopen a soft-closed period as it was read (If-Match), with a reason. The commissioner acts.

    A hard-closed period is never reopened.
    """
    return write.answer(
        contract_id,
        lambda command: periods.reopen_period(
            context, command, kind=kind, start=start, note=body.note
        ),
        PeriodStateOut.of,
    )


@router.get(
    "/statements/{party}/frozen",
    operation_id="listFrozenStatements",
    summary="List a party's frozen statements",
    responses=answers(200, FrozenPage, "In order of their numbers.", CONTRACT, "book-unknown"),
)
def list_frozen(
    context: ContextDep, contract_id: ContractPath, party: PartyPath, page: PageDep
) -> Response:
    """List the statements that hard closes froze for a party, each with its SHA-256."""
    found = frozen_statements.list_frozen(
        context, contract_id, party, page.after(0), page.limit + 1
    )
    return page.answer(
        found,
        lambda one: one.statement_number,
        lambda items, following: FrozenPage(
            items=[FrozenOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/statements/{party}/frozen/{statement_number}",
    operation_id="getFrozenStatement",
    summary="Read a frozen statement",
    responses=answers(
        200, FrozenDocument, "The document, the same bytes every time.",
        CONTRACT, "statement-unknown",
    ),
)  # fmt: skip
def get_frozen(
    context: ContextDep, contract_id: ContractPath, party: PartyPath, statement_number: NumberPath
) -> Response:
    """Read a statement as a hard close froze it, byte for byte. Its ETag is its SHA-256."""
    found = frozen_statements.get_frozen(context, contract_id, party, statement_number)
    return Response(
        found.document.encode(),
        headers={"etag": f'"{found.sha256}"'},
        media_type="application/json",
    )

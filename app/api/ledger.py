"""The ledger: entries, balances on two time axes, and statements."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import ContextDep, EffectiveTo, KnownOn, PageDep, shown
from app.api.documented import CONTRACT, answers
from app.api.errors import RequestInvalid
from app.api.fields import ContractPath, Day, NumberPath, PartyPath
from app.api.schemas_ledger import (
    BalancesOut,
    EntryOut,
    EntryPage,
    EntryWhole,
    TrialBalanceOut,
)
from app.api.schemas_statements import StatementOut
from app.api.strict import StrictRoute
from app.domain.period import Period
from app.service import days, ledger, statements

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Ledger"], route_class=StrictRoute)


@router.get(
    "/entries",
    operation_id="listEntries",
    summary="List ledger entries",
    responses=answers(200, EntryPage, "Entries in order of their numbers.", CONTRACT),
)
def list_entries(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List ledger entries with their postings, in order of their numbers."""
    found = ledger.list_entries(context, contract_id, page.after(0), page.limit + 1)
    return page.answer(
        found,
        lambda stored: stored.entry.entry_number,
        lambda items, following: EntryPage(
            items=[EntryOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/entries/{entry_number}",
    operation_id="getEntry",
    summary="Show a ledger entry",
    responses=answers(200, EntryWhole, "The entry.", CONTRACT, "entry-unknown"),
)
def get_entry(context: ContextDep, contract_id: ContractPath, entry_number: NumberPath) -> Response:
    """Show an entry, and the numbers of the entries that reverse it, whole or in part."""
    return shown(EntryWhole.both(*ledger.get_entry(context, contract_id, entry_number)))


@router.get(
    "/balances",
    operation_id="getBalances",
    summary="Balances of every account",
    responses=answers(200, BalancesOut, "Balances on both time axes.", CONTRACT),
)
def get_balances(
    context: ContextDep,
    contract_id: ContractPath,
    known_on: KnownOn = None,
    effective_to: EffectiveTo = None,
) -> Response:
    """Show every account as known at the end of one day, effective to another."""
    instant = days.known_at(context, contract_id, known_on)
    return shown(BalancesOut.of(ledger.balances(context, contract_id, instant, effective_to)))


@router.get(
    "/trial-balance/{book}",
    operation_id="getTrialBalance",
    summary="One party's trial balance",
    responses=answers(200, TrialBalanceOut, "The trial balance.", CONTRACT, "book-unknown"),
)
def get_trial_balance(
    context: ContextDep,
    contract_id: ContractPath,
    book: PartyPath,
    known_on: KnownOn = None,
    effective_to: EffectiveTo = None,
) -> Response:
    """Show one party's book: debit balances and credit balances are equal."""
    instant = days.known_at(context, contract_id, known_on)
    found = ledger.trial_balance(context, contract_id, book, instant, effective_to)
    return shown(TrialBalanceOut.of(found))


@router.get(
    "/statements/{party}",
    operation_id="getStatement",
    summary="One party's statement",
    responses=answers(200, StatementOut, "The statement.", CONTRACT, "book-unknown"),
)
def get_statement(
    context: ContextDep,
    contract_id: ContractPath,
    party: PartyPath,
    start: Annotated[
        Day, Query(alias="from", description="The first day.", examples=["2021-07-01"])
    ],
    end: Annotated[Day, Query(alias="to", description="The last day.", examples=["2021-09-30"])],
    known_on: KnownOn = None,
) -> Response:
    """Show one party's book over a period: movements, what it owes and is owed, claims approved."""
    if end < start:
        raise RequestInvalid(
            "query", "to", "dates-out-of-order", "The period ends before it starts."
        )
    instant = days.known_at(context, contract_id, known_on)
    period = Period(start, end)
    return shown(
        StatementOut.of(statements.statement(context, contract_id, party, period, instant))
    )

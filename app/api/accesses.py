"""The access log, for auditors: who looked at what, who has seen whom, what somebody did."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, shown
from app.api.documented import CONTRACT, answers
from app.api.fields import PERSON_PATTERN, RECORD_PATTERN, ContractPath, ParticipantPath
from app.api.schemas_accesses import (
    AccessOut,
    AccessPage,
    ActionOut,
    ActionPage,
    SeenByList,
    SeenByOut,
)
from app.api.strict import StrictRoute
from app.service import accesses
from app.service.accesses import Action, Place

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Trust"], route_class=StrictRoute)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000


@router.get(
    "/access-log",
    operation_id="listAccesses",
    summary="Read the access log",
    responses=answers(200, AccessPage, "By chain and number.", CONTRACT),
)
def list_accesses(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    who: Annotated[
        str | None,
        Query(description="Only of them.", pattern=PERSON_PATTERN, examples=["worker-1"]),
    ] = None,
    participant_id: Annotated[
        str | None,
        Query(description="Only what may show them.", pattern=RECORD_PATTERN, examples=["P-0042"]),
    ] = None,
    outcome: Annotated[
        str | None,
        Query(
            description="allowed, refused or recorded.",
            pattern="^(allowed|refused|recorded)$",
            examples=["refused"],
        ),
    ] = None,
) -> Response:
    """Read who looked at people's data, took files away or was refused on this contract, and who
    was let in to it.
    """
    found = accesses.list_accesses(
        context,
        contract_id,
        page.after(("", 0)),
        page.limit + 1,
        who=who,
        participant_id=participant_id,
        outcome=outcome,
    )
    return page.answer(
        found,
        lambda one: (one.access.chain, one.sequence),
        lambda items, after: AccessPage(
            items=[AccessOut.of(one) for one in items], next_cursor=after
        ),
    )


@router.get(
    "/access-log/participants/{participant_id}",
    operation_id="listSeenBy",
    summary="Report who has seen a participant",
    responses=answers(200, SeenByList, "In order of who.", CONTRACT),
)
def list_seen_by(
    context: ContextDep, contract_id: ContractPath, participant_id: ParticipantPath
) -> Response:
    """Report who was given a participant's data, how often, first and last.

    A participant that never was is seen by whoever took whole lists: the log outlives an erasure.
    """
    found = accesses.list_seen_by(context, contract_id, participant_id)
    return shown(SeenByList(items=[SeenByOut.of(one) for one in found]))


@router.get(
    "/access-log/people/{who}",
    operation_id="listActions",
    summary="Report what somebody did",
    responses=answers(200, ActionPage, "In order of time.", CONTRACT),
)
def list_actions(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    who: Annotated[
        str,
        Path(
            description="A principal's id, or the person named.",
            pattern=PERSON_PATTERN,
            examples=["worker-1"],
        ),
    ],
) -> Response:
    """Report what somebody recorded, read and was refused, from the journal and the access log."""
    microseconds, did, number = page.after((0, "", 0))
    after = Place(_instant(microseconds), did, number)
    found = accesses.list_actions(context, contract_id, who, after, page.limit + 1)
    return page.answer(
        found,
        _place,
        lambda items, following: ActionPage(
            items=[ActionOut.of(one) for one in items], next_cursor=following
        ),
    )


def _place(action: Action) -> tuple[int, str, int]:
    since = action.at - _EPOCH
    whole = (since.days * 86_400 + since.seconds) * _MICROSECONDS
    return whole + since.microseconds, action.did, action.number


def _instant(microseconds: int) -> datetime:
    seconds, rest = divmod(min(microseconds, 4_000_000_000 * _MICROSECONDS), _MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)

"""Every list as a file, whole: CSV as it is read, XLSX once it is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, BinaryIO, Literal, Protocol

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.deps import AsOf, ContextDep, EffectiveTo, KnownOn, shown
from app.api.documented import PERSONAL, READS, Responses, answers
from app.api.fields import (
    CODE_PATTERN,
    CONTRACT_PATTERN,
    PARTY_PATTERN,
    PERSON_PATTERN,
    RECORD_PATTERN,
    ContractPath,
    Day,
)
from app.api.request_faults import PlacedFault
from app.api.schemas_exports import ExportableList, ExportableLists
from app.api.schemas_imports import SOURCE_PATTERN
from app.api.strict import StrictRoute
from app.domain.errors import InputInvalid
from app.service.context import Context
from app.service.exports import csv_export, xlsx_export
from app.service.listings.listing import Filter, Listing
from app.service.listings.registry import LISTINGS, listing

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 64 * 1024
_NUMBER_MAX = 2**31 - 1

of_service = APIRouter(prefix="/v1/exports", tags=["Exports"], route_class=StrictRoute)
of_contract = APIRouter(
    prefix="/v1/contracts/{contract_id}/exports", tags=["Exports"], route_class=StrictRoute
)

Form = Literal["csv", "xlsx"]
FormPath = Annotated[Form, Path(description="The form of the file.", examples=["csv"])]
ListPath = Annotated[
    str,
    Path(
        description="The list's name.",
        pattern=r"^[a-z][a-z-]{1,40}$",
        examples=["payments"],
        json_schema_extra={"enum": sorted(LISTINGS)},
    ),
]
Who = Annotated[
    str | None,
    Query(
        description="Of this principal, or person named.",
        pattern=PERSON_PATTERN,
        examples=["worker-1"],
    ),
]
Outcome = Annotated[
    str | None, Query(description="So answered.", pattern=CODE_PATTERN, examples=["refused"])
]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The filters of a request, by the names that the interface's lists give them."""

    given: dict[str, str | int | date | None]


async def narrowed(
    participant_id: Annotated[
        str | None,
        Query(description="Of this participant.", pattern=RECORD_PATTERN, examples=["P-0042"]),
    ] = None,
    state: Annotated[
        str | None,
        Query(description="In this state.", pattern=CODE_PATTERN, examples=["open"]),
    ] = None,
    party: Annotated[
        str | None, Query(description="Of this party.", pattern=PARTY_PATTERN, examples=["spv"])
    ] = None,
    source: Annotated[
        str | None,
        Query(description="Of this source.", pattern=SOURCE_PATTERN, examples=["main-account"]),
    ] = None,
    import_number: Annotated[
        int | None,
        Query(description="Of this import.", ge=1, le=_NUMBER_MAX, examples=[3]),
    ] = None,
    classification: Annotated[
        str | None,
        Query(description="Classified so.", pattern=CODE_PATTERN, examples=["unknown"]),
    ] = None,
    claim_number: Annotated[
        int | None,
        Query(description="Of this claim.", ge=1, le=_NUMBER_MAX, examples=[1]),
    ] = None,
    payer: Annotated[
        str | None,
        Query(description="Of this payer.", pattern=PARTY_PATTERN, examples=["council"]),
    ] = None,
    start: Annotated[
        Day | None, Query(alias="from", description="The first day.", examples=["2021-07-01"])
    ] = None,
    end: Annotated[
        Day | None, Query(alias="to", description="The last day.", examples=["2021-09-30"])
    ] = None,
    who: Who = None,
    outcome: Outcome = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    effective_to: EffectiveTo = None,
) -> Narrowed:
    """The filters given; which of them a list has is the register's to say."""
    return Narrowed(
        {
            Filter.PARTICIPANT: participant_id,
            Filter.STATE: state,
            Filter.PARTY: party,
            Filter.SOURCE: source,
            Filter.IMPORT: import_number,
            Filter.CLASSIFICATION: classification,
            Filter.CLAIM: claim_number,
            Filter.PAYER: payer,
            Filter.FROM: start,
            Filter.TO: end,
            Filter.WHO: who,
            Filter.OUTCOME: outcome,
            Filter.AS_OF: as_of,
            Filter.KNOWN_ON: known_on,
            Filter.EFFECTIVE_TO: effective_to,
        }
    )


async def narrowed_of_service(
    principal_id: Annotated[
        str | None,
        Query(description="Of this principal.", max_length=64, examples=["0192f0c1-7e3a"]),
    ] = None,
    contract_id: Annotated[
        str | None,
        Query(
            description="On this contract.",
            pattern=CONTRACT_PATTERN,
            examples=["promoting-independence"],
        ),
    ] = None,
) -> Narrowed:
    """The same, of the lists of no one contract."""
    return Narrowed({Filter.PRINCIPAL: principal_id, Filter.CONTRACT: contract_id})


class _Closing(Protocol):
    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Give back what the file holds."""


class FileResponse(StreamingResponse):
    """A file sent in pieces; whatever ends the sending, its source is closed."""

    def __init__(self, source: _Closing, media_type: str, filename: str) -> None:
        """`filename` is made of identifiers only, so it needs no quoting."""
        headers = {
            "content-disposition": f'attachment; filename="{filename}"',
            "x-content-type-options": "nosniff",
        }
        super().__init__(source, headers=headers, media_type=media_type)
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._source.close()


class Opened:
    """An open file in pieces of 64 KiB."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(_PIECE), b"")

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


def file_answers(description: str, *codes: str | tuple[str, ...]) -> Responses:
    """The documented answers of an address that gives a file as CSV or XLSX."""
    documented = answers(200, ExportableLists, description, *codes, "cell-too-long", "exports-busy")
    content = {form: {"schema": {"type": "string", "format": "binary"}} for form in (CSV, XLSX)}
    return documented | {200: {"description": description, "content": content}}


@of_service.get(
    "",
    operation_id="listExports",
    summary="List what can be exported",
    responses=answers(200, ExportableLists, "Every list, and its columns.", READS),
)
def list_exports() -> Response:
    """List every list that can be had as a file: its columns, and what narrows it."""
    return shown(ExportableLists(items=[ExportableList.of(one) for one in LISTINGS.values()]))


@of_service.get(
    "/{list_name}.{form}",
    operation_id="exportServiceList",
    summary="Export a list of the service",
    response_class=Response,
    responses=file_answers(
        "The list.",
        READS,
        "list-unknown",
        "operator-only",
        "role-not-permitted",
        "principal-unknown",
    ),
)
def export_service_list(
    context: ContextDep,
    list_name: ListPath,
    form: FormPath,
    narrow: Annotated[Narrowed, Depends(narrowed_of_service)],
) -> Response:
    """Export a list that is of no one contract, whole: `contracts`; for operators `principals`,
    `grants` and a machine's `api-keys`; for operators and auditors `service-heads`.

    Whoever may not call the list may not have it as a file.
    """
    found = listing(list_name, of_contract=False)
    return _file(context, found, "", form, narrow, list_name)


@of_contract.get(
    "/{list_name}.{form}",
    operation_id="exportList",
    summary="Export a list of a contract",
    response_class=Response,
    responses=file_answers(
        "The list.", PERSONAL, "list-unknown", "participant-unknown", "claim-unknown",
        "book-unknown", "payer-unknown",
    ),
)  # fmt: skip
def export_list(
    context: ContextDep,
    contract_id: ContractPath,
    list_name: ListPath,
    form: FormPath,
    narrow: Annotated[Narrowed, Depends(narrowed)],
) -> Response:
    """Export a list whole, without a limit of rows, as it is at one instant.

    Its items are those of the list's own address, in the same order. Text that a spreadsheet would
    run as a formula is disarmed. Narrow it with the parameters that the list has; others are
    refused. Whoever may not call the list may not have it as a file.
    """
    found = listing(list_name, of_contract=True)
    return _file(context, found, contract_id, form, narrow, f"{contract_id}-{list_name}")


def _file(
    context: Context, found: Listing, contract_id: str, form: Form, narrow: Narrowed, name: str
) -> Response:
    try:
        given = found.checked(narrow.given)
        if form == "csv":
            pieces = csv_export(context, found, contract_id, given)
            return FileResponse(pieces, CSV, f"{name}.csv")
        book = xlsx_export(context, found, contract_id, given)
    except InputInvalid as error:
        raise InputInvalid(
            [PlacedFault(one.code, one.pointer, one.message, "query") for one in error.faults]
        ) from error
    return FileResponse(Opened(book), XLSX, f"{name}.xlsx")

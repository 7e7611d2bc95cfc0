"""Column mappings, imported bank and accounts-payable files, and their lines."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.deps import ActorDep, ContextDep, DryRun, PageDep, PrincipalDep, WriteDep, shown
from app.api.documented import ACTING, CONTRACT, WRITES, answers
from app.api.fields import ContractPath, NumberPath
from app.api.permit import mandate_of
from app.api.schemas_imports import (
    ACCOUNT_PATTERN,
    SOURCE_PATTERN,
    FaultOut,
    FaultPage,
    ImportOut,
    ImportPage,
    ImportWhole,
    LineOut,
    LinePage,
    MappingList,
    MappingOut,
    NewLineDecision,
    NewMapping,
)
from app.api.strict import StrictRoute, check_query
from app.domain.bank import Classification, SourceKind
from app.domain.errors import Fault, InputInvalid
from app.domain.identity_check import IdentityChecked
from app.domain.reconciliation import IgnoreReason, LineKey, LineState
from app.service import fault_decisions, imports, line_decisions
from app.service.command import Command
from app.storage.import_lines import Wanted

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["Reconciliation"], route_class=StrictRoute
)
files = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Reconciliation"])

AccountQuery = Annotated[
    str | None,
    IdentityChecked,
    Query(
        description="The account, such as its IBAN, where the file does not say it: lines of "
        "the same account are known again under every source of the party. 5 to 50 letters, "
        "digits, spaces, slashes and hyphens, with a letter or digit at both ends.",
        pattern=ACCOUNT_PATTERN,
        examples=["GB33BUKB20201555555555"],
    ),
]

_READING = (
    "wrong-kind",
    "not-camt-053",
    "not-well-formed",
    "document-type",
    "wrong-encoding",
    "row-too-long",
    "part-too-large",
    "too-many-lines",
    "file-too-large",
)


@router.post(
    "/column-mappings",
    operation_id="saveColumnMapping",
    summary="Save a column mapping",
    responses=answers(
        200, MappingOut, "The mapping, with its version.", WRITES, "party-not-permitted"
    ),
)
def save_mapping(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewMapping
) -> Response:
    """Save how the columns of one of the acting party's CSV sources are read.

    Saved again with changes it gets the next version; what was imported keeps the version it was
    read with.
    """
    told = body.told()
    return write.answer(
        contract_id,
        lambda command: imports.save_mapping(context, command, body.name, told),
        MappingOut.of,
    )


@router.get(
    "/column-mappings",
    operation_id="listColumnMappings",
    summary="List column mappings",
    responses=answers(200, MappingList, "The latest version of each.", CONTRACT),
)
def list_mappings(context: ContextDep, contract_id: ContractPath) -> Response:
    """List the latest version of every party's mappings."""
    found = imports.list_mappings(context, contract_id)
    return shown(MappingList(items=[MappingOut.of(one) for one in found]))


@files.put(
    "/imports/{sha256}",
    operation_id="importFile",
    summary="Import a bank or accounts-payable file",
    responses=answers(
        200, ImportOut, "The import; of a file imported before, as it was answered first.",
        CONTRACT, ACTING, "party-not-permitted", "mapping-unknown",
        "sha256-mismatch", "account-differs", "malware-found", "malware-scan-unavailable",
        *_READING,
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file's bytes.",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)  # fmt: skip
async def import_file(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    actor: ActorDep,
    contract_id: ContractPath,
    sha256: Annotated[
        str,
        Path(
            description="The SHA-256 of the file, in lower-case hexadecimal.",
            pattern=r"^[0-9a-f]{64}$",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ],
    kind: Annotated[SourceKind, Query(description="The form of the file.", examples=["camt.053"])],
    source: Annotated[
        str,
        IdentityChecked,
        Query(
            description="The acting party's name for the account or extract.",
            pattern=SOURCE_PATTERN,
            examples=["main-account"],
        ),
    ],
    mapping: Annotated[
        str | None,
        Query(
            description="The saved column mapping that a CSV file is read with.",
            pattern=SOURCE_PATTERN,
            examples=["supplier-payments"],
        ),
    ] = None,
    account: AccountQuery = None,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Import a file of one account of the acting party, whole or not at all.

    Every line becomes a line or a fault. A line that an earlier file of the source has, or of the
    same account under another source of the party, is a duplicate. A malware scanner looks at the
    file first, as at evidence. The same file again changes nothing, so no Idempotency-Key is
    needed; under another source it is an import of its own, whose `also_of` names those before.
    """
    check_query(request, frozenset({"kind", "source", "mapping", "account", "dry_run"}))
    await run_in_threadpool(imports.check_may_import, context, contract_id, actor)
    mandate = mandate_of(request.scope["asked"], principal, contract_id, actor.party)
    with context.files.bank.receive(contract_id) as incoming:
        async for chunk in request.stream():
            if chunk:
                await run_in_threadpool(incoming.write, chunk)
        incoming.require_sha256(sha256)
        done = await run_in_threadpool(
            imports.import_file,
            context,
            Command(contract_id, actor, dry_run=dry_run, mandate=mandate),
            incoming,
            kind=kind,
            source=source,
            mapping=mapping,
            account=account,
        )
    if done.answer is None:
        raise AssertionError("an import without a key is never replayed")
    answer = shown(ImportOut.of(done.answer), None if dry_run else done.version)
    if dry_run:
        answer.headers["dry-run"] = "true"
    return answer


@router.get(
    "/imports",
    operation_id="listImports",
    summary="List imported files",
    responses=answers(200, ImportPage, "Imports in order of their numbers.", CONTRACT),
)
def list_imports(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List every imported file, of every party."""
    found = imports.list_imports(context, contract_id, page.after(0), page.limit + 1)
    return page.answer(
        found,
        lambda one: one.import_number,
        lambda items, following: ImportPage(
            items=[ImportOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/imports/{import_number}",
    operation_id="getImport",
    summary="Show an imported file",
    responses=answers(200, ImportWhole, "The import and its faults.", CONTRACT, "import-unknown"),
)
def get_import(
    context: ContextDep, contract_id: ContractPath, import_number: NumberPath
) -> Response:
    """Show an import, and what of its file could not be read: the first 1,000 places."""
    found, faults = imports.get_import(context, contract_id, import_number)
    return shown(ImportWhole.of(found, faults), found.sequence)


@router.get(
    "/import-lines",
    operation_id="listImportLines",
    summary="List imported lines",
    responses=answers(200, LinePage, "Lines in the order of their files.", CONTRACT),
)
def list_lines(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    party: Annotated[
        str | None,
        Query(description="Of this party.", max_length=32, examples=["spv"]),
    ] = None,
    source: Annotated[
        str | None,
        Query(description="Of this source.", pattern=SOURCE_PATTERN, examples=["main-account"]),
    ] = None,
    import_number: Annotated[
        int | None,
        Query(description="Of this import.", ge=1, le=2**31 - 1, examples=[3]),
    ] = None,
    classification: Annotated[
        Classification | None, Query(description="Classified so.", examples=["unknown"])
    ] = None,
    state: Annotated[
        LineState | None, Query(description="In this state.", examples=["open"])
    ] = None,
) -> Response:
    """List lines with how each is classified and why: matched, part, over, duplicate, unknown or
    ignored.
    """
    wanted = Wanted(party, source, import_number, classification, state)
    after = LineKey(*page.after((0, 0)))
    found = imports.list_lines(context, contract_id, wanted, after, page.limit + 1)
    return page.answer(
        found,
        lambda one: (one.key.import_number, one.key.position),
        lambda items, following: LinePage(
            items=[LineOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.post(
    "/import-lines/{import_number}/{position}/decision",
    operation_id="decideImportLine",
    summary="Ignore a line, or take it back in",
    responses=answers(
        200, LineOut, "The line, as it now stands.",
        WRITES, "line-unknown", "party-not-permitted", "line-decided", "line-not-ignored",
    ),
)  # fmt: skip
def decide_line(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    import_number: NumberPath,
    position: NumberPath,
    body: NewLineDecision,
) -> Response:
    """Leave out a line that is no payment of this contract, with a reason; or take it back in.

    The party whose file it is acts. The line stays in the record either way.
    """
    key = LineKey(import_number, position)
    reason, note = _reason(body), body.note
    return write.answer(
        contract_id,
        lambda command: (
            line_decisions.take_line_back(context, command, key, note=note)
            if reason is None
            else line_decisions.ignore_line(context, command, key, reason=reason, note=note)
        ),
        LineOut.of,
    )


@router.get(
    "/import-faults",
    operation_id="listImportFaults",
    summary="List what could not be read",
    responses=answers(200, FaultPage, "In the order of the files.", CONTRACT),
)
def list_faults(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    state: Annotated[
        LineState | None, Query(description="Only open or ignored.", examples=["open"])
    ] = None,
) -> Response:
    """List every part of every file that could not be read: unknown until it is left out."""
    after = LineKey(*page.after((0, 0)))
    found = fault_decisions.list_faults(context, contract_id, state, after, page.limit + 1)
    return page.answer(
        found,
        lambda one: (one.key.import_number, one.key.position),
        lambda items, following: FaultPage(
            items=[FaultOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.post(
    "/import-faults/{import_number}/{position}/decision",
    operation_id="decideImportFault",
    summary="Leave out what could not be read, or take it back in",
    responses=answers(
        200, FaultOut, "The fault, as it now stands.",
        WRITES, "fault-unknown", "party-not-permitted", "line-decided", "line-not-ignored",
    ),
)  # fmt: skip
def decide_fault(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    import_number: NumberPath,
    position: NumberPath,
    body: NewLineDecision,
) -> Response:
    """Leave out a row that could not be read, with a reason such as not_a_payment; or undo that.

    The party whose file it is acts. It stays in the record either way.
    """
    key = LineKey(import_number, position)
    reason, note = _reason(body), body.note
    return write.answer(
        contract_id,
        lambda command: (
            fault_decisions.take_fault_back(context, command, key, note=note)
            if reason is None
            else fault_decisions.ignore_fault(context, command, key, reason=reason, note=note)
        ),
        FaultOut.of,
    )


def _reason(body: NewLineDecision) -> IgnoreReason | None:
    """The reason of what is ignored, None of what is taken back."""
    if (body.decision == "ignored") != (body.reason is not None):
        message = "Give a reason with `ignored`, and none with `taken_back`."
        raise InputInvalid([Fault("missing-field", "/reason", message)])
    return body.reason

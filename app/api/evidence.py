"""Evidence items, and the files behind them."""

from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from app.api.deps import ActorDep, ContextDep, DryRun, WriteDep, shown
from app.api.documented import PERSONAL, WRITES, answers
from app.api.fields import RECORD_PATTERN, ContractPath, RecordPath
from app.api.schemas_evidence import (
    EvidenceList,
    EvidenceOut,
    EvidenceRecorded,
    FileOut,
    NewEvidenceItems,
)
from app.api.strict import StrictRoute, check_query
from app.service import evidence
from app.storage.evidence_types import ENDINGS

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Evidence"], route_class=StrictRoute)
files = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Evidence"])

_CHUNK_BYTES = 256 * 1024
_FILE_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}


@files.put(
    "/evidence-files/{sha256}",
    operation_id="uploadEvidenceFile",
    summary="Upload an evidence file",
    responses=answers(
        200, FileOut, "The file is held here.",
        PERSONAL, "terms-not-in-force", "party-not-permitted", "file-too-large",
        "file-empty", "file-type-unsupported", "file-type-mismatch", "sha256-mismatch",
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file's bytes, with its type in Content-Type.",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)  # fmt: skip
async def upload_file(
    request: Request,
    context: ContextDep,
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
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Upload a file under its hash, before an evidence item names it. The provider acts.

    Sending the same file again changes nothing, so no Idempotency-Key is needed. Its type is judged
    by its content: PDF, PNG, JPEG, plain text, CSV, and Word or Excel without macros.
    """
    check_query(request, frozenset({"dry_run"}))
    await run_in_threadpool(evidence.require_uploader, context, contract_id, actor)
    declared = request.headers.get("content-type", "")
    with context.files.receive(contract_id) as incoming:
        async for chunk in request.stream():
            if chunk:
                await run_in_threadpool(incoming.write, chunk)
        stored = await run_in_threadpool(
            incoming.finish, declared, expected_sha256=sha256, dry_run=dry_run
        )
    answer = shown(FileOut.of(stored))
    if dry_run:
        answer.headers["dry-run"] = "true"
    return answer


@router.post(
    "/evidence",
    operation_id="recordEvidence",
    summary="Record evidence items",
    responses=answers(
        200, EvidenceRecorded, "The items as recorded, in the order given.",
        WRITES, "terms-not-in-force", "party-not-permitted", "participant-unknown",
        "evidence-file-missing",
    ),
)  # fmt: skip
def record_evidence(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewEvidenceItems
) -> Response:
    """Record evidence items about participants, all or none. The provider acts.

    The file of an item is uploaded before, or stays with the provider, and only its hash is here.
    `warnings` tell of types and issuers that no evidence rule of the terms names.
    """
    return write.answer(
        contract_id,
        lambda command: evidence.record_evidence(
            context, command, [item.told() for item in body.items]
        ),
        lambda recorded, _: EvidenceRecorded.of(recorded),
    )


@router.get(
    "/evidence",
    operation_id="listEvidence",
    summary="List a participant's evidence",
    responses=answers(200, EvidenceList, "In order of recording.", PERSONAL, "participant-unknown"),
)
def list_evidence(
    context: ContextDep,
    contract_id: ContractPath,
    participant_id: Annotated[
        str,
        Query(description="The pseudonym.", pattern=RECORD_PATTERN, examples=["P-0042"]),
    ],
) -> Response:
    """List every evidence item about one participant."""
    found = evidence.list_evidence(context, contract_id, participant_id)
    return shown(EvidenceList(items=[EvidenceOut.of(one) for one in found]))


@router.get(
    "/evidence/{evidence_id}",
    operation_id="getEvidence",
    summary="Show an evidence item",
    responses=answers(200, EvidenceOut, "The item.", PERSONAL, "evidence-unknown"),
)
def get_evidence(
    context: ContextDep, contract_id: ContractPath, evidence_id: RecordPath
) -> Response:
    """Show what is known of an evidence item."""
    return shown(EvidenceOut.of(evidence.get_evidence(context, contract_id, evidence_id)))


@router.get(
    "/evidence/{evidence_id}/file",
    operation_id="downloadEvidenceFile",
    summary="Download the file of an evidence item",
    response_class=StreamingResponse,
    responses={
        **{
            status: text
            for status, text in answers(
                200, EvidenceOut, "", PERSONAL, "evidence-unknown", "evidence-file-elsewhere"
            ).items()
            if status != 200
        },
        200: {
            "description": "The file's bytes, always as an attachment.",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        },
    },
)
def download_file(
    context: ContextDep, contract_id: ContractPath, evidence_id: RecordPath
) -> Response:
    """Download a file, never shown inside a page: an attachment under a name made here."""
    item, file = evidence.evidence_file(context, contract_id, evidence_id)
    media_type = item.media_type or "application/octet-stream"
    ending = ENDINGS.get(media_type, "bin")
    name = f'attachment; filename="evidence-{item.sha256[:16]}.{ending}"'
    headers = {**_FILE_HEADERS, "content-disposition": name}
    return StreamingResponse(_chunks(file), headers=headers, media_type=media_type)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk

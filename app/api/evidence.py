"""Evidence items, and the files behind them."""

from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from app.api.deps import ActorDep, ContextDep, DryRun, WriteDep, shown
from app.api.documented import ACTING, PERSONAL, WRITES, answers
from app.api.fields import RECORD_PATTERN, ContractPath, RecordPath
from app.api.schemas_evidence import (
    DownloadLinkOut,
    EvidenceList,
    EvidenceOut,
    EvidenceRecorded,
    FileOut,
    NewEvidenceItems,
)
from app.api.strict import StrictRoute, check_query
from app.service import evidence, evidence_files
from app.storage.evidence_types import ENDINGS

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Evidence"], route_class=StrictRoute)
files = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Evidence"])

_CHUNK_BYTES = 256 * 1024
_FILE_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
_EXPIRES_MAX = 32_503_680_000  # the year 3000: later ones are no dates everywhere
_FILES = (
    "terms-not-in-force",
    "party-not-permitted",
    "evidence-unknown",
    "evidence-file-elsewhere",
    "evidence-file-erased",
    "evidence-file-quarantined",
)


@files.put(
    "/evidence-files/{sha256}",
    operation_id="uploadEvidenceFile",
    summary="Upload an evidence file",
    responses=answers(
        200, FileOut, "The file is held here.",
        PERSONAL, ACTING, "terms-not-in-force", "party-not-permitted", "file-too-large",
        "file-empty", "file-type-unsupported", "file-type-mismatch", "sha256-mismatch",
        "malware-found", "malware-scan-unavailable", "evidence-limit-reached", "erased-before",
        "evidence-key-unavailable",
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
    by its content: PDF, PNG, JPEG, plain text, CSV, and Word or Excel without macros. A malware
    scanner looks at it first; it lies encrypted under the contract's own key.
    """
    check_query(request, frozenset({"dry_run"}))
    await run_in_threadpool(evidence.require_uploader, context, contract_id, actor)
    declared = request.headers.get("content-type", "")
    with context.files.receive(contract_id) as incoming:
        async for chunk in request.stream():
            if chunk:
                await run_in_threadpool(incoming.write, chunk)
        stored = await run_in_threadpool(
            evidence_files.store_upload,
            context,
            contract_id,
            actor,
            incoming,
            declared=declared,
            sha256=sha256,
            dry_run=dry_run,
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
    "/evidence/{evidence_id}/download-link",
    operation_id="makeDownloadLink",
    summary="Make a link to the file of an evidence item",
    responses=answers(200, DownloadLinkOut, "A link that ends soon.", PERSONAL, ACTING, *_FILES),
)
def make_link(
    request: Request,
    context: ContextDep,
    actor: ActorDep,
    contract_id: ContractPath,
    evidence_id: RecordPath,
) -> Response:
    """Make a link to a file for the acting party and person, and for nobody else.

    It ends after some minutes. Who opens it must be signed in as the same party and person.
    """
    made = evidence_files.make_link(context, contract_id, evidence_id, actor)
    request.scope["shown"] = (made.participant_id,)  # for the access log: the link does not say
    return shown(DownloadLinkOut.of(made))


@router.get(
    "/evidence/{evidence_id}/file",
    operation_id="downloadEvidenceFile",
    summary="Download the file of an evidence item",
    response_class=StreamingResponse,
    responses={
        **{
            status: text
            for status, text in answers(
                200, EvidenceOut, "", PERSONAL, ACTING, *_FILES,
                "download-link-invalid", "download-link-expired", "evidence-file-missing",
                "evidence-file-damaged", "evidence-key-unavailable",
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
)  # fmt: skip
def download_file(
    request: Request,
    context: ContextDep,
    actor: ActorDep,
    contract_id: ContractPath,
    evidence_id: RecordPath,
    expires: Annotated[
        int,
        Query(
            description="When the link ends, in seconds since 1970 in UTC; as in the link.",
            ge=0,
            le=_EXPIRES_MAX,
            examples=[1698840300],
        ),
    ],
    signature: Annotated[
        str,
        Query(
            description="The link's signature, as in the link.",
            pattern=r"^[A-Za-z0-9_-]{43}$",
            examples=["K3cV0f3xO3Zq5p1n9k1Qm8Gk2b7r6s4t5u6v7w8x9yA"],
        ),
    ],
) -> Response:
    """Download a file by its link, never shown inside a page: an attachment named here.

    The whole file is decrypted and checked against its hash before its first byte is sent.
    """
    item, file = evidence_files.open_by_link(
        context, contract_id, evidence_id, actor, expires=expires, signature=signature
    )
    request.scope["shown"] = (item.participant_id,)  # for the access log: the bytes do not say
    media_type = item.media_type or "application/octet-stream"
    ending = ENDINGS.get(media_type, "bin")
    name = f'attachment; filename="evidence-{item.sha256[:16]}.{ending}"'
    headers = {**_FILE_HEADERS, "content-disposition": name}
    return StreamingResponse(_chunks(file), headers=headers, media_type=media_type)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk

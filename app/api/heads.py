"""Signed heads of the journal, the keys they are checked with, and the whole-contract export."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Path
from starlette.responses import Response, StreamingResponse

from app.api.deps import ContextDep, Page, PageDep, shown
from app.api.documented import CONTRACT, PERSONAL, answers
from app.api.errors import RequestInvalid
from app.api.fields import ContractPath, Day, PartyPath
from app.api.schemas_heads import DeliveryOut, HeadOut, HeadPage, KeyList, KeyOut
from app.api.strict import StrictRoute
from app.domain.signed_head import SignedHead
from app.service import export, heads
from app.storage.sealed_spool import SealedSpool

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Trust"], route_class=StrictRoute)

_CHUNK_BYTES = 256 * 1024
_UNSIGNED = ("signing-key-missing", "signing-key-unusable")

HeadDay = Annotated[Day, Path(description="The day (UTC) of the head.", examples=["2024-03-01"])]


@router.get(
    "/heads",
    operation_id="listHeads",
    summary="List signed heads",
    responses=answers(200, HeadPage, "Signed heads in the order of days.", CONTRACT),
)
def list_heads(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List the signed heads of the contract's journal, one for each day on which it was signed."""
    return page_of_heads(
        page, lambda after, limit: heads.list_heads(context, contract_id, after, limit)
    )


@router.get(
    "/heads/latest",
    operation_id="getLatestHead",
    summary="Download the newest signed head",
    responses=answers(200, HeadOut, "The newest head.", CONTRACT, "head-unknown"),
)
def latest_head(context: ContextDep, contract_id: ContractPath) -> Response:
    """Download the newest signed head, to be kept where the operator cannot reach it."""
    head = heads.get_head(context, contract_id)
    return attached(shown(HeadOut.of(head)), f"head-{contract_id}-{head.day.isoformat()}")


@router.get(
    "/heads/{day}",
    operation_id="getHead",
    summary="Download the signed head of a day",
    responses=answers(200, HeadOut, "The head.", CONTRACT, "head-unknown"),
)
def get_head(context: ContextDep, contract_id: ContractPath, day: HeadDay) -> Response:
    """Download the signed head of a day, to be kept where the operator cannot reach it."""
    head = heads.get_head(context, contract_id, day)
    return attached(shown(HeadOut.of(head)), f"head-{contract_id}-{head.day.isoformat()}")


@router.get(
    "/heads/latest/deliveries/{party}",
    operation_id="getLatestHeadDelivery",
    summary="The newest head as a webhook to a party",
    responses=answers(
        200, DeliveryOut, "The delivery.", CONTRACT, "head-unknown", "party-unknown", *_UNSIGNED
    ),
)
def latest_delivery(context: ContextDep, contract_id: ContractPath, party: PartyPath) -> Response:
    """Download the newest head as a Standard Webhooks request to a party, signed now."""
    found = heads.deliver(context, contract_id, party)
    return attached(shown(DeliveryOut.of(found)), found.webhook_id)


@router.get(
    "/heads/{day}/deliveries/{party}",
    operation_id="getHeadDelivery",
    summary="The head of a day as a webhook to a party",
    responses=answers(
        200, DeliveryOut, "The delivery.", CONTRACT, "head-unknown", "party-unknown", *_UNSIGNED
    ),
)
def get_delivery(
    context: ContextDep, contract_id: ContractPath, day: HeadDay, party: PartyPath
) -> Response:
    """Download the head of a day as a Standard Webhooks request to a party, signed now."""
    found = heads.deliver(context, contract_id, party, day)
    return attached(shown(DeliveryOut.of(found)), found.webhook_id)


@router.get(
    "/signing-keys",
    operation_id="listSigningKeys",
    summary="List the public keys of the heads",
    responses=answers(200, KeyList, "Public keys, oldest first.", CONTRACT),
)
def list_keys(context: ContextDep, contract_id: ContractPath) -> Response:
    """List the public keys that signed the contract's heads. Trust those that you were given."""
    found = heads.list_keys(context, contract_id)
    return shown(KeyList(items=[KeyOut.of(one) for one in found]))


@router.get(
    "/export",
    operation_id="exportContract",
    summary="Download the whole contract",
    response_class=StreamingResponse,
    responses={
        **{
            status: text
            for status, text in answers(200, HeadOut, "", CONTRACT, PERSONAL, *_UNSIGNED).items()
            if status != 200
        },
        200: {
            "description": "JSON lines that end with a signed manifest, as an attachment.",
            "content": {"application/x-ndjson": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
def export_contract(context: ContextDep, contract_id: ContractPath) -> Response:
    """Download the whole contract: every journal record with its rows, notes, heads, manifest.

    Evidence and bank files are not in it: each is downloaded by a link of its own. It is written
    out, sealed, before it is sent, so that a refusal is an answer and not half a file.
    """
    spool = SealedSpool()  # closed when it has been sent, or by the refusal
    try:
        made = export.export_contract(context, contract_id, spool)
        content = spool.content()
    except BaseException:
        spool.close()
        raise
    answer = StreamingResponse(_chunks(spool, content), media_type="application/x-ndjson")
    answer.headers["content-length"] = str(made.size_bytes)
    return attached(answer, f"{made.contract_id}-{made.sequence}", ending="jsonl")


def page_of_heads(page: Page, read: Callable[[date, int], list[SignedHead]]) -> Response:
    """A page of heads, which `read` gives after a day, as many as it is told."""
    try:
        after = date.fromisoformat(page.after(heads.FIRST_DAY.isoformat()))
    except ValueError:
        message = "Use `next_cursor` of the page before, unchanged, with the same list."
        raise RequestInvalid("query", "cursor", "wrong-form", message) from None
    return page.answer(
        read(after, page.limit + 1),
        lambda head: head.day.isoformat(),
        lambda items, following: HeadPage(
            items=[HeadOut.of(one) for one in items], next_cursor=following
        ),
    )


def attached(answer: Response, name: str, *, ending: str = "json") -> Response:
    """The answer as a file to be kept under a name."""
    answer.headers["content-disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer


def _chunks(spool: SealedSpool, content: BinaryIO) -> Iterator[bytes]:
    with spool, content:
        while chunk := content.read(_CHUNK_BYTES):
            yield chunk

"""Payments: recorded, never initiated; set against documents; failed and returned ones."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, VersionedWriteDep, WriteDep, shown
from app.api.documented import CONTRACT, VERSIONED, WRITES, answers
from app.api.fields import ContractPath, RecordPath
from app.api.posting import POSTS, PostingWriteDep, VersionedPostingWriteDep
from app.api.schemas_payments import (
    NewAllocations,
    NewPayment,
    NewReturnedPayment,
    NewSetOff,
    PaymentOut,
    PaymentPage,
    RemittanceOut,
    allocations_of,
)
from app.api.strict import StrictRoute
from app.service import payments, set_offs

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Payments"], route_class=StrictRoute)

_MONEY = (
    WRITES,
    "party-not-permitted",
    "payer-is-approver",
    "payer-is-verifier",
    "document-unknown",
    "no-account-between",
    "allocation-refused",
    "date-in-future",
)


@router.post(
    "/payments",
    operation_id="recordPayment",
    summary="Record a payment",
    status_code=201,
    responses=answers(201, PaymentOut, "The payment.", *_MONEY, *POSTS),
)
def record_payment(
    write: PostingWriteDep, context: ContextDep, contract_id: ContractPath, body: NewPayment
) -> Response:
    """Record that one party has paid another, and for which documents; the rest is on account.

    The service records payments; it makes none. The payer or the payee acts. A credit note is used
    with a negative amount: 3,252.00 settles an invoice of 11,500.00 with one of 8,248.00.
    """
    return write.answer(
        contract_id,
        lambda command: payments.record_payment(
            context,
            command,
            payer=body.payer,
            payee=body.payee,
            amount=body.amount.money(),
            paid_on=body.paid_on,
            reference=body.reference,
            allocations=allocations_of(body.allocations),
        ),
        PaymentOut.of,
        lambda made: f"/v1/contracts/{contract_id}/payments/{made.payment.payment_id}",
    )


@router.get(
    "/payments",
    operation_id="listPayments",
    summary="List payments",
    responses=answers(200, PaymentPage, "Payments in order of recording.", CONTRACT),
)
def list_payments(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List payments and returns in order of recording, with what they settle."""
    found = payments.list_payments(context, contract_id, page.after((0, "")), page.limit + 1)
    return page.answer(
        found,
        lambda made: (made.sequence, made.payment.payment_id),
        lambda items, following: PaymentPage(
            items=[PaymentOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/payments/{payment_id}",
    operation_id="getPayment",
    summary="Show a payment",
    responses=answers(200, PaymentOut, "The payment.", CONTRACT, "payment-unknown"),
)
def get_payment(context: ContextDep, contract_id: ContractPath, payment_id: RecordPath) -> Response:
    """Show a payment; its ETag is for If-Match of returns and allocations."""
    shape = PaymentOut.of(payments.get_payment(context, contract_id, payment_id))
    return shown(shape, shape.version)


@router.get(
    "/payments/{payment_id}/remittance",
    operation_id="getRemittance",
    summary="Remittance advice of a payment",
    responses=answers(
        200, RemittanceOut, "The advice.", CONTRACT, "payment-unknown", "remittance-of-return"
    ),
)
def get_remittance(
    context: ContextDep, contract_id: ContractPath, payment_id: RecordPath
) -> Response:
    """Show what the payer tells the payee: the documents paid, and what each of them leaves."""
    return shown(RemittanceOut.of(payments.get_remittance(context, contract_id, payment_id)))


@router.post(
    "/payments/{payment_id}/returns",
    operation_id="returnPayment",
    summary="Record the return of a payment",
    status_code=201,
    responses=answers(
        201, PaymentOut, "The return.",
        *_MONEY, *POSTS, VERSIONED, "payment-unknown", "return-of-return", "more-than-paid",
        "date-out-of-order",
    ),
)  # fmt: skip
def return_payment(
    write: VersionedPostingWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    payment_id: RecordPath,
    body: NewReturnedPayment,
) -> Response:
    """Record that a payment as it was read (If-Match) failed or came back, whole or in part.

    What was on account goes back first; for the rest, `allocations` says which documents are open
    again, with amounts of the opposite sign. The payer or the payee acts.
    """
    return write.answer(
        contract_id,
        lambda command: payments.return_payment(
            context,
            command,
            payment_id,
            amount=body.amount.money(),
            returned_on=body.returned_on,
            reference=body.reference,
            allocations=allocations_of(body.allocations),
        ),
        PaymentOut.of,
        lambda made: f"/v1/contracts/{contract_id}/payments/{made.payment.payment_id}",
    )


@router.post(
    "/payments/{payment_id}/allocations",
    operation_id="allocatePayment",
    summary="Set a payment against documents",
    responses=answers(
        200, PaymentOut, "The payment with its allocations.",
        *_MONEY, VERSIONED, "payment-unknown", "allocation-of-return",
    ),
)  # fmt: skip
def allocate_payment(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    payment_id: RecordPath,
    body: NewAllocations,
) -> Response:
    """Set money on account of a payment as it was read (If-Match) against documents.

    An amount of the opposite sign takes an allocation back. The payer or the payee acts.
    """
    return write.answer(
        contract_id,
        lambda command: payments.allocate_payment(
            context,
            command,
            payment_id,
            allocations=allocations_of(body.allocations),
            allocated_on=body.allocated_on,
        ),
        PaymentOut.of,
    )


@router.post(
    "/set-offs",
    operation_id="setOffDocuments",
    summary="Settle documents against each other",
    status_code=201,
    responses=answers(
        201, PaymentOut, "The set-off, kept among the payments.",
        WRITES, "party-not-permitted", "payer-is-approver", "payer-is-verifier",
        "document-unknown",
        "allocation-refused", "date-in-future",
        "missing-field",
    ),
)  # fmt: skip
def set_off(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewSetOff
) -> Response:
    """Set an invoice and a credit note of the same two parties off; no money moves.

    It settles a claim that comes to nothing: 6,500.00 of an invoice and -6,500.00 of a credit note.
    Allocations of the opposite sign undo it. The debtor or the creditor acts.
    """
    return write.answer(
        contract_id,
        lambda command: set_offs.set_off(
            context,
            command,
            allocations=allocations_of(body.allocations),
            set_off_on=body.set_off_on,
        ),
        PaymentOut.of,
        lambda made: f"/v1/contracts/{contract_id}/payments/{made.payment.payment_id}",
    )

"""Contracts and the terms that their parties agree on."""

from functools import cache
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from app.api.deps import ContextDep, PageDep, WriteDep, shown
from app.api.documented import ACTING, CONTRACT, KEYED, READS, SIGNED_IN, WRITES, answers
from app.api.errors import nested
from app.api.fields import ContractPath, NumberPath
from app.api.schemas_terms import (
    ContractOut,
    ContractPage,
    NewAcceptance,
    NewContract,
    TermsCheckOut,
    TermsDocument,
    TermsVersionList,
    TermsVersionOut,
    TermsVersionWhole,
)
from app.api.strict import StrictRoute
from app.domain.errors import InputInvalid
from app.domain.terms.schema import terms_schema
from app.service import contracts
from app.service.command import Command, Done
from app.storage.contracts import StoredVersion

router = APIRouter(prefix="/v1", tags=["Contracts and terms"], route_class=StrictRoute)


class SchemaResponse(JSONResponse):
    """A JSON Schema, under its own media type."""

    media_type = "application/schema+json"


@router.post(
    "/contracts",
    operation_id="createContract",
    summary="Create a contract",
    status_code=201,
    responses=answers(
        201, TermsVersionOut, "The first version of the terms, a draft.",
        READS, KEYED, ACTING, "contract-exists", "party-not-permitted",
    ),
)  # fmt: skip
def create_contract(write: WriteDep, context: ContextDep, body: NewContract) -> Response:
    """Create a contract whose first version of the terms is a draft for its parties to accept.

    The acting party must be a commissioner, SPV, investor or provider of those terms. Faults of the
    document are listed all at once, with pointers that start with /terms.
    """

    def create(command: Command) -> Done[StoredVersion]:
        try:
            return contracts.create_contract(context, command, body.terms)
        except InputInvalid as error:
            raise nested(error.faults, "/terms") from error

    return write.answer(
        body.contract_id,
        create,
        TermsVersionOut.of,
        lambda version: f"/v1/contracts/{body.contract_id}/terms/{version.number}",
    )


@router.get(
    "/contracts",
    operation_id="listContracts",
    summary="List contracts",
    responses=answers(200, ContractPage, "Contracts in order of their ids.", READS),
)
def list_contracts(context: ContextDep, page: PageDep) -> Response:
    """List contracts on which the caller has a role, in order of their ids, each with its versions
    of the terms.
    """
    found = contracts.list_contracts(context, page.after(""), page.limit + 1)
    return page.answer(
        found,
        lambda summary: summary.contract_id,
        lambda items, after: ContractPage(
            items=[ContractOut.of(one) for one in items], next_cursor=after
        ),
    )


@router.get(
    "/contracts/{contract_id}",
    operation_id="getContract",
    summary="Show a contract",
    responses=answers(200, ContractOut, "The contract.", CONTRACT),
)
def get_contract(context: ContextDep, contract_id: ContractPath) -> Response:
    """Show a contract: its versions of the terms, and the head of its journal."""
    return shown(ContractOut.of(contracts.get_contract(context, contract_id)))


@router.post(
    "/terms/check",
    operation_id="checkTerms",
    summary="Check a terms document",
    responses=answers(
        200, TermsCheckOut, "What was found, faults included.",
        READS, "body-too-large", "content-type-not-json",
    ),
)  # fmt: skip
def check_terms(body: TermsDocument) -> Response:
    """Find every fault and warning of a terms document, and its hash. Nothing is recorded."""
    return shown(TermsCheckOut.of(contracts.check_terms(body)))


@router.get(
    "/terms/schema",
    operation_id="getTermsSchema",
    summary="The JSON Schema of terms documents",
    response_model=dict[str, Any],
    response_class=SchemaResponse,
    responses=answers(200, dict[str, Any], "A JSON Schema.", SIGNED_IN),
)
def get_terms_schema() -> Response:
    """Give the JSON Schema that a terms document fits; a check tells what must agree beyond it."""
    return SchemaResponse(_terms_schema())


@cache
def _terms_schema() -> dict[str, Any]:
    return terms_schema()


@router.post(
    "/contracts/{contract_id}/terms",
    operation_id="draftTerms",
    summary="Draft a variation",
    status_code=201,
    responses=answers(
        201, TermsVersionOut, "The new version, a draft.",
        WRITES, "terms-not-in-force", "terms-unchanged", "party-not-permitted",
    ),
)  # fmt: skip
def draft_terms(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: TermsDocument
) -> Response:
    """Add the next version of the terms, a variation, as a draft for the parties to accept.

    What was achieved before a variation keeps its version, unless it says that it is retrospective.
    """
    return write.answer(
        contract_id,
        lambda command: contracts.draft_terms(context, command, body),
        TermsVersionOut.of,
        lambda version: f"/v1/contracts/{contract_id}/terms/{version.number}",
    )


@router.get(
    "/contracts/{contract_id}/terms",
    operation_id="listTerms",
    summary="List the versions of the terms",
    responses=answers(200, TermsVersionList, "Every version, in order.", CONTRACT),
)
def list_terms(context: ContextDep, contract_id: ContractPath) -> Response:
    """List every version of the terms with its acceptances."""
    summary = contracts.get_contract(context, contract_id)
    return shown(TermsVersionList(items=[TermsVersionOut.of(one) for one in summary.versions]))


@router.get(
    "/contracts/{contract_id}/terms/{version}",
    operation_id="getTerms",
    summary="Show a version of the terms",
    responses=answers(
        200, TermsVersionWhole, "The version and its document.", CONTRACT, "terms-version-unknown"
    ),
)
def get_terms(context: ContextDep, contract_id: ContractPath, version: NumberPath) -> Response:
    """Show a version of the terms with the document that its hash is of."""
    return shown(TermsVersionWhole.of(contracts.get_terms(context, contract_id, version)))


@router.post(
    "/contracts/{contract_id}/terms/{version}/acceptances",
    operation_id="acceptTerms",
    summary="Accept a version of the terms",
    responses=answers(
        200, TermsVersionOut, "The version with the acceptance.",
        WRITES, "terms-version-unknown", "party-not-signatory", "terms-hash-mismatch",
        "terms-already-accepted", "terms-superseded", "date-in-future",
    ),
)  # fmt: skip
def accept_terms(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    version: NumberPath,
    body: NewAcceptance,
) -> Response:
    """Accept a version for the acting party, by naming the hash of the document it has read.

    The version is in force once every signatory has accepted; the ledger's accounts open then.
    """
    return write.answer(
        contract_id,
        lambda command: contracts.accept_terms(
            context, command, version, body.hash, body.accepted_on
        ),
        TermsVersionOut.of,
    )

"""People's data: lawful basis and notice, subject access, erasure, retention."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import ActorDep, ContextDep, PageDep, WriteDep, shown
from app.api.documented import ACTING, CONTRACT, PERSONAL, WRITES, answers
from app.api.fields import ContractPath, ParticipantPath
from app.api.schemas_privacy import (
    ErasureDone,
    ErasureList,
    NewErasure,
    NewPrivacy,
    PrivacyGaps,
    PrivacyHistory,
    PrivacyOut,
    RetentionOut,
    SubjectAccessOut,
)
from app.api.strict import StrictRoute
from app.domain.privacy import ErasureGround
from app.service import erasure, privacy

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["People's data"], route_class=StrictRoute
)


@router.post(
    "/participants/{participant_id}/privacy",
    operation_id="recordPrivacy",
    summary="Record a lawful basis and privacy notice",
    responses=answers(
        200, PrivacyOut, "The basis as recorded.",
        WRITES, "terms-not-in-force", "party-not-permitted", "participant-unknown",
        "date-in-future", "looks-like-email", "looks-like-nhs-number", "looks-like-postcode",
    ),
)  # fmt: skip
def record_privacy(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    participant_id: ParticipantPath,
    body: NewPrivacy,
) -> Response:
    """Record on what basis a participant's data is held, and which notice they were given, when.

    The participant's provider or the commissioner acts. A later record replaces an earlier one.
    """
    return write.answer(
        contract_id,
        lambda command: privacy.record_privacy(
            context,
            command,
            participant_id,
            lawful_basis=body.lawful_basis,
            special_condition=body.special_condition,
            notice_version=body.notice_version,
            notice_given_on=body.notice_given_on,
        ),
        PrivacyOut.of,
    )


@router.get(
    "/participants/{participant_id}/privacy",
    operation_id="getPrivacy",
    summary="Show a participant's lawful basis",
    responses=answers(
        200, PrivacyHistory, "In order of recording.", PERSONAL, "participant-unknown"
    ),
)
def get_privacy(
    context: ContextDep, contract_id: ContractPath, participant_id: ParticipantPath
) -> Response:
    """Show every basis recorded of a participant; the last one stands."""
    found = privacy.privacy_history(context, contract_id, participant_id)
    return shown(PrivacyHistory(items=[PrivacyOut.of(one) for one in found]))


@router.get(
    "/privacy-gaps",
    operation_id="listPrivacyGaps",
    summary="List participants without a lawful basis",
    responses=answers(200, PrivacyGaps, "Pseudonyms in order.", PERSONAL),
)
def list_gaps(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List the participants of whom no lawful basis is recorded yet."""
    found = privacy.without_basis(context, contract_id, page.after(""), page.limit + 1)
    return page.answer(
        found,
        lambda one: one,
        lambda items, following: PrivacyGaps(items=items, next_cursor=following),
    )


@router.get(
    "/participants/{participant_id}/subject-access",
    operation_id="getSubjectAccess",
    summary="Show all that is held about a participant",
    responses=answers(
        200, SubjectAccessOut, "Everything held.",
        PERSONAL, ACTING, "terms-not-in-force", "party-not-permitted", "participant-unknown",
        "evidence-key-unavailable",
    ),
)  # fmt: skip
def subject_access(
    context: ContextDep,
    actor: ActorDep,
    contract_id: ContractPath,
    participant_id: ParticipantPath,
) -> Response:
    """Show all that is held about a participant, to answer a request for access by them.

    The participant's provider or the commissioner asks. Notes may name what other people did: read
    them before you hand them over.
    """
    found = privacy.subject_access(context, contract_id, participant_id, actor)
    return shown(SubjectAccessOut.of(found))


@router.post(
    "/participants/{participant_id}/erasure",
    operation_id="eraseParticipant",
    summary="Erase a participant's files and notes",
    responses=answers(
        200, ErasureDone, "What was erased.",
        WRITES, "terms-not-in-force", "party-not-permitted", "participant-unknown",
        "date-in-future",
    ),
)  # fmt: skip
def erase_participant(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    participant_id: ParticipantPath,
    body: NewErasure,
) -> Response:
    """Erase every file and note about a participant that this service holds; it cannot be undone.

    The participant's provider or the commissioner acts. Journal, ledger and statements stay as they
    are and verify as before: they hold hashes and amounts under a pseudonym.
    """
    return write.answer(
        contract_id,
        lambda command: erasure.erase_participant(
            context,
            command,
            participant_id,
            ground=ErasureGround(body.ground),
            include_shared=body.include_shared,
            decided_on=body.decided_on,
        ),
        ErasureDone.done,
    )


@router.get(
    "/erasures",
    operation_id="listErasures",
    summary="List erasures",
    responses=answers(200, ErasureList, "In order of their numbers.", PERSONAL),
)
def list_erasures(context: ContextDep, contract_id: ContractPath) -> Response:
    """List every erasure with what it took: that must go from backups too."""
    return shown(ErasureList.of(erasure.list_erasures(context, contract_id)))


@router.get(
    "/retention",
    operation_id="getRetention",
    summary="Show how long evidence is kept",
    responses=answers(200, RetentionOut, "As the terms say.", CONTRACT, "terms-not-in-force"),
)
def get_retention(context: ContextDep, contract_id: ContractPath) -> Response:
    """Show until when the contract's evidence and notes are kept, and how much is here."""
    return shown(RetentionOut.of(erasure.show_retention(context, contract_id)))


@router.post(
    "/retention/erasure",
    operation_id="eraseContract",
    summary="Erase a contract's files and notes after their time",
    responses=answers(
        200, ErasureDone, "What was erased.",
        WRITES, "terms-not-in-force", "party-not-permitted", "retention-not-over",
    ),
)  # fmt: skip
def erase_contract(write: WriteDep, context: ContextDep, contract_id: ContractPath) -> Response:
    """Erase every file and note of a contract once the terms keep them no longer.

    The commissioner acts, from the day after `keep_through`. Journal and ledger stay.
    """
    return write.answer(
        contract_id,
        lambda command: erasure.erase_contract(context, command),
        ErasureDone.done,
    )

"""Matches of imported lines: proposed by rules or by hand, and decided on by people."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, WriteDep, shown
from app.api.documented import CONTRACT, WRITES, answers
from app.api.fields import ContractPath, NumberPath, RecordPath
from app.api.posting import POSTS, PostingWriteDep
from app.api.schemas_matches import (
    MatchDecided,
    MatchesAccepted,
    MatchOut,
    MatchPage,
    MatchRulesList,
    MatchRulesOut,
    NewMatch,
    NewMatchDecision,
    NewMatchesAcceptance,
    NewMatchRules,
    NewProposing,
    ProposedOut,
    line_key,
)
from app.api.strict import StrictRoute
from app.domain.reconciliation import MatchState
from app.service import match_bulk, match_decisions, match_rules, matching

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["Reconciliation"], route_class=StrictRoute
)

_ACCEPTING = (
    "match-outdated",
    "match-of-payment-first",
    "document-unknown",
    "document-of-others",
    "payment-unknown",
    "payment-of-others",
    "several-counterparties",
    "allocation-refused",
    "return-exceeds-payment",
    "more-than-paid",
    "return-of-return",
    "no-account-between",
    "date-out-of-order",
    "date-in-future",
)
"""What may refuse the payments that a match stands for."""

_DECIDE = {
    "accepted": match_decisions.accept_match,
    "refused": match_decisions.refuse_match,
    "undone": match_decisions.undo_match,
}


@router.post(
    "/match-rules",
    operation_id="saveMatchRules",
    summary="Say how far matching may reach",
    responses=answers(
        200, MatchRulesOut, "The rules, with their version.", WRITES, "party-not-permitted"
    ),
)
def save_rules(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewMatchRules
) -> Response:
    """Save the windows in days and the limits that matching uses for one account of the party.

    They count for every run from then on. What is left out is as usual.
    """
    return write.answer(
        contract_id,
        lambda command: match_rules.save_rules(context, command, body.source, **body.told()),
        MatchRulesOut.of,
    )


@router.get(
    "/match-rules",
    operation_id="listMatchRules",
    summary="List the rules of matching",
    responses=answers(200, MatchRulesList, "The latest version of each.", CONTRACT),
)
def list_rules(context: ContextDep, contract_id: ContractPath) -> Response:
    """List the rules of every account that has any of its own; others are matched as usual."""
    found = match_rules.list_rules(context, contract_id)
    return shown(MatchRulesList(items=[MatchRulesOut.of(one) for one in found]))


@router.post(
    "/match-proposals",
    operation_id="proposeMatches",
    summary="Propose matches",
    responses=answers(
        200, ProposedOut, "How many matches are proposed.",
        WRITES, "party-not-permitted", "source-unknown",
    ),
)  # fmt: skip
def propose_matches(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewProposing
) -> Response:
    """Propose what the acting party's undecided lines pay, confirm or give back.

    Each proposal has a score and says how it comes about. Nothing is accepted: a person decides.
    """
    return write.answer(
        contract_id,
        lambda command: matching.propose_matches(context, command, source=body.source),
        ProposedOut.of,
    )


@router.post(
    "/matches",
    operation_id="matchByHand",
    summary="Put a match together by hand",
    status_code=201,
    responses=answers(
        201, MatchOut, "The match, proposed.",
        WRITES, "party-not-permitted", "payer-is-approver", "payer-is-verifier",
        "line-unknown", "lines-differ", "line-currency",
        "line-decided", "line-not-used-up", *_ACCEPTING,
    ),
)  # fmt: skip
def match_by_hand(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewMatch
) -> Response:
    """Match lines to what they pay where no rule did; it is accepted like any other match.

    What could not be accepted now is refused at once: a document that is settled already, a claim
    to a fund that was not submitted, a payment that this account has shown before.
    """
    return write.answer(
        contract_id,
        lambda command: matching.match_by_hand(
            context,
            command,
            lines=[line_key(line) for line in body.lines],
            allocations=[one.told() for one in body.allocations],
        ),
        MatchOut.of,
        lambda match: f"/v1/contracts/{contract_id}/matches/{match.match_id}",
    )


@router.get(
    "/matches",
    operation_id="listMatches",
    summary="List matches",
    responses=answers(200, MatchPage, "In the order in which they were made.", CONTRACT),
)
def list_matches(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    state: Annotated[
        MatchState | None, Query(description="In this state.", examples=["proposed"])
    ] = None,
) -> Response:
    """List matches with their score and its working."""
    found = matching.list_matches(context, contract_id, state, page.after(""), page.limit + 1)
    return page.answer(
        found,
        lambda one: one.match_id,
        lambda items, following: MatchPage(
            items=[MatchOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/matches/{match_id}",
    operation_id="getMatch",
    summary="Show a match",
    responses=answers(200, MatchOut, "The match.", CONTRACT, "match-unknown"),
)
def get_match(context: ContextDep, contract_id: ContractPath, match_id: RecordPath) -> Response:
    """Show a match, and the payments behind it if it was accepted."""
    shape = MatchOut.of(matching.get_match(context, contract_id, match_id))
    return shown(shape, shape.version)


@router.post(
    "/matches/{match_id}/decision",
    operation_id="decideMatch",
    summary="Accept, refuse or undo a match",
    responses=answers(
        200, MatchDecided, "The match, decided on.",
        WRITES, "payer-is-approver", "payer-is-verifier",
        "stale-version", "match-unknown", "party-not-permitted", "match-decided",
        "match-not-accepted", *_ACCEPTING, "payment-confirmed", "payment-returned", *POSTS,
    ),
)  # fmt: skip
def decide_match(
    write: PostingWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    match_id: RecordPath,
    body: NewMatchDecision,
) -> Response:
    """Accept a match, refuse it, or undo an accepted one. Either party of the payment acts.

    Accepting records and posts the payments, or confirms those recorded before. Undoing reverses
    what accepting recorded with linked entries; nothing is edited.
    """
    decide = _DECIDE[body.decision]
    return write.answer(
        contract_id,
        lambda command: decide(context, command, match_id, note=body.note),
        MatchDecided.of,
    )


@router.post(
    "/imports/{import_number}/acceptance",
    operation_id="acceptMatchesOfImport",
    summary="Accept an import's matches from a score upwards",
    responses=answers(
        200, MatchesAccepted, "The matches, all accepted.",
        WRITES, "payer-is-approver", "payer-is-verifier", "import-unknown", "party-not-permitted",
        "too-many-matches", *_ACCEPTING, *POSTS,
    ),
)  # fmt: skip
def accept_matches_of_import(
    write: PostingWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    import_number: NumberPath,
    body: NewMatchesAcceptance,
) -> Response:
    """Accept every proposed match with a line of the import that scores at least so much.

    All or none: what refuses one refuses the request, and says which match it was. Each is a
    decision of its own and is undone alone. Try it with `dry_run` first.
    """
    return write.answer(
        contract_id,
        lambda command: match_bulk.accept_matches_of_import(
            context,
            command,
            import_number,
            score_at_least=body.score_at_least,
            note=body.note,
        ),
        MatchesAccepted.of,
    )

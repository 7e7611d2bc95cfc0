"""Submissions, waivers, verifications, entitlements and clawback decisions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    func,
    select,
)

from app.domain.errors import NotFound
from app.domain.money import Money
from app.domain.outcome import ClawbackDecision, Entitlement, Submission
from app.domain.parties import Actor
from app.domain.verification import Decision, ReasonCode, Verification, Waiver
from app.storage import evidence
from app.storage.earnings import clawed_back
from app.storage.live_claims import in_live_claim
from app.storage.prepared import Built, Prepared
from app.storage.tables import (
    approved_lines,
    clawbacks,
    entitlements,
    submissions,
    verifications,
    waivers,
)
from app.storage.working import steps_from_json


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission with what has been decided on it, by whom it was made, and its version."""

    submission: Submission
    by: Actor
    waiver: Waiver | None
    verification: Verification | None
    note_digest: str | None
    version: int
    sequence: int
    recorded_at: datetime

    @property
    def state(self) -> str:
        """submitted, verified, returned or rejected."""
        return self.verification.decision.value if self.verification else "submitted"


def get(connection: Connection, contract_id: str, submission_id: str) -> StoredSubmission:
    """One submission; NotFound `submission-unknown` otherwise."""
    rows = _ONE.all(connection, contract=contract_id, submission=submission_id)
    found = _with_evidence(connection, contract_id, rows)
    if not found:
        raise NotFound("submission-unknown", "The contract has no submission with that id.")
    return found[0]


def rounds(
    connection: Connection, contract_id: str, participant_id: str, metric: str | None = None
) -> list[StoredSubmission]:
    """Every submission about a participant (and metric), in order of recording."""
    query = _query(contract_id).where(_sub.participant_id == participant_id)
    if metric is not None:
        query = query.where(_sub.metric == metric)
    return _load(connection, contract_id, query)


def page(
    connection: Connection,
    contract_id: str,
    after: tuple[int, str],
    limit: int,
    state: str | None = None,
    participant_id: str | None = None,
) -> list[StoredSubmission]:
    """Submissions in order of recording, after (sequence, id), optionally of one state."""
    sequence, submission_id = after
    query = _query(contract_id).where(
        (_sub.sequence > sequence)
        | and_(_sub.sequence == sequence, _sub.submission_id > submission_id)
    )
    if state == "submitted":
        query = query.where(_ver.decision.is_(None))
    elif state is not None:
        query = query.where(_ver.decision == state)
    if participant_id is not None:
        query = query.where(_sub.participant_id == participant_id)
    return _load(connection, contract_id, query.limit(limit))


def entitlement(connection: Connection, contract_id: str, entitlement_id: str) -> Entitlement:
    """One entitlement; NotFound `entitlement-unknown` otherwise."""
    row = connection.execute(
        select(entitlements).where(
            entitlements.c.contract_id == contract_id,
            entitlements.c.entitlement_id == entitlement_id,
        )
    ).first()
    if row is None:
        raise NotFound("entitlement-unknown", "The contract has no entitlement with that id.")
    return _entitlement(row)


def entitlement_page(
    connection: Connection, contract_id: str, after: tuple[int, str], limit: int
) -> list[tuple[int, Entitlement]]:
    """Entitlements with their sequences, in order of recording."""
    sequence, entitlement_id = after
    rows = connection.execute(
        select(entitlements)
        .where(
            entitlements.c.contract_id == contract_id,
            (entitlements.c.sequence > sequence)
            | and_(
                entitlements.c.sequence == sequence,
                entitlements.c.entitlement_id > entitlement_id,
            ),
        )
        .order_by(entitlements.c.sequence, entitlements.c.entitlement_id)
        .limit(limit)
    )
    return [(row.sequence, _entitlement(row)) for row in rows]


def unclaimed(
    connection: Connection, contract_id: str, verified_by: date, before_claim: int
) -> Iterator[Entitlement]:
    """Entitlements verified on or before a day that no earlier live claim has asked for.

    A live claim is one that is submitted or approved; a returned claim releases its lines.
    """
    rows = _unclaimed.run(
        connection,
        {"contract_id": contract_id, "verified_by": verified_by, "before_claim": before_claim},
    )
    return (_entitlement(row) for row in rows)


@Built
def _unclaimed(contract_id: str, verified_by: date, before_claim: int) -> Select[Any]:
    return select(entitlements).where(
        entitlements.c.contract_id == contract_id,
        entitlements.c.verified_on <= verified_by,
        ~in_live_claim(contract_id, "outcome", entitlements.c.entitlement_id, before_claim),
        ~clawed_back(contract_id),
    )


def last_rounds(
    connection: Connection, contract_id: str, participant_ids: Sequence[str]
) -> dict[str, dict[tuple[str, str], StoredSubmission]]:
    """The latest submission of each metric and scope, by participant."""
    found: dict[str, dict[tuple[str, str], StoredSubmission]] = {one: {} for one in participant_ids}
    query = _query(contract_id).where(_sub.participant_id.in_(participant_ids))
    for stored in _load(connection, contract_id, query):
        submission = stored.submission
        found[submission.participant_id][submission.metric, submission.scope] = stored
    return found


def clawback_of(
    connection: Connection, contract_id: str, entitlement_id: str
) -> ClawbackDecision | None:
    """The clawback decision on an entitlement, if there is one."""
    row = connection.execute(
        select(clawbacks).where(
            clawbacks.c.contract_id == contract_id,
            clawbacks.c.entitlement_id == entitlement_id,
        )
    ).first()
    return _clawback(row) if row else None


def unclaimed_clawbacks(
    connection: Connection, contract_id: str, decided_by: date, before_claim: int
) -> list[tuple[ClawbackDecision, int, int]]:
    """Approved lines to take back: (decision, claim number, line number), oldest decision first.

    An outcome's own line, and the lines in which parts of it that were carried forward were paid.
    """
    rows = _unclaimed_clawbacks.all(
        connection, contract_id=contract_id, decided_by=decided_by, before_claim=before_claim
    )
    return [(_clawback(row), row.claim_number, row.line_number) for row in rows]


@Built
def _unclaimed_clawbacks(contract_id: str, decided_by: date, before_claim: int) -> Select[Any]:
    root = approved_lines.alias("root")
    part = approved_lines.alias("part")
    chain = (
        select(
            clawbacks.c.clawback_id,
            root.c.claim_number,
            root.c.line_number,
            root.c.source_id,
        )
        .join(
            root,
            and_(
                root.c.contract_id == contract_id,
                root.c.kind == "outcome",
                root.c.source_id == clawbacks.c.entitlement_id,
            ),
        )
        .where(clawbacks.c.contract_id == contract_id, clawbacks.c.decided_on <= decided_by)
        .cte("chain", recursive=True)
    )
    place = func.concat("claim:", chain.c.claim_number, "/line:", chain.c.line_number, "/")
    chain = chain.union_all(
        select(chain.c.clawback_id, part.c.claim_number, part.c.line_number, part.c.source_id).join(
            part,
            and_(
                part.c.contract_id == contract_id,
                part.c.kind == "carried_forward",
                part.c.source_id.startswith(place),
            ),
        )
    )
    return (
        select(clawbacks, chain.c.claim_number, chain.c.line_number)
        .join(chain, chain.c.clawback_id == clawbacks.c.clawback_id)
        .where(
            clawbacks.c.contract_id == contract_id,
            ~in_live_claim(contract_id, "clawback", chain.c.source_id, before_claim),
        )
        .order_by(clawbacks.c.sequence, chain.c.claim_number, chain.c.line_number)
    )


_sub = submissions.c
_ver = verifications.c


def _query(contract_id: Any) -> Select[Any]:
    return (
        select(
            submissions,
            waivers.c.granted_on,
            waivers.c.party.label("waiver_party"),
            waivers.c.person.label("waiver_person"),
            waivers.c.sequence.label("waiver_sequence"),
            _ver.verification_id,
            _ver.decision,
            _ver.reason_code,
            _ver.decided_on,
            _ver.equivalent_evidence,
            _ver.note_digest,
            _ver.party.label("verifier_party"),
            _ver.person.label("verifier_person"),
            _ver.sequence.label("verification_sequence"),
        )
        .outerjoin(
            waivers,
            and_(
                waivers.c.contract_id == _sub.contract_id,
                waivers.c.submission_id == _sub.submission_id,
            ),
        )
        .outerjoin(
            verifications,
            and_(
                _ver.contract_id == _sub.contract_id,
                _ver.submission_id == _sub.submission_id,
            ),
        )
        .where(_sub.contract_id == contract_id)
        .order_by(_sub.sequence, _sub.submission_id)
    )


_CONTRACT: Any = bindparam("contract")
_ONE = Prepared(_query(_CONTRACT).where(_sub.submission_id == bindparam("submission")))


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredSubmission]:
    return _with_evidence(connection, contract_id, connection.execute(query).all())


def _with_evidence(
    connection: Connection, contract_id: str, rows: Sequence[Any]
) -> list[StoredSubmission]:
    resting = evidence.of_submissions(connection, contract_id, [row.submission_id for row in rows])
    return [_stored(row, resting[row.submission_id]) for row in rows]


def _stored(row: Any, evidence_ids: tuple[str, ...]) -> StoredSubmission:
    waiver = verification = None
    if row.granted_on is not None:
        by = Actor(row.waiver_party, row.waiver_person)
        waiver = Waiver(row.submission_id, row.granted_on, by)
    if row.decision is not None:
        verification = Verification(
            row.verification_id,
            row.submission_id,
            Decision(row.decision),
            ReasonCode(row.reason_code) if row.reason_code else None,
            row.decided_on,
            Actor(row.verifier_party, row.verifier_person),
            row.equivalent_evidence,
        )
    submission = Submission(
        row.submission_id,
        row.participant_id,
        row.metric,
        row.scope,
        row.occurrence,
        row.round,
        row.achieved_on,
        row.anchor_on,
        row.terms_version,
        evidence_ids,
        row.submitted_on,
        row.due_on,
        steps_from_json(row.working),
    )
    version = max(row.sequence, row.waiver_sequence or 0, row.verification_sequence or 0)
    return StoredSubmission(
        submission,
        Actor(row.party, row.person),
        waiver,
        verification,
        row.note_digest,
        version,
        row.sequence,
        row.recorded_at,
    )


def _entitlement(row: Any) -> Entitlement:
    return Entitlement(
        row.entitlement_id,
        row.participant_id,
        row.metric,
        row.scope,
        row.occurrence,
        row.achieved_on,
        row.verified_on,
        row.terms_version,
        row.price_terms_version,
        row.edition,
        Money(row.amount_minor, row.currency),
        row.submission_id,
        steps_from_json(row.working),
        row.anchor_on,
        tuple(row.origins),
    )


def _clawback(row: Any) -> ClawbackDecision:
    return ClawbackDecision(row.clawback_id, row.entitlement_id, row.ground, row.decided_on)

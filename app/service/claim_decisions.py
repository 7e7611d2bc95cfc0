"""Who may decide on a claim, in what state it must be, and the rows of what they decide."""

from collections.abc import Sequence
from datetime import date

from app.domain.claim import Claim, ClaimLine, LineKind
from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.pseudonym import identity_fault
from app.domain.terms.parties import Role
from app.service.claim_rows import Row
from app.service.command import Work
from app.service.preparation import prepared_again
from app.service.second_approval import require_another
from app.storage import claims, duties
from app.storage.claims import StoredClaim


def require_may_decide(
    work: Work, claim_number: int, decided_on: date | None, note: str | None
) -> tuple[StoredClaim, Claim, date]:
    """What approval and return have in common: who may, what state, which version, which day.

    Raises NotPermitted `party-not-permitted` and `approver-is-claimant`, RuleRefused
    `claim-already-decided`, StaleVersion, and InputInvalid for a day before what came before.
    """
    work.require_role(Role.COMMISSIONER, doing="decide on claims")
    if note and (fault := identity_fault(note, "/note")):
        raise InputInvalid([fault])
    stored = claims.get(work.connection, work.contract_id, claim_number)
    if stored.decided_on is not None:
        raise RuleRefused(
            "claim-already-decided",
            f"Claim {claim_number} was decided on {stored.decided_on.isoformat()}; an approved "
            "claim never changes, and a returned one is made anew.",
        )
    work.require_version(stored.version)
    require_not_claimant(work, stored)
    day = work.day(decided_on, "/decided_on")
    if fault := _day_fault(stored, day):
        raise InputInvalid([fault])
    return stored, claims.whole(work.connection, work.contract_id, claim_number), day


def require_not_claimant(work: Work, stored: StoredClaim) -> None:
    """Raises NotPermitted `approver-is-claimant` for who submitted the claim, or their party."""
    if stored.by.party == work.actor.party or work.is_behind(
        stored.by, "claims", stored.claim_number
    ):
        raise NotPermitted(
            "approver-is-claimant", "Whoever submitted the claim cannot decide on it."
        )


def require_may_approve(work: Work, stored: StoredClaim, lines: Sequence[ClaimLine]) -> None:
    """Refuse who had a hand in what the claim asks for, and who gave the first of two approvals.

    Raises NotPermitted `approver-is-submitter`, `approver-is-verifier` and
    `second-approver-is-first`.
    """
    entitlements = [line.source_id for line in lines if line.kind is LineKind.OUTCOME]
    if work.persons & duties.submitters_of(work.connection, work.contract_id, entitlements):
        raise NotPermitted(
            "approver-is-submitter",
            "You, or the person for whom you act, submitted an outcome in this claim, so another "
            "person has to approve it.",
        )
    verifiers = duties.verifiers_of(work.connection, work.contract_id, entitlements)
    taken_back = [line.source_id for line in lines if line.kind is LineKind.CLAWBACK]
    deciders = duties.clawback_deciders(work.connection, work.contract_id, taken_back)
    if work.persons & (verifiers | deciders):
        raise NotPermitted(
            "approver-is-verifier",
            "You, or the person for whom you act, verified an outcome in this claim or decided a "
            "clawback in it, so another person has to approve it.",
        )
    number = stored.claim_number
    require_another(work, stored.first_approval, "claim_first_approvals", number, f"claim {number}")


def require_unchanged(work: Work, claim: Claim) -> None:
    """Refuse a claim that would come out differently now, or that an earlier one may still change.

    Raises RuleRefused `earlier-claim-undecided` and `claim-outdated`.
    """
    number = claim.claim_number
    earlier = [
        other for other in claims.undecided(work.connection, work.contract_id) if other < number
    ]
    if earlier:
        raise RuleRefused(
            "earlier-claim-undecided",
            f"Claim {earlier[0]} was submitted before this one and holds cap headroom; decide it "
            "first.",
        )
    again = prepared_again(work.connection, work.contract_id, work.timeline, claim, work.today)
    if again.lines != claim.lines or again.terms_version != claim.terms_version:
        raise RuleRefused(
            "claim-outdated",
            "What the claim rests on has changed since it was submitted, so it would come out "
            "differently now. Return it, and submit it anew.",
        )


def decision_row(
    work: Work,
    claim_number: int,
    decision: str,
    day: date,
    reason_code: str | None,
    note: str | None,
) -> Row:
    """The decision on a claim, signed by who takes it."""
    return {
        "claim_number": claim_number,
        "decision": decision,
        "decided_on": day,
        "reason_code": reason_code,
        "note_digest": work.note(note),
    } | work.signed()


def _day_fault(stored: StoredClaim, day: date) -> Fault | None:
    """A decision follows the submission, and the first approval if there is one."""
    if day < stored.submitted_on:
        return Fault(
            "date-before-submission",
            "/decided_on",
            "A decision cannot be dated before the claim's submission.",
        )
    if stored.first_approval and day < stored.first_approval.approved_on:
        return Fault(
            "date-before-first-approval",
            "/decided_on",
            "A decision cannot be dated before the first approval of the claim.",
        )
    return None

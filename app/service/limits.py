"""Personal limits: up to which total somebody may approve a claim."""

from app.domain.claim import Claim
from app.domain.delegation import within_limit
from app.domain.errors import NotPermitted
from app.domain.money import Money
from app.payments.claims import claim_totals
from app.service.command import Work
from app.storage import grants

_NAMED_MAX = 5
"""How many of those who could are named."""


def require_within_limit(work: Work, claim: Claim) -> None:
    """Refuse a claim above the approver's limit; go on under the grants that are up to it.

    The limit holds for the claim's total payable: up to 10,000.00, a claim of 10,000.00 may be
    approved and one of 10,000.01 may not. The database asks again (0001_access_rules.sql). Raises
    NotPermitted `above-your-limit`, which names those who could, as far as their limits go.
    """
    if not work.mandate:
        return  # nobody signed in, so there are no grants
    total = claim_totals(claim.lines, work.terms.currency).payable
    enough = within_limit(work.mandate, total)
    if not enough:
        raise NotPermitted("above-your-limit", _told(work, total))
    work.mandate = enough


def _told(work: Work, total: Money) -> str:
    limits = {grant.approval_limit for grant in work.mandate if grant.approval_limit is not None}
    up_to = " or ".join(sorted(limit.readable() for limit in limits))
    day = work.now.date()
    could = grants.approvers_up_to(
        work.connection, work.contract_id, work.actor.party, total, day, _NAMED_MAX + 1
    )
    others = [one for one in could if one != work.actor.person][:_NAMED_MAX]
    who = f"These could: {', '.join(others)}." if others else "Nobody could at present."
    return f"The claim comes to {total.readable()}, and you may approve up to {up_to}. {who}"

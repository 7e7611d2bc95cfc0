"""Personal limits: up to which amount somebody may approve."""

from app.domain.delegation import within_limit
from app.domain.errors import NotPermitted
from app.domain.money import Money
from app.service.command import Work
from app.storage import grants

_NAMED_MAX = 5
"""How many of those who could are named."""


def require_within_limit(work: Work, amount: Money, what: str) -> None:
    """Refuse what is above the approver's limit; go on under the grants that are up to it.

    The limit holds for what the approval counts for (`amount_to_approve`), and `what` names that:
    up to 10,000.00, a claim of 10,000.00 may be approved and one of 10,000.01 may not; nor may one
    of 6,000.00 after another of 6,000.00 for its period. The database asks again
    (0001_access_rules.sql). Raises NotPermitted `above-your-limit`, which names those who could, as
    far as their limits go.
    """
    if not work.mandate:
        return  # nobody signed in, so there are no grants
    enough = within_limit(work.mandate, amount)
    if not enough:
        raise NotPermitted("above-your-limit", _told(work, amount, what))
    work.mandate = enough


def _told(work: Work, amount: Money, what: str) -> str:
    limits = {grant.approval_limit for grant in work.mandate if grant.approval_limit is not None}
    up_to = " or ".join(sorted(limit.readable() for limit in limits))
    could = grants.approvers_up_to(
        work.connection,
        work.contract_id,
        work.actor.party,
        {grant.role for grant in work.mandate},
        amount,
        work.now.date(),
        _NAMED_MAX + 1,
    )
    others = [one for one in could if one != work.actor.person][:_NAMED_MAX]
    who = f"These could: {', '.join(others)}." if others else "Nobody could at present."
    return f"{what} counts for {amount.readable()}, and you may approve up to {up_to}. {who}"

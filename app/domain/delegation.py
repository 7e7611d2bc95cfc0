"""Acting for somebody on leave: what may be delegated, and by what right a delegate acts.

A delegation is a grant that comes from another: same contract, party and role, days within its
days, and it counts only while that one counts. Whoever acts under it stays the person on record,
and what they do counts as done by the delegator too, so that duties stay apart.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from app.domain.access import AccessRole, Grant
from app.domain.errors import Fault, InputInvalid, NotPermitted
from app.domain.money import Money

DAYS_MAX = 92
"""The longest delegation, first and last day included: a quarter of a year."""


def delegated(
    parent: Grant,
    grant_id: str,
    delegator: str,
    days: tuple[date, date],
    limit: Money | None,
    today: date,
) -> Grant:
    """The grant that the holder of `parent` gives away for some days, both of them included.

    From 1 to 14 April of a grant without an end: 1 April, not 31 March. Without a limit of its own
    it has the parent's; a higher one is refused. Raises NotPermitted `grant-not-delegable`;
    InputInvalid `dates-out-of-order`, `delegation-in-past`, `delegation-too-long`,
    `delegation-outside-grant`, `limit-not-approver`, `limit-above-delegators`.
    """
    require_delegable(parent)
    faults = [*_day_faults(parent, days, today), *limit_faults(parent.role, limit)]
    own, held = limit or parent.approval_limit, parent.approval_limit
    if not faults and held is not None and own is not None and not _within(own, held):
        faults = [
            Fault(
                "limit-above-delegators",
                "/approval_limit",
                f"Nobody delegates more than they may do; the grant goes up to {held.readable()}.",
            )
        ]
    if faults:
        raise InputInvalid(faults)
    return Grant(
        grant_id,
        parent.contract_id,
        parent.party,
        parent.role,
        *days,
        delegated_from=parent.grant_id,
        delegated_by=delegator,
        approval_limit=own,
    )


def require_delegable(grant: Grant) -> None:
    """Refuse to pass on what was delegated, and an operator's role. Raises `grant-not-delegable`.

    A delegates to B: B delegates it to nobody, so that A knows who acts for A.
    """
    if grant.delegated_from is not None or grant.role is AccessRole.OPERATOR:
        raise NotPermitted(
            "grant-not-delegable",
            "A role that was delegated is not passed on, and an operator's never is; an operator "
            "can grant it.",
        )


def limit_faults(role: AccessRole, limit: Money | None) -> list[Fault]:
    """What is wrong with an approval limit: only who approves has one, of more than nothing.

    An approver's holds for claims and corrections, the commissioner's finance's for what is asked
    of a fund.
    """
    if limit is None:
        return []
    if role not in {AccessRole.APPROVER, AccessRole.COMMISSIONER_FINANCE}:
        message = "Only an approver and the commissioner's finance have one; leave it out."
        return [Fault("limit-not-approver", "/approval_limit", message)]
    if limit.minor <= 0:
        message = "A limit is more than nothing; leave it out for none."
        return [Fault("limit-not-positive", "/approval_limit/amount", message)]
    return []


def delegators(grants: Sequence[Grant]) -> frozenset[str]:
    """For whom somebody acts who may act by these grants: for nobody else if one is their own.

    Only delegations, from A and from C: for both, so that neither's duties are passed by.
    """
    if any(grant.delegated_by is None for grant in grants):
        return frozenset()
    return frozenset(grant.delegated_by for grant in grants if grant.delegated_by is not None)


def within_limit(grants: Iterable[Grant], total: Money) -> tuple[Grant, ...]:
    """The grants by which a claim of this total may be approved. None: it is above the limit.

    Limit 10,000.00: a claim of 10,000.00 may be, one of 10,000.01 may not; corrections likewise. A
    limit of the person's own holds whatever a group lets them do, and a limit in another currency
    allows nothing. What was delegated counts beside what they have themselves, for the delegator.
    """
    held = tuple(grants)
    personal = any(not one.through_group and one.delegated_by is None for one in held)
    return tuple(
        one
        for one in held
        if not (personal and one.through_group)
        and (one.approval_limit is None or _within(total, one.approval_limit))
    )


def _within(amount: Money, limit: Money) -> bool:
    return amount.currency == limit.currency and amount <= limit


def _day_faults(parent: Grant, days: tuple[date, date], today: date) -> list[Fault]:
    first, last = days
    if last < first:
        return [Fault("dates-out-of-order", "/to_date", "The last day is before the first.")]
    if first < today:
        message = "Who could act on a day that is over does not change; begin today or later."
        return [Fault("delegation-in-past", "/from_date", message)]
    if (last - first).days >= DAYS_MAX:
        message = f"A delegation has at most {DAYS_MAX} days; delegate again afterwards."
        return [Fault("delegation-too-long", "/to_date", message)]
    outside = [
        pointer for pointer, day in (("/from_date", first), ("/to_date", last))
        if not parent.in_force(day)
    ]  # fmt: skip
    message = "The grant itself does not count on that day."
    return [Fault("delegation-outside-grant", pointer, message) for pointer in outside]

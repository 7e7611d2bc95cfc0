"""Two persons' approval of one amount: the row of the first, and who may not give the second."""

from datetime import date

from app.domain.approval import FirstApproval
from app.domain.errors import NotPermitted
from app.service.claim_rows import Row
from app.service.command import Work


def first_approval_row(work: Work, of: Row, day: date) -> Row:
    """The first of two approvals, signed by who gives it; `of` is the key of what is approved."""
    return of | {"approved_on": day} | work.signed()


def require_another(
    work: Work, first: FirstApproval | None, acts: str, key: object, what: str
) -> None:
    """Refuse the second approval to who gave the first, or for whom it was given.

    `acts` is the table of the first approvals, `what` names what is approved: claim 3. Raises
    NotPermitted `second-approver-is-first`.
    """
    if first and work.is_behind(first.by, acts, key):
        raise NotPermitted(
            "second-approver-is-first",
            f"You, or the person for whom you act, approved {what} on "
            f"{first.approved_on.isoformat()}. Its amount takes two persons under the terms, so "
            "another one has to approve it now.",
        )

"""The first of two approvals, of whatever the terms let nobody approve alone."""

from dataclasses import dataclass
from datetime import date

from app.domain.parties import Actor


@dataclass(frozen=True, slots=True)
class FirstApproval:
    """The first of the two approvals that a large amount takes. It posts nothing, decides nothing.

    Of a claim, a correction, or a claim to a fund. Source: terms /claims/second_approval_above.
    """

    approved_on: date
    by: Actor

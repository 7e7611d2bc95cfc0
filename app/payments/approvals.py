"""How many persons the approval of an amount takes: of a claim, a correction, a claim to a fund."""

from dataclasses import dataclass

from app.domain.approval import FirstApproval
from app.domain.money import Money
from app.domain.terms.document import Terms


def second_approval_limit(terms: Terms) -> Money | None:
    """The amount above which an approval takes two persons; None: one is always enough.

    Source: terms /claims/second_approval_above, in the contract's currency: "50000.00" is 5,000,000
    pence.
    """
    above = terms.claims.second_approval_above
    return None if above is None else Money.parse(above, terms.currency)


def amount_to_approve(own: Money, beside: Money) -> Money:
    """What an approval counts for, so that what belongs together passes no limit in parts.

    `own` is what is approved now; `beside` what was approved before that belongs to it: of a claim,
    the claims for the same periods of the calendar; of a correction, the corrections of its claim;
    of a claim to a fund, the claims to that fund for the same periods of the calendar.
    Signs do not count, since money taken back moves as well; but what is taken back is set against
    what is paid.

    6,000.00 after 6,000.00 count as 12,000.00; -6,000.00 after 10,000.00 as 6,000.00, and not as
    4,000.00, because what is approved now is never less than itself.
    """
    return Money(max(abs(own.minor), abs((own + beside).minor)), own.currency)


def with_its_claim(counted: Money, standing: Money, moved: Money) -> Money:
    """What a correction counts for, if one person alone approved the claim that it corrects.

    `counted` is what it changes with the corrections before (`amount_to_approve`); `standing` what
    the claim came to until now, and `moved` the change in all. Where that makes the claim more, the
    correction counts for all that the claim then comes to: 6,500.00 more on a claim of 6,500.00
    count as 13,000.00, as a claim of both would have. 10.00 less count as themselves.
    """
    after = Money(abs((standing + moved).minor), moved.currency)
    if after.minor <= abs(standing.minor):
        return counted
    return max(counted, after)


def lower_limit(one: Money | None, other: Money | None) -> Money | None:
    """The lower of two limits, of which either may be none: None and 50,000.00 give 50,000.00.

    A correction has that of its claim's terms, and of the terms in effect when it is approved.
    """
    return min((limit for limit in (one, other) if limit is not None), default=None)


def needs_second_approval(amount: Money, above: Money | None) -> bool:
    """Whether an amount takes the approval of two different persons of one party.

    Of a claim it is the total over all payers: what is left after caps, net of what the claim
    takes back, because that is what the approval posts as due to the payee. It counts without its
    sign. What is in dispute counts too: its line is posted whole, and the part withheld may still
    fall due without another approval of the claim.

    Above 50,000.00, a claim of 50,000.00 takes one approval, and one of 50,000.01 or -50,000.01
    takes two. Source: terms /claims/second_approval_above.
    """
    return above is not None and above < Money(abs(amount.minor), amount.currency)


@dataclass(frozen=True, slots=True)
class ToApprove:
    """What an approval counts for (`amount_to_approve`), its limit, and the first approval if any.

    `above` is None where the terms name no limit.
    """

    amount: Money
    above: Money | None
    first: FirstApproval | None = None

    @property
    def takes_two(self) -> bool:
        """Whether two persons have to approve it."""
        return needs_second_approval(self.amount, self.above)

"""How many persons the approval of a claim takes."""

from app.domain.money import Money
from app.domain.terms.document import Terms


def second_approval_limit(terms: Terms) -> Money | None:
    """The amount above which a claim takes two persons' approval; None: one is always enough.

    Source: terms /claims/second_approval_above, in the contract's currency: "50000.00" is 5,000,000
    pence.
    """
    above = terms.claims.second_approval_above
    return None if above is None else Money.parse(above, terms.currency)


def needs_second_approval(payable: Money, above: Money | None) -> bool:
    """Whether a claim takes the approval of two different persons of the commissioner.

    `payable` is the claim's total over all payers: what is left after caps, net of what the claim
    takes back, because that is what the approval posts as due to the payee. It counts without its
    sign, since money taken back moves as well. What is in dispute counts too: its line is posted
    whole, and the part withheld may still fall due without another approval of the claim.

    Above 50,000.00, a claim of 50,000.00 takes one approval, and one of 50,000.01 or -50,000.01
    takes two. Source: terms /claims/second_approval_above.
    """
    return above is not None and above < Money(abs(payable.minor), payable.currency)

"""The one register of lists that can be had as files, by name."""

from collections.abc import Mapping

from app.domain.errors import NotFound
from app.service.listings import (
    access,
    bank,
    claims,
    closing,
    contract,
    ledger,
    people,
    privacy,
    settlement,
    trust,
)
from app.service.listings.listing import Listing

_ALL = (
    *contract.LISTINGS,
    *people.LISTINGS,
    *claims.LISTINGS,
    *settlement.LISTINGS,
    *closing.LISTINGS,
    *bank.LISTINGS,
    *ledger.LISTINGS,
    *privacy.LISTINGS,
    *trust.LISTINGS,
    *access.LISTINGS,
)

LISTINGS: Mapping[str, Listing] = {listing.name: listing for listing in _ALL}
"""Every listing by its name."""


def listing(name: str, *, of_contract: bool) -> Listing:
    """The listing with a name, of a contract or of the whole service; NotFound `list-unknown`."""
    found = LISTINGS.get(name)
    if found is None or found.of_contract != of_contract:
        have = ", ".join(
            sorted(one for one in LISTINGS if LISTINGS[one].of_contract == of_contract)
        )
        raise NotFound("list-unknown", f"There is no such list to export; there are: {have}.")
    return found

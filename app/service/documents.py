"""Documents that payments settle: invoices, credit notes and claims to a fund, as one kind."""

from dataclasses import dataclass

from app.domain.errors import NotFound
from app.domain.money import Money
from app.storage import fund_claims, invoices
from app.storage.engine import Connection


@dataclass(frozen=True, slots=True)
class Document:
    """What a payment may be set against.

    `open_amount` is what is still to be paid from debtor to creditor; below zero on a credit note
    that is not used up, or a claim to a fund that gives more back than it asks.
    """

    document: str
    debtor: str
    creditor: str
    open_amount: Money


def document(connection: Connection, contract_id: str, commissioner: str, name: str) -> Document:
    """The document behind invoice:<issuer>/<number> or fund-claim:<number>."""
    kind, _, rest = name.partition(":")
    if kind == "invoice" and "/" in rest:
        issuer, _, number = rest.partition("/")
        if number.isdecimal():
            stored = invoices.get(connection, contract_id, issuer, int(number))
            return Document(name, stored.invoice.customer, issuer, stored.open_amount)
    if kind == "fund-claim" and rest.isdecimal():
        claim = fund_claims.get(connection, contract_id, int(rest))
        return Document(name, claim.claim.fund, commissioner, claim.open_amount)
    raise NotFound(
        "document-unknown",
        "There is no such document; name it invoice:<issuer>/<number> or fund-claim:<number>.",
    )

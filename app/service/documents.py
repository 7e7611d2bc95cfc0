"""Documents that payments settle: invoices, credit notes and claims to a fund, as one kind."""

import re
from collections.abc import Collection

from app.domain.errors import NotFound
from app.domain.invoice import invoice_key
from app.payments.allocations import Document
from app.storage import fund_claims, invoices, open_documents
from app.storage.engine import Connection
from app.storage.fund_claims import StoredFundClaim
from app.storage.invoices import StoredInvoice
from app.storage.open_documents import OpenDocument

_FUND_CLAIM = re.compile("fund-claim:([1-9][0-9]{0,8})", re.ASCII)


def document(connection: Connection, contract_id: str, commissioner: str, name: str) -> Document:
    """The document behind invoice:<issuer>/<number> or fund-claim:<number>."""
    creditor, found = commissioner, None
    if key := invoice_key(name):
        creditor, number = key
        found = open_documents.invoice(connection, contract_id, creditor, number)
    elif match := _FUND_CLAIM.fullmatch(name):
        found = open_documents.fund_claim(connection, contract_id, int(match[1]))
    if found is None:
        raise unknown_document()
    return _document(name, creditor, found)


def documents(
    connection: Connection, contract_id: str, commissioner: str, names: Collection[str]
) -> dict[str, Document]:
    """Several documents by name, read together; a name that no document has is left out."""
    issued = {name: key for name in names if (key := invoice_key(name))}
    asked = {match[0]: match for name in names if (match := _FUND_CLAIM.fullmatch(name))}
    numbers = [int(match[1]) for match in asked.values()]
    found = open_documents.invoices_named(connection, contract_id, issued)
    found |= open_documents.fund_claims_numbered(connection, contract_id, numbers)
    return {
        name: _document(name, issued[name][0] if name in issued else commissioner, one)
        for name, one in found.items()
    }


def _document(name: str, creditor: str, found: OpenDocument) -> Document:
    return Document(
        name, found.debtor, creditor, found.asked - found.settled, is_asked_for=found.is_asked_for
    )


def whole_document(
    connection: Connection, contract_id: str, name: str
) -> StoredInvoice | StoredFundClaim:
    """The whole document behind a name."""
    if key := invoice_key(name):
        return invoices.get(connection, contract_id, *key)
    if match := _FUND_CLAIM.fullmatch(name):
        return fund_claims.get(connection, contract_id, int(match[1]))
    raise unknown_document()


def unknown_document() -> NotFound:
    """The refusal of a name that no document has."""
    return NotFound(
        "document-unknown",
        "There is no such document; name it invoice:<issuer>/<number> or fund-claim:<number>.",
    )

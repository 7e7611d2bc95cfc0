"""What `verify` says of claims that fewer persons approved than the terms ask for."""

from collections.abc import Iterator

from app.domain.money import Money
from app.payments.approvals import needs_second_approval, second_approval_limit
from app.storage import approvals, contracts
from app.storage.engine import Connection


def approval_faults(connection: Connection, contract_id: str) -> Iterator[tuple[int, str]]:
    """Claims whose limit is not that of their terms, or that too few persons approved.

    Asked of the terms and the lines anew, so that it does not rest on the limit that the claim
    holds. Terms that cannot be read are told by other checks.
    """
    agreed = {one.number: one for one in contracts.timeline(connection, contract_id).versions}
    for claim in approvals.of_claims(connection, contract_id):
        version = agreed.get(claim.terms_version)
        if version is None:
            yield claim.claim_number, f"terms version {claim.terms_version} is not in force"
            continue
        limit = second_approval_limit(version.terms)
        if claim.above_minor != (None if limit is None else limit.minor):
            yield claim.claim_number, f"its limit is not that of terms version {version.number}"
        payable = Money(claim.payable_minor, version.terms.currency)
        persons = {claim.first_approved_by, claim.approved_by} - {None}
        if claim.approved_by and needs_second_approval(payable, limit) and len(persons) < 2:
            yield claim.claim_number, "approved above its limit by fewer than two persons"

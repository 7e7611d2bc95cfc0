"""What `verify` says of claims that fewer persons approved than the terms ask for."""

from collections.abc import Iterator

from app.domain.money import Money
from app.payments.approvals import needs_second_approval, second_approval_limit
from app.storage import approvals, contracts
from app.storage.approvals import ClaimApprovals
from app.storage.engine import Connection


def approval_faults(connection: Connection, contract_id: str) -> Iterator[tuple[int, str]]:
    """Claims whose limit is not that of their terms, or that too few persons approved.

    Asked of the terms and the lines anew, so that it does not rest on the limit that the claim
    holds. Two persons of one party approve, one after the other, and neither for the other: as the
    database asks it (migrations/versions/0001_duties.sql). Terms that cannot be read are told by
    other checks.
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
        needed = needs_second_approval(payable, limit)
        yield from ((claim.claim_number, fault) for fault in _faults(claim, needed=needed))


def _faults(claim: ClaimApprovals, *, needed: bool) -> Iterator[str]:
    """What the approvals of one claim lack, as the database asks it when they are entered.

    B who approves for A is A too: A and then B for A are one.
    """
    first, decided = claim.first, claim.decided
    if first is not None and not needed:
        yield "approved first, where one approval is enough"
    if first is not None and decided is not None and first.sequence >= decided.sequence:
        yield "approved first after its decision, or in the same record"
    if decided is None or not claim.approved or not needed:
        return
    if first is None or first.persons & decided.persons:
        yield "approved above its limit by fewer than two persons"
    elif first.party != decided.party:
        yield "approved above its limit by persons of two parties"

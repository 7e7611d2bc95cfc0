"""What `verify` says of what fewer persons approved than the terms ask for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from app.domain.money import Money
from app.payments.approvals import (
    amount_to_approve,
    needs_second_approval,
    second_approval_limit,
)
from app.storage import approvals, contracts
from app.storage.approvals import Approvable
from app.storage.engine import Connection


def approval_faults(connection: Connection, contract_id: str) -> Iterator[tuple[str, str]]:
    """Claims, corrections and claims to funds whose limit is not that of their terms, or that too
    few persons approved; each by its name.

    Asked of the terms and the lines anew, so that it does not rest on the limit that they hold. Two
    persons of one party approve, one after the other, and neither for the other: as the database
    asks it (migrations/versions/0001_duties.sql). Terms that cannot be read are told by other
    checks.
    """
    agreed = {one.number: one for one in contracts.timeline(connection, contract_id).versions}
    found = approvals.every(connection, contract_id)
    groups: defaultdict[tuple[str, str], list[Approvable]] = defaultdict(list)
    for one in found:
        groups[one.group].append(one)
    for one in found:
        version = agreed.get(one.terms_version)
        if version is None:
            yield one.name, f"terms version {one.terms_version} is not in force"
            continue
        limit = second_approval_limit(version.terms)
        calendar = version.terms.claims.calendar
        group = [other for other in groups[one.group] if one.belongs_with(other, calendar)]
        if one.above_minor != (None if limit is None else limit.minor):
            yield one.name, f"its limit is not that of terms version {version.number}"
        yield from ((one.name, fault) for fault in _faults(one, group, limit))


def _faults(one: Approvable, group: Sequence[Approvable], limit: Money | None) -> Iterator[str]:
    """What the approvals lack, as the database asks it when they are entered.

    B who approves for A is A too: A and then B for A are one.
    """
    first, decided = one.first, one.decided
    if first is not None and not _takes_two(one, group, limit, first.sequence):
        yield "approved first, where one approval is enough"
    if first is not None and decided is not None and first.sequence >= decided.sequence:
        yield "approved first after its decision, or in the same record"
    if decided is None or not one.approved:
        return
    if not _takes_two(one, group, limit, decided.sequence):
        return
    if first is None or first.persons & decided.persons:
        yield "approved above its limit by fewer than two persons"
    elif first.party != decided.party:
        yield "approved above its limit by persons of two parties"


def _takes_two(
    one: Approvable, group: Sequence[Approvable], limit: Money | None, at_record: int
) -> bool:
    """Whether it took two persons at a record, with what was approved by then that belongs to it.

    Two claims of 6,000.00 for one quarter above 10,000.00: the second takes two.
    """
    if limit is None:
        return False
    beside = sum(
        other.amount_minor
        for other in group
        if other.approved and other.decided is not None and other.decided.sequence < at_record
    )
    amount = amount_to_approve(
        Money(one.amount_minor, limit.currency), Money(beside, limit.currency)
    )
    return needs_second_approval(amount, limit)

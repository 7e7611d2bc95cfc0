"""What `verify` says of what fewer persons approved than the terms ask for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.money import Money
from app.domain.terms.timeline import TermsVersion
from app.payments.approvals import (
    amount_to_approve,
    lower_limit,
    needs_second_approval,
    second_approval_limit,
    with_its_claim,
)
from app.storage import approvals, contracts
from app.storage.approvals import Approvable, Approval
from app.storage.contracts import Agreed
from app.storage.engine import Connection


def approval_faults(connection: Connection, contract_id: str) -> Iterator[tuple[str, str]]:
    """Claims, corrections and claims to funds whose terms are not those of the period's end, whose
    limit is not that of their terms, or that too few persons approved; each by its name.

    Asked of the terms and the lines anew, so that it does not rest on the limit that they hold. Two
    persons of one party approve, one after the other, and neither for the other: as the database
    asks it (migrations/versions/0001_duties.sql). Terms that cannot be read are told by other
    checks.
    """
    agreed = contracts.agreed(connection, contract_id)
    versions = {one.version.number: one.version for one in agreed}
    found = approvals.every(connection, contract_id)
    named = {one.name: one for one in found}
    groups: defaultdict[tuple[str, str], list[Approvable]] = defaultdict(list)
    for one in found:
        groups[one.group].append(one)
    for one in found:
        version = versions.get(one.terms_version)
        if version is None:
            yield one.name, f"terms version {one.terms_version} is not in force"
            continue
        if one.governed_on is not None:
            known = contracts.timeline_at(agreed, one.sequence)
            if not known.versions or known.in_effect(one.governed_on) != version:
                yield one.name, f"terms version {version.number} is not that of its period"
        limit = second_approval_limit(version.terms)
        if one.above_minor != (None if limit is None else limit.minor):
            yield one.name, f"its limit is not that of terms version {version.number}"
        calendar = version.terms.claims.calendar
        group = [other for other in groups[one.group] if one.belongs_with(other, calendar)]
        claim = None if one.moved_minor is None else named[f"claim {one.group[1]}"]
        asked = _Asked(one, group, claim, version, agreed)
        yield from ((one.name, fault) for fault in _faults(asked))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was approved, with what belongs to it: of a correction, its claim as well."""

    one: Approvable
    group: Sequence[Approvable]
    claim: Approvable | None
    version: TermsVersion
    agreed: Sequence[Agreed]

    def takes_two(self, at: Approval) -> bool:
        """Whether it took two persons in a record, with what was approved by then.

        Two claims of 6,000.00 for one quarter above 10,000.00: the second takes two.
        """
        limit = self._limit(at)
        if limit is None:
            return False
        one, currency = self.one, limit.currency
        earlier = [
            other
            for other in self.group
            if other.approved and other.decided is not None and other.decided.sequence < at.sequence
        ]
        amount = amount_to_approve(
            Money(one.amount_minor, currency),
            Money(sum(other.amount_minor for other in earlier), currency),
        )
        if self.claim is not None and self.claim.first is None:
            standing = self.claim.amount_minor + sum(other.moved_minor or 0 for other in earlier)
            moved = Money(one.moved_minor or 0, currency)
            amount = with_its_claim(amount, Money(standing, currency), moved)
        return needs_second_approval(amount, limit)

    def _limit(self, at: Approval) -> Money | None:
        """The limit in a record: of its own terms, a correction's by those in effect too."""
        limit = second_approval_limit(self.version.terms)
        known = contracts.timeline_at(self.agreed, at.sequence)
        if self.claim is None or not known.versions:
            return limit
        return lower_limit(limit, second_approval_limit(known.in_effect(at.day).terms))


def _faults(asked: _Asked) -> Iterator[str]:
    """What the approvals lack, as the database asks it when they are entered.

    B who approves for A is A too: A and then B for A are one.
    """
    first, decided = asked.one.first, asked.one.decided
    if first is not None and not asked.takes_two(first):
        yield "approved first, where one approval is enough"
    if first is not None and decided is not None and first.sequence >= decided.sequence:
        yield "approved first after its decision, or in the same record"
    if decided is None or not asked.one.approved:
        return
    if not asked.takes_two(decided):
        return
    if first is None or first.persons & decided.persons:
        yield "approved above its limit by fewer than two persons"
    elif first.party != decided.party:
        yield "approved above its limit by persons of two parties"

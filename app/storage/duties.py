"""Who did what must stay apart from what is being done now, and for whom they did it.

What is done under a delegation counts as done by the delegator too: `delegated_acts` says so of the
journal record that it made.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    CompoundSelect,
    Connection,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    column,
    func,
    select,
    union,
)

from app.domain.claim import LineKind
from app.domain.invoice import invoice_key
from app.storage.prepared import Built, Prepared
from app.storage.settlement_tables import invoices
from app.storage.tables import (
    claim_decisions,
    claim_first_approvals,
    claim_lines,
    claims,
    clawbacks,
    correction_first_approvals,
    corrections,
    delegated_acts,
    disputes,
    entitlements,
    fund_claim_first_approvals,
    submissions,
    verifications,
)

_KEYS: Mapping[str, Column[Any]] = {
    "claims": claims.c.claim_number,
    "corrections": corrections.c.correction_id,
    "disputes": disputes.c.dispute_id,
    "claim_first_approvals": claim_first_approvals.c.claim_number,
    "correction_first_approvals": correction_first_approvals.c.correction_id,
    "fund_claim_first_approvals": fund_claim_first_approvals.c.fund_claim_number,
    "submissions": submissions.c.submission_id,
}
"""The acts on which somebody else decides, and by what each is known."""


def delegators_of(
    connection: Connection, contract_id: str, acts: str, key: object
) -> frozenset[str]:
    """For whom one of the acts above was done under a delegation."""
    rows = _DELEGATORS[acts].run(connection, {"contract": contract_id, "key": key})
    return frozenset(row.on_behalf_of for row in rows)


def verifiers_of(
    connection: Connection, contract_id: str, entitlement_ids: Sequence[str]
) -> frozenset[str]:
    """Who verified the outcomes behind the entitlements, and for whom."""
    return _found(_verifiers, connection, contract_id, entitlement_ids)


def clawback_deciders(
    connection: Connection, contract_id: str, entitlement_ids: Sequence[str]
) -> frozenset[str]:
    """Who decided to take the entitlements back, and for whom."""
    return _found(_deciders, connection, contract_id, entitlement_ids)


def submitters_of(
    connection: Connection, contract_id: str, entitlement_ids: Sequence[str]
) -> frozenset[str]:
    """Who submitted the outcomes behind the entitlements, and for whom."""
    return _found(_submitters, connection, contract_id, entitlement_ids)


def _found(
    people: Built, connection: Connection, contract_id: str, entitlement_ids: Sequence[str]
) -> frozenset[str]:
    if not entitlement_ids:
        return frozenset()
    asked = {"contract_id": contract_id, "entitlement_ids": list(entitlement_ids)}
    return _persons(people.run(connection, asked))


def _any_of(entitlement_ids: Any) -> Select[Any]:
    return select(func.unnest(entitlement_ids))


def _persons(rows: Iterable[Any]) -> frozenset[str]:
    return frozenset(person for row in rows for person in row if person is not None)


@Built
def _verifiers(contract_id: str, entitlement_ids: list[str]) -> Select[Any]:
    return _behind(verifications, contract_id, _any_of(entitlement_ids))


@Built
def _submitters(contract_id: str, entitlement_ids: list[str]) -> Select[Any]:
    return _behind(submissions, contract_id, _any_of(entitlement_ids))


@Built
def _deciders(contract_id: str, entitlement_ids: list[str]) -> Select[Any]:
    return _taken_back(contract_id, _any_of(entitlement_ids))


def approvers_of(
    connection: Connection, contract_id: str, documents: Sequence[str]
) -> frozenset[str]:
    """Who approved the claims of some invoices and credit notes, and for whom.

    Of a claim that took two approvals, both.
    """
    return _persons(_approvers.run(connection, _named(contract_id, documents)))


@Built
def _approvers(contract_id: str, issuers: list[str], numbers: list[int]) -> CompoundSelect[Any]:
    deciding = _people(claim_decisions).where(
        _invoiced(claim_decisions, contract_id, issuers, numbers),
        claim_decisions.c.decision == "approved",
    )
    first = _people(claim_first_approvals).where(
        _invoiced(claim_first_approvals, contract_id, issuers, numbers)
    )
    return union(deciding, first)


def hands_in(connection: Connection, contract_id: str, documents: Sequence[str]) -> frozenset[str]:
    """Who submitted or verified what some invoices and credit notes are for, or took it back.

    By kind of line: who verified an outcome had no hand in the claim that takes it back later, and
    who decided that had none in the claim that asked for it.
    """
    return _persons(_hands.run(connection, _named(contract_id, documents)))


@Built
def _hands(contract_id: str, issuers: list[str], numbers: list[int]) -> CompoundSelect[Any]:
    def sources(kind: LineKind) -> Select[Any]:
        return select(claim_lines.c.source_id).where(
            _invoiced(claim_lines, contract_id, issuers, numbers), claim_lines.c.kind == kind.value
        )

    earned = sources(LineKind.OUTCOME)
    return union(
        _behind(submissions, contract_id, earned),
        _behind(verifications, contract_id, earned),
        _taken_back(contract_id, sources(LineKind.CLAWBACK)),
    )


def _named(contract_id: str, documents: Sequence[str]) -> dict[str, Any]:
    """The invoices among some documents, as two lists of one length: invoice:spv/12."""
    keys = [key for one in documents if (key := invoice_key(one))]
    return {
        "contract_id": contract_id,
        "issuers": [issuer for issuer, _ in keys],
        "numbers": [number for _, number in keys],
    }


def _invoiced(acts: Table, contract_id: str, issuers: Any, numbers: Any) -> Any:
    """Whether an act or a line is of a claim that one of the invoices was issued for."""
    named = (
        func.unnest(issuers, numbers)
        .table_valued(column("issuer", Text), column("number", BigInteger))
        .render_derived(name="named")
    )
    claim_numbers = (
        select(invoices.c.claim_number)
        .join(named, and_(named.c.issuer == invoices.c.issuer, named.c.number == invoices.c.number))
        .where(invoices.c.contract_id == contract_id)
    )
    return and_(acts.c.contract_id == contract_id, acts.c.claim_number.in_(claim_numbers))


def _taken_back(contract_id: str, among: Select[Any]) -> Select[Any]:
    return _people(clawbacks).where(
        clawbacks.c.contract_id == contract_id, clawbacks.c.entitlement_id.in_(among)
    )


def _same_record(acts: Any) -> Any:
    return and_(
        delegated_acts.c.contract_id == acts.c.contract_id,
        delegated_acts.c.sequence == acts.c.sequence,
    )


def _people(acts: Table) -> Select[Any]:
    """Who did some acts, and for whom under a delegation; two columns, the second may be null."""
    return (
        select(acts.c.person, delegated_acts.c.on_behalf_of)
        .distinct()
        .select_from(acts.outerjoin(delegated_acts, _same_record(acts)))
    )


def _behind(acts: Table, contract_id: str, among: Select[Any]) -> Select[Any]:
    """The people of acts on the submissions that some entitlements come from."""
    return (
        _people(acts)
        .join(
            entitlements,
            and_(
                entitlements.c.contract_id == acts.c.contract_id,
                entitlements.c.submission_id == acts.c.submission_id,
            ),
        )
        .where(acts.c.contract_id == contract_id, entitlements.c.entitlement_id.in_(among))
    )


def _delegators(known_by: Column[Any]) -> Prepared:
    return Prepared(
        select(delegated_acts.c.on_behalf_of)
        .join(known_by.table, _same_record(known_by.table))
        .where(
            delegated_acts.c.contract_id == bindparam("contract"),
            known_by == bindparam("key"),
        )
    )


_DELEGATORS = {acts: _delegators(known_by) for acts, known_by in _KEYS.items()}

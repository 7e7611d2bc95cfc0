"""Matches of imported lines and what they pay: proposed, decided on, and what accepting one did."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, func, select

from app.domain.bank import Classification
from app.domain.errors import NotFound
from app.domain.money import Money
from app.domain.reconciliation import LineKey, MatchState, PaymentEffect
from app.domain.working import Step
from app.storage.bank_tables import (
    import_lines,
    line_payments,
    match_allocations,
    match_decisions,
    match_lines,
    matches,
)
from app.storage.import_lines import decision_of, live_matches
from app.storage.prepared import Built
from app.storage.working import steps_from_json

BY_HAND = "by-hand"
"""The rule of a match that a person put together."""


@dataclass(frozen=True, slots=True)
class LineAllocation:
    """Part of a line set against an item; below zero for a credit note set off against others."""

    line: LineKey
    item_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LinePayment:
    """What of a line a payment is, and whether accepting the match recorded or confirmed it."""

    line: LineKey
    payment_id: str
    effect: PaymentEffect
    amount: Money


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """A match of one account's lines, where it stands, and the payments behind it if accepted."""

    match_id: str
    party: str
    source: str
    rule: str
    score: int
    classification: Classification
    left_over: Money
    alternatives: tuple[str, ...]
    working: tuple[Step, ...]
    lines: tuple[LineKey, ...]
    allocations: tuple[LineAllocation, ...]
    payments: tuple[LinePayment, ...]
    state: MatchState
    version: int

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for matches that say the same: a run proposes none that is proposed already."""
        return likeness(self.lines, self.allocations, self.classification, self.score)


def likeness(
    lines: Sequence[LineKey],
    allocations: Sequence[LineAllocation],
    classification: Classification,
    score: int,
) -> tuple[object, ...]:
    """What two matches must have in common to say the same."""
    set_against = frozenset((one.line, one.item_id, one.amount.minor) for one in allocations)
    return frozenset(lines), set_against, classification, score


def get(connection: Connection, contract_id: str, match_id: str) -> StoredMatch:
    """One match; NotFound `match-unknown` otherwise."""
    query = _query(contract_id).where(matches.c.match_id == match_id)
    found = _load(connection, contract_id, query)
    if not found:
        raise NotFound("match-unknown", "The contract has no match with that id.")
    return found[0]


def page(
    connection: Connection,
    contract_id: str,
    state: MatchState | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[StoredMatch]:
    """Matches by id, which is the order in which they were made."""
    query = _query(contract_id).where(matches.c.match_id > after)
    query = query.order_by(matches.c.match_id).limit(limit)
    if state is not None:
        query = _in_state(query, state)
    return _load(connection, contract_id, query)


def of_account(
    connection: Connection, contract_id: str, party: str, source: str, state: MatchState
) -> list[StoredMatch]:
    """The matches of one account that are in a state."""
    query = _query(contract_id).where(matches.c.party == party, matches.c.source == source)
    return _load(connection, contract_id, _in_state(query, state))


def live_with_line(connection: Connection, contract_id: str, keys: Sequence[LineKey]) -> list[str]:
    """Ids of proposed and accepted matches that have any of some lines."""
    live = live_matches(contract_id)
    wanted = {(key.import_number, key.position) for key in keys}
    rows = connection.execute(
        select(live.c.match_id, live.c.import_number, live.c.position).where(
            live.c.import_number.in_({key.import_number for key in keys}),
            live.c.position.in_({key.position for key in keys}),
        )
    )
    return sorted({row.match_id for row in rows if (row.import_number, row.position) in wanted})


def recorded_as(connection: Connection, contract_id: str) -> dict[str, Classification]:
    """How the line was classified whose accepted match recorded a payment, by payment."""
    live = live_matches(contract_id)
    rows = connection.execute(
        select(line_payments.c.payment_id, live.c.classification)
        .join(live, _same_line(live))
        .where(
            line_payments.c.contract_id == contract_id,
            line_payments.c.effect == PaymentEffect.RECORDED.value,
        )
    )
    return {row.payment_id: Classification(row.classification) for row in rows}


def accepted_of(
    connection: Connection, contract_id: str, payment_ids: Sequence[str]
) -> list[tuple[str, str]]:
    """Payment id and match id of every accepted match behind some payments."""
    live = live_matches(contract_id)
    rows = connection.execute(
        select(line_payments.c.payment_id, line_payments.c.match_id)
        .distinct()
        .join(live, _same_line(live))
        .where(
            line_payments.c.contract_id == contract_id,
            line_payments.c.payment_id.in_(payment_ids),
        )
        .order_by(line_payments.c.payment_id, line_payments.c.match_id)
    )
    return [(row.payment_id, row.match_id) for row in rows]


def confirmed(connection: Connection, contract_id: str, party: str, source: str) -> dict[str, int]:
    """What an account's accepted lines show of each payment, in minor units."""
    asked = {"contract_id": contract_id, "party": party, "source": source}
    return {row.payment_id: int(row.minor) for row in _confirmed.run(connection, asked)}


@Built
def _confirmed(contract_id: str, party: str, source: str) -> Select[Any]:
    live = live_matches(contract_id)
    return (
        select(line_payments.c.payment_id, func.sum(line_payments.c.amount_minor).label("minor"))
        .join(live, _same_line(live))
        .join(
            matches,
            (matches.c.contract_id == line_payments.c.contract_id)
            & (matches.c.match_id == line_payments.c.match_id),
        )
        .where(
            line_payments.c.contract_id == contract_id,
            matches.c.party == party,
            matches.c.source == source,
        )
        .group_by(line_payments.c.payment_id)
    )


def payment_of_line(
    connection: Connection, contract_id: str, party: str, source: str, identity: str
) -> str | None:
    """The payment behind an accepted line of an account, by the line's identity."""
    live = live_matches(contract_id)
    return connection.execute(
        select(line_payments.c.payment_id)
        .join(live, _same_line(live))
        .join(
            import_lines,
            (import_lines.c.contract_id == line_payments.c.contract_id)
            & (import_lines.c.import_number == line_payments.c.import_number)
            & (import_lines.c.position == line_payments.c.position),
        )
        .where(
            line_payments.c.contract_id == contract_id,
            import_lines.c.party == party,
            import_lines.c.source == source,
            import_lines.c.identity == identity,
            import_lines.c.first_import.is_(None),
        )
        .order_by(line_payments.c.amount_minor.desc(), line_payments.c.payment_id)
        .limit(1)
    ).scalar_one_or_none()


def _same_line(live: Any) -> Any:
    return (
        (live.c.match_id == line_payments.c.match_id)
        & (live.c.import_number == line_payments.c.import_number)
        & (live.c.position == line_payments.c.position)
        & live.c.accepted
    )


_FIRST, _SECOND = match_decisions.alias("first"), match_decisions.alias("second")


def _query(contract_id: str) -> Select[Any]:
    return (
        select(
            matches,
            func.coalesce(_SECOND.c.decision, _FIRST.c.decision, "proposed").label("state"),
            func.greatest(matches.c.sequence, _FIRST.c.sequence, _SECOND.c.sequence).label(
                "version"
            ),
        )
        .outerjoin(_FIRST, decision_of(matches, _FIRST, 1))
        .outerjoin(_SECOND, decision_of(matches, _SECOND, 2))
        .where(matches.c.contract_id == contract_id)
    )


def _in_state(query: Select[Any], state: MatchState) -> Select[Any]:
    if state is MatchState.PROPOSED:
        return query.where(_FIRST.c.decision.is_(None))
    if state is MatchState.UNDONE:
        return query.where(_SECOND.c.decision.is_not(None))
    return query.where(_FIRST.c.decision == state.value, _SECOND.c.decision.is_(None))


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredMatch]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    ids = [row.match_id for row in rows]
    lines: dict[str, list[LineKey]] = {one: [] for one in ids}
    allocations: dict[str, list[LineAllocation]] = {one: [] for one in ids}
    paid: dict[str, list[LinePayment]] = {one: [] for one in ids}
    for row in _parts(connection, contract_id, match_lines, ids):
        lines[row.match_id].append(LineKey(row.import_number, row.position))
    for row in _parts(connection, contract_id, match_allocations, ids):
        key, amount = (
            LineKey(row.import_number, row.position),
            Money(row.amount_minor, row.currency),
        )
        allocations[row.match_id].append(LineAllocation(key, row.item_id, amount))
    for row in _parts(connection, contract_id, line_payments, ids):
        key, amount = (
            LineKey(row.import_number, row.position),
            Money(row.amount_minor, row.currency),
        )
        effect = PaymentEffect(row.effect)
        paid[row.match_id].append(LinePayment(key, row.payment_id, effect, amount))
    return [
        _stored(row, lines[row.match_id], allocations[row.match_id], paid[row.match_id])
        for row in rows
    ]


def _parts(connection: Connection, contract_id: str, table: Table, ids: Sequence[str]) -> list[Any]:
    named = {"ids": list(ids)} if len(ids) <= _NAMED_MAX else {}
    rows = _PARTS[table].run(connection, {"contract_id": contract_id} | named)
    wanted = set(ids)
    return [row for row in rows if row.match_id in wanted]


def _parts_of(table: Table) -> Built:
    order = [column for column in table.primary_key.columns if column.name != "contract_id"]

    @Built
    def parts(contract_id: str, ids: list[str] | None) -> Select[Any]:
        named = () if ids is None else (table.c.match_id == func.any(ids),)
        return select(table).where(table.c.contract_id == contract_id, *named).order_by(*order)

    return parts


_PARTS = {one: _parts_of(one) for one in (match_lines, match_allocations, line_payments)}
_NAMED_MAX = 10_000
"""Ids named one by one in a statement; of more, all rows of the contract are read."""


def _stored(
    row: Row[Any],
    lines: list[LineKey],
    allocations: list[LineAllocation],
    paid: list[LinePayment],
) -> StoredMatch:
    return StoredMatch(
        row.match_id,
        row.party,
        row.source,
        row.rule,
        row.score,
        Classification(row.classification),
        Money(row.left_over_minor, row.currency),
        tuple(row.alternatives),
        steps_from_json(row.working),
        tuple(lines),
        tuple(allocations),
        tuple(paid),
        MatchState(row.state),
        row.version,
    )

"""The lines of imported files, each with its classification and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    column,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from app.domain.bank import Classification, Direction, FileLine
from app.domain.errors import NotFound
from app.domain.money import Money
from app.domain.reconciliation import IgnoreReason, LineKey, LineState
from app.domain.working import Step
from app.storage.bank_tables import (
    import_lines,
    line_decisions,
    line_findings,
    match_decisions,
    match_lines,
    matches,
)
from app.storage.planning import many_rows
from app.storage.prepared import Built
from app.storage.working import steps_from_json


@dataclass(frozen=True, slots=True)
class StoredLine:
    """An imported line: what it says, how it is classified, and why.

    `line.raw` is empty: the raw file is kept as a whole. `match_id` is that of the match proposed
    or accepted. `first` is where a duplicate was first imported. `reasons` say why no match takes
    an open line, as the last proposing found.
    """

    key: LineKey
    party: str
    source: str
    line: FileLine
    classification: Classification
    state: LineState
    match_id: str | None
    first: LineKey | None
    ignored_because: IgnoreReason | None
    reasons: tuple[Step, ...]
    sequence: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for; what is None does not matter."""

    party: str | None = None
    source: str | None = None
    import_number: int | None = None
    classification: Classification | None = None
    state: LineState | None = None


@dataclass(frozen=True, slots=True)
class LineCount:
    """How many lines of one account are alike, and what they move."""

    party: str
    source: str
    classification: Classification
    state: LineState
    direction: Direction
    count: int
    amount: Money


_COLUMN = {"classification": "class_now"}
_START = LineKey(0, 0)


def page(
    connection: Connection,
    contract_id: str,
    wanted: Wanted,
    after: LineKey = _START,
    limit: int | None = None,
) -> list[StoredLine]:
    """Lines in order of their imports and positions."""
    status = _status(contract_id)
    query = select(status).where(
        tuple_(status.c.import_number, status.c.position)
        > tuple_(literal(after.import_number), literal(after.position))
    )
    for name in ("party", "source", "import_number", "classification", "state"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(status.c[_COLUMN.get(name, name)] == value)
    query = query.order_by(status.c.import_number, status.c.position).limit(limit)
    with many_rows(connection):
        return [_stored(row) for row in connection.execute(query)]


def one(connection: Connection, contract_id: str, key: LineKey) -> StoredLine:
    """One line; NotFound `line-unknown` otherwise."""
    return several(connection, contract_id, [key])[0]


def several(connection: Connection, contract_id: str, keys: Sequence[LineKey]) -> list[StoredLine]:
    """Some lines, in the order asked for; NotFound `line-unknown` if one is not there."""
    rows = _of_keys.run(
        connection,
        {
            "contract_id": contract_id,
            "import_numbers": [key.import_number for key in keys],
            "positions": [key.position for key in keys],
        },
    )
    found = {stored.key: stored for stored in map(_stored, rows)}
    if len(found) < len(set(keys)):
        raise NotFound("line-unknown", "There is no such line; name it <import>/<position>: 3/17.")
    return [found[key] for key in keys]


@Built
def _of_keys(contract_id: str, import_numbers: list[int], positions: list[int]) -> Select[Any]:
    asked = (
        func.unnest(import_numbers, positions)
        .table_valued(column("import_number", BigInteger), column("position", BigInteger))
        .render_derived(name="asked")
    )
    status = _status(contract_id)
    return select(status).join(
        asked,
        and_(
            asked.c.import_number == status.c.import_number,
            asked.c.position == status.c.position,
        ),
    )


def to_match(connection: Connection, contract_id: str, party: str, source: str) -> list[StoredLine]:
    """The lines of an account that may still be matched: open, or only proposed by a run."""
    asked = {"contract_id": contract_id, "party": party, "source": source}
    with many_rows(connection):
        return [_stored(row) for row in _to_match.run(connection, asked)]


@Built
def _to_match(contract_id: str, party: str, source: str) -> Select[Any]:
    status = _status(contract_id)
    may_be = or_(*(status.c.state == state.value for state in (LineState.OPEN, LineState.PROPOSED)))
    return (
        select(status)
        .where(
            status.c.party == party,
            status.c.source == source,
            may_be,
            status.c.rule.is_distinct_from("by-hand"),
        )
        .order_by(status.c.import_number, status.c.position)
    )


def counts(connection: Connection, contract_id: str) -> list[LineCount]:
    """Every line counted once, by account, classification, state, direction and currency."""
    status = _status(contract_id)
    alike = (
        status.c.party,
        status.c.source,
        status.c.class_now,
        status.c.state,
        status.c.direction,
        status.c.currency,
    )
    query = select(
        *alike, func.count().label("counted"), func.sum(status.c.amount_minor).label("minor")
    )
    with many_rows(connection):
        rows = connection.execute(query.group_by(*alike).order_by(*alike)).all()
    return [
        LineCount(
            row.party,
            row.source,
            Classification(row.class_now),
            LineState(row.state),
            Direction(row.direction),
            row.counted,
            Money(int(row.minor), row.currency),
        )
        for row in rows
    ]


def live_matches(contract_id: str) -> Subquery:
    """The lines of matches that are proposed or accepted, with the match."""
    first, second = match_decisions.alias("first"), match_decisions.alias("second")
    return (
        select(
            match_lines.c.import_number,
            match_lines.c.position,
            matches.c.match_id,
            matches.c.classification,
            matches.c.rule,
            (first.c.decision.is_not(None)).label("accepted"),
        )
        .join(
            matches,
            and_(
                matches.c.contract_id == match_lines.c.contract_id,
                matches.c.match_id == match_lines.c.match_id,
            ),
        )
        .outerjoin(first, decision_of(matches, first, 1))
        .outerjoin(second, decision_of(matches, second, 2))
        .where(
            match_lines.c.contract_id == contract_id,
            first.c.decision.is_(None) | (first.c.decision == "accepted"),
            second.c.decision.is_(None),
        )
        .subquery()
    )


def decision_of(match: Any, decisions: Any, step: int) -> Any:
    """How a match joins its first decision, or the one that undid it."""
    return and_(
        decisions.c.contract_id == match.c.contract_id,
        decisions.c.match_id == match.c.match_id,
        decisions.c.step == step,
    )


def _status(contract_id: str) -> Subquery:
    live = live_matches(contract_id)
    decided = _latest(line_decisions, contract_id)
    found = _latest(line_findings, contract_id)
    is_ignored = func.coalesce(decided.c.decision, "") == "ignored"
    is_duplicate = import_lines.c.classification == "duplicate"
    return (
        select(
            import_lines,
            case(
                (is_duplicate, "duplicate"),
                (is_ignored, "ignored"),
                else_=func.coalesce(live.c.classification, "unknown"),
            ).label("class_now"),
            case(
                (is_duplicate, LineState.DUPLICATE.value),
                (is_ignored, LineState.IGNORED.value),
                (live.c.accepted, LineState.ACCEPTED.value),
                (live.c.match_id.is_not(None), LineState.PROPOSED.value),
                else_=LineState.OPEN.value,
            ).label("state"),
            live.c.match_id,
            live.c.rule,
            decided.c.reason_code,
            found.c.reasons,
            func.greatest(import_lines.c.sequence, decided.c.sequence, found.c.sequence).label(
                "last_sequence"
            ),
        )
        .outerjoin(live, _same_line(live))
        .outerjoin(decided, true())
        .outerjoin(found, true())
        .where(import_lines.c.contract_id == contract_id)
        .subquery()
    )


def _latest(table: Any, contract_id: str) -> Any:
    """The last row of a line; looked up for the lines that are read, not for all there are."""
    return (
        select(table)
        .where(
            table.c.contract_id == contract_id,
            table.c.import_number == import_lines.c.import_number,
            table.c.position == import_lines.c.position,
        )
        .order_by(table.c.sequence.desc())
        .limit(1)
        .lateral()
    )


def _same_line(other: Any) -> Any:
    return and_(
        other.c.import_number == import_lines.c.import_number,
        other.c.position == import_lines.c.position,
    )


def _stored(row: Any) -> StoredLine:
    first = None
    if row.first_import is not None:
        first = LineKey(row.first_import, row.first_position)
    state = LineState(row.state)
    return StoredLine(
        LineKey(row.import_number, row.position),
        row.party,
        row.source,
        FileLine(
            row.position,
            row.identity,
            row.booked_on,
            row.value_on,
            Money(row.amount_minor, row.currency),
            Direction(row.direction),
            row.counterparty,
            tuple(row.reference_texts),
            row.is_return,
            "",
        ),
        Classification(row.class_now),
        state,
        row.match_id if state in {LineState.PROPOSED, LineState.ACCEPTED} else None,
        first,
        IgnoreReason(row.reason_code) if state is LineState.IGNORED else None,
        steps_from_json(row.reasons) if state is LineState.OPEN and row.reasons else (),
        row.last_sequence,
    )

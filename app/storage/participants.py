"""Participants and their journey events."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from psycopg import Cursor
from sqlalchemy import ARRAY, Connection, Text, any_, bindparam, func, select, union_all

from app.domain.errors import NotFound
from app.domain.participant import EventKind, Journey, JourneyEvent, Participant, standing
from app.storage.prepared import Prepared, together
from app.storage.tables import journey_events, participants

_PEOPLE = any_(bindparam("people", type_=ARRAY(Text)))
_ONE = Prepared(
    select(participants).where(
        participants.c.contract_id == bindparam("contract"),
        participants.c.participant_id == bindparam("participant"),
    )
)
_TOUCHED = union_all(
    *(
        select(table.c.participant_id, table.c.sequence).where(
            table.c.contract_id == bindparam("contract"), table.c.participant_id == _PEOPLE
        )
        for table in (participants, journey_events)
    )
).subquery()
_VERSIONS = Prepared(
    select(_TOUCHED.c.participant_id, func.max(_TOUCHED.c.sequence)).group_by(
        _TOUCHED.c.participant_id
    )
)
_EVENTS_OF = (
    select(journey_events)
    .where(
        journey_events.c.contract_id == bindparam("contract"),
        journey_events.c.participant_id == _PEOPLE,
    )
    .order_by(journey_events.c.recording_order)
)
_EVENTS = Prepared(_EVENTS_OF)
_EVENTS_KNOWN = Prepared(_EVENTS_OF.where(journey_events.c.recorded_at < bindparam("known_at")))


def find(connection: Connection, contract_id: str, participant_id: str) -> Participant | None:
    """A participant, or None."""
    row = _ONE.first(connection, contract=contract_id, participant=participant_id)
    return _participant(row) if row else None


def get(connection: Connection, contract_id: str, participant_id: str) -> Participant:
    """A participant; NotFound `participant-unknown` otherwise."""
    return _known(_ONE.first(connection, contract=contract_id, participant=participant_id))


def page(connection: Connection, contract_id: str, after: str, limit: int) -> Sequence[Participant]:
    """Participants in order of id, after a given id."""
    rows = connection.execute(
        select(participants)
        .where(participants.c.contract_id == contract_id, participants.c.participant_id > after)
        .order_by(participants.c.participant_id)
        .limit(limit)
    )
    return [_participant(row) for row in rows]


def count(connection: Connection, contract_id: str) -> int:
    """How many participants the contract has."""
    return connection.execute(
        select(func.count()).where(participants.c.contract_id == contract_id)
    ).scalar_one()


def versions_of(
    connection: Connection, contract_id: str, participant_ids: Sequence[str]
) -> dict[str, int]:
    """Sequence of the last journal record that touched each participant's journey: the ETag."""
    rows = _VERSIONS.all(connection, contract=contract_id, people=list(participant_ids))
    return {participant_id: int(sequence) for participant_id, sequence in rows}


def version_of(connection: Connection, contract_id: str, participant_id: str) -> int:
    """The same for one participant that is known to exist."""
    return versions_of(connection, contract_id, [participant_id])[participant_id]


def events(
    connection: Connection,
    contract_id: str,
    participant_ids: Sequence[str],
    known_at: datetime | None = None,
) -> dict[str, list[JourneyEvent]]:
    """Every recorded event of the participants, superseded ones too, in recording order."""
    rows = _ask_events(connection, contract_id, participant_ids, known_at).fetchall()
    found: dict[str, list[JourneyEvent]] = {one: [] for one in participant_ids}
    for row in rows:
        found[row.participant_id].append(_event(row))
    return found


def journey(
    connection: Connection, contract_id: str, participant_id: str, known_at: datetime | None = None
) -> Journey:
    """A participant's standing journey, as known at an instant (default: now)."""
    with together(connection):
        person = _ONE.run(connection, {"contract": contract_id, "participant": participant_id})
        recorded = _ask_events(connection, contract_id, [participant_id], known_at)
    participant = _known(person.fetchone())
    return Journey(participant, standing(map(_event, recorded.fetchall())))


def journeys(
    connection: Connection, contract_id: str, batch: int = 1000, known_at: datetime | None = None
) -> Iterator[Journey]:
    """Every participant's standing journey, in order of id, read in batches of bounded size."""
    after = ""
    while people := page(connection, contract_id, after, batch):
        after = people[-1].participant_id
        recorded = events(
            connection, contract_id, [person.participant_id for person in people], known_at
        )
        for person in people:
            yield Journey(person, standing(recorded[person.participant_id]))


def journeys_of(
    connection: Connection, contract_id: str, participant_ids: Sequence[str]
) -> list[Journey]:
    """The standing journeys of some participants, read in two statements."""
    recorded = events(connection, contract_id, participant_ids)
    rows = connection.execute(
        select(participants).where(
            participants.c.contract_id == contract_id,
            participants.c.participant_id.in_(participant_ids),
        )
    )
    return [Journey(_participant(row), standing(recorded[row.participant_id])) for row in rows]


def next_event_order(connection: Connection, contract_id: str) -> int:
    """The recording order that the contract's next journey event gets."""
    last = connection.execute(
        select(func.max(journey_events.c.recording_order)).where(
            journey_events.c.contract_id == contract_id
        )
    ).scalar_one()
    return 1 if last is None else last + 1


def _known(row: Any | None) -> Participant:
    if row is None:
        raise NotFound("participant-unknown", "The contract has no participant with that id.")
    return _participant(row)


def _ask_events(
    connection: Connection,
    contract_id: str,
    participant_ids: Sequence[str],
    known_at: datetime | None,
) -> Cursor[Any]:
    asked: dict[str, Any] = {"contract": contract_id, "people": list(participant_ids)}
    if known_at is None:
        return _EVENTS.run(connection, asked)
    return _EVENTS_KNOWN.run(connection, asked | {"known_at": known_at})


def _participant(row: Any) -> Participant:
    return Participant(
        row.participant_id,
        row.provider,
        row.referred_on,
        row.setting,
        row.funded_by_commissioner,
        row.age_at_referral,
    )


def _event(row: Any) -> JourneyEvent:
    return JourneyEvent(
        row.event_id,
        EventKind(row.kind),
        row.effective_on,
        row.recording_order,
        row.destination,
        row.reason,
        row.supersedes,
    )

"""What the HTTP section serves, each in a process of its own: the service, and the smallest app.

The smallest honest app validates its body, keeps the idempotency key and the contract's lock, and
writes the same rows in one transaction with psycopg; it knows no rules.
"""

import json
import os
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, Header, Response
from psycopg import Connection
from psycopg_pool import ConnectionPool
from pydantic import BaseModel
from uuid_utils import uuid7

from app.main import create_app
from app.settings import load_settings
from bench import plain
from bench.database import clock

POOL_SIZE = 10
_EVIDENCE = (
    "INSERT INTO evidence_items (contract_id, sequence, recorded_at, evidence_id, participant_id,"
    " type, issuer, dated_on, covers_from, covers_to, supports, sha256, held_by, size_bytes,"
    " media_type, party, person)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, NULL, NULL, %s, %s)"
)
_SUBMISSION = (
    "SELECT participant_id, metric, scope, occurrence, achieved_on, terms_version"
    " FROM submissions WHERE contract_id = %s AND submission_id = %s"
)
_VERIFICATION = (
    "INSERT INTO verifications (contract_id, sequence, recorded_at, verification_id, submission_id,"
    " decision, reason_code, decided_on, equivalent_evidence, note_digest, party, person)"
    " VALUES (%s, %s, %s, %s, %s, 'verified', NULL, %s, false, NULL, %s, %s)"
)
_ENTITLEMENT = (
    "INSERT INTO entitlements (contract_id, sequence, recorded_at, entitlement_id, participant_id,"
    " metric, scope, occurrence, achieved_on, verified_on, terms_version, price_terms_version,"
    " edition, amount_minor, currency, submission_id, working, anchor_on, origins)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 2, 'illustrative-2022', 300000, 'GBP',"
    " %s, %s, NULL, '[]')"
)


def service() -> FastAPI:
    """The service as `outcomes serve` makes it, with the bench's clock."""
    return create_app(load_settings(), clock=clock)


class Item(BaseModel):
    """An evidence item."""

    participant_id: str
    type: str
    issuer: str
    dated_on: date
    covers_from: date
    covers_to: date
    supports: list[str]
    sha256: str
    held_by: str


class Items(BaseModel):
    """What is posted as evidence."""

    items: list[Item]


class Decision(BaseModel):
    """What is posted as a decision."""

    decision: str


Named = Annotated[str, Header()]


def smallest() -> FastAPI:
    """The smallest honest app."""
    app = FastAPI()
    pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=POOL_SIZE, open=True)

    @app.post("/v1/contracts/{contract_id}/evidence")
    def evidence(
        contract_id: str,
        body: Items,
        idempotency_key: Named,
        acting_party: Named,
        acting_person: Named,
    ) -> Response:
        actor = (acting_party, acting_person)
        with pool.connection() as connection:
            return _record_evidence(connection, contract_id, idempotency_key, actor, body.items)

    @app.post("/v1/contracts/{contract_id}/submissions/{submission_id}/decision")
    def decide(
        contract_id: str,
        submission_id: str,
        body: Decision,
        idempotency_key: Named,
        acting_party: Named,
        acting_person: Named,
    ) -> Response:
        actor = (acting_party, acting_person)
        with pool.connection() as connection:
            return _decide(
                connection, contract_id, idempotency_key, actor, submission_id, body.decision
            )

    return app


def _record_evidence(
    connection: Connection, contract_id: str, key: str, actor: tuple[str, str], items: list[Item]
) -> Response:
    head = plain.hold(connection, contract_id, actor[0], key)
    if head is None:
        return Response(status_code=409)
    sequence, now = head[0] + 1, clock()
    made = [(str(uuid7()), item) for item in items]
    told = [item.model_dump(mode="json") | {"evidence_id": one} for one, item in made]
    day = max(item.dated_on for item in items)
    payload = {"evidence_items": told}
    sealed = plain.append(
        connection, contract_id, sequence, head[1], "evidence_recorded", day, now, actor, payload
    )
    for one, item in made:
        connection.execute(_EVIDENCE, [contract_id, sequence, now, *_columns(one, item), *actor])
    body = json.dumps({"items": told})
    plain.finish(connection, contract_id, sequence, sealed, now, actor[0], key, body)
    return Response(body, 200, media_type="application/json")


def _columns(evidence_id: str, item: Item) -> Iterator[Any]:
    yield from (evidence_id, item.participant_id, item.type, item.issuer, item.dated_on)
    yield from (item.covers_from, item.covers_to, json.dumps(item.supports))
    yield from (item.sha256, item.held_by)


def _decide(
    connection: Connection,
    contract_id: str,
    key: str,
    actor: tuple[str, str],
    submission_id: str,
    decision: str,
) -> Response:
    head = plain.hold(connection, contract_id, actor[0], key)
    found = connection.execute(_SUBMISSION, [contract_id, submission_id]).fetchone()
    if head is None or found is None:
        return Response(status_code=409)
    sequence, now, day = head[0] + 1, clock(), clock().date()
    verification, entitlement = str(uuid7()), str(uuid7())
    working = [{"rule": "price", "because": "The price of the edition.", "refs": []}]
    payload = {
        "verifications": [{"verification_id": verification, "decision": decision}],
        "entitlements": [{"entitlement_id": entitlement, "working": working}],
    }
    sealed = plain.append(
        connection, contract_id, sequence, head[1], "outcome_verified", day, now, actor, payload
    )
    place = [contract_id, sequence, now]
    connection.execute(_VERIFICATION, [*place, verification, submission_id, day, *actor])
    participant, metric, scope, occurrence, achieved_on, version = found
    values = [participant, metric, scope, occurrence, achieved_on, day, version, submission_id]
    connection.execute(_ENTITLEMENT, [*place, entitlement, *values, json.dumps(working)])
    body = json.dumps(payload)
    plain.finish(connection, contract_id, sequence, sealed, now, actor[0], key, body)
    return Response(body, 200, media_type="application/json")

"""A service on the test database, with a clock to move, the golden story and a small contract."""

import pytest
from uuid_utils import uuid7

from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from tests.replay import Clock, Replay, ServiceBackend
from tests.service.world import World
from tests.unscanned import UNSCANNED


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(engine, clock, tmp_path) -> Context:
    files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
    return Context(engine, clock, lambda: str(uuid7()), files, uploads=UNSCANNED)


@pytest.fixture
def backend(context, clock, contract_id) -> ServiceBackend:
    return ServiceBackend(context, clock, contract_id)


@pytest.fixture
def golden(backend) -> Replay:
    return Replay(backend)


@pytest.fixture
def world(context, clock, contract_id) -> World:
    return World(context, clock, contract_id)

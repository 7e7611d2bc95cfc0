"""Export, import and verifier take the same memory however long the journal is."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from uuid_utils import uuid7

from app.service.context import Context
from app.service.export import export_contract
from app.service.import_contract import import_contract
from app.storage import signing_keys
from app.storage.evidence_files import EvidenceFiles
from tests.replay import Clock
from tests.service.world import World
from tests.verify.long_export import lengthen
from tests.verify.sealed import empty_database
from tests.verify.verifier import verifier

FEW, MANY = 1_200, 4_000


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def context(engine, tmp_path_factory) -> Context:
    place = tmp_path_factory.mktemp("growth")
    key_file = place / "signing-keys.json"
    signing_keys.create(key_file, datetime(2024, 1, 1, tzinfo=UTC))
    files = EvidenceFiles(place / "evidence", 1_000_000)
    return Context(engine, Clock(), lambda: str(uuid7()), files, signing_key_file=key_file)


@pytest.fixture(scope="module")
def exports(context, tmp_path_factory):
    """An export for each length."""
    place = tmp_path_factory.mktemp("exports")
    contract_id = str(uuid7())
    World(context, context.clock, contract_id).agree()
    short = place / "short.jsonl"
    with short.open("wb") as out:
        export_contract(context, contract_id, out)
    for people in (FEW, MANY):
        lengthen(short, place / f"{people}.jsonl", context.signing_key_file, people)
    return place


def test_the_verifier(exports):
    def verified(people: int) -> None:
        report = verifier.verify_export(exports / f"{people}.jsonl")
        assert report.faults == []
        assert report.counts["record"] > people

    few, many = (peak_bytes(lambda n=n: verified(n)) for n in (FEW, MANY))
    assert many < few + 200_000


def test_import_and_export(exports, context, postgres, database_urls):
    peaks = {}
    for people in (FEW, MANY):
        with empty_database(postgres, database_urls) as elsewhere:
            there = replace(context, engine=elsewhere)

            def moved(there=there, people=people) -> None:
                with (exports / f"{people}.jsonl").open("rb") as source:
                    found = import_contract(there, source, None)
                again = exports / "again.jsonl"
                with again.open("wb") as out:
                    export_contract(there, found.contract_id, out)

            peaks[people] = peak_bytes(moved)
            report = verifier.verify_export(exports / "again.jsonl")
            assert report.faults == []
            assert report.counts["record"] > people
    assert peaks[MANY] < peaks[FEW] + 2_000_000

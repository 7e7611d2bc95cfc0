"""An export becomes the same contract in an empty instance, or nothing at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from sqlalchemy import func, select

from app.domain.errors import OutcomesError, RuleRefused
from app.domain.period import Period
from app.service import heads, ledger, statements
from app.service.export import export_contract
from app.service.import_contract import import_contract
from app.service.journal import list_records
from app.service.verify import verify
from app.storage import signing_keys
from app.storage.evidence_files import EvidenceFiles
from app.storage.tables import metadata
from tests.owner import as_owner
from tests.verify.sealed import Sealed, empty_database, seal
from tests.verify.verifier import verifier

KNOWN = datetime(2024, 12, 31, tzinfo=UTC)
SINCE = Period(date(2019, 10, 1), date(2024, 12, 31))


@pytest.fixture(scope="module")
def sealed(engine, database_urls, tmp_path_factory) -> Sealed:
    superuser = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    return seal(engine, superuser, tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="module")
def elsewhere(postgres, database_urls) -> Iterator:
    """A second, empty database."""
    with empty_database(postgres, database_urls) as made:
        yield made


@pytest.fixture
def receiver(sealed, elsewhere, tmp_path):
    """Another operator's service, with its own files."""
    files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
    return replace(sealed.context, engine=elsewhere, files=files, signing_key_file=None)


@pytest.fixture
def trusted(sealed):
    return signing_keys.load(sealed.context.signing_key_file).keys


def refusal(work) -> RuleRefused:
    with pytest.raises(OutcomesError) as refused:
        work()
    return refused.value


def codes(error: OutcomesError) -> set[str]:
    return {fault.code for fault in error.faults}


def rows_of(engine, contract_id: str) -> dict[str, int]:
    with as_owner(engine) as connection:
        return {
            table.name: connection.execute(
                select(func.count()).where(table.c.contract_id == contract_id)
            ).scalar_one()
            for table in metadata.sorted_tables
            if "contract_id" in table.c
        }


def exported(sealed, *, with_files: bool = True) -> list[dict]:
    lines = sealed.export(with_files=with_files).read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_import_is_the_same_contract_again(sealed, receiver, trusted, dry_run):
    path = sealed.export(with_files=True)
    with path.open("rb") as source:
        found = import_contract(receiver, source, trusted, dry_run=dry_run)
    assert (found.contract_id, found.missing_files) == (sealed.contract_id, 0)
    assert found.files == 3
    if dry_run:
        assert set(rows_of(receiver.engine, sealed.contract_id).values()) == {0}
        return
    here, there, contract_id = sealed.context, receiver, sealed.contract_id
    assert list_records(there, contract_id, 0, 10_000) == list_records(here, contract_id, 0, 10_000)
    assert heads.list_heads(there, contract_id) == heads.list_heads(here, contract_id)
    mine, theirs = (ledger.balances(one, contract_id, KNOWN, None) for one in (here, there))
    assert theirs == mine
    for party in ("scc", "spv", "lcf"):
        asked = (contract_id, party, SINCE, KNOWN)
        mine, theirs = (statements.statement(one, *asked) for one in (here, there))
        assert theirs == mine
    assert verify(there, contract_id).intact
    own_tables = {"idempotency_keys", "evidence_uploads", "file_scans"}
    counted = (rows_of(one.engine, contract_id) for one in (here, there))
    mine, theirs = ({k: v for k, v in one.items() if k not in own_tables} for one in counted)
    assert theirs == mine
    again = BytesIO()
    own = receiver.signing_key_file or sealed.context.signing_key_file
    export_contract(replace(receiver, signing_key_file=own), contract_id, again, with_files=True)
    back = [json.loads(line) for line in again.getvalue().splitlines()]
    assert back[1:-1] == exported(sealed)[1:-1]
    with path.open("rb") as source:
        assert refusal(lambda: import_contract(receiver, source, trusted)).code == "contract-exists"


def test_the_verifier_finds_nothing_wrong_with_what_is_imported(sealed):
    report = verifier.verify_export(sealed.export(with_files=True))
    assert report.faults == []
    assert report.counts["file"] == 3

"""Moving a contract moves no file past the malware gate, in either direction."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest

from app.domain.errors import OutcomesError
from app.domain.evidence import Verdict
from app.service import evidence_files
from app.service.export import export_contract
from app.service.import_contract import import_contract
from app.service.upload_rules import UploadRules
from app.service.verify import verify
from app.storage import erasures, file_scans, signing_keys, uploads
from app.storage.evidence_files import EvidenceFiles
from app.storage.malware import Clamd, MalwareGate, Unscanned
from tests.banking import reconcile_a_little
from tests.clamd import EICAR, clamd
from tests.factories import COUNCIL, SPV
from tests.owner import as_owner
from tests.service.people_world import UNSCANNED, erase, file_of, pdf
from tests.service.world import WORKER, refused
from tests.verify.sealed import empty_database
from tests.verify.verifier import verifier

INFECTED = b"%PDF-1.4\n" + EICAR + b"\n%%EOF\n"


def rules(unscanned: Unscanned, scanner: str | None = None) -> UploadRules:
    return UploadRules(gate=MalwareGate(None if scanner is None else Clamd(scanner, 5), unscanned))


REFUSE, QUARANTINE = rules(Unscanned.REFUSE), rules(Unscanned.QUARANTINE)


@pytest.fixture(scope="module")
def key_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "signing-keys.json"
    signing_keys.create(path, datetime(2019, 1, 1, tzinfo=UTC))
    return path


@pytest.fixture(scope="module")
def elsewhere(postgres, database_urls) -> Iterator:
    """A second, empty database."""
    with empty_database(postgres, database_urls) as made:
        yield made


@pytest.fixture
def ready(world, key_file):
    """P1 has moved on, and nobody has scanned anything."""
    world.context = replace(world.context, uploads=QUARANTINE, signing_key_file=key_file)
    world.agree().moved("P1")
    return world


@pytest.fixture
def receiver(world, elsewhere, tmp_path):
    """Another operator's service, with its own files and no scanner."""
    files = EvidenceFiles(tmp_path / "elsewhere", 1_000_000)
    return replace(world.context, engine=elsewhere, files=files, uploads=REFUSE)


def exported(world, *, with_files: bool = True, **changes) -> list[dict]:
    out = BytesIO()
    context = replace(world.context, **changes)
    export_contract(context, world.contract_id, out, with_files=with_files)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def written(lines: list[dict]) -> BytesIO:
    text = (json.dumps(one, separators=(",", ":"), ensure_ascii=False) for one in lines)
    return BytesIO("".join(f"{line}\n" for line in text).encode())


def imported(receiver, lines: list[dict], **more):
    return import_contract(receiver, written(lines), None, **more)


def files_in(lines: list[dict]) -> set[str]:
    return {one["sha256"] for one in lines if one["type"] == "file"}


def sha_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def replace_uploads(world, uploads_rules: UploadRules):
    world.context = replace(world.context, uploads=uploads_rules)
    return world


def on_disk(context) -> list[str]:
    return sorted(one.stem for one in context.files._root.glob("*/??/*"))


def scanned(world) -> None:
    """Every file of the world scanned by a daemon."""
    with clamd() as (address, _):
        context = replace(world.context, uploads=rules(Unscanned.QUARANTINE, address))
        list(evidence_files.scan_again(context, world.contract_id))


@pytest.fixture
def filed(ready):
    """A clean file, an infected one, one that waits, and one that nobody has judged; by name."""
    hashes = {}
    for name, content in (("clean", pdf("clean")), ("infected", INFECTED)):
        file_of(ready, "P1", "2020-01-15", content)
        hashes[name] = sha_of(content)
    ready.on("2023-12-01")
    reconcile_a_little(ready.context, ready.contract_id, SPV, COUNCIL)
    scanned(ready)
    file_of(ready, "P1", "2020-01-15", pdf("waiting"))
    hashes["waiting"] = sha_of(pdf("waiting"))
    with ready.context.files.receive(ready.contract_id) as incoming:
        incoming.write(pdf("unjudged"))
        hashes["unjudged"] = incoming.finish("application/pdf").sha256
    ready.evidence("MOVE", "2020-01-15", sha256=hashes["unjudged"], held_by="service")
    return ready, hashes


def test_an_export_has_clean_files_only_and_names_the_others(filed, tmp_path):
    world, hashes = filed
    lines = exported(world)
    manifest = lines[-1]
    assert hashes["clean"] in files_in(lines)
    assert files_in(lines).isdisjoint(set(hashes.values()) - {hashes["clean"]})
    assert len(files_in(lines)) == 3, "and two bank files"
    told = {one["sha256"]: (one["kind"], one["verdict"]) for one in manifest["files_withheld"]}
    assert told == {
        hashes["infected"]: ("evidence", "infected"),
        hashes["waiting"]: ("evidence", "quarantined"),
        hashes["unjudged"]: ("evidence", "none"),
    }
    path = tmp_path / "export.jsonl"
    path.write_bytes(written(lines).read())
    report = verifier.verify_export(path)
    assert report.faults == []
    assert any(note.startswith("3 files are not in the export") for note in report.notes)
    assert exported(world, with_files=False)[-1]["files_withheld"] == []


def test_what_a_demo_accepted_unscanned_leaves_a_demo_only(ready):
    file_of(replace_uploads(ready, UNSCANNED), "P1", "2020-01-15")
    assert len(files_in(exported(ready))) == 1
    for setting in (REFUSE, QUARANTINE):
        lines = exported(ready, uploads=setting)
        assert files_in(lines) == set()
        assert [one["verdict"] for one in lines[-1]["files_withheld"]] == ["unscanned"]


def test_an_infected_file_is_not_imported_whoever_signed_it(ready, receiver):
    """The old operator's scanner did not know it yet."""
    file_of(replace_uploads(ready, UNSCANNED), "P1", "2020-01-15", INFECTED)
    file_of(ready, "P1", "2020-01-15", pdf("clean"))
    lines = exported(ready)
    with clamd() as (address, seen):
        scanning = replace(receiver, uploads=rules(Unscanned.REFUSE, address))
        for dry_run in (True, False):
            assert faults(imported, scanning, lines, dry_run=dry_run) == ["export-file-infected"]
    assert sorted(seen) == sorted([INFECTED, pdf("clean")] * 2)
    assert on_disk(receiver) == []
    refused("contract-unknown", verify, receiver, ready.contract_id)


@pytest.mark.parametrize("dry_run", [True, False])
def test_without_a_scanner_the_setting_decides_on_imported_files(ready, receiver, dry_run):
    file_of(replace_uploads(ready, UNSCANNED), "P1", "2020-01-15", INFECTED)
    lines = exported(ready)
    assert faults(imported, receiver, lines, dry_run=dry_run) == ["export-file-unscanned"]
    waiting = replace(receiver, uploads=QUARANTINE)
    found = imported(waiting, lines, dry_run=dry_run)
    assert (found.files, found.missing_files) == (1, 0)
    assert len(on_disk(receiver)) == (0 if dry_run else 1)


def test_an_import_is_no_way_around_quarantine(ready, receiver):
    good = file_of(replace_uploads(ready, UNSCANNED), "P1", "2020-01-15")
    bad = file_of(ready, "P1", "2020-01-15", INFECTED)
    waiting = replace(receiver, uploads=QUARANTINE)
    imported(waiting, exported(ready))
    contract = ready.contract_id
    for one in (good, bad):
        refused(
            "evidence-file-quarantined",
            evidence_files.make_link, waiting, contract, one, WORKER,
        )  # fmt: skip
    with as_owner(receiver.engine) as connection:
        used = uploads.usage(connection, contract, WORKER.party)
        waits = uploads.unnamed(connection, contract)
    assert (used.count, waits) == (2, []), "they count for who recorded them"
    with clamd() as (address, _):
        scanning = replace(receiver, uploads=rules(Unscanned.REFUSE, address))
        settled = dict(evidence_files.scan_again(scanning, contract))
    assert settled == {
        sha_of(pdf("P1")): Verdict.CLEAN,
        sha_of(INFECTED): Verdict.INFECTED,
    }
    assert evidence_files.make_link(waiting, contract, good, WORKER).signature
    refused("evidence-file-quarantined", evidence_files.make_link, waiting, contract, bad, WORKER)
    assert verify(waiting, contract).intact


def test_a_file_without_a_verdict_is_handed_to_nobody(filed):
    world, hashes = filed
    items = world.evidence("MOVE", "2020-01-15", sha256=hashes["unjudged"], held_by="service")
    for context in (world.context, replace(world.context, uploads=UNSCANNED)):
        refused(
            "evidence-file-quarantined",
            evidence_files.make_link, context, world.contract_id, items, WORKER,
        )  # fmt: skip
    scanned(world)
    assert evidence_files.make_link(world.context, world.contract_id, items, WORKER)


def test_imported_bank_files_have_a_verdict_too(ready, receiver):
    replace_uploads(ready, UNSCANNED)
    ready.on("2023-12-01")
    reconcile_a_little(ready.context, ready.contract_id, SPV, COUNCIL)
    lines = exported(ready)
    imported(replace(receiver, uploads=QUARANTINE), lines)
    with as_owner(receiver.engine) as connection:
        found = file_scans.last_verdicts(connection, ready.contract_id, erasures.IMPORT)
    assert found == dict.fromkeys(files_in(lines), Verdict.QUARANTINED)
    assert len(found) == 2


def test_what_was_erased_is_neither_exported_nor_missed(ready, receiver):
    file_of(replace_uploads(ready, UNSCANNED), "P1", "2020-01-15")
    erase(ready.context, ready.by(WORKER), "P1")
    lines = exported(ready)
    assert {one["type"] for one in lines}.isdisjoint({"file", "file_missing"})
    found = imported(receiver, lines)
    assert (found.files, found.missing_files) == (0, 0)
    assert verify(receiver, ready.contract_id).intact


def test_a_file_that_a_scan_withheld_is_missing_at_the_import(filed, receiver):
    world, _ = filed
    lines = exported(world)
    waiting = replace(receiver, uploads=QUARANTINE)
    assert faults(imported, waiting, lines) == ["export-files-missing"]
    assert imported(waiting, lines, without_files=True).missing_files == 3


def faults(work, *given, **options) -> list[str]:
    with pytest.raises(OutcomesError) as error:
        work(*given, **options)
    return [fault.code for fault in error.value.faults]

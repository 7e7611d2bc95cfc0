"""Bank files pass the same gate as evidence, before a line of them is read."""

from dataclasses import replace

import pytest

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.evidence import Verdict
from app.service import evidence_files, imports
from app.service.upload_rules import UploadRules
from app.service.verify import verify
from app.storage import file_scans
from app.storage.erasures import IMPORT
from app.storage.malware import Clamd, MalwareGate, Unscanned
from tests.clamd import EICAR, clamd
from tests.owner import as_owner
from tests.service.world import MANAGER, refused

CONTENT = b"Day,Amount,Text\n2023-10-02,5.00,paid\n"
INFECTED = CONTENT + b'2023-10-03,6.00,"' + EICAR.replace(b'"', b'""') + b'"\n' + EICAR


@pytest.fixture
def ready(world):
    world.agree().on("2023-11-01")
    mapping = ColumnMapping(date="Day", amount="Amount", references=("Text",))
    imports.save_mapping(world.context, world.by(MANAGER), "bank", mapping)
    return world


def gate(world, scanner: str | None = None, unscanned: Unscanned = Unscanned.REFUSE):
    made = MalwareGate(None if scanner is None else Clamd(scanner, 5), unscanned)
    world.context = replace(world.context, uploads=UploadRules(gate=made))


def take(world, content: bytes = CONTENT, kind=SourceKind.CSV, mapping="bank", **options):
    with world.context.files.bank.receive(world.contract_id) as incoming:
        incoming.write(content)
        return imports.import_file(
            world.context,
            world.by(MANAGER, **options),
            incoming,
            kind=kind,
            source="main-account",
            mapping=mapping,
        ).answer


def verdict(world, sha256: str) -> Verdict | None:
    with as_owner(world.context.engine) as connection:
        return file_scans.last_verdict(connection, world.contract_id, IMPORT, sha256)


def kept(world) -> list[str]:
    return [path.stem for path in world.context.files._root.rglob("*.import")]


def test_a_clean_file_is_taken_in_and_its_verdict_noted(ready):
    with clamd() as (address, scanned):
        gate(ready, address)
        take(ready, dry_run=True)
        assert kept(ready) == []
        done = take(ready)
        again = take(ready)
    assert scanned == [CONTENT] * 3, "decrypted, whole; a dry run and a repeat too"
    assert (done.line_count, again.import_number) == (1, done.import_number)
    assert verdict(ready, done.sha256) is Verdict.CLEAN


@pytest.mark.parametrize("unscanned", list(Unscanned))
@pytest.mark.parametrize("kind", list(SourceKind))
def test_malware_is_refused_whatever_the_form_and_setting(ready, kind, unscanned):
    before = ready.state()
    with clamd() as (address, _):
        gate(ready, address, unscanned)
        refused("malware-found", take, ready, INFECTED, kind, None)
    assert ready.state() == before
    assert kept(ready) == []


def test_what_nobody_scanned_is_refused_unless_a_setting_says_otherwise(ready):
    before = ready.state()
    gate(ready)
    refused("malware-scan-unavailable", take, ready)
    gate(ready, "unix:/nonexistent/clamd.ctl")
    refused("malware-scan-unavailable", take, ready)
    assert ready.state() == before
    assert kept(ready) == []
    gate(ready, unscanned=Unscanned.ACCEPT)
    assert verdict(ready, take(ready).sha256) is Verdict.UNSCANNED


def test_in_quarantine_its_lines_count_and_a_scan_settles_it(ready):
    gate(ready, unscanned=Unscanned.QUARANTINE)
    done = take(ready)
    assert done.line_count == 1
    assert verdict(ready, done.sha256) is Verdict.QUARANTINED
    with clamd() as (address, _):
        gate(ready, address)
        settled = list(evidence_files.scan_again(ready.context, ready.contract_id))
    assert settled == [(done.sha256, Verdict.CLEAN)]
    assert verify(ready.context, ready.contract_id).intact

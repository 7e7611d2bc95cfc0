"""Files taken in: scanned, within limits, in quarantine if nobody scanned; handed out or not."""

import hashlib
import io
import struct
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import UnsupportedFile
from app.domain.evidence import Verdict
from app.service import evidence_files
from app.service.upload_rules import UploadRules
from app.service.verify import verify
from app.storage import erasures, file_scans
from app.storage.evidence_files import EvidenceFiles
from app.storage.evidence_types import DOCX, ENDINGS
from app.storage.evidence_types import PDF as PDF_TYPE
from app.storage.malware import Clamd, MalwareGate, Unscanned
from tests.clamd import EICAR, clamd
from tests.factories import COUNCIL
from tests.owner import as_owner
from tests.samples import DOCX as WORD
from tests.samples import JPEG, PDF, PNG, TEXT
from tests.service.people_world import UNSCANNED, erase, file_of, pdf, upload
from tests.service.world import BACKER, FUNDER, MANAGER, VERIFIER, WORKER, refused
from tests.tries import tries

QUARANTINE = MalwareGate(unscanned=Unscanned.QUARANTINE)


def allowing(world, **rules):
    world.context = replace(world.context, uploads=UploadRules(**rules))
    return world


@pytest.fixture
def ready(world):
    allowing(world, gate=UNSCANNED.gate).agree()
    world.moved("P1")
    return world


def on_disk(world) -> list[str]:
    root = world.context.files._root
    return sorted(one.name for one in root.rglob("*") if one.is_file())


def take(world, content, by=WORKER, **more):
    return upload(world.context, world.contract_id, content, by, **more)


def opening(world, item, by=WORKER):
    made = evidence_files.make_link(world.context, world.contract_id, item, by)
    link = made.link
    _, file = evidence_files.open_by_link(
        world.context, world.contract_id, item, by, expires=link.expires, signature=made.signature
    )
    with file:
        return file.read()


def test_without_any_setting_no_file_is_taken_in(world):
    allowing(world).agree()
    refused("malware-scan-unavailable", take, world, PDF)
    assert on_disk(world) == []


def test_malware_is_refused_and_leaves_nothing(ready):
    infected = b"%PDF-1.4\n" + EICAR + b"\n%%EOF\n"
    with clamd() as (address, scanned):
        allowing(ready, gate=MalwareGate(Clamd(address, 5)))
        refused("malware-found", take, ready, infected)
        assert on_disk(ready) == []
        sha256 = take(ready, PDF)
        take(ready, PNG, media_type="image/png", dry_run=True)
    assert scanned == [infected, PDF, PNG], "decrypted, whole, and a dry run too"
    with as_owner(ready.context.engine) as connection:
        found = file_scans.last_verdict(connection, ready.contract_id, erasures.EVIDENCE, sha256)
        assert found is Verdict.CLEAN
    assert len(on_disk(ready)) == 1


def test_quarantine_is_opened_by_a_clean_scan_only(ready):
    allowing(ready, gate=QUARANTINE)
    item = file_of(ready, "P1", "2020-01-15")
    bad = file_of(ready, "P1", "2020-01-15", b"%PDF-1.4\n" + EICAR + b"\n%%EOF\n")
    refused("evidence-file-quarantined", opening, ready, item)
    again = list(evidence_files.scan_again(ready.context, ready.contract_id))
    assert {verdict for _, verdict in again} == {Verdict.QUARANTINED}
    with clamd() as (address, _):
        allowing(ready, gate=MalwareGate(Clamd(address, 5)))
        verdicts = [one for _, one in evidence_files.scan_again(ready.context, ready.contract_id)]
    assert sorted(verdicts) == [Verdict.CLEAN, Verdict.INFECTED]
    assert opening(ready, item) == pdf("P1")
    refused("evidence-file-quarantined", opening, ready, bad)
    assert verify(ready.context, ready.contract_id).intact, "it stays, sealed, for who asks"
    assert list(evidence_files.scan_again(ready.context, ready.contract_id)) == []


def test_a_quarantined_file_sent_again_is_scanned_again(ready):
    allowing(ready, gate=QUARANTINE)
    item = file_of(ready, "P1", "2020-01-15")
    with clamd() as (address, _):
        allowing(ready, gate=MalwareGate(Clamd(address, 5)))
        take(ready, pdf("P1"))
    assert opening(ready, item) == pdf("P1")


@pytest.mark.parametrize(
    ("rules", "kept"), [({"files_max": 2}, 2), ({"bytes_max": 2 * len(pdf("1"))}, 2)]
)
def test_a_party_s_limits_are_exact(ready, rules, kept):
    allowing(ready, gate=UNSCANNED.gate, **rules)
    for number in range(kept):
        take(ready, pdf(str(number)))
    refused("evidence-limit-reached", take, ready, pdf("9"))
    take(ready, pdf("0"))  # here already: it counts once
    take(ready, pdf("8"), by=VERIFIER)  # another party's own limit
    assert len(on_disk(ready)) == kept + 1


def test_what_was_erased_counts_no_longer(ready):
    allowing(ready, gate=UNSCANNED.gate, files_max=1)
    file_of(ready, "P1", "2020-01-15")
    refused("evidence-limit-reached", take, ready, pdf("other"))
    erase(ready.context, ready.by(WORKER), "P1")
    take(ready, pdf("other"))


@pytest.mark.parametrize("actor", [MANAGER, BACKER, FUNDER])
def test_who_only_pays_gets_no_link(ready, actor):
    item = file_of(ready, "P1", "2020-01-15")
    refused("party-not-permitted", opening, ready, item, actor)
    assert opening(ready, item, VERIFIER) == pdf("P1")
    assert VERIFIER.party == COUNCIL


def test_a_refused_dry_run_or_upload_records_nothing(ready):
    before = ready.state()
    refused("sha256-mismatch", wrong_hash, ready)
    take(ready, PDF, dry_run=True)
    assert ready.state() == before
    assert on_disk(ready) == []


def wrong_hash(world):
    with world.context.files.receive(world.contract_id) as incoming:
        incoming.write(PDF)
        evidence_files.store_upload(
            world.context, world.contract_id, WORKER, incoming, declared=PDF_TYPE, sha256="0" * 64
        )


# Hostile uploads.

_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def bomb() -> bytes:
    """300 MiB of zeros in 300 KB."""
    return _zip({"word/media/a": bytes(1024**2)}, 300)


def _zip(members: dict[str, bytes], times: int = 1, first: str = "word/document.xml") -> bytes:
    buffer = io.BytesIO()
    types = f'<Types><Override PartName="/{first}" ContentType="{_WORD_TYPE}"/></Types>'
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(first, "<x/>")
        for name, content in members.items():
            for number in range(times):
                archive.writestr(f"{name}{number or ''}", content)
    return buffer.getvalue()


def overlapping() -> bytes:
    """A directory that names the same packed bytes many times over."""
    raw = _zip({"word/a": b"x" * 5000 + bytes(range(256)) * 20})
    end = raw.rindex(b"PK\x05\x06")
    start = struct.unpack("<I", raw[end + 16 : end + 20])[0]
    directory = raw[start:end]
    last = directory[directory.rindex(b"PK\x01\x02") :]
    copies = b"".join(last.replace(b"word/a", f"word/{number}".encode()) for number in range(9))
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, 12, 12, len(directory) + len(copies), start, 0
    )
    return raw[:start] + directory + copies + tail


HOSTILE = {
    "bomb": (bomb(), DOCX),
    "overlapping": (overlapping(), DOCX),
    "path above": (_zip({"../../etc/cron.d/x": b"x"}), DOCX),
    "absolute path": (_zip({"/etc/passwd": b"x"}), DOCX),
    "windows path": (_zip({"..\\x.dll": b"x"}), DOCX),
    "macros": (_zip({"word/vbaProject.bin": b"x"}), DOCX),
    "photo and archive": (JPEG + _zip({"a": b"x"}) + b"\xff\xd9", "image/jpeg"),
    "picture and archive": (PNG + WORD, "image/png"),
    "letter and archive": (PDF + WORD, PDF_TYPE),
    "photo and letter": (JPEG[:2] + b"\xff\xfe\x00\x20" + PDF + JPEG[2:], "image/jpeg"),
    "text and letter": (b"Dear all,\n%PDF-1.4 ...\n%%EOF\n", "text/plain"),
    "archive before": (b"MZ" + WORD, DOCX),
    "page as text": (b"<html><script>alert(1)</script>", "text/plain"),
    "script as table": (b"#!/bin/sh\nid\n", "text/csv"),
    "page as photo": (b"\xff\xd8\xff<script>alert(1)</script>", "image/jpeg"),
    "page in utf-16": ("<html>".encode("utf-16"), "text/plain"),
    "empty": (b"", "text/plain"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_and_leave_nothing(ready, name):
    content, media_type = HOSTILE[name]
    before = ready.state()
    with pytest.raises(UnsupportedFile):
        take(ready, content, media_type=media_type)
    assert ready.state() == before
    assert on_disk(ready) == []


SEEDS = [PDF, PNG, JPEG, WORD, TEXT, EICAR, _zip({"a": b"x"}), b"<html>", b"%PDF-", b"PK\x05\x06"]


@settings(max_examples=tries(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.one_of(st.sampled_from(SEEDS), st.binary(max_size=40)), max_size=4),
    cut=st.integers(0, 400),
    declared=st.one_of(st.sampled_from([*ENDINGS, "text/html", ""]), st.text(max_size=20)),
)
def test_whatever_is_sent_is_kept_whole_or_refused(tmp_path, ready_files, parts, cut, declared):
    """Never a crash, never a left-over, never another content than was sent."""
    content = b"".join(parts)[: len(b"".join(parts)) - cut % 7]
    files = ready_files
    try:
        with files.receive("contract-1") as incoming:
            incoming.write(content)
            stored = incoming.finish(declared)
    except UnsupportedFile:
        pass
    else:
        assert stored.sha256 == hashlib.sha256(content).hexdigest()
        with files.open("contract-1", stored.sha256) as file:
            assert file.read() == content
        files.erase("contract-1", stored.sha256)
    assert [one for one in files._root.rglob("*") if one.is_file()] == []


@pytest.fixture
def ready_files(tmp_path):
    return EvidenceFiles(tmp_path / "fuzzed", 100_000)


def test_the_contract_verifies_after_all_this(ready):
    file_of(ready, "P1", "2020-01-15")
    assert verify(ready.context, ready.contract_id).intact

"""The store of evidence files: what is kept, what is left behind, and what a path may be."""

import hashlib

import pytest

from app.domain.errors import InputInvalid, NotFound, TooLarge, UnsupportedFile
from app.storage.evidence_files import EvidenceFiles
from tests.samples import CLIMBING, CSV, PDF, PNG, TEXT

CONTRACT = "contract-1"
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def files(tmp_path):
    return EvidenceFiles(tmp_path / "evidence", max_bytes=1000)


def receive(files, content, media_type="application/pdf", contract_id=CONTRACT, **more):
    with files.receive(contract_id) as incoming:
        for start in range(0, len(content), 7):
            incoming.write(content[start : start + 7])
        return incoming.finish(media_type, **more)


def every_file(tmp_path):
    return [one for one in tmp_path.rglob("*") if one.is_file()]


def test_a_file_is_found_by_its_hash_in_its_contract_only(files):
    stored = receive(files, PDF)
    assert (stored.sha256, stored.size_bytes) == (SHA, len(PDF))
    assert files.find(CONTRACT, SHA) == stored
    assert files.find("contract-2", SHA) is None
    with files.open(CONTRACT, SHA) as file:
        assert file.read() == PDF
    with pytest.raises(NotFound):
        files.open("contract-2", SHA)
    assert files.is_intact(CONTRACT, SHA)
    assert not files.is_intact("contract-2", SHA)


def test_the_size_limit_is_exact(files, tmp_path):
    at_limit = PDF.ljust(1000)
    assert receive(files, at_limit).size_bytes == 1000
    with pytest.raises(TooLarge):
        receive(files, PDF.ljust(1001))
    assert len(every_file(tmp_path)) == 1


def test_text_is_what_it_was_declared_as(files):
    assert receive(files, TEXT, "text/plain; charset=utf-8").media_type == "text/plain"
    assert receive(files, CSV, "text/csv").media_type == "text/csv"
    assert receive(files, CSV, "text/plain").media_type == "text/csv", "it is kept once"


@pytest.mark.parametrize(
    "content",
    [
        b"text with a \0 byte",
        b"text with an escape \x1b[2J",
        b"   \n",
        "cut off £".encode()[:-1],
        b"\xef\xbb\xbf<html>",
        CLIMBING,
        PNG[:-8],
        b"%PDF-1.4 without an end",
        b"\x01 before %PDF-1.4\n%%EOF",
    ],
)
@pytest.mark.parametrize("declared", ["text/plain", "application/pdf", "image/png"])
def test_odd_content_is_refused_whatever_it_is_called(files, tmp_path, content, declared):
    with pytest.raises(UnsupportedFile):
        receive(files, content, declared)
    assert every_file(tmp_path) == []


def test_a_hash_that_was_expected_must_come(files, tmp_path):
    with pytest.raises(InputInvalid):
        receive(files, PDF, expected_sha256="0" * 64)
    assert every_file(tmp_path) == []
    assert receive(files, PDF, expected_sha256=SHA).sha256 == SHA


def test_a_failure_half_way_leaves_nothing(files, tmp_path):
    def cut_off():
        with files.receive(CONTRACT) as incoming:
            incoming.write(PDF)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        cut_off()
    assert every_file(tmp_path) == []


def test_only_the_service_can_read_the_store(files, tmp_path):
    receive(files, PDF)
    for one in (tmp_path / "evidence" / CONTRACT).rglob("*"):
        assert one.stat().st_mode & 0o077 == 0, one


@pytest.mark.parametrize("contract_id", ["..", "../x", "a/b", "", "A-B-C", ".incoming", "a\0b"])
def test_no_path_is_made_of_what_is_not_a_contract_id(files, tmp_path, contract_id):
    with pytest.raises(InputInvalid):
        receive(files, PDF, contract_id=contract_id)
    with pytest.raises(InputInvalid):
        files.find(contract_id, SHA)
    assert every_file(tmp_path) == []


@pytest.mark.parametrize("sha256", ["", "..", "../" + SHA, SHA.upper(), SHA[:-1], "*" * 64])
def test_no_path_is_made_of_what_is_not_a_hash(files, sha256):
    receive(files, PDF)
    assert files.find(CONTRACT, sha256) is None
    with pytest.raises(NotFound):
        files.open(CONTRACT, sha256)

"""Imported files under the hash of their content: kept once, whole, and beside the evidence."""

from hashlib import sha256

import pytest

from app.domain.errors import InputInvalid, NotFound, TooLarge
from app.storage.bank_files import BankFiles
from app.storage.evidence_files import EvidenceFiles

CONTENT = b"Day,Amount\n2023-11-01,5.00\n"
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def files(tmp_path) -> BankFiles:
    return EvidenceFiles(tmp_path, 10).bank


def kept(tmp_path) -> list[str]:
    return sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file())


def test_a_file_is_kept_once_under_its_hash_and_read_back(files, tmp_path):
    for _ in range(2):
        with files.receive("contract-1") as incoming:
            incoming.write(CONTENT[:7])
            incoming.write(CONTENT[7:])
            incoming.require_sha256(DIGEST)
            assert incoming.from_start().read() == CONTENT
            assert incoming.from_start().read() == CONTENT
            incoming.keep()
    assert kept(tmp_path) == [f"contract-1/{DIGEST[:2]}/{DIGEST}.import"]
    with files.open("contract-1", DIGEST) as file:
        assert file.read() == CONTENT
    assert files.is_intact("contract-1", DIGEST)


def test_what_is_not_kept_leaves_nothing(files, tmp_path):
    with files.receive("contract-1") as incoming:
        incoming.write(CONTENT)
    assert kept(tmp_path) == []
    with pytest.raises(NotFound):
        files.open("contract-1", DIGEST)
    assert not files.is_intact("contract-1", DIGEST)


def test_a_file_that_was_cut_off_is_refused(files):
    with files.receive("contract-1") as incoming:
        incoming.write(CONTENT[:-1])
        with pytest.raises(InputInvalid):
            incoming.require_sha256(DIGEST)


def test_a_file_beyond_the_limit_is_refused(tmp_path):
    files = BankFiles(tmp_path, lambda contract_id: tmp_path / contract_id, max_bytes=10)
    with files.receive("contract-1") as incoming, pytest.raises(TooLarge):
        incoming.write(CONTENT)


def test_a_contract_s_id_is_no_path(files):
    with pytest.raises(InputInvalid), files.receive("../elsewhere"):
        pass


def test_a_changed_file_is_not_intact(files, tmp_path):
    with files.receive("contract-1") as incoming:
        incoming.write(CONTENT)
        incoming.keep()
    (tmp_path / kept(tmp_path)[0]).write_bytes(b"forged")
    assert not files.is_intact("contract-1", DIGEST)

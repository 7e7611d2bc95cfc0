"""Data keys under master keys: made once, wrapped again, useless without the master key."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import IntegrityBroken, Unavailable
from app.storage import master_keys
from app.storage.evidence_files import EvidenceFiles
from app.storage.master_keys import MasterKeys
from app.storage.vault import Vault
from tests.samples import PDF

CONTRACT, OTHER = "contract-1", "contract-2"


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "secret" / "master.key"
    master_keys.make_file(path)
    return path


def vault(tmp_path, key_file) -> Vault:
    return Vault(tmp_path / "evidence", MasterKeys.from_file(key_file))


def keys_on_disk(tmp_path, contract_id=CONTRACT):
    path = tmp_path / "evidence" / ".keys" / f"{contract_id}.json"
    return json.loads(path.read_text())["keys"]


def test_a_text_opens_in_another_process_and_in_its_own_contract_only(tmp_path, key_file):
    sealed = vault(tmp_path, key_file).seal_text(CONTRACT, "The landlord rang.")
    assert "landlord" not in sealed
    later = vault(tmp_path, key_file)
    assert later.open_text(CONTRACT, sealed) == "The landlord rang."
    later.seal_text(OTHER, "x")
    with pytest.raises(Unavailable):
        later.open_text(OTHER, sealed)


@pytest.mark.parametrize("change", [lambda s: s[:-8], lambda s: "A" + s[1:], lambda _: "?"])
def test_a_text_that_was_changed_does_not_open(tmp_path, key_file, change):
    it = vault(tmp_path, key_file)
    with pytest.raises((IntegrityBroken, Unavailable)):
        it.open_text(CONTRACT, change(it.seal_text(CONTRACT, "A note")))


def test_the_same_text_is_sealed_differently_each_time(tmp_path, key_file):
    it = vault(tmp_path, key_file)
    assert it.seal_text(CONTRACT, "A note") != it.seal_text(CONTRACT, "A note")


def test_without_the_master_key_nothing_opens(tmp_path, key_file):
    sealed = vault(tmp_path, key_file).seal_text(CONTRACT, "A note")
    strange = Vault(tmp_path / "evidence", MasterKeys.in_memory())
    with pytest.raises(Unavailable) as refused:
        strange.open_text(CONTRACT, sealed)
    assert refused.value.code == "evidence-key-unavailable"
    with pytest.raises(Unavailable):
        strange.seal_text(CONTRACT, "Another note")


def test_processes_that_begin_at_once_agree_on_one_key(tmp_path, key_file):
    vaults = [vault(tmp_path, key_file) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda one: one.seal_text(CONTRACT, "A note"), vaults))
    assert len(keys_on_disk(tmp_path)) == 1
    assert {vaults[0].open_text(CONTRACT, one) for one in sealed} == {"A note"}
    assert list((tmp_path / "evidence" / ".keys").glob("*.tmp")) == []


def test_rotation_wraps_again_and_leaves_what_was_sealed(tmp_path, key_file):
    before = vault(tmp_path, key_file)
    sealed = before.seal_text(CONTRACT, "A note")
    old_id = before.masters.current_id
    master_keys.add_to_file(key_file)
    rotated = vault(tmp_path, key_file)
    assert rotated.masters.ids[1] == old_id
    rotated.wrap_again(CONTRACT)
    assert [one["master"] for one in keys_on_disk(tmp_path)] == [rotated.masters.current_id]
    assert master_keys.keep_first_in_file(key_file) == 1
    assert vault(tmp_path, key_file).open_text(CONTRACT, sealed) == "A note"


def test_a_process_that_runs_meanwhile_finds_the_new_master_key_in_the_file(tmp_path, key_file):
    running = vault(tmp_path, key_file)
    writer = vault(tmp_path, key_file)
    sealed = writer.seal_text(CONTRACT, "A note")  # not yet known to the running one
    master_keys.add_to_file(key_file)
    vault(tmp_path, key_file).wrap_again(CONTRACT)
    master_keys.keep_first_in_file(key_file)
    assert running.open_text(CONTRACT, sealed) == "A note"


def test_a_new_data_key_seals_from_then_on_and_the_old_one_still_opens(tmp_path, key_file):
    running = vault(tmp_path, key_file)
    old = running.seal_text(CONTRACT, "Old")
    rotating = vault(tmp_path, key_file)
    rotating.wrap_again(CONTRACT, add_key=True)
    new = rotating.seal_text(CONTRACT, "New")
    assert len(keys_on_disk(tmp_path)) == 2
    assert [running.open_text(CONTRACT, one) for one in (old, new)] == ["Old", "New"]
    assert rotating.contracts() == [CONTRACT]


def test_a_wrapped_key_of_one_contract_is_no_key_of_another(tmp_path, key_file):
    vault(tmp_path, key_file).seal_text(CONTRACT, "A note")
    folder = tmp_path / "evidence" / ".keys"
    (folder / f"{OTHER}.json").write_text((folder / f"{CONTRACT}.json").read_text())
    with pytest.raises(Unavailable):
        vault(tmp_path, key_file).seal_text(OTHER, "A note")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "other", "keys": []}', "{"])
def test_a_key_file_that_cannot_be_read_is_never_replaced(tmp_path, key_file, text):
    it = vault(tmp_path, key_file)
    it.seal_text(CONTRACT, "A note")
    path = tmp_path / "evidence" / ".keys" / f"{CONTRACT}.json"
    path.write_text(text)
    with pytest.raises(Unavailable):
        vault(tmp_path, key_file).seal_text(CONTRACT, "A note")
    assert path.read_text() == text


def test_a_vault_in_memory_keeps_nothing(tmp_path):
    it = Vault(tmp_path)
    sealed = it.seal_text(CONTRACT, "A note")
    it.wrap_again(CONTRACT, add_key=True)
    assert it.open_text(CONTRACT, sealed) == "A note"
    assert it.contracts() == [CONTRACT]
    assert list(tmp_path.iterdir()) == []


def test_evidence_lies_encrypted_on_the_disk_even_before_it_is_whole(tmp_path, key_file):
    files = EvidenceFiles(tmp_path / "evidence", 1000, vault(tmp_path, key_file))
    with files.receive(CONTRACT) as incoming:
        incoming.write(PDF)
        waiting = list((tmp_path / "evidence" / ".incoming").iterdir())
        assert [PDF[:8] in one.read_bytes() for one in waiting] == [False]
        sha256 = incoming.finish("application/pdf").sha256
    (kept,) = (tmp_path / "evidence" / CONTRACT).rglob("*.pdf")
    assert PDF[:8] not in kept.read_bytes()
    with files.open(CONTRACT, sha256) as file:
        assert file.read() == PDF
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0")
    with pytest.raises(IntegrityBroken):
        files.open(CONTRACT, sha256)
    assert not files.is_intact(CONTRACT, sha256)
    with files.receive(CONTRACT) as incoming:
        incoming.write(PDF)
        incoming.finish("application/pdf")
    assert files.is_intact(CONTRACT, sha256), "sent again, it is mended"


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "a" * 63, f"{'a' * 64},{'b' * 64}"])
def test_what_is_no_master_key(text):
    with pytest.raises(ValueError, match="64 hexadecimal") as refused:
        MasterKeys.from_text(text)
    assert not text or text not in str(refused.value)


def test_a_master_key_file_is_its_owner_s_alone(tmp_path, key_file):
    assert key_file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        master_keys.make_file(key_file)
    key_file.chmod(0o640)
    with pytest.raises(ValueError, match="chmod 600"):
        MasterKeys.from_file(key_file).check()
    with pytest.raises(ValueError, match="cannot be read"):
        MasterKeys.from_file(tmp_path / "nowhere").check()


def test_a_key_file_is_made_at_the_first_need_and_never_to_replace_a_lost_one(tmp_path):
    root, path = tmp_path / "evidence", tmp_path / "master.key"
    made = Vault.with_key_file(root, path, may_make=True)
    assert not path.exists()
    sealed = made.seal_text(CONTRACT, "A note")
    assert Vault.with_key_file(root, path, may_make=False).open_text(CONTRACT, sealed) == "A note"
    path.unlink()
    for may_make in (True, False):
        lost = Vault.with_key_file(root, path, may_make=may_make)
        with pytest.raises(ValueError, match="cannot be read"):
            lost.masters.check()
    assert not path.exists()


def test_a_signature_holds_under_a_retired_key_and_not_under_another():
    old, new = os.urandom(32), os.urandom(32)
    signature = MasterKeys([old]).signature(b"link")
    assert MasterKeys([new, old]).is_signed(b"link", signature)
    assert not MasterKeys([new]).is_signed(b"link", signature)
    assert not MasterKeys([new, old]).is_signed(b"other", signature)

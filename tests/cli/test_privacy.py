"""People's data on the command line, and what the operator does beside the service."""

import hashlib
import json
import re

import pytest
from sqlalchemy import text

from app.domain.errors import Unavailable
from app.storage.master_keys import MasterKeys
from app.storage.vault import Vault
from tests.cli.test_outcomes import (  # noqa: F401 - fixtures
    OFFICER,
    WORKER,
    done,
    letter,
    moved,
    record,
)
from tests.owner import as_owner


@pytest.fixture
def filed(outcomes, moved, letter):  # noqa: F811
    """A contract with a participant, an item whose file is held, and a note; the item's id."""
    done(outcomes("evidence", "upload", moved, letter, *WORKER))
    item = record(outcomes, moved, "--file", letter, "--held-by", "service")
    note = ("--note", "Began on Monday.")
    done(
        outcomes(
            "event", "record", moved, "P1", "training_begun", "--on", "2020-09-05", *note, *WORKER
        )
    )
    return item


def test_a_file_is_downloaded_to_a_new_file_only(
    outcomes,
    moved,  # noqa: F811
    letter,  # noqa: F811
    filed,
    tmp_path,
):
    out = tmp_path / "given.txt"
    command = ("evidence", "download", moved, filed, "--out", out, *WORKER)
    assert "is written" in done(outcomes(*command))
    assert out.read_bytes() == letter.read_bytes()
    assert out.stat().st_mode & 0o777 == 0o600
    assert outcomes(*command).exit_code == 2


def test_basis_access_and_erasure(outcomes, moved, filed):  # noqa: F811
    said = done(
        outcomes(
            *("participant", "basis", moved, "P1", "--basis", "public_task"),
            *("--condition", "health_or_social_care", "--notice", "2019-10"),
            *("--given-on", "2020-08-01", *WORKER),
        )
    )
    assert said == "P1: public_task, health_or_social_care\n"
    held = json.loads(done(outcomes("participant", "access", moved, "P1", *WORKER)))
    assert held["records"]["participant_privacy"][0]["notice_version"] == "2019-10"
    assert [one["note"] for one in held["records"]["journey_events"]][-1] == "Began on Monday."
    assert len(held["evidence_files"]) == 1

    erase = ("participant", "erase", moved, "P1", "--ground", "requested")
    tried = outcomes(*erase, "--dry-run", *OFFICER)
    assert "nothing was recorded" in tried.stderr
    assert done(outcomes(*erase, *OFFICER)) == "Erasure 1: 1 files, 1 notes.\n"
    held = json.loads(done(outcomes("participant", "access", moved, "P1", *WORKER)))
    assert held["evidence_files"] == []
    assert [one["note"] for one in held["records"]["journey_events"]][-1] is None
    assert re.search(r"1 +\S+ +P1 +requested +1 +1", done(outcomes("erasures", "list", moved)))
    listed = json.loads(done(outcomes("erasures", "list", moved, "--json")))
    assert len(listed["items"]) == 1
    link = outcomes("evidence", "download", moved, filed, "--out", "x", *WORKER)
    assert "evidence-file-erased" in link.stderr


def test_retention(outcomes, moved):  # noqa: F811
    shown = done(outcomes("retention", "show", moved))
    assert "The time is not over" in shown
    assert "Named by no evidence item: 0, 0 for over 168 hours." in shown
    assert json.loads(done(outcomes("retention", "show", moved, "--json")))["is_over"] is False
    refused = outcomes("retention", "erase", moved, *OFFICER)
    assert (refused.exit_code, "retention-not-over" in refused.stderr) == (1, True)


def test_the_master_key_is_rotated_without_touching_a_file(outcomes, environment, tmp_path):
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path))
    key_file, root = tmp_path / "master.key", tmp_path / "evidence"
    vault = Vault.with_key_file(root, key_file, may_make=True)
    sealed = vault.seal_text("contract-1", "A note")
    old = key_file.read_text().split()
    said = outcomes("keys", "rotate-master", "--data-keys")
    assert "the keys of 1 contracts" in done(said)
    assert "1 older master keys" in said.stderr
    assert key_file.read_text().split()[1:] == old
    done(outcomes("keys", "rotate-master", "--forget-old"))
    assert len(key_file.read_text().split()) == 1
    later = Vault.with_key_file(root, key_file, may_make=False)
    assert later.open_text("contract-1", sealed) == "A note"
    stolen = Vault(root, MasterKeys.from_text(old[0]))
    with pytest.raises(Unavailable):
        stolen.open_text("contract-1", sealed)


def test_a_lost_master_key_is_not_replaced(outcomes, environment, tmp_path):
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path))
    vault = Vault.with_key_file(tmp_path / "evidence", tmp_path / "master.key", may_make=True)
    vault.seal_text("contract-1", "A note")
    (tmp_path / "master.key").unlink()
    failed = outcomes("keys", "rotate-master")
    assert failed.exit_code == 2
    assert "cannot be rotated" in failed.stderr
    assert not (tmp_path / "master.key").exists()


def test_rescan_needs_a_scanner(outcomes):
    failed = outcomes("evidence", "rescan", "some-contract")
    assert (failed.exit_code, "OUTCOMES_MALWARE_SCANNER" in failed.stderr) == (2, True)


def test_the_operator_erases_again_and_scans_again(outcomes, environment, database_urls, tmp_path):
    environment.setenv("DATABASE_URL", database_urls.app)
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path))
    environment.setenv("OUTCOMES_MALWARE_SCANNER", "unix:/nonexistent")
    terms_less = "no-such-contract"
    assert outcomes("erasures", "apply", terms_less).exit_code == 1
    assert "No file waits for a scan" in done(outcomes("evidence", "rescan", terms_less))


def test_the_operator_removes_files_that_nobody_named(
    outcomes,
    environment,
    database_urls,
    engine,
    moved,  # noqa: F811
    letter,  # noqa: F811
    tmp_path,
):
    done(outcomes("evidence", "upload", moved, letter, *WORKER))
    sha256 = hashlib.sha256(letter.read_bytes()).hexdigest()
    shown = done(outcomes("retention", "show", moved))
    assert "Named by no evidence item: 1, 0 for over 168 hours." in shown
    environment.setenv("DATABASE_URL", database_urls.app)
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path))
    assert done(outcomes("retention", "expire", moved)) == "Removed: 0 files.\n"
    with as_owner(engine) as connection:
        connection.execute(text("ALTER TABLE evidence_uploads DISABLE TRIGGER USER"))
        connection.execute(
            text(
                "UPDATE evidence_uploads SET received_at = received_at - interval '168 hours' "
                "WHERE contract_id = :id"
            ),
            {"id": moved},
        )
        connection.execute(text("ALTER TABLE evidence_uploads ENABLE TRIGGER USER"))
        connection.commit()
    said = done(outcomes("retention", "expire", moved))
    assert said == f"{moved}  {sha256}\nRemoved: 1 file.\n"
    assert "no evidence item: 0, 0" in done(outcomes("retention", "show", moved))

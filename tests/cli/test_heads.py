"""`outcomes keys`, `heads`, `contract export` and `import`, and the verifier as a program."""

import json
import stat
import subprocess
import sys

import pytest
from sqlalchemy import text

from app.cli.serving import served_in_thread
from app.main import create_app
from app.settings import Settings
from tests.verify.sealed import empty_database
from tests.verify.verifier import SCRIPT


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "signing-keys.json"


@pytest.fixture
def operator(environment, database_urls, engine, tmp_path, key_file, outcomes, agreed):
    """`outcomes` at an operator's: a contract, a key, the database, and a service that signs."""
    environment.setenv("DATABASE_URL", database_urls.app)
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path / "var"))
    environment.setenv("OUTCOMES_SIGNING_KEY_FILE", str(key_file))
    settings = Settings(mode="demo", database_url=database_urls.app, signing_key_file=key_file)
    made = outcomes("keys", "new")
    assert made.exit_code == 0, made.output
    with served_in_thread(create_app(settings, engine)) as url:
        environment.setenv("OUTCOMES_URL", url)
        yield outcomes


def verified(*arguments) -> subprocess.CompletedProcess:
    """The verifier as a party runs it: alone, from elsewhere, without our environment."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={})


def test_keys_are_made_once_rotated_and_shown_without_their_private_part(
    environment, outcomes, key_file
):
    assert outcomes("keys", "new").exit_code == 2
    made = outcomes("keys", "new", "--file", key_file)
    assert made.exit_code == 0
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    again = outcomes("keys", "new", "--file", key_file)
    assert again.exit_code == 1
    assert "outcomes keys rotate" in again.stderr
    rotated = outcomes("keys", "rotate", "--file", key_file)
    assert rotated.exit_code == 0
    shown = outcomes("keys", "show", "--file", key_file)
    keys = json.loads(shown.stdout)["items"]
    assert keys[1]["previous_key_id"] == keys[0]["key_id"]
    assert json.loads(key_file.read_text())["private_key"] not in shown.stdout
    nowhere = outcomes("keys", "new", "--file", key_file.parent / "no" / "where")
    assert nowhere.exit_code == 2
    assert "cannot be written" in nowhere.stderr


def test_the_daily_job_signs_once_and_writes_a_file_for_each_party(operator, agreed, tmp_path):
    first = operator("heads", "sign", agreed, "--out", tmp_path / "heads", "--json")
    assert first.exit_code == 0, first.output
    (head,) = json.loads(first.stdout)["items"]
    assert head.pop("new")
    files = sorted((tmp_path / "heads" / agreed / head["day"]).iterdir())
    assert {"scc.json", "spv.json", "syha.json"} <= {file.name for file in files}
    for file in files:
        event = json.loads(json.loads(file.read_text())["body"])
        assert event["data"] == {"party": file.stem, "head": head}
    again = operator("heads", "sign", agreed)
    assert again.exit_code == 0
    assert "signed before" in again.stdout
    listed = json.loads(operator("heads", "list", agreed, "--json").stdout)
    assert listed == {"items": [head]}
    assert head["day"] in operator("heads", "list", agreed).stdout
    assert json.loads(operator("heads", "show", agreed).stdout) == head
    assert json.loads(operator("heads", "show", agreed, "--day", head["day"]).stdout) == head


def test_a_journal_that_was_changed_is_named_and_not_signed(operator, owner_engine, agreed):
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE journal DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE journal SET person = 'somebody' WHERE contract_id = :id AND sequence = 3"),
            {"id": agreed},
        )
        connection.execute(text("ALTER TABLE journal ENABLE TRIGGER USER"))
    found = operator("heads", "sign", agreed)
    assert found.exit_code == 1
    assert f"{agreed}: Nothing was signed: journal record 3" in found.stderr


def test_a_party_checks_the_access_log_with_what_it_kept(operator, service, agreed, tmp_path):
    for _ in range(2):
        service.get(f"/v1/contracts/{agreed}/journal")
    assert operator("heads", "sign", agreed).exit_code == 0
    kept, keys, log, export = (
        tmp_path / name for name in ("kept.json", "keys.json", "log.jsonl", "export.jsonl")
    )
    keys.write_text(operator("keys", "show").stdout)
    assert operator("heads", "show", agreed, "--out", kept).exit_code == 0
    saved = operator("access-log", "export", agreed, "--out", log)
    assert saved.exit_code == 0, saved.output
    assert operator("contract", "export", agreed, "--out", export).exit_code == 0
    for given in ((), (export,)):
        intact = verified(*given, "--access-log", log, "--heads", kept, "--keys", keys)
        assert (intact.returncode, intact.stderr) == (0, "")
        assert "access log entries looked at" in intact.stdout
        assert "NOTE" not in intact.stdout
    log.write_text(log.read_text().replace('"who": "', '"who": "not-', 1))
    found = verified("--access-log", log, "--heads", kept, "--keys", keys)
    assert found.returncode == 1
    assert "access log entry 1: hash does not match the entry's own fields" in found.stdout
    assert verified("--heads", kept).returncode == 2
    listed = operator("access-log", "service")
    assert listed.exit_code == 0, listed.output
    nowhere = operator("access-log", "export", agreed, "--out", tmp_path / "no" / "where")
    assert nowhere.exit_code == 2


def test_the_daily_job_signs_the_service_s_own_log_too(
    operator, environment, postgres, database_urls, tmp_path, key_file
):
    kept, keys, log = (tmp_path / name for name in ("kept.json", "keys.json", "log.jsonl"))
    keys.write_text(operator("keys", "show").stdout)
    with empty_database(postgres, database_urls) as elsewhere:
        url = elsewhere.url.render_as_string(hide_password=False)
        environment.setenv("DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
        for name in ("first", "second"):
            made = operator(
                "access", "operator", name, "--sign-in-name", name, "--organisation", "Host"
            )
            assert made.exit_code == 0, made.output
        signed = operator("heads", "sign", "--out", tmp_path / "heads")
        assert signed.exit_code == 0, signed.output
        assert "(service)" in signed.stdout
        settings = Settings(mode="demo", database_url=database_urls.app)
        with served_in_thread(create_app(settings, elsewhere)) as there:
            environment.setenv("OUTCOMES_URL", there)
            assert operator("heads", "service-show", "--out", kept).exit_code == 0
            (head,) = json.loads(operator("heads", "service-list", "--json").stdout)["items"]
            assert head["day"] in operator("heads", "service-list").stdout
            shown = operator("heads", "service-show", "--day", head["day"])
            assert json.loads(shown.stdout) == head
        (file,) = (tmp_path / "heads").rglob("*.json")
        assert file == tmp_path / "heads" / "_service" / f"{head['day']}.json"
        assert json.loads(file.read_text()) == json.loads(kept.read_text()) == head
        saved = operator("access-log", "service", "--out", log)
        assert saved.exit_code == 0, saved.output
    intact = verified("--access-log", log, "--heads", kept, file.parent, "--keys", keys)
    assert (intact.returncode, intact.stderr) == (0, "")
    assert "The service's own log is intact up to access log entry " in intact.stdout
    lines = log.read_text().splitlines(keepends=True)
    for changed in ([lines[0].replace('"who": "', '"who": "x'), *lines[1:]], lines[:-1], []):
        log.write_text("".join(changed))
        found = verified("--access-log", log, "--heads", kept, "--keys", keys)
        assert found.returncode == 1, found.stderr
        assert "The service's own log is NOT INTACT" in found.stdout


def test_a_party_checks_the_ledger_with_what_it_kept(operator, owner_engine, agreed, tmp_path):
    assert operator("heads", "sign", agreed).exit_code == 0
    kept, keys, export = (tmp_path / name for name in ("kept", "keys.json", "export.jsonl"))
    kept.mkdir()
    keys.write_text(operator("keys", "show").stdout)
    for more in ((), ("--party", "spv")):
        saved = operator("heads", "show", agreed, *more, "--out", kept / f"{len(more)}.json")
        assert saved.exit_code == 0, saved.output
    assert operator("contract", "export", agreed, "--out", export).exit_code == 0
    intact = verified(export, "--heads", kept, "--keys", keys, "--balances")
    assert (intact.returncode, intact.stderr) == (0, "")
    assert f"Contract {agreed} is intact up to journal record 4, hash " in intact.stdout
    assert "NOTE" not in intact.stdout
    alone = verified(export)
    assert alone.returncode == 0
    assert alone.stdout.count("NOTE") == 2
    again = operator("contract", "export", agreed, "--out", export)
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE accounts DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE accounts SET type = type || 'x' WHERE contract_id = :id"), {"id": agreed}
        )
        connection.execute(text("ALTER TABLE accounts ENABLE TRIGGER USER"))
    later = tmp_path / "later.jsonl"
    assert operator("contract", "export", agreed, "--out", later).exit_code == 0
    forged = verified(later, "--heads", kept, "--keys", keys)
    assert forged.returncode == 1
    assert "DIFFERS  accounts (name " in forged.stdout
    assert "NOT INTACT" in forged.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "is no export"),
        (b"{}\n", "is no export"),
        (b"\x00\xff\n", "is no export"),
        (b'{"type":"row"}\n', "is no export"),
        (b'{"type":"export","format":"another/9"}\n', "has format"),
    ],
)
def test_what_the_verifier_cannot_check(tmp_path, content, said):
    path = tmp_path / "export.jsonl"
    if content is not None:
        path.write_bytes(content)
    found = verified(path)
    assert found.returncode == 2
    assert said in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("content", [None, "", "{", "{}", '{"format": "outcomes-ledger-head/1"}'])
def test_heads_or_keys_that_are_none(tmp_path, content):
    path = tmp_path / "kept.json"
    if content is not None:
        path.write_text(content)
    for option in ("--heads", "--keys"):
        found = verified(tmp_path / "export.jsonl", option, path)
        assert found.returncode == 2
        assert "Traceback" not in found.stderr


def test_an_export_is_imported_elsewhere(
    operator, environment, postgres, database_urls, agreed, tmp_path
):
    export, keys = tmp_path / "export.jsonl", tmp_path / "keys.json"
    keys.write_text(operator("keys", "show").stdout)
    assert operator("contract", "export", agreed, "--files", "--out", export).exit_code == 0
    with empty_database(postgres, database_urls) as elsewhere:
        url = elsewhere.url.render_as_string(hide_password=False)
        environment.setenv("DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
        assert operator("contract", "import", export).exit_code == 2
        assert operator("contract", "import", export, "--keys", export).exit_code == 2
        for arguments, said in (
            (("--keys", keys, "--dry-run"), f"Would import contract {agreed}: 4 records"),
            (("--keys", keys), f"Imported contract {agreed}: 4 records"),
        ):
            found = operator("contract", "import", export, *arguments)
            assert found.exit_code == 0, found.output
            assert said in found.stdout
        assert operator("verify", agreed).exit_code == 0
        again = operator("contract", "import", export, "--unpinned")
        assert again.exit_code == 1
        assert "exists already" in again.stderr
        export.write_bytes(export.read_bytes()[:-20])
        cut = operator("contract", "import", export, "--unpinned")
        assert cut.exit_code == 1


def test_files_leave_on_the_service_s_own_machine_only(operator, environment, agreed, tmp_path):
    out = tmp_path / "export.jsonl"
    refused = operator("contract", "export", agreed, "--files", "--url", "http://x", "--out", out)
    assert refused.exit_code == 2
    assert "reads the directory itself" in refused.stderr
    environment.setenv("OUTCOMES_URL", "http://127.0.0.1:9")  # nothing is asked of a service
    assert operator("contract", "export", agreed, "--files", "--out", out).exit_code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(out.read_text().splitlines()[-1])["with_files"] is True


def test_an_export_that_is_refused_leaves_no_file(operator, tmp_path):
    for more in ((), ("--files",)):
        found = operator("contract", "export", "no-such", "--out", tmp_path / "out.jsonl", *more)
        assert found.exit_code == 1
        assert "contract-unknown" in found.stderr
        assert not list(tmp_path.glob("out*"))

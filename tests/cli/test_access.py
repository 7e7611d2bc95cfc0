"""`outcomes access`: from an empty service to people and machines that may do something."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from uuid_utils import uuid7

from app.cli.serving import served_in_thread
from app.main import create_app
from app.settings import Settings


@pytest.fixture
def access(environment, database_urls, tmp_path, outcomes):
    """`outcomes access` on the test database."""
    environment.setenv("DATABASE_URL", database_urls.app)
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path))

    def run(*arguments: str):
        return outcomes("access", *arguments)

    return run


@pytest.fixture
def closed(database_urls, engine, tmp_path):
    """A service that believes credentials only."""
    settings = Settings(
        database_url=database_urls.app, var_dir=tmp_path, trust_acting_headers=False
    )
    with served_in_thread(create_app(settings, engine)) as url:
        yield url


def made(found) -> str:
    assert found.exit_code == 0, found.output
    return found.stdout.strip()


def machine(access) -> str:
    return made(access("register", "client", "Case system", "--organisation", "Provider"))


def test_the_first_operator_is_made_here(access, closed):
    name = f"operator-{uuid7()}"
    found = access("operator", "head", "--organisation", "Host", "--sign-in-name", name)
    token = made(found)
    shown = httpx.post(f"{closed}/v1/account/setup", json={"setup_token": token})
    assert shown.json()["sign_in_name"] == name
    principal_id = found.stderr.split()[1].rstrip(".")
    grants = made(access("grants", "--principal", principal_id))
    assert "operator" in grants
    assert name in made(access("list"))
    assert made(access("invite", name)) != token
    assert access("unlock", name).exit_code == 0


def test_a_machines_key_signs_the_command_line_in(access, closed, environment, outcomes, agreed):
    principal_id = machine(access)
    where = ("--contract", agreed, "--party", "syha")
    grant_id = made(access("grant", principal_id, "provider", *where, "--from", "2021-01-01"))
    key = made(access("key", principal_id, "--name", "nightly", "--scope", "provider:write"))
    environment.setenv("OUTCOMES_URL", closed)
    command = ("contract", "list", "--json")
    assert "not-signed-in" in outcomes(*command).stderr
    environment.setenv("OUTCOMES_CREDENTIAL", key)
    listed = json.loads(outcomes(*command).stdout)["items"]
    assert [one["contract_id"] for one in listed] == [agreed]
    referred = ("--referred-on", "2020-01-13", "--setting", "residential_care", "--funded")
    new = ("participant", "register", agreed, "P1", *referred)
    assert outcomes(*new, "--as", "syha/anybody").exit_code == 0
    journal = json.loads(outcomes("journal", agreed, "--json").stdout)["items"]
    assert (journal[-1]["party"], journal[-1]["person"]) == ("syha", principal_id)
    refused = outcomes(*new, "--as", "scc/anybody")
    assert (refused.exit_code, "party-not-yours" in refused.stderr) == (1, True)
    assert access("revoke", grant_id).exit_code == 0
    assert json.loads(outcomes(*command).stdout)["items"] == []


def test_rotation_and_the_end_of_a_key(access, closed):
    principal_id = machine(access)
    first = access("key", principal_id, "--name", "nightly", "--scope", "provider:read")
    old_id, old = first.stderr.split()[1], made(first)
    second = access("rotate-key", old_id, "--overlap-hours", "0", "--days", "1")
    new_id, new = second.stderr.split()[1], made(second)

    def status(key: str) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.get(f"{closed}/v1/session", headers=headers).status_code

    assert (status(old), status(new)) == (401, 200)
    assert access("end-key", new_id).exit_code == 0
    assert status(new) == 401
    assert access("end-key", new_id).exit_code == 1


def test_who_is_shut_out(access, closed):
    principal_id = machine(access)
    key = made(access("key", principal_id, "--name", "k", "--scope", "provider:read"))
    assert access("end", principal_id).exit_code == 0
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{closed}/v1/session", headers=headers).json()["code"] == "principal-ended"
    assert access("end", principal_id).exit_code == 1


def test_an_account_for_a_person(access):
    person = made(access("register", "person", "Officer 2", "--organisation", "Council"))
    assert made(access("account", person, f"officer-{uuid7()}"))
    refused = access("key", person, "--name", "k", "--scope", "provider:read")
    assert refused.exit_code == 1
    assert "Only a machine has API keys" in refused.stderr


PERSON = ("register", "person", "x", "--organisation", "o")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        ((*PERSON, "--issuer", "https://i"), 2, "together"),
        ((*PERSON, "--identity", "subject:1"), 2, "together"),
        ((*PERSON, "--issuer", "https://i", "--identity", "subject:1"), 1, "issuer-unknown"),
        (("identify", "x", "--issuer", "https://i", "--identity", "subject:1"), 1, "no principal"),
        (("grant", "x", "king"), 2, "king"),
        (("grant", "x", "operator", "--party", "scc"), 1, "grant-place"),
        (("revoke", "x"), 1, "no grant"),
        (("invite", "nobody"), 1, "no local account"),
    ],
)
def test_what_is_refused(access, arguments, exit_code, said):
    found = access(*arguments)
    assert found.exit_code == exit_code, found.output
    assert said in found.output


def test_a_key_file_is_made_once(access, tmp_path):
    path = tmp_path / "new" / "sign-in.key"
    assert access("new-key-file", str(path)).exit_code == 0
    before = path.read_text()
    again = access("new-key-file", str(path))
    assert (again.exit_code, path.read_text()) == (2, before)
    assert before.strip() not in again.output


def test_files_that_cannot_be_used_stop_the_command(access, environment, tmp_path):
    environment.setenv("OUTCOMES_SIGN_IN_KEY_FILE", str(tmp_path / "none"))
    found = access("list")
    assert found.exit_code == 2
    assert "has no usable sign-in key" in found.stderr
    environment.delenv("OUTCOMES_SIGN_IN_KEY_FILE")
    environment.setenv("OUTCOMES_IDENTITY_PROVIDERS_FILE", str(tmp_path / "none"))
    assert "cannot be read" in access("list").stderr


def test_cover_for_somebody_on_leave(access):
    def person(name: str) -> str:
        return made(access("register", "person", name, "--organisation", "Council"))

    away, colleague = person("officer-1"), person("officer-2")
    where = ("--contract", f"c-{uuid7()}", "--party", "scc")
    grant_id = made(access("grant", away, "approver", *where, "--up-to", "10000.00 GBP"))
    assert "GBP 10,000.00" in made(access("grants", "--principal", away))
    today = datetime.now(UTC).date()
    days = ("--from", str(today), "--to", str(today + timedelta(13)), "--reason", "Annual leave")
    given = made(access("delegate", grant_id, colleague, *days, "--up-to", "5000.00 GBP"))
    for whose in (away, colleague):
        listed = made(access("delegations", "--of", whose)).splitlines()
        assert len(listed) == 3
        assert given in listed[2]
        assert "Annual leave" in listed[2]
    assert "GBP 5,000.00" in made(access("grants", "--principal", colleague))
    assert given in made(access("delegations"))
    again = access("delegate", given, person("officer-3"), *days)
    assert again.exit_code == 1
    assert "is not passed on" in again.stderr
    assert access("revoke", given).exit_code == 0
    assert "ended" in made(access("delegations", "--of", away))


@pytest.mark.parametrize("amount", ["10000.00", "10000.00 GBX", "ten GBP", "1.001 GBP"])
def test_a_limit_is_an_amount_of_a_currency(access, amount):
    where = ("--contract", "c-1", "--party", "scc")
    found = access("grant", "x", "approver", *where, "--up-to", amount)
    assert found.exit_code == 2


def test_who_may_act_on_a_contract_is_listed_for_its_parties(access, agreed):
    machine = made(access("register", "client", "Case system", "--organisation", "Provider"))
    grant = made(access("grant", machine, "provider", "--contract", agreed, "--party", "syha"))
    listed = access("who", agreed)
    assert listed.exit_code == 0, listed.output
    assert machine in listed.stdout
    assert "Case system" not in listed.stdout
    found = json.loads(access("who", agreed, "--json").stdout)["items"]
    assert [one["grant_id"] for one in found] == [grant]
    person = made(access("register", "person", "officer-2", "--organisation", "Provider"))
    made(access("grant", person, "provider", "--contract", agreed, "--party", "syha"))
    second = made(access("register", "client", "Other system", "--organisation", "Provider"))
    given = access("grant", second, "provider", "--contract", agreed, "--party", "syha")
    awaited = made(given)
    assert f"outcomes access confirm {agreed} {awaited} --as syha/PERSON" in given.stderr
    assert "awaited" in access("who", agreed).stdout
    done = access("confirm", agreed, awaited, "--as", "syha/officer-1")
    assert done.exit_code == 0, done.output
    assert f"{second} may act for syha." in done.stdout
    again = access("confirm", agreed, awaited, "--as", "syha/officer-1", "--json")
    assert again.exit_code != 0
    assert "awaits no confirmation" in again.stderr


def test_nothing_is_made_where_there_is_no_database(environment, outcomes, tmp_path):
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path / "elsewhere"))
    for command in (["register", "client", "x", "--organisation", "Y"], ["list"]):
        found = outcomes("access", *command)
        assert found.exit_code == 2
        assert "and none was created" in found.stderr
    assert not (tmp_path / "elsewhere").exists()

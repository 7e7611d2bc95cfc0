"""Terms and contracts from the command line: what is printed, refused, and with which exit code."""

import json

import pytest

from app.domain.terms.document import plain, terms_hash
from tests.cli.conftest import GOLDEN, broken
from tests.replay import load


def test_check_says_that_a_document_is_sound_and_gives_its_hash(outcomes, golden_terms):
    found = outcomes("terms", "check", golden_terms)
    assert found.exit_code == 0
    assert f"Hash {terms_hash(plain(load('terms-1.yaml')))}" in found.stdout


def test_hash_prints_the_hash_alone(outcomes, golden_terms):
    found = outcomes("terms", "hash", golden_terms)
    assert found.exit_code == 0
    assert found.stdout == f"{terms_hash(plain(load('terms-1.yaml')))}\n"


def test_hash_is_that_of_the_same_document_from_standard_input(outcomes, golden_terms):
    piped = outcomes("terms", "hash", "-", stdin=golden_terms.read_bytes())
    assert piped.stdout == outcomes("terms", "hash", golden_terms).stdout


def test_hash_of_json_and_yaml_is_the_same(outcomes, golden_terms):
    as_json = golden_terms.with_suffix(".json")
    as_json.write_text(json.dumps(plain(load("terms-1.yaml"))))
    assert (
        outcomes("terms", "hash", as_json).stdout == outcomes("terms", "hash", golden_terms).stdout
    )


def test_check_lists_every_fault_with_its_place_and_ends_with_1(outcomes, golden_terms):
    found = outcomes("terms", "check", broken(golden_terms))
    assert found.exit_code == 1
    assert "/funding/shares/0/share" in found.stdout
    assert "/colour" in found.stdout
    assert "2 faults" in found.stdout


def test_check_gives_the_same_faults_as_json(outcomes, golden_terms):
    found = outcomes("terms", "check", broken(golden_terms), "--json")
    assert found.exit_code == 1
    body = json.loads(found.stdout)
    assert body["valid"] is False
    assert body["hash"] is None
    assert {fault["pointer"] for fault in body["faults"]} == {"/funding/shares/0/share", "/colour"}


def test_hash_of_a_faulty_document_prints_no_hash(outcomes, golden_terms):
    found = outcomes("terms", "hash", broken(golden_terms))
    assert found.exit_code == 1
    assert found.stdout == ""
    assert "/colour" in found.stderr


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("terms.txt", "a: 1", 2, "must end in .yaml"),
        ("missing.yaml", None, 2, "cannot be read"),
        ("list.yaml", "[1, 2]", 1, "one object"),
        ("twice.yaml", "a: x\na: y", 1, "stands in the object already"),
        ("not.json", "{", 1, "not JSON"),
    ],
)
def test_a_file_that_is_no_document_is_refused(outcomes, tmp_path, name, content, code, said):
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    found = outcomes("terms", "check", path)
    assert found.exit_code == code
    assert said in found.stderr


def test_a_contract_is_in_force_once_three_have_accepted(outcomes, agreed):
    found = outcomes("contract", "show", agreed)
    assert found.exit_code == 0
    assert "Version 1, in force, effective from 2019-11-28" in found.stdout
    assert "Still to accept" not in found.stdout
    shown = json.loads(outcomes("contract", "show", agreed, "--json").stdout)
    assert shown["version_in_force"] == 1


def test_contracts_are_listed(outcomes, agreed):
    listed = outcomes("contract", "list")
    assert listed.exit_code == 0
    assert agreed in listed.stdout
    items = json.loads(outcomes("contract", "list", "--json").stdout)["items"]
    assert agreed in {one["contract_id"] for one in items}


def test_a_dry_run_records_nothing(outcomes, contract_id, golden_terms):
    create = ("contract", "create", golden_terms, "--id", contract_id, "--as", "scc/officer")
    tried = outcomes(*create, "--dry-run")
    assert tried.exit_code == 0
    assert "nothing was recorded" in tried.stderr
    assert outcomes("contract", "show", contract_id).exit_code == 1


def test_the_same_key_is_answered_as_at_first_and_another_is_refused(
    outcomes, contract_id, golden_terms
):
    create = ("contract", "create", golden_terms, "--id", contract_id, "--as", "scc/officer")
    first = outcomes(*create, "--key", "k1", "--json")
    again = outcomes(*create, "--key", "k1", "--json")
    assert first.exit_code == again.exit_code == 0
    assert first.stdout == again.stdout
    other = outcomes(*create, "--key", "k2")
    assert other.exit_code == 1
    assert "contract-exists" in other.stderr


def test_faults_of_the_service_are_printed_one_by_one(outcomes, contract_id, golden_terms):
    refused = outcomes(
        "contract", "create", broken(golden_terms), "--id", contract_id, "--as", "scc/officer"
    )
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert "/terms/funding/shares/0/share" in refused.stderr
    assert "/terms/colour" in refused.stderr
    assert "status 422, code invalid-input" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give either --hash or --file"),
        (("--hash", "0" * 64, "--file", "x.yaml"), "give either --hash or --file"),
    ],
)
def test_accepting_needs_a_hash_or_a_file(outcomes, contract_id, arguments, said):
    refused = outcomes("terms", "accept", contract_id, "1", "--as", "scc/head", *arguments)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_another_documents_hash_is_not_accepted(outcomes, contract_id, golden_terms):
    outcomes("contract", "create", golden_terms, "--id", contract_id, "--as", "scc/officer")
    other = GOLDEN / "terms-2.yaml"
    refused = outcomes("terms", "accept", contract_id, "1", "--file", other, "--as", "scc/head")
    assert refused.exit_code == 1
    assert "terms-hash-mismatch" in refused.stderr


def test_a_variation_is_drafted_and_its_document_printed_as_hashed(outcomes, agreed):
    other = GOLDEN / "terms-2.yaml"
    drafted = outcomes("terms", "draft", agreed, other, "--as", "scc/officer")
    assert drafted.exit_code == 0
    assert "Version 2, draft" in drafted.stdout
    assert "Still to accept: scc, spv, syha" in drafted.stdout
    document = outcomes("terms", "show", agreed, "2")
    assert terms_hash(json.loads(document.stdout)) == terms_hash(plain(load("terms-2.yaml")))
    assert json.loads(outcomes("terms", "show", agreed, "2", "--json").stdout)["version"] == 2


@pytest.mark.parametrize("actor", ["scc", "scc/", "/officer", "a/b/c"])
def test_who_acts_is_a_party_and_a_person(outcomes, contract_id, golden_terms, actor):
    refused = outcomes("contract", "create", golden_terms, "--id", contract_id, "--as", actor)
    assert refused.exit_code == 2
    assert "PARTY/PERSON" in refused.stderr

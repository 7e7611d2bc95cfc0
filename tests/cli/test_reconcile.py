"""`outcomes reconcile`, from a mapping to the report."""

import json

import pytest

from app.domain.parties import Actor

ROWS = "Day,Amount,Text\n2024-01-02,120.00,prepaid\n2024-01-03,0.75,interest\n"
MAPPING = "date: Day\namount: Amount\nreferences: [Text]\n"
SPV = ("--as", "spv/manager-1")


@pytest.fixture
def imported(outcomes, agreed, tmp_path):
    """A contract with one imported file of the SPV's bank."""
    mapping, rows = tmp_path / "mapping.yaml", tmp_path / "bank.csv"
    mapping.write_text(MAPPING)
    rows.write_text(ROWS)
    saved = outcomes("reconcile", "mapping", agreed, "bank", mapping, *SPV)
    assert saved.stdout == "Mapping bank, version 1\n"
    options = ("--source", "main-account", "--mapping", "bank", *SPV)
    taken = outcomes("reconcile", "import", agreed, rows, *options)
    assert taken.exit_code == 0, taken.output
    assert "Import 1 of spv/main-account: 2 lines" in taken.stdout
    again = outcomes("reconcile", "import", agreed, rows, *options)
    assert again.stdout == taken.stdout
    return agreed


def test_from_lines_to_the_report(outcomes, imported):
    proposed = outcomes("reconcile", "propose", imported, *SPV)
    assert "0 matches proposed" in proposed.stdout
    assert "2 lines are open" in proposed.stdout
    lines = outcomes("reconcile", "lines", imported, "--class", "unknown")
    assert "Nothing in GBP is open in this direction." in lines.stdout
    pays = ("--pays", "on-account:scc=120.00")
    made = outcomes("reconcile", "match", imported, "1/1", *pays, *SPV, "--json")
    match_id = json.loads(made.stdout)["match_id"]
    assert match_id in outcomes("reconcile", "matches", imported).stdout
    accepted = outcomes("reconcile", "accept", imported, match_id, *SPV)
    assert "recorded" in accepted.stdout
    ignored = outcomes("reconcile", "ignore", imported, "1/2", "--reason", "bank_charge", *SPV)
    assert ignored.stdout == "Line 1/2: ignored\n"
    report = outcomes("reconcile", "report", imported)
    assert report.exit_code == 0, report.output
    assert "payments matched" in report.stdout
    undone = outcomes("reconcile", "undo", imported, match_id, *SPV)
    assert "undone" in undone.stdout
    assert "taken back" in undone.stdout
    assert "120.00    120.00" in outcomes("payment", "list", imported).stdout
    restored = outcomes("reconcile", "restore", imported, "1/2", *SPV)
    assert restored.stdout == "Line 1/2: open\n"
    outcomes("reconcile", "match", imported, "1/1", *pays, *SPV)
    missing = outcomes("reconcile", "accept-all", imported, "1", *SPV)
    assert (missing.exit_code, "--score" in missing.stderr) == (2, True)
    dry = outcomes("reconcile", "accept-all", imported, "1", "--score", "100", *SPV, "--dry-run")
    assert dry.stdout.startswith("Import 1: 1 matches of 100 or more accepted, 0 of less are left.")
    told = outcomes("reconcile", "accept-all", imported, "1", "--score", "100", *SPV, "--json")
    done = json.loads(told.stdout)
    assert (done["accepted"], done["recorded"]["amount"], done["left"]) == (1, "120.00", 0)
    assert done["matches"][0]["state"] == "accepted"


def test_rules_and_what_could_not_be_read(outcomes, imported, tmp_path):
    saved = outcomes(
        "reconcile",
        "set-rules",
        imported,
        "--source",
        "main-account",
        "--days-after-due",
        "90",
        *SPV,
    )
    assert saved.exit_code == 0, saved.output
    assert "90" in outcomes("reconcile", "rules", imported).stdout
    rows = tmp_path / "torn.csv"
    rows.write_text("Day,Amount,Text\n2024-01-32,1.00,torn\n")
    options = ("--source", "main-account", "--mapping", "bank", *SPV)
    taken = outcomes("reconcile", "import", imported, rows, *options)
    assert taken.exit_code == 0
    assert "`outcomes reconcile faults` lists" in taken.stderr
    assert "bad-date" in outcomes("reconcile", "faults", imported).stdout
    reason = ("--reason", "not_a_payment", "--unreadable")
    ignored = outcomes("reconcile", "ignore", imported, "2/1", *reason, *SPV)
    assert ignored.stdout == "Line 2/1: ignored\n"
    report = outcomes("reconcile", "report", imported)
    assert "spv/main-account: 1 bad-date that could not be read, ignored" in report.stdout
    restored = outcomes("reconcile", "restore", imported, "2/1", "--unreadable", *SPV)
    assert restored.stdout == "Line 2/1: open\n"
    assert '"unknown"' in outcomes("reconcile", "faults", imported, "--json").stdout
    assert '"spv"' in outcomes("reconcile", "rules", imported, "--json").stdout


def test_refusing_a_match(outcomes, imported):
    made = outcomes(
        "reconcile", "match", imported, "1/1", "--pays", "on-account:scc=120.00", *SPV, "--json"
    )
    match_id = json.loads(made.stdout)["match_id"]
    refused = outcomes("reconcile", "refuse", imported, match_id, *SPV, "--note", "Not ours")
    assert "refused" in refused.stdout
    twice = outcomes("reconcile", "accept", imported, match_id, *SPV)
    assert twice.exit_code == 1
    assert "match-decided" in twice.stderr


def test_a_payment_that_no_bank_shows_makes_the_report_differ(outcomes, imported, service):
    money = {"amount": "5.00", "currency": "GBP"}

    body = {"payer": "scc", "payee": "spv", "amount": money}
    service.write(f"/v1/contracts/{imported}/payments", body, Actor("scc", "cashier-1"))
    report = outcomes("reconcile", "report", imported)
    assert report.exit_code == 1
    assert "is in cash postings and not in payments matched" in report.stdout


def test_what_cannot_be_run(outcomes, imported, tmp_path):
    options = ("--source", "main-account", *SPV)
    missing = outcomes("reconcile", "import", imported, tmp_path / "none.csv", *options)
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (2, True)
    strange = tmp_path / "bank.pdf"
    strange.write_bytes(b"%PDF")
    unknown = outcomes("reconcile", "import", imported, strange, *options)
    assert (unknown.exit_code, "--kind" in unknown.stderr) == (2, True)
    wrong = outcomes("reconcile", "match", imported, "1/1", "--pays", "nothing", *SPV)
    assert wrong.exit_code == 2


def test_a_long_file_says_how_far_it_is(outcomes, imported, tmp_path):
    rows = tmp_path / "long.csv"
    text = "x" * 900
    lines = "".join(f"2024-01-02,1.00,{number} {text}\n" for number in range(1400))
    rows.write_text("Day,Amount,Text\n" + lines)
    options = ("--source", "other", "--mapping", "bank", *SPV)
    taken = outcomes("reconcile", "import", imported, rows, *options)
    assert taken.exit_code == 0, taken.output
    assert "1400 lines" in taken.stdout
    assert "Sent 100%" in taken.stderr


def test_a_statement_without_its_end_is_told_of(outcomes, agreed, tmp_path):
    whole = ":20:X\n:25:SPV\n:28C:1/1\n:60F:C240101GBP7000,00\n:62F:C240102GBP7000,00\n-\n"
    for content, cut_off in ((whole, False), (whole.partition(":62F:")[0], True)):
        file = tmp_path / f"{cut_off}.sta"
        file.write_text(content)
        taken = outcomes("reconcile", "import", agreed, file, "--source", "main-account", *SPV)
        assert taken.exit_code == 0, taken.output
        assert "opening balance GBP 7,000.00" in taken.stdout
        assert (", 1 that could not be read" in taken.stdout) is cut_off
    faults = outcomes("reconcile", "faults", agreed)
    assert "statement-cut-off  The statement has no closing balance" in faults.stdout
    report = outcomes("reconcile", "report", agreed)
    assert "1 statement-cut-off that could not be read, unknown" in report.stdout


def test_what_is_no_choice_and_no_day_is_said_plainly(outcomes, agreed):
    wrong = outcomes("reconcile", "lines", agreed, "--state", "gone")
    assert wrong.exit_code == 2
    assert "Value error" not in wrong.stderr
    assert "'gone' is not one of 'open'" in wrong.stderr
    no_day = outcomes("claim", "preview", agreed, "--from", "2024-04-31", "--to", "2024-06-30")
    assert no_day.exit_code == 2
    assert "a day that the calendar has" in no_day.stderr


def test_an_account_in_no_known_form_is_refused_with_the_form(outcomes, imported, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("Day,Amount,Text\n2024-01-02,1.00,x\n")
    options = ("--source", "other", "--mapping", "bank", "--account", "11", *SPV)
    refused = outcomes("reconcile", "import", imported, rows, *options)
    assert refused.exit_code == 1
    assert "Write 5 to 50 letters, digits, spaces, slashes and hyphens, with" in refused.stderr

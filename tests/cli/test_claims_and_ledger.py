"""Claims, payments and the ledger from the command line, on the golden contract's first claims."""

import json
import re
from datetime import date

import pytest

from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from tests.replay import Clock, Replay, ServiceBackend


@pytest.fixture
def golden(engine, tmp_path, contract_id) -> str:
    """The golden contract up to September 2021; its claim for Jul-Sep 2021 is not made yet."""
    clock = Clock()
    files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
    numbers = iter(range(1, 10_000))
    context = Context(engine, clock, lambda: f"{contract_id}-{next(numbers)}", files)
    Replay(ServiceBackend(context, clock, contract_id)).run(until=date(2021, 9, 30))
    return contract_id


QUARTER = ("--from", "2021-07-01", "--to", "2021-09-30")


def test_a_claim_from_preview_to_payment(outcomes, golden):
    preview = outcomes("claim", "preview", golden, *QUARTER)
    assert preview.exit_code == 0
    assert "Claim 3 for 2021-07-01 to 2021-09-30: not submitted" in preview.stdout
    submitted = outcomes("claim", "submit", golden, *QUARTER, "--as", "spv/manager", "--json")
    assert submitted.exit_code == 0
    claim = json.loads(submitted.stdout)
    assert claim["totals"]["payable"] == {"amount": "8000.00", "currency": "GBP"}
    approved = outcomes("claim", "approve", golden, "3", "--as", "scc/director")
    assert approved.exit_code == 0
    assert "Claim 3 for 2021-07-01 to 2021-09-30: approved" in approved.stdout
    issued = outcomes("invoice", "issue", golden, "3", "--as", "spv/manager")
    assert issued.exit_code == 0
    shown = outcomes("claim", "show", golden, "3")
    assert re.search(r"invoice:spv/1 +scc +8,000.00", shown.stdout)
    pay = ("payment", "record", golden, "--payer", "scc", "--payee", "spv", "--as", "scc/till")
    pay = (*pay, "--amount", "8000.00", "--for", "invoice:spv/1=8000.00")
    paid = outcomes(*pay, "--reference", "BACS 7")
    assert paid.exit_code == 0
    assert "scc paid spv GBP 8,000.00 on" in paid.stdout
    again = outcomes(*pay)
    assert again.exit_code == 1
    assert "more-than-open" in again.stderr
    assert "paid" in outcomes("claim", "list", golden).stdout


def test_a_dry_run_of_a_decision_changes_nothing(outcomes, golden):
    outcomes("claim", "submit", golden, *QUARTER, "--as", "spv/manager")
    tried = outcomes("claim", "approve", golden, "3", "--as", "scc/director", "--dry-run")
    assert tried.exit_code == 0
    assert "nothing was recorded" in tried.stderr
    assert json.loads(outcomes("claim", "show", golden, "3", "--json").stdout)["status"] == (
        "submitted"
    )


def test_a_claim_is_returned_with_its_reason(outcomes, golden):
    outcomes("claim", "submit", golden, *QUARTER, "--as", "spv/manager")
    back = outcomes("claim", "return", golden, "3", "--reason", "period", "--as", "scc/director")
    assert back.exit_code == 0
    assert "Claim 3 for 2021-07-01 to 2021-09-30: returned" in back.stdout
    assert "returned" in outcomes("claim", "list", golden).stdout
    shown = outcomes("claim", "show", golden, "3").stdout
    assert re.search(r"^Submitted on \S+ by spv/manager$", shown, re.MULTILINE)
    assert re.search(r"^Returned on \S+ by scc/director, period$", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("claim", "approve", "3", "--as", "scc/director", "--version", "1"), "stale-version"),
        (("claim", "approve", "3", "--as", "spv/manager"), "party-not-permitted"),
        (("claim", "approve", "9", "--as", "scc/director"), "claim-unknown"),
        (("claim", "show", "9"), "claim-unknown"),
        (
            ("claim", "submit", "--from", "2021-09-30", "--to", "2021-07-01", "--as", "spv/x"),
            "dates-out-of-order",
        ),
        (("statement", "nobody", *QUARTER), "book-unknown"),
        (("explain", "entry:999"), "entry-unknown"),
    ],
)
def test_refusals_end_with_1_and_name_their_code(outcomes, golden, arguments, code):
    outcomes("claim", "submit", golden, *QUARTER, "--as", "spv/manager")
    grouped = 2 if arguments[0] == "claim" else 1
    refused = outcomes(*arguments[:grouped], golden, *arguments[grouped:])
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert code in refused.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("claim", "preview", "x", "--from", "2021-13-01", "--to", "2021-12-31"),
        ("claim", "preview", "x", "--from", "2021-01-01"),
        ("claim", "show", "x", "nought"),
        ("claim", "show", "x", "0"),
        ("explain", "x", "claim:1"),
        ("explain", "x", "entry:one"),
        ("nonsense",),
    ],
)
def test_wrong_usage_ends_with_2(outcomes, arguments):
    refused = outcomes(*arguments)
    assert refused.exit_code == 2
    assert refused.stdout == ""


def test_statement_balances_and_journal(outcomes, golden):
    span = ("--from", "2019-10-01", "--to", "2021-09-30")
    stated = outcomes("statement", golden, "spv", *span)
    assert stated.exit_code == 0
    assert "spv/receivable/scc agrees with scc/payable/spv" in stated.stdout
    assert (
        json.loads(outcomes("statement", golden, "spv", *span, "--json").stdout)["party"] == "spv"
    )
    held = outcomes("balances", golden, "--effective-to", "2021-06-30")
    assert "All amounts in GBP; debit balances are positive; as known at 2" in held.stdout
    assert held.stdout.splitlines()[0].endswith("Z, effective to 2021-06-30")
    known = outcomes("balances", golden, "--known-on", "2020-01-31").stdout
    assert known.splitlines()[0].endswith("; as known at 2020-02-01T00:00:00.000000Z")
    assert re.search(r"^Book scc: debits GBP [\d,]+\.00, credits GBP ", held.stdout, re.MULTILINE)
    assert "scc/outcome-expenditure" in held.stdout
    assert json.loads(outcomes("balances", golden, "--json").stdout)["mirror_differences"] == []
    read = outcomes("journal", golden, "--after", "2", "--limit", "3")
    assert [line.split()[0] for line in read.stdout.splitlines()[2:]] == ["3", "4", "5"]
    items = json.loads(outcomes("journal", golden, "--limit", "2", "--json").stdout)["items"]
    assert items[1]["previous_hash"] == items[0]["hash"]


def test_a_statement_names_the_organisations_the_currency_and_each_entry(outcomes, golden):
    pay = ("payment", "record", golden, "--payer", "scc", "--payee", "spv", "--amount", "6500.00")
    assert outcomes(*pay, "--on", "2021-09-30", "--as", "scc/till").exit_code == 0
    stated = outcomes("statement", golden, "spv", "--from", "2019-10-01", "--to", "2021-09-30")
    first, second, third = stated.stdout.splitlines()[:3]
    assert first == (
        "Statement of Special purpose company of contract EX (spv), 2019-10-01 to 2021-09-30"
    )
    assert second.startswith("All amounts in GBP; debits are positive; as known at ")
    assert third == "With: Council of contract EX (scc)"
    lines = re.findall(r"^ *(\d+)  2\S+  (claim:\S+|payment:\S+)", stated.stdout, re.MULTILINE)
    assert {source.partition(":")[0] for _, source in lines} == {"claim", "payment"}
    for number, source in lines:
        by_entry, by_source = (
            outcomes("explain", golden, one) for one in (f"entry:{number}", source)
        )
        assert (by_entry.exit_code, by_source.exit_code) == (0, 0)
        if source.startswith("payment:"):
            assert by_source.stdout == by_entry.stdout
    unknown = outcomes("explain", golden, "payment:none")
    assert unknown.exit_code == 1
    assert "has no payment none" in unknown.stderr


def test_the_journal_is_listed_whole_unless_a_limit_is_asked_for(outcomes, golden):
    whole = json.loads(outcomes("journal", golden, "--json").stdout)["items"]
    head = json.loads(outcomes("contract", "show", golden, "--json").stdout)["head_sequence"]
    assert [one["sequence"] for one in whole] == list(range(1, head + 1))
    some = outcomes("journal", golden, "--limit", "3")
    assert len(some.stdout.splitlines()) == 2 + 3
    assert some.stderr == "More records follow: go on with --after 3.\n"
    rest = outcomes("journal", golden, "--after", "3")
    assert (len(rest.stdout.splitlines()), rest.stderr) == (2 + head - 3, "")
    assert outcomes("journal", golden, "--limit", str(head)).stderr == ""


def test_the_journal_is_followed_over_pages(outcomes, golden, monkeypatch):
    whole = outcomes("journal", golden).stdout
    monkeypatch.setattr("app.cli.client.PAGE_ITEMS", 4)
    assert outcomes("journal", golden).stdout == whole
    for listed in ("participant", "outcome", "entitlement", "claim"):
        assert outcomes(listed, "list", golden).exit_code == 0


def test_what_is_due(outcomes, golden):
    found = outcomes("due", golden, "--as-of", "2021-09-30")
    assert found.exit_code == 0
    assert "P1" in found.stdout
    items = json.loads(outcomes("due", golden, "--as-of", "2021-09-30", "--json").stdout)["items"]
    assert {one["participant_id"] for one in items} <= {"P1", "P2"}


def test_a_line_and_its_posting_are_explained(outcomes, golden):
    line = outcomes("explain", golden, "claim:1/line:1")
    assert line.exit_code == 0
    assert line.stdout.startswith("GBP 6,500.00")
    trace = json.loads(outcomes("explain", golden, "claim:1/line:1", "--json").stdout)
    entitled = next(one for one in trace["children"] if one["kind"] == "entitlement")
    assert outcomes("explain", golden, f"entitlement:{entitled['id']}").exit_code == 0
    assert "P1" in outcomes("explain", golden, "entry:1").stdout
    assert "Dr " in outcomes("explain", golden, "entry:1/posting:1").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("claim", "show", "nosuch", "1"),
        ("claim", "approve", "nosuch", "1", "--as", "scc/director"),
        ("participant", "show", "nosuch", "P1"),
        ("evidence", "list", "nosuch", "P1"),
        ("outcome", "decide", "nosuch", "s", "verified", "--as", "scc/officer"),
        ("fund-claim", "show", "nosuch", "1"),
    ],
)
def test_what_is_asked_of_no_contract_is_answered_so(outcomes, arguments):
    refused = outcomes(*arguments)
    assert refused.exit_code == 1
    assert "There is no contract nosuch." in refused.stderr
    assert "contract-unknown" in refused.stderr

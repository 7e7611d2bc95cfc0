"""Invoices, the fund's share and payments from the command line, on the golden contract."""

import json
import re

import pytest

from tests.cli.test_claims_and_ledger import golden

__all__ = ["golden"]

PAY = ("--payer", "scc", "--payee", "spv", "--as", "scc/till")
SPAN = ("--from", "2020-07-01", "--to", "2021-08-31")


@pytest.fixture
def invoiced(outcomes, golden) -> str:
    """Claims 1 and 2 invoiced: 6,500.00 and 16,500.00."""
    for number in ("1", "2"):
        issued = outcomes("invoice", "issue", golden, number, "--as", "spv/manager")
        assert issued.exit_code == 0, issued.output
    return golden


def paid(outcomes, contract: str, amount: str, *documents: str) -> dict:
    told = [part for one in documents for part in ("--for", one)]
    made = outcomes("payment", "record", contract, *PAY, "--amount", amount, *told, "--json")
    assert made.exit_code == 0, made.output
    return json.loads(made.stdout)


def test_invoices_are_listed_shown_and_printed(outcomes, invoiced, tmp_path):
    listed = outcomes("invoice", "list", invoiced).stdout
    assert re.search(r"invoice:spv/2 +invoice +2 +scc .* 16,500.00 +16,500.00 +open", listed)
    prints = [tmp_path / "first.pdf", tmp_path / "second.pdf"]
    for path in prints:
        shown = outcomes("invoice", "show", invoiced, "spv", "1", "--pdf", path)
        assert shown.exit_code == 0
        assert "Invoice SPV-000001 to scc" in shown.stdout
    assert prints[0].read_bytes() == prints[1].read_bytes()
    assert prints[0].read_bytes().startswith(b"%PDF-")
    data = json.loads(outcomes("invoice", "show", invoiced, "spv", "1", "--json").stdout)
    assert data["document"]["invoice_number"] == "SPV-000001"
    nowhere = outcomes("invoice", "show", invoiced, "spv", "1", "--pdf", tmp_path / "no" / "x")
    assert nowhere.exit_code == 2
    twice = outcomes("invoice", "issue", invoiced, "1", "--as", "spv/manager")
    assert (twice.exit_code, "already-invoiced" in twice.stderr) == (1, True)


def test_the_funds_share_from_prepared_to_shown(outcomes, golden):
    prepare = ("fund-claim", "prepare", golden, "lcf", *SPAN, "--as", "scc/finance")
    tried = outcomes(*prepare, "--dry-run")
    assert (tried.exit_code, "nothing was recorded" in tried.stderr) == (0, True)
    assert "Claim 1 to lcf" in outcomes(*prepare).stdout
    for act, who in (("submit", "scc/finance"), ("query", "lcf/officer"), ("submit", "scc/x")):
        more = ("--note", "Which quarter?") if act == "query" else ()
        moved = outcomes("fund-claim", act, golden, "1", *more, "--as", who)
        assert moved.exit_code == 0, moved.output
    stale = ("fund-claim", "query", golden, "1", "--note", "Why?", "--version", "1")
    refused = outcomes(*stale, "--as", "lcf/officer")
    assert (refused.exit_code, "stale-version" in refused.stderr) == (1, True)
    shown = outcomes("fund-claim", "show", golden, "1").stdout
    assert "Claimed with this claim: GBP 5,750.00" in shown
    assert "Award: GBP 19,000.00, left: GBP 13,250.00" in shown
    assert re.search(r"2020/21 +5,750.00", shown)
    assert "submitted" in outcomes("fund-claim", "list", golden).stdout
    assert json.loads(outcomes("fund-claim", "list", golden, "--json").stdout)["items"]


def test_one_payment_for_two_invoices_with_the_rest_on_account_and_back(outcomes, invoiced):
    made = paid(outcomes, invoiced, "23100.00", "invoice:spv/1=6500.00", "invoice:spv/2=16000.00")
    assert made["on_account"]["amount"] == "600.00"
    number = made["payment_id"]
    more = outcomes(
        "payment", "allocate", invoiced, number, "--for", "invoice:spv/2=500", "--as", "spv/x"
    )
    assert "On account: GBP 100.00" in more.stdout
    back = outcomes("payment", "return", invoiced, number, "--amount", "100", "--as", "scc/till")
    assert "spv returned to scc GBP 100.00" in back.stdout
    advice = outcomes("remittance", invoiced, number).stdout
    assert re.search(r"SPV-000002 .* 16,500.00 +0.00 +16,500.00 +0.00", advice)
    assert "Returned: GBP 100.00; on account: GBP 0.00" in advice
    listed = outcomes("payment", "list", invoiced).stdout
    assert re.search(r"return .* spv +scc +100.00", listed)
    stale = ("payment", "return", invoiced, number, "--amount", "1", "--version", "1")
    refused = outcomes(*stale, "--as", "scc/till")
    assert (refused.exit_code, "stale-version" in refused.stderr) == (1, True)


@pytest.mark.parametrize("told", ["invoice:spv/1", "=1.00", "invoice:spv/1="])
def test_a_document_without_its_amount_is_wrong_usage(outcomes, told):
    refused = outcomes("payment", "record", "x", *PAY, "--amount", "1.00", "--for", told)
    assert refused.exit_code == 2

"""Disputes, ageing and compliance figures from the command line, on the golden contract."""

import json
import re
from datetime import date

import pytest

from app.cli.client import Service
from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from tests.replay import Clock, Replay, ServiceBackend

RAISE = ("--amount", "1000.00", "--reason", "price", "--on", "2021-04-16", "--as", "scc/officer-9")


@pytest.fixture
def golden(engine, tmp_path, contract_id) -> str:
    """The golden contract up to September 2021, with a year to dispute a line."""
    clock = Clock()
    files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
    numbers = iter(range(1, 10_000))
    context = Context(engine, clock, lambda: f"{contract_id}-{next(numbers)}", files)
    replay = Replay(ServiceBackend(context, clock, contract_id))
    replay.changes = {"disputes": {"window_working_days": 260}}
    replay.run(until=date(2021, 9, 30))
    return contract_id


@pytest.fixture
def disputed(outcomes, golden, monkeypatch) -> tuple[str, str]:
    """Claim 2 invoiced on 13 April 2021, and 1,000.00 of its first line disputed on the 16th."""
    issue = ("invoice", "issue", golden, "2", "--on", "2021-04-13", "--as", "spv/manager")
    with monkeypatch.context() as earlier:
        earlier.setattr(Service, "__enter__", _in_october_2021)
        assert outcomes(*issue).exit_code == 0
        made = outcomes("dispute", "raise", golden, "claim:2/line:1", *RAISE, "--json")
    assert made.exit_code == 0, made.output
    return golden, json.loads(made.stdout)["dispute_id"]


def _in_october_2021(service: Service) -> Service:
    """The notice is recorded within its window, as the service's clock has it."""
    service.set_clock("2021-10-01T09:00:00Z")
    return service


def test_a_dispute_from_notice_to_outcome(outcomes, disputed):
    contract, dispute = disputed
    listed = outcomes("dispute", "list", contract, "--state", "open", "--claim", "2").stdout
    assert re.search(rf"{dispute} +claim:2/line:1 +2021-04-16 +1,000.00 +open", listed)
    claim = outcomes("claim", "show", contract, "2").stdout
    assert re.search(rf"{dispute} +1 +open +1,000.00 +-\nOpen +1,000.00", claim)
    assert "correction" not in claim
    handed = outcomes("dispute", "escalate", contract, dispute, "--as", "spv/manager")
    assert (handed.exit_code, "no-escalation-steps" in handed.stderr) == (1, True)
    decide = ("dispute", "decide", contract, dispute, "settled", "--due", "400.00")
    decide = (*decide, "--on", "2021-04-20", "--as", "spv/manager")
    refused = outcomes(*decide)
    assert (refused.exit_code, "decided-by-missing" in refused.stderr) == (1, True)
    tried = outcomes(*decide, "--by", "Project board", "--dry-run")
    assert (tried.exit_code, "nothing was recorded" in tried.stderr) == (0, True)
    ended = outcomes(*decide, "--by", "Project board").stdout
    assert "by Project board: GBP 400.00 is due, GBP 600.00 is not" in ended
    claim = outcomes("claim", "show", contract, "2").stdout
    assert re.search(r" 1 +approved +-600.00\nApproved +-600.00", claim)
    assert re.search(rf"{dispute} +1 +settled +1,000.00 +400.00\nOpen +0.00", claim)
    shown = outcomes("dispute", "show", contract, dispute).stdout
    assert re.search(r"lcf +250.00\nscc +750.00", shown)
    told = json.loads(outcomes("dispute", "show", contract, dispute, "--json").stdout)
    assert told["state"] == "settled"
    everything = json.loads(outcomes("dispute", "list", contract, "--json").stdout)
    assert [one["dispute_id"] for one in everything["items"]] == [dispute]


def test_what_is_unpaid_and_how_promptly_it_was_paid(outcomes, disputed):
    contract, _ = disputed
    aged = outcomes("ageing", contract, "--as-of", "2021-05-14", "--payer", "scc").stdout
    assert "Unpaid on 2021-05-14: GBP 16,500.00, of which GBP 1,000.00 is in dispute." in aged
    assert re.search(r"1-30 +1 +15,500.00", aged)
    known = outcomes("ageing", contract, "--as-of", "2021-05-14", "--known-on", "2020-01-31")
    assert "Unpaid on 2021-05-14, as known on 2020-01-31: GBP 0.00, of which" in known.stdout
    assert re.search(r"SPV-000001 +scc +2021-04-13 +in dispute +0 +1,000.00", aged)
    paid = ("payment", "record", contract, "--payer", "scc", "--payee", "spv", "--as", "scc/till")
    paid = (*paid, "--amount", "15500.00", "--for", "invoice:spv/1=15500.00", "--on", "2021-05-14")
    assert outcomes(*paid).exit_code == 0
    span = ("--from", "2021-04-01", "--to", "2021-09-30")
    told = outcomes("compliance", contract, "scc", *span).stdout
    assert re.search(r"Average days to payment +31.00", told)
    assert re.search(r"Not paid within the terms, % +100.00", told)
    data = json.loads(outcomes("compliance", contract, "scc", *span, "--json").stdout)
    assert (data["due_count"], data["paid_late"]["amount"]) == (1, "15500.00")
    left = json.loads(outcomes("ageing", contract, "--json").stdout)
    assert [one["is_held"] for one in left["sums"]] == [True]

"""A claim above its limit from the command line: what is shown before, between and after."""

import re
from datetime import date

import pytest

from app.cli.approvals import approvals
from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from tests.replay import Clock, Replay, ServiceBackend


@pytest.fixture
def submitted(engine, tmp_path, contract_id) -> str:
    """The golden contract with its first claim submitted, and terms that let no one approve it."""
    clock = Clock()
    files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
    numbers = iter(range(1, 10_000))
    context = Context(engine, clock, lambda: f"{contract_id}-{next(numbers)}", files)
    replay = Replay(ServiceBackend(context, clock, contract_id))
    replay.changes = {"claims": {"second_approval_above": "10.00"}}
    first = replay.story["claims"][0]
    replay.story["claims"] = [first | {"approved_on": date(2029, 1, 1)}]
    replay.run(until=first["submitted_on"])
    return contract_id


def test_two_persons_approve(outcomes, submitted):
    shown = outcomes("claim", "show", submitted, "1").stdout
    assert "Above GBP 10.00: waits for two persons' approval" in shown
    first = outcomes("claim", "approve", submitted, "1", "--as", "scc/director")
    assert first.exit_code == 0
    assert re.search(r"^Claim 1 for \S+ to \S+: first_approved$", first.stdout, re.MULTILINE)
    assert "Above GBP 10.00: waits for another person's approval" in first.stdout
    same = outcomes("claim", "approve", submitted, "1", "--as", "scc/director")
    assert same.exit_code == 1
    assert "second-approver-is-first" in same.stderr
    assert "first_approved" in outcomes("claim", "list", submitted).stdout
    second = outcomes("claim", "approve", submitted, "1", "--as", "scc/chief")
    assert re.search(r"^Claim 1 for \S+ to \S+: approved$", second.stdout, re.MULTILINE)
    shown = outcomes("claim", "show", submitted, "1").stdout
    assert re.search(r"^Approved first on \S+ by scc/director$", shown, re.MULTILINE)
    assert re.search(r"^Approved on \S+ by scc/chief$", shown, re.MULTILINE)
    assert "waits for" not in shown


def test_two_persons_approve_a_correction_and_submit_to_the_fund(outcomes, submitted):
    """Each command says whom it waits for, and the same command answers by another person."""
    for person in ("director", "chief"):
        by = ("--as", f"scc/{person}", "--on", "2022-01-03")
        assert outcomes("claim", "approve", submitted, "1", *by).exit_code == 0
    asked = ("--kind", "reversal", "--reason", "wrong_amount", "--amount", "10.01")
    made = outcomes("correction", "propose", submitted, "1", "1", *asked, "--as", "spv/manager")
    assert "Above GBP 10.00: waits for two persons' approval" in made.stdout, made.output
    assert "Counts for GBP 10.01" in made.stdout
    correction = re.search(r"Correction (\S+), version", made.stdout)
    assert correction
    approve = ("correction", "approve", submitted, correction[1], "--as")
    first = outcomes(*approve, "scc/director")
    assert "first_approved" in first.stdout, first.output
    assert "waits for another person's approval" in first.stdout
    same = outcomes(*approve, "scc/director")
    assert (same.exit_code, "second-approver-is-first" in same.stderr) == (1, True)
    second = outcomes(*approve, "scc/chief")
    assert re.search(r"^Approved first on \S+ by scc/director$", second.stdout, re.MULTILINE)
    assert re.search(r"^Proposed \S+ by spv/manager$", second.stdout, re.MULTILINE)
    assert re.search(r"^Decided \S+ by scc/chief$", second.stdout, re.MULTILINE)
    assert "waits for" not in second.stdout
    span = ("lcf", "--from", "2019-10-01", "--to", "2022-01-31")
    made = outcomes("fund-claim", "prepare", submitted, *span, "--as", "scc/director")
    assert "Above GBP 10.00: waits for two persons' approval" in made.stdout, made.output
    submit = ("fund-claim", "submit", submitted, "1", "--as")
    first = outcomes(*submit, "scc/director")
    assert re.search(r": first_approved$", first.stdout, re.MULTILINE), first.output
    assert "waits for another person's approval" in first.stdout
    same = outcomes(*submit, "scc/director")
    assert (same.exit_code, "second-approver-is-first" in same.stderr) == (1, True)
    second = outcomes(*submit, "scc/chief")
    assert re.search(r": submitted$", second.stdout, re.MULTILINE), second.output
    assert re.search(r"^Approved first on \S+ by scc/director$", second.stdout, re.MULTILINE)
    assert re.search(r"^Submitted on \S+ by scc/chief$", second.stdout, re.MULTILINE)
    asked = ("1", "--note", "Which outcomes are these?", "--as", "lcf/officer")
    assert outcomes("fund-claim", "query", submitted, *asked).exit_code == 0
    shown = outcomes("fund-claim", "show", submitted, "1").stdout
    assert re.search(r"^Submitted on \S+ by scc/chief$", shown, re.MULTILINE)
    assert re.search(r"^Queried on \S+ by lcf/officer$", shown, re.MULTILINE)


def test_a_limit_is_told_as_every_other_amount():
    found = {
        "second_approval_needed": True,
        "second_approval_above": {"amount": "5000.00", "currency": "GBP"},
        "approval_counts_for": {"amount": "12500.00", "currency": "GBP"},
    }
    waits, counts = approvals(found, undecided=True)
    assert waits == "Above GBP 5,000.00: waits for two persons' approval"
    assert counts == "Counts for GBP 12,500.00"

"""A claim above its limit from the command line: what is shown before, between and after."""

import re
from datetime import date

import pytest

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

"""Closing periods and frozen statements from the command line, on the golden contract."""

import json
import re
from datetime import date
from hashlib import sha256

import pytest

from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from tests.closing import close_through
from tests.replay import Clock, Replay, ServiceBackend

BY = ("--as", "scc/finance-officer-1")


@pytest.fixture
def golden(engine, tmp_path, contract_id) -> str:
    """The golden contract up to September 2021, hard-closed to the end of March 2020."""
    clock = Clock()
    files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
    numbers = iter(range(1, 10_000))
    context = Context(engine, clock, lambda: f"{contract_id}-{next(numbers)}", files)
    Replay(ServiceBackend(context, clock, contract_id)).run(until=date(2021, 9, 30))
    close_through(context, contract_id, "scc", date(2020, 3, 31))
    return contract_id


def run(outcomes, *arguments, code: int = 0) -> str:
    result = outcomes(*arguments)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def test_a_quarter_from_open_to_hard_closed(outcomes, golden):
    listed = run(outcomes, "period", "list", golden)
    assert re.search(
        r"2020-01-01 +2020-03-31 +hard +\d{4}-\d\d-\d\d +scc/finance-officer-1", listed
    )
    assert re.search(r"2020-04-01 +2020-06-30 +open\n", listed)
    place = ("period", "close", golden, "2020-04-01", "--level")
    tried = run(outcomes, *place, "soft", *BY, "--dry-run")
    assert "Quarter 2020-04-01 to 2020-06-30: soft-closed" in tried
    run(outcomes, *place, "soft", *BY, "--note", "Everything is in")
    refused = run(outcomes, *place, "soft", *BY, code=1)
    assert "period-closed-already" in refused
    opened = run(
        outcomes, "period", "reopen", golden, "2020-04-01", "--note", "One is missing", *BY
    )
    assert "Quarter 2020-04-01 to 2020-06-30: open" in opened
    closed = json.loads(run(outcomes, *place, "hard", *BY, "--json"))
    assert [one["level"] for one in closed["decisions"]] == ["soft", "reopened", "hard"]
    run(outcomes, "period", "reopen", golden, "2020-04-01", "--note", "No", *BY, code=1)
    years = json.loads(run(outcomes, "period", "list", golden, "--years", "--json"))["items"]
    assert [one["state"] for one in years[:2]] == ["hard", "open"]
    early = run(outcomes, "period", "close", golden, "2020-04-01", "--year", "--level", "hard", *BY,
                code=1)  # fmt: skip
    assert "period-before-open" in early
    wrong = run(outcomes, "period", "close", golden, "2020-05-01", "--level", "hard", *BY, code=1)
    assert "period-unknown" in wrong


def test_a_late_payment_needs_a_reason_and_is_shown_apart(outcomes, golden):
    for start in ("2020-04-01", "2020-07-01"):
        run(outcomes, "period", "close", golden, start, "--level", "soft", *BY)
    pay = ("payment", "record", golden, "--payer", "scc", "--payee", "spv", "--amount", "5.00")
    pay = (*pay, "--as", "scc/till", "--on")
    assert "period-soft-closed" in run(outcomes, *pay, "2020-09-30", code=1)
    run(outcomes, *pay, "2020-09-30", "--late-reason", "The bank file came late")
    run(outcomes, *pay, "2020-03-31")
    first, last = "2000-01-01", "2199-12-31"
    entries = run(outcomes, "statement", golden, "spv", "--from", first, "--to", last, "--json")
    lines = json.loads(entries)["lines"]
    assert [one["late"]["level"] for one in lines if one["late"]] == ["soft", "hard"]
    posted = lines[-1]["effective_date"]
    shown = run(outcomes, "statement", golden, "spv", "--from", posted, "--to", last)
    assert "Prior-period adjustments, in the figures above:" in shown
    assert re.search(r"payment:\S+ +spv/cash +spv/receivable/scc +5\.00 +2020-03-31", shown)
    quarter = ("--from", "2020-01-01", "--to", "2020-03-31")
    shown = run(outcomes, "statement", golden, "spv", *quarter)
    assert "Posted later, as the period was hard-closed; not in the figures above:" in shown


def test_a_frozen_statement_is_listed_shown_and_written(outcomes, golden, tmp_path):
    listed = json.loads(run(outcomes, "statements", golden, "spv", "--json"))["items"]
    assert [one["kind"] for one in listed] == ["quarter", "quarter", "financial_year"]
    table = run(outcomes, "statements", golden, "spv")
    assert all(one["sha256"] in table for one in listed)
    shown = run(outcomes, "statement", golden, "spv", "--number", "2")
    assert "Statement 2 of Special purpose company of contract EX (spv), 2020-01-01" in shown
    assert f"known through journal record {listed[1]['known_through']}" in shown
    told = json.loads(run(outcomes, "statement", golden, "spv", "--number", "2", "--json"))
    assert told["statement_number"] == 2
    out = tmp_path / "statement.json"
    run(outcomes, "statement", golden, "spv", "--number", "2", "--out", out)
    assert sha256(out.read_bytes()).hexdigest() == listed[1]["sha256"]
    assert "statement-unknown" in run(outcomes, "statement", golden, "spv", "--number", "9", code=1)
    missing = tmp_path / "no" / "such.json"
    run(outcomes, "statement", golden, "spv", "--number", "2", "--out", missing, code=2)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--from", "2020-01-01"),
        ("--number", "1", "--from", "2020-01-01"),
        ("--number", "1", "--known-on", "2020-01-01"),
        ("--from", "2020-01-01", "--to", "2020-03-31", "--out", "x.json"),
    ],
)
def test_a_statement_is_of_days_or_of_a_number(outcomes, golden, options):
    run(outcomes, "statement", golden, "spv", *options, code=2)

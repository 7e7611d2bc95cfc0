"""Contract EX, replayed through the service: every line, claim, person and year, to the penny."""

import csv
from collections import defaultdict

import pytest

from app.domain.calendar import financial_year
from app.domain.claim import LineKind
from app.domain.money import Money
from app.service.claims import list_claims
from app.service.ledger import balances
from app.service.verify import verify
from tests.replay import EXAMPLES, Replay, load

NOTHING = Money(0)


def expected_rows() -> list[tuple[str, ...]]:
    with (EXAMPLES / "golden" / "expected.csv").open(encoding="utf-8") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def share(line, payer: str) -> Money:
    return next((one.amount for one in line.shares if one.payer == payer), NOTHING)


def actual_rows(context, contract_id, quarters) -> list[tuple[str, ...]]:
    names = {number: name for name, number in quarters.items()}
    return [
        (
            names[view.claim.claim_number],
            line.kind.value,
            line.participant_id,
            line.metric,
            line.achieved_on.isoformat(),
            line.verified_on.isoformat(),
            str(line.gross),
            str(line.gross - line.payable),
            str(line.payable),
            str(share(line, "lcf")),
            str(share(line, "scc")),
        )
        for view in list_claims(context, contract_id)
        for line in view.claim.lines
    ]


def net_of(context, contract_id) -> dict[str, str]:
    """What the ledger says was paid, and who bears it."""
    held = {
        account.name: balance.net for account, balance in balances(context, contract_id).accounts
    }
    payable, lcf = held["scc/outcome-expenditure"], held["lcf/grant-expenditure"]
    assert held["spv/outcome-income"] == -payable
    assert held["scc/grant-income/lcf"] == -lcf
    return {"payable": str(payable), "lcf": str(lcf), "scc": str(payable - lcf)}


def test_every_row_of_the_golden_table(context, contract_id, golden):
    golden.run()
    assert actual_rows(context, contract_id, golden.claims) == expected_rows()


def test_totals_by_claim_person_and_year(context, contract_id, golden):
    golden.run()
    views = list_claims(context, contract_id)
    expected = load("expected-totals.yaml")
    names = {number: name for name, number in golden.claims.items()}
    persons: dict[str, Money] = defaultdict(lambda: NOTHING)
    years: dict[str, dict[str, Money]] = defaultdict(lambda: {"payable": NOTHING, "lcf": NOTHING})
    claims, gross, capped, clawback = {}, NOTHING, NOTHING, NOTHING
    for view in views:
        by_payer = {one.payer: str(one.amount) for one in view.totals.by_payer}
        name = names[view.claim.claim_number]
        claims[name] = {"payable": str(view.totals.payable), **by_payer}
        for line in view.claim.lines:
            persons[line.participant_id] += line.payable
            year = years[financial_year(view.claim.period.end)]
            year["payable"] += line.payable
            year["lcf"] += share(line, "lcf")
            if line.kind is LineKind.CLAWBACK:
                clawback -= line.payable
            else:
                gross, capped = gross + line.gross, capped + line.gross - line.payable
    assert claims == expected["claims"]
    assert {name: str(amount) for name, amount in persons.items()} == expected["persons"]
    assert {
        name: {key: str(amount) for key, amount in year.items()} for name, year in years.items()
    } == expected["financial_years"]
    assert [str(gross), str(capped), str(clawback)] == [
        expected[key] for key in ("gross", "capped", "clawback")
    ]
    assert net_of(context, contract_id) == expected["net"]


def test_the_fund_stands_at_its_cap_until_the_clawback_restores_headroom(
    context, contract_id, golden
):
    golden.run()
    expected, cap = load("expected-totals.yaml")["lcf_cap"], Money.parse("19000.00")
    lines = [line for view in list_claims(context, contract_id) for line in view.claim.lines]
    before = sum((share(line, "lcf") for line in lines[:-1]), NOTHING)
    assert lines[-1].kind is LineKind.CLAWBACK
    assert str(before) == expected["used_before_clawback"]
    assert str(cap - before - share(lines[-1], "lcf")) == expected["headroom_after"]


def test_the_golden_contract_verifies(context, contract_id, golden):
    golden.run()
    report = verify(context, contract_id)
    assert [check.differences for check in report.checks if check.found] == []
    assert report.intact
    assert {check.name: check.count > 0 for check in report.checks} == {
        "chain": True,
        "projections": True,
        "ledger": True,
        "claims": True,
        "terms": True,
        "notes": True,
        "files": False,  # every file of the story stays with the provider
        "periods": False,  # nothing is closed in the story
        "ties": True,
        "heads": False,  # nobody signs in the story
        "access_log": False,  # nobody reads over HTTP in the story
    }


@pytest.mark.parametrize("variant", ["waiver_refused", "half_up", "price_date"])
def test_variants_of_the_golden_contract(context, backend, contract_id, variant):
    Replay(backend, variant).run()
    expected = load("expected-totals.yaml")["variants"][variant]
    assert net_of(context, contract_id) == expected["net"]
    lines = {
        (line.participant_id, line.metric): {
            "lcf": str(share(line, "lcf")),
            "scc": str(share(line, "scc")),
        }
        for view in list_claims(context, contract_id)
        for line in view.claim.lines
        if line.kind is LineKind.OUTCOME
    }
    for changed in expected.get("changed_lines", ()):
        found = lines[changed["participant"], changed["metric"]]
        assert found == {"lcf": changed["lcf"], "scc": changed["scc"]}
    assert verify(context, contract_id).intact


def test_without_the_waiver_the_later_outcome_finds_the_fund_below_its_cap(
    context, backend, contract_id
):
    Replay(backend, "waiver_refused").run()
    lines = [line for view in list_claims(context, contract_id) for line in view.claim.lines]
    found = [
        (line.kind.value, str(share(line, "lcf")), str(share(line, "scc")))
        for line in lines
        if (line.participant_id, line.metric) == ("P3", "S12")
    ]
    assert found == [
        ("outcome", "2062.00", "6186.00"),
        ("clawback", "-2062.00", "-6186.00"),
    ]

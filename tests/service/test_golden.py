"""Contract EX, replayed through the service: every line of the table, to the penny."""

import csv

import pytest

from app.service.claims import list_claims
from app.service.ledger import balances
from app.service.verify import verify
from tests.replay import EXAMPLES, Replay


def expected_rows() -> list[tuple[str, ...]]:
    with (EXAMPLES / "golden" / "expected.csv").open(encoding="utf-8") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def actual_rows(context, contract_id, quarters) -> list[tuple[str, ...]]:
    found = []
    for view in list_claims(context, contract_id):
        quarter = next(
            name for name, number in quarters.items() if number == view.claim.claim_number
        )
        for line in view.claim.lines:
            shares = {share.payer: share.amount for share in line.shares}
            nothing = line.gross - line.gross
            found.append(
                (
                    quarter,
                    line.kind.value,
                    line.participant_id,
                    line.metric,
                    line.achieved_on.isoformat(),
                    line.verified_on.isoformat(),
                    str(line.gross),
                    str(line.gross - line.payable),
                    str(line.payable),
                    str(shares.get("lcf", nothing)),
                    str(shares.get("scc", nothing)),
                )
            )
    return found


def test_every_row_of_the_golden_table(context, contract_id, golden):
    golden.run()
    assert actual_rows(context, contract_id, golden.claims) == expected_rows()


def test_the_ledger_verifies_and_holds_the_net(context, contract_id, golden):
    golden.run()
    found = balances(context, contract_id)
    net = {account.name: str(balance.net) for account, balance in found.accounts}
    assert net["scc/outcome-expenditure"] == "74287.00"
    assert net["spv/outcome-income"] == "-74287.00"
    assert net["scc/grant-income/lcf"] == "-17758.74"
    assert net["lcf/grant-expenditure"] == "17758.74"
    report = verify(context, contract_id)
    assert [check.differences for check in report.checks if check.found] == []
    assert report.intact


@pytest.mark.parametrize(
    ("variant", "net", "fund"),
    [
        ("waiver_refused", "63977.00", "15181.24"),
    ],
)
def test_variants_of_the_golden_contract(context, backend, contract_id, variant, net, fund):
    Replay(backend, variant).run()
    found = balances(context, contract_id)
    held = {account.name: str(balance.net) for account, balance in found.accounts}
    assert held["scc/outcome-expenditure"] == net
    assert held["lcf/grant-expenditure"] == fund

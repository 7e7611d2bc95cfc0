"""A party's statement: its book's movements, its claims as totals, and nobody's name."""

import pytest

from app.domain.period import Period
from app.service.ledger import balances, trial_balance
from app.service.statements import statement
from tests.factories import day
from tests.service.world import refused

FIRST_HALF = Period(day("2020-01-01"), day("2020-06-30"))
SECOND_HALF = Period(day("2020-07-01"), day("2020-12-31"))


@pytest.fixture
def paid(world):
    """A move of 6,500.00 claimed and paid in April, six months of 10,000.00 claimed in October."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.earn("S06", "2020-07-20")
    world.approved_claim("2020 Q3", "2020-10-02")
    return world


def movements(found) -> dict[str, tuple[str, str, str, str]]:
    return {
        one.account: (str(one.opening), str(one.debits), str(one.credits), str(one.closing))
        for one in found.accounts
        if one.debits or one.credits or one.opening
    }


def test_the_commissioners_two_halves(paid):
    first = statement(paid.context, paid.contract_id, "council", FIRST_HALF)
    assert movements(first) == {
        "council/cash": ("0.00", "1625.00", "6500.00", "-4875.00"),
        "council/grant-income/fund": ("0.00", "0.00", "1625.00", "-1625.00"),
        "council/grant-receivable/fund": ("0.00", "1625.00", "1625.00", "0.00"),
        "council/outcome-expenditure": ("0.00", "6500.00", "0.00", "6500.00"),
        "council/payable/spv": ("0.00", "6500.00", "6500.00", "0.00"),
    }
    second = statement(paid.context, paid.contract_id, "council", SECOND_HALF)
    assert movements(second) == {
        "council/cash": ("-4875.00", "0.00", "0.00", "-4875.00"),
        "council/grant-income/fund": ("-1625.00", "0.00", "2500.00", "-4125.00"),
        "council/grant-receivable/fund": ("0.00", "2500.00", "0.00", "2500.00"),
        "council/outcome-expenditure": ("6500.00", "10000.00", "0.00", "16500.00"),
        "council/payable/spv": ("0.00", "0.00", "10000.00", "-10000.00"),
    }
    assert [(one.account, str(one.closing), str(one.mirror_closing)) for one in second.mirrors] == [
        ("council/grant-receivable/fund", "2500.00", "-2500.00"),
        ("council/payable/spv", "-10000.00", "10000.00"),
    ]


def test_lines_come_by_date_with_their_source(paid):
    found = statement(
        paid.context, paid.contract_id, "spv", Period(FIRST_HALF.start, SECOND_HALF.end)
    )
    assert [
        (
            line.entry_number,
            line.effective_date.isoformat(),
            line.kind,
            line.debit,
            str(line.amount),
        )
        for line in found.lines
    ] == [
        (1, "2020-04-03", "claim_line_approved", "spv/receivable/council", "6500.00"),
        (2, "2020-04-03", "payment", "spv/cash", "6500.00"),
        (4, "2020-10-02", "claim_line_approved", "spv/receivable/council", "10000.00"),
    ]
    assert found.lines[0].source == "claim:1/line:1"
    assert found.lines[1].source.startswith("payment:")


def test_claims_approved_in_the_period_are_told_as_totals(paid):
    found = statement(paid.context, paid.contract_id, "fund", FIRST_HALF)
    (claim,) = found.claims
    assert (claim.claim_number, claim.approved_on.isoformat()) == (1, "2020-04-03")
    assert [str(amount) for amount in (claim.gross, claim.capped, claim.payable)] == [
        "6500.00",
        "0.00",
        "6500.00",
    ]
    assert [(payer, str(amount)) for payer, amount in claim.by_payer] == [
        ("council", "4875.00"),
        ("fund", "1625.00"),
    ]
    assert [(metric, count, str(amount)) for metric, count, amount in claim.by_metric] == [
        ("MOVE", 1, "6500.00")
    ]
    assert "P1" not in repr(found)


def test_a_returned_claim_is_on_no_statement(world):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    world.send_back(1, "2020-04-06")
    found = statement(world.context, world.contract_id, "council", FIRST_HALF)
    assert (found.claims, found.lines) == ((), ())


@pytest.mark.parametrize("party", ["provider", "investor", "stranger", "spv/", ""])
def test_a_party_without_a_book_has_no_statement(paid, party):
    refused("book-unknown", statement, paid.context, paid.contract_id, party, FIRST_HALF)
    refused("book-unknown", trial_balance, paid.context, paid.contract_id, party)


def test_before_the_terms_are_in_force_there_is_no_book(world):
    refused("contract-unknown", statement, world.context, "none-such", "council", FIRST_HALF)
    refused("contract-unknown", balances, world.context, "none-such")


def test_accounts_nobody_has_posted_to_are_listed_with_nothing(world):
    world.agree()
    found = balances(world.context, world.contract_id)
    assert len(found.accounts) == world.state()["accounts"]
    assert {str(balance.net) for _, balance in found.accounts} == {"0.00"}
    assert found.mirror_differences == ()

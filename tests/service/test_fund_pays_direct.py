"""A fund that pays the payee itself, from invoices to bank lines: every tie holds at the end."""

import pytest

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.reconciliation import LineState
from app.service import fund_claims, imports, match_decisions, matching
from app.service.claims import get_claim
from app.service.ledger import balances
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from app.storage.import_lines import Wanted
from tests.factories import FUND, funding
from tests.golden_contract import INVOICING
from tests.service.test_match_decisions import PAYER
from tests.service.world import FUNDER, MANAGER, refused

BANK = ColumnMapping(date="Day", amount="Amount", references=("Text",), counterparty="Who")


@pytest.fixture
def direct(world):
    """A move and six months, and the move taken back: an invoice to each payer, then a credit."""
    world.agree(funding=funding(flow="fund_pays_direct"), invoicing=INVOICING).moved()
    move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.issue(1, "2020-04-06")
    world.earn("S06", "2020-07-20")
    world.approved_claim("2020 Q3", "2020-10-02")
    world.issue(2, "2020-10-05")
    world.claw_back(move.entitlement_id, "2020-11-02")
    world.approved_claim("2020 Q4", "2021-01-04")
    world.issue(3, "2021-01-05")
    return world.on("2021-03-01")


def taken_in(world, actor, *rows: str) -> None:
    command = world.by(actor)
    imports.save_mapping(world.context, command, "rows", BANK)
    content = "\n".join(["Day,Amount,Text,Who", *rows]).encode()
    with world.context.files.bank.receive(world.contract_id) as incoming:
        incoming.write(content)
        imports.import_file(
            world.context, command, incoming, kind=SourceKind.CSV, source="bank", mapping="rows"
        )
    matching.propose_matches(world.context, command)
    for match in matching.list_matches(world.context, world.contract_id):
        if match.state.value == "proposed":
            match_decisions.accept_match(world.context, command, match.match_id)


def page(world):
    return reconciliation(world.context, world.contract_id)


def test_each_payer_pays_its_own_invoices_and_everything_ties(direct):
    issued = {
        stored.invoice.document_id: (stored.invoice.customer, str(stored.open_amount))
        for number in (1, 2, 3)
        for stored in direct.open_documents(number)
    }
    assert sorted(issued.values()) == [
        ("council", "-4875.00"),
        ("council", "4875.00"),
        ("council", "7500.00"),
        ("fund", "-1625.00"),
        ("fund", "1625.00"),
        ("fund", "2500.00"),
    ]
    named = {asked: name.rpartition("/")[2].zfill(6) for name, asked in issued.items()}
    taken_in(
        direct,
        MANAGER,
        f"2020-05-04,4875.00,SPV-{named['council', '4875.00']},Council",
        f"2020-05-05,1625.00,SPV-{named['fund', '1625.00']},Fund",
        f"2020-11-02,7500.00,SPV-{named['council', '7500.00']},Council",
        f"2020-11-03,2500.00,SPV-{named['fund', '2500.00']},Fund",
        f"2021-02-01,-4875.00,SPV-{named['council', '-4875.00']},Council",
        f"2021-02-02,-1625.00,SPV-{named['fund', '-1625.00']},Fund",
    )
    assert [str(one.open_amount) for n in (1, 2, 3) for one in direct.open_documents(n)] == (
        ["0.00"] * 6
    )
    taken_in(
        direct,
        FUNDER,
        f"2020-05-05,-1625.00,SPV-{named['fund', '1625.00']},SPV",
        f"2020-11-03,-2500.00,SPV-{named['fund', '2500.00']},SPV",
        f"2021-02-02,1625.00,SPV-{named['fund', '-1625.00']},SPV",
    )
    states = imports.list_lines(direct.context, direct.contract_id, Wanted(), limit=50)
    assert {one.state for one in states} == {LineState.ACCEPTED}
    assert [tie.name for tie in page(direct).ties if not tie.holds] == []
    held = {
        account.name: str(one.net)
        for account, one in balances(direct.context, direct.contract_id).accounts
    }
    assert (held["spv/cash"], held["fund/cash"], held["council/cash"]) == (
        "10000.00",
        "-2500.00",
        "-7500.00",
    )
    statuses = [
        get_claim(direct.context, direct.contract_id, number).stored.status.value
        for number in (1, 2, 3)
    ]
    assert statuses == ["paid", "paid", "paid"]
    assert verify(direct.context, direct.contract_id).intact


def test_nothing_is_reclaimed_and_the_fund_does_not_pay_the_council(direct):
    refused("nothing-to-claim", direct.fund_claim, "2021-03-01", "2019-10-01", "2021-02-28")
    assert fund_claims.list_fund_claims(direct.context, direct.contract_id) == []
    refused("no-account-between", direct.pay, FUND, PAYER.party, "1.00", on="2021-03-01")

"""Accounts and postings of each flow, reversals, what is due, and payments both ways."""

import pytest

from app.domain.claim import Claim
from app.domain.errors import RuleRefused
from app.domain.ledger import AccountType, EntryKind
from app.payments.balances import balances, mirror_differences
from app.payments.claims import prepare
from app.payments.evaluation import Clawback
from app.payments.posting import (
    chart,
    due_between,
    entries_for_claim,
    entry_for_payment,
)
from app.payments.usage import Usage
from tests.factories import (
    COUNCIL,
    FUND,
    day,
    entitlement,
    funding,
    gbp,
    party,
    quarter,
    terms,
    version,
)
from tests.owed import amounts_due
from tests.used import usage_after

FIRST, SECOND = quarter("2022 Q3"), quarter("2022 Q4")
DIRECT = {"funding": funding(flow="fund_pays_direct")}


def claim_of(contract, amounts=("6701.50",), number=1):
    items = [
        entitlement(f"P{index}", "MOVE", "2022-06-30", "2022-07-11", amount)
        for index, amount in enumerate(amounts)
    ]
    lines = prepare(FIRST, contract, items, usage=Usage())
    return Claim(number, FIRST, supplementary=False, terms_version=1, lines=lines)


def posted(contract, **changes):
    return entries_for_claim(claim_of(contract, **changes), contract.terms, 10, FIRST.end, {})


def plain(entry):
    return [(item.debit, item.credit, str(item.amount)) for item in entry.postings]


RECLAIM = [
    ("council/outcome-expenditure", "council/payable/spv", "6701.50"),
    ("spv/receivable/council", "spv/outcome-income", "6701.50"),
    ("council/grant-receivable/fund", "council/grant-income/fund", "1675.37"),
    ("fund/grant-expenditure", "fund/payable/council", "1675.37"),
]
PAID_DIRECT = [
    ("council/outcome-expenditure", "council/payable/spv", "5026.13"),
    ("spv/receivable/council", "spv/outcome-income", "5026.13"),
    ("fund/outcome-expenditure", "fund/payable/spv", "1675.37"),
    ("spv/receivable/fund", "spv/outcome-income", "1675.37"),
]


@pytest.mark.parametrize(("changes", "postings"), [({}, RECLAIM), (DIRECT, PAID_DIRECT)])
def test_an_approved_line_posts_to_every_book(changes, postings):
    (entry,) = posted(version(**changes))
    assert plain(entry) == postings
    assert (entry.entry_number, entry.kind) == (10, EntryKind.CLAIM_LINE_APPROVED)
    assert (entry.source, entry.effective_date, entry.reverses) == (
        "claim:1/line:1",
        FIRST.end,
        None,
    )


def test_any_number_of_payers():
    ward = {"payer": "ward", "share": "0.10"}
    changes = {
        "funding": funding(shares=[{"payer": FUND, "share": "0.25"}, ward]),
        "parties": [
            party(COUNCIL, "commissioner", "outcome_payer"),
            party(FUND, "outcomes_fund"),
            party("ward", "outcome_payer"),
            party("investor", "investor"),
        ],
    }
    (entry,) = posted(version(**changes), amounts=("100",))
    assert plain(entry)[2:] == [
        ("council/grant-receivable/fund", "council/grant-income/fund", "25.00"),
        ("fund/grant-expenditure", "fund/payable/council", "25.00"),
        ("council/grant-receivable/ward", "council/grant-income/ward", "10.00"),
        ("ward/grant-expenditure", "ward/payable/council", "10.00"),
    ]
    # Without an SPV the investor is paid.
    assert plain(entry)[1][0] == "investor/receivable/council"


def test_lines_that_pay_nothing_have_no_entry_and_no_gap():
    contract = version(caps={"metric": [{"metrics": ["MOVE"], "count_max": 2}]})
    entries = posted(contract, amounts=("1.00", "0", "1.00", "1.00"))
    assert [(entry.entry_number, entry.source) for entry in entries] == [
        (10, "claim:1/line:1"),
        (11, "claim:1/line:3"),
    ]
    # The commissioner's whole is posted although the fund bears nothing of a line.
    (small,) = posted(version(), amounts=("0.03",))
    assert len(small.postings) == 2


def clawed_back(contract, first, later=None):
    """The second claim: the first one's only line taken back, posted under later terms."""
    later = later or contract
    usage = usage_after(Usage(), first.lines, FIRST)
    clawbacks = [Clawback(1, first.lines[0], day("2022-10-09"))]
    lines = prepare(SECOND, later, [], usage=usage, clawbacks=clawbacks)
    return Claim(2, SECOND, supplementary=False, terms_version=1, lines=lines)


@pytest.mark.parametrize("changes", [{}, DIRECT])
def test_a_clawback_is_the_exact_mirror_of_its_original(changes):
    contract = version(**changes)
    first = claim_of(contract)
    (original,) = entries_for_claim(first, contract.terms, 1, FIRST.end, {})
    claim = clawed_back(contract, first)
    (entry,) = entries_for_claim(claim, contract.terms, 2, SECOND.end, {1: original})
    assert plain(entry) == [(credit, debit, amount) for debit, credit, amount in plain(original)]
    assert (entry.kind, entry.reverses) == (EntryKind.CLAWBACK_APPROVED, 1)
    folded = balances([original, entry], "GBP")
    assert {str(balance.net) for balance in folded.values()} == {"0.00"}


def test_a_clawback_after_a_change_of_flow_undoes_the_original_flow():
    first = claim_of(version())
    (original,) = entries_for_claim(first, terms(), 1, FIRST.end, {})
    claim = clawed_back(version(), first, version(2, **DIRECT))
    (entry,) = entries_for_claim(claim, terms(**DIRECT), 2, SECOND.end, {1: original})
    assert {posting.credit for posting in entry.postings} >= {"council/outcome-expenditure"}
    assert ("fund/payable/council", "fund/grant-expenditure", "1675.37") in plain(entry)


def test_a_clawback_without_its_original_entry_is_refused():
    first = claim_of(version())
    claim = clawed_back(version(), first)
    with pytest.raises(RuleRefused) as refused:
        entries_for_claim(claim, terms(), 2, SECOND.end, {})
    assert refused.value.code == "original-entry-missing"


def test_a_clawback_of_another_amount_than_its_entry_is_refused():
    first = claim_of(version())
    (other,) = posted(version(), amounts=("1.00",))
    claim = clawed_back(version(), first)
    with pytest.raises(RuleRefused, match="takes back GBP 6,701") as refused:
        entries_for_claim(claim, terms(), 2, SECOND.end, {1: other})
    assert refused.value.code == "clawback-differs-from-original"


@pytest.mark.parametrize("changes", [{}, DIRECT])
def test_the_chart_holds_every_posted_account_and_mirrors_name_each_other(changes):
    contract = terms(**changes)
    accounts = {account.name: account for account in chart(contract)}
    for entry in posted(version(**changes)):
        for posting in entry.postings:
            assert {posting.debit, posting.credit} <= accounts.keys()
    mirrored = [account for account in accounts.values() if account.mirror]
    assert len(mirrored) == 4
    for account in mirrored:
        mirror = accounts[account.mirror]
        assert mirror.mirror == account.name
        assert {account.type, mirror.type} == {AccountType.ASSET, AccountType.LIABILITY}


def test_the_chart_of_the_reclaim_flow():
    assert [(account.name, account.type.value) for account in chart(terms())] == [
        ("council/cash", "asset"),
        ("council/grant-income/fund", "income"),
        ("council/grant-receivable/fund", "asset"),
        ("council/outcome-expenditure", "expense"),
        ("council/payable/spv", "liability"),
        ("fund/cash", "asset"),
        ("fund/grant-expenditure", "expense"),
        ("fund/payable/council", "liability"),
        ("spv/cash", "asset"),
        ("spv/outcome-income", "income"),
        ("spv/receivable/council", "asset"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("council", "spv", "6701.50"), ("fund", "council", "1675.37")]),
        (DIRECT, [("council", "spv", "5026.13"), ("fund", "spv", "1675.37")]),
    ],
)
def test_what_is_due_for_a_claim(changes, expected):
    dues = amounts_due(posted(version(**changes)), chart(terms(**changes)))
    assert [(due.payer, due.payee, str(due.amount)) for due in dues] == expected
    assert {due.pays_back for due in dues} == {False}


def test_a_claim_that_takes_back_more_than_it_asks_is_paid_back():
    contract = version()
    first = claim_of(contract)
    (original,) = entries_for_claim(first, contract.terms, 1, FIRST.end, {})
    (entry,) = entries_for_claim(
        clawed_back(contract, first), contract.terms, 2, SECOND.end, {1: original}
    )
    dues = amounts_due([entry], chart(contract.terms))
    assert [(due.payer, due.payee, str(due.amount), due.pays_back) for due in dues] == [
        ("spv", "council", "6701.50", True),
        ("council", "fund", "1675.37", True),
    ]
    payment = entry_for_payment(dues[0], 3, "payment:1", SECOND.end)
    assert plain(payment) == [
        ("council/cash", "council/payable/spv", "6701.50"),
        ("spv/receivable/council", "spv/cash", "6701.50"),
    ]
    grant = entry_for_payment(dues[1], 4, "payment:2", SECOND.end)
    assert plain(grant) == [
        ("fund/cash", "fund/payable/council", "1675.37"),
        ("council/grant-receivable/fund", "council/cash", "1675.37"),
    ]
    assert grant.kind is EntryKind.GRANT_PAYMENT
    # Together the two claims owe nothing.
    assert amounts_due([original, entry], chart(contract.terms)) == ()


def test_payments_clear_what_is_due_and_move_cash():
    contract = version()
    entries = list(posted(contract))
    accounts = chart(contract.terms)
    dues = amounts_due(entries, accounts)
    for number, due in enumerate(dues, start=11):
        entries.append(entry_for_payment(due, number, f"payment:{number}", FIRST.end))
    assert [entry.kind for entry in entries[1:]] == [
        EntryKind.PAYMENT,
        EntryKind.GRANT_PAYMENT,
    ]
    assert plain(entries[1]) == [
        ("council/payable/spv", "council/cash", "6701.50"),
        ("spv/cash", "spv/receivable/council", "6701.50"),
    ]
    assert plain(entries[2]) == [
        ("fund/payable/council", "fund/cash", "1675.37"),
        ("council/cash", "council/grant-receivable/fund", "1675.37"),
    ]
    folded = balances(entries, "GBP")
    assert mirror_differences(folded, accounts, "GBP") == ()
    assert {name: str(item.net) for name, item in folded.items() if name.endswith("/cash")} == {
        "council/cash": "-5026.13",
        "fund/cash": "-1675.37",
        "spv/cash": "6701.50",
    }


def test_the_accounts_that_a_payment_between_two_parties_moves():
    accounts = chart(terms())
    debt = next(one for one in accounts if one.type is AccountType.LIABILITY and one.mirror)
    debtor, creditor = debt.book, debt.mirror.split("/", 1)[0]
    forward = due_between(debtor, creditor, gbp("5.00"), accounts)
    assert (forward.owed_in, forward.owned_in, forward.pays_back) == (debt.name, debt.mirror, False)
    back = due_between(creditor, debtor, gbp("5.00"), accounts)
    assert (back.payer, back.payee, back.pays_back) == (creditor, debtor, True)
    assert due_between(debtor, "nobody", gbp("5.00"), accounts) is None

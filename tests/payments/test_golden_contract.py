"""The golden contract EX, row by row, through price, claims and ledger; and its variants."""

import pytest

from app.payments.balances import balances, mirror_differences, trial_balances
from app.payments.claims import claim_totals
from app.payments.posting import chart, entry_for_payment
from tests.factories import COUNCIL, FUND, day, gbp
from tests.golden_contract import OUTCOMES, Outcome, entitled, ex_timeline, run
from tests.owed import amounts_due

ROWS = [
    ("2020 Q3", "P1", "MOVE", "6500.00", "0.00", "6500.00", "1625.00", "4875.00"),
    ("2021 Q1", "P2", "MOVE", "6500.00", "0.00", "6500.00", "1625.00", "4875.00"),
    ("2021 Q1", "P1", "S06", "10000.00", "0.00", "10000.00", "2500.00", "7500.00"),
    ("2021 Q3", "P1", "S12", "8000.00", "0.00", "8000.00", "2000.00", "6000.00"),
    ("2021 Q4", "P2", "S06", "10000.00", "0.00", "10000.00", "2500.00", "7500.00"),
    ("2022 Q2", "P3", "ENG", "1275.50", "0.00", "1275.50", "318.87", "956.63"),
    ("2022 Q3", "P3", "MOVE", "6701.50", "0.00", "6701.50", "1675.37", "5026.13"),
    ("2022 Q3", "P1", "S24", "4778.75", "1278.75", "3500.00", "875.00", "2625.00"),
    ("2023 Q1", "P2", "S12", "8248.00", "0.00", "8248.00", "2062.00", "6186.00"),
    ("2023 Q2", "P3", "S06", "10310.00", "0.00", "10310.00", "2577.50", "7732.50"),
    ("2023 Q3", "P3", "S12", "8248.00", "0.00", "8248.00", "1241.26", "7006.74"),
    ("2023 Q3", "P2", "S18", "4500.25", "1248.25", "3252.00", "0.00", "3252.00"),
    ("2023 Q4", "P3", "S12", "-8248.00", "0.00", "-8248.00", "-1241.26", "-7006.74"),
]
CLAIM_TOTALS = [
    ("6500.00", "1625.00", "4875.00"),
    ("16500.00", "4125.00", "12375.00"),
    ("8000.00", "2000.00", "6000.00"),
    ("10000.00", "2500.00", "7500.00"),
    ("1275.50", "318.87", "956.63"),
    ("10201.50", "2550.37", "7651.13"),
    ("8248.00", "2062.00", "6186.00"),
    ("10310.00", "2577.50", "7732.50"),
    ("11500.00", "1241.26", "10258.74"),
    ("-8248.00", "-1241.26", "-7006.74"),
]


def borne(item, payer):
    """What a payer bears of a line, or of totals."""
    shares = getattr(item, "shares", None)
    shares = item.by_payer if shares is None else shares
    return next((share.amount for share in shares if share.payer == payer), gbp("0"))


def net(lines, payer=None):
    """Pounds of all lines, or of one payer, as text."""
    totals = claim_totals(lines, "GBP")
    return str(borne(totals, payer) if payer else totals.payable)


def test_every_row_of_the_golden_contract():
    # Same-day metrics of one quarter go by achievement date: P2's move before P1's six months.
    lines = [
        (
            str(line.gross),
            str(line.gross - line.payable),
            str(line.payable),
            str(borne(line, FUND)),
            str(borne(line, COUNCIL)),
        )
        for line in run(ex_timeline()).lines
    ]
    assert lines == [row[3:] for row in ROWS]


def test_people_and_metrics_stand_in_claim_order():
    assert [(line.participant_id, line.metric) for line in run(ex_timeline()).lines] == [
        row[1:3] for row in ROWS
    ]


def test_every_claim_total_of_the_golden_contract():
    found = []
    for claim in run(ex_timeline()).claims:
        totals = claim_totals(claim.lines, "GBP")
        found.append((str(totals.payable), str(borne(totals, FUND)), str(borne(totals, COUNCIL))))
    assert found == CLAIM_TOTALS


def test_net_totals_persons_and_years():
    lines = run(ex_timeline()).lines
    assert (net(lines), net(lines, FUND), net(lines, COUNCIL)) == (
        "74287.00",
        "17758.74",
        "56528.26",
    )
    paid = [line for line in lines if line.payable.minor > 0]
    before = claim_totals(paid, "GBP")
    assert (str(before.gross), str(before.capped), str(before.payable)) == (
        "85062.00",
        "2527.00",
        "82535.00",
    )
    assert net(paid, FUND) == "19000.00"
    persons = {
        person: net([line for line in lines if line.participant_id == person])
        for person in ("P1", "P2", "P3")
    }
    assert persons == {"P1": "28000.00", "P2": "28000.00", "P3": "18287.00"}


@pytest.mark.parametrize(
    ("first", "last", "payable", "fund"),
    [
        ("2020-04-01", "2021-03-31", "23000.00", "5750.00"),
        ("2021-04-01", "2022-03-31", "18000.00", "4500.00"),
        ("2022-04-01", "2023-03-31", "19725.00", "4931.24"),
        ("2023-04-01", "2024-03-31", "13562.00", "2577.50"),
    ],
)
def test_financial_years(first, last, payable, fund):
    lines = [
        line
        for claim in run(ex_timeline()).claims
        if day(first) <= claim.period.end <= day(last)
        for line in claim.lines
    ]
    assert (net(lines), net(lines, FUND)) == (payable, fund)


def test_waiver_refused_leaves_the_fund_room_for_its_whole_quarter_of_p3_s12():
    kept = [item for item in OUTCOMES if not item.late]
    lines = run(ex_timeline(), kept).lines
    assert (net(lines), net(lines, FUND), net(lines, COUNCIL)) == (
        "63977.00",
        "15181.24",
        "48795.76",
    )
    twelve = [line for line in lines if (line.participant_id, line.metric) == ("P3", "S12")]
    assert [str(borne(line, FUND)) for line in twelve] == ["2062.00", "-2062.00"]
    assert [str(borne(line, COUNCIL)) for line in twelve] == ["6186.00", "-6186.00"]


def test_rounding_half_up_moves_a_penny_to_the_fund_twice():
    lines = run(ex_timeline(rounding="half_up")).lines
    by_source = {line.source_id: str(borne(line, FUND)) for line in lines if line.count > 0}
    assert by_source["P3:ENG"] == "318.88"
    assert by_source["P3:MOVE"] == "1675.38"
    # The fund's cap holds to the penny all the same.
    assert net([line for line in lines if line.count > 0], FUND) == "19000.00"


def test_rounding_down_on_each_claim_gives_the_same_fund_figures_here():
    claims = run(ex_timeline(split_rule="per_claim")).claims
    found = [str(borne(claim_totals(claim.lines, "GBP"), FUND)) for claim in claims]
    assert found == [row[1] for row in CLAIM_TOTALS]


def test_pricing_by_verification_date_changes_nothing_in_the_golden_rows():
    terms = ex_timeline(price_date="verification")
    lines = run(terms).lines
    assert [str(line.payable) for line in lines] == [row[5] for row in ROWS]


@pytest.mark.parametrize(
    ("price_date", "amount", "edition"),
    [("achievement", "10000.00", "v1"), ("verification", "10310.00", "v2")],
)
def test_achieved_on_the_last_day_of_an_edition_and_verified_in_the_next(
    price_date, amount, edition
):
    outcome = Outcome("2022 Q2", "P9", "S06", "2022-03-31", "2022-04-08")
    found = entitled(outcome, ex_timeline(price_date=price_date))
    assert (str(found.amount), found.edition) == (amount, edition)


def test_books_balance_and_mirrors_agree_after_every_claim_and_when_all_is_paid():
    terms = ex_timeline()
    accounts = chart(terms.latest.terms)
    result = run(terms)
    entries = list(result.entries)
    assert [entry.reverses for entry in entries if entry.reverses] == [11]
    for count in range(len(entries) + 1):
        folded = balances(entries[:count], "GBP")
        assert mirror_differences(folded, accounts, "GBP") == ()
        assert all(b.debit_total == b.credit_total for b in trial_balances(folded, "GBP"))
    for claim in result.claims:
        own = [e for e in result.entries if e.source.startswith(f"claim:{claim.claim_number}/")]
        for due in amounts_due(own, accounts):
            number = len(entries) + 1
            entries.append(entry_for_payment(due, number, f"payment:{number}", claim.period.end))
    folded = balances(entries, "GBP")
    assert mirror_differences(folded, accounts, "GBP") == ()
    assert str(folded["spv/cash"].net) == "74287.00"
    assert str(folded["council/cash"].net) == "-56528.26"
    assert str(folded["fund/cash"].net) == "-17758.74"
    assert str(folded["council/payable/spv"].net) == "0.00"
    assert str(folded["fund/payable/council"].net) == "0.00"

"""What must hold for any terms and any outcomes: no penny lost, no cap passed, books equal."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.claim import Claim
from app.domain.money import Rounding, total
from app.payments.balances import balances, mirror_differences, trial_balances
from app.payments.claims import claim_totals, prepare
from app.payments.evaluation import CarriedForward, Clawback
from app.payments.funding import FundingRules, Splitter, whole_pennies
from app.payments.posting import chart, entries_for_claim, entry_for_payment
from app.payments.usage import Usage
from tests.factories import COUNCIL, FUND, entitlement, party, quarter, version
from tests.owed import amounts_due
from tests.used import usage_after

PERIOD, NEXT = quarter("2021 Q1"), quarter("2021 Q2")
PAYERS = ("alpha", "beta", FUND)
PARTIES = [
    party(COUNCIL, "commissioner", "outcome_payer"),
    *(party(payer, "outcome_payer") for payer in PAYERS),
    party("spv", "spv"),
]
POLICIES = st.sampled_from(["commissioner_absorbs", "unpaid", "carried_forward"])
AFTER_END = st.sampled_from(
    ["commissioner_pays_full", "no_payment", "original_split_if_achieved_before_end"]
)
# Small pounds make caps bite and pennies matter.
AMOUNTS = st.integers(0, 2000).map(lambda minor: f"{minor // 100}.{minor % 100:02d}")


def pounds(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


@st.composite
def fundings(draw, flows=("commissioner_pays_then_reclaims",)):
    weights = draw(st.lists(st.integers(0, 9), min_size=3, max_size=3))
    whole = max(sum(weights) + draw(st.integers(0, 9)), 1)
    shares = [
        {
            "payer": payer,
            "share": f"{weight}/{whole}",
            "to_date": draw(st.sampled_from([None, "2021-02-01"])),
            "after_end": draw(AFTER_END),
        }
        for payer, weight in zip(PAYERS, weights, strict=True)
    ]
    return {
        "shares": shares,
        "remainder_payer": COUNCIL,
        "rounding": draw(st.sampled_from(["floor", "half_up"])),
        "split_rule": draw(st.sampled_from(["per_line", "per_claim"])),
        "flow": draw(st.sampled_from(flows)),
    }


@st.composite
def caps(draw):
    def maybe_amount():
        return draw(st.none() | AMOUNTS)

    payer = [
        {"payer": name, "amount": draw(AMOUNTS), "shortfall": draw(POLICIES)}
        for name in draw(st.sets(st.sampled_from([COUNCIL, *PAYERS])).map(sorted))
    ]
    year = [
        {
            "payer": name,
            "financial_year": draw(st.sampled_from(["2020/21", "2021/22"])),
            "amount": draw(AMOUNTS),
            "shortfall": draw(POLICIES),
        }
        for name in draw(st.sets(st.sampled_from([COUNCIL, FUND])).map(sorted))
    ]
    count = draw(st.none() | st.integers(0, 5))
    metric = [] if count is None else [{"metrics": ["MOVE", "S06"], "count_max": count}]
    return {
        "metric": metric,
        "person": maybe_amount(),
        "contract": maybe_amount(),
        "payer": payer,
        "payer_financial_year": year,
    }


@st.composite
def outcomes(draw, period=PERIOD):
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["P1", "P2", "P3"]),
                st.sampled_from(["MOVE", "S06", "S12"]),
                st.integers(0, 80),
                AMOUNTS,
            ),
            max_size=8,
        )
    )
    return [
        entitlement(
            person,
            metric,
            (period.start + timedelta(days=days)).isoformat(),
            period.end.isoformat(),
            amount,
            entitlement_id=f"{period.start}-{index}",
        )
        for index, (person, metric, days, amount) in enumerate(rows)
    ]


def contract(funding, limits):
    return version(
        parties=PARTIES, signatories=[COUNCIL, "spv", FUND], funding=funding, caps=limits
    )


@given(fundings(), st.lists(st.integers(0, 10_000), max_size=6), st.randoms())
def test_a_split_adds_up_is_never_negative_and_ignores_the_listed_order(funding, amounts, rng):
    shuffled = {**funding, "shares": rng.sample(funding["shares"], 3)}
    splitters = [
        Splitter(FundingRules.of(contract(item, {}), PERIOD)) for item in (funding, shuffled)
    ]
    for amount in amounts:
        one, other = (splitter.split(amount, "MOVE", date(2021, 2, 1)) for splitter in splitters)
        cut = sum(item.amount.minor for item in one.cuts)
        assert sum(one.by_payer.values()) + cut == amount
        assert min(one.by_payer.values()) >= 0
        assert (one.by_payer, one.cuts) == (other.by_payer, other.cuts)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=5),
    st.integers(0, 9),
    st.integers(0, 10_000),
    st.sampled_from(Rounding),
)
def test_whole_pennies_stay_within_a_penny_of_the_exact_share(weights, rest, amount, rounding):
    whole = max(sum(weights) + rest, 1)
    dues = tuple(Fraction(weight, whole) * amount for weight in weights)
    pennies = whole_pennies(amount, dues, rounding)
    assert sum(pennies) <= amount
    assert all(abs(given - due) < 1 for given, due in zip(pennies, dues, strict=True))


def assert_lines_add_up(lines):
    for line in lines:
        assert line.gross == line.payable + total((cut.amount for cut in line.cuts), "GBP")
        assert line.payable == total((share.amount for share in line.shares), "GBP")
        assert all(cut.amount.minor > 0 for cut in line.cuts)
        assert len({cut.cap for cut in line.cuts}) == len(line.cuts)
        assert len({share.payer for share in line.shares}) == len(line.shares)


def assert_within_caps(limits, usage):
    for name, used in (
        ("contract", usage.contract_minor),
        *(("person", used) for used in usage.person_minor.values()),
    ):
        if limits[name] is not None:
            assert used <= minor(limits[name])
    for item in limits["payer"]:
        assert usage.payer_minor.get(item["payer"], 0) <= minor(item["amount"])
    for item in limits["payer_financial_year"]:
        key = (item["payer"], item["financial_year"])
        assert usage.payer_year_minor.get(key, 0) <= minor(item["amount"])
    for item in limits["metric"]:
        counted = sum(usage.metric_count.get(metric, 0) for metric in item["metrics"])
        assert counted <= item["count_max"]


def minor(text: str) -> int:
    return round(Fraction(text) * 100)


@given(fundings(), caps(), outcomes(), outcomes(NEXT))
def test_two_claims_with_carried_amounts_and_clawbacks_never_pass_a_cap(
    funding, limits, first, second
):
    terms = contract(funding, limits)
    lines = prepare(PERIOD, terms, first, usage=Usage())
    usage = usage_after(Usage(), lines, PERIOD)
    assert_lines_add_up(lines)
    assert_within_caps(limits, usage)
    assert all(line.payable.minor >= 0 for line in lines)
    carried = [CarriedForward(1, line, share.payer) for line in lines for share in line.carried]
    clawbacks = [Clawback(1, line, NEXT.end) for line in lines[::2]]
    later = prepare(NEXT, terms, second, usage=usage, carried_forward=carried, clawbacks=clawbacks)
    assert_lines_add_up(later)
    assert_within_caps(limits, usage_after(usage, later, NEXT))


@given(fundings(), caps(), outcomes(), st.randoms())
def test_lines_do_not_depend_on_the_order_of_their_inputs(funding, limits, items, rng):
    terms = contract(funding, limits)
    shuffled = rng.sample(items, len(items))
    assert prepare(PERIOD, terms, items, usage=Usage()) == prepare(
        PERIOD, terms, shuffled, usage=Usage()
    )


@given(
    fundings(),
    caps(),
    outcomes(),
    st.sampled_from(["person", "contract", "payer", "payer_financial_year", "metric"]),
    st.integers(1, 2000),
)
def test_more_headroom_never_pays_less_in_total(funding, limits, items, which, more):
    raised = dict(limits)
    if which == "metric":
        raised[which] = [{**item, "count_max": item["count_max"] + more} for item in limits[which]]
    elif which in {"person", "contract"}:
        raised[which] = limits[which] and pounds(minor(limits[which]) + more)
    else:
        raised[which] = [
            {**item, "amount": pounds(minor(item["amount"]) + more)} for item in limits[which]
        ]
    # Where two caps of one payer name other ways to bear what they cut, more of the one can leave
    # the cut to the other, whose way pays less.
    ways = {(item["payer"], item["shortfall"]) for item in limits["payer"]}
    yearly = {(item["payer"], item["shortfall"]) for item in limits["payer_financial_year"]}
    assume(len({payer for payer, _ in ways | yearly}) == len(ways | yearly))
    paid = [
        claim_totals(prepare(PERIOD, contract(funding, item), items, usage=Usage()), "GBP")
        for item in (limits, raised)
    ]
    assert paid[0].payable <= paid[1].payable


@given(fundings(flows=("commissioner_pays_then_reclaims", "fund_pays_direct")), caps(), outcomes())
def test_books_balance_mirrors_agree_and_taking_all_back_leaves_nothing(funding, limits, items):
    terms = contract(funding, limits)
    accounts = chart(terms.terms)
    lines = prepare(PERIOD, terms, items, usage=Usage())
    usage = usage_after(Usage(), lines, PERIOD)
    first = Claim(1, PERIOD, supplementary=False, terms_version=1, lines=lines)
    entries = list(entries_for_claim(first, terms.terms, 1, PERIOD.end, {}))
    by_source = {entry.source: entry for entry in entries}
    paid = [
        entry_for_payment(due, 100 + index, f"payment:{index}", PERIOD.end)
        for index, due in enumerate(amounts_due(entries, accounts))
    ]
    assert_books_agree(entries + paid, accounts)
    clawbacks = [Clawback(1, line, NEXT.end) for line in lines]
    backs = prepare(NEXT, terms, [], usage=usage, clawbacks=clawbacks)
    assert [[(share.payer, -share.amount.minor) for share in back.shares] for back in backs] == [
        [(share.payer, share.amount.minor) for share in line.shares] for line in lines
    ]
    originals = {
        back.line_number: by_source[f"claim:1/line:{line.line_number}"]
        for back, line in zip(backs, lines, strict=True)
        if line.payable
    }
    second = Claim(2, NEXT, supplementary=False, terms_version=1, lines=backs)
    entries += entries_for_claim(second, terms.terms, 50, NEXT.end, originals)
    assert amounts_due(entries, accounts) == ()
    assert all(not balance.net for balance in balances(entries, "GBP").values())
    assert usage_after(usage, backs, NEXT).contract_minor == 0


def assert_books_agree(entries, accounts):
    folded = balances(entries, "GBP")
    assert folded.keys() <= {account.name for account in accounts}
    assert mirror_differences(folded, accounts, "GBP") == ()
    for book in trial_balances(folded, "GBP"):
        assert book.debit_total == book.credit_total

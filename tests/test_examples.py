"""The examples hold together: they parse, follow one another, and their sums are right.

The money is worked out here once more in the plainest way, from the golden contract's prices, caps
and shares alone, so that expected.csv does not rest on the code that it tests.
"""

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from app.cli.documents import load_document
from app.domain.participant import EndReason, EventKind
from app.domain.terms.check import parse_terms, variation_faults, warnings
from app.domain.verification import ClawbackGround, Decision, ReasonCode

EXAMPLES = Path(__file__).parents[1] / "examples"
PI = EXAMPLES / "promoting-independence"
GOLDEN = EXAMPLES / "golden"
PAIRS = [
    (PI / "terms-2019.yaml", PI / "terms-2022.yaml"),
    (GOLDEN / "terms-1.yaml", GOLDEN / "terms-2.yaml"),
]


def read(path: Path) -> dict:
    return load_document(path.read_bytes(), "application/yaml")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("path", [path for pair in PAIRS for path in pair], ids=lambda p: p.stem)
def test_terms_parse_with_no_findings_but_on_what_is_not_acted_upon(path):
    found = warnings(parse_terms(read(path)))
    assert {finding.code for finding in found} <= {"not-acted-upon"}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_each_contract_s_second_terms_are_a_variation_of_its_first(first, second):
    assert variation_faults(parse_terms(read(first)), parse_terms(read(second))) == ()


def test_promoting_independence_carries_the_published_figures():
    terms = parse_terms(read(PI / "terms-2022.yaml"))
    targets = {metric.code: metric.target for metric in terms.metrics}
    assert targets == {
        "ENG": 60,
        "MOVE": 74,
        "S06": 61,
        "S12": 55,
        "S18": 47,
        "S24": None,
        "TRAIN_BEGUN": None,
        "TRAIN_DONE": None,
    }
    committed = {one.payer: one.amount for one in terms.funding.commitments}
    assert committed == {"lcf": "686187.00", "scc": "2058563.00"}
    assert terms.caps.contract == "2744750.00"
    assert terms.investment.commitment == "725000.00"
    assert [party.id for party in terms.parties] == ["scc", "lcf", "bii", "spv", "syha"]


def test_nobody_can_take_the_reconstruction_for_the_contract():
    for name in ("terms-2019.yaml", "terms-2022.yaml"):
        terms = parse_terms(read(PI / name))
        assert "not the signed" in (terms.notice or "")
        for edition in terms.rate_card:
            assert (edition.basis or "").startswith(("Reconstructed", "Illustrative"))


def test_the_activity_payment_of_the_readme_fits_the_terms():
    text = (PI / "README.md").read_text(encoding="utf-8")
    snippet = text.split("```yaml\n")[1].split("```")[0]
    document = read(PI / "terms-2019.yaml")
    document |= load_document(snippet.encode(), "application/yaml")
    terms = parse_terms(document)
    assert terms.activity_payments[0].amount == "2000.00"


def test_plan_1_is_rebuilt_by_the_prices_of_2019():
    prices = parse_terms(read(PI / "terms-2019.yaml")).rate_card[0].prices
    plan = rows(PI / "plan-1.csv")
    totals: Counter[str] = Counter()
    for row in plan:
        counts = {metric: int(row[metric]) for metric in ("MOVE", "S06", "S12", "S24")}
        totals.update(counts)
        rebuilt = sum(count * Decimal(prices[metric]) for metric, count in counts.items())
        assert rebuilt == Decimal(row["planned_amount"]), row["quarter"]
    assert totals == {"MOVE": 104, "S06": 94, "S12": 84, "S24": 74}
    assert sum(Decimal(row["planned_amount"]) for row in plan) == Decimal("2995000.00")
    quarters = [row["quarter"] for row in plan]
    assert quarters == [f"{year}-Q{q}" for year in range(2020, 2026) for q in (1, 2, 3, 4)][:23]


def pence(text: str) -> int:
    return int(Decimal(text) * 100)


def test_every_golden_row_follows_from_prices_caps_and_shares():
    first, second = (parse_terms(read(GOLDEN / f"terms-{n}.yaml")) for n in (1, 2))
    persons: Counter[str] = Counter()
    fund = 0
    reversed_by: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows(GOLDEN / "expected.csv"):
        gross, capped, payable, lcf, scc = (
            pence(row[name]) for name in ("gross", "capped", "payable", "lcf", "scc")
        )
        key = (row["participant"], row["metric"])
        if row["kind"] == "clawback":
            before = reversed_by[key]
            assert [row[n] for n in ("payable", "lcf", "scc")] == [
                f"-{before[n]}" for n in ("payable", "lcf", "scc")
            ]
        else:
            assert key not in reversed_by, "each metric once for life"
            edition = (first if row["achieved_on"] < "2022-04-01" else second).rate_card[-1]
            assert gross == pence(edition.prices[row["metric"]])
            assert payable == min(gross, 2_800_000 - persons[row["participant"]])
            supported = row["achieved_on"] <= "2023-06-30"
            assert lcf == (min(payable // 4, 1_900_000 - fund) if supported else 0)
            reversed_by[key] = row
        assert gross - capped == payable == lcf + scc
        persons[row["participant"]] += payable
        fund += lcf


def test_the_golden_totals_are_the_sums_of_the_rows():
    expected = read(GOLDEN / "expected-totals.yaml")
    lines = rows(GOLDEN / "expected.csv")

    def sums(key) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for line in lines:
            for name in ("payable", "lcf", "scc"):
                found[key(line)][name] += Decimal(line[name])
        return {group: {n: str(v) for n, v in values.items()} for group, values in found.items()}

    def year(line) -> str:
        start, quarter = int(line["claim_quarter"][:4]), line["claim_quarter"][5:]
        start -= quarter == "Q1"
        return f"{start}/{(start + 1) % 100}"

    assert sums(lambda line: line["claim_quarter"]) == expected["claims"]
    by_person = sums(lambda line: line["participant"])
    assert {who: one["payable"] for who, one in by_person.items()} == expected["persons"]
    by_year = sums(year)
    assert {
        when: {"payable": one["payable"], "lcf": one["lcf"]} for when, one in by_year.items()
    } == expected["financial_years"]
    assert sums(lambda _: "net")["net"] == expected["net"]
    outcomes = [line for line in lines if line["kind"] == "outcome"]
    assert str(sum(Decimal(line["gross"]) for line in outcomes)) == expected["gross"]
    assert str(sum(Decimal(line["capped"]) for line in outcomes)) == expected["capped"]
    assert str(sum(Decimal(line["lcf"]) for line in outcomes)) == "19000.00"


def test_the_golden_journeys_speak_the_service_s_language():
    terms = parse_terms(read(GOLDEN / "terms-2.yaml"))
    tale = read(GOLDEN / "journeys.yaml")
    variant = tale["variants"]["price_date"]
    people = {one["id"] for one in (*tale["participants"], *variant["participants"])}
    settings = terms.cohort.eligibility.settings
    assert all(one["setting"] in settings for one in tale["participants"])
    for event in (*tale["events"], *variant["events"]):
        assert event["participant"] in people
        assert event["kind"] in set(EventKind)
        assert event.get("reason", "surrendered") in set(EndReason)
        if "destination" in event:
            assert event["destination"] in terms.sustainment.qualifying_destinations
    evidence = {one["id"]: one for one in (*tale["evidence"], *variant["evidence"])}
    for submission in (*tale["submissions"], *variant["submissions"]):
        assert submission["decision"] in set(Decision)
        assert submission.get("reason_code", "late") in set(ReasonCode)
        for item in submission["evidence"]:
            assert evidence[item]["participant"] == submission["participant"]
            assert evidence[item]["supports"] == [submission["metric"]]
            assert evidence[item]["dated_on"] <= submission["submitted_on"]
        assert submission["submitted_on"] <= submission["decided_on"]
    assert tale["clawbacks"][0]["ground"] in set(ClawbackGround)


def test_each_golden_row_has_its_verified_submission_and_its_claim():
    tale = read(GOLDEN / "journeys.yaml")
    claims = {claim["quarter"]: claim for claim in tale["claims"]}
    verified = {
        (one["participant"], one["metric"]): one["decided_on"]
        for one in tale["submissions"]
        if one["decision"] == "verified"
    }
    lines = rows(GOLDEN / "expected.csv")
    assert {(one["participant"], one["metric"]) for one in lines} == set(verified)
    assert [claim["quarter"] for claim in tale["claims"]] == list(
        dict.fromkeys(line["claim_quarter"] for line in lines)
    )
    for line in lines:
        claim = claims[line["claim_quarter"]]
        assert claim["period_start"] <= line["verified_on"] <= claim["period_end"]
        if line["kind"] == "outcome":
            assert line["verified_on"] == verified[line["participant"], line["metric"]]

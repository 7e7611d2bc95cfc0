"""`outcomes demo` on the test database: the published margins, a ledger that agrees, verified."""

import os
import re
from collections import Counter

import pytest

from app.cli.client import Service
from app.cli.demo.acts import Acts
from app.cli.demo.cohort import LAST_DAY, cohort
from app.cli.demo.figures import Figures, gather
from app.cli.demo.flow import Withdrawals, flow, living_independently, percent
from app.cli.demo.handing import handings
from app.cli.demo.published import LIVING_INDEPENDENTLY, OUTCOMES
from app.cli.demo.run import PREFIX, SEED
from app.cli.examples import example_terms
from app.cli.serving import served_in_thread
from app.domain.calendar import add_months
from app.domain.money import Money, total
from app.main import create_app
from app.settings import Settings
from app.storage import signing_keys
from tests.command_line import run_outcomes


@pytest.fixture(scope="module")
def told(database_urls, tmp_path_factory):
    """The demo run once as a person runs it; its output, and the folder with its files."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as environment:
        for name in os.environ:
            if name.startswith("OUTCOMES_") or name.endswith("DATABASE_URL"):
                environment.delenv(name)
        environment.setenv("DATABASE_URL", database_urls.app)
        environment.setenv("OUTCOMES_MODE", "demo")
        environment.setenv("OUTCOMES_VAR_DIR", str(folder))
        yield run_outcomes("demo"), folder


@pytest.fixture(scope="module")
def figures(told, database_urls, engine) -> Figures:
    """The demo's contract, read again through a service of the test's own."""
    result, folder = told
    assert result.exit_code == 0, result.output
    contract_id = re.search(rf"contract ({PREFIX}\d+)", result.stdout)[1]
    settings = Settings(mode="demo", database_url=database_urls.app, var_dir=folder)
    waived = next(one for one in handings(cohort(SEED), SEED) if one.waived)
    with served_in_thread(create_app(settings, engine)) as url, Service(url) as service:
        service.set_clock("2024-12-31T12:00:00+00:00")
        explained = (waived.participant_id, waived.metric)
        terms = example_terms("terms-2022.yaml")
        return gather(service, Acts(service, contract_id), terms, explained)


def test_the_cohort_flows_as_published(figures):
    found = flow(figures.participants, LAST_DAY)
    assert (found.accepted, found.withdrew_in_care, found.moved, found.preparing) == (
        116,
        28,
        70,
        18,
    )
    assert found.still_possible == 88
    assert found.withdrawals == (
        Withdrawals("within 6 months", 4, 70),
        Withdrawals("6 to 12 months", 3, 59),
        Withdrawals("after 12 months", 4, 50),
    )
    assert found.withdrew_after_moving == 11


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (28, 116, "24.1%"),
        (70, 116, "60.3%"),
        (18, 116, "15.5%"),
        (88, 116, "75.9%"),
        (4, 70, "5.7%"),
        (3, 59, "5.1%"),
        (4, 50, "8.0%"),
        (11, 70, "15.7%"),
    ],
)
def test_the_published_percentages_are_printed(told, part, whole, printed):
    assert percent(part, whole) == printed
    assert re.search(rf" {part}  {re.escape(printed)} of {whole}\n", told[0].stdout)


def test_the_service_says_the_same_of_each_person(figures):
    phases = Counter(one["phase"] for one in figures.participants)
    assert phases["withdrawn_pre_move"] == 28
    assert phases["preparing"] == 18
    assert phases["sustaining"] + phases["completed"] + phases["spell_ended"] == 70


def test_outcomes_are_the_published_ones_but_for_moves(figures):
    counts = figures.counts()
    assert {metric: counts[metric] for metric in ("ENG", "S06", "S12", "S18")} == {
        metric: OUTCOMES[metric] for metric in ("ENG", "S06", "S12", "S18")
    }
    assert counts["MOVE"] == 70
    for year, published in LIVING_INDEPENDENTLY.items():
        last = LAST_DAY.replace(year=year, month=12, day=31)
        assert living_independently(figures.participants, last) == published


def test_the_record_is_intact(told, figures):
    assert figures.verification["intact"]
    assert f"Contract {figures.contract_id} is intact" in told[0].stdout
    assert re.search(r"heads +1 signed heads: intact", told[0].stdout)
    assert signing_keys.load(told[1] / "demo-signing-keys.json").keys


def test_every_quarter_is_claimed_or_said_to_be_empty(told, figures):
    assert len(figures.claims) == 18
    assert "Nothing to claim, so no claim: 2019 Oct-Dec, 2020 Apr-Jun." in told[0].stdout
    assert {claim["status"] for claim in figures.claims} == {"paid"}
    starts = [claim["period"]["start"] for claim in figures.claims]
    assert (starts[0], starts[-1]) == ("2020-01-01", "2024-07-01")


def test_the_fund_bears_a_quarter_at_most_and_stays_within_its_cap(figures):
    for row in figures.rows():
        assert row.fund.minor * 4 <= row.payable.minor
        assert row.fund + row.council == row.payable
        assert row.payable + row.capped == row.gross
    totals = figures.totals()
    assert totals["fund"] <= figures.caps["lcf"]
    assert totals["payable"] <= figures.caps["contract"]


def test_the_tables_totals_are_those_of_the_ledger(figures):
    totals = figures.totals()
    assert figures.net("scc/outcome-expenditure") == totals["payable"]
    assert figures.net("spv/outcome-income") == -totals["payable"]
    assert figures.net("lcf/grant-expenditure") == totals["fund"]
    assert figures.net("spv/cash") == totals["payable"]
    assert figures.net("scc/cash") == -totals["council"]
    for open_account in ("scc/payable/spv", "spv/receivable/scc", "lcf/payable/scc"):
        assert figures.net(open_account) == Money(0)
    assert total((row.payable for row in figures.rows()), "GBP") == totals["payable"]
    assert all(mirror["agrees"] for one in figures.statements.values() for mirror in one["mirrors"])


def test_the_money_cycle_ends_with_zero_differences(told, figures):
    page = figures.reconciliation
    assert page["holds"]
    assert {tie["difference"]["amount"] for tie in page["ties"]} == {"0.00"}
    assert {one["state"] for one in page["lines"]} == {"accepted", "ignored", "duplicate"}
    assert len(page["imports"]) == 15
    ends = Counter()
    for one in page["lines"]:
        ends[one["classification"]] += one["count"]
    assert ends["over"] == 2  # the same payment in the SPV's bank and the council's extract
    assert ends["ignored"] == 10
    assert ends["duplicate"] == 12
    assert "Everything ties." in told[0].stdout


def test_a_disputed_line_is_paid_once_its_dispute_is_rejected(figures):
    (dispute,) = figures.disputes
    assert dispute["state"] == "rejected"
    number = int(dispute["subject"].removeprefix("claim:").partition("/")[0])
    documents = [one for one in figures.invoices if one["claim_number"] == number]
    assert [one["open_amount"]["amount"] for one in documents] == ["0.00", "0.00"]
    assert dispute["amount"] in [one["total"] for one in documents]


def test_what_goes_wrong_on_purpose_is_there(figures):
    states = Counter(one["state"] for one in figures.submissions)
    assert states == {"verified": 309, "rejected": 5, "returned": 2}
    assert sum(one["waiver"] is not None for one in figures.submissions) == 3
    again = [one for one in figures.submissions if one["round"] == 2]
    assert [one["state"] for one in again] == ["verified"] * 6
    late = [
        one
        for one in figures.submissions
        if one["verification"] and one["verification"]["reason_code"] == "late"
    ]
    lines = [line for claim in figures.claims for line in claim["lines"]]
    assert len(late) == 1
    assert not [
        line
        for line in lines
        if (line["participant_id"], line["metric"]) == (late[0]["participant_id"], "S24")
    ]
    taken_back = [line for line in lines if line["kind"] == "clawback"]
    assert [(line["metric"], line["payable"]["amount"]) for line in taken_back] == [
        ("S24", "-8500.00")
    ]


def test_no_absence_passes_the_limits_and_nobody_reaches_a_month_too_late():
    for one in handings(cohort(SEED), SEED):
        assert one.filed_on <= add_months(one.achieved_on, 6)
        assert one.decided_on <= LAST_DAY
        assert all(item.dated_on <= one.filed_on for item in one.items)


@pytest.mark.parametrize("seed", range(12))
def test_any_seed_gives_the_published_margins(seed):
    people = cohort(seed)
    assert len({person.participant_id for person in people}) == 116
    assert sum(person.withdrew_in_care_on is not None for person in people) == 28
    assert sum(person.moved_on is not None for person in people) == 70
    verified = Counter(one.metric for one in handings(people, seed) if one.decision == "verified")
    assert {metric: verified[metric] for metric in OUTCOMES} == OUTCOMES | {"MOVE": 70}


def test_the_same_seed_tells_the_same_story():
    assert cohort(SEED) == cohort(SEED)
    assert handings(cohort(SEED), SEED) == handings(cohort(SEED), SEED)
    assert cohort(SEED) != cohort(SEED + 1)


def test_the_report_says_what_is_real_and_what_is_not(told):
    said = told[0].stdout
    for word in ("PUBLISHED", "RECONSTRUCTED", "ILLUSTRATIVE", "SYNTHETIC"):
        assert f"\n{word}" in said
    assert "outcomes serve" in said
    assert "/docs" in said
    assert "/openapi.json" in said
    assert "2,376,250.00" in said


def test_the_demo_does_not_fill_a_database_for_real_contracts(database_urls, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_urls.app)
    monkeypatch.delenv("OUTCOMES_MODE", raising=False)
    refused = run_outcomes("demo")
    assert refused.exit_code == 2
    assert "invented data" in refused.stderr

"""Usage added up from lines, line by line or from stored sums, net of clawback."""

from dataclasses import replace

from app.domain.claim import ClaimLine, LineKind, PayerShare
from app.payments.usage import Usage
from tests.factories import COUNCIL, FUND, day, gbp, quarter
from tests.used import usage_after

LINE = ClaimLine(
    line_number=1,
    kind=LineKind.OUTCOME,
    source_id="P1:MOVE",
    participant_id="P1",
    metric="MOVE",
    achieved_on=day("2022-03-01"),
    verified_on=day("2022-03-20"),
    gross=gbp("65.00"),
    cuts=(),
    payable=gbp("65.00"),
    shares=(PayerShare(COUNCIL, gbp("48.75")), PayerShare(FUND, gbp("16.25"))),
    carried=(),
    origin=LineKind.OUTCOME,
    count=1,
    working=(),
)
TAKEN_BACK = replace(
    LINE,
    kind=LineKind.CLAWBACK,
    gross=gbp("-65.00"),
    payable=gbp("-65.00"),
    shares=(PayerShare(COUNCIL, gbp("-48.75")), PayerShare(FUND, gbp("-16.25"))),
    count=-1,
)
ACTIVITY = replace(LINE, kind=LineKind.ACTIVITY, origin=LineKind.ACTIVITY, metric="COVID", count=0)


def test_an_outcome_uses_every_cap():
    assert usage_after(Usage(), [LINE], quarter("2022 Q1")) == Usage(
        contract_minor=6500,
        metric_count={"MOVE": 1},
        person_minor={"P1": 6500},
        payer_minor={COUNCIL: 4875, FUND: 1625},
        payer_year_minor={(COUNCIL, "2021/22"): 4875, (FUND, "2021/22"): 1625},
        activity_minor={},
    )


def test_activity_uses_its_own_cap_and_not_the_persons():
    found = usage_after(Usage(), [ACTIVITY, ACTIVITY], quarter("2022 Q1"))
    assert (found.activity_minor, found.person_minor, found.metric_count) == (
        {"COVID": 13000},
        {},
        {},
    )
    assert found.contract_minor == 13000


def test_a_clawback_gives_back_all_but_in_the_year_of_its_own_claim():
    paid = usage_after(Usage(), [LINE], quarter("2022 Q1"))
    found = usage_after(paid, [TAKEN_BACK], quarter("2022 Q2"))
    assert (found.contract_minor, found.metric_count, found.person_minor) == (
        0,
        {"MOVE": 0},
        {"P1": 0},
    )
    assert found.payer_minor == {COUNCIL: 0, FUND: 0}
    assert found.payer_year_minor[FUND, "2021/22"] == 1625
    assert found.payer_year_minor[FUND, "2022/23"] == -1625


def test_usage_starts_from_stored_sums_and_leaves_them_alone():
    stored = {"P1": 100}
    before = Usage(contract_minor=100, person_minor=stored)
    after = usage_after(before, [LINE], quarter("2022 Q1"))
    assert after.person_minor == {"P1": 6600}
    assert (stored, before.contract_minor) == ({"P1": 100}, 100)


def test_no_lines_change_nothing():
    assert usage_after(Usage(), [], quarter("2022 Q1")) == Usage(payer_year_minor={})

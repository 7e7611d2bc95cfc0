"""What must agree between the parts of a document: one disagreement each, its code and place."""

import pytest

from app.domain.errors import InputInvalid
from app.domain.terms.check import parse_terms

NEVER_ENDING = {"type": "landlord_confirmation"}


def nested(depth: int) -> dict:
    """An evidence rule inside `depth` all-ofs and any-ofs."""
    rule: dict = NEVER_ENDING
    for level in range(depth):
        rule = {"all_of" if level % 2 else "any_of": [rule]}
    return rule


def party(name: str, *roles: str, **more: object) -> dict:
    return {"id": name, "name": name, "roles": list(roles), **more}


PARTIES = [
    ({"/parties/0/roles": ["outcome_payer"]},
     [("commissioner-missing", "/parties"), ("signatory-missing", "/signatories")]),
    ({"/parties/2/roles": ["commissioner", "investor"]},
     [("commissioner-repeated", "/parties/2/roles")]),
    ({"/parties/2/roles": ["evaluator"], "/parties/3/roles": ["intermediary"]},
     [("investor-missing", "/parties"), ("signatory-missing", "/signatories")]),
    ({"/parties/2/roles": ["evaluator"]}, []),
    ({"/parties/4/roles": ["intermediary"]},
     [("provider-missing", "/parties"), ("signatory-missing", "/signatories")]),
    ({"/parties/-": party("scc", "evaluator")}, [("duplicate-party", "/parties/5")]),
    ({"/parties/0/roles": ["commissioner", "outcome_payer", "commissioner"]},
     [("repeated-value", "/parties/0/roles/2")]),
    ({"/parties/-": party("old", "evaluator", from_date="2021-01-01", to_date="2020-12-31")},
     [("dates-reversed", "/parties/5/to_date")]),
    ({"/parties/-": party("old", "evaluator", from_date="2021-01-01", to_date="2021-01-01")}, []),
    ({"/parties/-": party("uni", "evaluator", identifiers=[{"scheme": "GB-UNI", "id": "1"}])},
     [("unknown-scheme", "/parties/5/identifiers/0/scheme")]),
    ({"/parties/-": party("uni", "evaluator", identifiers=[{"scheme": "GB-COH", "id": "1"}] * 2)},
     [("repeated-value", "/parties/5/identifiers/1")]),
    ({"/identifiers": [{"scheme": "POJ", "id": "1"}]},
     [("unknown-scheme", "/identifiers/0/scheme")]),
    ({"/signatories": ["scc", "spv", "syha", "ombudsman"]},
     [("unknown-party", "/signatories/3")]),
    ({"/signatories": ["scc", "spv", "syha", "scc"]}, [("repeated-value", "/signatories/3")]),
    ({"/signatories": ["lcf", "spv", "syha"]}, [("signatory-missing", "/signatories")]),
    ({"/signatories": ["scc", "lcf", "syha"]}, [("signatory-missing", "/signatories")]),
    ({"/signatories": ["scc", "bii", "lcf"]}, [("signatory-missing", "/signatories")]),
    ({"/signatories": ["scc", "bii", "syha"]}, []),
    ({"/cohort/eligibility/settings": ["care", "care"]},
     [("repeated-value", "/cohort/eligibility/settings/1")]),
    ({"/cohort/referrals_from": "2022-04-01", "/cohort/referrals_to": "2022-03-31"},
     [("dates-reversed", "/cohort/referrals_to")]),
    ({"/cohort/eligibility/age_min": 66, "/cohort/eligibility/age_max": 65},
     [("limits-reversed", "/cohort/eligibility/age_max")]),
    ({"/cohort/eligibility/age_min": 65, "/cohort/eligibility/age_max": 65}, []),
]  # fmt: skip

VARIATION = "/variation/applies_to_achievements_from"
DATES = [
    ({"/service_ends": "2022-03-31"}, []),  # a variation may come in the run-off
    ({"/variation/retrospective": True}, [("missing-field", VARIATION)]),
    ({VARIATION: "2022-01-01"}, [("not-applicable", VARIATION)]),
    ({"/variation/retrospective": True, VARIATION: "2022-04-01"},
     [("not-retrospective", VARIATION)]),
    ({"/variation/retrospective": True, VARIATION: "2022-03-31"}, []),
]  # fmt: skip

METRICS = [
    ({"/metrics/3/code": "S06"},
     [("duplicate-metric", "/metrics/3"), ("unknown-metric", "/rate_card/0/prices/S12"),
      ("unknown-metric", "/rate_card/1/prices/S12")]),
    ({"/metrics/0/identifiers": [{"scheme": "OTHER", "id": "1"}]},
     [("unknown-scheme", "/metrics/0/identifiers/0/scheme")]),
    ({"/metrics/0/available_to": "2022-03-31"},
     [("dates-reversed", "/metrics/0/available_to")]),
    ({"/metrics/0/available_to": "2022-04-01"}, []),
    ({"/metrics/3/length": 6}, [("sustained-out-of-order", "/metrics/3/length")]),
    ({"/metrics/3/length": 30},
     [("sustained-out-of-order", "/metrics/4/length"),
      ("sustained-out-of-order", "/metrics/5/length")]),
    ({"/metrics/2/requires": ["MOVE", "ENG", "MOVE"]},
     [("repeated-value", "/metrics/2/requires/2")]),
    ({"/metrics/2/requires": ["TRAIN"]}, [("unknown-metric", "/metrics/2/requires/0")]),
    ({"/metrics/2/requires": ["S06"]}, [("requires-cycle", "/metrics/2/requires")]),
    ({"/metrics/2/requires": ["S12"], "/metrics/3/requires": ["S24"],
      "/metrics/5/requires": ["S06", "MOVE"]},
     [("requires-cycle", "/metrics/2/requires"), ("requires-cycle", "/metrics/3/requires"),
      ("requires-cycle", "/metrics/5/requires")]),
    ({"/metrics/2/requires": ["MOVE"], "/metrics/3/requires": ["S06", "MOVE"]}, []),
    ({"/metrics/0/once_per": "spell"}, [("no-spell", "/metrics/0/once_per")]),
    ({"/metrics/1/once_per": "spell", "/metrics/2/once_per": "spell"}, []),
    ({"/metrics/0/once_per": "financial_year"}, []),
    ({"/metrics/2/evidence": nested(5)}, []),
    ({"/metrics/2/evidence": nested(6)},
     [("evidence-too-deep", "/metrics/2/evidence" + "/all_of/0/any_of/0" * 3)]),
    ({"/metrics/2/evidence": NEVER_ENDING | {"issuers": ["landlord", "landlord"]}},
     [("repeated-value", "/metrics/2/evidence/issuers/1")]),
    ({"/metrics/2/evidence/covers": "from_anchor_to_achievement"}, []),
    ({"/metrics/0/evidence/all_of/1/covers": "from_anchor_to_achievement"},
     [("no-anchor", "/metrics/0/evidence/all_of/1/covers")]),
    ({"/sustainment/qualifying_destinations": ["own_tenancy", "own_tenancy"]},
     [("repeated-value", "/sustainment/qualifying_destinations/1")]),
    ({"/sustainment/hospital": {"days_max": 91, "accepted_days_max": 90}},
     [("limits-reversed", "/sustainment/hospital/accepted_days_max")]),
    ({"/sustainment/custody": {"days_max": 91, "accepted_days_max": 91}}, []),
]  # fmt: skip

SUBMISSION = [
    ({"/submission/deadline": "months_after_achievement"},
     [("missing-field", "/submission/deadline_months")]),
    ({"/submission/deadline": "months_after_achievement", "/submission/deadline_months": 6}, []),
    ({"/submission/deadline": "months_after_achievement", "/submission/deadline_months": 7},
     [("limits-reversed", "/submission/longstop_months")]),
    ({"/submission/deadline": "months_after_achievement", "/submission/deadline_months": 7,
      "/submission/longstop_months": None}, []),
    ({"/submission/deadline_months": 3}, [("not-applicable", "/submission/deadline_months")]),
    ({"/submission/late_policy": "reduced_price"},
     [("missing-field", "/submission/late_price_share")]),
    ({"/submission/late_policy": "reduced_price", "/submission/late_price_share": "0.5"}, []),
    ({"/submission/late_price_share": "0.5"},
     [("not-applicable", "/submission/late_price_share")]),
]  # fmt: skip

SHARE = {"payer": "lcf", "share": "0.25"}
YEAR_CAP = {"payer": "lcf", "financial_year": "2022/23", "amount": "1.00"}
ACTIVITY = {
    "code": "COVID", "name": "Temporary payment", "amount": "2000.00",
    "from_date": "2020-12-01", "to_date": "2021-12-31",
}  # fmt: skip
PAYMENT = [
    ({"/rate_card/1/prices/S06": "0.00"}, []),
    ({"/rate_card/1/prices/S06": "10310.005"},
     [("too-many-decimals", "/rate_card/1/prices/S06")]),
    ({"/rate_card/1/code": "v1"}, [("duplicate-edition", "/rate_card/1")]),
    ({"/rate_card/1/prices/TRAIN": "0.00"}, [("unknown-metric", "/rate_card/1/prices/TRAIN")]),
    ({"/rate_card/0/to_date": "2019-11-27"}, [("dates-reversed", "/rate_card/0/to_date")]),
    ({"/rate_card/0/to_date": "2022-04-01"}, [("editions-overlap", "/rate_card/1")]),
    ({"/rate_card/0/to_date": None}, [("editions-overlap", "/rate_card/1")]),
    ({"/rate_card/0/to_date": "2022-03-30"}, []),  # version 2 governs from 1 April only
    ({"/rate_card/1/from_date": "2022-04-02"}, [("price-gap", "/rate_card")] * 6),
    ({"/rate_card/1/to_date": "2030-12-31"}, [("price-gap", "/rate_card")] * 6),
    ({"/activity_payments": [ACTIVITY]}, []),
    ({"/activity_payments": [ACTIVITY | {"to_date": "2020-11-30", "amount": "2000.001",
                                         "cap": "0.001"}]},
     [("too-many-decimals", "/activity_payments/0/amount"),
      ("too-many-decimals", "/activity_payments/0/cap"),
      ("dates-reversed", "/activity_payments/0/to_date")]),
    ({"/activity_payments": [ACTIVITY, ACTIVITY]},
     [("duplicate-code", "/activity_payments/1/code")]),
    ({"/activity_payments": [ACTIVITY | {"code": "S06"}]},
     [("duplicate-code", "/activity_payments/0/code")]),
    ({"/caps/metric": [{"metrics": ["S06", "S09", "S06"], "count_max": 9}]},
     [("repeated-value", "/caps/metric/0/metrics/2"),
      ("unknown-metric", "/caps/metric/0/metrics/1")]),
    ({"/caps/metric": [{"metrics": ["S06", "S12"], "count_max": 9}]}, []),
    ({"/caps/person": "0.001"}, [("too-many-decimals", "/caps/person")]),
    ({"/claims": {"second_approval_above": "0.001"}},
     [("too-many-decimals", "/claims/second_approval_above")]),
    ({"/claims": {"second_approval_above": "0.01"}}, []),
    ({"/caps/payer/-": {"payer": "lcf", "amount": "1.00"}},
     [("duplicate-cap", "/caps/payer/1")]),
    ({"/caps/payer/0/payer": "icb"}, [("unknown-party", "/caps/payer/0/payer")]),
    ({"/caps/payer/0/payer": "bii"}, [("not-a-payer", "/caps/payer/0/payer")]),
    ({"/caps/payer/-": {"payer": "scc", "amount": "1.00"}},
     [("commissioner-cannot-absorb", "/caps/payer/1/shortfall")]),
    ({"/caps/payer/-": {"payer": "scc", "amount": "1.00", "shortfall": "unpaid"}}, []),
    ({"/caps/payer_financial_year": [YEAR_CAP, YEAR_CAP | {"amount": "1.001"}]},
     [("too-many-decimals", "/caps/payer_financial_year/1/amount"),
      ("duplicate-cap", "/caps/payer_financial_year/1")]),
    ({"/caps/payer_financial_year": [YEAR_CAP | {"financial_year": "2022/24"}]},
     [("not-a-financial-year", "/caps/payer_financial_year/0/financial_year")]),
    ({"/caps/payer_financial_year": [YEAR_CAP | {"financial_year": "2099/00"}]}, []),
    ({"/caps/payer_financial_year": [YEAR_CAP | {"payer": "scc"}]},
     [("commissioner-cannot-absorb", "/caps/payer_financial_year/0/shortfall")]),
    ({"/investment": {"commitment": "1.001"}},
     [("too-many-decimals", "/investment/commitment")]),
]  # fmt: skip

FUNDING = [
    ({"/funding/remainder_payer": "icb"}, [("unknown-party", "/funding/remainder_payer")]),
    ({"/funding/remainder_payer": "syha"}, [("not-a-payer", "/funding/remainder_payer")]),
    ({"/funding/shares/0/payer": "scc"},
     [("remainder-payer-has-share", "/funding/shares/0/payer")]),
    ({"/funding/shares/0/from_date": "2023-07-01"},
     [("dates-reversed", "/funding/shares/0/to_date")]),
    ({"/funding/shares/0/from_date": "2020-01-01",
      "/funding/shares/0/claim_longstop": "2019-12-31"},
     [("dates-reversed", "/funding/shares/0/claim_longstop")]),
    ({"/funding/shares/0/metrics": ["S06", "S09", "S06"]},
     [("repeated-value", "/funding/shares/0/metrics/2"),
      ("unknown-metric", "/funding/shares/0/metrics/1")]),
    ({"/funding/shares/0/metrics": ["COVID"], "/activity_payments": [ACTIVITY]}, []),
    ({"/funding/shares/-": SHARE}, [("shares-overlap", "/funding/shares/1")]),
    ({"/funding/shares/-": SHARE | {"from_date": "2023-06-30"}},
     [("shares-overlap", "/funding/shares/1")]),
    ({"/funding/shares/-": SHARE | {"from_date": "2023-07-01"}}, []),
    ({"/funding/shares/0/metrics": ["S06"], "/funding/shares/-": SHARE | {"metrics": ["S12"]}},
     []),
    ({"/funding/shares/0/metrics": ["S06"],
      "/funding/shares/-": SHARE | {"metrics": ["S12", "S06"]}},
     [("shares-overlap", "/funding/shares/1")]),
    ({"/funding/shares/0/share": "1"}, []),
    ({"/parties/-": party("icb", "outcome_payer"),
      "/funding/shares/-": {"payer": "icb", "share": "0.75"}}, []),
    ({"/parties/-": party("icb", "outcome_payer"),
      "/funding/shares/-": {"payer": "icb", "share": "0.750000000000000001"}},
     [("shares-exceed-whole", "/funding/shares")]),
    ({"/parties/-": party("icb", "outcome_payer"),
      "/funding/shares/-": {"payer": "icb", "share": "0.8", "from_date": "2023-07-01"}}, []),
    ({"/parties/-": party("icb", "outcome_payer"),
      "/funding/shares/-": {"payer": "icb", "share": "0.8", "from_date": "2023-06-30",
                            "metrics": ["S06"]}},
     [("shares-exceed-whole", "/funding/shares")]),
    ({"/funding/commitments": [{"payer": "lcf", "amount": "0.001"},
                               {"payer": "lcf", "amount": "1.00"},
                               {"payer": "bii", "amount": "1.00"}]},
     [("too-many-decimals", "/funding/commitments/0/amount"),
      ("repeated-value", "/funding/commitments/1"),
      ("not-a-payer", "/funding/commitments/2/payer")]),
]  # fmt: skip

VAT, ORDERS = "/invoicing/vat", "/invoicing/purchase_orders"
ORDER = {"payer": "scc", "reference": "PO 77", "from_date": "2022-04-01", "to_date": "2023-03-31"}
STANDARD = {"treatment": "standard", "rationale": "As advised.", "decided_on": "2022-04-01"}
INVOICING = [
    ({"/invoicing": None}, []),
    ({VAT: STANDARD}, [("missing-field", VAT + "/rate")]),
    ({VAT: STANDARD | {"rate": "0.20"}}, []),
    ({VAT: STANDARD | {"rate": "1/5"}}, []),
    ({VAT: STANDARD | {"rate": "0"}}, [("out-of-range", VAT + "/rate")]),
    ({VAT: STANDARD | {"rate": "0.20", "treatment": "exempt"}},
     [("not-applicable", VAT + "/rate")]),
    ({VAT: STANDARD | {"treatment": "exempt"}}, []),
    ({ORDERS: [ORDER]}, []),
    ({ORDERS: [ORDER | {"payer": "icb"}]}, [("unknown-party", ORDERS + "/0/payer")]),
    ({ORDERS: [ORDER | {"payer": "syha"}]}, [("not-a-payer", ORDERS + "/0/payer")]),
    ({ORDERS: [ORDER | {"to_date": "2022-03-31"}]}, [("dates-reversed", ORDERS + "/0/to_date")]),
    ({ORDERS: [ORDER | {"to_date": "2022-04-01"}]}, []),
    ({ORDERS: [ORDER, ORDER | {"from_date": "2023-03-31", "to_date": None}]},
     [("purchase-orders-overlap", ORDERS + "/1")]),
    ({ORDERS: [ORDER, ORDER | {"from_date": "2023-04-01", "to_date": None}]}, []),
    ({ORDERS: [ORDER, ORDER | {"payer": "lcf"}]}, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [*PARTIES, *DATES, *METRICS, *SUBMISSION, *PAYMENT, *FUNDING, *INVOICING],
)
def test_what_must_agree(second, faults_of, changes, expected):
    assert faults_of(second(changes)) == expected


def test_a_first_version_does_not_start_after_its_service_ended(first, faults_of):
    assert faults_of(first({"/service_ends": "2019-11-28"})) == []
    broken = first({"/service_ends": "2019-11-27"})
    assert faults_of(broken) == [("dates-reversed", "/service_ends")]


def test_amounts_fit_the_currency(first, faults_of):
    yen = first({"/currency": "JPY"})
    assert ("too-many-decimals", "/rate_card/0/prices/MOVE") in faults_of(yen)
    assert len(faults_of(yen)) == 7
    dinar = first({"/currency": "BHD", "/caps/contract": "85000.005"})
    assert faults_of(dinar) == []


def test_disagreements_of_all_parts_come_together(second, faults_of):
    document = second(
        {
            "/signatories": ["scc", "spv", "bii"],
            "/metrics/3/length": 6,
            "/submission/deadline_months": 3,
            "/rate_card/0/to_date": None,
            "/caps/payer/0/payer": "icb",
            "/funding/remainder_payer": "icb",
        }
    )
    assert [code for code, _ in faults_of(document)] == [
        "signatory-missing",
        "sustained-out-of-order",
        "not-applicable",
        "editions-overlap",
        "unknown-party",
        "unknown-party",
    ]


GAPS = [
    ("v1 stops early", {"/rate_card/0/to_date": "2021-01-31"},
     "S06 has no price from 2021-02-01 on."),
    ("v1 starts late", {"/rate_card/0/from_date": "2019-11-29"},
     "S06 has no price from 2019-11-28 to 2019-11-28."),
    ("metric ends with v1",
     {"/rate_card/0/to_date": "2021-01-31", "/metrics/1/available_to": "2021-01-31"}, None),
    ("metric ends a day after v1",
     {"/rate_card/0/to_date": "2021-01-31", "/metrics/1/available_to": "2021-02-01"},
     "S06 has no price from 2021-02-01 to 2021-02-01."),
    ("metric starts later than v1", {"/metrics/1/available_from": "2021-01-01"}, None),
    ("another edition follows without a gap",
     {"/rate_card/0/to_date": "2021-01-31",
      "/rate_card/-": {"code": "v1b", "from_date": "2021-02-01", "prices": {"S06": "1.00"}}},
     None),
    ("another edition follows after a gap, and stands first in the document",
     {"/rate_card": [
         {"code": "v1b", "from_date": "2021-03-01", "prices": {"S06": "1.00"}},
         {"code": "v1", "from_date": "2019-11-28", "to_date": "2021-01-31",
          "prices": {"MOVE": "1.00", "S06": "1.00", "S12": "1.00", "S24": "1.00"}}]},
     "S06 has no price from 2021-02-01 to 2021-02-28."),
    ("the metric ends inside a gap",
     {"/metrics/1/available_to": "2021-02-10",
      "/rate_card": [
         {"code": "v1", "from_date": "2019-11-28", "to_date": "2021-01-31",
          "prices": {"MOVE": "1.00", "S06": "1.00", "S12": "1.00", "S24": "1.00"}},
         {"code": "v1b", "from_date": "2021-03-01", "to_date": "2021-03-31",
          "prices": {"S06": "1.00"}}]},
     "S06 has no price from 2021-02-01 to 2021-02-10."),
]  # fmt: skip


@pytest.mark.parametrize(("case", "changes", "expected"), GAPS)
def test_a_gap_in_the_prices_is_told_with_its_days(first, case, changes, expected):
    messages = []
    try:
        parse_terms(first(changes))
    except InputInvalid as error:
        messages = [fault.message for fault in error.faults]
    assert [text for text in messages if text.startswith("S06")] == ([expected] if expected else [])


def test_a_retrospective_variation_prices_every_day_it_reaches_back_to(second, faults_of):
    reach = {"/variation/retrospective": True, VARIATION: "2022-01-01"}
    assert faults_of(second(reach | {"/metrics/4/available_from": "2022-01-01"})) == [
        ("price-gap", "/rate_card")
    ]
    assert faults_of(second(reach)) == []


@pytest.mark.parametrize(
    ("from_date", "said"), [(None, "from the start"), ("2020-01-01", "on 2020-01-01")]
)
def test_shares_above_the_whole_are_told_once_with_all_metrics(second, from_date, said):
    document = second({"/funding/shares/0/metrics": ["S06", "S12"]})
    document["parties"].append(party("icb", "outcome_payer"))
    document["funding"]["shares"].append(
        {"payer": "icb", "share": "0.8", "from_date": from_date, "metrics": ["S06", "S12", "S24"]}
    )
    with pytest.raises(InputInvalid) as refused:
        parse_terms(document)
    (fault,) = refused.value.faults
    assert fault.message == f"The shares of S06, S12 add up to 21/20 {said}; at most 1."

"""What a further version may change."""

import pytest

from app.domain.terms.check import parse_terms, variation_faults


def faults(previous, new) -> list[tuple[str, str]]:
    found = variation_faults(parse_terms(previous), parse_terms(new))
    assert all(fault.message.endswith(".") for fault in found)
    return [(fault.code, fault.pointer) for fault in found]


def test_the_second_terms_of_the_golden_contract_are_a_variation_of_the_first(first, second):
    assert faults(first(), second()) == []


S06_ANEW = {"code": "v1b", "from_date": "2022-03-01", "prices": {"S06": "1.00"}}
REACH = {"/variation/retrospective": True}
DAY = "/variation/applies_to_achievements_from"

CHANGES = [
    ("no reason given", {"/variation": None}, [("variation-missing", "/variation")]),
    ("the party id of the payee", {"/parties/3/id": "spv-two", "/signatories/1": "spv-two"},
     [("party-removed", "/parties"), ("payee-changed", "/parties")]),
    ("the party id of the commissioner",
     {"/parties/0/id": "council", "/signatories/0": "council",
      "/funding/remainder_payer": "council"},
     [("party-removed", "/parties"), ("commissioner-changed", "/parties")]),
    ("a new SPV before the old one",
     {"/parties/2": {"id": "bii", "name": "Investor", "roles": ["investor", "spv"]}},
     [("payee-changed", "/parties")]),
    ("a party gone", {"/parties/2": {"id": "other", "name": "Other", "roles": ["evaluator"]}},
     [("party-removed", "/parties")]),
    ("a party's name and last day",
     {"/parties/2/name": "Renamed", "/parties/2/to_date": "2022-03-31"}, []),
    ("another party", {"/parties/-": {"id": "uni", "name": "Uni", "roles": ["evaluator"]}}, []),
    ("an edition's price", {"/rate_card/0/prices/S06": "10000.01"},
     [("edition-changed", "/rate_card/0")]),
    ("an edition's first day", {"/rate_card/0/from_date": "2019-11-27"},
     [("edition-changed", "/rate_card/0")]),
    ("an edition's code", {"/rate_card/0/code": "v1-2019"},
     [("edition-removed", "/rate_card"), ("edition-backdated", "/rate_card/0/from_date")]),
    ("an edition's basis", {"/rate_card/0/basis": "As signed."}, []),
    ("the last day too early", {"/rate_card/0/to_date": "2022-03-30"},
     [("edition-changed", "/rate_card/0")]),
    ("a new edition too early",
     {"/rate_card/0/to_date": "2022-03-30", "/rate_card/1/from_date": "2022-03-31"},
     [("edition-changed", "/rate_card/0"), ("edition-backdated", "/rate_card/1/from_date")]),
    ("a metric's target, cap and share", {"/metrics/1/target": 74, "/caps/person": "1.00",
      "/funding/shares/0/share": "0.2"}, []),
    ("retrospective, with edition v1 ended the day before",
     REACH | {DAY: "2022-01-01", "/rate_card/0/to_date": "2021-12-31",
              "/rate_card/1/from_date": "2022-01-01"}, []),
    ("retrospective, but v1 ended earlier still",
     REACH | {DAY: "2022-01-01", "/rate_card/0/to_date": "2021-12-30",
              "/rate_card/1/from_date": "2022-01-01"}, [("edition-changed", "/rate_card/0")]),
    ("retrospective to before v1 began, which may then change",
     REACH | {DAY: "2019-11-28", "/rate_card/0/prices/S06": "9999.00"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("case", "changes", "expected"), CHANGES)
def test_what_a_variation_may_change(first, second, case, changes, expected):
    assert faults(first(), second(changes)) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-03-31", [("not-later", "/effective_from")]),
        ("2022-04-01", [("not-later", "/effective_from")]),
        ("2022-04-02", []),
    ],
)
def test_a_variation_takes_effect_later_than_the_version_before(second, day, expected):
    third = second({"/effective_from": day})
    assert faults(second(), third) == expected


def test_the_currency_stays(first, second):
    assert faults(first(), second({"/currency": "EUR"})) == [("currency-changed", "/currency")]


def test_a_metric_ends_with_a_last_day_and_is_not_removed(first, second):
    ended = second({"/metrics/5/available_to": "2022-03-31", "/rate_card/1/prices/S24": "0.00"})
    assert faults(first(), ended) == []
    removed = second({"/metrics/5/code": "S36"})
    for edition in removed["rate_card"]:
        edition["prices"]["S36"] = edition["prices"].pop("S24")
    assert faults(first(), removed) == [
        ("metric-removed", "/metrics"),
        ("edition-changed", "/rate_card/0"),
    ]


@pytest.mark.parametrize(
    ("to_date", "expected"),
    [
        ("2022-03-31", []),
        ("2022-03-30", [("edition-changed", "/rate_card/0")]),
        ("2022-04-01", [("edition-changed", "/rate_card/0")]),
    ],
)
def test_an_edition_that_had_ended_keeps_its_last_day(second, to_date, expected):
    third = second({"/effective_from": "2023-04-01", "/rate_card/0/to_date": to_date})
    if to_date == "2022-04-01":
        third["rate_card"][1]["from_date"] = "2022-04-02"
        expected = [*expected, ("edition-changed", "/rate_card/1")]
    assert faults(second(), third) == expected


def test_an_edition_still_to_come_may_change(second):
    planned = second({"/rate_card/1/to_date": "2023-03-31"})
    later = {
        "code": "v3",
        "from_date": "2023-04-01",
        "prices": dict(planned["rate_card"][1]["prices"]),
    }
    planned["rate_card"].append(later)
    third = second({"/effective_from": "2022-10-01", "/rate_card/1/to_date": "2022-12-31"})
    third["rate_card"].append(later | {"from_date": "2023-01-01"})
    assert faults(planned, third) == []

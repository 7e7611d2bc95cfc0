"""Evidence rules: type, issuer, the day covered or dated, all-of and any-of."""

import pytest
from pydantic import TypeAdapter

from app.domain.evidence import EvidenceItem, gaps
from app.domain.terms.outcomes import EvidenceRule
from tests.factories import day

RULES = TypeAdapter(EvidenceRule)
ACHIEVED, ANCHOR = day("2021-07-15"), day("2021-01-15")


def item(type_: str = "letter", issuer: str = "landlord", **days: str) -> EvidenceItem:
    """Dated on the achievement date and covering it, unless told otherwise."""
    return EvidenceItem(
        evidence_id=f"{type_}-1",
        participant_id="P1",
        type=type_,
        issuer=issuer,
        dated_on=day(days.get("dated_on", "2021-07-15")),
        covers_from=day(days.get("covers_from", "2021-01-15")),
        covers_to=day(days.get("covers_to", "2021-07-15")),
        supports=("S06",),
        sha256="0" * 64,
        held_by="provider",
    )


def missing(rule, *items: EvidenceItem, anchor_on=ANCHOR) -> list[tuple[str, str]]:
    found = gaps(RULES.validate_python(rule), items, ACHIEVED, anchor_on)
    return [(gap.pointer, gap.wanted) for gap in found]


LETTER = {"type": "letter"}
NOTE = {"type": "visit_note"}


def test_no_rule_needs_no_evidence():
    assert gaps(None, [], ACHIEVED, ANCHOR) == ()


@pytest.mark.parametrize(
    ("rule", "given", "met"),
    [
        (LETTER, item(), True),
        (LETTER, item("visit_note"), False),
        ({**LETTER, "issuers": ["landlord"]}, item(), True),
        ({**LETTER, "issuers": ["council"]}, item(), False),
        ({**LETTER, "issuers": ["council", "landlord"]}, item(), True),
    ],
)
def test_type_and_issuer(rule, given, met):
    assert (missing(rule, given) == []) is met


@pytest.mark.parametrize(
    ("covers", "within", "days", "met"),
    [
        ("any_date", None, {"dated_on": "2015-01-01"}, True),
        ("any_date", 28, {"dated_on": "2021-06-16"}, False),
        ("any_date", 28, {"dated_on": "2021-06-17"}, True),
        ("any_date", 28, {"dated_on": "2021-08-12"}, True),
        ("any_date", 28, {"dated_on": "2021-08-13"}, False),
        ("on_achievement", None, {"covers_to": "2021-07-14"}, False),
        ("on_achievement", None, {"covers_to": "2021-07-15"}, True),
        ("on_achievement", None, {"covers_from": "2021-07-15"}, True),
        (
            "on_achievement",
            None,
            {"covers_from": "2021-07-16", "covers_to": "2021-07-20"},
            False,
        ),
        ("on_achievement", 5, {"dated_on": "2021-07-21"}, False),
        ("on_or_after_achievement", 28, {"dated_on": "2021-07-14"}, False),
        ("on_or_after_achievement", 28, {"dated_on": "2021-07-15"}, True),
        ("on_or_after_achievement", 28, {"dated_on": "2021-08-12"}, True),
        ("on_or_after_achievement", 28, {"dated_on": "2021-08-13"}, False),
        ("on_or_after_achievement", None, {"dated_on": "2023-01-01"}, True),
        (
            "on_or_after_achievement",
            None,
            {"dated_on": "2021-08-01", "covers_to": "2021-07-14"},
            False,
        ),
        ("on_or_before_achievement", 28, {"dated_on": "2021-06-16"}, False),
        ("on_or_before_achievement", 28, {"dated_on": "2021-06-17"}, True),
        ("on_or_before_achievement", 28, {"dated_on": "2021-07-15"}, True),
        ("on_or_before_achievement", 28, {"dated_on": "2021-07-16"}, False),
        ("on_or_before_achievement", None, {"dated_on": "2015-01-01"}, True),
        ("from_anchor_to_achievement", None, {}, True),
        ("from_anchor_to_achievement", None, {"covers_from": "2021-01-16"}, False),
        ("from_anchor_to_achievement", None, {"covers_to": "2021-07-14"}, False),
        ("from_anchor_to_achievement", 10, {"dated_on": "2021-07-26"}, False),
    ],
)
def test_the_day_covered_and_the_day_dated(covers, within, days, met):
    rule = {**LETTER, "covers": covers, "within_days": within}
    assert (missing(rule, item(**days)) == []) is met


def test_without_an_anchor_only_the_achievement_date_must_be_covered():
    rule = {**LETTER, "covers": "from_anchor_to_achievement"}
    given = item(covers_from="2021-07-15")
    assert missing(rule, given, anchor_on=None) == []
    assert missing(rule, anchor_on=None) == [("", "letter, covering 2021-07-15 to 2021-07-15")]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (LETTER, [("", "letter")]),
        (
            {**LETTER, "issuers": ["landlord", "council"], "covers": "on_achievement"},
            [("", "letter, issued by landlord or council, covering 2021-07-15")],
        ),
        (
            {**LETTER, "covers": "on_or_after_achievement", "within_days": 28},
            [("", "letter, dated from 2021-07-15 to 2021-08-12")],
        ),
        (
            {**LETTER, "covers": "on_or_after_achievement"},
            [("", "letter, dated from 2021-07-15")],
        ),
        (
            {**LETTER, "covers": "on_or_before_achievement"},
            [("", "letter, dated up to 2021-07-15")],
        ),
        (
            {**LETTER, "covers": "from_anchor_to_achievement"},
            [("", "letter, covering 2021-01-15 to 2021-07-15")],
        ),
        (
            {"all_of": [LETTER, NOTE]},
            [("/all_of/0", "letter"), ("/all_of/1", "visit_note")],
        ),
        ({"any_of": [LETTER, NOTE]}, [("/any_of", "one of: letter; or visit_note")]),
        ({"any_of": [LETTER]}, [("/any_of", "letter")]),
        (
            {"all_of": [LETTER, {"any_of": [NOTE, {"type": "rent_book"}]}]},
            [("/all_of/0", "letter"), ("/all_of/1/any_of", "one of: visit_note; or rent_book")],
        ),
        (
            {"any_of": [{"all_of": [LETTER, NOTE]}, {"any_of": [{"type": "rent_book"}]}]},
            [("/any_of", "one of: all of: letter; and visit_note; or rent_book")],
        ),
        ({"any_of": [{"all_of": [LETTER]}]}, [("/any_of", "letter")]),
    ],
)
def test_what_is_wanted_is_said_in_words(rule, expected):
    assert missing(rule) == expected


def test_all_of_needs_each_and_any_of_needs_one():
    both = {"all_of": [LETTER, NOTE]}
    assert missing(both, item()) == [("/all_of/1", "visit_note")]
    assert missing(both, item(), item("visit_note")) == []
    either = {"any_of": [LETTER, NOTE]}
    assert missing(either, item("visit_note")) == []
    nested = {"any_of": [both, {"type": "rent_book"}]}
    assert missing(nested, item()) != []
    assert missing(nested, item("rent_book")) == []

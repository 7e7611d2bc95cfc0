"""How people quote references, and what they must not be taken for."""

import pytest

from app.domain.matching import MatchRules
from app.payments.match_references import (
    ReferenceIndex,
    Tier,
    named_items,
    reference_key,
    unspaced_key,
)
from tests.bank_lines import item, line

LONG = "PROMOTION-SPV-000123"


def quoted(references, *texts, rules=None):
    """(tier, item ids) of each quote of a line with these texts, for one item per reference."""
    items = [item(f"i{place}", "1", one) for place, one in enumerate(references)]
    index = ReferenceIndex(items, rules or MatchRules())
    quotes = index.quotes(line(1, "1", *texts))
    return [(quote.tier, [one.item_id for one in quote.bucket.items]) for quote in quotes]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("SPV-000012", "SPV12"),
        ("spv 000012", "SPV12"),
        ("Spv12", "SPV12"),
        ("SPV-000", "SPV0"),
        ("INV-1-23", "INV1.23"),
        ("INV/2021/0007", "INV2021.7"),
        ("--", ""),
    ],
)
def test_the_key_of_a_reference(text, key):
    assert reference_key(text) == key


def test_the_key_without_anything_between():
    assert unspaced_key("INV-1-23") == "INV123"
    assert unspaced_key("SPV 000 012") == "SPV12"


@pytest.mark.parametrize(
    ("reference", "text", "tier"),
    [
        ("SPV-000012", "SPV-000012", Tier.EXACT),
        ("SPV-000012", " spv  12 ", Tier.EXACT),
        ("SPV-000012", "SPV00 0012", Tier.EXACT),
        ("INV-1-23", "INV123", Tier.EXACT),
        ("INV-1-23", "inv 1 23", Tier.EXACT),
        ("INV-1-23", "INV-12-3", None),
        ("SPV-000012", "INV SPV-12 WITH THANKS", Tier.IN_TEXT),
        ("SPV-000012", "RFB/SPV000012/2021", Tier.IN_TEXT),
        ("SPV-000012", "SPV-000123 SPV-1", None),
        ("SPV-000012", "12 NOVEMBER", None),
        ("4500012345", "ORDER 7 4500012345 ETC", Tier.IN_TEXT),
        ("2021", "PAID 2021", None),
        ("2021", "2021", Tier.EXACT),
        ("PO-1", "PAID PO-1", None),
        ("ORDER", "PAID ORDER 7", None),
        (LONG, LONG, Tier.EXACT),
        (LONG, LONG[:18], Tier.CUT),
        (LONG, LONG[:18].lower(), Tier.CUT),
        (LONG, LONG[:17], None),
        ("PROMOTION SPV NR 77", "PROMOTION SPV NR", None),
        ("PROMOTION SPV NRS 77", "PROMOTION SPV NRS", Tier.CUT),
        ("PROMOTION SPV NO 000123", "PROMOTIONSPVNO0001", Tier.CUT),
        ("PROMOTION SPV NO 000123", "x" * 60, None),
        ("--", "--", None),
        ("SPV-000012", "", None),
    ],
)
def test_what_a_text_names(reference, text, tier):
    assert quoted([reference], text) == ([] if tier is None else [(tier, ["i0"])])


def test_a_cut_off_number_is_not_an_older_number():
    # The first 18 characters of number 123 spell number 1 once leading zeros are gone.
    texts = ["PROMOTION-SPV-000001", LONG]
    assert quoted(texts, LONG[:18]) == [(Tier.CUT, ["i1"]), (Tier.CUT, ["i0"])]


def test_the_number_of_one_item_outweighs_a_shared_reference():
    assert quoted(["PO-4500", "PO-4500", "SPV-000012"], "PO-4500", "SPV-12") == [
        (Tier.EXACT, ["i2"])
    ]
    assert quoted(["PO-4500", "PO-4500"], "PO-4500", "for PO-4500") == [(Tier.EXACT, ["i0", "i1"])]
    assert quoted(["PO-4500"], "for PO-4500", "PO-4500") == [(Tier.EXACT, ["i0"])]


def test_the_longest_reference_at_a_place_wins():
    assert quoted(["SPV-12", "SPV-12-3"], "x SPV 12 3") == [(Tier.IN_TEXT, ["i1"])]
    assert quoted(["SPV-12", "SPV-12-3"], "x SPV 12 4") == [(Tier.IN_TEXT, ["i0"])]
    assert quoted(["SPV-12", "SPV-13"], "SPV-12, SPV-13") == [
        (Tier.IN_TEXT, ["i0"]),
        (Tier.IN_TEXT, ["i1"]),
    ]


def test_the_lengths_are_parameters():
    rules = MatchRules(reference_length=2, number_length=2)
    assert quoted(["P-1"], "PAID P-1 TODAY", rules=rules) == [(Tier.IN_TEXT, ["i0"])]
    assert quoted(["77"], "PAID 77 TODAY", rules=rules) == [(Tier.IN_TEXT, ["i0"])]


def test_one_item_may_carry_one_reference_twice():
    both = item("a", "1", "PO-4500", "po 4500")
    index = ReferenceIndex([both], MatchRules())
    (quote,) = index.quotes(line(1, "1", "PO4500"))
    assert list(named_items([quote])) == [both]
    assert quote.bucket.size == quote.bucket.left == 1


def test_a_bucket_gives_only_what_is_free():
    items = [item(f"i{place}", "1", "PO-4500") for place in range(4)]
    index = ReferenceIndex(items, MatchRules())
    (quote,) = index.quotes(line(1, "1", "PO-4500"))
    bucket = quote.bucket
    assert bucket.free(set(), 3) is None
    taken = {"i0", "i2"}
    index.took(items[0])
    index.took(items[2])
    assert [one.item_id for one in bucket.free(taken, 3)] == ["i1", "i3"]
    assert [one.item_id for one in bucket.free(taken, 3)] == ["i1", "i3"]
    assert [one.item_id for one in bucket.of_amount(100, taken, 2)] == ["i1", "i3"]
    assert [one.item_id for one in bucket.of_amount(100, taken, 1)] == ["i1"]
    assert bucket.of_amount(101, taken, 1) == []

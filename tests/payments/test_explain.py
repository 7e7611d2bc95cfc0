"""A trace as text and as data."""

from app.domain.working import Step
from app.payments.explain import Trace, as_plain, render_text
from tests.factories import gbp

TRACE = Trace(
    "claim_line",
    "claim:7/line:1",
    "P3 moved on",
    gbp("6701.50"),
    (Step("split", "fund bears 1/4.", ("terms:2#/funding", "terms:2#/funding/shares/0")),),
    (
        Trace(
            "entitlement",
            "e1",
            "MOVE on 30 June 2022",
            None,
            (Step("event", "Moved on."),),
            (Trace("event", "ev9", "moved_on"),),
        ),
        Trace("claim_line", "claim:9/line:1", "Taken back", gbp("-6701.50")),
    ),
)


def test_text_says_money_first_then_why_then_what_it_rests_on():
    assert render_text(TRACE) == (
        "GBP 6,701.50  P3 moved on  (claim_line claim:7/line:1)\n"
        "  - fund bears 1/4.  [terms:2#/funding, terms:2#/funding/shares/0]\n"
        "  MOVE on 30 June 2022  (entitlement e1)\n"
        "    - Moved on.\n"
        "    moved_on  (event ev9)\n"
        "  GBP -6,701.50  Taken back  (claim_line claim:9/line:1)\n"
    )


def test_data_has_the_same_shape_at_every_level():
    assert as_plain(TRACE) == {
        "kind": "claim_line",
        "id": "claim:7/line:1",
        "title": "P3 moved on",
        "amount": {"amount": "6701.50", "currency": "GBP"},
        "steps": [
            {
                "rule": "split",
                "because": "fund bears 1/4.",
                "refs": ["terms:2#/funding", "terms:2#/funding/shares/0"],
            }
        ],
        "children": [as_plain(child) for child in TRACE.children],
    }
    assert as_plain(TRACE.children[0])["amount"] is None

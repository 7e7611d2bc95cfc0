"""Which differences wait for something, and which contradict themselves."""

import pytest

from app.domain.money import Money
from app.payments.tie_states import contradictions, is_waiting
from app.payments.ties import Figure, Part, Side, tie

CASES = [
    # tie, (key, ref, pence) on the left, on the right, waiting
    ("invoiced", [("claim:1/scc", "claim:1", 650000)], [], True),
    (
        "invoiced",
        [("claim:1/scc", "claim:1", 650000)],
        [("claim:1/scc", "invoice:spv/1", 600000)],
        False,
    ),
    ("invoiced", [], [("claim:1/scc", "invoice:spv/1", 650000)], False),
    # A correction that is on no document yet is all the difference, or it is not.
    (
        "invoiced",
        [("claim:1/scc", "claim:1", 650000), ("claim:1/scc", "correction:a", -50000)],
        [("claim:1/scc", "invoice:spv/1", 650000)],
        True,
    ),
    (
        "invoiced",
        [("claim:1/scc", "claim:1", 650000), ("claim:1/scc", "correction:a", -50000)],
        [("claim:1/scc", "invoice:spv/1", 640000)],
        False,
    ),
    ("paid", [], [("payment:a", "entry:9", 650000)], True),
    ("paid", [("payment:a", "payment:a", 1)], [("payment:a", "entry:9", 2)], True),
    ("paid", [("payment:a", "payment:a", 3)], [("payment:a", "entry:9", 2)], False),
    ("paid", [("payment:a", "payment:a", 3)], [], False),
    ("paid", [], [("entry:9", "entry:9", 2)], False),
    ("posted", [("claim:1/scc", "claim:1", 650000)], [], False),
    ("fund", [], [("claim:1/line:1/lcf", "claim:1/line:1", 1)], False),
]


def side(name, rows) -> Side:
    figures = [Figure(key, ref, Money(minor)) for key, ref, minor in rows]
    return Side(name, (Part.of(name, figures, "GBP"),))


@pytest.mark.parametrize(("name", "left", "right", "waits"), CASES)
def test_what_waits_and_what_contradicts(name, left, right, waits):
    made = tie(name, side("left", left), side("right", right), "GBP")
    (cause,) = made.causes
    assert is_waiting(made, cause) is waits
    assert contradictions(made) == (() if waits else (cause,))


def test_sides_that_are_equal_have_neither():
    rows = [("claim:1/scc", "claim:1", 650000)]
    assert contradictions(tie("posted", side("left", rows), side("right", rows), "GBP")) == ()

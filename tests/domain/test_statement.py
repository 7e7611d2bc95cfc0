"""A shared account agrees when the two books say the opposite of each other."""

import pytest

from app.domain.money import Money
from app.domain.statement import MirrorLine


@pytest.mark.parametrize(
    ("own", "other", "agrees"),
    [(-650_000, 650_000, True), (0, 0, True), (-650_000, 649_999, False), (1, 1, False)],
)
def test_mirrors_agree(own, other, agrees):
    line = MirrorLine("scc/payable/spv", Money(own), "spv/receivable/scc", Money(other))
    assert line.agrees is agrees

"""How far allocations settle a document."""

import pytest

from app.domain.payment import Settlement, settlement
from tests.factories import gbp


@pytest.mark.parametrize(
    ("asked", "allocated", "state"),
    [
        ("6701.50", "0.00", Settlement.OPEN),
        ("6701.50", "6701.49", Settlement.PART),
        ("6701.50", "6701.50", Settlement.SETTLED),
        ("6701.50", "6701.51", Settlement.OVER),
        ("-8248.00", "-5000.00", Settlement.PART),
        ("-8248.00", "-8248.00", Settlement.SETTLED),
        ("0.00", "0.00", Settlement.SETTLED),
    ],
)
def test_a_document_is_settled_to_the_penny(asked, allocated, state):
    assert settlement(gbp(asked), gbp(allocated)) is state

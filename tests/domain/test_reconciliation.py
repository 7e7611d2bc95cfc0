"""How lines are named and ordered."""

from app.domain.reconciliation import LineKey


def test_a_line_is_named_by_import_and_position_and_ordered_so():
    keys = [LineKey(10, 2), LineKey(9, 11), LineKey(9, 2)]
    assert [str(key) for key in sorted(keys)] == ["9/2", "9/11", "10/2"]

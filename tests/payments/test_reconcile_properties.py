"""What holds for any lines and items: nothing twice, nothing lost, no sum exceeded, no order."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.bank import Classification, Direction, FileLine, OpenItem
from app.domain.matching import MatchRules
from app.domain.money import Money
from app.payments.reconcile import propose

START = date(2023, 1, 1)
DIRECTIONS = st.sampled_from(Direction)
# Few amounts, days, names and references make ties, groups and returns likely.
CURRENCIES = st.sampled_from(["GBP", "GBP", "GBP", "EUR"])
AMOUNTS = st.sampled_from([0, 100, 200, 300, 500, 700, 1200])
DAYS = st.integers(0, 120).map(lambda days: START + timedelta(days=days))
NAMES = st.sampled_from([None, "North", "SOUTH", "elsewhere"])
REFERENCES = st.lists(
    st.sampled_from(
        ["SPV-0001", "spv 2", "pay SPV-3", "PO-4500", "SPV-1 and SPV-2", "PROMOTION-SPV-0001", "?"]
    ),
    max_size=2,
).map(tuple)
OWN_REFERENCES = st.lists(
    st.sampled_from(["SPV-0001", "SPV-0002", "SPV-0003", "PO-4500", "PROMOTION-SPV-000123"]),
    max_size=2,
).map(tuple)
RULES = st.sampled_from(
    [MatchRules(), MatchRules(group_candidates=3, group_size=2, alternatives=1, days_after_due=5)]
)
A_LINE = FileLine(
    position=1,
    identity="b1",
    booked_on=START,
    value_on=None,
    amount=Money(100, "GBP"),
    direction=Direction.IN,
    counterparty=None,
    references=(),
    is_return=False,
    raw="",
)


@st.composite
def files(draw):
    count = draw(st.integers(0, 12))
    # Some identities repeat: the same line in overlapping files.
    return [
        FileLine(
            position=position,
            identity=draw(st.sampled_from([f"b{position}", f"b{position}", "b1"])),
            booked_on=draw(DAYS),
            value_on=None,
            amount=Money(draw(AMOUNTS), draw(CURRENCIES)),
            direction=draw(DIRECTIONS),
            counterparty=draw(NAMES),
            references=draw(REFERENCES),
            is_return=draw(st.integers(0, 3)) == 0,
            raw="",
        )
        for position in range(1, count + 1)
    ]


@st.composite
def open_items(draw):
    items = []
    for number in range(draw(st.integers(0, 8))):
        issued = draw(DAYS)
        returnable = draw(st.integers(0, 3)) == 0
        items.append(
            OpenItem(
                item_id=f"item:{number}",
                open_amount=Money(draw(AMOUNTS.filter(bool)), draw(CURRENCIES)),
                direction=draw(DIRECTIONS),
                due_on=issued if returnable else issued + timedelta(days=30),
                issued_on=issued,
                counterparty=draw(NAMES) or "",
                references=draw(OWN_REFERENCES),
                is_returnable=returnable,
            )
        )
    return items


# A return of the first of two lines that share an identity and are not alike.
ALIKE_BY_NAME_ONLY = [
    replace(A_LINE, position=1, identity="b1"),
    replace(A_LINE, position=2, identity="b1", amount=Money(200, "EUR")),
    replace(A_LINE, position=3, identity="b3", direction=Direction.OUT, is_return=True),
]


@example(ALIKE_BY_NAME_ONLY, [], MatchRules(), frozenset())
@given(files(), open_items(), RULES, st.sampled_from([frozenset(), frozenset({"b2", "b3"})]))
def test_nothing_is_lost_or_used_twice_and_no_sum_is_exceeded(lines, items, rules, known):
    made = propose(lines, items, rules, known)
    placed = [position for one in made.matches for position in one.positions]
    unplaced = [one.position for one in made.unplaced]
    assert sorted(placed + unplaced) == [line.position for line in lines]
    used = Counter(item_id for one in made.matches for item_id in one.item_ids)
    assert set(used.values()) <= {1}

    by_position = {line.position: line for line in lines}
    by_item = {item.item_id: item for item in items}
    # Of lines with one identity only the first is tried; the others are named as duplicates.
    again = {
        one.position for one in made.unplaced if one.classification is Classification.DUPLICATE
    }
    by_item |= {f"line:{one.identity}": one for one in lines if one.position not in again}
    for one in made.matches:
        mine = [by_position[position] for position in one.positions]
        currency = mine[0].amount.currency
        assert {(line.direction, line.amount.currency) for line in mine} == {
            (mine[0].direction, currency)
        }
        assert all(allocation.amount.minor > 0 for allocation in one.allocations)
        assert {allocation.position for allocation in one.allocations} == set(one.positions)
        assert {allocation.item_id for allocation in one.allocations} == set(one.item_ids)
        for position in one.positions:
            given_out = sum(a.amount.minor for a in one.allocations if a.position == position)
            assert given_out <= by_position[position].amount.minor
        for item_id in one.item_ids:
            target = by_item[item_id]
            limit = target.open_amount if isinstance(target, OpenItem) else target.amount
            assert limit.currency == currency
            taken = sum(a.amount.minor for a in one.allocations if a.item_id == item_id)
            assert taken <= limit.minor
            if isinstance(target, OpenItem):
                assert target.direction == mine[0].direction
            else:
                assert target.direction != mine[0].direction
        paid = sum(line.amount.minor for line in mine)
        allocated = sum(allocation.amount.minor for allocation in one.allocations)
        assert one.left_over == Money(paid - allocated, currency)
        assert bool(one.left_over) == (one.classification is Classification.OVER)
        assert 0 <= one.score <= 100
        assert bool(one.alternatives) == any(s.rule == "match.ambiguous" for s in one.working)
        assert not set(one.alternatives) & set(one.item_ids)
    for one in made.unplaced:
        assert one.reasons
        expected = {Classification.UNKNOWN, Classification.DUPLICATE}
        assert one.classification in expected
    waiting = {item.item_id for item in items if not item.is_returnable}
    assert set(made.open_item_ids) == waiting - set(used)


@given(files(), open_items(), RULES, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_items_changes_nothing(lines, items, rules, random):
    made = propose(lines, items, rules)
    mixed_lines, mixed_items = list(lines), list(items)
    random.shuffle(mixed_lines)
    random.shuffle(mixed_items)
    assert propose(mixed_lines, mixed_items, rules) == made


@given(files(), open_items(), RULES, st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing_but_positions(lines, items, rules, random):
    unique = list({line.identity: line for line in lines}.values())
    places = [line.position for line in unique]
    random.shuffle(places)
    moved = [
        FileLine(**{name: getattr(line, name) for name in line.__slots__} | {"position": place})
        for line, place in zip(unique, places, strict=True)
    ]

    def told(given_lines):
        names = {line.position: line.identity for line in given_lines}
        made = propose(given_lines, items, rules)
        matches = {
            (frozenset(names[p] for p in one.positions), one.item_ids, one.score, one.rule)
            for one in made.matches
        }
        return matches, {(names[one.position], one.reasons) for one in made.unplaced}

    assert told(moved) == told(unique)

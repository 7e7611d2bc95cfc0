"""The board that matching plays on: lines and open items of one direction and currency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.domain.bank import FileLine, OpenItem
from app.domain.matching import MatchRules
from app.payments.match_references import Quote, ReferenceIndex, Tier, named_items, unspaced_key


@dataclass(slots=True)
class Draft:
    """A match in the making: its lines and items, how it was named, what else fits as well."""

    lines: tuple[FileLine, ...]
    items: tuple[OpenItem, ...]
    tier: Tier | None
    alternatives: list[str] = field(default_factory=list)


def line_order(line: FileLine) -> tuple[date, int, str, int]:
    """The order in which lines are tried: by day, amount and identity, not by place in a file."""
    return (line.booked_on, line.amount.minor, line.identity, line.position)


def item_order(item: OpenItem) -> tuple[date, date, str]:
    """The order in which items are tried: what falls due first is paid first."""
    return (item.due_on, item.issued_on, item.item_id)


def line_name(line: FileLine) -> str:
    """How a line is named among items and alternatives: line:<identity>."""
    return f"line:{line.identity}"


class Board:
    """Lines and items of one direction and currency, and which of them are taken.

    `returns`: the items are payments and the lines their returns, which never come first.
    `named_elsewhere` holds the positions of lines that name an item of another direction or
    currency: such a line is never matched by its amount alone. `crowded` collects lines that more
    lines or items fit than are searched.
    """

    __slots__ = (
        "_counterparties",
        "_quotes",
        "_windows",
        "crowded",
        "index",
        "items",
        "lines",
        "named_elsewhere",
        "placed",
        "rank",
        "returns",
        "rules",
        "taken",
    )

    def __init__(
        self,
        lines: Iterable[FileLine],
        items: Iterable[OpenItem],
        rules: MatchRules,
        *,
        returns: bool = False,
    ) -> None:
        """Lines and items may come in any order: the board has its own."""
        self.lines: Sequence[FileLine] = sorted(lines, key=line_order)
        self.items: Sequence[OpenItem] = sorted(items, key=item_order)
        self.rules = rules
        self.returns = returns
        self._windows = [self._window(item) for item in self.items]
        self.rank = {item.item_id: place for place, item in enumerate(self.items)}
        self.index = ReferenceIndex(self.items, rules)
        self.placed: dict[int, Draft] = {}
        self.taken: dict[str, Draft] = {}
        self.crowded: set[int] = set()
        self.named_elsewhere: set[int] = set()
        self._quotes: dict[int, tuple[Quote, ...]] = {}
        self._counterparties = {unspaced_key(item.counterparty) for item in self.items} - {""}

    def free_lines(self) -> list[FileLine]:
        """The lines not placed yet, in order."""
        return [line for line in self.lines if line.position not in self.placed]

    def nameless_lines(self) -> list[FileLine]:
        """The free lines that name nothing, here or elsewhere: only amount and day speak."""
        return [
            line
            for line in self.free_lines()
            if line.position not in self.named_elsewhere and not self.quotes(line)
        ]

    def quotes(self, line: FileLine) -> tuple[Quote, ...]:
        """What a line names among this board's items."""
        known = self._quotes.get(line.position)
        if known is None:
            known = self._quotes[line.position] = self.index.quotes(line)
        return known

    def named(self, line: FileLine) -> list[OpenItem] | None:
        """The free items that a line names, in order; None if too many carry the reference."""
        found: dict[str, OpenItem] = {}
        for quote in self.quotes(line):
            free = quote.bucket.free(self.taken, self.rules.group_candidates)
            if free is None:
                return None
            found.update((item.item_id, item) for item in free if self.may_pay(line, item))
        if len(found) > self.rules.group_candidates:
            return None
        return sorted(found.values(), key=item_order)

    def named_and_taken(self, line: FileLine) -> list[OpenItem]:
        """The items that a line names and another match takes; none of a widely shared one."""
        small = [
            quote for quote in self.quotes(line) if quote.bucket.size <= self.rules.group_candidates
        ]
        return [item for item in named_items(small) if item.item_id in self.taken]

    def tier(self, lines: Iterable[FileLine]) -> Tier:
        """How well lines name their items: the best of each line, the weakest of all lines."""
        order = list(Tier)
        places = (min(order.index(quote.tier) for quote in self.quotes(line)) for line in lines)
        return order[max(places)]

    def may_pay(self, line: FileLine, item: OpenItem) -> bool:
        """A return does not come before the payment; anything else may be early."""
        return not self.returns or line.booked_on >= item.issued_on

    def window(self, item: OpenItem) -> tuple[date, date]:
        """The first and last day on which a line fits an item without naming it."""
        return self._windows[self.rank[item.item_id]]

    def _window(self, item: OpenItem) -> tuple[date, date]:
        if self.returns:
            return item.issued_on, item.issued_on + timedelta(days=self.rules.return_days)
        return (
            item.issued_on - timedelta(days=self.rules.days_before_issue),
            item.due_on + timedelta(days=self.rules.days_after_due),
        )

    def counterparty(self, line: FileLine) -> str | None:
        """The counterparty of a line if it is that of any item, else None: not comparable."""
        if not line.counterparty:
            return None
        key = unspaced_key(line.counterparty)
        return key if key in self._counterparties else None

    def place(self, draft: Draft) -> None:
        """Take the lines and items of a draft; neither is ever used again."""
        for line in draft.lines:
            self.placed[line.position] = draft
        for item in draft.items:
            self.taken[item.item_id] = draft
            self.index.took(item)

"""Small makers of bank lines and open items for tests, and the invoices of the golden contract."""

from datetime import timedelta
from typing import Any

from app.domain.bank import Direction, FileLine, OpenItem
from app.domain.matching import MatchRules, Proposals
from app.domain.money import Money
from app.payments.reconcile import propose
from tests.factories import day

# Each approved claim of the golden contract as the SPV's invoice to the council.
EX_INVOICES = (
    ("2020-10-05", "6500"),
    ("2021-04-06", "16500"),
    ("2021-10-05", "8000"),
    ("2022-01-05", "10000"),
    ("2022-07-05", "1275.50"),
    ("2022-10-05", "10201.50"),
    ("2023-04-05", "8248"),
    ("2023-07-05", "10310"),
    ("2023-10-05", "11500"),
)


def line(position: int, amount: str, *references: str, **changes: Any) -> FileLine:
    """A receipt in pounds on 5 Nov 2020 from nobody in particular, as its reader gives it."""
    currency = changes.pop("currency", "GBP")
    fields: dict[str, Any] = {
        "identity": f"bank-{position}",
        "booked_on": day(changes.pop("on", "2020-11-05")),
        "value_on": None,
        "amount": Money.parse(amount, currency),
        "direction": Direction.IN,
        "counterparty": None,
        "references": references,
        "is_return": False,
        "raw": "",
    }
    return FileLine(position=position, **(fields | changes))


def item(name: str, amount: str, *references: str, **changes: Any) -> OpenItem:
    """An item issued on 5 Oct 2020 and due 30 days later, quoted by its name unless told."""
    currency = changes.pop("currency", "GBP")
    issued = day(changes.pop("on", "2020-10-05"))
    fields: dict[str, Any] = {
        "open_amount": Money.parse(amount, currency),
        "direction": Direction.IN,
        "due_on": issued + timedelta(days=30),
        "issued_on": issued,
        "counterparty": "Sheffield City Council",
        "references": references or (name,),
    }
    return OpenItem(item_id=name, **(fields | changes))


def invoices() -> list[OpenItem]:
    """invoice:spv/1 to invoice:spv/9 of the golden contract, all under one purchase order."""
    return [
        item(f"invoice:spv/{number}", amount, f"SPV-{number:06d}", "PO-4500012345", on=issued)
        for number, (issued, amount) in enumerate(EX_INVOICES, start=1)
    ]


def match(lines, items, rules: MatchRules | None = None, known=()) -> Proposals:
    """The proposals for lines and items under the usual rules."""
    return propose(lines, items, rules or MatchRules(), frozenset(known))


def plain(made: Proposals) -> list[tuple[Any, ...]]:
    """Each match as (positions, items, class, rule, score), in order of its lines."""
    return [
        (one.positions, one.item_ids, one.classification.value, one.rule, one.score)
        for one in made.matches
    ]


def reasons(made: Proposals) -> dict[int, tuple[str, ...]]:
    """The codes of the reasons of each line without a match."""
    return {one.position: tuple(step.rule for step in one.reasons) for one in made.unplaced}

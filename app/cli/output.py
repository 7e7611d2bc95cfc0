"""What commands print: aligned tables for people, the service's own JSON for programs."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import typer

from app.domain.money import Money


def say(text: str = "") -> None:
    """A line on standard output."""
    typer.echo(text)


def warn(text: str) -> None:
    """A line on standard error: progress, warnings and failures."""
    typer.echo(text, err=True)


def warn_of(answer: Mapping[str, Any]) -> None:
    """The warnings of an answer about something recorded, a line each on standard error."""
    for one in answer["warnings"]:
        warn(f"warning: {one['message']}")


def show_json(value: Any) -> None:
    """A value as JSON on standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = ()) -> str:
    """Rows under a head, aligned; the columns numbered in `right` (from 0) to the right."""
    cells = [[str(cell) for cell in head], *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def money(amount: Mapping[str, str]) -> Money:
    """An amount of the interface as money."""
    return Money.parse(amount["amount"], amount["currency"])


def amount(given: Mapping[str, str]) -> str:
    """An amount in a sentence: GBP 6,701.50."""
    return money(given).readable()


def counted(number: int, noun: str) -> str:
    """A count with its noun, to which an s is added unless it is one: 1 fault, 2 faults."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def check_lines(verified: Mapping[str, Any]) -> Iterator[str]:
    """One line for each check with its count, every difference listed, and the verdict."""
    for check in verified["checks"]:
        found = check["found"]
        result = "intact" if not found else counted(found, "difference").upper()
        yield f"  {check['name']:<12} {check['count']:>8} {check['looked_at']}: {result}"
        yield from (f"    {difference}" for difference in check["differences"])
        if found > len(check["differences"]):
            yield f"    and {found - len(check['differences'])} more"
    verdict = "intact" if verified["intact"] else "NOT INTACT"
    yield (
        f"Contract {verified['contract_id']} is {verdict} up to journal record "
        f"{verified['sequence']}, hash {verified['hash']}."
    )


def figure(amount: Money) -> str:
    """An amount in a table whose head or title names the currency: 6,701.50."""
    return amount.readable().removeprefix(f"{amount.currency} ")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, Money):
        return figure(value)
    if isinstance(value, Mapping) and value.keys() == {"amount", "currency"}:
        return figure(money(value))
    return str(value)

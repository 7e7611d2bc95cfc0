"""What commands about money have in common: documents with amounts, as options and as rows."""

from typing import Annotated, Any

import typer

from app.cli.output import money
from app.domain.money import Money


def allocation(text: str) -> tuple[str, str]:
    """A document and an amount, written as DOCUMENT=AMOUNT."""
    document, separator, amount = text.partition("=")
    if not document or not separator or not amount:
        raise typer.BadParameter("write DOCUMENT=AMOUNT, such as invoice:spv/1=6500.00")
    return document, amount


For = Annotated[
    list[Any] | None,
    typer.Option(
        "--for",
        help="A document and what of the payment settles it; a credit note below zero. Repeatable.",
        parser=allocation,
        metavar="DOCUMENT=AMOUNT",
    ),
]
AmountOf = Annotated[str, typer.Option("--amount", help="The amount, such as 6500.00.")]
Currency = Annotated[str, typer.Option("--currency", help="An ISO 4217 code.")]


def amount_in(text: str, currency: str) -> dict[str, str]:
    """An amount as the interface takes it."""
    return {"amount": text, "currency": currency}


def allocations_in(given: list[tuple[str, str]] | None, currency: str) -> list[dict[str, Any]]:
    """Documents and amounts as the interface takes them."""
    return [
        {"document": document, "amount": amount_in(amount, currency)}
        for document, amount in given or ()
    ]


def readable(amount: dict[str, str]) -> str:
    """An amount of the interface for people: GBP 6,500.00."""
    found: Money = money(amount)
    return found.readable()

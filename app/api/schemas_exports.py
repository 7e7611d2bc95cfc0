"""Shapes of exports: which lists there are, and what columns each has."""

from typing import Self

from pydantic import Field

from app.api.fields import Answered
from app.interchange.columns import Column, ColumnKind
from app.service.listings.listing import Listing


class ColumnOut(Answered):
    """One column of a file."""

    name: str = Field(description="Its heading.", examples=["amount"])
    kind: ColumnKind = Field(
        description="What its cells are; an amount's currency stands in the column `currency`.",
        examples=["money"],
    )
    person_level: bool = Field(
        description="Whether it names a participant by pseudonym, or describes one.",
        examples=[False],
    )

    @classmethod
    def of(cls, column: Column) -> Self:
        """From a column of the register."""
        return cls(name=column.name, kind=column.kind, person_level=column.person_level)


class ExportableList(Answered):
    """One list that can be had as a file."""

    name: str = Field(description="Its name in the address of the file.", examples=["payments"])
    about: str = Field(
        description="What its rows are.",
        examples=["Payments and returns, and what of each is allocated or on account."],
    )
    person_level: bool = Field(
        description="Whether a row speaks of one participant, under a pseudonym.", examples=[False]
    )
    filters: list[str] = Field(
        description="The query parameters that narrow it.", examples=[["party", "from", "to"]]
    )
    required: list[str] = Field(
        description="Those that must be given.", examples=[["party", "from", "to"]]
    )
    columns: list[ColumnOut]

    @classmethod
    def of(cls, listing: Listing) -> Self:
        """From a listing of the register."""
        return cls(
            name=listing.name,
            about=listing.about,
            person_level=listing.person_level,
            filters=[one.value for one in listing.filters],
            required=sorted(one.value for one in listing.required),
            columns=[ColumnOut.of(column) for column in listing.columns],
        )


class ExportableLists(Answered):
    """Every list that can be had as a file."""

    items: list[ExportableList]

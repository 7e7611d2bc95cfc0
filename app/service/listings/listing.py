"""What a listing is: a list of the interface, read page by page, and its rows under columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from app.domain.errors import Fault, InputInvalid
from app.interchange.columns import Cell, Column, ColumnKind
from app.service.context import Context

ITEMS_PER_PAGE = 200
"""Items held in memory at a time; a listing of large items reads fewer."""

Row = tuple[Cell, ...]
Given = Mapping[str, Any]
Read = Callable[[Context, str, Given], Iterator[Any]]
"""Every item of a contract's list that the filters given let through, page by page."""


class Filter(StrEnum):
    """What a list can be narrowed by; the names are those of the interface's parameters."""

    PARTICIPANT = "participant_id"
    STATE = "state"
    PARTY = "party"
    SOURCE = "source"
    IMPORT = "import_number"
    CLASSIFICATION = "classification"
    CLAIM = "claim_number"
    PAYER = "payer"
    FROM = "from"
    TO = "to"
    AS_OF = "as_of"
    KNOWN_ON = "known_on"
    EFFECTIVE_TO = "effective_to"
    WHO = "who"
    OUTCOME = "outcome"
    PRINCIPAL = "principal_id"
    CONTRACT = "contract_id"


@dataclass(frozen=True, slots=True)
class Listing:
    """One list as a file.

    `pages` has the operation id of each list route of the interface that the listing covers, with
    the service's function that the route calls for a page; `read` goes through all pages of the
    same function. An item may make several rows (a claim's lines), or none. `choices` are the
    values that a filter may have, if it has only some; `required` the filters that must be given.
    """

    name: str
    about: str
    pages: Mapping[str, Callable[..., Any]]
    read: Read
    columns: tuple[Column, ...]
    rows: Callable[[Any], Iterable[Row]]
    filters: tuple[Filter, ...] = ()
    choices: Mapping[Filter, type[StrEnum] | tuple[str, ...]] = field(default_factory=dict)
    required: frozenset[Filter] = frozenset()
    of_contract: bool = True

    @property
    def person_level(self) -> bool:
        """Whether a row speaks of one participant: such a file stays with who may see people."""
        return any(column.person_level for column in self.columns)

    def all_rows(self, context: Context, contract_id: str, given: Given) -> Iterator[Row]:
        """Every row, with one page of items in memory at a time."""
        for item in self.read(context, contract_id, given):
            yield from self.rows(item)

    def checked(self, given: Mapping[str, str | int | date | None]) -> dict[str, Any]:
        """The filters given, if this list has them; InputInvalid names each that it has not.

        A filter that a list does not have is refused, because a file that is narrowed less than its
        reader believes is paid for in money.
        """
        faults = []
        found: dict[str, Any] = {}
        for name, value in given.items():
            if value is None:
                if name in self.required:
                    faults.append(Fault("missing-field", f"/{name}", "This list needs it."))
            elif name not in self.filters:
                have = ", ".join(self.filters) or "none"
                message = f"The list {self.name} is not narrowed by this; it has: {have}."
                faults.append(Fault("unknown-field", f"/{name}", message))
            else:
                found[name] = self._chosen(Filter(name), value, faults)
        if faults:
            raise InputInvalid(faults)
        return found

    def _chosen(self, name: Filter, value: Any, faults: list[Fault]) -> Any:
        choices = self.choices.get(name)
        if choices is None or value in tuple(choices):
            return choices(value) if isinstance(choices, type) else value
        message = f"Write one of: {', '.join(choices)}."
        faults.append(Fault("not-one-of", f"/{name}", message))
        return None


def in_pages(
    page: Callable[..., Sequence[Any]],
    key: Callable[[Any], Any],
    start: Any,
    arguments: Callable[[Given], dict[str, Any]] = dict,
    items_per_page: int = ITEMS_PER_PAGE,
) -> Read:
    """Read a list through the page function of its route, each page from where the last ended.

    `key` gives an item's place, `start` the place before the first, and `arguments` what the page
    function calls the filters. 450 entries are read as pages of 200, 200 and 50.
    """

    def read(context: Context, contract_id: str, given: Given) -> Iterator[Any]:
        after = start
        while True:
            found = page(
                context, contract_id, after=after, limit=items_per_page, **arguments(given)
            )
            yield from found
            if len(found) < items_per_page:
                return
            after = key(found[-1])

    return read


def whole(page: Callable[[Context, str, Given], Iterable[Any]]) -> Read:
    """Read a list that its route answers in one piece."""

    def read(context: Context, contract_id: str, given: Given) -> Iterator[Any]:
        yield from page(context, contract_id, given)

    return read


def text(name: str) -> Column:
    """A column of text."""
    return Column(name)


def person(name: str, kind: ColumnKind = ColumnKind.TEXT) -> Column:
    """A column that names or describes one participant."""
    return Column(name, kind, person_level=True)


def day(name: str) -> Column:
    """A column of days."""
    return Column(name, ColumnKind.DATE)


def amount(name: str) -> Column:
    """A column of amounts; `CURRENCY` stands in the same row."""
    return Column(name, ColumnKind.MONEY)


def number(name: str) -> Column:
    """A column of whole numbers."""
    return Column(name, ColumnKind.INTEGER)


def flag(name: str) -> Column:
    """A column of truth values."""
    return Column(name, ColumnKind.BOOLEAN)


def instant(name: str) -> Column:
    """A column of instants, in UTC."""
    return Column(name, ColumnKind.INSTANT)


CURRENCY = Column("currency")


def joined(values: Iterable[str]) -> str | None:
    """Several short texts in one cell: S06; S12."""
    return "; ".join(values) or None

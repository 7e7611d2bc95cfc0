"""Small parts of every check: pointers, values given twice, dates the wrong way round."""

from collections.abc import Iterable, Iterator
from datetime import date

from app.domain.errors import Fault


def pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) to a place: "metrics", 0, "code" give /metrics/0/code."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def repeated(values: Iterable[object], code: str, *path: str | int) -> Iterator[Fault]:
    """A fault for each value of the list at `path` that stood in it before."""
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Fault(code, pointer(*path, index), "This stands in the list already.")
        seen.add(value)


def reversed_dates(start: date | None, end: date | None, *path: str | int) -> Iterator[Fault]:
    """A fault if a span ends before it starts. Open ends are never at fault."""
    if start is not None and end is not None and end < start:
        yield Fault("dates-reversed", pointer(*path), f"{end} is before {start}.")


def unknown_party(party: str, *path: str | int) -> Fault:
    """The fault of naming a party that the document does not list."""
    return Fault("unknown-party", pointer(*path), f'No party has the id "{party}".')


def unknown_metric(metric: str, *path: str | int) -> Fault:
    """The fault of naming a metric that the document does not list."""
    return Fault("unknown-metric", pointer(*path), f'No metric has the code "{metric}".')

"""Terms documents to break: contract EX, and one change at a time."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.documents import load_document
from app.domain.errors import Fault, InputInvalid
from app.domain.terms.check import parse_terms

GONE = object()
"""Written at a place, removes it."""

GOLDEN = Path(__file__).parents[3] / "examples" / "golden"


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy of the document with other values at some pointers; "/-" at the end appends."""
    result = copy.deepcopy(document)
    for place, value in changes.items():
        *path, last = place.split("/")[1:]
        holder: Any = result
        for part in path:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        if isinstance(holder, list):
            if last == "-":
                holder.append(value)
            elif value is GONE:
                del holder[int(last)]
            else:
                holder[int(last)] = value
        elif value is GONE:
            del holder[last]
        else:
            holder[last] = value
    return result


@pytest.fixture(scope="session")
def first_terms() -> dict[str, Any]:
    return load_document((GOLDEN / "terms-1.yaml").read_bytes(), "application/yaml")


@pytest.fixture(scope="session")
def second_terms() -> dict[str, Any]:
    return load_document((GOLDEN / "terms-2.yaml").read_bytes(), "application/yaml")


@pytest.fixture
def first(first_terms) -> Callable[..., dict[str, Any]]:
    return lambda changes=None: changed(first_terms, changes or {})


@pytest.fixture
def second(second_terms) -> Callable[..., dict[str, Any]]:
    return lambda changes=None: changed(second_terms, changes or {})


@pytest.fixture
def gone() -> object:
    return GONE


@pytest.fixture
def faults_of() -> Callable[[Any], list[tuple[str, str]]]:
    """Code and pointer of every fault of a document; none if it parses."""

    def read(document: Any) -> list[tuple[str, str]]:
        found = _faults(document)
        assert all(fault.message.endswith(".") for fault in found)
        return [(fault.code, fault.pointer) for fault in found]

    return read


def _faults(document: Any) -> tuple[Fault, ...]:
    try:
        parse_terms(document)
    except InputInvalid as error:
        return error.faults
    return ()

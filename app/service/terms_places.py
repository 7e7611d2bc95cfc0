"""What a place in the terms says, for people: the value behind a JSON pointer."""

import json
from typing import Any

from app.domain.terms.document import Terms


def quote(terms: Terms, pointer: str) -> str:
    """The value at a JSON pointer, defaults included, as compact JSON; scalars as they are.

    quote(terms, "/caps/person") is "28000.00". A list may also be entered by its items' code.
    """
    value: Any = terms.model_dump(mode="json")
    for part in pointer.removeprefix("/").split("/") if pointer else []:
        value = _entered(value, part.replace("~1", "/").replace("~0", "~"))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _entered(value: Any, part: str) -> Any:
    if isinstance(value, list):
        if part.isdigit():
            return value[int(part)]
        return next(item for item in value if item.get("code") == part)
    return value[part]

"""The cursor of a list: where its last page ended, written so that nobody reads meaning into it."""

import base64
import binascii
import json
from typing import Any

from app.api.errors import RequestInvalid


def encoded(place: Any) -> str:
    """The cursor for the place of a page's last item: one key, or a tuple of them."""
    parts = list(place) if isinstance(place, tuple) else [place]
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str, start: Any) -> Any:
    """The place a cursor stands for, if it is one of this list: same number and types of parts."""
    wanted = list(start) if isinstance(start, tuple) else [start]
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if (
        not isinstance(parts, list)
        or [type(part) for part in parts] != [type(part) for part in wanted]
        or not all(_usable(part) for part in parts)
    ):
        message = "Use `next_cursor` of the page before, unchanged, with the same list."
        raise RequestInvalid("query", "cursor", "wrong-form", message)
    return tuple(parts) if isinstance(start, tuple) else parts[0]


def _usable(part: Any) -> bool:
    if isinstance(part, int):
        return 0 <= part < 2**63
    return isinstance(part, str) and part.isprintable() and part.isascii()

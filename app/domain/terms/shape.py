"""The document's shape: is it plain JSON, does it fit the model, and where does it not."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import rfc8785
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.domain.errors import Fault, InputInvalid
from app.domain.terms.document import Terms
from app.domain.terms.faults import pointer
from app.domain.terms.forms import form_in_words, length_in_words

NESTING_MAX = 32
"""Lists and objects inside one another; far above what any field needs, far below a stack."""

FAULTS_MAX = 100
"""Faults of shape told at once: a document of 20,000 wrong values must not make 20,000 messages."""

_CODES = {
    "missing": "missing-field",
    "extra_forbidden": "unknown-field",
    "string_type": "not-text",
    "string_too_short": "wrong-length",
    "string_too_long": "wrong-length",
    "too_short": "wrong-length",
    "too_long": "wrong-length",
    "string_pattern_mismatch": "wrong-form",
    "int_type": "not-a-whole-number",
    "bool_type": "not-true-or-false",
    "date_type": "not-a-date",
    "list_type": "not-a-list",
    "dict_type": "not-an-object",
    "model_type": "not-an-object",
    "model_attributes_type": "not-an-object",
    "enum": "not-one-of",
    "literal_error": "not-one-of",
    "union_tag_not_found": "missing-field",
    "union_tag_invalid": "not-one-of",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
}
_MESSAGES = {
    "missing-field": "This field is required.",
    "unknown-field": "The terms document has no such field; check its spelling.",
    "not-text": 'Write this as text. Amounts and shares are text too: "6701.50", "0.25".',
    "not-a-whole-number": "Write this as a whole number without quotes.",
    "not-true-or-false": "Write true or false without quotes.",
    "not-a-date": "Write a date as YYYY-MM-DD.",
    "not-a-list": "Write a list here.",
    "not-an-object": "Write an object with named fields here.",
}


def parse_shape(document: dict[str, Any]) -> Terms:
    """The document as Terms, from its canonical bytes, so that what is hashed is what is read.

    Strict: "74" is not 74, and 74.0 neither. Raises InputInvalid with every fault of shape, up to
    FAULTS_MAX of them.
    """
    if faults := tuple(islice(_not_plain(document), FAULTS_MAX)):
        raise InputInvalid(faults)
    try:
        return Terms.model_validate_json(rfc8785.dumps(document), strict=True)
    except ValidationError as error:
        raise InputInvalid(shape_faults(error.errors(include_url=False)[:FAULTS_MAX])) from error


def shape_faults(errors: Sequence[ErrorDetails]) -> tuple[Fault, ...]:
    """The faults behind pydantic's errors, with pointers into the document as it was written."""
    return tuple(_fault(error) for error in errors)


def _fault(error: ErrorDetails) -> Fault:
    kind, context = error["type"], error.get("ctx", {})
    code = _CODES.get(kind, kind.replace("_", "-"))
    where = _document_path(error["loc"])
    message = _MESSAGES.get(code, error["msg"].replace("Input should be", "Write", 1))
    if kind == "string_pattern_mismatch":
        message = form_in_words(context["pattern"])
    elif code == "wrong-length":
        message = length_in_words(kind, context)
    elif kind == "union_tag_invalid":
        message = f"Write one of {context['expected_tags']}"
    if kind.startswith("union_tag"):
        where = (*where, "kind")
    return Fault(code, pointer(*where), message if message.endswith(".") else f"{message}.")


def _document_path(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The location without pydantic's own marks: union branches and "[key]"."""
    if location[:1] == ("metrics",) and len(location) > 2:
        location = (*location[:2], *location[3:])
    return tuple(
        part
        for part in location
        if isinstance(part, int) or not (part.startswith("<") or part == "[key]")
    )


def _not_plain(document: Any) -> Iterator[Fault]:
    """What JSON, the canonical form or the database could not carry. Walks without recursion."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > NESTING_MAX:
            yield Fault(
                "nested-too-deeply",
                pointer(*path),
                f"Lists and objects may stand inside one another {NESTING_MAX} times at most.",
            )
        elif isinstance(value, dict):
            for key, item in reversed(value.items()):
                if isinstance(key, str) and _storable(key):
                    waiting.append(((*path, key), item))
                else:
                    yield Fault(
                        "not-json", pointer(*path), "Every field name must be printable text."
                    )
        elif isinstance(value, list):
            waiting.extend(((*path, index), item) for index, item in _backwards(value))
        elif (code := _scalar_fault(value)) is not None:
            yield Fault(code, pointer(*path), _SCALAR_MESSAGES[code])


_SCALAR_MESSAGES = {
    "control-character": "Remove the control characters from this text.",
    "fractional-number": 'The document has no fractional numbers; quote the amount: "6701.50".',
    "number-too-large": "No field takes a number this large.",
    "not-json": "Only text, whole numbers, true, false, null, lists and objects may stand here.",
}


def _scalar_fault(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return None if _storable(value) else "control-character"
    if isinstance(value, float):
        return "fractional-number"
    if isinstance(value, int):
        return None if abs(value) < 2**53 else "number-too-large"
    return "not-json"


def _storable(text: str) -> bool:
    """Without control characters (a line break and a tab are fine) and without half a pair."""
    return not any(
        (character < " " and character not in "\n\r\t") or "\ud800" <= character <= "\udfff"
        for character in text
    )


def _backwards(items: list[Any]) -> Iterator[tuple[int, Any]]:
    """From the last to the first, so that a stack hands them out in document order."""
    for index in range(len(items) - 1, -1, -1):
        yield index, items[index]

"""Faults of a request's form, from pydantic's errors: our codes, JSON pointers, no values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.errors import Fault
from app.domain.terms.forms import form_in_words, length_in_words

FAULTS_MAX = 100
"""Faults listed in one answer; a longer list helps nobody."""

_NAME_MAX = 80
_PLACES = ("body", "query", "path", "header")

_CODES = {
    "missing": "missing-field",
    "extra_forbidden": "unknown-field",
    "string_type": "not-text",
    "string_unicode": "not-text",
    "string_too_short": "wrong-length",
    "string_too_long": "wrong-length",
    "too_short": "wrong-length",
    "too_long": "wrong-length",
    "string_pattern_mismatch": "wrong-form",
    "int_type": "not-a-whole-number",
    "int_parsing": "not-a-whole-number",
    "int_parsing_size": "out-of-range",
    "int_from_float": "not-a-whole-number",
    "bool_type": "not-true-or-false",
    "bool_parsing": "not-true-or-false",
    "not_true_or_false": "not-true-or-false",
    "list_type": "not-a-list",
    "tuple_type": "not-a-list",
    "dict_type": "not-an-object",
    "model_type": "not-an-object",
    "model_attributes_type": "not-an-object",
    "enum": "not-one-of",
    "literal_error": "not-one-of",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
    "not_a_date": "not-a-date",
    "out_of_range": "out-of-range",
    "control_character": "control-character",
    "too_many_decimals": "too-many-decimals",
    "unknown_currency": "unknown-currency",
    "looks_like_email": "looks-like-email",
    "looks_like_nhs_number": "looks-like-nhs-number",
    "looks_like_ni_number": "looks-like-ni-number",
    "looks_like_postcode": "looks-like-postcode",
}
_MESSAGES = {
    "missing-field": "This is required.",
    "unknown-field": "There is no such field here; check its spelling.",
    "not-text": "Write this as text, in quotes.",
    "not-a-whole-number": "Write this as a whole number, without quotes or a decimal point.",
    "not-true-or-false": "Write true or false, without quotes.",
    "not-a-list": "Write a list here.",
    "not-an-object": "Write an object with named fields here.",
}


@dataclass(frozen=True, slots=True)
class PlacedFault(Fault):
    """A fault with the part of the request it is in: body, query, path or header."""

    place: str = "body"


def placed_faults(errors: Sequence[Any]) -> list[PlacedFault]:
    """The faults behind pydantic's errors, in order, at most FAULTS_MAX of them."""
    return [_fault(error) for error in errors[:FAULTS_MAX]]


def _fault(error: Mapping[str, Any]) -> PlacedFault:
    location = list(error["loc"])
    place = location.pop(0) if location and location[0] in _PLACES else "body"
    if place == "header":
        location = ["-".join(part.title() for part in str(location[0]).split("-"))]
    kind = error["type"]
    code = _CODES.get(kind, "wrong-form")
    message = _MESSAGES.get(code) or _sentence(kind, error)
    if place == "body" and not location and kind == "missing":
        code, message = "body-missing", "The request needs a JSON body."
    return PlacedFault(code, _pointer(location), message, place)


def _sentence(kind: str, error: Mapping[str, Any]) -> str:
    """Pydantic's sentence, turned into advice. It names bounds and choices, never the value."""
    context = error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return form_in_words(context["pattern"])
    if _CODES.get(kind) == "wrong-length":
        return length_in_words(kind, context)
    message = str(error["msg"]).replace("Input should be", "Write", 1)
    return message if message.endswith(".") else f"{message}."


def _pointer(parts: Sequence[Any]) -> str:
    escaped = (str(part)[:_NAME_MAX].replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in escaped)

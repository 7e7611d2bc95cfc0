"""Forms and lengths in words: every pattern of the interface and of the terms has some."""

import json
from pathlib import Path

import pytest

from app.domain.terms.forms import _FORMS, form_in_words, length_in_words
from app.domain.terms.schema import terms_schema

OPENAPI = Path(__file__).parents[3] / "openapi" / "openapi.json"
AMOUNTS = r"^\d"
SHARES = r"^(\d"


def patterns(part) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(patterns, part))
    if not isinstance(part, dict):
        return set()
    own = {part["pattern"]} if isinstance(part.get("pattern"), str) else set()
    return own.union(*map(patterns, part.values()))


def test_every_pattern_has_words():
    found = patterns(json.loads(OPENAPI.read_text(encoding="utf-8"))) | patterns(terms_schema())
    own_message = {one for one in found if one.startswith((AMOUNTS, SHARES))}
    assert found - own_message <= set(_FORMS)
    assert not any("[" in form_in_words(one) for one in found)


@pytest.mark.parametrize(
    ("kind", "context", "wanted"),
    [
        ("too_short", {"min_length": 1}, "Give at least 1 item."),
        ("too_long", {"max_length": 200}, "Give at most 200 items."),
        ("string_too_short", {"min_length": 1}, "Give at least 1 character."),
        ("string_too_long", {"max_length": 2000}, "Give at most 2000 characters."),
    ],
)
def test_lengths(kind, context, wanted):
    assert length_in_words(kind, context) == wanted

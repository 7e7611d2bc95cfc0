"""Reading JSON strictly: in time that grows with the body and no faster, and bounded every way."""

import json
from collections.abc import Iterator
from itertools import islice
from time import process_time

import pytest

from app.api.strict import BODY_BYTES_MAX, NAME_LENGTH_MAX, NESTING_MAX, VALUES_MAX, parse_json
from app.domain.errors import InputInvalid

SECONDS_MAX = 1.0
"""For any body: the worst takes a tenth of it; comparing each name with all others took minutes."""


def refused(body: bytes) -> tuple[str, str]:
    with pytest.raises(InputInvalid) as refusal:
        parse_json(body)
    (fault,) = refusal.value.faults
    return fault.code, fault.pointer


def filled(start: str, items: Iterator[str], end: str) -> bytes:
    """A body of the largest size that the items fill."""
    parts, size = [start], len(start) + len(end)
    for item in items:
        size += len(item)
        if size > BODY_BYTES_MAX:
            break
        parts.append(item)
    return "".join([*parts, end]).encode()


def numbered(form: str) -> Iterator[str]:
    return (form.format(number) for number in range(BODY_BYTES_MAX))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            filled("{", islice(numbered('"{:020x}":1,'), VALUES_MAX - 1), f'"{0:020x}":1}}'),
            "given-twice",
        ),
        (filled("{", numbered('"{:x}":1,'), '"z":1}'), "too-many-values"),
        (filled("[", numbered("[],"), "[]]"), "too-many-values"),
        (filled("[", numbered("1,"), "1]"), "too-many-values"),
        (filled("[", numbered('{{"a":{}}},'), "1]"), "too-many-values"),
        (b"[" * BODY_BYTES_MAX, "nested-too-deeply"),
        (b'{"a":' * (BODY_BYTES_MAX // 5), "nested-too-deeply"),
        (b'"' + b'\\"' * (BODY_BYTES_MAX // 2), "json-malformed"),
        (filled('["', islice(numbered('\\\\"'), 9 * VALUES_MAX), ""), "json-malformed"),
        (filled("[", numbered('",",'), "1]"), "too-many-values"),
        (filled('{"', iter(["a" * (BODY_BYTES_MAX - 20)]), '":1}'), "wrong-length"),
        (b"9" * BODY_BYTES_MAX, "number-too-large"),
    ],
    ids=[
        "twice",
        "names",
        "lists",
        "numbers",
        "objects",
        "quotes",
        "mixed",
        "texts",
        "deep",
        "deep objects",
        "name",
        "digits",
    ],
)
def test_the_worst_bodies_are_refused_quickly(body, code):
    started = process_time()
    assert refused(body)[0] == code
    assert process_time() - started < SECONDS_MAX


def test_the_second_of_two_equal_names_is_found_wherever_it_stands():
    assert refused(b'{"a": 1, "b": 2, "a": 3}') == ("given-twice", "/a")
    assert refused(b'{"b": {"c": 1, "c": 1}}') == ("given-twice", "/c")
    assert parse_json(b'{"a": {"b": 1}, "b": {"a": 1}}') == {"a": {"b": 1}, "b": {"a": 1}}


@pytest.mark.parametrize(("more", "code"), [(0, None), (1, "too-many-values")])
def test_values_are_counted_through_every_level(more, code):
    document = {"a": list(range(VALUES_MAX - 4 + more)), "b": {"c": [1]}}  # and a, b, c, 1
    body = json.dumps(document).encode()
    if code is None:
        assert parse_json(body) == document
    else:
        assert refused(body) == (code, "")


@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_levels_are_bounded(pair):
    start, end = pair
    for depth in (NESTING_MAX, NESTING_MAX + 1):
        body = (start * depth + "1" + end * depth).encode()
        if depth == NESTING_MAX:
            parse_json(body)
        else:
            assert refused(body) == ("nested-too-deeply", "")


def test_commas_in_texts_are_no_values():
    text = "," * (VALUES_MAX * 2) + '\\"' + "," * 10
    assert parse_json(f'["{text}", 1]'.encode()) == [text.replace("\\", ""), 1]


def test_names_are_bounded():
    assert parse_json(b'{"' + b"n" * NAME_LENGTH_MAX + b'": 1}')
    assert refused(b'{"' + b"n" * (NAME_LENGTH_MAX + 1) + b'": 1}') == ("wrong-length", "")


@pytest.mark.parametrize("body", [b"1", b'"text"', b"null", b"[]", b"{}"])
def test_any_value_is_json(body):
    assert parse_json(body) == json.loads(body)

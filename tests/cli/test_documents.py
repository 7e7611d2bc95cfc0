"""Reading documents from files: what YAML and JSON may and may not do."""

import pytest

from app.cli.documents import DOCUMENT_BYTES_MAX, load_document
from app.domain.errors import InputInvalid, TooLarge

YAML = "application/yaml"
JSON = "application/json"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [x, -2, true, null, ~, ]", {"a": 1, "b": ["x", -2, True, None, None]}),
        ("day: 2022-04-01", {"day": "2022-04-01"}),
        ("day: 2022-02-31", {"day": "2022-02-31"}),
        ('price: "6701.50"', {"price": "6701.50"}),
        ("empty:", {"empty": None}),
        ("a: &x {b: c}\nd: *x", {"a": {"b": "c"}, "d": {"b": "c"}}),
        ("\ufeffa: b", {"a": "b"}),
        ("a: !!str 12", {"a": "12"}),
    ],
)
def test_yaml_becomes_plain_values(text, expected):
    assert load_document(text.encode(), YAML) == expected


def test_json_becomes_plain_values():
    text = b'{"a": [1, 1.5, true, null, "2022-04-01"]}'
    assert load_document(text, JSON) == {"a": [1, 1.5, True, None, "2022-04-01"]}


LOOP = "a: &x [*x]"
BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "media", "code", "pointer"),
    [
        ("a: 1\na: 2", YAML, "repeated-field", "/a"),
        ("x:\n  - a: 1\n    a: 1", YAML, "repeated-field", "/x/0/a"),
        ('{"x": {"a": 1, "a": 1}}', JSON, "repeated-field", ""),
        ("price: 6701.50", YAML, "not-json", "/price"),
        ("count: 1_000", YAML, "not-json", "/count"),
        ("count: 012", YAML, "not-json", "/count"),
        ("time: 10:30", YAML, "not-json", "/time"),
        ("land: no", YAML, "not-json", "/land"),
        ("land: TRUE", YAML, "not-json", "/land"),
        ("on: 2022-04-01", YAML, "not-json", ""),
        ("1: x", YAML, "not-json", ""),
        ("? [a]\n: x", YAML, "not-json", ""),
        ("? !!str [a]\n: x", YAML, "not-json", ""),
        ("a: &x {b: c}\nd:\n  <<: *x", YAML, "not-json", "/d"),
        ("a: !!binary aGk=", YAML, "not-json", "/a"),
        ("a: !!set {b}", YAML, "not-json", "/a"),
        ("a: !!python/object/apply:os.getcwd []", YAML, "not-json", "/a"),
        (LOOP, YAML, "nested-too-deeply", "/a" + "/0" * 32),
        (BOMB, YAML, "document-too-large", ""),
        ("a: " + "[" * 1000, YAML, "nested-too-deeply", ""),
        ("[" * 50_000, JSON, "nested-too-deeply", ""),
        ("a: [", YAML, "not-readable", ""),
        ("a: b\n---\nc: d", YAML, "not-readable", ""),
        ("a: *unknown", YAML, "not-readable", ""),
        ("a: \x07", YAML, "not-readable", ""),
        ("{", JSON, "not-readable", ""),
        ('{"a": NaN}', JSON, "not-readable", ""),
        ('{"a": ' + "9" * 5000 + "}", JSON, "not-readable", ""),
        ("", YAML, "not-an-object", ""),
        ("- a", YAML, "not-an-object", ""),
        ("terms", YAML, "not-an-object", ""),
        ("[]", JSON, "not-an-object", ""),
    ],
)
def test_what_is_refused(text, media, code, pointer):
    with pytest.raises(InputInvalid) as refused:
        load_document(text.encode(), media)
    (fault,) = refused.value.faults
    assert (fault.code, fault.pointer) == (code, pointer)
    assert fault.message.endswith(".")


def test_the_line_is_told():
    with pytest.raises(InputInvalid) as refused:
        load_document(b"a: 1\nb: 2\na: 3\n", YAML)
    assert refused.value.faults[0].message.startswith("Line 3:")


@pytest.mark.parametrize("media", [YAML, JSON])
def test_text_is_utf_8(media):
    with pytest.raises(InputInvalid) as refused:
        load_document('{"a": "Größe"}'.encode("latin-1"), media)
    assert refused.value.faults[0].code == "not-readable"


def test_a_document_has_one_mebibyte_at_most():
    start = b'{"a": "'
    fits = start + b"x" * (DOCUMENT_BYTES_MAX - len(start) - 2) + b'"}'
    assert len(fits) == DOCUMENT_BYTES_MAX
    assert load_document(fits, JSON)
    with pytest.raises(TooLarge):
        load_document(fits + b" ", JSON)

"""The whole document: its hash, its parties in their roles, its versions on a timeline."""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.documents import load_document
from app.domain.terms.base import share_fraction
from app.domain.terms.check import parse_terms
from app.domain.terms.document import canonical, plain, terms_hash
from app.domain.terms.schema import EXAMPLE
from app.domain.terms.timeline import TermsVersion, Timeline
from tests.tries import tries

EXAMPLES = Path(__file__).parents[3] / "examples"

# Frozen: another hash would mean that what the parties accepted is not what is in force.
HASHES = {
    "terms-1.yaml": "3e34a434bab48c006c70741595c2e335d753dc94b7f32253592668dfdc85f100",
    "terms-2.yaml": "23146be1658a26c0c433d7bc546b5d8a22e8bda869b78702e5d59d72d5d23493",
}


@pytest.mark.parametrize(("name", "expected"), HASHES.items())
def test_the_hash_of_a_document_never_changes(name, expected):
    document = load_document((EXAMPLES / "golden" / name).read_bytes(), "application/yaml")
    assert terms_hash(document) == expected
    by_other_means = json.dumps(document, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(by_other_means.encode()).hexdigest() == expected


def test_the_canonical_form_sorts_fields_and_has_no_spaces():
    assert (
        canonical({"b": ["x", 1], "a": None, "é": True})
        == '{"a":null,"b":["x",1],"é":true}'.encode()
    )


def shuffled(value, random):
    """The same value with the fields of every object in another order."""
    if isinstance(value, dict):
        names = list(value)
        random.shuffle(names)
        return {name: shuffled(value[name], random) for name in names}
    return [shuffled(item, random) for item in value] if isinstance(value, list) else value


@settings(max_examples=tries(25))
@given(random=st.randoms(use_true_random=False))
def test_neither_the_order_of_fields_nor_the_file_format_changes_the_hash(random):
    other = shuffled(EXAMPLE, random)
    as_json = load_document(json.dumps(other, indent=1).encode(), "application/json")
    as_yaml = load_document(yaml.safe_dump(other).encode(), "application/yaml")
    assert terms_hash(as_json) == terms_hash(as_yaml) == terms_hash(EXAMPLE)
    assert parse_terms(as_json) == parse_terms(EXAMPLE)


@pytest.mark.parametrize(
    ("place", "value"),
    [("currency", "GBP"), ("title", "Homes kept for six months "), ("notice", None)],
)
def test_whatever_is_written_otherwise_changes_the_hash_even_if_it_means_the_same(place, value):
    assert terms_hash(EXAMPLE | {place: value}) != terms_hash(EXAMPLE)


def test_dates_of_a_yaml_reader_become_text():
    read = {"on": date(2022, 4, 1), "at": [datetime(2022, 4, 1, 9, 30)], 7: None}  # noqa: DTZ001
    assert plain(read) == {"on": "2022-04-01", "at": ["2022-04-01T09:30:00"], "7": None}


@pytest.mark.parametrize(
    ("roles", "payee"),
    [
        ({"bii": "investor", "spv": "spv"}, "spv"),
        ({"spv": "spv", "bii": "investor"}, "spv"),
        ({"bii": "investor", "spv": "evaluator"}, "bii"),
    ],
)
def test_outcomes_are_paid_to_the_spv_else_to_the_investor(first, roles, payee):
    document = first({"/signatories/1": payee})
    for party in document["parties"]:
        party["roles"] = [roles[party["id"]]] if party["id"] in roles else party["roles"]
    terms = parse_terms(document)
    assert terms.payee == payee
    assert terms.commissioner == "scc"


def test_the_metric_order_is_the_order_of_the_document(second):
    order = parse_terms(second()).metric_order()
    assert order == {"ENG": 0, "MOVE": 1, "S06": 2, "S12": 3, "S18": 4, "S24": 5}


@pytest.mark.parametrize(
    ("text", "numerator", "denominator"),
    [("0.25", 1, 4), ("1/3", 1, 3), ("1", 1, 1), ("0", 0, 1), ("2/8", 1, 4), ("0/7", 0, 1)],
)
def test_shares_are_exact(text, numerator, denominator):
    share = share_fraction(text)
    assert (share.numerator, share.denominator) == (numerator, denominator)


def timeline(*documents) -> Timeline:
    versions = [
        TermsVersion(number, terms_hash(document), parse_terms(document))
        for number, document in enumerate(documents, 1)
    ]
    return Timeline.of(reversed(versions))


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2019, 11, 27), None),
        (date(2019, 11, 28), 1),
        (date(2022, 3, 31), 1),
        (date(2022, 4, 1), 2),
        (date(2199, 12, 31), 2),
    ],
)
def test_the_latest_version_that_applies_governs_a_day(first, second, day, number):
    governing = timeline(first(), second()).governing(day)
    assert (governing and governing.number) == number


@pytest.mark.parametrize(("day", "number"), [(date(2021, 12, 31), 1), (date(2022, 1, 1), 2)])
def test_a_retrospective_version_governs_from_the_day_it_reaches_back_to(
    first, second, day, number
):
    reach = {"retrospective": True, "applies_to_achievements_from": "2022-01-01", "reason": "Late"}
    line = timeline(first(), second({"/variation": reach}))
    governing = line.governing(day)
    assert governing is not None
    assert governing.number == number
    assert line.latest.applies_from == date(2022, 1, 1)


def test_versions_are_found_by_number(first, second):
    line = timeline(first(), second())
    assert line.numbered(1) == line.versions[0]
    assert line.latest == line.numbered(2)


@pytest.mark.parametrize(
    ("service_ends", "run_off_months", "last"),
    [
        ("2026-03-31", 24, date(2028, 3, 31)),
        ("2024-02-29", 12, date(2025, 2, 28)),
        ("2023-08-31", 6, date(2024, 2, 29)),
        ("2026-03-31", 0, date(2026, 3, 31)),
        ("2026-03-31", None, None),
        (None, 24, None),
    ],
)
def test_the_run_off_ends_months_after_the_service(second, service_ends, run_off_months, last):
    changes = {"/service_ends": service_ends, "/cohort/run_off_months": run_off_months}
    assert parse_terms(second(changes)).last_day == last

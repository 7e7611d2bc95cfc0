"""Retention by the terms, download links by the second, and texts that name nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.download_link import DownloadLink, ends_after
from app.domain.identity_check import IdentityChecked
from app.domain.parties import Actor
from app.domain.privacy import Retention, retention, unnamed_expires_at
from app.domain.terms.shape import parse_shape
from app.domain.terms.timeline import TermsVersion, Timeline
from tests.factories import day, document

NOON = datetime(2023, 11, 1, 12, tzinfo=UTC)


def kept(service_ends, run_off, years) -> Retention:
    terms = document(service_ends=service_ends, evidence_retention_years=years)
    terms["cohort"]["run_off_months"] = run_off
    return retention(Timeline((TermsVersion(1, "0" * 64, parse_shape(terms)),)))


@pytest.mark.parametrize(
    ("service_ends", "run_off", "years", "ends_on", "through"),
    [
        ("2026-03-31", 24, 7, "2028-03-31", "2035-03-31"),
        ("2026-03-31", 0, 7, "2026-03-31", "2033-03-31"),
        ("2028-02-29", 0, 7, "2028-02-29", "2035-02-28"),
        ("2028-02-29", 0, 8, "2028-02-29", "2036-02-29"),
        ("2026-08-31", 6, 1, "2027-02-28", "2028-02-28"),
        ("2026-03-31", 0, 0, "2026-03-31", "2026-03-31"),
    ],
)
def test_evidence_is_kept_through_a_day_and_goes_on_the_next(
    service_ends, run_off, years, ends_on, through
):
    rule = kept(service_ends, run_off, years)
    assert (rule.contract_ends_on, rule.keep_through) == (day(ends_on), day(through))
    assert not rule.is_over(day(through) - timedelta(days=1))
    assert not rule.is_over(day(through))
    assert rule.is_over(day(through) + timedelta(days=1))


@pytest.mark.parametrize(("service_ends", "run_off"), [(None, 24), ("2026-03-31", None)])
def test_what_nothing_bounds_is_kept(service_ends, run_off):
    rule = kept(service_ends, run_off, 7)
    assert (rule.contract_ends_on, rule.keep_through) == (None, None)
    assert not rule.is_over(date(2199, 12, 31))


@pytest.mark.parametrize(
    ("received", "hours", "expires"),
    [
        ("2024-02-28T12:00", 168, "2024-03-06T12:00"),
        ("2023-02-28T12:00", 24, "2023-03-01T12:00"),
        ("2024-02-28T12:00", 24, "2024-02-29T12:00"),
        ("2024-03-30T23:30", 1, "2024-03-31T00:30"),  # hours, whatever clocks do in summer
        ("2024-03-31T00:30", 1, "2024-03-31T01:30"),
    ],
)
def test_a_file_that_nobody_names_expires_by_the_hour(received, hours, expires):
    made = datetime.fromisoformat(received).replace(tzinfo=UTC)
    assert unnamed_expires_at(made, hours) == datetime.fromisoformat(expires).replace(tzinfo=UTC)


LINK = DownloadLink("contract-1", "e1", "0" * 64, Actor("provider", "worker-1"), NOON)


@pytest.mark.parametrize(
    ("before_end", "is_open"),
    [(timedelta(seconds=1), True), (timedelta(microseconds=1), True), (timedelta(0), False),
     (timedelta(seconds=-1), False)],
)  # fmt: skip
def test_a_link_is_open_until_its_second(before_end, is_open):
    assert LINK.is_open(NOON - before_end) is is_open


def test_a_link_ends_at_a_whole_second():
    assert ends_after(NOON + timedelta(microseconds=700_000), 300) == NOON + timedelta(minutes=5)
    assert LINK.expires == 1698840000


@pytest.mark.parametrize(
    "other",
    [
        replace(LINK, contract_id="contract-2"),
        replace(LINK, evidence_id="e2"),
        replace(LINK, sha256="1" * 64),
        replace(LINK, reader=Actor("provider", "worker-2")),
        replace(LINK, reader=Actor("provide", "rworker-1")),
        replace(LINK, reader=Actor('provider", "worker-1', "")),
        replace(LINK, expires_at=NOON + timedelta(seconds=1)),
    ],
)
def test_every_part_of_a_link_is_signed(other):
    assert other.message() != LINK.message()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The letter is signed.", None),
        ("Ask jo@example.org", "looks_like_email"),
        ("943 476 5919", "looks_like_nhs_number"),
        ("S1 2AB", "looks_like_postcode"),
        ("AB 12 34 56 C", "looks_like_ni_number"),
    ],
)
def test_a_text_names_nobody(text, kind):
    adapter = TypeAdapter(Annotated[str, IdentityChecked])
    if kind is None:
        assert adapter.validate_python(text) == text
        return
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(text)
    (fault,) = refused.value.errors(include_input=False)
    assert fault["type"] == kind
    assert text not in fault["msg"]

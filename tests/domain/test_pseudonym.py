"""Pseudonyms, and values that would give a person away."""

from time import process_time

import pytest

from app.domain.pseudonym import identity_fault, pseudonym_fault, reference_fault


@pytest.mark.parametrize(
    "text",
    [
        "P1",
        "PI-0042",
        "42",
        "A1",
        "AB12-0007",
        "ABC1",
        "X9-Y8-Z7",
        "P-JS-42",
        "PI-1899",
        "PI-01975",
        "PI-19750",
        "PI-2030",
        "P1-1975",
        "1975",
        "2021-00042",
        "123456789",
        "12345678901",
        "QQ123456C",
        "PI-" + "0" * 29,
    ],
)
def test_accepts_a_pseudonym(text):
    assert pseudonym_fault(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-a-pseudonym"),
        ("P", "not-a-pseudonym"),
        ("P" + "0" * 32, "not-a-pseudonym"),
        ("p1", "not-a-pseudonym"),
        ("P_1", "not-a-pseudonym"),
        ("P 1", "not-a-pseudonym"),
        ("-P1", "not-a-pseudonym"),
        ("P1-", "not-a-pseudonym"),
        ("P--1", "not-a-pseudonym"),
        ("P1\n", "not-a-pseudonym"),
        ("\u00c91", "not-a-pseudonym"),
        ("P\u0661", "not-a-pseudonym"),
        ("JO@EXAMPLE.ORG", "looks-like-email"),
        ("jo.smith@example.org", "looks-like-email"),
        ("9434765919", "looks-like-nhs-number"),
        ("943 476 5919", "looks-like-nhs-number"),
        ("943-476-5919", "looks-like-nhs-number"),
        ("1234567890", "looks-like-nhs-number"),
        ("PI9434765919", "looks-like-nhs-number"),
        ("S1-2AB", "looks-like-postcode"),
        ("S12AB", "looks-like-postcode"),
        ("S1 2HH", "looks-like-postcode"),
        ("SW1A1AA", "looks-like-postcode"),
        ("sw1a 1aa", "looks-like-postcode"),
        ("PI-S10-3NA", "looks-like-postcode"),
        ("AB123456C", "looks-like-ni-number"),
        ("AB-12-34-56-C", "looks-like-ni-number"),
        ("ab 12 34 56 c", "looks-like-ni-number"),
        ("1965-03-12", "looks-like-date-of-birth"),
        ("12-03-1965", "looks-like-date-of-birth"),
        ("12/03/1965", "looks-like-date-of-birth"),
        ("19650312", "looks-like-date-of-birth"),
        ("12031965", "looks-like-date-of-birth"),
        ("PI-19650312", "looks-like-date-of-birth"),
        ("12-03-65", "looks-like-date-of-birth"),
        ("29-02-00", "looks-like-date-of-birth"),
        ("PI-1975", "looks-like-date-of-birth"),
        ("PI-1900", "looks-like-date-of-birth"),
        ("PI-2029", "looks-like-date-of-birth"),
        ("JS1980", "looks-like-date-of-birth"),
        ("J1980", "looks-like-date-of-birth"),
        ("1980-JS", "looks-like-date-of-birth"),
        ("1980JS", "looks-like-date-of-birth"),
        ("SMITH1980", "looks-like-date-of-birth"),
        ("AB", "looks-like-name"),
        ("ABC", "looks-like-name"),
        ("J-S", "looks-like-name"),
        ("SMITH", "looks-like-name"),
        ("JOHN", "looks-like-name"),
        ("JO-SM", "looks-like-name"),
        ("JSMITH1", "looks-like-name"),
        ("JOHN-SMITH-1975", "looks-like-name"),
        ("JOHN1", "looks-like-name"),
        ("JO-SM-42", "looks-like-name"),
        ("S1M2I3T4H5", "looks-like-name"),
        ("1-SMI-2-TH", "looks-like-name"),
        ("John Smith", "looks-like-name"),
        ("john smith", "looks-like-name"),
        ("Jo O'Neill 42", "looks-like-name"),
        ("\u00c9lodie", "looks-like-name"),
        ("\u738b\u5c0f\u660e\u5c0f1", "looks-like-name"),
    ],
)
def test_refuses_with_a_reason(text, code):
    found = pseudonym_fault(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["19651312", "1965-02-30", "32-01-65", "00000000"])
def test_digits_that_are_no_day_are_no_date_of_birth(text):
    assert pseudonym_fault(text) is None


def test_the_message_never_repeats_the_value_and_names_the_place():
    found = pseudonym_fault("943 476 5919", "/participants/3/id")
    assert found is not None
    assert found.pointer == "/participants/3/id"
    assert "943" not in found.message
    assert pseudonym_fault("").pointer == "/participant_id"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("call jo@example.org", "looks-like-email"),
        ("NHS no. 943 476 5919.", "looks-like-nhs-number"),
        ("ref 943.476.5919", "looks-like-nhs-number"),
        ("lives at S10 3NA now", "looks-like-postcode"),
        ("lives at s10 3na now", "looks-like-postcode"),
        ("NI AB 12 34 56 C on file", "looks-like-ni-number"),
    ],
)
def test_free_text_must_not_identify_anyone(text, code):
    found = identity_fault(text, "/note")
    assert found is not None
    assert (found.code, found.pointer) == (code, "/note")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Landlord letter dated 5 Oct 2021, tenancy still live",
        "Visit by John Smith",
        "S12 2nd visit done",
        "S06 was due on 2021-07-15",
        "Invoice 12345678901 for 6,701.50",
        "cap 2,744,750.00",
        "@home",
        "terms:2#/sustainment/hospital",
    ],
)
def test_other_free_text_passes(text):
    assert identity_fault(text, "/note") is None


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "BACS 7",
        "BACS 2021-10-0042",
        "FP/0042.1",
        "COUNCIL 003",
        "GRANT 1 PART 2",
        "A1 B2 C3",
        "X" * 34 + "1",
        "12345678901",
    ],
)
def test_a_payments_reference_is_a_code(text):
    assert reference_fault(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-a-reference"),
        ("BACS", "not-a-reference"),
        ("X" * 35 + "1", "not-a-reference"),
        (" 7", "not-a-reference"),
        ("7 ", "not-a-reference"),
        ("7-", "not-a-reference"),
        ("BACS_7", "not-a-reference"),
        ("BACS\n7", "not-a-reference"),
        ("BACS \u0667", "not-a-reference"),
        ("RENT JOHN SMITH 7", "not-a-reference"),
        ("7 JOHN SMITH", "not-a-reference"),
        ("JOHN-SMITH 7", "not-a-reference"),
        ("JOHN.SMITH/7", "not-a-reference"),
        ("j / s 7", "not-a-reference"),
        ("BACS 943 476 5919", "looks-like-nhs-number"),
        ("BACS S10 3NA", "looks-like-postcode"),
        ("jo7@example.org", "looks-like-email"),
    ],
)
def test_a_payments_reference_holds_no_sentence_and_no_name(text, code):
    found = reference_fault(text)
    assert found is not None
    assert (found.code, found.pointer) == (code, "/reference")


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a@" * 100_000, "a" * 100_000 + "@" + "b" * 99_999]
)
def test_long_texts_are_searched_in_time_that_grows_with_their_length(text):
    started = process_time()
    identity_fault(text, "/note")
    assert process_time() - started < 1


def test_an_identifier_of_the_service_is_nobodys_number():
    identifier = "01a20387-7b2c-7123-8456-ab9434765919"
    assert identity_fault(f"see {identifier}", "/note") is None
    assert identity_fault(f"see {identifier} and 943 476 5919", "/note") is not None
    assert identity_fault("see ab9434765919", "/note") is not None

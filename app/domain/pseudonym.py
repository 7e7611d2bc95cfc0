"""Pseudonyms of participants, and values that would give a person away.

The service holds the provider's pseudonym and never a name, date of birth, address or NHS number.
"""

import re
from datetime import date

from app.domain.errors import Fault

_PSEUDONYM = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*", re.ASCII)
_LENGTH_MIN, _LENGTH_MAX = 2, 32
_NAME_LENGTH = 4

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# Ten digits, run together or written 3-3-4 as on NHS letters; phone numbers of ten digits too.
_TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[ .-]?\d{3}[ .-]?\d{4}(?!\d)", re.ASCII)
# One case throughout, so that "S12 2nd visit" is not read as a postcode.
_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}[0-9][A-Z0-9]?[ -]?[0-9][ABD-HJLNP-UW-Z]{2}"
    r"|[a-z]{1,2}[0-9][a-z0-9]?[ -]?[0-9][abd-hjlnp-uw-z]{2})(?![A-Za-z0-9])"
)
_NATIONAL_INSURANCE = re.compile(
    r"(?<![A-Z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?\d{2}){3}[ -]?[A-D](?![A-Z0-9])",
    re.ASCII | re.IGNORECASE,
)
_DATES = (
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)[ ./-]?(?P<m>\d\d)[ ./-]?(?P<d>\d\d)(?!\d)", re.ASCII),
    re.compile(r"(?<!\d)(?P<d>\d\d)[ ./-]?(?P<m>\d\d)[ ./-]?(?P<y>(?:19|20)\d\d)(?!\d)", re.ASCII),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d\d)(?!\d)", re.ASCII),
)
_WORDS_OF_A_NAME = re.compile(r"[^\W\d_]{2,}[ ']+[^\W\d_]+")


def pseudonym_fault(text: str, pointer: str = "/participant_id") -> Fault | None:
    """What is wrong with a pseudonym, or None: 2 to 32 of A-Z, 0-9 and single hyphens.

    Refused even then: a value that looks like an e-mail address, an NHS number (any ten digits),
    a postcode, a National Insurance number, a date of birth, or a name (more than three letters
    and nothing else, or two words). P1 and PI-0042 pass; SMITH, S1-2AB and 943-476-5919 do not.
    """
    if (found := identity_fault(text, pointer)) is not None:
        return found
    if _has_date(text):
        return _refused("looks-like-date-of-birth", pointer, "a date of birth")
    if _is_name(text):
        return _refused("looks-like-name", pointer, "a name")
    if not _LENGTH_MIN <= len(text) <= _LENGTH_MAX or _PSEUDONYM.fullmatch(text) is None:
        return Fault(
            "not-a-pseudonym",
            pointer,
            "A pseudonym has 2 to 32 characters: capitals, digits and single hyphens between "
            "them, such as PI-0042.",
        )
    return None


def identity_fault(text: str, pointer: str) -> Fault | None:
    """The first value in a text that identifies a person, or None. Names are not looked for.

    Finds e-mail addresses, NHS numbers (any ten digits, also written 3-3-4), postcodes and
    National Insurance numbers. The message never repeats the value.
    """
    for code, pattern, what in (
        ("looks-like-email", _EMAIL, "an e-mail address"),
        ("looks-like-nhs-number", _TEN_DIGITS, "an NHS number"),
        ("looks-like-postcode", _POSTCODE, "a postcode"),
        ("looks-like-ni-number", _NATIONAL_INSURANCE, "a National Insurance number"),
    ):
        if pattern.search(text) is not None:
            return _refused(code, pointer, what)
    return None


def _refused(code: str, pointer: str, what: str) -> Fault:
    message = (
        f"The value looks like {what}. Send the provider's pseudonym, and nothing that "
        "identifies a person."
    )
    return Fault(code, pointer, message)


def _has_date(text: str) -> bool:
    return any(
        _is_day(int(found["y"]), int(found["m"]), int(found["d"]))
        for pattern in _DATES
        for found in pattern.finditer(text)
    )


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return True


def _is_name(text: str) -> bool:
    letters = text.replace("-", "").replace(" ", "").replace("'", "")
    if letters.isalpha() and len(letters) >= _NAME_LENGTH:
        return True
    return _WORDS_OF_A_NAME.search(text) is not None

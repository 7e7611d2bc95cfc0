"""Pseudonyms of participants, references of payments, and values that would give a person away.

The service holds the provider's pseudonym and never a name, date of birth, address or NHS number.
"""

import re
from datetime import date

from app.domain.errors import Fault

_PSEUDONYM = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*", re.ASCII)
_LENGTH_MIN, _LENGTH_MAX = 2, 32
_LETTERS_MAX = 3
_YEAR = r"(?:19\d\d|20[0-2]\d)"
_INITIALS_AND_YEAR = re.compile(rf"[A-Za-z]+-?{_YEAR}|{_YEAR}-?[A-Za-z]+", re.ASCII)

_REFERENCE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9/. -]*[A-Za-z0-9])?", re.ASCII)
_REFERENCE_LENGTH_MAX = 35
_TWO_WORDS = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+[/. -]+[A-Za-z]+(?![A-Za-z0-9])", re.ASCII)

# Only from the start of a word, or a long word without @ would take the square of its length.
_EMAIL = re.compile(r"(?<![^\s@])[^\s@]+@[^\s@]+\.[^\s@]+")
_UUID = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])"
)
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


def pseudonym_fault(text: str, pointer: str = "/participant_id") -> Fault | None:
    """What is wrong with a pseudonym, or None: a serial number with a short prefix.

    2 to 32 of A-Z, 0-9 and single hyphens, with at least one digit and three letters at most in
    all, so that no name fits in. Refused even then: what looks like an e-mail address, an NHS
    number (any ten digits), a postcode, a National Insurance number, a date of birth, or initials
    with a year of birth (letters and one number from 1900 to 2029, nothing else). P1, PI-0042 and
    AB12-0007 pass; SMITH, SMITH1980, JS-1980, S1-2AB and 943-476-5919 do not. The 1,975th person
    of a series is PI-01975.
    """
    if (found := identity_fault(text, pointer)) is not None:
        return found
    if _has_date(text):
        return _refused("looks-like-date-of-birth", pointer, "a date of birth")
    if _INITIALS_AND_YEAR.fullmatch(text) is not None:
        return Fault(
            "looks-like-date-of-birth",
            pointer,
            "The value looks like initials and a year of birth. Write a serial number with more or "
            "fewer digits than a year has, such as PI-01975.",
        )
    letters = sum(map(str.isalpha, text))
    if letters > _LETTERS_MAX or (letters > 1 and letters == len(text.replace("-", ""))):
        return Fault(
            "looks-like-name",
            pointer,
            f"The value could hold a name. A pseudonym has {_LETTERS_MAX} letters at most in all, "
            "and digits, such as PI-0042.",
        )
    if not _LENGTH_MIN <= len(text) <= _LENGTH_MAX or _PSEUDONYM.fullmatch(text) is None:
        return Fault(
            "not-a-pseudonym",
            pointer,
            "A pseudonym has 2 to 32 characters: capitals, digits and single hyphens between "
            "them, such as PI-0042.",
        )
    return None


def reference_fault(text: str, pointer: str = "/reference") -> Fault | None:
    """What is wrong with a payment's reference, or None. It stays in the journal for ever.

    1 to 35 letters, digits, spaces and / - . (what a bank transfer carries) that begin and end
    with a letter or digit, with at least one digit and no two words of letters side by side, so
    that no sentence and no full name fits in. BACS 2021-10-0042 passes; RENT JOHN SMITH does not.
    """
    if (found := identity_fault(text, pointer)) is not None:
        return found
    if (
        len(text) > _REFERENCE_LENGTH_MAX
        or _REFERENCE.fullmatch(text) is None
        or not any(map(str.isdigit, text))
        or _TWO_WORDS.search(text) is not None
    ):
        return Fault(
            "not-a-reference",
            pointer,
            f"A payment's reference is a code such as BACS 2021-10-0042: {_REFERENCE_LENGTH_MAX} "
            "characters at most, letters, digits, spaces and / - . only, at least one digit, and "
            "no two words of letters side by side. It can never be removed.",
        )
    return None


def identity_fault(text: str, pointer: str) -> Fault | None:
    """The first value in a text that identifies a person, or None. Names are not looked for.

    Finds e-mail addresses, NHS numbers (any ten digits, also written 3-3-4), postcodes and
    National Insurance numbers. The message never repeats the value. An identifier that the service
    made (a UUID) may be quoted: its digits are nobody's number.
    """
    text = _UUID.sub(" ", text)
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

"""The forms and lengths that texts must have, in words: nobody should have to read a pattern."""

from collections.abc import Mapping
from typing import Any

_FORMS = {
    "^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$": "3 to 64 lower-case letters, digits and hyphens, without "
    "a hyphen at either end",
    "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$": "1 to 128 letters, digits, dots, colons, hyphens and "
    "underscores, with a letter or digit first",
    "^[a-z][a-z0-9-]{1,30}[a-z0-9]$": "3 to 32 lower-case letters, digits and hyphens, with a "
    "letter first and no hyphen last",
    "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": "1 to 64 letters, digits, dots, hyphens and underscores, "
    "with a letter or digit first",
    "^[A-Z][A-Z0-9_]{1,31}$": "2 to 32 capitals, digits and underscores, with a letter first",
    "^[a-z][a-z0-9_]{0,47}$": "1 to 48 lower-case letters, digits and underscores, with a letter "
    "first",
    "^[0-9a-f]{64}$": "64 digits of lower-case hexadecimal",
    "^[A-Z]{3}$": "three capitals, such as GBP",
    "^[A-Z][A-Z0-9-]{1,15}$": "2 to 16 capitals, digits and hyphens, with a letter first",
    "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$": "1 to 32 letters, digits, dots, hyphens and underscores, "
    "with a letter or digit first",
    r"^20\d\d/\d\d$": "a financial year such as 2022/23",
    r"^-?[0-9]{1,15}(\.[0-9]{1,3})?$": "an amount "
    "of up to 15 digits before the point, such as 6701.50",
    r"^-?[0-9]{1,13}(\.[0-9]{1,3})?$": "an amount "
    "of up to 13 digits before the point, such as 6701.50",
    r"^\S+$": "text without spaces",
    "^[!-~]([ -~]{0,33}[!-~])?$": "1 to 35 printable ASCII characters, without a space at "
    "either end",
    "^[a-z][a-z0-9_-]{0,47}$": "1 to 48 lower-case letters, digits, hyphens and underscores, with "
    "a letter first",
    "^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$": "a file and a line, such as 2/17",
    "^[A-Za-z0-9_-]{43}$": "43 letters, digits, hyphens and underscores, as in the link",
    "^[A-Za-z0-9][A-Za-z0-9 /-]{3,48}[A-Za-z0-9]$": "5 to 50 letters, digits, spaces, slashes and "
    "hyphens, with a letter or digit at both ends, such as an IBAN or a sort code and number",
    "^[a-z][a-z-]{1,40}$": "2 to 41 lower-case letters and hyphens, with a letter first",
    "^(19|20|21)[0-9]{2}-Q[1-4]$": "a quarter of a calendar year, such as 2021-Q3",
    "^[ -~]{1,500}$": "1 to 500 printable ASCII characters",
    "^(ignored|taken_back)$": "ignored or taken_back",
    "^(accepted|refused|undone)$": "accepted, refused or undone",
    "^(allowed|refused)$": "allowed or refused",
    "^(allowed|refused|recorded)$": "allowed, refused or recorded",
}


def form_in_words(pattern: str) -> str:
    """What to write where a pattern asks for a form. ^[A-Z]{3}$ is "Write three capitals, ..."."""
    return f"Write {_FORMS.get(pattern, 'this in the form that the schema gives')}."


def length_in_words(kind: str, context: Mapping[str, Any]) -> str:
    """What to write where pydantic finds a text or list too short or too long.

    A list of none where one is needed: "Give at least 1 item."
    """
    long, text = kind.endswith("too_long"), kind.startswith("string")
    bound = context["max_length" if long else "min_length"]
    what = ("character" if text else "item") + ("" if bound == 1 else "s")
    return f"Give at {'most' if long else 'least'} {bound} {what}."

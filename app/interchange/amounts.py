"""Amounts as files write them, turned into money without ever passing through a float."""

import re

from app.domain.currencies import MINOR_DIGITS
from app.domain.money import Money, minor_digits
from app.interchange.drafts import Unreadable

_DECIMAL = re.compile(r"(\d{0,30})(?:\.(\d{0,30}))?", re.ASCII)
_WHOLE_DIGITS = 15
_SIGNED = re.compile(
    r"(?P<open>\()?\s*(?P<before>[+-])?\s*(?P<symbol>[\u00a3\u20ac$])?\s*(?P<after>[+-])?\s*"
    r"(?P<body>[0-9][0-9., '\u00a0\u202f]{0,60}|[.,][0-9]{1,30})(?P<tail>-)?(?P<close>\))?",
    re.ASCII,
)
_SIGNS = {"GBP": "\u00a3", "EUR": "\u20ac", "USD": "$"}


def exact_money(text: str, currency: str) -> Money:
    """Read an unsigned decimal with a point. Zeros beyond the minor unit are exact, so they pass.

    "100.500" GBP is 10050 pence. Raises Unreadable: `fraction` for "0.005" GBP, `bad-amount` for
    what is not such a number, `bad-currency` for what is no currency in use.
    """
    if currency not in MINOR_DIGITS:
        raise Unreadable("bad-currency", "The currency is not a code of ISO 4217 in use.")
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise Unreadable("bad-amount", "The amount is not a decimal number.")
    whole, fraction = match[1].lstrip("0"), match[2] or ""
    digits = minor_digits(currency)
    if fraction[digits:].strip("0"):
        raise Unreadable("fraction", f"The amount has more than {digits} decimals of {currency}.")
    if len(whole) > _WHOLE_DIGITS:
        raise Unreadable("bad-amount", f"The amount has more than {_WHOLE_DIGITS} digits.")
    return Money(int((whole + fraction[:digits].ljust(digits, "0")) or "0"), currency)


def signed_money(text: str, currency: str, decimal_mark: str, thousands_mark: str) -> Money:
    """Read an amount as people and spreadsheets write it, strictly by the declared marks.

    "-1,234.50", "1,234.50-", "(1,234.50)" and "-\u00a31,234.50" are all -123450 pence. Groups must
    have three digits, and there may be one sign. Raises Unreadable like `exact_money`.
    """
    match = _SIGNED.fullmatch(text.strip())
    if match is None:
        raise Unreadable("bad-amount", "The amount is not a number in the mapping's form.")
    signs = [match[name] for name in ("open", "before", "after", "tail") if match[name]]
    bracketed = bool(match["open"]) == bool(match["close"])
    symbol = match["symbol"] in {None, _SIGNS.get(currency)}
    if len(signs) > 1 or not bracketed or not symbol:
        raise Unreadable("bad-amount", "The amount's signs contradict each other or the currency.")
    whole, mark, fraction = match["body"].partition(decimal_mark)
    if thousands_mark and thousands_mark in whole:
        groups = whole.split(thousands_mark)
        if not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
            raise Unreadable("bad-amount", "The amount's thousands are not in groups of three.")
        whole = "".join(groups)
    if not (whole + fraction).isdigit() or (mark and not fraction):
        raise Unreadable("bad-amount", "The amount is not a number in the mapping's form.")
    money = exact_money(f"{whole}.{fraction}", currency)
    return -money if signs and signs[0] != "+" else money

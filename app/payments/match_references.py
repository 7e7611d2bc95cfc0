"""References as people quote them: what a text on a line names, whatever its spacing and case."""

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from app.domain.bank import FileLine, OpenItem
from app.domain.matching import MatchRules

BACS_REFERENCE_LENGTH = 18
"""A Bacs payment carries at most so many characters of reference; the rest is cut off."""

_RUNS = re.compile(r"[^\W\d_]+|\d+")


class Tier(Enum):
    """How a line names an item, from the strongest."""

    EXACT = "exact"
    IN_TEXT = "text"
    CUT = "cut"


@dataclass(slots=True)
class Bucket:
    """The items that carry one reference, by due date; `left` counts those not taken yet."""

    reference: str
    items: list[OpenItem]
    size: int = 0
    left: int = 0
    by_amount: dict[int, deque[OpenItem]] = field(default_factory=dict)
    not_taken: list[OpenItem] | None = None

    def of_amount(self, minor: int, taken: Collection[str], limit: int) -> list[OpenItem]:
        """The first free items of an open amount, at most `limit`.

        Taken items at the front are dropped for good, so that a reference shared by thousands of
        items of one amount costs each line the same.
        """
        if not self.by_amount:
            for item in self.items:
                self.by_amount.setdefault(item.open_amount.minor, deque()).append(item)
        waiting = self.by_amount.get(minor, deque())
        while waiting and waiting[0].item_id in taken:
            waiting.popleft()
        # Items further back may have been taken through another reference; the look is bounded.
        looked_at = (item for item, _ in zip(waiting, range(4 * limit), strict=False))
        return [item for item in looked_at if item.item_id not in taken][:limit]

    def free(self, taken: Collection[str], limit: int) -> list[OpenItem] | None:
        """Every free item, or None if there are more than `limit`."""
        if self.left > limit:
            return None
        if self.not_taken is None or len(self.not_taken) > self.left:
            self.not_taken = [item for item in self.items if item.item_id not in taken]
        return self.not_taken


@dataclass(frozen=True, slots=True)
class Quote:
    """One reference that a line quotes, how well, and the items that carry it."""

    tier: Tier
    bucket: Bucket


def reference_key(text: str) -> str:
    """A text as its letters in capitals and its digits without leading zeros.

    "SPV-000012", "spv 000012" and "Spv12" are all SPV12. Two numbers that something parts stay
    apart, so that INV-1-23 (INV1.23) is not INV-12-3.
    """
    return "".join(_runs(text))


def unspaced_key(text: str) -> str:
    """The key of a text written without anything between its letters and digits: INV-1-23, INV123.

    For what loses its hyphens on the way through a bank.
    """
    return reference_key("".join(_RUNS.findall(text)))


class ReferenceIndex:
    """Every reference of some items, found in constant time per reference of a line."""

    __slots__ = ("_beginnings", "_cut", "_homes", "_longest", "_rules", "_unspaced", "_whole")

    def __init__(self, items: Sequence[OpenItem], rules: MatchRules) -> None:
        """`items` in the order in which equal ones are to be taken."""
        self._rules = rules
        self._whole: dict[str, Bucket] = {}
        self._unspaced: dict[str, Bucket] = {}
        self._cut: dict[str, Bucket] = {}
        self._beginnings: set[str] = set()
        # A reference parted everywhere has a point for each digit: twice as long at most.
        self._longest = 0
        self._homes: dict[str, list[Bucket]] = {}
        for item in items:
            for reference in item.references:
                self._add(item, reference)

    def _add(self, item: OpenItem, reference: str) -> None:
        runs = _runs(reference)
        if not runs:
            return
        key = "".join(runs)
        self._longest = max(self._longest, 2 * len(key))
        self._put(self._whole, key, reference, item)
        if "." in key:
            self._put(self._unspaced, unspaced_key(reference), reference, item)
        if self._is_distinct(key):
            self._beginnings.update("".join(runs[:end]) for end in range(1, len(runs) + 1))
        for form in (reference.strip(), "".join(_RUNS.findall(reference))):
            if len(form) > BACS_REFERENCE_LENGTH:
                beginning = form[:BACS_REFERENCE_LENGTH]
                self._put(self._cut, unspaced_key(beginning), reference, item)

    def _put(self, index: dict[str, Bucket], key: str, reference: str, item: OpenItem) -> None:
        bucket = index.get(key)
        if bucket is None:
            bucket = index[key] = Bucket(reference, [])
        elif bucket.items[-1] is item:
            return
        bucket.items.append(item)
        bucket.size += 1
        bucket.left += 1
        self._homes.setdefault(item.item_id, []).append(bucket)

    def _is_distinct(self, key: str) -> bool:
        """Whether a key is long enough to be looked for in running text, and has a digit."""
        letters_and_digits = key.replace(".", "")
        if letters_and_digits.isdigit():
            return len(letters_and_digits) >= self._rules.number_length
        has_digit = any(map(str.isdigit, letters_and_digits))
        return has_digit and len(letters_and_digits) >= self._rules.reference_length

    def took(self, item: OpenItem) -> None:
        """Note that an item is taken, so that its references count one item less."""
        for bucket in self._homes.get(item.item_id, ()):
            bucket.left -= 1

    def quotes(self, line: FileLine) -> tuple[Quote, ...]:
        """What a line names, by the most specific reference.

        If any reference of the line belongs to one item only, shared ones (a purchase order of
        many invoices) say nothing more: the invoice number decides.
        """
        found: dict[int, Quote] = {}
        for text in line.references:
            for quote in self._in_reference(text):
                known = found.setdefault(id(quote.bucket), quote)
                if _ORDER[quote.tier] < _ORDER[known.tier]:
                    found[id(quote.bucket)] = quote
        alone = tuple(quote for quote in found.values() if quote.bucket.size == 1)
        return alone or tuple(found.values())

    def _in_reference(self, text: str) -> list[Quote]:
        runs = _runs(text)
        key = "".join(runs)
        # Long remittance texts cannot be a reference as a whole; most files carry many of them.
        whole = self._as_written(key, text) if len(key) <= self._longest else None
        cut = self._cut.get(unspaced_key(text)) if len(key) <= 2 * BACS_REFERENCE_LENGTH else None
        if cut is not None and _may_be_cut(text):
            # Cut-off digits can spell an older number: SPV-...-0001 may be 1 or what is left of 12.
            return [Quote(Tier.CUT, bucket) for bucket in (cut, whole) if bucket is not None]
        if whole is not None:
            return [Quote(Tier.EXACT, whole)]
        within = [Quote(Tier.IN_TEXT, bucket) for bucket in self._in_text(runs)]
        return within or ([] if cut is None else [Quote(Tier.CUT, cut)])

    def _as_written(self, key: str, text: str) -> Bucket | None:
        """The items whose reference is the whole text, parted alike or not parted on one side."""
        if "." in key:
            return self._whole.get(key) or self._whole.get(unspaced_key(text))
        return self._whole.get(key) or self._unspaced.get(key)

    def _in_text(self, runs: Sequence[str]) -> Iterator[Bucket]:
        """References inside a longer text; the longest at each place, none overlapping."""
        start = 0
        while start < len(runs):
            key, after = "", start + 1
            best: Bucket | None = None
            for end in range(start, len(runs)):
                key += runs[end] if end > start else runs[end].lstrip(".")
                if key not in self._beginnings:
                    break
                if key in self._whole and self._is_distinct(key):
                    best, after = self._whole[key], end + 1
            if best is not None:
                yield best
            start = after


_ORDER = {tier: place for place, tier in enumerate(Tier)}


def named_items(quotes: Iterable[Quote]) -> Iterator[OpenItem]:
    """Every item that quotes name, taken or not, each once for every quote."""
    for quote in quotes:
        yield from quote.bucket.items


def _runs(text: str) -> list[str]:
    """The runs of letters and of digits; a number straight after a number begins with a point."""
    runs: list[str] = []
    for found in _RUNS.findall(text.upper()):
        is_number = found[0].isdigit()
        run = (found.lstrip("0") or "0") if is_number else found
        follows_number = is_number and bool(runs) and runs[-1][-1].isdigit()
        runs.append(f".{run}" if follows_number else run)
    return runs


def _may_be_cut(text: str) -> bool:
    written = text.strip()
    return BACS_REFERENCE_LENGTH in {len(written), len("".join(_RUNS.findall(written)))}

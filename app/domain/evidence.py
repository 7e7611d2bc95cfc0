"""Evidence items, and whether a set of them meets a metric's evidence rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.terms.outcomes import AllOf, AnyOf, CoversWhen, EvidenceRule, EvidenceType


class Verdict(StrEnum):
    """What is known of malware in a file. Clean ones are handed out; in a demo unscanned ones."""

    CLEAN = "clean"
    INFECTED = "infected"
    QUARANTINED = "quarantined"
    UNSCANNED = "unscanned"


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A document or record about a participant. The file may stay with the provider (hash only).

    `supports` names the metrics it is evidence of. `dated_on` is the date on the document;
    `covers_from`/`covers_to` the days it speaks of. `sha256` is of the file's bytes.
    """

    evidence_id: str
    participant_id: str
    type: str
    issuer: str
    dated_on: date
    covers_from: date
    covers_to: date
    supports: tuple[str, ...]
    sha256: str
    held_by: str
    size_bytes: int | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceGap:
    """One part of an evidence rule that no item meets: where in the rule, and what is wanted."""

    pointer: str
    wanted: str


def gaps(
    rule: EvidenceRule | None,
    items: Sequence[EvidenceItem],
    achieved_on: date,
    anchor_on: date | None,
) -> tuple[EvidenceGap, ...]:
    """The parts of an evidence rule that no item meets; empty when the rule is met (or None).

    `items` are the participant's items that support the metric. Pointers are relative to the
    rule (/all_of/1); an unmet any-of is one gap that lists its alternatives. Source: terms
    /metrics/evidence. A landlord's confirmation `on_or_after_achievement` within 28 days of
    15 Jul 2021 is met by one dated 12 Aug 2021 and not by one dated 13 Aug.
    """
    if rule is None:
        return ()
    return _gaps(rule, items, achieved_on, anchor_on, "")


def meets(
    rule: EvidenceType, item: EvidenceItem, achieved_on: date, anchor_on: date | None
) -> bool:
    """Whether one item is the evidence that a rule asks for: type, issuer, days covered, date.

    | covers | the item must |
    |---|---|
    | any_date | only be dated within `within_days` before or after the achievement |
    | on_achievement | cover the achievement date |
    | on_or_after_achievement | be dated on or after it, and not speak only of days before it |
    | on_or_before_achievement | be dated on or before it |
    | from_anchor_to_achievement | cover every day from the anchor to the achievement date |

    `within_days` always bounds the distance of the item's own date, on the side allowed.
    """
    if item.type != rule.type or (rule.issuers and item.issuer not in rule.issuers):
        return False
    first, last = _dated_between(rule, achieved_on)
    if (first is not None and item.dated_on < first) or (last is not None and item.dated_on > last):
        return False
    if rule.covers is CoversWhen.ON_ACHIEVEMENT:
        return item.covers_from <= achieved_on <= item.covers_to
    if rule.covers is CoversWhen.ON_OR_AFTER_ACHIEVEMENT:
        return item.covers_to >= achieved_on
    if rule.covers is CoversWhen.FROM_ANCHOR_TO_ACHIEVEMENT:
        return item.covers_from <= (anchor_on or achieved_on) and achieved_on <= item.covers_to
    return True


def _gaps(
    rule: EvidenceRule,
    items: Sequence[EvidenceItem],
    achieved_on: date,
    anchor_on: date | None,
    pointer: str,
) -> tuple[EvidenceGap, ...]:
    if isinstance(rule, AllOf):
        return tuple(
            gap
            for index, part in enumerate(rule.all_of)
            for gap in _gaps(part, items, achieved_on, anchor_on, f"{pointer}/all_of/{index}")
        )
    if isinstance(rule, AnyOf):
        if any(not _gaps(part, items, achieved_on, anchor_on, "") for part in rule.any_of):
            return ()
        return (EvidenceGap(f"{pointer}/any_of", _wanted(rule, achieved_on, anchor_on)),)
    if any(meets(rule, item, achieved_on, anchor_on) for item in items):
        return ()
    return (EvidenceGap(pointer, _wanted(rule, achieved_on, anchor_on)),)


def _wanted(rule: EvidenceRule, achieved_on: date, anchor_on: date | None) -> str:
    if isinstance(rule, AllOf):
        parts = [_wanted(part, achieved_on, anchor_on) for part in rule.all_of]
        return parts[0] if len(parts) == 1 else f"all of: {'; and '.join(parts)}"
    if isinstance(rule, AnyOf):
        parts = [_wanted(part, achieved_on, anchor_on) for part in rule.any_of]
        return parts[0] if len(parts) == 1 else f"one of: {'; or '.join(parts)}"
    words = [rule.type]
    if rule.issuers:
        words.append(f"issued by {' or '.join(rule.issuers)}")
    if rule.covers is CoversWhen.ON_ACHIEVEMENT:
        words.append(f"covering {achieved_on}")
    elif rule.covers is CoversWhen.FROM_ANCHOR_TO_ACHIEVEMENT:
        words.append(f"covering {anchor_on or achieved_on} to {achieved_on}")
    first, last = _dated_between(rule, achieved_on)
    if first is not None:
        words.append(f"dated from {first}" + (f" to {last}" if last is not None else ""))
    elif last is not None:
        words.append(f"dated up to {last}")
    return ", ".join(words)


def _dated_between(rule: EvidenceType, achieved_on: date) -> tuple[date | None, date | None]:
    """First and last day on which the item may be dated."""
    days = rule.within_days
    before = None if days is None else achieved_on - timedelta(days=days)
    after = None if days is None else achieved_on + timedelta(days=days)
    if rule.covers is CoversWhen.ON_OR_AFTER_ACHIEVEMENT:
        return achieved_on, after
    if rule.covers is CoversWhen.ON_OR_BEFORE_ACHIEVEMENT:
        return before, achieved_on
    return before, after

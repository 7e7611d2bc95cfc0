"""Lawful bases, who has none, and what was erased, as files."""

from collections.abc import Iterator

from app.interchange.columns import ColumnKind
from app.service import erasure, privacy
from app.service.context import Context
from app.service.listings.listing import (
    Filter,
    Given,
    Listing,
    Row,
    day,
    in_pages,
    instant,
    number,
    person,
    text,
    whole,
)
from app.service.listings.people import every_participant
from app.storage.erasures import StoredErasure
from app.storage.privacy import StoredPrivacy


def _histories(context: Context, contract_id: str, given: Given) -> Iterator[StoredPrivacy]:
    """The bases of one participant, or of each in turn."""
    if Filter.PARTICIPANT in given:
        yield from privacy.privacy_history(context, contract_id, given[Filter.PARTICIPANT])
        return
    for view in every_participant(context, contract_id, {}):
        found = view.participant.participant_id
        yield from privacy.privacy_history(context, contract_id, found)


def _basis(stored: StoredPrivacy) -> Iterator[Row]:
    one = stored.privacy
    yield (
        one.participant_id,
        one.lawful_basis.value,
        one.special_condition.value,
        one.notice_version,
        one.notice_given_on,
        stored.by.party,
        stored.by.person,
        stored.sequence,
        stored.recorded_at,
    )


def _gap(participant_id: str) -> Iterator[Row]:
    yield (participant_id,)


def _erasure(stored: StoredErasure) -> Iterator[Row]:
    yield (
        stored.erasure_number,
        stored.participant_id,
        stored.ground.value,
        stored.decided_on,
        stored.by.party,
        stored.by.person,
        len(stored.evidence),
        len(stored.imported),
        len(stored.notes),
        stored.sequence,
    )


def _items(stored: StoredErasure) -> Iterator[Row]:
    for kind, digests in (
        ("evidence_file", stored.evidence),
        ("imported_file", stored.imported),
        ("note", stored.notes),
    ):
        for digest in digests:
            yield stored.erasure_number, stored.participant_id, kind, digest


def _erasures(context: Context, contract_id: str, _: Given) -> list[StoredErasure]:
    return erasure.list_erasures(context, contract_id)


PRIVACY = Listing(
    "privacy",
    "Lawful bases and notices by participant, in order of recording; each one's last stands.",
    {"getPrivacy": privacy.privacy_history},
    _histories,
    (
        person("participant_id"),
        person("lawful_basis"),
        person("special_condition"),
        person("notice_version"),
        person("notice_given_on", ColumnKind.DATE),
        text("party"),
        text("person"),
        number("sequence"),
        instant("recorded_at"),
    ),
    _basis,
    filters=(Filter.PARTICIPANT,),
)

GAPS = Listing(
    "privacy-gaps",
    "Participants of whom no lawful basis is recorded.",
    {"listPrivacyGaps": privacy.without_basis},
    in_pages(privacy.without_basis, lambda participant_id: participant_id, ""),
    (person("participant_id"),),
    _gap,
)

ERASURES = Listing(
    "erasures",
    "Erasures, with how many files and notes each took; no participant: the whole contract's.",
    {"listErasures": erasure.list_erasures},
    whole(_erasures),
    (
        number("erasure_number"),
        person("participant_id"),
        person("ground"),
        day("decided_on"),
        text("party"),
        text("person"),
        number("evidence_files"),
        number("imported_files"),
        number("notes"),
        number("sequence"),
    ),
    _erasure,
)

ERASED_ITEMS = Listing(
    "erased-items",
    "What each erasure took, by SHA-256 of files and digests of notes: backups must lose it too.",
    {"listErasures": erasure.list_erasures},
    whole(_erasures),
    (number("erasure_number"), person("participant_id"), text("kind"), text("digest")),
    _items,
)

LISTINGS = (PRIVACY, GAPS, ERASURES, ERASED_ITEMS)

"""Claims, their lines, and how each line was cut and shared, as files."""

from collections.abc import Iterator

from app.domain.claim import ClaimLine
from app.domain.money import total
from app.domain.sight import Sight, person_level_refused
from app.service import claims
from app.service.claims import ClaimView
from app.service.context import Context
from app.service.listings.listing import (
    CURRENCY,
    Filter,
    Given,
    Listing,
    Row,
    amount,
    day,
    flag,
    in_pages,
    instant,
    number,
    person,
    text,
)

# A claim may have thousands of lines, each with its working.
_PAGES = in_pages(
    claims.list_claims, lambda view: view.claim.claim_number, 0, dict, items_per_page=5
)
_BY_CLAIM = (Filter.CLAIM,)


def _read(context: Context, contract_id: str, given: Given) -> Iterator[ClaimView]:
    if Filter.CLAIM in given:
        yield claims.get_claim(context, contract_id, given[Filter.CLAIM])
    else:
        yield from _PAGES(context, contract_id, {})


def _claim(view: ClaimView) -> Iterator[Row]:
    claim, totals, stored = view.claim, view.totals, view.stored
    if stored is None:
        raise AssertionError("a claim that is listed is stored")
    first = stored.first_approval
    yield (
        claim.claim_number,
        claim.period.start,
        claim.period.end,
        claim.supplementary,
        claim.terms_version,
        None if view.lines_withheld else len(claim.lines),
        totals.gross,
        totals.capped,
        totals.payable,
        view.currency,
        stored.status.value,
        stored.submitted_on,
        stored.by.party,
        stored.by.person,
        view.second_approval_needed,
        first.approved_on if first else None,
        first.by.party if first else None,
        first.by.person if first else None,
        stored.decided_on,
        stored.decided_by.party if stored.decided_by else None,
        stored.decided_by.person if stored.decided_by else None,
        stored.reason_code,
        stored.recorded_at,
        stored.version,
    )


def _lines_of(view: ClaimView) -> tuple[ClaimLine, ...]:
    """A claim's lines; who may see nobody is refused them, and not given an empty file."""
    if view.sight is Sight.AGGREGATE:
        raise person_level_refused()
    return view.claim.lines


def _lines(view: ClaimView) -> Iterator[Row]:
    for line in _lines_of(view):
        yield (
            view.claim.claim_number,
            line.line_number,
            line.kind.value,
            line.source_id,
            line.participant_id,
            line.metric,
            line.achieved_on,
            line.verified_on,
            line.count,
            line.gross,
            total((cut.amount for cut in line.cuts), view.currency),
            line.payable,
            view.currency,
        )


def _shares(view: ClaimView) -> Iterator[Row]:
    for line in _lines_of(view):
        for share in line.shares:
            yield (
                view.claim.claim_number,
                line.line_number,
                line.metric,
                share.payer,
                share.amount,
                view.currency,
            )


def _cuts(view: ClaimView) -> Iterator[Row]:
    for line in _lines_of(view):
        for cut in line.cuts:
            yield (
                view.claim.claim_number,
                line.line_number,
                line.metric,
                cut.cap,
                cut.amount,
                view.currency,
            )


CLAIMS = Listing(
    "claims",
    "Claims with their totals and decisions.",
    {"listClaims": claims.list_claims},
    _read,
    (
        number("claim_number"),
        day("period_start"),
        day("period_end"),
        flag("supplementary"),
        number("terms_version"),
        number("lines"),
        amount("gross"),
        amount("capped"),
        amount("payable"),
        CURRENCY,
        text("status"),
        day("submitted_on"),
        text("submitted_by"),
        text("submitted_by_person"),
        flag("second_approval_needed"),
        day("first_approved_on"),
        text("first_approved_by"),
        text("first_approved_by_person"),
        day("decided_on"),
        text("decided_by"),
        text("decided_by_person"),
        text("reason_code"),
        instant("recorded_at"),
        number("version"),
    ),
    _claim,
    filters=_BY_CLAIM,
)

LINES = Listing(
    "claim-lines",
    "Lines of claims; gross less capped is payable.",
    {"listClaims": claims.list_claims},
    _read,
    (
        number("claim_number"),
        number("line_number"),
        text("kind"),
        person("source_id"),
        person("participant_id"),
        text("metric"),
        day("achieved_on"),
        day("verified_on"),
        number("count"),
        amount("gross"),
        amount("capped"),
        amount("payable"),
        CURRENCY,
    ),
    _lines,
    filters=_BY_CLAIM,
)

SHARES = Listing(
    "claim-shares",
    "What each payer bears of each claim line; the shares of a line add up to what is payable.",
    {"listClaims": claims.list_claims},
    _read,
    (
        number("claim_number"),
        number("line_number"),
        text("metric"),
        text("payer"),
        amount("amount"),
        CURRENCY,
    ),
    _shares,
    filters=_BY_CLAIM,
)

CUTS = Listing(
    "claim-cuts",
    "What each cap took off each claim line.",
    {"listClaims": claims.list_claims},
    _read,
    (
        number("claim_number"),
        number("line_number"),
        text("metric"),
        text("cap"),
        amount("amount"),
        CURRENCY,
    ),
    _cuts,
    filters=_BY_CLAIM,
)

LISTINGS = (CLAIMS, LINES, SHARES, CUTS)

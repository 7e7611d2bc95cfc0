"""Imported files, their lines, and the matches of them, as files."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from app.domain.bank import Classification
from app.domain.reconciliation import LineKey, LineState, MatchState
from app.service import fault_decisions, imports, match_rules, matching
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
    joined,
    number,
    text,
    whole,
)
from app.storage.import_faults import StoredFault
from app.storage.import_lines import StoredLine, Wanted
from app.storage.imports import StoredImport, StoredMapping
from app.storage.match_rules import SETTINGS, StoredRules
from app.storage.matches import StoredMatch


def _wanted(given: Given) -> dict[str, Any]:
    return {"wanted": replace(Wanted(), **given)}


def _by_state(given: Given) -> dict[str, Any]:
    return {"state": given.get(Filter.STATE)}


def _mapping(stored: StoredMapping) -> Iterator[Row]:
    one = stored.mapping
    yield (
        stored.party,
        stored.name,
        stored.version,
        joined(one.columns),
        one.currency,
        one.date_format,
        one.encoding.value,
        stored.sequence,
    )


def _import(stored: StoredImport) -> Iterator[Row]:
    known = stored.opening or stored.closing
    yield (
        stored.import_number,
        stored.party,
        stored.source,
        stored.kind.value,
        stored.sha256,
        stored.size_bytes,
        stored.mapping_name,
        stored.mapping_version,
        stored.account,
        stored.opening,
        stored.closing,
        known.currency if known else None,
        stored.line_count,
        stored.duplicate_count,
        stored.fault_count,
        joined(stored.also_of),
        stored.sequence,
        stored.recorded_at,
    )


def _line(stored: StoredLine) -> Iterator[Row]:
    line = stored.line
    came_in = line.direction.value == "in"
    yield (
        str(stored.key),
        stored.key.import_number,
        stored.key.position,
        stored.party,
        stored.source,
        line.booked_on,
        line.value_on,
        line.direction.value,
        line.amount if came_in else None,
        None if came_in else line.amount,
        line.amount.currency,
        line.counterparty,
        joined(line.references),
        line.is_return,
        stored.classification.value,
        stored.state.value,
        stored.match_id,
        str(stored.first) if stored.first else None,
        stored.ignored_because.value if stored.ignored_because else None,
        joined(step.because for step in stored.reasons),
    )


def _fault(stored: StoredFault) -> Iterator[Row]:
    yield (
        str(stored.key),
        stored.key.import_number,
        stored.key.position,
        stored.party,
        stored.source,
        stored.code,
        stored.message,
        stored.state.value,
        stored.ignored_because.value if stored.ignored_because else None,
        stored.sequence,
    )


def _rules(stored: StoredRules) -> Iterator[Row]:
    settings = (getattr(stored.rules, name) for name in SETTINGS)
    yield (stored.party, stored.source, stored.version, *settings, stored.sequence)


def _match(stored: StoredMatch) -> Iterator[Row]:
    yield (
        stored.match_id,
        stored.party,
        stored.source,
        stored.rule,
        stored.score,
        stored.classification.value,
        stored.state.value,
        joined(map(str, stored.lines)),
        joined(sorted({one.item_id for one in stored.allocations})),
        stored.left_over,
        stored.left_over.currency,
        joined(one.payment_id for one in stored.payments),
        joined(step.because for step in stored.working),
        stored.version,
    )


def _match_allocations(stored: StoredMatch) -> Iterator[Row]:
    for one in stored.allocations:
        yield (
            stored.match_id,
            stored.state.value,
            str(one.line),
            one.item_id,
            one.amount,
            one.amount.currency,
        )


MAPPINGS = Listing(
    "column-mappings",
    "The latest version of every party's column mappings.",
    {"listColumnMappings": imports.list_mappings},
    whole(lambda context, contract_id, _: imports.list_mappings(context, contract_id)),
    (
        text("party"),
        text("name"),
        number("version"),
        text("columns"),
        text("default_currency"),
        text("date_format"),
        text("encoding"),
        number("sequence"),
    ),
    _mapping,
)

IMPORTS = Listing(
    "imports",
    "Imported files, and what was read of each.",
    {"listImports": imports.list_imports},
    in_pages(imports.list_imports, lambda one: one.import_number, 0),
    (
        number("import_number"),
        text("party"),
        text("source"),
        text("kind"),
        text("sha256"),
        number("size_bytes"),
        text("mapping"),
        number("mapping_version"),
        text("account"),
        amount("opening"),
        amount("closing"),
        CURRENCY,
        number("lines"),
        number("duplicates"),
        number("faults"),
        text("also_of"),
        number("sequence"),
        instant("recorded_at"),
    ),
    _import,
)

IMPORT_LINES = Listing(
    "import-lines",
    "Every line of every imported file: how it is classified, where it stands, and why.",
    {"listImportLines": imports.list_lines},
    in_pages(imports.list_lines, lambda one: one.key, LineKey(0, 0), _wanted),
    (
        text("line"),
        number("import_number"),
        number("position"),
        text("party"),
        text("source"),
        day("booked_on"),
        day("value_on"),
        text("direction"),
        amount("money_in"),
        amount("money_out"),
        CURRENCY,
        text("counterparty"),
        text("references"),
        flag("is_return"),
        text("classification"),
        text("state"),
        text("match_id"),
        text("duplicate_of"),
        text("ignored_because"),
        text("reasons"),
    ),
    _line,
    filters=(
        Filter.PARTY,
        Filter.SOURCE,
        Filter.IMPORT,
        Filter.CLASSIFICATION,
        Filter.STATE,
    ),
    choices={Filter.CLASSIFICATION: Classification, Filter.STATE: LineState},
)

IMPORT_FAULTS = Listing(
    "import-faults",
    "Every part of an imported file that could not be read, and whether it is left out.",
    {"listImportFaults": fault_decisions.list_faults},
    in_pages(fault_decisions.list_faults, lambda one: one.key, LineKey(0, 0), _by_state),
    (
        text("line"),
        number("import_number"),
        number("position"),
        text("party"),
        text("source"),
        text("code"),
        text("message"),
        text("state"),
        text("ignored_because"),
        number("version"),
    ),
    _fault,
    filters=(Filter.STATE,),
    choices={Filter.STATE: LineState},
)

MATCH_RULES = Listing(
    "match-rules",
    "How far matching reaches for each account that has rules of its own.",
    {"listMatchRules": match_rules.list_rules},
    whole(lambda context, contract_id, _: match_rules.list_rules(context, contract_id)),
    (
        text("party"),
        text("source"),
        number("version"),
        *(number(name) for name in SETTINGS),
        number("sequence"),
    ),
    _rules,
)

_MATCHES = in_pages(
    matching.list_matches,
    lambda one: one.match_id,
    "",
    _by_state,
)

MATCHES = Listing(
    "matches",
    "Matches proposed and decided, with their scores and why.",
    {"listMatches": matching.list_matches},
    _MATCHES,
    (
        text("match_id"),
        text("party"),
        text("source"),
        text("rule"),
        number("score"),
        text("classification"),
        text("state"),
        text("lines"),
        text("items"),
        amount("left_over"),
        CURRENCY,
        text("payments"),
        text("working"),
        number("version"),
    ),
    _match,
    filters=(Filter.STATE,),
    choices={Filter.STATE: MatchState},
)

MATCH_ALLOCATIONS = Listing(
    "match-allocations",
    "What of each line a match sets against which item.",
    {"listMatches": matching.list_matches},
    _MATCHES,
    (
        text("match_id"),
        text("state"),
        text("line"),
        text("item"),
        amount("amount"),
        CURRENCY,
    ),
    _match_allocations,
    filters=(Filter.STATE,),
    choices={Filter.STATE: MatchState},
)

LISTINGS = (
    MAPPINGS,
    MATCH_RULES,
    IMPORTS,
    IMPORT_LINES,
    IMPORT_FAULTS,
    MATCHES,
    MATCH_ALLOCATIONS,
)

"""The demo's figures as text."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from app.cli.demo.cohort import LAST_DAY
from app.cli.demo.figures import COUNCIL, CURRENCY, FUND, Figures
from app.cli.demo.flow import flow, living_independently, percent
from app.cli.demo.published import LIVING_INDEPENDENTLY, OUTCOMES, PAID, TARGETS
from app.cli.demo.quarters import Quarter
from app.cli.output import check_lines, figure, table
from app.domain.money import Rounding, share_of

METRICS = ("ENG", "MOVE", "S06", "S12", "S18", "S24", "TRAIN_BEGUN", "TRAIN_DONE")
_HEADS = ("ENG", "MOVE", "S06", "S12", "S18", "S24", "TR.BEG", "TR.END")
_MONEY = ("gross", "capped", "payable", "fund", "council")
_QUARTER = Fraction(1, 4)
_EXPLAIN_LINES = 26
_REFERENCES = re.compile(r"  [\[(][^\])]*[\])]$|, SHA-256 [0-9a-f]{64}")


def report(figures: Figures, empty: Sequence[Quarter]) -> Iterator[str]:
    """Every section of the report in turn, each a block of lines."""
    yield _quarters(figures, empty)
    yield _metrics(figures)
    yield _troubles(figures)
    yield _flow(figures.participants)
    yield _headroom(figures)
    yield _statements(figures)
    yield _reconciled(figures.reconciliation)
    yield _explained(figures)
    yield _verified(figures.verification)


def _quarters(figures: Figures, empty: Sequence[Quarter]) -> str:
    rows: list[list[Any]] = [
        [
            row.quarter.name,
            *(row.counts.get(metric, 0) or "." for metric in METRICS),
            *(getattr(row, name) for name in _MONEY),
        ]
        for row in figures.rows()
        if row.quarter not in empty
    ]
    counts, totals = figures.counts(), figures.totals()
    rows.append(
        [
            "Total",
            *(counts.get(metric, 0) for metric in METRICS),
            *(totals[name] for name in _MONEY),
        ]
    )
    head = ("claimed for", *_HEADS, "gross", "capped", "payable", "LCF", "council")
    none = ", ".join(quarter.name for quarter in empty)
    quarter_of_paid = figure(share_of(PAID, _QUARTER, Rounding.FLOOR))
    note = f"""\
Nothing to claim, so no claim: {none or "in no quarter"}.
Outcomes count in the quarter of their verification; -1 is the clawback. Training has no price.
Published payments to September 2024: {figure(PAID)}, of which 25% is {quarter_of_paid}; the
prices that made them from April 2022 are not public."""
    shown = table(head, rows, right=range(1, len(head)))
    return "\n".join([_title(f"Claims by quarter ({CURRENCY})"), shown, note])


def _metrics(figures: Figures) -> str:
    counts = figures.counts()
    rows = [
        (code, counts.get(code, 0), OUTCOMES.get(code, "-"), TARGETS.get(code, "-"))
        for code in METRICS
    ]
    head = ("metric", "demo", "published", "target")
    return "\n".join(
        [
            _title("Outcomes to 30 September 2024, net of what was taken back"),
            table(head, rows, right=(1, 2, 3)),
        ]
    )


def _troubles(figures: Figures) -> str:
    """What did not go smoothly, counted from the submissions, events and claims."""
    states = Counter(one["state"] for one in figures.submissions)
    again = sum(one["round"] > 1 and one["state"] == "verified" for one in figures.submissions)
    waived = sum(one["waiver"] is not None for one in figures.submissions)
    late = sum(
        (one["verification"] or {}).get("reason_code") == "late" for one in figures.submissions
    )
    kinds = Counter(event["kind"] for one in figures.participants for event in one["events"])
    text = f"""\
{len(figures.submissions)} submissions: {states["verified"]} verified, \
{states["rejected"]} rejected, {states["returned"]} returned.
{again} were handed in again and verified; {waived} came late and were waived; \
{late} came late, was not waived, and is never paid.
{kinds["hospital_admitted"]} stays in hospital and {kinds["care_stay_started"]} in respite care \
kept within the limits of the terms and broke nothing."""
    taken_back = [
        f"{line['metric']} of {line['participant_id']} was paid, then taken back as it was split: "
        f"{line['payable']['amount']} {CURRENCY}."
        for claim in figures.claims
        for line in claim["lines"]
        if line["kind"] == "clawback"
    ]
    return "\n".join([_title("What did not go smoothly"), text, *taken_back])


def _flow(participants: Sequence[Mapping[str, Any]]) -> str:
    found = flow(participants, LAST_DAY)
    rows = [
        ("accepted", found.accepted, ""),
        ("  withdrew in care", found.withdrew_in_care, _of(found.withdrew_in_care, found.accepted)),
        ("  moved", found.moved, _of(found.moved, found.accepted)),
        ("  preparing", found.preparing, _of(found.preparing, found.accepted)),
        (
            "  moved or may still move",
            found.still_possible,
            _of(found.still_possible, found.accepted),
        ),
    ]
    rows += [
        (f"  withdrew {one.stretch}", one.withdrew, _of(one.withdrew, one.observed))
        for one in found.withdrawals
    ]
    after = found.withdrew_after_moving
    rows.append(("  withdrew after moving, in all", after, _of(after, found.moved)))
    living = [
        f"{living_independently(participants, date(year, 12, 31))} at the end of {year} "
        f"(published: about {known})"
        for year, known in LIVING_INDEPENDENTLY.items()
    ]
    return "\n".join(
        [
            _title("The cohort, counted from the recorded events"),
            table(("people", "number", "share"), rows, right=(1,)),
            f"In a home of their own: {'; '.join(living)}.",
        ]
    )


def _headroom(figures: Figures) -> str:
    totals = figures.totals()
    rows = [
        ("contract", figures.caps["contract"], totals["payable"]),
        ("Life Chances Fund", figures.caps[FUND], totals["fund"]),
    ]
    shown = [(name, cap, used, cap - used) for name, cap, used in rows]
    return "\n".join(
        [
            _title(f"Caps ({CURRENCY})"),
            table(("cap", "amount", "used", "headroom"), shown, right=(1, 2, 3)),
            "A cap cut something off; see the column above." if totals["capped"] else "No cap bit.",
        ]
    )


def _statements(figures: Figures) -> str:
    parts = [_title(f"Statements, 1 October 2019 to 31 December 2024 ({CURRENCY})")]
    for party, statement in figures.statements.items():
        rows = [
            (one["account"], one["debits"], one["credits"], one["closing"])
            for one in statement["accounts"]
            if any(one[name]["amount"] != "0.00" for name in ("debits", "credits"))
        ]
        agree = all(mirror["agrees"] for mirror in statement["mirrors"])
        parts += [
            table((f"book {party}", "debits", "credits", "closing"), rows, right=(1, 2, 3)),
            f"Accounts shared with other books: {len(statement['mirrors'])}, "
            + ("all agree." if agree else "WHICH DIFFER."),
            "",
        ]
    spent = figures.net(f"{COUNCIL}/outcome-expenditure")
    parts.append(
        f"Council's expenditure {figure(spent)}, of which the Life Chances Fund bears "
        f"{figure(figures.net(f'{FUND}/grant-expenditure'))}."
    )
    return "\n".join(parts)


def _reconciled(page: Mapping[str, Any]) -> str:
    """The ties with their differences, and how every line of every file ended."""
    ties = [
        (
            one["name"],
            one["left"]["name"],
            one["left"]["amount"],
            one["right"]["name"],
            one["difference"],
        )
        for one in page["ties"]
    ]
    ends: Counter[tuple[str, str, str]] = Counter()
    for one in page["lines"]:
        ends[one["source"], one["classification"], one["state"]] += one["count"]
    rows = [(*key, count) for key, count in sorted(ends.items())]
    head = ("tie", "this", "amount", "must equal", "difference")
    return "\n".join(
        [
            _title(f"Reconciliation of {len(page['imports'])} bank and payables files"),
            table(head, ties, right=(2, 4)),
            "Everything ties." if page["holds"] else "SOMETHING DIFFERS.",
            "",
            table(("file of", "lines end as", "state", "lines"), rows, right=(3,)),
            "Among them: an invoice paid in two parts, one over-paid and the excess returned, two",
            "paid together, days that two files show, and lines of other business. One credit note",
            "was set off against an invoice without money. One line was disputed before approval:",
            "the rest was due, the dispute was rejected, and the line had an invoice of its own.",
        ]
    )


def _explained(figures: Figures) -> str:
    # The ids and places in the terms that each step rests on are left out to keep this short.
    lines = [_REFERENCES.sub("", line) for line in figures.explanation.splitlines()]
    kept = [line for line in lines if not line.lstrip().startswith("Version ")]
    return "\n".join(
        [
            _title("Why one line was paid (`outcomes explain` shows it whole)"),
            *kept[:_EXPLAIN_LINES],
        ]
    )


def _verified(verification: Mapping[str, Any]) -> str:
    return "\n".join([_title("Verification of the whole record"), *check_lines(verification)])


def _of(part: int, whole: int) -> str:
    return f"{percent(part, whole)} of {whole}"


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}"

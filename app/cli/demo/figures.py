"""What the demo reads back from the service once the story is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.cli.client import Service
from app.cli.demo.acts import Acts
from app.cli.demo.quarters import Quarter, quarters
from app.cli.output import money
from app.domain.money import Money, total

CURRENCY = "GBP"
FUND, COUNCIL, SPV = "lcf", "scc", "spv"
STATEMENT_FROM, STATEMENT_TO = date(2019, 10, 1), date(2024, 12, 31)


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """One quarter's claim: outcomes by metric (net of those taken back) and the money."""

    quarter: Quarter
    counts: Mapping[str, int]
    gross: Money
    capped: Money
    payable: Money
    fund: Money
    council: Money


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the report shows, as the interface answered it."""

    contract_id: str
    claims: Sequence[Mapping[str, Any]]
    participants: Sequence[Mapping[str, Any]]
    submissions: Sequence[Mapping[str, Any]]
    statements: Mapping[str, Mapping[str, Any]]
    verification: Mapping[str, Any]
    reconciliation: Mapping[str, Any]
    disputes: Sequence[Mapping[str, Any]]
    invoices: Sequence[Mapping[str, Any]]
    caps: Mapping[str, Money]
    explanation: str

    def rows(self) -> list[QuarterRow]:
        """Every quarter in order; a quarter without a claim has no outcomes and no money."""
        by_start = {claim["period"]["start"]: claim for claim in self.claims}
        return [_row(one, by_start.get(one.start.isoformat())) for one in quarters()]

    def totals(self) -> dict[str, Money]:
        """The table's last row: gross, capped, payable, and each payer's part."""
        rows = self.rows()
        return {
            name: total((getattr(row, name) for row in rows), CURRENCY)
            for name in ("gross", "capped", "payable", "fund", "council")
        }

    def counts(self) -> dict[str, int]:
        """Outcomes by metric over all quarters, net of those taken back."""
        found: dict[str, int] = {}
        for row in self.rows():
            for metric, count in row.counts.items():
                found[metric] = found.get(metric, 0) + count
        return found

    def net(self, account: str) -> Money:
        """An account's balance in its party's statement; a debit balance is positive."""
        accounts = self.statements[account.split("/", 1)[0]]["accounts"]
        return next(money(one["closing"]) for one in accounts if one["account"] == account)


def gather(
    service: Service, acts: Acts, terms: Mapping[str, Any], explained: tuple[str, str]
) -> Figures:
    """Read everything back. `explained` is the person and metric whose claim line is explained."""
    claims = list(service.pages(f"{acts.base}/claims"))
    span = {"from": STATEMENT_FROM.isoformat(), "to": STATEMENT_TO.isoformat()}
    return Figures(
        acts.contract_id,
        claims,
        list(service.pages(f"{acts.base}/participants")),
        list(service.pages(f"{acts.base}/submissions")),
        {
            party: service.get(f"{acts.base}/statements/{party}", **span)
            for party in (COUNCIL, SPV, FUND)
        },
        service.get(f"{acts.base}/verification"),
        service.get(f"{acts.base}/reconciliation"),
        list(service.pages(f"{acts.base}/disputes")),
        list(service.pages(f"{acts.base}/invoices")),
        _caps(terms),
        service.get_text(f"{acts.base}/explain/claims/{_line_of(claims, explained)}"),
    )


def _row(quarter: Quarter, claim: Mapping[str, Any] | None) -> QuarterRow:
    if claim is None:
        nothing = Money(0, CURRENCY)
        return QuarterRow(quarter, {}, nothing, nothing, nothing, nothing, nothing)
    totals = claim["totals"]
    shares = {share["payer"]: money(share["amount"]) for share in totals["by_payer"]}
    return QuarterRow(
        quarter,
        _counts(claim["lines"]),
        money(totals["gross"]),
        money(totals["capped"]),
        money(totals["payable"]),
        shares.get(FUND, Money(0, CURRENCY)),
        shares.get(COUNCIL, Money(0, CURRENCY)),
    )


def _counts(lines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Outcomes by metric, with those that have no price, less those taken back."""
    worth = {"outcome": 1, "clawback": -1}
    found: dict[str, int] = {}
    for line in lines:
        found[line["metric"]] = found.get(line["metric"], 0) + worth.get(line["kind"], 0)
    return found


def _caps(terms: Mapping[str, Any]) -> dict[str, Money]:
    caps = terms["caps"]
    found = {"contract": Money.parse(caps["contract"], CURRENCY)}
    return found | {one["payer"]: Money.parse(one["amount"], CURRENCY) for one in caps["payer"]}


def _line_of(claims: Sequence[Mapping[str, Any]], wanted: tuple[str, str]) -> str:
    return next(
        f"{claim['claim_number']}/lines/{line['line_number']}"
        for claim in claims
        for line in claim["lines"]
        if (line["participant_id"], line["metric"]) == wanted and line["kind"] == "outcome"
    )

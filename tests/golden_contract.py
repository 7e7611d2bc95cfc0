"""The golden contract EX: its terms, its outcomes by claim quarter, and a run through claims.

Figures: a worked example checked by hand and by script; prices are illustrative. Two versions of
the terms; the second adds ENG and S18 in April 2022.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from app.domain.claim import Claim, ClaimLine
from app.domain.ledger import Entry
from app.domain.outcome import Entitlement
from app.domain.terms.timeline import Timeline
from app.payments.claims import prepare
from app.payments.evaluation import Clawback
from app.payments.posting import entries_for_claim
from app.payments.pricing import price
from app.payments.usage import Usage
from tests.factories import (
    FUND,
    INVOICING,
    day,
    entitlement,
    event_metric,
    funding,
    quarter,
    sustained_metric,
    timeline,
    version,
)
from tests.used import usage_after

_COMMON: dict[str, Any] = {
    "caps": {
        "person": "28000",
        "contract": "85000",
        "payer": [{"payer": FUND, "amount": "19000"}],
    },
}
_FIRST_METRICS = [
    event_metric("MOVE", "moved_on"),
    sustained_metric("S06", 6),
    sustained_metric("S12", 12),
    sustained_metric("S24", 24),
]
_SECOND_METRICS = [
    event_metric("ENG", "engaged", available_from="2022-04-01"),
    *_FIRST_METRICS[:3],
    sustained_metric("S18", 18, available_from="2022-04-01"),
    _FIRST_METRICS[3],
]
EDITION_1 = {
    "code": "v1",
    "from_date": "2019-11-28",
    "to_date": "2022-03-31",
    "prices": {"MOVE": "6500", "S06": "10000", "S12": "8000", "S24": "9000"},
}
EDITION_2 = {
    "code": "v2",
    "from_date": "2022-04-01",
    "prices": {
        "ENG": "1275.50",
        "MOVE": "6701.50",
        "S06": "10310",
        "S12": "8248",
        "S18": "4500.25",
        "S24": "4778.75",
    },
}


def ex_timeline(**funding_or_claims: Any) -> Timeline:
    """The golden contract; `rounding` and `split_rule` change funding, `price_date` the claims.

    `invoicing` replaces that section of the terms.

    Its fund supports achievements to 30 June 2023, then the council pays all.
    """
    share = {"payer": FUND, "share": "0.25", "to_date": "2023-06-30"}
    price_date = funding_or_claims.pop("price_date", "achievement")
    invoicing = funding_or_claims.pop("invoicing", INVOICING)
    common = {
        **_COMMON,
        "funding": funding(shares=[share], **funding_or_claims),
        "claims": {"price_date": price_date},
        "invoicing": invoicing,
    }
    first = version(1, metrics=_FIRST_METRICS, rate_card=[EDITION_1], **common)
    second = version(
        2,
        effective_from="2022-04-01",
        variation={"reason": "Engagement and eighteen months added"},
        metrics=_SECOND_METRICS,
        rate_card=[EDITION_1, EDITION_2],
        **common,
    )
    return timeline(first, second)


@dataclass(frozen=True)
class Outcome:
    """One verified outcome of EX and the quarter whose claim it falls into."""

    claim_quarter: str
    person: str
    metric: str
    achieved_on: str
    verified_on: str
    late: bool = False


OUTCOMES = (
    Outcome("2020 Q3", "P1", "MOVE", "2020-08-31", "2020-09-14"),
    Outcome("2021 Q1", "P2", "MOVE", "2021-01-15", "2021-02-01"),
    Outcome("2021 Q1", "P1", "S06", "2021-02-28", "2021-03-19"),
    Outcome("2021 Q3", "P1", "S12", "2021-08-31", "2021-09-17"),
    Outcome("2021 Q4", "P2", "S06", "2021-07-15", "2021-10-12"),
    Outcome("2022 Q2", "P3", "ENG", "2022-04-20", "2022-05-06"),
    Outcome("2022 Q3", "P3", "MOVE", "2022-06-30", "2022-07-11"),
    Outcome("2022 Q3", "P1", "S24", "2022-08-31", "2022-09-20"),
    Outcome("2023 Q1", "P2", "S12", "2023-02-01", "2023-02-17"),
    Outcome("2023 Q2", "P3", "S06", "2022-12-30", "2023-04-26", late=True),
    Outcome("2023 Q3", "P3", "S12", "2023-06-30", "2023-07-14"),
    Outcome("2023 Q3", "P2", "S18", "2023-08-01", "2023-08-18"),
)
CLAWBACK_QUARTER, CLAWBACK_DAY = "2023 Q4", "2023-10-09"


@dataclass(frozen=True)
class Run:
    """Every claim of EX in order, and the ledger entries of all of them."""

    claims: tuple[Claim, ...]
    entries: tuple[Entry, ...]

    @property
    def lines(self) -> tuple[ClaimLine, ...]:
        """Every line of every claim."""
        return tuple(line for claim in self.claims for line in claim.lines)


def entitled(outcome: Outcome, terms: Timeline) -> Entitlement:
    """The outcome priced under the terms."""
    achieved_on = day(outcome.achieved_on)
    governing = terms.governing(achieved_on)
    assert governing is not None
    priced = price(
        outcome.metric,
        achieved_on=achieved_on,
        submitted_on=day(outcome.verified_on),
        verified_on=day(outcome.verified_on),
        anchor_on=None,
        late=outcome.late,
        timeline=terms,
        terms_version=governing.number,
    )
    made = entitlement(
        outcome.person,
        outcome.metric,
        outcome.achieved_on,
        outcome.verified_on,
        str(priced.amount),
    )
    return replace(made, edition=priced.edition, price_terms_version=priced.terms_version)


def run(terms: Timeline, outcomes: Iterable[Outcome] = OUTCOMES) -> Run:
    """Every quarterly claim in turn, approved and posted, then the clawback of P3's S12."""
    by_quarter: dict[str, list[Entitlement]] = {}
    for outcome in outcomes:
        by_quarter.setdefault(outcome.claim_quarter, []).append(entitled(outcome, terms))
    by_quarter[CLAWBACK_QUARTER] = []
    claims: list[Claim] = []
    entries: list[Entry] = []
    usage = Usage()
    for number, (name, entitlements) in enumerate(by_quarter.items(), start=1):
        period = quarter(name)
        governing = terms.governing(period.end)
        assert governing is not None
        clawbacks, originals = [], {}
        if name == CLAWBACK_QUARTER:
            where, line = next(
                (claim.claim_number, line)
                for claim in claims
                for line in claim.lines
                if line.source_id == "P3:S12"
            )
            clawbacks = [Clawback(where, line, day(CLAWBACK_DAY))]
            source = f"claim:{where}/line:{line.line_number}"
            originals = {1: next(entry for entry in entries if entry.source == source)}
        lines = prepare(period, governing, entitlements, usage=usage, clawbacks=clawbacks)
        usage = usage_after(usage, lines, period)
        claim = Claim(
            number, period, supplementary=False, terms_version=governing.number, lines=lines
        )
        claims.append(claim)
        entries += entries_for_claim(
            claim, governing.terms, len(entries) + 1, period.end, originals
        )
    return Run(tuple(claims), tuple(entries))

"""The document of a frozen statement: every byte, from a statement with a line of each kind."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from app.domain.period_close import LatePosting, PeriodKind, PeriodState
from app.domain.statement import (
    AccountMovement,
    MirrorLine,
    Statement,
    StatementClaim,
    StatementLine,
)
from app.payments.statement_document import document_hash, frozen_document
from tests.factories import day, gbp, quarter

AT = datetime(2021, 1, 4, 9, 30, tzinfo=UTC)
LINE = StatementLine(
    1,
    7,
    day("2020-10-12"),
    AT,
    "payment",
    "payment:a",
    "spv/cash",
    "spv/receivable/scc",
    gbp("5.00"),
)
PRIOR = replace(LINE, line_number=2, late=LatePosting(PeriodState.HARD, day("2020-09-30")))
STATEMENT = Statement(
    "ex",
    "spv",
    quarter("2020 Q4"),
    AT,
    "GBP",
    (AccountMovement("spv/cash", gbp("0.00"), gbp("10.00"), gbp("0.00"), gbp("10.00")),),
    (LINE, PRIOR),
    (MirrorLine("spv/receivable/scc", gbp("-10.00"), "scc/payable/spv", gbp("10.00")),),
    (
        StatementClaim(
            1,
            quarter("2020 Q3"),
            day("2020-10-02"),
            gbp("9.00"),
            gbp("1.00"),
            gbp("8.00"),
            (("scc", gbp("6.00")),),
            (("S06", 1, gbp("8.00")),),
        ),
    ),
    (replace(LINE, late=LatePosting(PeriodState.SOFT, day("2020-10-12"))),),
)
EXPECTED = (
    '{"accounts":[{"account":"spv/cash","closing":{"amount":"10.00","currency":"GBP"},'
    '"credits":{"amount":"0.00","currency":"GBP"},"debits":{"amount":"10.00","currency":"GBP"},'
    '"opening":{"amount":"0.00","currency":"GBP"}}],'
    '"claims":[{"approved_on":"2020-10-02","by_metric":[{"count":1,"metric":"S06",'
    '"payable":{"amount":"8.00","currency":"GBP"}}],'
    '"by_payer":[{"amount":{"amount":"6.00","currency":"GBP"},"payer":"scc"}],'
    '"capped":{"amount":"1.00","currency":"GBP"},"claim_number":1,'
    '"gross":{"amount":"9.00","currency":"GBP"},'
    '"payable":{"amount":"8.00","currency":"GBP"},'
    '"period":{"end":"2020-09-30","start":"2020-07-01"}}],'
    '"contract_id":"ex","format":"outcomes-statement/1","kind":"quarter",'
    '"known_at":"2021-01-04T09:30:00.000000Z","known_through":{"hash":"abc","sequence":41},'
    '"lines":[{"amount":{"amount":"5.00","currency":"GBP"},"credit":"spv/receivable/scc",'
    '"debit":"spv/cash","effective_date":"2020-10-12","entry_number":7,"kind":"payment",'
    '"late":null,"line_number":1,"recorded_at":"2021-01-04T09:30:00.000000Z",'
    '"source":"payment:a"}],'
    '"mirrors":[{"account":"spv/receivable/scc","agrees":true,'
    '"closing":{"amount":"-10.00","currency":"GBP"},"mirror":"scc/payable/spv",'
    '"mirror_closing":{"amount":"10.00","currency":"GBP"}}],'
    '"party":"spv","period":{"end":"2020-12-31","start":"2020-10-01"},'
    '"posted_later":[{"amount":{"amount":"5.00","currency":"GBP"},'
    '"credit":"spv/receivable/scc","debit":"spv/cash","effective_date":"2020-10-12",'
    '"entry_number":7,"kind":"payment","late":{"belongs_on":"2020-10-12","level":"soft"},'
    '"recorded_at":"2021-01-04T09:30:00.000000Z","source":"payment:a"}],'
    '"prior_period_adjustments":{"accounts":['
    '{"account":"spv/cash","credits":{"amount":"0.00","currency":"GBP"},'
    '"debits":{"amount":"5.00","currency":"GBP"}},'
    '{"account":"spv/receivable/scc","credits":{"amount":"5.00","currency":"GBP"},'
    '"debits":{"amount":"0.00","currency":"GBP"}}],'
    '"lines":[{"amount":{"amount":"5.00","currency":"GBP"},"credit":"spv/receivable/scc",'
    '"debit":"spv/cash","effective_date":"2020-10-12","entry_number":7,"kind":"payment",'
    '"late":{"belongs_on":"2020-09-30","level":"hard"},"line_number":2,'
    '"recorded_at":"2021-01-04T09:30:00.000000Z","source":"payment:a"}]},'
    '"statement_number":3}'
)


def test_the_whole_document():
    assert frozen_document(STATEMENT, 3, PeriodKind.QUARTER, 41, "abc") == EXPECTED


def test_a_year_says_so_and_the_hash_is_that_of_the_bytes():
    document = frozen_document(STATEMENT, 3, PeriodKind.FINANCIAL_YEAR, 41, "abc")
    assert '"kind":"financial_year"' in document
    assert document_hash(document) == sha256(document.encode()).hexdigest()
    assert document_hash(document) != document_hash(EXPECTED)

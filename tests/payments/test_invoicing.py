"""Documents of the golden contract in both flows; VAT, purchase orders, dates, citations."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim import Claim
from app.domain.errors import RuleRefused
from app.domain.invoice import DocumentKind, Invoice
from app.domain.money import Money, total
from app.domain.period import Period
from app.payments.balances import balances, mirror_differences, trial_balances
from app.payments.claims import prepare
from app.payments.evaluation import Clawback
from app.payments.invoicing import documents_for_claim
from app.payments.posting import chart, customers, vat_entry
from app.payments.usage import Usage
from tests.factories import (
    COUNCIL,
    FUND,
    day,
    entitlement,
    funding,
    gbp,
    party,
    quarter,
    terms,
    version,
)
from tests.golden_contract import CLAWBACK_QUARTER, INVOICING, ex_timeline, run
from tests.used import usage_after

INVOICE, CREDIT = DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE
DIRECT = "fund_pays_direct"
STANDARD = {
    "vat": {
        "treatment": "standard",
        "rationale": "As advised.",
        "decided_on": "2019-11-28",
        "rate": "0.20",
    }
}


def issued(timeline) -> list[Invoice]:
    """Every document of EX, each issued 14 days after its claim's period."""
    documents: list[Invoice] = []
    for claim in run(timeline).claims:
        governing = timeline.governing(claim.period.end)
        # The only clawback takes back a line of claim 9.
        originals = {1: [item for item in documents if item.claim_number == 9]}
        documents += documents_for_claim(
            claim,
            governing.terms,
            issuer_number_next=len(documents) + 1,
            issued_on=claim.period.end + timedelta(days=14),
            originals=originals,
        )
    return documents


def plain(invoice):
    """What tells documents apart: reference, kind, customer, net, lines and citations."""
    lines = [(line.metric, line.count, str(line.net)) for line in invoice.lines]
    return invoice.reference, invoice.kind, invoice.customer, str(invoice.net), lines, invoice.cites


def test_every_invoice_and_the_credit_note_of_the_golden_contract():
    assert [plain(item) for item in issued(ex_timeline())] == [
        ("SPV-000001", INVOICE, COUNCIL, "6500.00", [("MOVE", 1, "6500.00")], ()),
        ("SPV-000002", INVOICE, COUNCIL, "16500.00",
         [("MOVE", 1, "6500.00"), ("S06", 1, "10000.00")], ()),
        ("SPV-000003", INVOICE, COUNCIL, "8000.00", [("S12", 1, "8000.00")], ()),
        ("SPV-000004", INVOICE, COUNCIL, "10000.00", [("S06", 1, "10000.00")], ()),
        ("SPV-000005", INVOICE, COUNCIL, "1275.50", [("ENG", 1, "1275.50")], ()),
        ("SPV-000006", INVOICE, COUNCIL, "10201.50",
         [("MOVE", 1, "6701.50"), ("S24", 1, "3500.00")], ()),
        ("SPV-000007", INVOICE, COUNCIL, "8248.00", [("S12", 1, "8248.00")], ()),
        ("SPV-000008", INVOICE, COUNCIL, "10310.00", [("S06", 1, "10310.00")], ()),
        ("SPV-000009", INVOICE, COUNCIL, "11500.00",
         [("S12", 1, "8248.00"), ("S18", 1, "3252.00")], ()),
        ("SPV-000010", CREDIT, COUNCIL, "8248.00", [("S12", 1, "8248.00")], (9,)),
    ]  # fmt: skip


def test_a_document_carries_its_terms_dates_and_claim():
    first, *_, last = issued(ex_timeline())
    assert first.document_id == "invoice:spv/1"
    assert (first.claim_number, first.period) == (1, quarter("2020 Q3"))
    assert (first.issued_on, first.due_on) == (day("2020-10-14"), day("2020-11-13"))
    assert (first.vat_treatment, first.vat_rationale, first.vat_rate) == (
        "outside_scope",
        "A proposal for tests.",
        None,
    )
    assert (first.vat, first.total, first.purchase_order) == (gbp("0"), gbp("6500.00"), None)
    assert (last.issued_on, last.due_on, last.total) == (day("2024-01-14"), None, gbp("8248.00"))
    assert [line.line_number for line in issued(ex_timeline())[1].lines] == [1, 2]


def test_each_payer_is_invoiced_for_its_part_when_the_fund_pays_direct():
    documents = issued(ex_timeline(flow=DIRECT))
    assert [item.number for item in documents] == list(range(1, 21))
    by_claim = {}
    for item in documents:
        by_claim.setdefault(item.claim_number, []).append(plain(item)[1:])
    assert by_claim[6] == [
        (INVOICE, COUNCIL, "7651.13", [("MOVE", 1, "5026.13"), ("S24", 1, "2625.00")], ()),
        (INVOICE, FUND, "2550.37", [("MOVE", 1, "1675.37"), ("S24", 1, "875.00")], ()),
    ]
    assert by_claim[9] == [
        (INVOICE, COUNCIL, "10258.74", [("S12", 1, "7006.74"), ("S18", 1, "3252.00")], ()),
        (INVOICE, FUND, "1241.26", [("S12", 1, "1241.26")], ()),
    ]
    assert by_claim[10] == [
        (CREDIT, COUNCIL, "7006.74", [("S12", 1, "7006.74")], (17,)),
        (CREDIT, FUND, "1241.26", [("S12", 1, "1241.26")], (18,)),
    ]


@pytest.mark.parametrize("changes", [{}, {"flow": DIRECT}])
def test_documents_add_up_to_what_the_claims_pay(changes):
    documents = issued(ex_timeline(**changes))
    invoiced = total((one.net for one in documents if one.kind is INVOICE), "GBP")
    credited = total((one.net for one in documents if one.kind is CREDIT), "GBP")
    assert (str(invoiced), str(credited)) == ("82535.00", "8248.00")


def test_standard_vat_is_added_once_per_document_and_posted_to_both_books():
    timeline = ex_timeline(invoicing=STANDARD)
    documents = issued(timeline)
    assert [(str(one.net), str(one.vat), str(one.total)) for one in documents[4:7]] == [
        ("1275.50", "255.10", "1530.60"),
        ("10201.50", "2040.30", "12241.80"),
        ("8248.00", "1649.60", "9897.60"),
    ]
    assert {one.vat_rate for one in documents} == {"0.20"}
    entries = [vat_entry(one, number) for number, one in enumerate(documents, 1)]
    assert [(one.debit, one.credit, str(one.amount)) for one in entries[0].postings] == [
        ("council/vat-input", "council/payable/spv", "1300.00"),
        ("spv/receivable/council", "spv/vat-output", "1300.00"),
    ]
    assert [(one.debit, one.credit, str(one.amount)) for one in entries[-1].postings] == [
        ("council/payable/spv", "council/vat-input", "1649.60"),
        ("spv/vat-output", "spv/receivable/council", "1649.60"),
    ]
    assert (entries[0].entry_number, entries[0].source) == (1, "invoice:spv/1")
    assert (entries[0].effective_date, entries[0].kind) == (day("2020-10-14"), "vat_invoiced")


@pytest.mark.parametrize("flow", ["commissioner_pays_then_reclaims", DIRECT])
def test_the_entries_of_vat_keep_books_balanced_and_mirrors_equal(flow):
    timeline = ex_timeline(invoicing=STANDARD, flow=flow)
    accounts = chart(timeline.latest.terms)
    entries = [*run(timeline).entries]
    entries += [vat_entry(one, 100 + one.number) for one in issued(timeline)]
    folded = balances(entries, "GBP")
    assert folded.keys() <= {account.name for account in accounts}
    assert mirror_differences(folded, accounts, "GBP") == ()
    assert all(one.debit_total == one.credit_total for one in trial_balances(folded, "GBP"))
    # 20% of 74,287.00 net; each amount here is a whole number of pence.
    assert str(folded["spv/vat-output"].net) == "-14857.40"


def test_without_a_charge_there_is_no_entry_of_vat_and_no_account():
    assert all(vat_entry(one, 1) is None for one in issued(ex_timeline()))
    for changes in ({}, {"invoicing": INVOICING}):
        names = {account.name for account in chart(terms(**changes))}
        assert not [name for name in names if "vat" in name]


def test_vat_is_rounded_half_up_on_the_net_of_the_document():
    contract = version(invoicing=STANDARD)
    for amounts, vat in (
        (("0.02",), "0.00"),
        (("0.03",), "0.01"),
        (("0.03", "0.03"), "0.01"),
        (("0.07",), "0.01"),
        (("0.08",), "0.02"),
    ):
        (document,) = documents(claim_of(contract, amounts), contract)
        assert str(document.vat) == vat
    half = {"vat": STANDARD["vat"] | {"rate": "0.5"}}
    contract = version(invoicing=half)
    (document,) = documents(claim_of(contract, ("0.01",)), contract)
    assert (str(document.vat), str(document.total)) == ("0.01", "0.02")


def claim_of(contract, amounts, number=1, metric="MOVE"):
    """A claim of one metric, one line for each amount."""
    items = [
        entitlement(f"P{number}-{index}", metric, "2022-06-30", "2022-07-11", amount)
        for index, amount in enumerate(amounts)
    ]
    lines = prepare(quarter("2022 Q3"), contract, items, usage=Usage())
    return Claim(number, quarter("2022 Q3"), supplementary=False, terms_version=1, lines=lines)


def taken_back(contract, *claims):
    """The claim after: every line of earlier claims taken back."""
    usage = Usage()
    for claim in claims:
        usage = usage_after(usage, claim.lines, claim.period)
    clawbacks = [
        Clawback(claim.claim_number, line, day("2022-10-09"))
        for claim in claims
        for line in claim.lines
    ]
    period = quarter("2022 Q4")
    lines = prepare(period, contract, [], usage=usage, clawbacks=clawbacks)
    return Claim(9, period, supplementary=False, terms_version=1, lines=lines)


def documents(claim, contract, *, first=1, on="2022-10-14", originals=()):
    """The documents of a claim; the same originals for each of its lines."""
    return documents_for_claim(
        claim,
        contract.terms,
        issuer_number_next=first,
        issued_on=day(on),
        originals={line.line_number: originals for line in claim.lines},
    )


ORDERS = [
    {"payer": COUNCIL, "reference": "PO-1", "from_date": "2022-04-01", "to_date": "2023-03-31"},
    {"payer": COUNCIL, "reference": "PO-2", "from_date": "2023-04-02"},
    {"payer": FUND, "reference": "LCF-9", "from_date": "2020-01-01"},
]


@pytest.mark.parametrize(
    ("on", "order"),
    [
        ("2022-03-31", None),
        ("2022-04-01", "PO-1"),
        ("2023-03-31", "PO-1"),
        ("2023-04-01", None),
        ("2023-04-02", "PO-2"),
        ("2099-12-31", "PO-2"),
    ],
)
def test_the_purchase_order_in_force_on_the_day_of_issue_is_quoted(on, order):
    contract = version(
        invoicing=INVOICING | {"purchase_orders": ORDERS}, funding=funding(flow=DIRECT)
    )
    council, fund = documents(claim_of(contract, ("100",)), contract, on=on)
    assert (council.purchase_order, fund.purchase_order) == (order, "LCF-9")


@pytest.mark.parametrize(
    ("days", "issued_on", "due_on"),
    [
        (30, "2024-01-30", "2024-02-29"),
        (30, "2023-01-30", "2023-03-01"),
        (0, "2023-01-30", "2023-01-30"),
        (14, "2023-12-31", "2024-01-14"),
    ],
)
def test_payment_is_due_so_many_days_after_the_issue(days, issued_on, due_on):
    contract = version(invoicing=INVOICING, claims={"payment_terms_days": days})
    (document,) = documents(claim_of(contract, ("100",)), contract, on=issued_on)
    assert document.due_on == day(due_on)


def test_lines_go_by_the_order_of_the_terms_then_activities_then_what_has_left_them():
    activity = {
        "code": "COVID",
        "name": "Temporary payment",
        "amount": "2000",
        "from_date": "2020-12-01",
        "to_date": "2021-12-31",
    }
    contract = version(invoicing=INVOICING, activity_payments=[activity])
    claim = claim_of(contract, ("1", "2", "3", "4", "5"), metric="S06")
    metrics = ("OLD", "COVID", "S06", "MOVE", "S06")
    lines = tuple(
        replace(line, metric=metric, count=0 if metric == "COVID" else 1)
        for line, metric in zip(claim.lines, metrics, strict=True)
    )
    (document,) = documents(replace(claim, lines=lines), contract)
    found = [
        (line.line_number, line.metric, line.description, line.count, str(line.net))
        for line in document.lines
    ]
    assert found == [
        (1, "MOVE", "MOVE", 1, "4.00"),
        (2, "S06", "S06", 2, "8.00"),
        (3, "COVID", "Temporary payment", 0, "2.00"),
        (4, "OLD", "OLD", 1, "1.00"),
    ]


def test_a_claim_that_moves_nothing_has_no_document_under_any_terms():
    assert documents(claim_of(version(), ("0",)), version()) == ()
    assert documents(claim_of(version(), ()), version()) == ()


def test_without_invoicing_in_the_terms_no_invoice_can_be_issued():
    with pytest.raises(RuleRefused) as refused:
        documents(claim_of(version(), ("1",)), version(invoicing=None))
    assert (refused.value.code, refused.value.pointer) == ("invoicing-not-in-terms", "/invoicing")


def test_a_claim_that_asks_and_takes_back_has_both_documents_invoices_first():
    contract = version(invoicing=INVOICING)
    first = claim_of(contract, ("100", "50"))
    originals = documents(first, contract)
    back = taken_back(contract, first)
    later = claim_of(contract, ("70",))
    both = replace(back, lines=(*back.lines, replace(later.lines[0], line_number=3)))
    found = [plain(one) for one in documents(both, contract, first=2, originals=originals)]
    assert found == [
        ("SPV-000002", INVOICE, COUNCIL, "70.00", [("MOVE", 1, "70.00")], ()),
        ("SPV-000003", CREDIT, COUNCIL, "150.00", [("MOVE", 2, "150.00")], (1,)),
    ]


def test_one_credit_note_cites_every_invoice_it_takes_back_from():
    contract = version(invoicing=INVOICING)
    one, two = claim_of(contract, ("100",), number=1), claim_of(contract, ("50",), number=2)
    made = (*documents(one, contract), *documents(two, contract, first=2))
    back = taken_back(contract, one, two)
    (note,) = documents_for_claim(
        back,
        contract.terms,
        issuer_number_next=3,
        issued_on=day("2023-01-14"),
        originals={1: made[:1], 2: made[1:]},
    )
    assert (note.cites, str(note.net), note.lines[0].count) == ((1, 2), "150.00", 2)


def test_a_credit_note_keeps_the_vat_and_the_customers_of_its_invoices():
    """The variation between them drops VAT and lets the fund pay direct."""
    old, new = version(invoicing=STANDARD), version(
        2, invoicing=INVOICING, funding=funding(flow=DIRECT)
    )  # fmt: skip
    first = claim_of(old, ("6701.50",))
    (note,) = documents(taken_back(new, first), new, first=2, originals=documents(first, old))
    assert (note.customer, str(note.net), str(note.vat)) == (COUNCIL, "6701.50", "1340.30")
    assert (note.vat_treatment, note.vat_rate) == ("standard", "0.20")
    # The other way round: what each payer was invoiced goes back to each.
    old, new = new, old
    first = claim_of(old, ("6701.50",))
    notes = documents(taken_back(new, first), new, first=3, originals=documents(first, old))
    assert [(one.customer, str(one.total), one.cites) for one in notes] == [
        (COUNCIL, "5026.13", (1,)),
        (FUND, "1675.37", (2,)),
    ]


def test_invoices_with_different_vat_are_credited_apart():
    old, new = version(invoicing=INVOICING), version(2, invoicing=STANDARD)
    one, two = claim_of(old, ("100",), number=1), claim_of(new, ("50",), number=2)
    made = (*documents(one, old), *documents(two, new, first=2))
    notes = documents_for_claim(
        taken_back(new, one, two),
        new.terms,
        issuer_number_next=3,
        issued_on=day("2023-01-14"),
        originals={1: made[:1], 2: made[1:]},
    )
    assert [(note.number, str(note.total), note.cites) for note in notes] == [
        (3, "100.00", (1,)),
        (4, "60.00", (2,)),
    ]


def _no_originals(made):
    return ()


def _only_credit_notes(made):
    return [replace(one, kind=CREDIT) for one in made]


def _another_metric(made):
    return [replace(one, lines=(replace(one.lines[0], metric="S24"),)) for one in made]


def _one_customer_missing(made):
    return made[1:]


@pytest.mark.parametrize(
    "broken", [_no_originals, _only_credit_notes, _another_metric, _one_customer_missing]
)
def test_a_clawback_needs_the_invoices_of_what_it_takes_back(broken):
    contract = version(invoicing=INVOICING, funding=funding(flow=DIRECT))
    first = claim_of(contract, ("100",))
    made = documents(first, contract)
    with pytest.raises(RuleRefused) as refused:
        documents(taken_back(contract, first), contract, originals=broken(made))
    assert refused.value.code == "original-document-missing"


def test_who_is_invoiced():
    parties = [
        party(COUNCIL, "commissioner", "outcome_payer"),
        party(FUND, "outcomes_fund"),
        party("ward", "outcome_payer"),
        party("investor", "investor"),
    ]
    assert customers(terms(parties=parties)) == (COUNCIL,)
    direct = terms(parties=parties, funding=funding(flow=DIRECT))
    assert customers(direct) == (COUNCIL, FUND, "ward")


AMOUNTS = st.lists(st.integers(0, 10_000_000), max_size=6)
RATES = st.sampled_from(["0.20", "1/5", "0.175", "1/3", "1"])


@given(asked=AMOUNTS, taken=AMOUNTS, rate=RATES, direct=st.booleans(), first=st.integers(1, 10**6))
def test_documents_hold_every_penny_of_the_claim_and_number_on(asked, taken, rate, direct, first):
    contract = version(
        invoicing={"vat": STANDARD["vat"] | {"rate": rate}},
        funding=funding(flow=DIRECT if direct else "commissioner_pays_then_reclaims"),
    )
    earlier = claim_of(contract, [str(Money(amount)) for amount in taken])
    made = documents(earlier, contract)
    back = taken_back(contract, earlier)
    asking = claim_of(contract, [str(Money(amount)) for amount in asked], number=2)
    numbered = [
        replace(line, line_number=number)
        for number, line in enumerate((*back.lines, *asking.lines), start=1)
    ]
    claim = replace(back, period=Period(day("2022-07-01"), day("2022-12-31")), lines=(*numbered,))
    found = documents(claim, contract, first=first, originals=made)
    assert [one.number for one in found] == list(range(first, first + len(found)))
    signed = sum(one.net.minor * (1 if one.kind is INVOICE else -1) for one in found)
    assert signed == sum(line.payable.minor for line in claim.lines)
    for one in found:
        assert one.net == total((line.net for line in one.lines), "GBP")
        assert one.total == one.net + one.vat
        assert one.net.minor > 0
        assert bool(one.cites) is (one.kind is CREDIT)
    if not asked:
        # Credited whole, each invoice's VAT goes back to the penny.
        assert {one.customer: one.vat for one in made} == {one.customer: one.vat for one in found}


def test_the_golden_clawback_is_in_the_quarter_that_says_so():
    assert issued(ex_timeline())[-1].period == quarter(CLAWBACK_QUARTER)

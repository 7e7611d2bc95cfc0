"""The five ties on the golden contract, and what a difference says about itself."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim import LineKind
from app.domain.money import Money
from app.payments.balances import balances
from app.payments.posting import chart
from app.payments.ties import Figure, MirrorBalance, MoneyRecords, Part, Side, tie, ties
from tests.factories import FUND, gbp
from tests.golden_contract import ex_timeline, run

TIMELINE = ex_timeline()
EX = run(TIMELINE)
NAMES = ("entitlements", "invoiced", "posted", "paid", "fund", "mirrors")


def part(name, *rows):
    """A part from (key, ref, amount) rows."""
    return Part.of(name, [Figure(key, ref, gbp(amount)) for key, ref, amount in rows], "GBP")


def golden_mirrors():
    folded = balances(EX.entries, "GBP")
    return tuple(
        MirrorBalance(one.name, one.mirror, folded[one.name].net, folded[one.mirror].net)
        for one in chart(TIMELINE.versions[-1].terms)
        if one.mirror is not None and one.name < one.mirror
    )


def golden():
    """The records of the golden contract: all claimed and invoiced, two payments made."""
    currency = "GBP"
    outcomes = [
        (claim, line)
        for claim in EX.claims
        for line in claim.lines
        if line.kind is LineKind.OUTCOME
    ]
    totals = {
        claim.claim_number: sum(line.payable.minor for line in claim.lines) for claim in EX.claims
    }

    def by_line(name, amount):
        rows = [
            Figure(
                line.source_id, f"claim:{claim.claim_number}/line:{line.line_number}", amount(line)
            )
            for claim, line in outcomes
        ]
        return Part.of(name, rows, currency)

    def by_claim(name, ref, sign=0):
        rows = [
            Figure(
                f"claim:{number}/council", ref.format(number), Money(abs(minor) if sign else minor)
            )
            for number, minor in totals.items()
            if not sign or minor * sign > 0
        ]
        return Part.of(name, rows, currency)

    splits = [
        Figure(
            f"claim:{claim.claim_number}/line:{line.line_number}/fund",
            f"claim:{claim.claim_number}/line:{line.line_number}",
            share.amount,
        )
        for claim in EX.claims
        for line in claim.lines
        for share in line.shares
        if share.payer == FUND
    ]
    payments = part("payments matched", ("p1", "payment:p1", "6500"), ("p2", "payment:p2", "16500"))
    return MoneyRecords(
        currency=currency,
        entitlements=by_line("entitlements", lambda line: line.gross),
        claimed=by_line("claimed", lambda line: line.payable),
        capped=by_line("capped", lambda line: line.gross - line.payable),
        disputed=part("disputed"),
        not_yet_claimed=part("not yet claimed"),
        approved_claims=by_claim("approved claims", "claim:{}"),
        invoices=by_claim("invoices", "invoice:spv/{}", 1),
        credit_notes=by_claim("credit notes", "invoice:spv/{}", -1),
        payable_postings=by_claim("payable postings", "entry:{}"),
        payments_matched=payments,
        cash_postings=replace(payments, name="cash postings"),
        fund_claimed=Part.of("fund claims", splits[:8], currency),
        fund_not_yet_claimed=Part.of("not yet claimed from the fund", splits[8:], currency),
        fund_splits=Part.of("splits of the fund", splits, currency),
        mirrors=golden_mirrors(),
    )


def test_every_tie_of_the_golden_contract_holds():
    made = ties(golden())
    assert [(one.name, one.holds) for one in made] == [(name, True) for name in NAMES]
    amounts = {one.name: (str(one.left_amount), str(one.right_amount)) for one in made}
    assert amounts["entitlements"] == ("85062.00", "85062.00")
    assert amounts["invoiced"] == amounts["posted"] == ("74287.00", "74287.00")
    assert amounts["paid"] == ("23000.00", "23000.00")
    assert amounts["fund"] == ("17758.74", "17758.74")
    records = golden()
    assert str(records.claimed.total) == "82535.00"
    assert str(records.capped.total) == "2527.00"
    assert str(records.credit_notes.total) == "8248.00"
    assert len(records.mirrors) == 2


def broken(field, value):
    """The ties that no longer hold once one part is another."""
    made = ties(replace(golden(), **{field: value}))
    return {one.name: one for one in made if not one.holds}


def test_a_missing_invoice_is_named():
    records = golden()
    fewer = Part.of("invoices", records.invoices.records[1:], "GBP")
    found = broken("invoices", fewer)
    assert set(found) == {"invoiced"}
    (cause,) = found["invoiced"].causes
    assert str(found["invoiced"].difference) == "6500.00"
    assert (cause.key, cause.refs) == ("claim:1/council", ("claim:1",))
    assert cause.because == (
        "claim:1/council is in approved claims and not in invoices less credit notes."
    )


def test_a_posting_of_another_amount_names_both_records():
    records = golden()
    first, *rest = records.payable_postings.records
    wrong = replace(first, amount=gbp("6499.99"))
    found = broken("payable_postings", Part.of("payable postings", [wrong, *rest], "GBP"))
    (cause,) = found["posted"].causes
    assert str(cause.difference) == "0.01"
    assert cause.refs == ("claim:1", "entry:1")
    assert cause.because == (
        "claim:1/council is GBP 6,500.00 in approved claims and GBP 6,499.99 in payable postings."
    )


def test_a_cash_posting_without_a_payment_is_named():
    records = golden()
    extra = Figure("p3", "entry:40", gbp("5"))
    more = Part.of("cash postings", [*records.cash_postings.records, extra], "GBP")
    (cause,) = broken("cash_postings", more)["paid"].causes
    assert str(cause.difference) == "-5.00"
    assert cause.because == "p3 is in cash postings and not in payments matched."


def test_mirrors_that_disagree_are_named():
    records = golden()
    first = records.mirrors[0]
    off = replace(first, mirror_balance=first.mirror_balance + gbp("1"))
    found = broken("mirrors", (off, *records.mirrors[1:]))
    (cause,) = found["mirrors"].causes
    assert (cause.key, cause.refs) == (first.account, (first.account, first.mirror))


def test_two_faults_that_cancel_out_do_not_hold():
    left = Side("left", (part("a", ("k1", "r1", "10"), ("k2", "r2", "10")),))
    right = Side("right", (part("b", ("k1", "s1", "11"), ("k2", "s2", "9")),))
    made = tie("example", left, right, "GBP")
    assert not made.difference
    assert not made.holds
    assert [(cause.key, str(cause.difference)) for cause in made.causes] == [
        ("k1", "-1.00"),
        ("k2", "1.00"),
    ]
    assert not made.unexplained


def test_what_the_records_do_not_explain_is_said():
    left = Side("left", (Part("a", gbp("100"), ()),))
    right = Side("right", (Part("b", gbp("90"), (Figure("k", "r", gbp("-4")),)),))
    made = tie("example", left, right, "GBP")
    assert (str(made.difference), str(made.unexplained)) == ("10.00", "6.00")


ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(-50, 50)), max_size=6
)


@given(ROWS, ROWS, ROWS)
def test_causes_make_up_the_whole_difference(one, two, less):
    def made_of(name, rows):
        return Part.of(name, [Figure(key, ref, Money(minor)) for key, ref, minor in rows], "GBP")

    left = Side("left", (made_of("one", one),))
    right = Side("right", (made_of("two", two),), (made_of("less", less),))
    made = tie("any", left, right, "GBP")
    sums = [sum(minor for _, _, minor in rows) for rows in (one, two, less)]
    assert made.difference.minor == sums[0] - sums[1] + sums[2]
    assert not made.unexplained
    assert made.holds == (not made.causes)

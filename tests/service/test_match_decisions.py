"""Decisions on matches and lines: who, when, what they post, and how they are undone."""

import pytest

from app.domain.bank import Classification, SourceKind
from app.domain.errors import NotPermitted
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.period import Period
from app.domain.reconciliation import IgnoreReason, LineKey, LineState, MatchState
from app.service import imports, line_decisions, match_decisions, matching
from app.service.payments import get_payment, list_payments
from app.service.transparency import quarterly_spend
from app.service.verify import verify
from app.storage.import_lines import Wanted
from app.storage.matches import LineAllocation
from tests.factories import COUNCIL, SPV, day
from tests.service.desk import BANK, EXTRACT, PAYER, Desk
from tests.service.world import APPROVER, FUNDER, MANAGER, WORKER, refused


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world)


def test_accepting_posts_a_payment_on_the_day_it_was_booked(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    (paid,) = desk.accept().payments
    made = get_payment(desk.world.context, desk.world.contract_id, paid.payment_id).payment
    assert (made.payer, made.payee, str(made.amount)) == (COUNCIL, SPV, "13000.00")
    assert (made.paid_on.isoformat(), made.reference) == ("2020-04-30", "SPV-000001")
    assert (desk.open_of(1), desk.cash()) == ("0.00", "13000.00")
    assert desk.line().state is LineState.ACCEPTED
    assert desk.holds()


def test_what_is_too_much_stays_on_account(desk):
    desk.rows("2020-04-30,13100.00,SPV-000001,Council")
    desk.accept()
    (made,) = desk.paid()
    assert (str(made.on_account), desk.cash()) == ("100.00", "13100.00")
    assert desk.line().classification is Classification.OVER


def test_one_payment_for_two_invoices_is_one_payment(desk):
    desk.rows("2020-10-30,23000.00,SPV-000001 SPV-000002,Council")
    desk.accept()
    (made,) = desk.paid()
    assert [(one.document, str(one.amount)) for one in made.payment.allocations] == [
        (f"invoice:{SPV}/1", "13000.00"),
        (f"invoice:{SPV}/2", "10000.00"),
    ]


def test_two_lines_for_one_invoice_are_two_payments(desk):
    desk.rows("2020-04-30,3000.00,SPV-000001,Council", "2020-05-30,10000.00,SPV-000001,Council")
    assert len(desk.accept().payments) == 2
    assert desk.open_of(1) == "0.00"
    assert desk.holds()
    first, second = desk.paid()
    assert first.sequence == second.sequence
    place = (first.sequence, first.payment.payment_id)
    assert list_payments(desk.world.context, desk.world.contract_id, place) == [second]


def test_a_dry_run_records_nothing(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    before = desk.world.state()
    command = desk.world.by(MANAGER, dry_run=True)
    match_decisions.accept_match(desk.world.context, command, desk.only().match_id)
    assert desk.world.state() == before


def test_the_other_party_of_the_payment_may_accept(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    assert desk.accept(PAYER).state is MatchState.ACCEPTED


@pytest.mark.parametrize("who", [FUNDER, WORKER])
@pytest.mark.parametrize("decide", [match_decisions.accept_match, match_decisions.refuse_match])
def test_nobody_else_decides(desk, who, decide):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    before = desk.world.state()
    refused("party-not-permitted", desk.act, decide, desk.only().match_id, who)
    assert desk.world.state() == before


def test_a_match_is_decided_once(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    match_id = desk.only().match_id
    desk.accept()
    for decide in (match_decisions.accept_match, match_decisions.refuse_match):
        refused("match-decided", desk.act, decide, match_id)
    refused("match-unknown", desk.act, match_decisions.accept_match, "no-such-match")


def test_a_match_whose_invoice_was_paid_since_is_refused(desk):
    """The council's file and the bank's show the same payment; the second has to confirm it."""
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    stale = desk.only().match_id
    desk.rows("2020-04-29,13000.00,SPV-000001,", by=PAYER, source="extract")
    (fresh,) = (one for one in desk.matches() if one.match_id != stale)
    desk.act(match_decisions.accept_match, fresh.match_id, PAYER)
    refused("allocation-refused", desk.act, match_decisions.accept_match, stale)
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    (confirming,) = desk.accept().payments
    assert confirming.effect.value == "confirmed"
    assert len(desk.paid()) == 1
    assert desk.holds()


def test_a_refused_match_is_not_proposed_again(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    desk.act(match_decisions.refuse_match, desk.only().match_id, note="Another contract")
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    assert desk.matches() == []
    assert [step.rule for step in desk.line().reasons] == ["unknown.refused"]


def test_undoing_reverses_with_a_linked_entry(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    match_id = desk.only().match_id
    desk.accept()
    undone = desk.act(match_decisions.undo_match, match_id, note="The wrong invoice")
    assert undone.state is MatchState.UNDONE
    payment, reversal = desk.paid()
    assert reversal.payment.returns == payment.payment.payment_id
    assert (desk.open_of(1), desk.cash()) == ("13000.00", "0.00")
    assert desk.line().state is LineState.OPEN
    assert desk.holds()
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    desk.accept()
    assert (desk.open_of(1), desk.cash()) == ("0.00", "13000.00")
    assert desk.holds()
    assert verify(desk.world.context, desk.world.contract_id).intact
    spent = quarterly_spend(
        desk.world.context,
        desk.world.contract_id,
        Period(day("2020-04-01"), day("2020-06-30")),
        department="Adult Care",
        merchant_category="Outcome payments",
    )
    assert [str(row.amount) for row in spent.rows] == ["13000.00"]


def test_only_what_was_accepted_can_be_undone(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    match_id = desk.only().match_id
    refused("match-not-accepted", desk.act, match_decisions.undo_match, match_id)
    desk.accept()
    refused("party-not-permitted", desk.act, match_decisions.undo_match, match_id, FUNDER)
    desk.act(match_decisions.undo_match, match_id)
    refused("match-not-accepted", desk.act, match_decisions.undo_match, match_id)


def test_a_payment_that_another_file_confirms_is_undone_after_that(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    recorded = desk.only().match_id
    desk.accept()
    desk.rows("2020-04-29,13000.00,SPV-000001,", by=PAYER, source="extract")
    confirming = desk.only().match_id
    desk.accept(PAYER)
    refused("payment-confirmed", desk.act, match_decisions.undo_match, recorded)
    desk.act(match_decisions.undo_match, confirming, PAYER)
    desk.act(match_decisions.undo_match, recorded)
    assert desk.cash() == "0.00"
    assert desk.holds()


def returned(desk) -> str:
    """An over-payment and its return, both accepted; answers the match of the return."""
    desk.rows("2020-04-30,13100.00,SPV-000001,Council", "2020-05-04,-100.00,SPV-000001,Council")
    (payment,) = (one for one in desk.matches() if one.rule != "return")
    (back,) = (one for one in desk.matches() if one.rule == "return")
    refused("match-of-payment-first", desk.act, match_decisions.accept_match, back.match_id)
    desk.act(match_decisions.accept_match, payment.match_id)
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    desk.accept()
    (accepted,) = (one for one in desk.matches(MatchState.ACCEPTED) if one.rule == "return")
    return accepted.match_id


def test_what_was_paid_too_much_and_comes_back(desk):
    returned(desk)
    made = desk.paid()[0]
    assert (str(made.returned), str(made.on_account)) == ("100.00", "0.00")
    assert (desk.open_of(1), desk.cash()) == ("0.00", "13000.00")
    assert desk.holds()


def test_undoing_a_return_pays_it_again(desk):
    match_id = returned(desk)
    (payment,) = (one for one in desk.matches(MatchState.ACCEPTED) if one.rule != "return")
    refused("payment-returned", desk.act, match_decisions.undo_match, payment.match_id)
    desk.act(match_decisions.undo_match, match_id)
    assert (desk.open_of(1), desk.cash()) == ("0.00", "13100.00")
    assert desk.holds()
    assert verify(desk.world.context, desk.world.contract_id).intact


def test_a_return_of_what_was_settled_opens_the_invoice(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    desk.accept()
    desk.rows("2020-05-04,-13000.00,SPV-000001,Council")
    back = desk.only().match_id
    desk.accept()
    assert (desk.open_of(1), desk.cash()) == ("13000.00", "0.00")
    desk.act(match_decisions.undo_match, back)
    assert (desk.open_of(1), desk.cash()) == ("0.00", "13000.00")
    assert desk.holds()


def by_hand(desk, *parts: tuple[str, str], line: str = "1/1", by: Actor = MANAGER):
    key = desk.line(line).key
    allocations = [LineAllocation(key, item, Money.parse(amount)) for item, amount in parts]
    return matching.match_by_hand(
        desk.world.context, desk.world.by(by), lines=[key], allocations=allocations
    ).answer


def test_a_match_put_together_by_hand(desk):
    desk.rows("2020-04-30,5000.00,no reference at all,Somebody")
    assert desk.matches() == []
    match = by_hand(desk, (f"invoice:{SPV}/1", "4000.00"))
    assert (match.rule, match.classification.value) == ("by-hand", "over")
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    desk.accept()
    assert (desk.open_of(1), str(desk.paid()[0].on_account)) == ("9000.00", "1000.00")


def test_a_match_by_hand_replaces_what_was_proposed(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    before = desk.only().match_id
    match = by_hand(desk, (f"invoice:{SPV}/2", "10000.00"), (f"invoice:{SPV}/1", "3000.00"))
    assert [one.match_id for one in desk.matches()] == [match.match_id]
    refused("match-decided", desk.act, match_decisions.accept_match, before)
    desk.accept()
    assert (desk.open_of(1), desk.open_of(2)) == ("10000.00", "0.00")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((), "line-not-used-up"),
        (((f"invoice:{SPV}/1", "13000.01"),), "line-not-used-up"),
        (((f"invoice:{SPV}/1", "0.00"),), "amount-of-nothing"),
        (((f"invoice:{SPV}/1", "1.00"), (f"invoice:{SPV}/1", "2.00")), "duplicate"),
    ],
)
def test_a_match_by_hand_that_does_not_add_up(desk, parts, code):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    refused(code, by_hand, desk, *parts)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (f"invoice:{SPV}/9", "document-unknown"),
        ("fund-claim:1", "document-unknown"),
        ("payment:nothing", "payment-unknown"),
        ("return:nothing", "payment-unknown"),
        ("line:nothing", "match-of-payment-first"),
    ],
)
def test_a_match_by_hand_with_what_is_not_there(desk, item, code):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    before = desk.world.state()
    refused(code, by_hand, desk, (item, "13000.00"))
    assert desk.world.state() == before


def test_a_match_by_hand_is_not_proposed_for_what_is_settled(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council", "2020-05-04,13000.00,none,Somebody")
    desk.accept()
    (paid,) = desk.paid()
    settled, confirmed = f"invoice:{SPV}/1", f"payment:{paid.payment.payment_id}"
    refused("more-than-open", by_hand, desk, (settled, "13000.00"), line="1/2")
    refused("more-than-open", by_hand, desk, (settled, "0.01"), line="1/2")
    refused("match-outdated", by_hand, desk, (confirmed, "13000.00"), line="1/2")
    assert by_hand(desk, (f"invoice:{SPV}/2", "10000.00"), line="1/2").state is MatchState.PROPOSED


def test_a_claim_to_a_fund_is_matched_once_it_is_submitted(desk):
    desk.world.fund_claim("2021-03-01")
    row = "2021-03-02,1.00,fund-claim:1,"
    desk.world.on("2021-03-02")
    imports.save_mapping(desk.world.context, desk.world.by(FUNDER), "rows", EXTRACT)
    desk.rows(row, by=FUNDER, source="ledger")
    assert desk.matches() == []
    refused("fund-claim-not-submitted", by_hand, desk, ("fund-claim:1", "1.00"), by=FUNDER)
    desk.world.submit_fund_claim(1, "2021-03-03")
    matching.propose_matches(desk.world.context, desk.world.by(FUNDER))
    assert [one.item_id for one in desk.only().allocations] == ["fund-claim:1"]


def test_nobody_matches_the_lines_of_others(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    refused("party-not-permitted", by_hand, desk, (f"invoice:{SPV}/1", "1.00"), by=PAYER)


def ignore(desk, by: Actor = MANAGER, reason=IgnoreReason.BANK_CHARGE, **options):
    command = desk.world.by(by)
    return line_decisions.ignore_line(
        desk.world.context, command, LineKey(1, 1), reason=reason, **options
    ).answer


def test_a_line_is_left_out_with_a_reason_and_taken_back(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    proposed = desk.only().match_id
    assert ignore(desk).state is LineState.IGNORED
    assert desk.line().ignored_because is IgnoreReason.BANK_CHARGE
    refused("match-decided", desk.act, match_decisions.accept_match, proposed)
    refused("line-decided", ignore, desk)
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    assert desk.matches() == []
    restored = line_decisions.take_line_back(
        desk.world.context, desk.world.by(MANAGER), LineKey(1, 1)
    ).answer
    assert restored.state is LineState.OPEN
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    desk.accept()
    refused("line-decided", ignore, desk)
    refused(
        "line-not-ignored",
        line_decisions.take_line_back,
        desk.world.context,
        desk.world.by(MANAGER),
        LineKey(1, 1),
    )


def test_who_leaves_a_line_out_and_why(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    refused("party-not-permitted", ignore, desk, PAYER)
    refused("missing-field", ignore, desk, reason=IgnoreReason.OTHER)
    refused("looks-like-email", ignore, desk, note="ask finance@example.org")
    ignore(desk, reason=IgnoreReason.OTHER, note="A test transfer")


@pytest.mark.parametrize("who", [WORKER, Actor("nobody", "stranger-1")])
def test_only_parties_with_a_book_import(desk, who):
    with pytest.raises(NotPermitted):
        desk.rows("2020-04-30,1.00,x,y", by=who)
    with pytest.raises(NotPermitted):
        imports.check_may_import(desk.world.context, desk.world.contract_id, who)


def test_a_csv_file_needs_a_mapping_of_its_own_party(desk):
    refused("mapping-unknown", desk.rows, "2020-04-30,1.00,x,y", by=FUNDER)
    refused("wrong-form", desk.rows, "2020-04-30,1.00,x,y", source="My Bank")


def test_an_account_that_the_file_does_not_say_is_said_with_it(desk):
    """What no file and nobody says cannot be known again, save by the bytes, which are named."""
    row = "2020-04-30,13000.00,SPV-000001,Council"
    iban, spaced = "GB33BUKB20201555555555", "gb33 bukb 2020 1555 5555 55"
    unknown = desk.rows(row, source="first")
    again = desk.rows(row, source="second", account=iban)
    assert (again.duplicate_count, again.also_of, again.account) == (0, ("first",), iban)
    assert (
        desk.rows(row, "2020-05-01,1.00,x,y", source="third", account=spaced).duplicate_count == 1
    )
    later = desk.rows(row, "2020-05-02,1.00,x,y", source="first", account=spaced)
    assert (unknown.account, later.account, later.duplicate_count) == (None, iban, 1)
    before = desk.world.state()
    other = {"source": "third", "account": "GB29NWBK60161331926819"}
    refused("account-differs", desk.rows, "2020-05-03,1.00,x,y", **other)
    assert desk.world.state() == before
    inherited = desk.rows("2020-05-02,1.00,x,y", source="second")
    assert (inherited.account, inherited.duplicate_count) == (iban, 1)


@pytest.mark.parametrize(
    ("first", "second", "confirms"),
    [
        ("GB33BUKB20201555555555", "GB29NWBK60161331926819", False),
        ("GB33BUKB20201555555555", None, True),
        (None, "GB29NWBK60161331926819", True),
    ],
)
def test_money_that_reached_one_account_is_not_shown_by_another_of_the_party(
    desk, first, second, confirms
):
    """An extract that names no account shows what a bank shows; two accounts show two payments."""
    desk.rows("2020-04-30,13000.00,SPV-000001,Council", source="first", account=first)
    desk.accept()
    desk.rows("2020-05-01,13000.00,SPV-000001,Council", source="second", account=second)
    proposed = [item for one in desk.matches() for item in one.allocations]
    assert bool(proposed) == confirms
    if not confirms:
        (line,) = (one for one in [desk.line("2/1")] if one.state is LineState.OPEN)
        made = desk.paid()[0].payment.payment_id
        item = LineAllocation(line.key, f"payment:{made}", line.line.amount)
        refused(
            "match-outdated",
            matching.match_by_hand,
            desk.world.context,
            desk.world.by(MANAGER),
            lines=[line.key],
            allocations=[item],
        )


def test_a_source_that_has_no_files(desk):
    refused(
        "source-unknown",
        matching.propose_matches,
        desk.world.context,
        desk.world.by(MANAGER),
        source="bank",
    )


def test_saving_a_mapping_again_changes_nothing_and_with_changes_makes_a_version(desk):
    before = desk.world.state()
    again = imports.save_mapping(desk.world.context, desk.world.by(MANAGER), "rows", BANK)
    assert again.answer.version == 1
    assert desk.world.state() == before
    changed = imports.save_mapping(desk.world.context, desk.world.by(MANAGER), "rows", EXTRACT)
    assert changed.answer.version == 2
    assert [
        (one.party, one.version)
        for one in imports.list_mappings(desk.world.context, desk.world.contract_id)
    ] == [(COUNCIL, 1), (SPV, 2)]


def test_a_large_file_is_several_records_and_one_import(desk):
    rows = [f"2020-04-{day:02d},{n}.00,row {n},x" for n in range(1, 1203) for day in (1 + n % 30,)]
    before = desk.world.state()
    stored = desk.rows(*rows)
    assert stored.line_count == 1202
    page = imports.list_lines(
        desk.world.context, desk.world.contract_id, Wanted(), LineKey(1, 1200), 10
    )
    assert [str(one.key) for one in page] == ["1/1201", "1/1202"]
    after = desk.world.state()
    assert after["import_lines"] - before["import_lines"] == 1202
    assert verify(desk.world.context, desk.world.contract_id).intact


def test_a_large_file_with_a_fault_at_its_end_leaves_nothing(desk):
    rows = [f"2020-04-30,{n}.00,row {n},x" for n in range(1, 1203)]
    before = desk.world.state()
    with desk.world.context.files.bank.receive(desk.world.contract_id) as incoming:
        incoming.write("\n".join(["Day,Amount,Text,Who", *rows]).encode() + b"\n\xff\n")
        refused(
            "wrong-encoding",
            imports.import_file,
            desk.world.context,
            desk.world.by(MANAGER),
            incoming,
            kind=SourceKind.CSV,
            source="bank",
            mapping="rows",
        )
    assert desk.world.state() == before


def test_the_approver_of_a_claim_does_not_settle_its_invoice(desk):
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    with pytest.raises(NotPermitted) as caught:
        desk.accept(APPROVER)
    assert caught.value.code == "payer-is-approver"
    assert desk.accept(PAYER).state is MatchState.ACCEPTED

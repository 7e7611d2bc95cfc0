"""One broken field each: the code and the place of its fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InputInvalid
from app.domain.terms.check import parse_terms
from app.domain.terms.faults import pointer
from app.domain.terms.schema import EXAMPLE

MISSING = object()
VAT = {"treatment": "exempt", "rationale": "As advised.", "decided_on": "2024-04-01"}
ORDER = {"payer": "council", "from_date": "2024-04-01"}

BROKEN = [
    ("/schema_version", 2, "not-one-of", "/schema_version"),
    ("/title", "", "wrong-length", "/title"),
    ("/title", "   ", "wrong-length", "/title"),
    ("/title", "x" * 2001, "wrong-length", "/title"),
    ("/title", 7, "not-text", "/title"),
    ("/title", "half a pair \ud800", "control-character", "/title"),
    ("/title", "nul \x00", "control-character", "/title"),
    ("/titel", "Contract", "unknown-field", "/titel"),
    ("/a~b", "Contract", "unknown-field", "/a~0b"),
    ("/currency", "gbp", "wrong-form", "/currency"),
    ("/timezone", "Europe/Sheffield", "unknown-timezone", "/timezone"),
    ("/timezone", "../London", "unknown-timezone", "/timezone"),
    ("/effective_from", "2019-11-31", "not-a-date", "/effective_from"),
    ("/effective_from", "2019-2-1", "not-a-date", "/effective_from"),
    ("/effective_from", "28/11/2019", "not-a-date", "/effective_from"),
    ("/effective_from", "1574899200", "not-a-date", "/effective_from"),
    ("/effective_from", 1574899200, "not-a-date", "/effective_from"),
    ("/effective_from", "1899-12-31", "out-of-range", "/effective_from"),
    ("/effective_from", "2200-01-01", "out-of-range", "/effective_from"),
    ("/parties", {}, "not-a-list", "/parties"),
    ("/parties/0", "scc", "not-an-object", "/parties/0"),
    ("/parties/0/id", "SCC", "wrong-form", "/parties/0/id"),
    ("/parties/0/roles", [], "wrong-length", "/parties/0/roles"),
    ("/parties/0/roles/0", "payer", "not-one-of", "/parties/0/roles/0"),
    (
        "/parties/0/identifiers",
        [{"scheme": "GB-COH", "id": "a b"}],
        "wrong-form",
        "/parties/0/identifiers/0/id",
    ),
    ("/signatories", ["scc", "spv"], "wrong-length", "/signatories"),
    ("/cohort/eligibility/age_max", 121, "out-of-range", "/cohort/eligibility/age_max"),
    ("/cohort/eligibility/age_max", "65", "not-a-whole-number", "/cohort/eligibility/age_max"),
    ("/cohort/eligibility/age_max", True, "not-a-whole-number", "/cohort/eligibility/age_max"),
    ("/cohort/eligibility/age_max", 65.0, "fractional-number", "/cohort/eligibility/age_max"),
    (
        "/cohort/eligibility/funded_by_commissioner",
        "yes",
        "not-true-or-false",
        "/cohort/eligibility/funded_by_commissioner",
    ),
    ("/cohort/participants_max", 0, "out-of-range", "/cohort/participants_max"),
    ("/cohort/participants_max", 2**53, "number-too-large", "/cohort/participants_max"),
    ("/cohort/participants_max", b"9", "not-json", "/cohort/participants_max"),
    ("/disputes", {"escalation": ["Board"]}, "not-an-object", "/disputes/escalation/0"),
    (
        "/disputes",
        {"escalation": [{"name": "Board", "working_days": 0}]},
        "out-of-range",
        "/disputes/escalation/0/working_days",
    ),
    ("/invoicing", {}, "missing-field", "/invoicing/vat"),
    (
        "/invoicing",
        {"vat": {"treatment": "exempt", "decided_on": "2024-04-01"}},
        "missing-field",
        "/invoicing/vat/rationale",
    ),
    (
        "/invoicing",
        {"vat": VAT | {"treatment": "zero"}},
        "not-one-of",
        "/invoicing/vat/treatment",
    ),
    ("/invoicing", {"vat": VAT | {"rate": 20}}, "not-text", "/invoicing/vat/rate"),
    ("/invoicing", {"vat": VAT | {"rationale": " "}}, "wrong-length", "/invoicing/vat/rationale"),
    *(
        (
            "/invoicing",
            {"vat": VAT, "purchase_orders": [ORDER | {"reference": reference}]},
            "wrong-form",
            "/invoicing/purchase_orders/0/reference",
        )
        for reference in ("", " PO1", "PO1 ", "x" * 36, "PO\n1", "PO\u00e9")
    ),
    ("/metrics/0", {"code": "ENG"}, "missing-field", "/metrics/0/kind"),
    ("/metrics/0", [], "not-an-object", "/metrics/0"),
    ("/metrics/0/kind", "lasting", "not-one-of", "/metrics/0/kind"),
    ("/metrics/0/code", "eng", "wrong-form", "/metrics/0/code"),
    ("/metrics/0/event", "moved", "not-one-of", "/metrics/0/event"),
    ("/metrics/0/length", 6, "unknown-field", "/metrics/0/length"),
    ("/metrics/2/length", 0, "out-of-range", "/metrics/2/length"),
    ("/metrics/2/length", MISSING, "missing-field", "/metrics/2/length"),
    ("/metrics/2/evidence", {}, "missing-field", "/metrics/2/evidence/type"),
    ("/metrics/2/evidence", "letter", "not-an-object", "/metrics/2/evidence"),
    ("/metrics/2/evidence/type", "Letter", "wrong-form", "/metrics/2/evidence/type"),
    ("/metrics/2/evidence/covers", "today", "not-one-of", "/metrics/2/evidence/covers"),
    ("/metrics/0/evidence/all_of", [], "wrong-length", "/metrics/0/evidence/all_of"),
    ("/metrics/0/evidence/any_of", [], "unknown-field", "/metrics/0/evidence/any_of"),
    ("/metrics/0/evidence/all_of/1/typ", "x", "unknown-field", "/metrics/0/evidence/all_of/1/typ"),
    (
        "/metrics/1/evidence/all_of/0/any_of/1/issuers",
        ["Landlord"],
        "wrong-form",
        "/metrics/1/evidence/all_of/0/any_of/1/issuers/0",
    ),
    ("/rate_card/0/prices/S06", "1,000.00", "not-an-amount", "/rate_card/0/prices/S06"),
    ("/rate_card/0/prices/S06", "-1.00", "not-an-amount", "/rate_card/0/prices/S06"),
    ("/rate_card/0/prices/S06", "1.0000", "not-an-amount", "/rate_card/0/prices/S06"),
    ("/rate_card/0/prices/S06", "\N{ARABIC-INDIC DIGIT ONE}", "not-an-amount",
     "/rate_card/0/prices/S06"),
    ("/rate_card/0/prices/S06", 1000, "not-text", "/rate_card/0/prices/S06"),
    ("/rate_card/0/prices/s06", "1.00", "wrong-form", "/rate_card/0/prices/s06"),
    ("/rate_card/0/prices", [], "not-an-object", "/rate_card/0/prices"),
    ("/rate_card/0/prices", {}, "wrong-length", "/rate_card/0/prices"),
    ("/funding/shares/0/share", "25%", "not-a-share", "/funding/shares/0/share"),
    ("/funding/shares/0/share", "1/0", "not-a-share", "/funding/shares/0/share"),
    ("/funding/shares/0/share", "1e-99999999", "not-a-share", "/funding/shares/0/share"),
    ("/funding/shares/0/share", "NaN", "not-a-share", "/funding/shares/0/share"),
    ("/funding/shares/0/share", "1.01", "out-of-range", "/funding/shares/0/share"),
    ("/funding/shares/0/share", "3/2", "out-of-range", "/funding/shares/0/share"),
    ("/funding/rounding", "bankers", "not-one-of", "/funding/rounding"),
    ("/funding/remainder_payer", None, "not-text", "/funding/remainder_payer"),
    ("/funding", MISSING, "missing-field", "/funding"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "code", "where"), BROKEN)
def test_a_broken_field_is_one_fault_at_its_place(
    second, gone, faults_of, place, value, code, where
):
    document = second({place: gone if value is MISSING else value})
    assert faults_of(document) == [(code, where)]


def test_all_faults_of_shape_come_together_and_in_the_order_of_the_model(second, gone, faults_of):
    document = second(
        {
            "/title": gone,
            "/metrics/0/kind": "lasting",
            "/parties/1/id": "LCF",
            "/funding/shares/0/share": "two",
            "/caps/person": 28000,
        }
    )
    assert faults_of(document) == [
        ("missing-field", "/title"),
        ("wrong-form", "/parties/1/id"),
        ("not-one-of", "/metrics/0/kind"),
        ("not-text", "/caps/person"),
        ("not-a-share", "/funding/shares/0/share"),
    ]


@pytest.mark.parametrize("document", [None, [], "terms", 1])
def test_a_document_is_an_object(faults_of, document):
    assert faults_of(document) == [("not-an-object", "")]


def test_field_names_are_printable_text(second, faults_of):
    assert faults_of(second({"/caps": {7: "1.00", "ok\x00": "1.00"}})) == [
        ("not-json", "/caps"),
        ("not-json", "/caps"),
    ]


def test_faults_of_plain_json_come_in_document_order(second, faults_of):
    changes = {"/cohort/participants_max": 1.5, "/signatories": [0.5, "scc", 2**60]}
    assert faults_of(second(changes)) == [
        ("fractional-number", "/signatories/0"),
        ("number-too-large", "/signatories/2"),
        ("fractional-number", "/cohort/participants_max"),
    ]


def test_deep_nesting_is_refused_without_recursion(second):
    deep: object = "x"
    for _ in range(50_000):
        deep = [deep]
    with pytest.raises(InputInvalid) as refused:
        parse_terms(second({"/notice": deep}))
    assert [fault.code for fault in refused.value.faults] == ["nested-too-deeply"]


def test_messages_say_what_to_write_and_not_what_was_written(second):
    secret = "Jane Doe, S1 2HH"
    with pytest.raises(InputInvalid) as refused:
        parse_terms(second({"/currency": secret, "/metrics/0/kind": secret, "/timezone": secret}))
    messages = [fault.message for fault in refused.value.faults]
    assert messages == [
        "Write three capitals, such as GBP.",
        "Name an IANA time zone such as Europe/London.",
        "Write one of 'event', 'sustained'.",
    ]


@given(st.lists(st.text(max_size=5) | st.integers(0, 9), max_size=5))
def test_pointers_can_be_read_back(parts):
    read = [part.replace("~1", "/").replace("~0", "~") for part in pointer(*parts).split("/")[1:]]
    assert read == [str(part) for part in parts]


@given(
    place=st.sampled_from(["title", "parties", "metrics", "rate_card", "caps", "funding"]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
        ),
        max_leaves=9,
    ),
)
def test_whatever_is_written_the_answer_is_terms_or_faults(place, value):
    faults = ()
    try:
        parse_terms(EXAMPLE | {place: value})
    except InputInvalid as error:
        faults = error.faults
    assert all(fault.pointer.startswith("/") and fault.message for fault in faults)

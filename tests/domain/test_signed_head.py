"""What is signed of heads, keys and deliveries, to the byte."""

import json
from datetime import UTC, date, datetime

from app.domain.signed_head import (
    Delivery,
    PublicKey,
    SignedHead,
    delivery_body,
    delivery_content,
    delivery_id,
    signed_bytes,
)

NOON = datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=UTC)
HEAD = SignedHead(
    "ex", date(2024, 2, 29), 412, "ab" * 32, 412, 7, "ef" * 32, NOON, "cd" * 16, "c2ln"
)


def test_the_statement_of_a_head_is_all_of_it_but_the_signature():
    assert signed_bytes(HEAD.statement()) == (
        b'{"access_hash":"' + b"ef" * 32 + b'","access_sequence":7,'
        b'"contract_id":"ex","count":412,"day":"2024-02-29",'
        b'"format":"outcomes-ledger-head/1","hash":"' + b"ab" * 32 + b'",'
        b'"key_id":"' + b"cd" * 16 + b'","sequence":412,'
        b'"signed_at":"2024-02-29T12:00:00.000005Z"}'
    )
    assert HEAD.document() == HEAD.statement() | {"signature": "c2ln"}


def test_the_head_of_the_services_own_chain_is_of_no_contract_and_has_no_journal():
    head = SignedHead.of_service(date(2024, 2, 29), (7, "ef" * 32), NOON, "cd" * 16)
    named = ("contract_id", "sequence", "count", "hash", "access_sequence", "access_hash")
    assert [head.document()[one] for one in named] == ["", 0, 0, "0" * 64, 7, "ef" * 32]
    assert head.document()["signature"] == ""


def test_the_statement_of_a_key_is_all_of_it_but_the_endorsement():
    key = PublicKey("12" * 16, "a2V5", NOON, "34" * 16, "c2ln")
    assert signed_bytes(key.statement()) == (
        b'{"created_at":"2024-02-29T12:00:00.000005Z","format":"outcomes-ledger-key/1",'
        b'"key_id":"' + b"12" * 16 + b'","previous_key_id":"' + b"34" * 16 + b'",'
        b'"public_key":"a2V5"}'
    )
    assert key.document() == key.statement() | {"endorsement": "c2ln"}
    assert PublicKey("12" * 16, "a2V5", NOON).document()["previous_key_id"] is None


def test_a_delivery_is_a_standard_webhooks_request():
    assert delivery_id(HEAD, "fund") == "head_ex_2024-02-29_fund"
    body = delivery_body(HEAD, "fund")
    assert json.loads(body) == {
        "type": "journal.head.signed",
        "timestamp": "2024-02-29T12:00:00.000005Z",
        "data": {"party": "fund", "head": HEAD.document()},
    }
    assert delivery_content("head_ex", 1709208000, "{}") == b"head_ex.1709208000.{}"
    assert Delivery("head_ex", 1709208000, "v1a,c2ln", "{}").document() == {
        "headers": {
            "content-type": "application/json",
            "webhook-id": "head_ex",
            "webhook-timestamp": "1709208000",
            "webhook-signature": "v1a,c2ln",
        },
        "body": "{}",
    }

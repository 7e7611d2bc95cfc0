"""Contracts and terms over HTTP."""


def test_a_contract_is_created_accepted_and_read(api):
    created = api.create()
    assert created.status_code == 201, created.text
    assert created.headers["location"] == f"{api.base}/terms/1"
    assert created.json()["outstanding"] == ["council", "spv", "provider"]
    api.accept()
    shown = api.get().json()
    assert shown["version_in_force"] == 1
    assert shown["head_sequence"] == 4

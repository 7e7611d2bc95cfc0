"""Schemathesis over the whole OpenAPI, as each kind of caller: no 5xx and no undocumented answer.

For every operation a few requests, some that fit its schema and some that do not, on a contract
with a history, with its real ids most of the time. The first goes out as every caller, the others
as some. `make explore` tries more than fits into the suite.
"""

import json
from itertools import count

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi.checks import UndefinedStatusCode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.application import openapi_text
from tests.fuzz.conftest import PARTY_OF, Fuzzed
from tests.tries import tries

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(json.loads(openapi_text()))
OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok() for found in SCHEMA.get_all_operations()
}
CALLERS = ["nobody", *(role.value for role in PARTY_OF)]
_CREDENTIALS = ("authorization", "cookie", "acting-party", "acting-person", "content-length")


@pytest.fixture(scope="module")
def session():
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_answer_is_documented(fuzzed: Fuzzed, session, operation_id):
    operation = OPERATIONS[operation_id]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )
    run = count()

    @settings(
        max_examples=tries(2),
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def ask(case, data):
        # Mostly what is there: a made-up contract is refused before anything else is looked at.
        for name, values in fuzzed.known.items():
            if name in (case.path_parameters or {}) and data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(values))
        if next(run):
            callers = data.draw(st.lists(st.sampled_from(CALLERS), min_size=2, max_size=2))
        else:
            callers = CALLERS
        sent = {k: v for k, v in (case.headers or {}).items() if k.lower() not in _CREDENTIALS}
        for caller in callers:
            case.headers = {**sent, **fuzzed.callers[caller]}
            answer = case.call(
                base_url=fuzzed.url, session=session, allow_redirects=False, timeout=30
            )
            case.validate_response(answer, checks=CHECKS)

    ask()


def test_a_failure_and_an_undocumented_answer_would_be_seen(fuzzed: Fuzzed):
    """The checks bite: the same answers, held against a description that leaves them out."""
    document = json.loads(openapi_text())
    del document["paths"]["/problems/{code}"]["get"]["responses"]["404"]
    operation = schemathesis.openapi.from_dict(document)["/problems/{code}"]["GET"]
    case = operation.Case(path_parameters={"code": "no-such-code"})
    answer = case.call(base_url=fuzzed.url)
    assert answer.status_code == 404
    with pytest.raises(FailureGroup) as found:
        case.validate_response(answer, checks=CHECKS)
    assert [type(one) for one in found.value.exceptions] == [UndefinedStatusCode]

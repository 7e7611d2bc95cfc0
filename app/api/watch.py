"""What the access log is told of a request: people's data given, a file taken away, a refusal.

A write that the journal has is not told again; a dry run of one, and a repetition that is answered
with the first answer, are looks like any other. Failures to sign in go to the service's own chain.
The entry is made before the first byte of the answer is sent, in one insert: what cannot be entered
is not shown. Names are read out of the answer itself, so that no endpoint can forget to tell them.
"""

import json
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from app.api.edge import Edge, edge_of
from app.api.fields import CONTRACT_PATTERN, PARTY_PATTERN, PERSON_PATTERN, RECORD_PATTERN
from app.api.permit import READING, Asked
from app.api.policy import may_see_people
from app.domain.access import Principal
from app.domain.sight import Sight
from app.service import accesses, failed_sign_ins
from app.storage.access_log import Access

NOBODY_NAMED = "(nobody named)"
"""Who reads on the service's own machine without saying so."""

ANY_CREDENTIAL = "(credential)"
"""The operation of a refused key, token or session, which is looked at before the address is."""

_UNAUTHORISED, _REFUSED, _UNKNOWN, _TOO_MANY = 401, 403, 404, 429
_FAILED = 400
_ASKED_TOO_OFTEN = "too-many-requests"
_NOT_RECORDED = frozenset({b"dry-run", b"idempotency-replayed"})
_OF_CONTRACT = re.compile(r"/v1/contracts/([^/]+)(?:/|$)")
_OF_PARTICIPANT = re.compile(r"/participants/([^/]+)")
_PARTICIPANT = re.compile(rb'"participant_id":"([^"\\]*)"')


class Watched:
    """Sends one answer on, after the access log has been told what it gives."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._held: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Send a message of the answer, or hold its head until its first part is there."""
        if message["type"] == "http.response.start" and self._tells(message):
            self._held = message
            return
        if self._held is not None:
            held, self._held = self._held, None
            body, whole = message.get("body", b""), not message.get("more_body", False)
            await self._enter(held, body, whole=whole)
            await self._send(held)
        await self._send(message)

    async def _enter(self, head: Message, body: bytes, *, whole: bool) -> None:
        edge: Edge = edge_of(self._scope["app"])
        if edge.counted_failures.is_time(edge.reception.clock()):
            await run_in_threadpool(failed_sign_ins.enter_counted, edge.reception)
        if self._scope.get("signed_in") is None:
            await self._enter_failure(edge, str(json.loads(body)["code"]))
        elif access := self._access(head, body, whole=whole):
            await run_in_threadpool(accesses.enter, edge.reception, access)

    def _tells(self, head: Message) -> bool:
        asked: Asked | None = self._scope.get("asked")
        status: int = head["status"]
        if self._scope.get("signed_in") is None:
            return status in {_UNAUTHORISED, _REFUSED, _TOO_MANY}
        if status in {_UNAUTHORISED, _REFUSED}:
            return True
        if asked is None:
            return False
        if status == _UNKNOWN:
            return asked.rule.personal  # who asks for people that are not theirs is told this
        if status >= _FAILED or (self._scope["method"] not in READING and _is_recorded(head)):
            return False
        return asked.rule.export or self._shows_people(asked)

    def _shows_people(self, asked: Asked) -> bool:
        """Whether the answer was made with a sight of people: what was shown, not who asked."""
        sights: list[Sight] = self._scope.get("sights", [])
        given = not sights or any(sight is not Sight.AGGREGATE for sight in sights)
        return given and may_see_people(asked.rule, self._scope["roles"])

    async def _enter_failure(self, edge: Edge, code: str) -> None:
        if code == _ASKED_TOO_OFTEN:
            return  # nobody has tried to sign in
        asked: Asked | None = self._scope.get("asked")
        operation = ANY_CREDENTIAL if asked is None else asked.operation
        note = failed_sign_ins.note_failure
        await run_in_threadpool(note, edge.reception, operation, code)

    def _access(self, head: Message, body: bytes, *, whole: bool) -> Access | None:
        """The entry, or None for a list that turned out empty."""
        principal: Principal = self._scope["signed_in"].principal
        asked: Asked | None = self._scope.get("asked")
        headers = Headers(scope=self._scope)
        refused = head["status"] >= _FAILED
        code = str(json.loads(body)["code"]) if refused else None
        contract_id = self._contract_id()
        people = self._asked_for()
        if not refused and asked is not None and asked.rule.personal:
            given = {one.decode() for one in _PARTICIPANT.findall(body)} if whole else set()
            if whole and not given and not people and b'"items":[]' in body:
                return None
            people = tuple(sorted({*people, *given}))
        anybody = not refused and asked is not None and self._shows_people(asked)
        # What has no chain of its own goes to the service's: anybody can make up contracts.
        known = contract_id is not None and code != "contract-unknown"
        chain = contract_id if known and self._belongs(principal, contract_id or "") else ""
        return Access(
            chain=chain or accesses.SERVICE_CHAIN,
            at=edge_of(self._scope["app"]).reception.clock(),
            who=_who(principal, headers),
            party=_party(principal, contract_id, headers),
            operation="(no such address)" if asked is None else asked.operation,
            contract_id=contract_id,
            participants=None if anybody and not people else people,
            outcome="refused" if refused else "allowed",
            code=code,
        )

    def _contract_id(self) -> str | None:
        found = _OF_CONTRACT.match(self._scope["path"])
        return found[1] if found and re.fullmatch(CONTRACT_PATTERN, found[1]) else None

    def _belongs(self, principal: Principal, contract_id: str) -> bool:
        return principal.trusted or bool(principal.on(contract_id))

    def _asked_for(self) -> tuple[str, ...]:
        """The participant in the address, if it names one, or whom the endpoint has told."""
        told: tuple[str, ...] = self._scope.get("shown", ())
        # Out of the address itself: a refusal by role comes before the route is known.
        of_path = _OF_PARTICIPANT.search(self._scope["path"])
        named = of_path[1] if of_path else None
        if named is None:
            found = re.search(rb"(?:^|&)participant_id=([^&]*)", self._scope["query_string"])
            named = found[1].decode("ascii", "replace") if found else None
        if named is not None and re.fullmatch(RECORD_PATTERN, named):
            told = (*told, named)
        return told


def _is_recorded(head: Message) -> bool:
    """Whether the answer to a write is that of one that was made: the journal names it."""
    return not any(name in _NOT_RECORDED for name, _ in head["headers"])


def _who(principal: Principal, headers: Headers) -> str:
    if not principal.trusted:
        return principal.id
    named = headers.get("acting-person", "")
    return named if re.fullmatch(PERSON_PATTERN, named) else NOBODY_NAMED


def _party(principal: Principal, contract_id: str | None, headers: Headers) -> str | None:
    named = headers.get("acting-party")
    if named is not None:
        return named if re.fullmatch(PARTY_PATTERN, named) else None
    own = principal.parties_on(contract_id) if contract_id else ()
    return own[0] if len(own) == 1 else None

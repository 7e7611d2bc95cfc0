"""What endpoints are given: the context, who acts, the page asked for, and how a write is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app.api.cursor import decoded, encoded
from app.api.edge import Edge, edge_of
from app.api.errors import RequestInvalid
from app.api.fields import PARTY_PATTERN, PERSON_PATTERN, Day
from app.api.permit import Asked, mandate_of, require_permitted
from app.api.policy import most_by_roles
from app.api.sign_in import acting, reading
from app.domain.access import AccessRole, Principal
from app.domain.errors import PreconditionMissing
from app.domain.parties import Actor
from app.service.command import Command, Done, Idempotency
from app.service.context import Context
from app.service.reception import Reception, SignedIn
from app.storage.idempotency import StoredReply

A = TypeVar("A")

LIMIT_DEFAULT, LIMIT_MAX = 50, 200
_KEY_MAX = 255
_JSON = "application/json"


async def edge(request: Request) -> Edge:
    """The HTTP edge's surroundings."""
    return edge_of(request.app)


EdgeDep = Annotated[Edge, Depends(edge)]


def true_or_false(value: Any) -> bool:
    """Only the words true and false: "yes", "on" and 1 are somebody's guess."""
    if value not in ("true", "false", True, False):
        raise PydanticCustomError("not_true_or_false", "Write true or false, in lower case.")
    return value in ("true", True)


ActingParty = Annotated[
    str | None,
    Header(
        description="The id, in the contract's terms, of the party that acts. It chooses among the "
        "parties for which the caller has a role; left out: the only one.",
        pattern=PARTY_PATTERN,
        examples=["provider"],
    ),
]
ActingPerson = Annotated[
    str | None,
    Header(
        description="The work identifier of the person who acts, where there is no sign-in (in the "
        "demo, and on the service's own machine); elsewhere whoever signed in acts.",
        pattern=PERSON_PATTERN,
        examples=["worker-1"],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Required. A key of 1 to 255 visible ASCII characters that the caller makes "
        "once for this request; the same request with the same key is answered as it was first.",
        examples=["5b8f7a52-4d5c-4a7e-9d0e-0c8f4b9b6c11"],
    ),
]
TrueOrFalse = Annotated[bool, BeforeValidator(true_or_false)]
DryRun = Annotated[
    TrueOrFalse,
    Query(
        description="true: check and answer what would be recorded, and record nothing.",
        examples=[False],
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        description='The ETag of the record as last read, such as "12" with its quotes.',
        examples=['"12"'],
    ),
]


async def signed_in(request: Request) -> SignedIn:
    """Who is asking, as RequestFrame found out before anything else of the request was read."""
    found: SignedIn | None = request.scope["signed_in"]
    if found is None:
        raise AssertionError("an address that is open to anybody has no principal")
    return found


async def reception(request: Request) -> Reception:
    """The service's door."""
    return edge_of(request.app).reception


ReceptionDep = Annotated[Reception, Depends(reception)]
SignedInDep = Annotated[SignedIn, Depends(signed_in)]


async def principal(found: SignedInDep) -> Principal:
    """Who is asking, with the grants in force now."""
    return found.principal


PrincipalDep = Annotated[Principal, Depends(principal)]


async def context(
    request: Request,
    principal: PrincipalDep,
    acting_party: Annotated[
        str | None,
        Header(
            description="The id, in the contract's terms, of the party that acts or reads; it is "
            "shown what its roles let it see. It chooses among the parties for which the caller "
            "has a role; left out: the only one. Where there is no sign-in, whoever leaves it out "
            "of a reading request reads as the operator.",
            pattern=PARTY_PATTERN,
            examples=["provider"],
        ),
    ] = None,
) -> Context:
    """The service's surroundings, as the reading party sees them: one of the principal's own.

    Acting headers are believed of a trusted principal only, which sees everything without them.
    """
    reader = reading(principal, request.path_params.get("contract_id"), acting_party)
    among = None if principal.trusted else principal.contracts
    return replace(
        edge_of(request.app).context,
        reader=reader,
        among=among,
        most=most_by_roles(request.scope["roles"]),
        tell=request.scope.setdefault("sights", []).append,
        audits=AccessRole.AUDITOR in request.scope["roles"],
    )


ContextDep = Annotated[Context, Depends(context)]


async def actor(
    request: Request,
    principal: PrincipalDep,
    acting_party: ActingParty = None,
    acting_person: ActingPerson = None,
) -> Actor:
    """Who acts, for one of the parties for which they may write."""
    contract_id = request.path_params.get("contract_id")
    return acting(principal, contract_id, acting_party, acting_person)


ActorDep = Annotated[Actor, Depends(actor)]


@dataclass(slots=True)
class Write:
    """One writing request: who, with which key, for real or as a dry run."""

    context: Context
    principal: Principal
    actor: Actor
    key: str
    fingerprint: str
    dry_run: bool
    expected_version: int | None
    asked: Asked
    late_reason: str | None = field(default=None, init=False)
    _reply: StoredReply | None = field(default=None, init=False)

    def answer(
        self,
        contract_id: str,
        perform: Callable[[Command], Done[A]],
        shape: Callable[[A, int], BaseModel],
        location: Callable[[A], str] | None = None,
    ) -> Response:
        """Run one command and answer it: 201 with Location for something new, 200 otherwise.

        `shape` makes the answer of the service's answer and the record's version.
        """
        # Once more, because a contract that is being created stands in the body.
        require_permitted(self.asked, self.principal, contract_id, self.actor.party, "POST")

        def render(answered: Any, version: int) -> StoredReply:
            headers = {"content-type": _JSON, "etag": f'"{version}"'}
            if location is not None:
                headers["location"] = location(answered)
            body = shape(answered, version).model_dump_json()
            self._reply = StoredReply(200 if location is None else 201, headers, body)
            return self._reply

        # A reply that shows people is not replayed to a colleague in a role that sees none.
        fingerprint = f"{self.fingerprint}:{self.context.most}"
        kept = Idempotency(self.key, fingerprint, render)
        command = Command(
            contract_id,
            self.actor,
            self.dry_run,
            kept,
            self.expected_version,
            self.late_reason,
            mandate_of(self.asked, self.principal, contract_id, self.actor.party),
        )
        done = perform(command)
        if done.replay is not None:
            return _response(done.replay, {"idempotency-replayed": "true"})
        if self.dry_run:
            body = shape(done.answer, done.version).model_dump_json()  # type: ignore[arg-type]
            return Response(body, 200, {"dry-run": "true"}, _JSON)
        if self._reply is None:
            raise AssertionError("a command that is done has rendered its reply")
        return _response(self._reply, {})


async def dry_run(
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
) -> bool:
    """Whether to record nothing, for writes that belong to no contract."""
    return dry_run


DryRunDep = Annotated[bool, Depends(dry_run)]


async def write(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    actor: ActorDep,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
) -> Write:
    """A writing request, whose key is required and whose If-Match is optional."""
    key = _checked_key(idempotency_key)
    expected = None if if_match is None else _version_of(if_match)
    fingerprint, asked = request.scope["fingerprint"], request.scope["asked"]
    return Write(context, principal, actor, key, fingerprint, dry_run, expected, asked)


async def versioned_write(write: Annotated[Write, Depends(write)]) -> Write:
    """A writing request that must say which version of the record it read."""
    if write.expected_version is None:
        raise PreconditionMissing(
            "if-match-missing",
            "Send If-Match with the ETag of the record as you read it, so that you decide on what "
            "you have seen.",
        )
    return write


WriteDep = Annotated[Write, Depends(write)]
VersionedWriteDep = Annotated[Write, Depends(versioned_write)]


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that is asked for: at most `limit` items after a place."""

    limit: int
    cursor: str | None
    url: str
    query: tuple[tuple[str, str], ...]

    def after(self, start: Any) -> Any:
        """The place to go on from; `start` (of the same type) when there is no cursor."""
        return start if self.cursor is None else decoded(self.cursor, start)

    def answer(
        self,
        found: Sequence[A],
        key: Callable[[A], Any],
        shape: Callable[[list[A], str | None], BaseModel],
    ) -> Response:
        """Answer up to `limit` of the items found (the reader asks for one more than that).

        The cursor of the next page names the last item, so that new items never shift a page.
        """
        items = list(found[: self.limit])
        following = key(items[-1]) if len(found) > self.limit else None
        return self.answer_with(following, lambda cursor: shape(items, cursor))

    def answer_with(
        self, following: Any | None, shape: Callable[[str | None], BaseModel]
    ) -> Response:
        """Answer a page that its reader has cut; `following` is the place to go on from, if any."""
        if following is None:
            return shown(shape(None))
        cursor = encoded(following)
        query = [pair for pair in self.query if pair[0] != "cursor"]
        answer = shown(shape(cursor))
        answer.headers["link"] = (
            f'<{self.url}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'
        )
        return answer


async def page(
    request: Request,
    limit: Annotated[
        int, Query(description="Items wanted, 1 to 200.", ge=1, le=LIMIT_MAX, examples=[50])
    ] = LIMIT_DEFAULT,
    cursor: Annotated[
        str | None,
        Query(
            description="`next_cursor` of the page before; opaque.",
            max_length=1000,
            examples=["WyJQLTAwNDIiXQ"],
        ),
    ] = None,
) -> Page:
    """The page asked for."""
    query = tuple(request.query_params.multi_items())
    return Page(limit, cursor, request.url.path, query)


PageDep = Annotated[Page, Depends(page)]

KnownOn = Annotated[
    Day | None,
    Query(
        description="As known at the end of this day in the contract's time zone; left out: now.",
        examples=["2021-12-31"],
    ),
]
EffectiveTo = Annotated[
    Day | None,
    Query(description="Effective up to and including this day.", examples=["2021-12-31"]),
]
AsOf = Annotated[
    Day | None, Query(description="As of this day; left out: today.", examples=["2021-12-31"])
]


def shown(answer: BaseModel, version: int | None = None) -> Response:
    """The answer to a reading request, with its ETag where the record has a version."""
    headers = {} if version is None else {"etag": f'"{version}"'}
    return Response(answer.model_dump_json(), headers=headers, media_type=_JSON)


def _response(reply: StoredReply, more: dict[str, str]) -> Response:
    return Response(reply.body, reply.status, {**reply.headers, **more})


def _checked_key(key: str | None) -> str:
    if key is None:
        raise PreconditionMissing(
            "idempotency-key-missing",
            "Send an Idempotency-Key: a new one for a new request, the same one to try again.",
        )
    if not 1 <= len(key) <= _KEY_MAX or not all("!" <= letter <= "~" for letter in key):
        message = "A key has 1 to 255 visible ASCII characters."
        raise RequestInvalid("header", "Idempotency-Key", "wrong-form", message)
    return key


def _version_of(tag: str) -> int:
    digits = tag[1:-1]
    quoted = len(tag) > 2 and tag[0] == tag[-1] == '"'
    if not quoted or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        message = 'Give one ETag as this service sent it, such as "12" with its quotes.'
        raise RequestInvalid("header", "If-Match", "wrong-form", message)
    return int(digits)

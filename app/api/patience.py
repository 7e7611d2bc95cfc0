"""How long the service waits for the other side, so that slow ones do not hold it.

How long a connection may take to state its request is the server's matter (app/cli/http_protocol).
"""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Receive, Send

from app.domain.errors import TooSlow

IDLE_SECONDS = 30.0
"""Between two parts of a body, or until a reader has taken a part of an answer."""


class ReaderGone(Exception):
    """Whoever asked no longer reads; only closing the connection is left."""


def patient_receive(
    receive: Receive, body_seconds: float, idle_seconds: float = IDLE_SECONDS
) -> Receive:
    """`receive`, which raises TooSlow `request-too-slow` for a body that does not come.

    The whole body has `body_seconds`, from its first part asked for; each part `idle_seconds`.
    After the body's end it waits for ever: that is how an answer hears that its reader has gone.
    """
    loop = asyncio.get_running_loop()
    ends: float | None = None
    complete = False

    async def received() -> Message:
        nonlocal ends, complete
        if complete:
            return await receive()
        now = loop.time()
        ends = now + body_seconds if ends is None else ends
        try:
            async with asyncio.timeout_at(min(ends, now + idle_seconds)):
                message = await receive()
        except TimeoutError as error:
            text = "The body did not arrive in time; send it again, in smaller parts or faster."
            raise TooSlow("request-too-slow", text) from error
        complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return received


def patient_send(
    send: Send, sent: Callable[[Message], None], idle_seconds: float = IDLE_SECONDS
) -> Send:
    """`send`, after showing each message to `sent`, which raises ReaderGone for one not taken.

    Only answers in several parts can fill the connection; the others are not timed.
    """

    async def sending(message: Message) -> None:
        sent(message)
        if not message.get("more_body", False):
            await send(message)
            return
        try:
            async with asyncio.timeout(idle_seconds):
                await send(message)
        except TimeoutError as error:
            raise ReaderGone from error

    return sending

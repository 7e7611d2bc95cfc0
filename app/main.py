"""The composition root: settings in, one application out."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from uuid_utils import uuid7

from app.api.application import build, openapi_text
from app.api.edge import Edge
from app.api.middleware import sandbox_or
from app.service.context import Context
from app.settings import Mode, Settings
from app.storage.engine import Engine, make_engine
from app.storage.evidence_files import EvidenceFiles
from app.storage.migrate import require_current

__all__ = ["create_app", "make_context", "openapi_text"]


def create_app(
    settings: Settings,
    engine: Engine | None = None,
    clock: Callable[[], datetime] | None = None,
) -> FastAPI:
    """The HTTP application of these settings.

    Tests pass the engine and the clock that they move. An engine made here is closed with the
    application.
    """
    logging.getLogger("outcomes").setLevel(settings.log_level.value.upper())
    context = make_context(settings, engine, clock)
    edge = Edge(
        context=context,
        trusts_acting_headers=settings.acting_headers_trusted,
        sandbox=settings.mode is Mode.DEMO,
        check_ready=lambda: require_current(context.engine),
    )
    app = build(edge)
    if engine is None:
        app.router.lifespan_context = _closing(context.engine)
    return app


def make_context(
    settings: Settings,
    engine: Engine | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Context:
    """What every use case is given. Raises ValueError when the settings name no database."""
    if engine is None:
        if settings.database_url is None:
            raise ValueError("the settings name no database; start the local PostgreSQL first")
        engine = make_engine(
            settings.database_url.get_secret_value(),
            settings.pool_size,
            settings.statement_timeout_ms,
        )
    return Context(
        engine=engine,
        clock=sandbox_or(clock or _now),
        new_id=lambda: str(uuid7()),
        files=EvidenceFiles(settings.evidence_dir, settings.evidence_max_bytes),
        signing_key_file=settings.signing_key_file,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _closing(engine: Engine) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    return lifespan

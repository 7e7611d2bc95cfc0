"""The composition root: settings in, one application out."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from uuid_utils import uuid7

from app.api.application import build, openapi_text
from app.api.edge import Edge
from app.api.middleware import sandbox_or
from app.api.request_limits import Buckets, RequestLimits
from app.api.security_headers import BARE
from app.domain.errors import Unavailable
from app.identity.issuer import Issuer
from app.identity.providers import ProvidersError, load_providers
from app.identity.sealing import Sealer, SealingKeyError
from app.service.context import Context
from app.service.failed_sign_ins import enter_counted
from app.service.reception import Reception
from app.service.upload_rules import UploadRules
from app.settings import Mode, Settings, SettingsError
from app.storage.engine import Engine, make_engine
from app.storage.evidence_files import EvidenceFiles
from app.storage.malware import Clamd, MalwareGate
from app.storage.master_keys import MasterKeys
from app.storage.migrate import require_current
from app.storage.vault import Vault

__all__ = ["BARE", "create_app", "make_context", "make_reception", "make_vault", "openapi_text"]


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
        reception=make_reception(settings, context.engine, clock),
        trusts_acting_headers=settings.acting_headers_trusted,
        sandbox=settings.mode is Mode.DEMO,
        check_ready=lambda: require_current(context.engine),
        limits=_limits(settings),
        proxies=settings.trusted_proxies or (),
        always_over_tls=settings.always_over_tls,
        body_seconds=settings.body_seconds,
    )
    app = build(edge)
    app.router.lifespan_context = _closing(edge, context.engine if engine is None else None)
    return app


def _limits(settings: Settings) -> RequestLimits:
    of_address, of_principal = settings.request_limits
    return RequestLimits(
        addresses=Buckets(of_address, time.monotonic),
        principals=Buckets(of_principal, time.monotonic),
    )


def make_context(
    settings: Settings,
    engine: Engine | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Context:
    """What every use case is given. Raises ValueError when the settings name no database."""
    if engine is None:
        engine = make_engine(
            settings.read_database_url(),
            settings.pool_size,
            settings.statement_timeout_ms,
            settings.read_database_url if settings.database_url_file else None,
        )
    return Context(
        engine=engine,
        clock=sandbox_or(clock or _now),
        new_id=lambda: str(uuid7()),
        files=EvidenceFiles(
            settings.evidence_dir, settings.evidence_max_bytes, make_vault(settings)
        ),
        signing_key_file=settings.signing_key_file,
        uploads=_upload_rules(settings),
    )


def make_vault(settings: Settings) -> Vault:
    """What seals evidence files and notes. Raises SettingsError for a key that cannot be used."""
    if settings.master_key is not None:
        masters = MasterKeys.from_text(settings.master_key.get_secret_value())
        return Vault(settings.evidence_dir, masters)
    named = "master_key_file" in settings.model_fields_set
    path = settings.master_key_file
    vault = Vault.with_key_file(settings.evidence_dir, path, may_make=not named)
    if named:
        try:
            vault.masters.check()
        except ValueError as error:
            raise SettingsError(f"OUTCOMES_MASTER_KEY_FILE: {error}.") from error
    return vault


def _upload_rules(settings: Settings) -> UploadRules:
    address = settings.malware_scanner
    gate = MalwareGate(None if address is None else Clamd(address), settings.unscanned)
    return UploadRules(
        gate,
        settings.evidence_party_files_max,
        settings.evidence_party_bytes_max,
        settings.download_link_seconds,
        settings.unnamed_files_hours,
    )


def make_reception(
    settings: Settings, engine: Engine, clock: Callable[[], datetime] | None = None
) -> Reception:
    """What signing in is given. Raises SettingsError for files that cannot be used."""
    sealer = Sealer(
        settings.sign_in_key_file, may_make="sign_in_key_file" not in settings.model_fields_set
    )
    try:
        providers = load_providers(settings.identity_providers_file)
        if "sign_in_key_file" in settings.model_fields_set:
            sealer.check()
    except (ProvidersError, SealingKeyError) as error:
        raise SettingsError(str(error)) from error
    return Reception(
        engine=engine,
        clock=clock or _now,
        new_id=lambda: str(uuid7()),
        issuers={one.name: Issuer(one, time.monotonic) for one in providers},
        sealer=sealer,
        session_idle=timedelta(minutes=settings.session_idle_minutes),
        session_absolute=timedelta(hours=settings.session_hours),
        public_url=settings.public_url,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _closing(
    edge: Edge, engine: Engine | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        try:
            # Where the database is away, they wait in it for the next start.
            with suppress(Unavailable):
                await run_in_threadpool(enter_counted, edge.reception, stopping=True)
        finally:
            if engine is not None:
                engine.dispose()

    return lifespan

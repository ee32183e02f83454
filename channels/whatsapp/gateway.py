"""The gateway: verify, take in once, acknowledge. No model and no SQL on a message's way.

Run with `python -m channels.whatsapp.gateway`; listens on BAHI_PORT.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, html, json, raw, text

from channels.razorpay import razorpay_blueprint
from channels.whatsapp import keys
from channels.whatsapp.crypto import Vault
from channels.whatsapp.inbound import Parsed
from channels.whatsapp.inbox import BOUND, Full, Inbox
from channels.whatsapp.leases import roll_call
from channels.whatsapp.logs import configure_logging
from channels.whatsapp.metrics import GatewayMetrics, read_tallies
from channels.whatsapp.running import settings_or_end
from channels.whatsapp.store import OUTAGES, connect
from channels.whatsapp.webhook import BODY_LIMIT, Busy, webhook_blueprint
from erp_core.kernel import memory
from erp_core.kernel.settings import Settings

logger = logging.getLogger(__name__)

READY_SECONDS = 1.0
"""A readiness answer is good for so long, however many ask."""

NO_SUCH_BILL = Path(__file__).with_name("pages") / "no_such_bill.html"
"""What whoever holds a wrong link to a bill sees."""

PREFIX = "/webhooks/whatsapp"


def create_app(settings: Settings) -> Sanic:
    """The gateway's application. It connects when it starts."""
    app = Sanic("bahi_gateway", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BODY_LIMIT
    app.config.ACCESS_LOG = False
    app.config.KEEP_ALIVE_TIMEOUT = 75
    gateway = Gateway(settings)
    app.ctx.gateway = gateway
    webhook = webhook_blueprint(
        app_secret=settings.whatsapp_app_secret,
        verify_token=settings.whatsapp_verify_token,
        accept=gateway.accept,
        observe=gateway.observe,
    )
    app.blueprint(webhook, url_prefix=PREFIX)
    app.blueprint(
        razorpay_blueprint(
            open_bahi=gateway.open_bahi, secret_key=settings.secret_key, threads=gateway.threads
        ),
        url_prefix="/webhooks/razorpay",
    )
    app.add_route(gateway.healthz, "/healthz")
    app.add_route(gateway.readyz, "/readyz")
    app.add_route(gateway.metrics_page, "/metrics")
    app.add_route(gateway.invoice, "/i/<token:str>")
    app.register_listener(gateway.open, "before_server_start")
    app.register_listener(gateway.close, "after_server_stop")
    app.register_middleware(_start_timing, "request")
    app.register_middleware(gateway.time_posts, "response")
    return app


async def _start_timing(request: Request) -> None:
    request.ctx.started = time.perf_counter()


class Gateway:
    """The handlers and what they share."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = GatewayMetrics()
        self.threads = ThreadPoolExecutor(4, thread_name_prefix="gateway")
        self._bahi: Any = None
        self._ready: tuple[float, dict[str, bool]] = (0.0, {})

    async def open(self, *_: Any) -> None:
        """Connect to the queue; a queue that is down is waited for by /readyz, not here."""
        self.redis = connect(self.settings.redis_url or "")
        bound = int(os.environ.get("BAHI_INBOX_BOUND") or BOUND)
        self.inbox = Inbox(self.redis, Vault(self.settings.secret_key), bound=bound)

    async def close(self, *_: Any) -> None:
        """Let go of the connections."""
        await self.redis.close()
        self.threads.shutdown(wait=False)

    async def accept(self, parsed: Parsed) -> None:
        """Put a post's updates into the inbox."""
        try:
            await self.inbox.put(parsed.messages, parsed.statuses)
        except Full:
            raise Busy from None
        except (*OUTAGES, RedisError) as error:
            logger.error("the queue does not answer: %s", type(error).__name__)
            raise Busy from None

    def observe(self, status: int, parsed: Parsed | None) -> None:
        """Count a post and what was in it."""
        self.metrics.posts.labels(str(status)).inc()
        if parsed is not None:
            for message in parsed.messages:
                self.metrics.updates.labels(message.kind).inc()
            if parsed.statuses:
                self.metrics.updates.labels("status").inc(len(parsed.statuses))
            for notice in parsed.notices:
                self.metrics.updates.labels(f"notice_{notice}"[:48]).inc()

    async def time_posts(self, request: Request, _response: HTTPResponse) -> None:
        """Measure how long a post took to acknowledge."""
        if request.path.startswith(PREFIX) and hasattr(request.ctx, "started"):
            self.metrics.seconds.observe(time.perf_counter() - request.ctx.started)

    async def healthz(self, _: Request) -> HTTPResponse:
        """Alive."""
        return text("ok")

    async def readyz(self, _: Request) -> HTTPResponse:
        """200 when database, queue and a worker with a model are there; else 503."""
        at, parts = self._ready
        if time.monotonic() - at > READY_SECONDS:
            parts = await self._look()
            self._ready = (time.monotonic(), parts)
        return json(parts, status=200 if all(parts.values()) else 503)

    async def _look(self) -> dict[str, bool]:
        database, (queue, model) = await asyncio.gather(
            asyncio.get_running_loop().run_in_executor(self.threads, self._database_answers),
            self._queue_and_model(),
        )
        return {"database": database, "queue": queue, "model": model}

    def _database_answers(self) -> bool:
        try:
            with self.open_bahi().database.plain() as connection:
                connection.exec_driver_sql("SELECT 1")
        except Exception as error:
            logger.warning("the database does not answer: %s", type(error).__name__)
            return False
        return True

    async def _queue_and_model(self) -> tuple[bool, bool]:
        try:
            workers = await roll_call(self.redis, keys.WORKERS)
        except (*OUTAGES, RedisError):
            return False, False
        return True, any(worker.get("model") for worker in workers)

    def open_bahi(self) -> Any:
        """Bahi, opened when it is first needed. Raises Unavailable."""
        if self._bahi is None:
            from erp_core.runtime import Bahi

            self._bahi = Bahi.open(self.settings, pool_size=2)
        return self._bahi

    async def metrics_page(self, _: Request) -> HTTPResponse:
        """Counters of all processes, in Prometheus' format."""
        tallies: dict[str, float] = {}
        gauges: dict[str, dict[str, float]] = {}
        try:
            tallies = await read_tallies(self.redis)
            depth = await self.inbox.depth()
            gauges["bahi_inbox_messages"] = {f"P{p}": count for p, count in enumerate(depth)}
            gauges["bahi_stream_entries"] = {
                "dead": await self.redis.xlen(keys.DEAD),
                "statuses": await self.redis.xlen(keys.STATUSES),
            }
            gauges["bahi_workers"] = {"alive": len(await roll_call(self.redis, keys.WORKERS))}
        except (*OUTAGES, RedisError):
            gauges["bahi_queue_up"] = {"redis": 0}
        page = self.metrics.page(tallies, gauges)
        return raw(page, content_type="text/plain; version=0.0.4; charset=utf-8")

    async def invoice(self, _: Request, token: str) -> HTTPResponse:
        """An invoice as PDF for whoever holds its signed link."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self.threads, self._render_invoice, token)
        if found is None:
            return html(NO_SUCH_BILL.read_text(encoding="utf-8"), status=404)
        number, pdf = found
        headers = {
            "Content-Disposition": f'inline; filename="{number}.pdf"',
            "Cache-Control": "private, no-store",
        }
        return raw(pdf, content_type="application/pdf", headers=headers)

    def _render_invoice(self, token: str) -> tuple[str, bytes] | None:
        from channels.whatsapp.attachments import invoice_of_link

        return invoice_of_link(self.open_bahi(), self.settings, token)


def main() -> None:
    """Serve until told to stop."""
    settings = settings_or_end()
    configure_logging("gateway")
    app = create_app(settings)
    host = os.environ.get("BAHI_HOST") or "127.0.0.1"
    memory.settle()
    app.run(host=host, port=settings.port, access_log=False, debug=False, motd=False, backlog=1024)


if __name__ == "__main__":
    main()

"""Puts the simulator together and serves it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, file, json

from erp_core.kernel.settings import Settings
from simulator import control, graph, trace
from simulator.clock import TurnableClock
from simulator.phone import Phone
from simulator.shops import read_shop_file
from simulator.webhooks import Webhooks
from simulator.world import World

STATIC = Path(__file__).with_name("static")
LARGEST_REQUEST = 105 * 1024 * 1024


def create_app(settings: Settings, *, shops: Iterable[Path], webhook_url: str) -> Sanic:
    """The simulator as a Sanic application."""
    app = Sanic("bahi-simulator", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST
    app.config.RESPONSE_TIMEOUT = 120
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.FALLBACK_ERROR_FORMAT = "json"

    world = World(TurnableClock(settings.now))
    for path in shops:
        world.add_shop(*read_shop_file(path))
    webhooks = Webhooks(world, webhook_url, settings.whatsapp_app_secret)
    phone = Phone(world, webhooks)
    controls = control.Control(
        world,
        phone,
        webhooks,
        data_dir=settings.data_dir,
        verify_token=settings.whatsapp_verify_token,
    )
    app.blueprint(graph.blueprint(graph.Graph(world, phone, settings.whatsapp_access_token)))
    app.blueprint(control.blueprint(controls))
    app.ctx.phone = phone
    _serve_page(app)

    @app.on_request
    async def only_this_page(request: Request) -> HTTPResponse | None:
        """Another site's page, open in the same browser, must not hold these phones."""
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != request.host:
            return json({"error": "this comes from another site"}, status=403)
        return None

    @app.before_server_start
    async def start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        if settings.trace:
            app.ctx.trace = loop.create_task(trace.listen(world))

    @app.after_server_stop
    async def stop(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        if settings.trace:
            app.ctx.trace.cancel()
        await webhooks.close()

    return app


def _serve_page(app: Sanic) -> None:
    @app.get("/")
    async def page(_: Request) -> HTTPResponse:
        return await file(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    @app.get("/healthz")
    async def alive(_: Request) -> HTTPResponse:
        return json({"status": "ok"})

    app.static("/static", STATIC)

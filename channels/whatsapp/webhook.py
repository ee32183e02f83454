"""The webhook that Meta calls, for the gateway and for `rasa run`. Needs no Rasa."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, text

from channels.whatsapp.inbound import BadEnvelope, Parsed, parse
from channels.whatsapp.signature import HEADER, verify

logger = logging.getLogger(__name__)

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes. Meta posts 3 MB at most."""


class Busy(Exception):
    """The post cannot be taken now; Meta brings it again."""


Accept = Callable[[Parsed], Awaitable[None]]
"""Takes in a post for good. Raises Busy."""

Observe = Callable[[int, Parsed | None], None]
"""Is told each answer."""


def webhook_blueprint(
    *, app_secret: str, verify_token: str, accept: Accept, observe: Observe | None = None
) -> Blueprint:
    """GET /webhook answers Meta's handshake, POST /webhook takes updates.

    A post is answered 200 once it is safe; 401 without the right signature; 503 when it should come
    again; 400 when it is signed but no JSON object.
    """
    blueprint = Blueprint("whatsapp_webhook")

    @blueprint.get("/webhook")
    async def handshake(request: Request) -> HTTPResponse:
        token = request.args.get("hub.verify_token", "")
        challenge = request.args.get("hub.challenge", "")
        subscribes = request.args.get("hub.mode") == "subscribe"
        if subscribes and hmac.compare_digest(token.encode(), verify_token.encode()):
            return text(challenge)
        return empty(status=403)

    @blueprint.post("/webhook")
    async def receive(request: Request) -> HTTPResponse:
        status, parsed = await _receive(request.body, request.headers.get(HEADER))
        if observe is not None:
            observe(status, parsed)
        return empty(status=status)

    async def _receive(body: bytes, signature: str | None) -> tuple[int, Parsed | None]:
        if not verify(app_secret, body, signature):
            return 401, None
        try:
            parsed = parse(body)
        except BadEnvelope:
            logger.warning("a signed post of %d bytes is no envelope", len(body))
            return 400, None
        try:
            await accept(parsed)
        except Busy:
            return 503, parsed
        return 200, parsed

    return blueprint

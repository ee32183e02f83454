"""The webhook that Razorpay calls: proven by its signature, booked once, acknowledged.

POST /webhooks/razorpay finds the business by the account that the notice names; a shop that does
not know its id gives Razorpay /webhooks/razorpay/PHONE_NUMBER_ID instead. Either only chooses
whose secret must have signed the bytes.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from hashlib import sha256
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sqlalchemy.exc import DBAPIError

from erp_core.adapters import razorpay
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import BahiError, Unavailable
from erp_core.kernel.sealing import Unsealable
from erp_core.payments import gateway
from erp_core.runtime import Bahi

logger = logging.getLogger(__name__)

BODY_LIMIT = 256 * 1024
"""Bytes. A notice is a few thousand."""


def razorpay_blueprint(
    *, open_bahi: Callable[[], Bahi], secret_key: str, threads: Executor
) -> Blueprint:
    """POST / and POST /PHONE_NUMBER_ID.

    200 once a notice is booked, was booked before, or is about nothing of ours; 400 when it is not
    proven; 503 when it should come again.
    """
    blueprint = Blueprint("razorpay_webhook")

    @blueprint.post("/")
    async def by_account(request: Request) -> HTTPResponse:
        return await _answer(request, None)

    @blueprint.post("/<number:str>")
    async def by_number(request: Request, number: str) -> HTTPResponse:
        return await _answer(request, number)

    async def _answer(request: Request, number: str | None) -> HTTPResponse:
        work = asyncio.get_running_loop().run_in_executor(
            threads,
            receive,
            open_bahi,
            secret_key,
            request.body,
            request.headers.get(razorpay.SIGNATURE),
            request.headers.get(razorpay.EVENT_ID),
            number,
        )
        return empty(status=await work)

    return blueprint


def receive(
    open_bahi: Callable[[], Bahi],
    secret_key: str,
    body: bytes,
    signature: str | None,
    event_id: str | None,
    number: str | None,
) -> int:
    """Take in one notice; the status to answer with. Blocking."""
    payload = _parsed(body)
    if payload is None or not signature:
        return 400
    try:
        bahi = open_bahi()
        business_id = _business(bahi, payload, number)
        if business_id is None or not _proven(bahi, business_id, secret_key, body, signature):
            logger.warning("a Razorpay notice of %d bytes is not proven", len(body))
            return 400
        notice = razorpay.read_notice(payload)
        if notice is not None:
            key = f"razorpay:{event_id or sha256(body).hexdigest()}"
            done = bahi.run(business_id, SYSTEM, key, gateway.take_notice, **notice)
            logger.info("a Razorpay notice: %s", done["effect"])
    except (Unavailable, DBAPIError) as error:
        logger.warning("a Razorpay notice waits: %s", type(error).__name__)
        return 503
    except BahiError as error:
        # Bringing it again would not help; the poll of its link sees the payment itself.
        logger.error("a Razorpay notice changed nothing: %s", error.code)
    return 200


def _parsed(body: bytes) -> dict[str, Any] | None:
    if len(body) > BODY_LIMIT:
        return None
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _business(bahi: Bahi, payload: dict[str, Any], number: str | None) -> int | None:
    if number is not None:
        return bahi.business_for_number(number)
    with bahi.database.plain() as connection:
        return gateway.business_of_account(connection, str(payload.get("account_id")))


def _proven(bahi: Bahi, business_id: int, secret_key: str, body: bytes, signature: str) -> bool:
    with bahi.read(business_id) as reader:
        try:
            secrets = razorpay.signing_secrets(reader, secret_key)
        except Unsealable:
            logger.error("the Razorpay secrets of business %d do not open", business_id)
            return False
    return razorpay.is_signed(body, signature, secrets)

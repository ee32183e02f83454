"""Razorpay: payment links by the shop's own keys, and the notices that come of them.

Amounts are paise. A notice is signed over the bytes as they came: it is checked before it is read,
and read only then. RAZORPAY_API_URL names another server for tests and demos.
"""

from __future__ import annotations

import hmac
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from erp_core.journal.context import Reader
from erp_core.kernel.errors import Conflict, Unavailable
from erp_core.kernel.sealing import seal, unseal
from erp_core.payments import gateway
from erp_core.payments.gateway import GatewayRefused, Link, Taken

SIGNATURE = "X-Razorpay-Signature"
EVENT_ID = "X-Razorpay-Event-Id"
API_URL = "https://api.razorpay.com"
SECONDS = 10.0
PURPOSE = "bahi razorpay account"
OURS = "bahi_reference"
"""The note on a link and on its payments that names the link to us."""

MOST_PAYMENTS = 100


@dataclass(frozen=True)
class Secrets:
    """What proves that we are we, and that a notice is theirs."""

    key_secret: str
    webhook_secret: str
    former_webhook_secret: str | None = None

    def sealed(self, secret_key: str, business_id: int) -> bytes:
        """Encrypted for the row of one business."""
        plain = json.dumps(vars(self)).encode()
        return seal(secret_key, PURPOSE, plain, place=str(business_id))

    @classmethod
    def unsealed(cls, secret_key: str, business_id: int, sealed: bytes) -> Secrets:
        """From a row. Raises Unsealable."""
        return cls(**json.loads(unseal(secret_key, PURPOSE, sealed, place=str(business_id))))


def is_signed(body: bytes, signature: str | None, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets has signed these very bytes; takes as long whichever has."""
    given = (signature or "").encode("utf-8", "replace")
    fits = [hmac.compare_digest(sign(one, body).encode(), given) for one in secrets]
    return any(fits)


def sign(secret: str, body: bytes) -> str:
    """The signature of a notice."""
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def signing_secrets(reader: Reader, secret_key: str) -> list[str]:
    """The secrets that notices to this business may be signed with now: two during a change."""
    row = gateway.account(reader)
    if row is None:
        return []
    secrets = Secrets.unsealed(secret_key, reader.business_id, bytes(row.sealed))
    found = [secrets.webhook_secret]
    if secrets.former_webhook_secret and row.former_until and reader.now < row.former_until:
        found.append(secrets.former_webhook_secret)
    return found


def opener(secret_key: str, url: str | None = None) -> Callable[[Reader], Razorpay]:
    """Opens the gateway of a business. It raises Conflict("gateway_not_connected")."""
    base = url or os.environ.get("RAZORPAY_API_URL") or API_URL

    def open_gateway(reader: Reader) -> Razorpay:
        row = gateway.account(reader)
        if row is None:
            raise Conflict("gateway_not_connected")
        secrets = Secrets.unsealed(secret_key, reader.business_id, bytes(row.sealed))
        return Razorpay(base, row.key_id, secrets.key_secret)

    return open_gateway


class Razorpay:
    """Razorpay's API, as far as the port of the payments asks for it."""

    def __init__(self, url: str, key_id: str, key_secret: str, *, seconds: float = SECONDS) -> None:
        self._url = url.rstrip("/")
        self._seconds = seconds
        pair = b64encode(f"{key_id}:{key_secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}

    def create_link(
        self, *, reference: str, amount_paise: int, description: str, expires_at: datetime
    ) -> Link:
        """A new link, or the one that is there: an earlier try may have timed out after it."""
        known = self._by_reference(reference)
        if known is not None:
            return known
        wanted = {
            "amount": amount_paise,
            "currency": gateway.RUPEES,
            "accept_partial": True,
            "reference_id": reference,
            "description": description,
            "expire_by": int(expires_at.timestamp()),
            "notify": {"sms": False, "email": False},
            "reminder_enable": False,
            "notes": {OURS: reference},
        }
        try:
            return _link(self._ask("POST", "/v1/payment_links", wanted))
        except GatewayRefused:
            known = self._by_reference(reference)
            if known is None:
                raise
            return known

    def link(self, ref: str) -> Link:
        """A link and what was paid on it."""
        return _link(self._ask("GET", f"/v1/payment_links/{urllib.parse.quote(ref, safe='')}"))

    def payment(self, ref: str) -> Taken:
        """A payment."""
        return taken(self._ask("GET", f"/v1/payments/{urllib.parse.quote(ref, safe='')}"))

    def payments_of(self, reference: str) -> tuple[Taken, ...]:
        """What was paid on the order that WhatsApp has made with our reference as its receipt."""
        query = urllib.parse.urlencode({"receipt": reference})
        orders = self._ask("GET", f"/v1/orders?{query}").get("items") or []
        paid: list[Taken] = []
        for order in orders[:MOST_PAYMENTS]:
            if order.get("receipt") == reference:
                ref = urllib.parse.quote(str(order["id"]), safe="")
                found = self._ask("GET", f"/v1/orders/{ref}/payments").get("items") or []
                paid += [taken(one) for one in found[:MOST_PAYMENTS]]
        return tuple(paid)

    def _by_reference(self, reference: str) -> Link | None:
        query = urllib.parse.urlencode({"reference_id": reference})
        found = self._ask("GET", f"/v1/payment_links?{query}").get("payment_links") or []
        mine = [one for one in found if one.get("reference_id") == reference]
        return _link(mine[0]) if mine else None

    def _ask(
        self, method: str, path: str, content: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's
            f"{self._url}{path}",
            method=method,
            headers=self._headers,
            data=json.dumps(content).encode() if content is not None else None,
        )
        try:
            with urllib.request.urlopen(request, timeout=self._seconds) as answer:  # noqa: S310
                found = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (408, 425, 429) or error.code >= 500:
                    raise Unavailable("gateway_unreachable") from None
                raise GatewayRefused("gateway_refused", status=error.code) from None
        except (OSError, ValueError) as error:
            raise Unavailable("gateway_unreachable") from error
        if not isinstance(found, dict):
            raise Unavailable("gateway_unreachable")
        return found


def read_notice(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """A notice as take_notice takes it; None when it tells of nothing that we book.

    A notice of a refund or a dispute carries its payment too, so that any order will do.
    """
    event = payload.get("event")
    parts = payload.get("payload")
    if not isinstance(event, str) or not isinstance(parts, Mapping):
        return None
    notice: dict[str, Any] = {"event": event}
    try:
        for name, read in _PARTS.items():
            entity = (parts.get(name) or {}).get("entity")
            if isinstance(entity, Mapping):
                notice["link" if name == "payment_link" else name] = read(entity)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return notice if len(notice) > 1 else None


def taken(entity: Mapping[str, Any]) -> Taken:
    """A payment entity. A refunded one was captured."""
    notes = entity.get("notes")
    return Taken(
        ref=str(entity["id"]),
        amount=_paise(entity["amount"]),
        currency=str(entity.get("currency")),
        captured=bool(entity.get("captured")) or entity.get("status") in ("captured", "refunded"),
        fee=_paise(entity.get("fee") or 0),
        link_reference=notes.get(OURS) if isinstance(notes, Mapping) else None,
    )


def _payment(entity: Mapping[str, Any]) -> dict[str, Any]:
    return taken(entity).facts()


def _link_facts(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ref": str(entity["id"]),
        "reference": entity.get("reference_id"),
        "status": str(entity.get("status")),
    }


def _movement(entity: Mapping[str, Any]) -> dict[str, Any]:
    """A refund or a dispute."""
    return {
        "ref": str(entity["id"]),
        "payment_ref": str(entity["payment_id"]),
        "amount": _paise(entity["amount"]),
        "currency": str(entity.get("currency")),
        "status": str(entity.get("status")),
    }


def _settlement(entity: Mapping[str, Any]) -> dict[str, Any]:
    utr = entity.get("utr")
    return {
        "ref": str(entity["id"]),
        "amount": _paise(entity["amount"]),
        "utr": str(utr) if utr else None,
        "status": str(entity.get("status")),
    }


_PARTS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "payment": _payment,
    "payment_link": _link_facts,
    "refund": _movement,
    "dispute": _movement,
    "settlement": _settlement,
}


def _link(entity: Mapping[str, Any]) -> Link:
    paid = entity.get("payments") or []
    return Link(
        ref=str(entity["id"]),
        url=str(entity["short_url"]),
        status=str(entity["status"]),
        payment_refs=tuple(str(one["payment_id"]) for one in paid[:MOST_PAYMENTS]),
    )


def _paise(value: Any) -> int:
    """Amounts are whole paise; anything else is no amount."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("an amount that is no whole number")
    return value

"""Links under which a customer opens an invoice without logging in.

A token names the invoice and carries a signature that only the server can make. It does not expire:
a bill is looked up years later. 128 bits of signature leave nothing to guess.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

PURPOSE = b"bahi-invoice-link-v1"
"""Keeps these signatures apart from any other use of the same secret."""

_BUSINESS_BYTES = 8
_ID_BYTES = 16
_SIGNATURE_BYTES = 16
_NAME_BYTES = _BUSINESS_BYTES + _ID_BYTES


def token(secret: str, business_id: int, invoice_id: UUID) -> str:
    """The token of an invoice: 54 characters that are safe in a URL."""
    name = business_id.to_bytes(_BUSINESS_BYTES, "big") + invoice_id.bytes
    return _encode(name + _sign(secret, name))


def resolve(secret: str, text: str) -> tuple[int, UUID] | None:
    """The business and the invoice that a token names, or None when it is not one of ours.

    The comparison takes as long for a wrong signature as for a right one.
    """
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _NAME_BYTES + _SIGNATURE_BYTES or _encode(raw) != text:
        return None
    name, signature = raw[:_NAME_BYTES], raw[_NAME_BYTES:]
    if not hmac.compare_digest(signature, _sign(secret, name)):
        return None
    return int.from_bytes(name[:_BUSINESS_BYTES], "big"), UUID(bytes=name[_BUSINESS_BYTES:])


def url(public_url: str, secret: str, business_id: int, invoice_id: UUID) -> str:
    """The link to send."""
    return f"{public_url.rstrip('/')}/i/{token(secret, business_id, invoice_id)}"


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _sign(secret: str, name: bytes) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + name, "sha256")[:_SIGNATURE_BYTES]

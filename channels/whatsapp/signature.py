"""Proof that a post comes from Meta: HMAC-SHA256 over the bytes as they came.

Meta escapes every character above U+007F in what it signs, so a body must never be parsed and
written again before it is checked.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(secret: str, body: bytes) -> str:
    """The header's value for a body."""
    return _PREFIX + hmac.new(secret.encode(), body, sha256).hexdigest()


def verify(secret: str, body: bytes, header: str | None) -> bool:
    """Whether the header is the body's signature; takes as long when it is not."""
    given = header or ""
    return hmac.compare_digest(sign(secret, body).encode(), given.encode("utf-8", "replace"))

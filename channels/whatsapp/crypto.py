"""Everything that holds a person's words is sealed before it leaves the process."""

from __future__ import annotations

import base64
import hmac
import secrets
import zlib
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
COMPRESS_ABOVE = 400
"""Bytes. Smaller bodies gain nothing from zlib."""


class Unsealable(ValueError):
    """Not sealed by this key, or for another purpose or chat."""


class Vault:
    """Seals JSON with AES-GCM and makes names that tell nothing to who lacks the key.

    The context (a purpose or a chat) is authenticated: a body moved to another place does not open.
    """

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(_derive(secret_key, b"bahi message bodies"))
        self._naming_key = _derive(secret_key, b"bahi opaque names")

    def seal(self, value: Any, context: str) -> bytes:
        """The value (also a dataclass) as JSON, compressed when long, sealed."""
        plain = orjson.dumps(value)
        packed = b"z" + zlib.compress(plain, 1) if len(plain) > COMPRESS_ABOVE else b"j" + plain
        return self.seal_bytes(packed, context)

    def open(self, sealed: bytes, context: str) -> Any:
        """What was sealed. Raises Unsealable."""
        packed = self.open_bytes(sealed, context)
        plain = zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:]
        return orjson.loads(plain)

    def seal_bytes(self, plain: bytes, context: str) -> bytes:
        """Bytes, sealed: the nonce, then the cipher text."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """What was sealed. Raises Unsealable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise Unsealable(context.split(":", 1)[0]) from error

    def name(self, *parts: str) -> bytes:
        """16 bytes that stand for the parts, the same in every process of this installation."""
        message = "\x1f".join(parts).encode()
        return hmac.digest(self._naming_key, message, "sha256")[:16]

    def short_name(self, *parts: str) -> str:
        """The name in 22 characters that are safe in a key or a button id."""
        return base64.urlsafe_b64encode(self.name(*parts)).rstrip(b"=").decode()

    def uuid(self, *parts: str) -> UUID:
        """The name as a UUID of version 8 (RFC 9562: made by a rule of one's own)."""
        value = int.from_bytes(self.name(*parts), "big")
        value = value & ~(0xF << 76) | 0x8 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return UUID(int=value)


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())

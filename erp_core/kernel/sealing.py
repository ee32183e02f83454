"""Sealing of what is kept in the database but may be read by few: AES-GCM, a key a purpose."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class Unsealable(ValueError):
    """Not sealed by this secret, or for another purpose or place."""


def seal(secret: str, purpose: str, plain: bytes, *, place: str = "") -> bytes:
    """Bytes that only who knows the secret opens, and only for the same purpose and place."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _cipher(secret, purpose).encrypt(nonce, plain, place.encode())


def unseal(secret: str, purpose: str, sealed: bytes, *, place: str = "") -> bytes:
    """What was sealed. Raises Unsealable."""
    try:
        return _cipher(secret, purpose).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise Unsealable(purpose) from error


def _cipher(secret: str, purpose: str) -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return AESGCM(key.derive(secret.encode()))

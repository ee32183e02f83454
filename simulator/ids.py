"""Identifiers in the shapes that Meta uses."""

from __future__ import annotations

import base64
import hashlib
import secrets

_FROM_BUSINESS = b"\x11\x18\x12"
_FROM_PERSON = b"\x12\x18\x14"


def new_wamid(phone: str, *, from_business: bool) -> str:
    """A message id: "wamid." and base64 of the person's number and a random part."""
    direction = _FROM_BUSINESS if from_business else _FROM_PERSON
    number = phone.encode("ascii")
    token = secrets.token_hex(9).upper().encode("ascii")
    raw = (
        b"\x1d\x18" + bytes([len(number)]) + number + b"\x15\x02\x00" + direction + token + b"\x00"
    )
    return "wamid." + base64.b64encode(raw).decode("ascii")


def new_media_id() -> str:
    """Sixteen digits, as media ids are."""
    return str(10**15 + secrets.randbelow(9 * 10**15))


def new_trace_id() -> str:
    """The `fbtrace_id` of an error."""
    return "A" + secrets.token_urlsafe(16)


def user_id_of(phone: str, portfolio: str = "bahi") -> str:
    """The business-scoped user id of a person: the same for every number of one portfolio."""
    digest = hashlib.sha256(f"{portfolio}:{phone}".encode()).digest()
    return f"IN.{int.from_bytes(digest[:8], 'big') % 10**19:019d}"
